//! When a referendum of one hand passes: the course of a referendum in the pallet, with votes that
//! are all there when it begins to be decided.

use groma_core::protocol::SLOT_MS;
use groma_runtime::{Balance, BlockNumber, governance::tracks::PublicTracks};
use pallet_referenda::{TrackInfo, TracksInfo};
use sp_runtime::Perbill;

/// What is the whole of [`Attack::own`].
pub(super) const WHOLE: u32 = 1_000;
/// Blocks of production in a day.
const DAY_BLOCKS: f64 = 86_400_000.0 / SLOT_MS as f64;

/// One hand that votes for its own proposal, and others against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Attack {
	/// What the hand votes with, in thousandths of what support counts against.
	pub(super) own: u32,
	/// How many percent of all other GRM vote against it, at conviction 1.
	pub(super) turnout_percent: u32,
	/// How often a GRM of the hand counts, in tenths.
	pub(super) conviction_tenths: u32,
}

impl Attack {
	fn support(self) -> Perbill {
		Perbill::from_rational(self.own, WHOLE)
	}

	fn approval(self) -> Perbill {
		// Both in thousandths of a percent of a tenth.
		let ayes = u64::from(self.own) * u64::from(self.conviction_tenths) * 100;
		let others = u64::from(WHOLE.saturating_sub(self.own));
		let nays = others * u64::from(self.turnout_percent) * 10;
		if ayes == 0 { Perbill::zero() } else { Perbill::from_rational(ayes, ayes + nays) }
	}
}

/// A track, as what it can be taken over for.
pub(super) struct Power {
	/// Its number.
	pub(super) id: u16,
	/// Its name.
	pub(super) name: String,
	track: TrackInfo<Balance, BlockNumber>,
}

/// Every public track of production.
pub(super) fn powers() -> Vec<Power> {
	// Times are divided by the pace in storage, which is 1 without a genesis.
	sp_io::TestExternalities::default().execute_with(|| {
		PublicTracks::tracks()
			.map(|track| {
				let track = track.into_owned();
				let name =
					String::from_utf8_lossy(&track.info.name).trim_end_matches('\0').to_owned();
				Power { id: track.id, name, track: track.info }
			})
			.collect()
	})
}

impl Power {
	/// Whether votes pass this number of blocks after the decision began.
	fn passes(&self, attack: Attack, blocks: BlockNumber) -> bool {
		let Self { track, .. } = self;
		let now = Perbill::from_rational(blocks.min(track.decision_period), track.decision_period);
		track.min_support.passing(now, attack.support())
			&& track.min_approval.passing(now, attack.approval())
	}

	/// Days from the submission to the call; `None` if the referendum is rejected. What is asked
	/// for only ever falls, so that a referendum that passes once is confirmed.
	pub(super) fn days(&self, attack: Attack) -> Option<f64> {
		let Self { track, .. } = self;
		let (mut fails, mut passes) = (0, track.decision_period);
		if !self.passes(attack, passes) {
			return None;
		}
		if self.passes(attack, fails) {
			passes = fails;
		}
		while passes > fails + 1 {
			let middle = fails + (passes - fails) / 2;
			if self.passes(attack, middle) { passes = middle } else { fails = middle }
		}
		let around = [track.prepare_period, track.confirm_period, track.min_enactment_period];
		let blocks = around.into_iter().sum::<BlockNumber>() + passes;
		Some(f64::from(blocks) / DAY_BLOCKS)
	}

	/// The least that a hand gets there with at all, in thousandths of what support counts against.
	pub(super) fn least_own(&self, turnout_percent: u32, conviction_tenths: u32) -> Option<u32> {
		(1..=WHOLE).find(|own| {
			let attack = Attack { own: *own, turnout_percent, conviction_tenths };
			self.passes(attack, self.track.decision_period)
		})
	}

	/// What a decision deposit takes, in plancks.
	pub(super) fn deposit(&self) -> Balance {
		self.track.decision_deposit
	}
}
