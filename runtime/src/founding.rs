//! What is written once, at genesis, and read ever after.
//!
//! BABE's epoch and the slot can never change on a running chain, yet a test chain wants them shorter
//! than production does. They are storage items that only this pallet's genesis writes, so that one
//! binary serves every chain. The first values of governed parameters are written here too:
//! `pallet-parameters` has no genesis of its own.
//!
//! The pallet has the lowest number after `System`, since genesis is built in the order of numbers
//! and everybody else reads what is written here.

pub use pallet::*;

use frame_support::{parameter_types, traits::Get};
use groma_core::emission::DAY_MS;

/// Production's slot in ms.
pub const SLOT_MS: u64 = 6_000;
/// Production's BABE epoch in slots: an hour.
pub const BABE_EPOCH_SLOTS: u64 = 600;

parameter_types! {
	/// The length of a slot in ms.
	pub storage SlotMs: u64 = SLOT_MS;
	/// The length of a BABE epoch, which is a session, in slots.
	pub storage BabeEpochSlots: u64 = BABE_EPOCH_SLOTS;
	/// The length of a reward epoch in ms: a UTC day in production.
	pub storage RewardEpochMs: u64 = DAY_MS;
}

/// The least time between the timestamps of two blocks: half a slot.
pub struct MinimumPeriod;

impl Get<u64> for MinimumPeriod {
	fn get() -> u64 {
		SlotMs::get() / 2
	}
}

/// For how many slots a validator's misbehaviour can be proven.
pub struct EvidenceSlots;

impl Get<u64> for EvidenceSlots {
	fn get() -> u64 {
		BabeEpochSlots::get().saturating_mul(u64::from(crate::constants::EVIDENCE_SESSIONS))
	}
}

/// The pallet: a genesis, nothing else.
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use core::marker::PhantomData;
	use frame_support::pallet_prelude::*;

	/// The pallet.
	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// The runtime that is founded.
	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// Writes the first values of governed parameters.
		type FirstParameters: WriteAtGenesis + Default;
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
				parameters: Default::default(),
				_runtime: PhantomData,
			}
		}
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		/// Genesis is built once, by whoever founds a chain: values that no chain can run with end it.
		fn build(&self) {
			assert!((500..=60_000).contains(&self.slot_ms), "a slot lasts 500 ms to 60 s");
			assert!(self.slot_ms.is_multiple_of(2), "half a slot is a whole number of ms");
			assert!(
				(10..=14_400).contains(&self.babe_epoch_slots),
				"an epoch has 10 to 14400 slots"
			);
			assert!(
				(10_000..=7 * DAY_MS).contains(&self.reward_epoch_ms),
				"a reward epoch lasts 10 s to 7 days"
			);
			SlotMs::set(&self.slot_ms);
			BabeEpochSlots::set(&self.babe_epoch_slots);
			RewardEpochMs::set(&self.reward_epoch_ms);
			self.parameters.write();
		}
	}
}

/// First values of governed parameters, as a genesis states them.
pub trait WriteAtGenesis:
	serde::Serialize + for<'de> serde::Deserialize<'de> + Send + Sync
{
	/// Writes them.
	fn write(&self);
}
