#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

mod barring;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod candidates;
mod chill;
mod election;
mod eras;
mod fraction;
#[cfg(any(feature = "try-runtime", test))]
mod invariants;
mod key_history;
#[cfg(test)]
mod mock;
mod offences;
mod pending;
mod points;
mod queue;
mod sessions;
#[cfg(test)]
mod tests;
mod unreadable;
mod views;
pub mod weights;

pub use candidates::CandidateList;
pub use election::{SET_FLOOR, Seat};
pub use eras::EraClock;
pub use fraction::fraction;
pub use key_history::{
	KEY_KINDS_MAX, KeyId, KeyInUse, KeyProof, KeyUse, KeysMax, PROOF_VALIDATORS, RetiredKey, Signer,
};
pub use offences::{Offence, Slash};
pub use pallet::*;
pub use points::{BLOCK_POINTS, Work};
pub use queue::QueueEnds;
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use frame_support::{pallet_prelude::*, traits::FindAuthor, weights::WeightMeter};
	use frame_system::pallet_prelude::*;
	use groma_core::{EpochIndex, EraIndex, money::Balance};
	use groma_traits::{Backing, Emission, Standstill};
	use sp_runtime::{KeyTypeId, Perbill};
	use sp_staking::{SessionIndex, offence::OffenceSeverity};

	use super::{
		CandidateList, EraClock, KEY_KINDS_MAX, KeyId, KeyInUse, KeyUse, KeysMax, Offence,
		PROOF_VALIDATORS, QueueEnds, RetiredKey, Seat, Slash, WeightInfo, Work,
	};

	/// Slashes, and what is forgotten, take at most a tenth of the weight that a block has left.
	const SWEEP_SHARE: u64 = 10;

	/// The pallet.
	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// What the pallet needs of the runtime.
	#[pallet::config]
	pub trait Config:
		frame_system::Config<RuntimeEvent: From<Event<Self>>>
		+ pallet_session::Config<ValidatorId = <Self as frame_system::Config>::AccountId>
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

		/// The least own stake of a candidate, in plancks. Too low, and seats of an
		/// empty chain cost little, while each is one vote whatever stands behind it; too high, and
		/// few can validate. Suggested: 10,000 GRM.
		type OwnStakeMin: Get<Balance>;

		/// What each validator of genesis provisions, in plancks. Suggested: the least
		/// stake of a candidate.
		type GenesisProvision: Get<Balance>;

		/// How many sessions an era has, at least 1. Fewer, and light clients follow more sets;
		/// more, and a change of stake takes longer to change the set. A change applies from the
		/// next era on. Suggested: 24, a day of sessions of an hour.
		type SessionsPerEra: Get<u32>;

		/// For how many eras after its own an offence of an era can be proven: for as long its set
		/// is remembered, with the stake that stood behind it, and who used which key. At least 1.
		/// Too few, and a liar is safe soon; too many, and stake takes long to thaw.
		/// Suggested: 14.
		type EvidenceEras: Get<EraIndex>;

		/// How many eras a slash waits after its report, in which it can be cancelled. With the
		/// evidence less than stake takes to thaw, so that the last slash meets the stake. It must
		/// not change while slashes wait. Suggested: 6.
		type DeferralEras: Get<EraIndex>;

		/// The least part of its base that an offence costs. A slash takes the value of when it
		/// applies. Too low, and misbehaving alone costs little; too high, and one broken machine
		/// ruins an operator. Suggested: one percent.
		type FractionMin: Get<Perbill>;

		/// The kinds of keys whose misuse can be proven, at most [`super::KEY_KINDS_MAX`].
		/// Suggested: those of blocks and of votes.
		type ProvableKeys: Get<&'static [KeyTypeId]>;

		/// Who cancels slashes.
		type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

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

	/// The first session of each era that is remembered.
	// Sequential keys. As many entries as eras are remembered, and the active one.
	#[pallet::storage]
	pub(crate) type EraStarts<T> = StorageMap<_, Twox64Concat, EraIndex, SessionIndex>;

	/// Which validator used a key, by the hash of the key and the first session of the use.
	// The first part is a hash already, the second comes with time. An entry goes when the eras in
	// which the key was used can no longer be proven; a validator makes at most one per kind of key
	// and session.
	#[pallet::storage]
	pub(crate) type KeyUses<T: Config> = StorageDoubleMap<
		_,
		Identity,
		KeyId,
		Twox64Concat,
		SessionIndex,
		KeyUse<<T as frame_system::Config>::AccountId>,
	>;

	/// The keys of the present session.
	// One value, since every change of the session compares all of it. 68 bytes per key.
	#[pallet::storage]
	pub(crate) type KeysInUse<T: Config> =
		StorageValue<_, BoundedVec<KeyInUse<<T as frame_system::Config>::AccountId>, KeysMax<T>>>;

	/// Where the queue of uses of keys that are over begins and ends.
	#[pallet::storage]
	pub(crate) type RetiredEnds<T> = StorageValue<_, QueueEnds>;

	/// Uses of keys that are over, in the order in which they ended.
	// Sequential keys. At most one entry for each of `KeyUses`.
	#[pallet::storage]
	pub(crate) type RetiredKeys<T> = StorageMap<_, Twox64Concat, u64, RetiredKey>;

	/// What validators were reported for, by era.
	// Only members of the set of an era get an entry, one each. It goes when no slash of the era
	// can wait any more.
	#[pallet::storage]
	pub(crate) type Offences<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		EraIndex,
		Blake2_128Concat,
		T::AccountId,
		Offence<<T as frame_system::Config>::AccountId>,
	>;

	/// How many offenders of an era are not cancelled.
	// Sequential keys. It goes with the last offence of its era.
	#[pallet::storage]
	pub(crate) type OffenderCounts<T> = StorageMap<_, Twox64Concat, EraIndex, u32>;

	/// The first era whose offences are not forgotten; 0, if there is none.
	#[pallet::storage]
	pub(crate) type SweptOffences<T> = StorageValue<_, EraIndex>;

	/// Where the queue of slashes begins and ends.
	#[pallet::storage]
	pub(crate) type SlashesEnds<T> = StorageValue<_, QueueEnds>;

	/// Slashes that wait, in the order in which they are due.
	// Sequential keys. An offence has at most one for each other offender of its era, and each goes
	// when it is due.
	#[pallet::storage]
	pub(crate) type Slashes<T: Config> =
		StorageMap<_, Twox64Concat, u64, Slash<<T as frame_system::Config>::AccountId>>;

	/// Who is out of the next election for an offence, sorted by account.
	// At most a third of a set.
	#[pallet::storage]
	pub(crate) type Barred<T: Config> =
		StorageValue<_, BoundedVec<T::AccountId, <T as Config>::MaxValidators>>;

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
			/// What operators and those who delegate to them are owed for it, in plancks: by the
			/// schedule, and of what claims of services left for validators.
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
		/// A validator was reported for an offence.
		#[codec(index = 9)]
		OffenceReported {
			/// The era of the offence.
			era: EraIndex,
			/// The validator.
			validator: T::AccountId,
			/// The era in which it is slashed, unless that is cancelled.
			due: EraIndex,
		},
		/// A validator was slashed for an offence.
		#[codec(index = 10)]
		OffenceSlashed {
			/// The era of the offence.
			era: EraIndex,
			/// The validator.
			validator: T::AccountId,
			/// The part of what stood behind it in that era that it has paid for in all.
			fraction: Perbill,
			/// What was taken now, in plancks: of own stake and of what is delegated to it.
			taken: Balance,
		},
		/// An offence costs no more than it has, whatever is reported.
		#[codec(index = 11)]
		SlashCancelled {
			/// The era of the offence.
			era: EraIndex,
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
		/// The own stake of the account is too little: provision more for validating.
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
		/// The list of candidates, the offence, or what stands behind the offender does not decode.
		/// It stays as it is: try again after the upgrade that mends it.
		#[codec(index = 7)]
		Unreadable,
		/// The account was reported for an offence and is out of the next election: declare it a
		/// candidate once that was held.
		#[codec(index = 8)]
		IsBarred,
		/// No such offence is known: the era or the validator is another, or it is forgotten, since
		/// it can cost nothing any more.
		#[codec(index = 9)]
		OffenceUnknown,
		/// The slash was cancelled. That is final.
		#[codec(index = 10)]
		SlashCancelled,
		/// Nothing is due for the offence: it was slashed, or its slash waits for a later era.
		#[codec(index = 11)]
		NothingDue,
		/// The chain stands still, and no slash applies: try again afterwards.
		#[codec(index = 12)]
		StandsStill,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::tick()
		}

		fn on_poll(_: BlockNumberFor<T>, meter: &mut WeightMeter) {
			let mut share = WeightMeter::with_limit(meter.remaining().saturating_div(SWEEP_SHARE));
			Self::sweep(&mut share);
			meter.consume(share.consumed());
		}

		fn integrity_test() {
			let most = T::MaxValidators::get();
			assert!(most > 0, "MaxValidators is {most}, so that no one stays disabled");
			assert!(
				most <= PROOF_VALIDATORS,
				"MaxValidators is {most}, above the {PROOF_VALIDATORS} for which reports weigh"
			);
			let kinds = T::ProvableKeys::get().len();
			assert!(
				kinds <= KEY_KINDS_MAX as usize,
				"ProvableKeys are {kinds}, more than the {KEY_KINDS_MAX} that can be noted"
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
				.saturating_add(<T as Config>::WeightInfo::begin_era())
				.saturating_add(<T as Config>::WeightInfo::note_keys(
					most.saturating_mul(kinds as u32),
				));
			let block = <T as frame_system::Config>::BlockWeights::get().max_block;
			assert!(
				change.all_lte(block),
				"an era of {candidates} candidates changes in {change}, more than the {block} of a \
				 block"
			);
			let sweep = <T as Config>::WeightInfo::sweep_base()
				.saturating_add(Self::apply_slash_weight())
				.saturating_add(<T as Config>::WeightInfo::forget_key())
				.saturating_add(Self::forget_offence_weight());
			let share = block.saturating_div(SWEEP_SHARE);
			assert!(
				sweep.all_lte(share),
				"one slash takes {sweep}, more than the {share} of a block that it has"
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
		/// has session keys and the least own stake. When there are as many candidates as
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

		/// Slashes a validator for an offence of an era what it owes by now, if that is due. Hooks
		/// do so by themselves; anyone can, too.
		#[pallet::call_index(3)]
		#[pallet::weight(Pallet::<T>::apply_slash_weight())]
		pub fn apply_slash(
			origin: OriginFor<T>,
			#[pallet::compact] era: EraIndex,
			validator: T::AccountId,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_apply_slash(era, validator)
		}

		/// Ends what a validator owes for an offence of an era. That is final: no later report
		/// brings it back. What it has paid already is gone.
		#[pallet::call_index(4)]
		#[pallet::weight(
			<T as Config>::WeightInfo::cancel_slash().saturating_add(T::Backing::pend_weight())
		)]
		pub fn cancel_slash(
			origin: OriginFor<T>,
			#[pallet::compact] era: EraIndex,
			validator: T::AccountId,
		) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_cancel_slash(era, validator)
		}
	}
}
