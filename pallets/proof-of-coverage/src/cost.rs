//! What one challenge takes of blocks, from its statements to its settlement.

use codec::MaxEncodedLen;
use groma_core::{
	protocol::{CHALLENGES_PER_EPOCH, WITNESSES_JUDGED},
	statement::{Reveal, SignedObservation},
};
use groma_traits::{Load, SupplyRewards};
use sp_runtime::{SaturatedConversion, traits::Get};

use crate::{Config, Pallet, WeightInfo, reveals::Effort, statements::Taking};

/// Window, beaconer and number of statements of a group, in bytes.
const GROUP_HEADER_BYTES: usize = 9;

impl<T: Config> Pallet<T> {
	/// The load of one challenge with as many witnesses as count, all of which were heard: its part
	/// of a full bundle of statements and of a full bundle of reveals, and of what handing over a
	/// device's work once per epoch takes.
	pub fn challenge_cost() -> Load {
		let witnesses = WITNESSES_JUDGED as u32;
		let challenges = T::MaxGroupsPerBundle::get().max(1);
		let statements =
			Taking::usual(challenges, challenges.saturating_mul(witnesses)).weight::<T>();
		let reveals = Effort::settling(challenges, witnesses).bundle_weight::<T>();
		// Both bundles are looked through before, whether they are stale.
		let looks = T::WeightInfo::look_for_new(challenges).saturating_mul(2);
		let bundles = statements.saturating_add(reveals).saturating_add(looks).ref_time()
			/ u64::from(challenges);
		let length = SignedObservation::max_encoded_len()
			.saturating_mul(WITNESSES_JUDGED)
			.saturating_add(GROUP_HEADER_BYTES)
			.saturating_add(Reveal::max_encoded_len());
		Load {
			ref_time: bundles.saturating_add(
				T::Rewards::usual_fold_weight().ref_time() / u64::from(CHALLENGES_PER_EPOCH),
			),
			length: length.saturated_into(),
		}
	}
}
