#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

mod bundles;
mod crypto;
mod logbook;
#[cfg(test)]
mod mock;
mod pool;
#[cfg(test)]
mod tests;
mod worker;

pub use bundles::{Bundle, Bundlers, Due};
pub use crypto::{COLLECTOR_KEY_TYPE, CollectorCrypto, CollectorId};
pub use pallet::*;

#[frame_support::pallet]
pub mod pallet {
	use frame_support::pallet_prelude::*;
	use frame_system::{
		offchain::{AppCrypto, CreateSignedTransaction},
		pallet_prelude::*,
	};
	use groma_traits::Load;

	use crate::bundles::Bundlers;

	/// The storage version of the code.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the pallet needs of the runtime.
	#[pallet::config]
	pub trait Config:
		frame_system::Config + CreateSignedTransaction<<Self as frame_system::Config>::RuntimeCall>
	{
		/// How the collector signs its extrinsics: [`crate::CollectorCrypto`].
		type CollectorCrypto: AppCrypto<Self::Public, Self::Signature>;

		/// The series of reports, by their bundlers. Of two that are due at the same time the first
		/// is bundled first.
		type Bundlers: Bundlers<<Self as frame_system::Config>::RuntimeCall>;

		/// The most that evidence of all kinds may take of a block.
		type EvidenceLimit: Get<Load>;
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn offchain_worker(now: BlockNumberFor<T>) {
			crate::worker::run::<T>(now);
		}

		fn integrity_test() {
			let room = Pallet::<T>::bundle_room();
			assert!(
				room.ref_time > 0 && room.length > 0,
				"EvidenceLimit leaves a bundle {room:?}, so that none would hold anything",
			);
		}
	}
}
