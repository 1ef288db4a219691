#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
pub mod weights;

pub use pallet::*;
pub use weights::WeightInfo;

use frame_support::{
	dispatch::DispatchResult,
	storage::{storage_prefix, unhashed},
	traits::Get,
	weights::Weight,
};
use frame_system::{Pallet as System, pallet_prelude::BlockNumberFor};
use groma_stored::Stored;
use sp_runtime::traits::Saturating;

/// Which code may replace the runtime, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(codec::Encode, codec::Decode, codec::MaxEncodedLen, scale_info::TypeInfo)]
pub struct Authorization<Hash, BlockNumber> {
	/// The hash of the code.
	pub code_hash: Hash,
	/// The block that ends it.
	pub expires: BlockNumber,
}

/// The authorization of a runtime.
pub type AuthorizationOf<T> = Authorization<<T as frame_system::Config>::Hash, BlockNumberFor<T>>;

#[frame_support::pallet]
pub mod pallet {
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;

	use super::{AuthorizationOf, WeightInfo};

	/// The pallet.
	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// What the pallet needs of the runtime.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The origin that authorizes code: a referendum's.
		type UpgradeOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Blocks for which an authorization holds. Suggested: those of 14 days. With fewer an
		/// upgrade can miss its time; with more an old decision can be applied on a day that
		/// someone chooses.
		#[pallet::constant]
		type AuthorizedBlocks: Get<BlockNumberFor<Self>>;

		/// Measured weights.
		type WeightInfo: WeightInfo;
	}

	/// The authorization that this pallet gave last, until it is applied or ends.
	#[pallet::storage]
	pub(crate) type Authorized<T: Config> = StorageValue<_, AuthorizationOf<T>, OptionQuery>;

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// Anyone may apply code of this hash with `System.apply_authorized_upgrade`.
		#[codec(index = 0)]
		CodeAuthorized {
			/// The hash of the code.
			code_hash: T::Hash,
			/// The block that ends the authorization.
			expires: BlockNumberFor<T>,
		},
		/// No one applied the code in time.
		#[codec(index = 1)]
		AuthorizationExpired {
			/// The hash of the code.
			code_hash: T::Hash,
		},
		/// An authorization cannot be read. It was taken back, since no one knows when it ends.
		#[codec(index = 2)]
		AuthorizationUnreadable,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			Self::expire(now)
		}

		fn integrity_test() {
			let blocks = T::AuthorizedBlocks::get();
			assert!(
				blocks > BlockNumberFor::<T>::from(0u32),
				"AuthorizedBlocks is {blocks:?}: no one could apply an upgrade"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Lets anyone replace the runtime by code of this hash, for
		/// [`Config::AuthorizedBlocks`] blocks. The code has to have the name of this chain and a
		/// higher version, which is checked when it is applied. It takes the place of an earlier
		/// authorization.
		#[pallet::call_index(0)]
		pub fn authorize(origin: OriginFor<T>, code_hash: T::Hash) -> DispatchResult {
			T::UpgradeOrigin::ensure_origin(origin)?;
			Self::do_authorize(code_hash)
		}
	}
}

/// The key under which `frame-system` keeps its authorization, which it does not let others remove.
fn system_key() -> [u8; 32] {
	storage_prefix(b"System", b"AuthorizedUpgrade")
}

impl<T: Config> Pallet<T> {
	/// The authorization that waits for its code, if it can be read.
	pub fn authorized() -> Option<AuthorizationOf<T>> {
		groma_stored::value::<Authorized<T>, AuthorizationOf<T>>().value()
	}

	fn do_authorize(code_hash: T::Hash) -> DispatchResult {
		let expires = System::<T>::block_number().saturating_add(T::AuthorizedBlocks::get());
		System::<T>::do_authorize_upgrade(code_hash, true);
		Authorized::<T>::put(Authorization { code_hash, expires });
		Self::deposit_event(Event::CodeAuthorized { code_hash, expires });
		Ok(())
	}

	/// Whether what the system has authorized is what this pallet authorized: a referendum of Root
	/// can replace it, also by one of the same code whatever its version, and applying it removes
	/// it.
	fn is_pending(authorization: &AuthorizationOf<T>) -> bool {
		// The type of `frame-system` shows its hash to tests alone.
		unhashed::get::<(T::Hash, bool)>(&system_key()).is_some_and(|(pending, checks_version)| {
			checks_version && pending == authorization.code_hash
		})
	}

	/// Takes the authorization back when its time is over, and forgets it when it was applied.
	fn expire(now: BlockNumberFor<T>) -> Weight {
		match groma_stored::value::<Authorized<T>, AuthorizationOf<T>>() {
			Stored::Absent => return T::WeightInfo::on_initialize_idle(),
			Stored::Undecodable => {
				unhashed::kill(&system_key());
				Authorized::<T>::kill();
				Self::deposit_event(Event::AuthorizationUnreadable);
			}
			Stored::Value(authorization) if !Self::is_pending(&authorization) => {
				Authorized::<T>::kill();
			}
			Stored::Value(authorization) if authorization.expires <= now => {
				unhashed::kill(&system_key());
				Authorized::<T>::kill();
				let code_hash = authorization.code_hash;
				Self::deposit_event(Event::AuthorizationExpired { code_hash });
			}
			Stored::Value(_) => {}
		}
		T::WeightInfo::on_initialize_expire()
	}

	/// Checks every invariant of the README.
	#[cfg(any(feature = "try-runtime", test))]
	pub fn do_try_state() -> Result<(), sp_runtime::TryRuntimeError> {
		let stored = groma_stored::value::<Authorized<T>, AuthorizationOf<T>>();
		frame_support::ensure!(!stored.is_undecodable(), "the authorization is undecodable");
		let now = System::<T>::block_number();
		let latest = now.saturating_add(T::AuthorizedBlocks::get());
		let in_time =
			stored.value().is_none_or(|pending| pending.expires > now && pending.expires <= latest);
		frame_support::ensure!(in_time, "an authorization outlives its time");
		Ok(())
	}
}
