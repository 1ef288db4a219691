#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod candidates;
mod chill;
mod election;
mod eras;
#[cfg(any(feature = "try-runtime", test))]
mod invariants;
#[cfg(test)]
mod mock;
mod points;
mod sessions;
#[cfg(test)]
mod tests;
mod views;
pub mod weights;

pub use candidates::CandidateList;
pub use election::{SET_FLOOR, Seat};
pub use eras::EraClock;
pub use pallet::*;
pub use points::{BLOCK_POINTS, Work};
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use frame_support::{pallet_prelude::*, traits::FindAuthor};
	use frame_system::pallet_prelude::*;
	use groma_core::{EpochIndex, EraIndex, money::Balance};
	use groma_traits::{Backing, Emission, Standstill};
	use sp_staking::{SessionIndex, offence::OffenceSeverity};

	use super::{CandidateList, EraClock, Seat, WeightInfo, Work};

	/// The least of [`Config::EvidenceSessions`].
	const EVIDENCE_SESSIONS_MIN: SessionIndex = 2;

	/// The pallet.
	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// What the pallet needs of the runtime.
	#[pallet::config]
	pub trait Config:
		frame_system::Config<RuntimeEvent: From<Event<Self>>>
		+ pallet_session::Config<ValidatorId = <Self as frame_system::Config>::AccountId>
		+ pallet_session::historical::Config<FullIdentification = ()>
	{
		/// The most validators, more than 0: of a set of genesis, of an elected one, and of those
		/// who get points in an epoch. Of a larger set some who were disabled would not stay so.
		/// At least three times the most seats that a vote can set, so that everyone gets points in
		/// an epoch in which the whole set changes twice. Suggested: 1,000.
		type MaxValidators: Get<u32>;

		/// The most candidates. Too few, and stake is needed to become one long before there is one
		/// for each seat; too many, and an election does not fit into a block. Suggested: 1,000.
		type MaxCandidates: Get<u32>;

		/// How many seats an election fills, at most [`Config::MaxValidators`]. Fewer than
		/// [`super::SET_FLOOR`] count as that where there are as many validators already.
		/// Suggested: 100.
		type Seats: Get<u32>;

		/// The least stake of its own, in plancks, that a candidate has. Too low, and seats of an
		/// empty chain cost little, while each is one vote whatever stands behind it; too high, and
		/// few can validate. Suggested: 10,000 GRM.
		type OwnStakeMin: Get<Balance>;

		/// What each validator of genesis provisions of its own, in plancks. Suggested: the least
		/// stake of a candidate.
		type GenesisProvision: Get<Balance>;

		/// How many sessions an era has, at least 1. Fewer, and light clients follow more sets;
		/// more, and a change of stake takes longer to change the set. A change applies from the
		/// next era on. Suggested: 24, a day of sessions of an hour.
		type SessionsPerEra: Get<u32>;

		/// For how many eras after its own the set of an era is remembered, with the stake that
		/// stood behind it. At least 1. Suggested: 14.
		type EvidenceEras: Get<EraIndex>;

		/// For how many sessions a validator's misbehaviour can be proven. Too few and a liar is
		/// safe soon, too many and the state fills with historical roots. At least 2, and above the
		/// sessions for which stake stays bonded, once there is any. Suggested: 672, which are 28
		/// days of sessions of an hour.
		type EvidenceSessions: Get<SessionIndex>;

		/// The points of each 4 minutes for which the price that a validator fed was fresh; a block
		/// has [`super::BLOCK_POINTS`]. Too low, and no one feeds; too high, and no one needs to
		/// author. Suggested: 100.
		type FeedPoints: Get<u32>;

		/// Finds the author of a block in its digests: the index in the set of the session that the
		/// block belongs to. BABE's.
		type FindAuthor: FindAuthor<u32>;

		/// The stake behind validators.
		type Backing: Backing<Self::AccountId>;

		/// The clock of epochs and the pot.
		type Emission: Emission<Self::AccountId>;

		/// Whether the chain stands still: then no era ends, no one is elected, and blocks are
		/// worth no points.
		type Standstill: Standstill;

		/// What benchmarks need of the emission.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: groma_traits::EmissionBenchmarkHelper;

		/// Measured weights.
		type WeightInfo: WeightInfo;
	}

	/// Who was disabled when the session ended that is being changed. Empty between blocks.
	#[pallet::storage]
	pub(crate) type DisabledAtEnd<T: Config> = StorageValue<
		_,
		BoundedVec<(T::AccountId, OffenceSeverity), <T as Config>::MaxValidators>,
		ValueQuery,
	>;

	/// Who wants to validate, sorted by account.
	// One value, since every election reads all of it. 32 bytes per candidate.
	#[pallet::storage]
	pub(crate) type Candidates<T: Config> = StorageValue<_, CandidateList<T>>;

	/// The clock of eras.
	#[pallet::storage]
	pub(crate) type Clock<T> = StorageValue<_, EraClock>;

	/// The set of each era, in the order of the session pallet, with the stake that stood behind it
	/// when it was elected.
	// Sequential keys. As many entries as eras are remembered, the active one, and the next.
	#[pallet::storage]
	pub(crate) type Elected<T: Config> = StorageMap<
		_,
		Twox64Concat,
		EraIndex,
		BoundedVec<Seat<T::AccountId>, <T as Config>::MaxValidators>,
	>;

	/// Who authored a block in the active era, by the index in the set.
	// Written once per validator and era. One byte per validator.
	#[pallet::storage]
	pub(crate) type Authored<T: Config> =
		StorageValue<_, BoundedVec<bool, <T as Config>::MaxValidators>, ValueQuery>;

	/// What validators did in each epoch that is not closed.
	// Only members of sets get an entry, and at most as many in an epoch as a set can have. There
	// are at most two epochs. What does not decode when its epoch is closed stays.
	#[pallet::storage]
	pub(crate) type Works<T: Config> =
		StorageDoubleMap<_, Twox64Concat, EpochIndex, Blake2_128Concat, T::AccountId, Work>;

	/// How many validators did something in each epoch that is not closed.
	// Sequential keys, at most two entries.
	#[pallet::storage]
	pub(crate) type Workers<T> = StorageMap<_, Twox64Concat, EpochIndex, u32>;

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An account became a candidate.
		#[codec(index = 0)]
		Declared {
			/// The account.
			candidate: T::AccountId,
			/// The candidate in whose place it is, which is none any more; `None` if there was
			/// room.
			displaced: Option<T::AccountId>,
		},
		/// A candidate is none any more by its own will. In a set that is elected it stays.
		#[codec(index = 1)]
		Resigned {
			/// The account.
			candidate: T::AccountId,
		},
		/// An account that does not validate gave its session keys up.
		#[codec(index = 2)]
		Left {
			/// The account.
			operator: T::AccountId,
		},
		/// A validator authored no block in an era, and is no candidate any more. Its stake is what
		/// it was.
		#[codec(index = 3)]
		Chilled {
			/// The validator.
			validator: T::AccountId,
			/// The era.
			era: EraIndex,
		},
		/// The set of the next era was elected.
		#[codec(index = 4)]
		SetElected {
			/// The era.
			era: EraIndex,
			/// How many validators it has.
			seats: u32,
			/// What stands behind all of them, in plancks.
			stake: Balance,
		},
		/// Fewer than the floor could be elected, so that the present set stays.
		#[codec(index = 5)]
		SetKept {
			/// The era for which the election was.
			era: EraIndex,
			/// How many candidates could be elected.
			eligible: u32,
		},
		/// An era began.
		#[codec(index = 6)]
		EraBegan {
			/// The era.
			era: EraIndex,
			/// Its first session.
			session: SessionIndex,
		},
		/// The points of an epoch were settled.
		#[codec(index = 7)]
		PointsSettled {
			/// The epoch.
			epoch: EpochIndex,
			/// The points of all validators: 1,000 for each block, and those for fresh prices.
			points: u64,
			/// What operators and those who delegate to them are owed for it, in plancks.
			rewarded: Balance,
		},
		/// What a validator did does not decode, so that it earns nothing in the epoch.
		#[codec(index = 8)]
		WorkUnreadable {
			/// The epoch.
			epoch: EpochIndex,
			/// The validator.
			validator: T::AccountId,
		},
	}

	/// Why a call failed.
	#[pallet::error]
	pub enum Error<T> {
		/// The account validates in the present session or in the planned one. A member of the set
		/// keeps its keys: it may change them by `Session.set_keys`, or resign and leave when it is
		/// in no set any more.
		#[codec(index = 0)]
		IsValidator,
		/// The account has no session keys: set them by `Session.set_keys` first.
		#[codec(index = 1)]
		NoKeys,
		/// The account has too little stake of its own behind it: provision more for validating.
		#[codec(index = 2)]
		BelowMinimum,
		/// The account is a candidate already.
		#[codec(index = 3)]
		AlreadyCandidate,
		/// The account is no candidate.
		#[codec(index = 4)]
		NotCandidate,
		/// There are as many candidates as there can be: name one to displace that has less behind
		/// it.
		#[codec(index = 5)]
		CandidatesFull,
		/// The candidate that would be displaced has as much behind it, or more: name another one,
		/// or provision more.
		#[codec(index = 6)]
		NotLess,
		/// The list of candidates does not decode. It stays as it is: try again after the upgrade
		/// that mends it.
		#[codec(index = 7)]
		Unreadable,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::tick()
		}

		fn integrity_test() {
			let most = T::MaxValidators::get();
			assert!(most > 0, "MaxValidators is {most}, so that no one stays disabled");
			// What is signed in the last blocks of a session is reported in the next.
			let sessions = T::EvidenceSessions::get();
			assert!(
				sessions >= EVIDENCE_SESSIONS_MIN,
				"EvidenceSessions is {sessions}, so that the end of a session could not be proven"
			);
			let (length, eras) = (T::SessionsPerEra::get(), T::EvidenceEras::get());
			assert!(length > 0, "SessionsPerEra is {length}, so that there is no era");
			assert!(
				eras > 0,
				"EvidenceEras is {eras}, so that the end of an era is not remembered"
			);
			let candidates = T::MaxCandidates::get();
			assert!(candidates > 0, "MaxCandidates is {candidates}, so that no one is elected");
			let change = <T as Config>::WeightInfo::elect(candidates)
				.saturating_add(<T as Config>::WeightInfo::end_era(candidates))
				.saturating_add(<T as Config>::WeightInfo::begin_era());
			let block = <T as frame_system::Config>::BlockWeights::get().max_block;
			assert!(
				change.all_lte(block),
				"an era of {candidates} candidates changes in {change}, more than the {block} of a \
				 block"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Removes the caller's session keys and releases their deposit; it is no candidate any
		/// more. Refused for members of the present and of the planned set.
		#[pallet::call_index(0)]
		pub fn leave(origin: OriginFor<T>) -> DispatchResult {
			let operator = ensure_signed(origin.clone())?;
			ensure!(!Self::is_member(&operator), Error::<T>::IsValidator);
			pallet_session::Pallet::<T>::purge_keys(origin)?;
			Self::do_leave(operator);
			Ok(())
		}

		/// Makes the caller a candidate: from the next election on it can be elected, as long as it
		/// has session keys and the least stake of its own. When there are as many candidates as
		/// there can be, it takes the place of `displaces`, which has less behind it or could not
		/// be elected; otherwise no one is displaced.
		#[pallet::call_index(1)]
		pub fn declare(origin: OriginFor<T>, displaces: Option<T::AccountId>) -> DispatchResult {
			let candidate = ensure_signed(origin)?;
			Self::do_declare(candidate, displaces)
		}

		/// Ends the candidacy of the caller. In sets that are elected it stays until their eras are
		/// over.
		#[pallet::call_index(2)]
		pub fn resign(origin: OriginFor<T>) -> DispatchResult {
			let candidate = ensure_signed(origin)?;
			Self::do_resign(candidate)
		}
	}
}
