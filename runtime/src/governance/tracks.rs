//! The tracks of public referenda: how long each takes and what it has to win.
//!
//! Every period is a time of production divided by the pace of the chain, so that a test chain runs
//! the code of production in minutes. Approval is the share of ayes, weighted by conviction;
//! support the share of GRM that could vote and votes aye, without conviction.

use alloc::borrow::Cow;

use frame_support::traits::Get;
use groma_core::{money::GRM, protocol::SLOT_MS};
use pallet_referenda::{Curve, Track, TrackInfo, TracksInfo};
use pallet_timing::Pace;
use sp_runtime::{FixedI64, str_array};

use super::origins::Origin;
use crate::{Balance, BlockNumber, OriginCaller};

/// Blocks of production in a minute.
const MINUTE: BlockNumber = (60_000 / SLOT_MS) as BlockNumber;
/// In an hour.
const HOUR: BlockNumber = 60 * MINUTE;
/// In a day.
const DAY: BlockNumber = 24 * HOUR;

/// The track of everything.
pub const ROOT: u16 = 0;
/// Calls that the fellowship whitelisted.
pub const WHITELISTED_CALLER: u16 = 1;
/// The code of a new runtime.
pub const UPGRADE: u16 = 2;
/// A remark.
pub const SIGNAL: u16 = 3;
/// Governed parameters.
pub const PARAMETERS: u16 = 10;
/// Networks, makers, allotments.
pub const NETWORKS: u16 = 11;
/// Members and ranks of the fellowship.
pub const FELLOWSHIP_ADMIN: u16 = 12;
/// Slashes that wait.
pub const SLASH_CANCEL: u16 = 13;
/// Ends referenda.
pub const CANCELLER: u16 = 20;
/// Ends referenda and takes their deposits.
pub const KILLER: u16 = 21;
/// Spends of up to 10,000 GRM.
pub const TREASURY_SMALL: u16 = 30;
/// Spends of up to 100,000 GRM.
pub const TREASURY_MEDIUM: u16 = 31;
/// Spends of up to 1,000,000 GRM.
pub const TREASURY_BIG: u16 = 32;

/// The most referenda that wait for a place of their track.
pub const REFERENDA_QUEUED_MAX: u32 = 100;

/// A period of the chain: `blocks` of production divided by the pace, rounded up, at least one.
pub fn paced(blocks: BlockNumber) -> BlockNumber {
	divided(blocks, Pace::get())
}

fn divided(blocks: BlockNumber, pace: u32) -> BlockNumber {
	blocks.div_ceil(pace.max(1)).max(1)
}

/// A period that the pace divides, as a constant of a pallet: `N` minutes of production.
pub struct Minutes<const N: BlockNumber>;

impl<const N: BlockNumber> Get<BlockNumber> for Minutes<N> {
	fn get() -> BlockNumber {
		paced(N.saturating_mul(MINUTE))
	}
}

/// A period that the pace divides, as a constant of a pallet: `N` days of production.
pub struct Days<const N: BlockNumber>;

impl<const N: BlockNumber> Get<BlockNumber> for Days<N> {
	fn get() -> BlockNumber {
		paced(N.saturating_mul(DAY))
	}
}

/// How long a track takes, in blocks of production.
#[derive(Clone, Copy)]
struct Periods {
	prepare: BlockNumber,
	decide: BlockNumber,
	confirm: BlockNumber,
	enact: BlockNumber,
}

/// A track.
struct Row {
	id: u16,
	name: &'static str,
	/// Referenda that are decided at once.
	at_once: u32,
	/// In GRM.
	deposit: Balance,
	periods: Periods,
	approval: Curve,
	support: Curve,
}

const fn percent(part: u128) -> FixedI64 {
	FixedI64::from_rational(part, 100)
}

/// From 100 % over 80 % after a fifth of the time to 50 %.
const APPROVAL: Curve = Curve::make_reciprocal(1, 5, percent(80), percent(50), percent(100));
/// From 100 % over 96 % after 16 of 336 hours to 50 %. It is written out since the search of
/// `make_reciprocal` ends at the factor 1, with 95.5 % then.
const APPROVAL_WHITELISTED: Curve = Curve::Reciprocal {
	factor: FixedI64::from_rational(460, 289),
	x_offset: FixedI64::from_rational(23, 17),
	y_offset: FixedI64::from_rational(3, 17).neg(),
};

/// 20 % after a day, then towards a little more than the 10 % of [`ROOT`] at its end: what passes
/// here would pass there, also where curves are rounded.
const SUPPORT_WHITELISTED: Curve = Curve::make_reciprocal(
	1,
	14,
	percent(20),
	FixedI64::from_rational(100_001, 1_000_000),
	percent(50),
);

/// In a line from `first` to `last` percent.
const fn line(first: u128, last: u128) -> Curve {
	Curve::make_linear(1, 1, percent(last), percent(first))
}

/// From `first` percent over `then` after `day` of 14 days towards `last`.
const fn bend(first: u128, day: u128, then: u128, last: u128) -> Curve {
	Curve::make_reciprocal(day, 14, percent(then), percent(last), percent(first))
}

/// Periods of a track: prepare, decide, confirm, enact.
const fn periods(
	prepare: BlockNumber,
	decide: BlockNumber,
	confirm: BlockNumber,
	enact: BlockNumber,
) -> Periods {
	Periods { prepare, decide, confirm, enact }
}

