#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
mod sessions;
#[cfg(test)]
mod tests;
pub mod weights;

pub use pallet::*;
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;
	use sp_staking::{SessionIndex, offence::OffenceSeverity};

	use super::WeightInfo;

	/// The least of [`Config::EvidenceSessions`].
	const EVIDENCE_SESSIONS_MIN: SessionIndex = 2;

	/// The pallet.
	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// What the pallet needs of the runtime.
	#[pallet::config]
	pub trait Config:
		frame_system::Config
		+ pallet_session::Config<ValidatorId = <Self as frame_system::Config>::AccountId>
		+ pallet_session::historical::Config<FullIdentification = ()>
	{
		/// The most validators, more than 0. Of a larger set some who were disabled would not stay
		/// so. Suggested: 1,000.
		type MaxValidators: Get<u32>;

		/// For how many sessions a validator's misbehaviour can be proven. Too few and a liar is
		/// safe soon, too many and the state fills with historical roots. At least 2, and above the
		/// sessions for which stake stays bonded, once there is any. Suggested: 672, which are 28
		/// days of sessions of an hour.
		type EvidenceSessions: Get<SessionIndex>;

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

	/// Why a call failed.
	#[pallet::error]
	pub enum Error<T> {
		/// The account validates in the present session or in the planned one. A member of the set
		/// keeps its keys: it may change them by `Session.set_keys`.
		#[codec(index = 0)]
		IsValidator,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			let most = T::MaxValidators::get();
			assert!(most > 0, "MaxValidators is {most}, so that no one stays disabled");
			// What is signed in the last blocks of a session is reported in the next.
			let sessions = T::EvidenceSessions::get();
			assert!(
				sessions >= EVIDENCE_SESSIONS_MIN,
				"EvidenceSessions is {sessions}, so that the end of a session could not be proven"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			ensure!(!DisabledAtEnd::<T>::exists(), "a change of the session was not finished");
			let validators = pallet_session::Pallet::<T>::validators().len();
			ensure!(
				u32::try_from(validators).is_ok_and(|count| count <= T::MaxValidators::get()),
				"there are more validators than can be noted as disabled"
			);
			Ok(())
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Removes the caller's session keys and releases their deposit. Refused for members of the
		/// present and of the planned set.
		#[pallet::call_index(0)]
		pub fn purge_keys(origin: OriginFor<T>) -> DispatchResult {
			let account = ensure_signed(origin.clone())?;
			ensure!(!Self::is_member(&account), Error::<T>::IsValidator);
			pallet_session::Pallet::<T>::purge_keys(origin)
		}
	}
}
