//! The origins that referenda speak with, and who may use each: Root may do what any of them may.

use core::marker::PhantomData;

use frame_support::traits::EnsureOrigin;
use groma_core::money::GRM;

use crate::{AccountId, Balance, Runtime, RuntimeOrigin};

pub use pallet::Origin;

/// The pallet: origins, the first members of the fellowship, and what went wrong with an agenda.
#[frame_support::pallet]
pub mod pallet {
	use alloc::vec::Vec;

	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::BlockNumberFor;
	use pallet_ranked_collective::{Pallet as Collective, Rank};

	use crate::governance::ranks::{FellowshipCollectiveInstance, RANK_MAX};

	/// The pallet.
	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// What the pallet needs of the runtime.
	#[pallet::config]
	pub trait Config:
		frame_system::Config<RuntimeEvent: From<Event<Self>>>
		+ pallet_ranked_collective::Config<FellowshipCollectiveInstance>
	{
	}

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// What a referendum needs of the scheduler has no place: it is not enacted, or is not
		/// looked at again by itself. Its call has to be submitted again.
		#[codec(index = 0)]
		NotScheduled {
			/// The block in which it was due.
			due: BlockNumberFor<T>,
			/// Why the scheduler refused.
			error: DispatchError,
		},
	}

	/// Which track approved a call. Indices are part of scheduled calls: they are never reused.
	#[pallet::origin]
	#[derive(Clone, Copy, Debug, PartialEq, Eq)]
	#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
	pub enum Origin {
		/// Dispatches, as Root, calls that the fellowship whitelisted.
		#[codec(index = 0)]
		WhitelistedCaller,
		/// Authorizes the code of a new runtime.
		#[codec(index = 1)]
		Upgrade,
		/// Says something.
		#[codec(index = 2)]
		Signal,
		/// Sets governed parameters.
		#[codec(index = 3)]
		Parameters,
		/// Creates and changes networks, names makers, allots addresses.
		#[codec(index = 4)]
		Networks,
		/// Adds and removes members of the fellowship and sets their ranks.
		#[codec(index = 5)]
		FellowshipAdmin,
		/// Cancels slashes that still wait.
		#[codec(index = 6)]
		SlashCancel,
		/// Ends a referendum and returns its deposits.
		#[codec(index = 7)]
		Canceller,
		/// Ends a referendum and takes its deposits.
		#[codec(index = 8)]
		Killer,
		/// Spends up to 10,000 GRM of the treasury.
		#[codec(index = 9)]
		TreasurySmall,
		/// Spends up to 100,000 GRM of the treasury.
		#[codec(index = 10)]
		TreasuryMedium,
		/// Spends up to 1,000,000 GRM of the treasury.
		#[codec(index = 11)]
		TreasuryBig,
		/// The fellowship, of its own referenda.
		#[codec(index = 12)]
		Fellows,
	}

	/// The first members of the fellowship. There may be none: a referendum adds them then.
	#[pallet::genesis_config]
	pub struct GenesisConfig<T: Config> {
		/// Accounts with their ranks, 1 to [`RANK_MAX`].
		pub fellows: Vec<(T::AccountId, Rank)>,
	}

	impl<T: Config> Default for GenesisConfig<T> {
		fn default() -> Self {
			Self { fellows: Vec::new() }
		}
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		/// Genesis is built once, by those who found a chain: a fellow who is named twice, or with
		/// a rank out of range, ends it.
		fn build(&self) {
			for (fellow, rank) in &self.fellows {
				assert!((1..=RANK_MAX).contains(rank), "a fellow has a rank of 1 to {RANK_MAX}");
				let added = Collective::<T, FellowshipCollectiveInstance>::do_add_member_to_rank(
					fellow.clone(),
					*rank,
					false,
				);
				assert_eq!(added, Ok(()), "a fellow is named once");
			}
		}
	}
}

impl pallet::Config for Runtime {}

/// What an origin may do, besides Root.
macro_rules! origins {
	($($(#[$doc:meta])* $name:ident = $origin:ident;)*) => {
		$(
			$(#[$doc])*
			pub struct $name;

			impl EnsureOrigin<RuntimeOrigin> for $name {
				type Success = ();

				fn try_origin(origin: RuntimeOrigin) -> Result<(), RuntimeOrigin> {
					ensure_one(origin, Origin::$origin)
				}

				#[cfg(feature = "runtime-benchmarks")]
				fn try_successful_origin() -> Result<RuntimeOrigin, ()> {
					Ok(Origin::$origin.into())
				}
			}
		)*
	};
}

/// Whether a call comes from `wanted`; otherwise the origin comes back as it was.
fn ensure_one(origin: RuntimeOrigin, wanted: Origin) -> Result<(), RuntimeOrigin> {
	let found: Result<Origin, RuntimeOrigin> = origin.into();
	match found {
		Ok(found) if found == wanted => Ok(()),
		Ok(other) => Err(other.into()),
		Err(origin) => Err(origin),
	}
}

origins! {
	/// The track for calls that the fellowship whitelisted.
	EnsureWhitelistedCaller = WhitelistedCaller;
	/// The track that authorizes the code of a new runtime.
	EnsureUpgrade = Upgrade;
	/// The track that sets parameters.
	EnsureParameters = Parameters;
	/// The track of networks and makers.
	EnsureNetworks = Networks;
	/// The track of the fellowship's members.
	EnsureFellowshipAdmin = FellowshipAdmin;
	/// The track that cancels slashes.
	EnsureSlashCancel = SlashCancel;
	/// The track that ends referenda.
	EnsureCanceller = Canceller;
	/// The track that ends referenda and takes their deposits.
	EnsureKiller = Killer;
	/// The fellowship's own track.
	EnsureFellowsTrack = Fellows;
}

/// Who may spend of the treasury, and how much in one dispatch.
pub struct EnsureSpender;

impl EnsureOrigin<RuntimeOrigin> for EnsureSpender {
	type Success = Balance;

	fn try_origin(origin: RuntimeOrigin) -> Result<Balance, RuntimeOrigin> {
		let found: Result<Origin, RuntimeOrigin> = origin.into();
		let found = found?;
		spending_limit(found).ok_or_else(|| found.into())
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn try_successful_origin() -> Result<RuntimeOrigin, ()> {
		Ok(Origin::TreasuryBig.into())
	}
}

/// The most GRM of the treasury that one dispatch of a track approves, in plancks.
fn spending_limit(origin: Origin) -> Option<Balance> {
	match origin {
		Origin::TreasurySmall => Some(10_000 * GRM),
		Origin::TreasuryMedium => Some(100_000 * GRM),
		Origin::TreasuryBig => Some(1_000_000 * GRM),
		_ => None,
	}
}

/// Takes what `E` takes, and answers `N`.
pub struct WithRank<E, const N: u16>(PhantomData<E>);

impl<E: EnsureOrigin<RuntimeOrigin>, const N: u16> EnsureOrigin<RuntimeOrigin> for WithRank<E, N> {
	type Success = u16;

	fn try_origin(origin: RuntimeOrigin) -> Result<u16, RuntimeOrigin> {
		E::try_origin(origin).map(|_| N)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn try_successful_origin() -> Result<RuntimeOrigin, ()> {
		E::try_successful_origin()
	}
}

/// Root, or the track `E`.
pub type RootOr<E> = frame_support::traits::EitherOfDiverse<frame_system::EnsureRoot<AccountId>, E>;