const fn row(
	id: u16,
	name: &'static str,
	at_once: u32,
	deposit: Balance,
	periods: Periods,
	support: Curve,
) -> Row {
	Row { id, name, at_once, deposit, periods, approval: APPROVAL, support }
}

/// What most tracks take.
const USUAL: Periods = periods(2 * HOUR, 14 * DAY, DAY, DAY);
/// What has to be quick.
const QUICK: Periods = periods(2 * HOUR, 7 * DAY, 3 * HOUR, 10 * MINUTE);

/// A spend, confirmed for `days`.
const fn spend(days: BlockNumber) -> Periods {
	periods(4 * HOUR, 14 * DAY, days * DAY, DAY)
}

/// Every track, by id.
static TRACKS: [Row; 13] = [
	row(ROOT, "root", 1, 50_000, periods(DAY, 21 * DAY, 3 * DAY, 3 * DAY), line(50, 10)),
	Row {
		approval: APPROVAL_WHITELISTED,
		..row(
			WHITELISTED_CALLER,
			"whitelisted_caller",
			5,
			5_000,
			periods(30 * MINUTE, 14 * DAY, HOUR, 30 * MINUTE),
			SUPPORT_WHITELISTED,
		)
	},
	row(UPGRADE, "upgrade", 1, 25_000, periods(DAY, 14 * DAY, 2 * DAY, 2 * DAY), line(30, 10)),
	row(SIGNAL, "signal", 10, 500, periods(2 * HOUR, 14 * DAY, DAY, 10 * MINUTE), line(25, 1)),
	row(PARAMETERS, "parameters", 5, 5_000, USUAL, line(25, 5)),
	row(NETWORKS, "networks", 5, 5_000, USUAL, line(25, 5)),
	row(FELLOWSHIP_ADMIN, "fellowship_admin", 5, 5_000, USUAL, line(25, 5)),
	row(
		SLASH_CANCEL,
		"slash_cancel",
		10,
		2_500,
		periods(10 * MINUTE, 7 * DAY, 3 * HOUR, 10 * MINUTE),
		line(25, 2),
	),
	row(CANCELLER, "canceller", 20, 5_000, QUICK, line(25, 2)),
	row(KILLER, "killer", 20, 25_000, QUICK, line(25, 2)),
	row(TREASURY_SMALL, "treasury_small", 10, 500, spend(2), bend(25, 2, 10, 1)),
	row(TREASURY_MEDIUM, "treasury_medium", 5, 2_500, spend(4), bend(25, 4, 10, 2)),
	row(TREASURY_BIG, "treasury_big", 3, 10_000, spend(7), bend(50, 4, 20, 5)),
];

impl Row {
	fn info(&self, pace: u32) -> TrackInfo<Balance, BlockNumber> {
		let Periods { prepare, decide, confirm, enact } = self.periods;
		TrackInfo {
			name: str_array(self.name),
			max_deciding: self.at_once,
			decision_deposit: self.deposit.saturating_mul(GRM),
			prepare_period: divided(prepare, pace),
			decision_period: divided(decide, pace),
			confirm_period: divided(confirm, pace),
			min_enactment_period: divided(enact, pace),
			min_approval: self.approval.clone(),
			min_support: self.support.clone(),
		}
	}
}

/// The public tracks. Pallets ask for one of them, or for all ids, several times in a call: the
/// pace is read once then, or not at all.
pub struct PublicTracks;

impl TracksInfo<Balance, BlockNumber> for PublicTracks {
	type Id = u16;
	type RuntimeOrigin = OriginCaller;

	fn tracks() -> impl Iterator<Item = Cow<'static, Track<u16, Balance, BlockNumber>>> {
		let pace = Pace::get();
		TRACKS.iter().map(move |row| Cow::Owned(Track { id: row.id, info: row.info(pace) }))
	}

	fn track_ids() -> impl Iterator<Item = u16> {
		TRACKS.iter().map(|row| row.id)
	}

	fn info(id: u16) -> Option<Cow<'static, TrackInfo<Balance, BlockNumber>>> {
		let row = TRACKS.iter().find(|row| row.id == id)?;
		Some(Cow::Owned(row.info(Pace::get())))
	}

	/// The track of an origin. Every other origin, such as that of an account, has none.
	fn track_for(origin: &OriginCaller) -> Result<u16, ()> {
		match origin {
			OriginCaller::system(frame_system::RawOrigin::Root) => Ok(ROOT),
			OriginCaller::Origins(origin) => track_of(*origin).ok_or(()),
			_ => Err(()),
		}
	}
}

/// The track that speaks with an origin.
pub fn track_of(origin: Origin) -> Option<u16> {
	match origin {
		Origin::WhitelistedCaller => Some(WHITELISTED_CALLER),
		Origin::Upgrade => Some(UPGRADE),
		Origin::Signal => Some(SIGNAL),
		Origin::Parameters => Some(PARAMETERS),
		Origin::Networks => Some(NETWORKS),
		Origin::FellowshipAdmin => Some(FELLOWSHIP_ADMIN),
		Origin::SlashCancel => Some(SLASH_CANCEL),
		Origin::Canceller => Some(CANCELLER),
		Origin::Killer => Some(KILLER),
		Origin::TreasurySmall => Some(TREASURY_SMALL),
		Origin::TreasuryMedium => Some(TREASURY_MEDIUM),
		Origin::TreasuryBig => Some(TREASURY_BIG),
		// The fellowship has separate referenda.
		Origin::Fellows => None,
	}
}
