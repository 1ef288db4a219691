#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod channels;
mod grace;
mod lot_holders_impl;
mod sweep;
mod types;
mod views;
mod vouchers;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(any(feature = "try-runtime", test))]
mod invariants;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use types::{Channel, ChannelOrder};
pub use vouchers::{Answers, Due, Vouchers};
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use frame_support::{
		pallet_prelude::*,
		traits::{Time, fungible},
	};
	use frame_system::pallet_prelude::*;
	use groma_core::{
		ChannelId, DeviceId, WindowIndex,
		money::{Balance, Credits},
		protocol::VOUCHERS_PER_CLAIM_MAX,
		units::Scale,
		voucher::{Seat, VoucherReason},
	};
	use groma_traits::{
		CreditAccounts, Demand, Devices, Emission, Networks, Operators, Prices, Windows,
	};

	use super::{Channel, ChannelOrder, Vouchers, WeightInfo, vouchers::Claimed};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	/// The pallet.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the pallet needs of the runtime.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The runtime's sum of hold reasons.
		type RuntimeHoldReason: From<HoldReason>;

		/// GRM, of which bonds and deposits are held.
		type Currency: fungible::Mutate<Self::AccountId, Balance = Balance>
			+ fungible::MutateHold<
				Self::AccountId,
				Balance = Balance,
				Reason = Self::RuntimeHoldReason,
			>;

		/// The clock of the life of channels. It stands still while the chain does.
		type Windows: Windows;

		/// Whether the chain stands still: then no hook writes anything, and nothing is swept.
		type Standstill: groma_traits::Standstill;

		/// The timestamp in ms since the Unix epoch, which bounds how much a device can have
		/// delivered.
		type Time: Time<Moment = u64>;

		/// The networks and the services that they sell.
		type Networks: Networks;

		/// Whose a device is at the moment of a claim.
		type Devices: Devices<Self::AccountId>;

		/// The credits of payers, and who acts for them.
		type Credits: CreditAccounts<Self::AccountId> + Operators<Self::AccountId>;

		/// What pays for services.
		type Demand: Demand<Self::AccountId>;

		/// What GRM is worth: the least bond follows it.
		type Prices: Prices;

		/// The books of what was burned.
		type Emission: Emission<Self::AccountId>;

		/// The bond of a channel as a share of its basis. Too low, and promising more than there is
		/// pays; too high, and payers need much GRM. Suggested: 25 %.
		type BondShare: Get<Scale>;

		/// Windows from the closing of a channel to the last claim: less than 288 count as 288. Too
		/// short, and a device that is offline for a day loses its pay; too long, and a payer waits
		/// for its bond. A change applies to channels that are opened or closed from then on.
		/// Suggested: 288 windows.
		type GraceWindows: Get<WindowIndex>;

		/// Plancks held from a payer for each seat of a channel: pays for some 60 bytes of state.
		/// Suggested: 0.16 GRM, which is what other deposits ask for as much state.
		type SeatDeposit: Get<Balance>;

		/// What benchmarks need of other pallets.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: groma_traits::DevicesBenchmarkHelper<Self::AccountId>
			+ groma_traits::EmissionBenchmarkHelper;

		/// What calls cost, and sweeping seats.
		type WeightInfo: WeightInfo;
	}

	/// The id of the next channel. Where it cannot be read, none is opened: no id is ever given
	/// twice.
	#[pallet::storage]
	pub(crate) type NextChannel<T> = StorageValue<_, ChannelId>;

	/// The channels that are not finished.
	// Sequential keys that no user chooses. A bond is held for each.
	#[pallet::storage]
	pub(crate) type Channels<T: Config> =
		StorageMap<_, Twox64Concat, ChannelId, Channel<T::AccountId>>;

	/// The channels of each payer.
	// Users choose accounts. One entry per channel.
	#[pallet::storage]
	pub(crate) type PayerChannels<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Twox64Concat, ChannelId, ()>;

	/// What devices were paid out of channels. Those of a channel that is gone are being removed.
	// Users choose neither. A deposit is held for each seat that a channel may come to have.
	#[pallet::storage]
	pub(crate) type Seats<T> = StorageDoubleMap<_, Identity, ChannelId, Identity, DeviceId, Seat>;

	/// Channels that are gone and whose seats are to be removed.
	// Sequential keys that no user chooses. Blocks remove them as their weight allows.
	#[pallet::storage]
	pub(crate) type Swept<T> = StorageMap<_, Identity, ChannelId, ()>;

	/// The last window in which claims could not be paid at times. Nothing if they always could.
	#[pallet::storage]
	pub(crate) type LastUnpayable<T> = StorageValue<_, WindowIndex>;

	/// Why plancks of a payer are on hold.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// Burned if a channel promises more than it holds.
		#[codec(index = 0)]
		Bond,
		/// For the state of the seats of a channel.
		#[codec(index = 1)]
		Seats,
	}

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A channel was opened.
		#[codec(index = 0)]
		ChannelOpened {
			/// Its id.
			channel: ChannelId,
			/// Whose credits it holds.
			payer: T::AccountId,
			/// What it is.
			order: ChannelOrder,
			/// Plancks that had been burned for its credits.
			basis: Balance,
			/// Plancks on hold in case it promises more than it holds.
			bond: Balance,
		},
		/// A channel was closed before it expired.
		#[codec(index = 1)]
		ChannelClosed {
			/// Which.
			channel: ChannelId,
			/// The first window in which it takes no vouchers.
			ends: WindowIndex,
		},
		/// A channel is gone, and what it held returned to its payer.
		#[codec(index = 2)]
		ChannelFinished {
			/// Which.
			channel: ChannelId,
			/// Credits that were left.
			credits: Credits,
			/// Their basis, in plancks.
			basis: Balance,
		},
		/// A channel promised more than it held: it is gone, and its bond was burned.
		#[codec(index = 3)]
		ChannelOverdrawn {
			/// Which.
			channel: ChannelId,
			/// Plancks that were burned.
			bond: Balance,
		},
		/// A device's owner was credited for a voucher.
		#[codec(index = 4)]
		VoucherPaid {
			/// The channel.
			channel: ChannelId,
			/// The device.
			device: DeviceId,
			/// Credits that were burned now.
			credits: Credits,
			/// Units that the voucher adds.
			units: u64,
			/// Plancks that had been burned for the credits.
			basis: Balance,
			/// What they are worth at the mean price of the last closed epoch, in plancks.
			value: Balance,
			/// What the owner is owed, in plancks.
			paid: Balance,
			/// What validators get when the epoch is closed, in plancks.
			for_validators: Balance,
		},
		/// A voucher of a claim was not paid.
		#[codec(index = 5)]
		VoucherRefused {
			/// The channel.
			channel: ChannelId,
			/// The device.
			device: DeviceId,
			/// Why.
			reason: VoucherReason,
		},
	}

	/// Why a call failed.
	#[pallet::error]
	pub enum Error<T> {
		/// There is no such channel, or it is finished.
		#[codec(index = 0)]
		UnknownChannel,
		/// The channel's grace is over: no more vouchers are taken.
		#[codec(index = 1)]
		GraceIsOver,
		/// No voucher of the claim adds anything. Ask `check_vouchers` why.
		#[codec(index = 2)]
		NothingNew,
		/// The network sells no such service.
		#[codec(index = 3)]
		UnknownService,
		/// A channel lasts 1 to 365 days: 288 to 105,120 windows.
		#[codec(index = 4)]
		InvalidExpiry,
		/// A channel has 1 to 4,096 seats.
		#[codec(index = 5)]
		InvalidSeats,
		/// The key is not canonical or of small order: anyone could sign for it.
		#[codec(index = 6)]
		UnacceptableSigner,
		/// A channel of no credits pays no one.
		#[codec(index = 7)]
		NoCredits,
		/// The channel is closed or expired. Finish it when its grace is over.
		#[codec(index = 8)]
		AlreadyClosed,
		/// Vouchers are still taken. Try again in the window in which the channel ends.
		#[codec(index = 9)]
		GraceRuns,
		/// The payer would have more than 10^17 credits. It has to spend some first.
		#[codec(index = 10)]
		PayerIsFull,
		/// The channel, the counter of channels or the price cannot be read. Only a runtime upgrade
		/// can mend it; nothing is lost until then, and no grace runs out.
		#[codec(index = 11)]
		Unreadable,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::note_whether_payable()
		}

		fn on_idle(_: BlockNumberFor<T>, remaining: Weight) -> Weight {
			Self::sweep(remaining)
		}

		fn integrity_test() {
			let claim = T::WeightInfo::claim_vouchers(VOUCHERS_PER_CLAIM_MAX);
			let block = T::BlockWeights::get().max_block;
			assert!(
				claim.all_lte(block),
				"a claim of {VOUCHERS_PER_CLAIM_MAX} vouchers weighs {claim}, a block takes {block}"
			);
			// Each channel makes one claim free at most.
			let (free, opening) = (T::WeightInfo::claim_vouchers(1), T::WeightInfo::open_channel());
			assert!(
				free.ref_time() <= opening.ref_time().saturating_mul(4),
				"a claim of one voucher weighs {free}, and opening its channel paid for {opening}"
			);
			assert!(
				T::SeatDeposit::get() > 0,
				"SeatDeposit is 0, so that the state of seats costs nothing"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Opens a channel with credits of `payer`, which is the caller or has named it an
		/// operator. A bond is held from the payer, and a deposit for each seat.
		// What an operator may commit is read and written besides.
		#[pallet::call_index(0)]
		#[pallet::weight(
			T::WeightInfo::open_channel().saturating_add(T::DbWeight::get().reads_writes(1, 1))
		)]
		pub fn open_channel(
			origin: OriginFor<T>,
			payer: T::AccountId,
			order: ChannelOrder,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_open(who, payer, order)
		}

		/// Pays the owners of devices for vouchers of a channel. Anyone may call it. A voucher that
		/// is not paid stops no other; if all are refused, the call fails. A claim of one voucher
		/// is free if it proves that the channel promised more than it holds.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::claim_vouchers(vouchers.len() as u32))]
		pub fn claim_vouchers(
			origin: OriginFor<T>,
			channel: ChannelId,
			vouchers: Vouchers,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Ok(match Self::do_claim(channel, &vouchers)? {
				Claimed::Paid => Pays::Yes.into(),
				// What a batch carries besides the proof is paid for: it was not needed.
				Claimed::Overdrawn if vouchers.len() == 1 => Pays::No.into(),
				Claimed::Overdrawn => Pays::Yes.into(),
			})
		}

		/// Closes a channel of the caller, or of a payer for which it acts, before it expires.
		/// Vouchers are taken until its grace is over.
		// Whether the caller is an operator is read besides.
		#[pallet::call_index(2)]
		#[pallet::weight(
			T::WeightInfo::close_channel().saturating_add(T::DbWeight::get().reads(1))
		)]
		pub fn close_channel(origin: OriginFor<T>, channel: ChannelId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_close(who, channel)
		}

		/// Returns to the payer what is left of a channel whose grace is over: its credits with
		/// their basis, its bond, and the deposit for its seats. Anyone may call it.
		#[pallet::call_index(3)]
		pub fn finish_channel(origin: OriginFor<T>, channel: ChannelId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_finish(channel)
		}
	}

	impl<T: Config> Pallet<T> {
		/// A channel, with its end as it is now; `None` if there is none, it is finished, or it
		/// cannot be read.
		pub fn channel(channel: ChannelId) -> Option<Channel<T::AccountId>> {
			let mut record = Self::stored_channel(channel).ok()?;
			record.ends = Self::end_of_grace(&record);
			Some(record)
		}

		/// What a device was paid out of a channel.
		pub fn seat(channel: ChannelId, device: DeviceId) -> Option<Seat> {
			Self::stored_seat(channel, device).value()
		}

		/// Whether the counter of channels, and what graces depend on, can be read.
		pub fn has_readable_counters() -> bool {
			Self::next_channel().is_some() && Self::last_unpayable().is_some()
		}
	}
}
