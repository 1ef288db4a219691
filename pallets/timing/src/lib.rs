#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;

use frame_support::{parameter_types, traits::Get};
use groma_core::{
	EraIndex, WindowIndex,
	emission::DAY_MS,
	money::{Balance, GRM},
	protocol::{
		DEFER_ERAS, DEVICE_THAW_WINDOWS, DEVICE_THAW_WINDOWS_MIN, EVIDENCE_ERAS, SESSIONS_PER_ERA,
		SLOT_MS, SLOT_MS_MAX, THAW_ERAS, THAW_ERAS_MAX,
	},
	terms::SPAN_WINDOWS_MAX,
};

/// Production's BABE epoch in slots: an hour.
pub const BABE_EPOCH_SLOTS: u64 = 600;

/// What a validator of genesis provisions, in plancks: what a candidate has to have by default.
pub const GENESIS_PROVISION: Balance = 10_000 * GRM;

parameter_types! {
	/// The length of a slot in ms.
	pub storage SlotMs: u64 = SLOT_MS;
	/// The length of a BABE epoch, which is a session, in slots.
	pub storage BabeEpochSlots: u64 = BABE_EPOCH_SLOTS;
	/// The length of a reward epoch in ms: a UTC day in production.
	pub storage RewardEpochMs: u64 = DAY_MS;
	/// Windows that stake behind devices takes to thaw, and that pass before a raise of the stake
	/// per device holds.
	pub storage DeviceThawWindows: WindowIndex = DEVICE_THAW_WINDOWS;
	/// Sessions of an era, for which a set of validators is elected.
	pub storage SessionsPerEra: u32 = SESSIONS_PER_ERA;
	/// Eras after that of an offence of a validator in which it can be proven.
	pub storage EvidenceEras: EraIndex = EVIDENCE_ERAS;
	/// Eras from the report of an offence of a validator to its slash.
	pub storage DeferEras: EraIndex = DEFER_ERAS;
	/// Eras that stake behind validators takes to thaw.
	pub storage ThawEras: EraIndex = THAW_ERAS;
	/// Plancks that a validator of genesis provisions for validating, or as many as its
	/// account can hold. Genesis alone reads it.
	pub storage GenesisProvision: Balance = GENESIS_PROVISION;
	/// What divides every period of governance: 1 in production, more on test chains, so that a
	/// vote takes minutes there.
	pub storage Pace: u32 = 1;
}

/// The most that the pace can be: days become blocks.
const PACE_MAX: u32 = 14_400;

/// The most sessions of an era.
const SESSIONS_PER_ERA_MAX: u32 = 1_000;

/// The least time between the timestamps of two blocks: half a slot.
pub struct MinimumPeriod;

impl Get<u64> for MinimumPeriod {
	fn get() -> u64 {
		SlotMs::get() / 2
	}
}

/// The durations that are counted in eras or make one.
struct EraTimes {
	sessions_per_era: u32,
	evidence_eras: EraIndex,
	defer_eras: EraIndex,
	thaw_eras: EraIndex,
}

impl EraTimes {
	/// Whether a chain can run with them. Evidence comes, and waits, before stake is gone.
	fn validate(&self) -> Result<(), &'static str> {
		let Self { sessions_per_era, evidence_eras, defer_eras, thaw_eras } = *self;
		let clock = evidence_eras.saturating_add(defer_eras);
		let checks = [
			(
				(1..=SESSIONS_PER_ERA_MAX).contains(&sessions_per_era),
				"an era has 1 to 1000 sessions",
			),
			(evidence_eras > 0, "an offence can be proven in the era after it"),
			(defer_eras > 0, "a slash waits for an era at least"),
			(thaw_eras > clock, "stake thaws for longer than evidence and deferral take together"),
			(thaw_eras <= THAW_ERAS_MAX, "stake behind validators thaws in at most 62 eras"),
		];
		checks.into_iter().try_for_each(|(holds, fault)| holds.then_some(()).ok_or(fault))
	}
}

/// Whether a chain can run with these durations; the error names the first that is out of its
/// range.
fn validate(
	slot_ms: u64,
	babe_epoch_slots: u64,
	reward_epoch_ms: u64,
	device_thaw_windows: WindowIndex,
	pace: u32,
) -> Result<(), &'static str> {
	let checks = [
		((500..=SLOT_MS_MAX).contains(&slot_ms), "a slot lasts 500 ms to 60 s"),
		(slot_ms.is_multiple_of(2), "half a slot is a whole number of ms"),
		((10..=14_400).contains(&babe_epoch_slots), "a BABE epoch has 10 to 14400 slots"),
		((10_000..=7 * DAY_MS).contains(&reward_epoch_ms), "a reward epoch lasts 10 s to 7 days"),
		(
			(DEVICE_THAW_WINDOWS_MIN..=SPAN_WINDOWS_MAX).contains(&device_thaw_windows),
			"stake behind devices thaws in 296 to 105120 windows",
		),
		((1..=PACE_MAX).contains(&pace), "the pace of governance is 1 to 14400"),
	];
	checks.into_iter().try_for_each(|(holds, fault)| holds.then_some(()).ok_or(fault))
}

