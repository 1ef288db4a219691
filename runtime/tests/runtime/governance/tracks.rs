//! Every cell of the table of tracks, as docs/guide/governance.md has it.

use groma_core::money::GRM;
use groma_runtime::{Balance, BlockNumber, governance::tracks::PublicTracks};
use pallet_referenda::{Curve, TrackInfo, TracksInfo};
use sp_runtime::{Perbill, str_array};

/// Blocks of production in a minute.
const MINUTE: BlockNumber = 10;
const HOUR: BlockNumber = 60 * MINUTE;
const DAY: BlockNumber = 24 * HOUR;

/// Points of a curve: blocks since the decision began, and thousandths.
type Points = [(BlockNumber, u32); 3];

/// A track: its number, name, referenda at once, deposit in GRM, the blocks of prepare, decide,
/// confirm and enact, and its support.
type Row = (u16, &'static str, u32, Balance, [BlockNumber; 4], Points);

const USUAL: [BlockNumber; 4] = [2 * HOUR, 14 * DAY, DAY, DAY];
const QUICK: [BlockNumber; 4] = [2 * HOUR, 7 * DAY, 3 * HOUR, 10 * MINUTE];
const TO_5: Points = [(0, 250), (7 * DAY, 150), (14 * DAY, 50)];
const TO_2: Points = [(0, 250), (84 * HOUR, 135), (7 * DAY, 20)];

const fn spend(confirm: BlockNumber) -> [BlockNumber; 4] {
	[4 * HOUR, 14 * DAY, confirm, DAY]
}

const TABLE: [Row; 13] = [
	(
		0,
		"root",
		1,
		50_000,
		[DAY, 21 * DAY, 3 * DAY, 3 * DAY],
		[(0, 500), (252 * HOUR, 300), (21 * DAY, 100)],
	),
	(
		1,
		"whitelisted_caller",
		5,
		5_000,
		[30 * MINUTE, 14 * DAY, HOUR, 30 * MINUTE],
		[(0, 500), (DAY, 200), (14 * DAY, 100)],
	),
	(
		2,
		"upgrade",
		1,
		25_000,
		[DAY, 14 * DAY, 2 * DAY, 2 * DAY],
		[(0, 300), (7 * DAY, 200), (14 * DAY, 100)],
	),
	(
		3,
		"signal",
		10,
		500,
		[2 * HOUR, 14 * DAY, DAY, 10 * MINUTE],
		[(0, 250), (7 * DAY, 130), (14 * DAY, 10)],
	),
	(10, "parameters", 5, 5_000, USUAL, TO_5),
	(11, "networks", 5, 5_000, USUAL, TO_5),
	(12, "fellowship_admin", 5, 5_000, USUAL, TO_5),
	(13, "slash_cancel", 10, 2_500, [10 * MINUTE, 7 * DAY, 3 * HOUR, 10 * MINUTE], TO_2),
	(20, "canceller", 20, 5_000, QUICK, TO_2),
	(21, "killer", 20, 25_000, QUICK, TO_2),
	(30, "treasury_small", 10, 500, spend(2 * DAY), [(0, 250), (2 * DAY, 100), (14 * DAY, 10)]),
	(31, "treasury_medium", 5, 2_500, spend(4 * DAY), [(0, 250), (4 * DAY, 100), (14 * DAY, 20)]),
	(32, "treasury_big", 3, 10_000, spend(7 * DAY), [(0, 500), (4 * DAY, 200), (14 * DAY, 50)]),
];

/// Checks that a curve passes these points, to a thousandth of a percent.
fn check_curve(name: &str, curve: &Curve, decide: BlockNumber, points: Points) {
	for (blocks, thousandths) in points {
		let found = curve.threshold(Perbill::from_rational(blocks, decide)).deconstruct();
		let wanted = thousandths * 1_000_000;
		assert!(found.abs_diff(wanted) <= 10_000, "{name} after {blocks} blocks: {found}");
	}
}

fn check(info: &TrackInfo<Balance, BlockNumber>, row: &Row) {
	let (id, name, at_once, deposit, periods, support) = *row;
	let [prepare, decide, confirm, enact] = periods;
	assert_eq!(info.name, str_array::<25>(name));
	assert_eq!((info.max_deciding, info.decision_deposit), (at_once, deposit * GRM), "{name}");
	let found =
		[info.prepare_period, info.decision_period, info.confirm_period, info.min_enactment_period];
	assert_eq!(found, [prepare, decide, confirm, enact], "{name}");
	check_curve(name, &info.min_support, decide, support);
	let approval = match id {
		1 => [(0, 1_000), (16 * HOUR, 960), (decide, 500)],
		_ => [(0, 1_000), (decide / 5, 800), (decide, 500)],
	};
	check_curve(name, &info.min_approval, decide, approval);
}

#[test]
fn tracks_of_production_are_those_of_the_guide() {
	sp_io::TestExternalities::default().execute_with(|| {
		let ids: Vec<u16> = PublicTracks::track_ids().collect();
		assert_eq!(ids, TABLE.map(|row| row.0));
		for (track, row) in PublicTracks::tracks().zip(&TABLE) {
			assert_eq!(track.id, row.0);
			let info = PublicTracks::info(track.id).expect("there is the track");
			assert!(*info == track.info, "{} is two tracks", row.1);
			check(&info, row);
		}
		assert!(PublicTracks::info(4).is_none());
	});
}