/// The pallet: a genesis, nothing else.
#[frame_support::pallet]
pub mod pallet {
	use core::marker::PhantomData;

	use frame_support::{pallet_prelude::*, traits::BuildGenesisConfig};
	use frame_system::pallet_prelude::*;

	use super::*;

	/// The pallet.
	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// What the pallet needs of the runtime.
	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// First values of governed parameters, as a genesis states them. `()` if there are none.
		type FirstParameters: BuildGenesisConfig + Default + Send + Sync;
	}

	/// What a chain is founded with. The defaults are those of production.
	#[pallet::genesis_config]
	pub struct GenesisConfig<T: Config> {
		/// The length of a slot in ms.
		pub slot_ms: u64,
		/// The length of a BABE epoch in slots.
		pub babe_epoch_slots: u64,
		/// The length of a reward epoch in ms.
		pub reward_epoch_ms: u64,
		/// Windows that stake behind devices takes to thaw: longer than evidence can come.
		pub device_thaw_windows: WindowIndex,
		/// Sessions of an era.
		pub sessions_per_era: u32,
		/// Eras after that of an offence of a validator in which it can be proven.
		pub evidence_eras: EraIndex,
		/// Eras from the report of an offence of a validator to its slash.
		pub defer_eras: EraIndex,
		/// Eras that stake behind validators takes to thaw: more than the two before together.
		pub thaw_eras: EraIndex,
		/// Plancks that a validator of genesis provisions for validating, or as many as
		/// its account can hold.
		pub genesis_provision: Balance,
		/// What divides every period of governance: 1 in production.
		pub pace: u32,
		/// First values of governed parameters.
		pub parameters: T::FirstParameters,
		#[doc(hidden)]
		#[serde(skip)]
		pub _runtime: PhantomData<T>,
	}

	impl<T: Config> Default for GenesisConfig<T> {
		fn default() -> Self {
			Self {
				slot_ms: SLOT_MS,
				babe_epoch_slots: BABE_EPOCH_SLOTS,
				reward_epoch_ms: DAY_MS,
				device_thaw_windows: DEVICE_THAW_WINDOWS,
				sessions_per_era: SESSIONS_PER_ERA,
				evidence_eras: EVIDENCE_ERAS,
				defer_eras: DEFER_ERAS,
				thaw_eras: THAW_ERAS,
				genesis_provision: GENESIS_PROVISION,
				pace: 1,
				parameters: Default::default(),
				_runtime: PhantomData,
			}
		}
	}

	impl<T: Config> GenesisConfig<T> {
		fn verdict(&self) -> Result<(), &'static str> {
			validate(
				self.slot_ms,
				self.babe_epoch_slots,
				self.reward_epoch_ms,
				self.device_thaw_windows,
				self.pace,
			)?;
			let eras = EraTimes {
				sessions_per_era: self.sessions_per_era,
				evidence_eras: self.evidence_eras,
				defer_eras: self.defer_eras,
				thaw_eras: self.thaw_eras,
			};
			eras.validate()
		}
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		/// Genesis is built once, by those who found a chain: values that no chain can run with end
		/// it.
		fn build(&self) {
			assert_eq!(self.verdict(), Ok(()));
			SlotMs::set(&self.slot_ms);
			BabeEpochSlots::set(&self.babe_epoch_slots);
			RewardEpochMs::set(&self.reward_epoch_ms);
			DeviceThawWindows::set(&self.device_thaw_windows);
			SessionsPerEra::set(&self.sessions_per_era);
			EvidenceEras::set(&self.evidence_eras);
			DeferEras::set(&self.defer_eras);
			ThawEras::set(&self.thaw_eras);
			GenesisProvision::set(&self.genesis_provision);
			Pace::set(&self.pace);
			self.parameters.build();
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			let verdict = GenesisConfig::<T>::default().verdict();
			assert_eq!(verdict, Ok(()), "the defaults found no chain");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[cfg(any(feature = "try-runtime", test))]
	impl<T: Config> Pallet<T> {
		/// Checks every invariant of the README.
		pub fn do_try_state() -> Result<(), sp_runtime::TryRuntimeError> {
			let thaw = DeviceThawWindows::get();
			let pace = Pace::get();
			validate(SlotMs::get(), BabeEpochSlots::get(), RewardEpochMs::get(), thaw, pace)?;
			let eras = EraTimes {
				sessions_per_era: SessionsPerEra::get(),
				evidence_eras: EvidenceEras::get(),
				defer_eras: DeferEras::get(),
				thaw_eras: ThawEras::get(),
			};
			Ok(eras.validate()?)
		}
	}
}
