//! The numbers of the protocol, each once. Pallets, node and clients refer to them; the relations
//! between them hold at compile time.
//!
//! A number that belongs to a formula stands next to it instead: limits of distance and signal
//! strength in [`crate::radio`], resolutions and limits of density in [`crate::density`], the full
//! number of witnesses in [`crate::coverage`], amounts in [`crate::money`], the size of the report
//! pool's chunks in [`crate::pool_layout`], bounds of a network's terms in [`crate::terms`].

use crate::{
	emission::DAY_MS,
	words::{EpochIndex, EraIndex, NetworkId, WindowIndex},
};

/// Slot of the production chain, in ms: the time between two blocks.
pub const SLOT_MS: u64 = 6_000;
/// The longest slot that a chain can have, in ms.
pub const SLOT_MS_MAX: u64 = 60_000;
/// The longest window that a vote can set, in blocks: more than three hours of slots of 6 s.
pub const WINDOW_BLOCKS_MAX: u32 = 2_000;

/// The windows of a day, if each lasts 5 minutes.
pub const DAY_WINDOWS: WindowIndex = 288;
/// The last windows whose seeds and thresholds are known, the current one included: a day.
/// Evidence can be about these windows only, and who signed in them is known as long.
pub const WINDOWS_KEPT: u32 = DAY_WINDOWS;
/// From the window of a beacon to the last one in which statements about it are taken, in windows.
pub const STATEMENT_DELAY_MAX: WindowIndex = 1;
/// From the window of a beacon to the one in which it is revealed and judged, in windows.
pub const REVEAL_DELAY: WindowIndex = 2;
/// From a change of a device to its effect, in windows: what was signed before stays valid.
pub const EFFECT_DELAY_WINDOWS: WindowIndex = 4;
/// From the effect of a change until the former state of a device is forgotten, in windows: for as
/// long it can be asked for by a judgement.
pub const MEMORY_WINDOWS: WindowIndex = REVEAL_DELAY + 1;
/// The suggested time between two challenges of a device, in windows.
pub const INTERVAL_WINDOWS: u32 = 72;
/// Challenges of a device in an epoch of a day of windows of 5 minutes, at the suggested interval:
/// after so many, its finished work is handed over once.
pub const CHALLENGES_PER_EPOCH: u32 = DAY_WINDOWS / INTERVAL_WINDOWS;
/// Expected challenges of a device within which it has to be heard, and to be a valid witness, to
/// earn.
pub const RECIPROCITY_CHALLENGES: u32 = 8;

/// Parts into which a window is divided to place beacons in it.
pub const BEACON_PARTS: u64 = 30;
/// Parts of a window before its first beacon: 10 s of 5 min.
pub const BEACON_PARTS_BEFORE: u64 = 1;
/// Parts of a window in which beacons are sent: 190 s of 5 min.
pub const BEACON_PARTS_SENDING: u64 = 19;
/// Tenths of a window after which collectors bundle its statements: no more beacons are sent, so
/// that the statements about one are together.
pub const RIPE_TENTHS: u32 = 7;

/// Expected number of witnesses of a beacon: with as many active devices in the beaconer's cell, or
/// fewer, all are drawn.
pub const WITNESSES_EXPECTED: u32 = 16;
/// Resolution of the H3 cell whose active devices set the probability of the draw.
pub const DRAW_RESOLUTION: u8 = 5;
/// The most statements about a beacon that the chain keeps.
pub const RECORDS_MAX: u32 = 32;
/// The most valid witnesses of a challenge that count.
pub const WITNESSES_JUDGED: usize = 8;
/// The most groups of statements, or reveals, in a bundle.
pub const GROUPS_PER_BUNDLE_MAX: u32 = 64;
/// The most statements of one witness in a node's pool, per window.
pub const STATEMENTS_PER_WITNESS_MAX: usize = 64;
/// The most blocks that a bundle may wait in transaction pools: one that could wait longer is
/// refused. Collectors sign for as many, so that what was left out is signed again soon.
pub const BUNDLE_LONGEVITY_MAX: u64 = 8;
/// The most statements about beacons of one window that a device brings on chain itself, without a
/// collector and without a fee.
pub const OWN_STATEMENTS_MAX: u8 = 64;
/// Parts of a report for which collectors are credited apart: four for the statement that counts,
/// one for the reveal.
pub const CREDIT_PARTS: u32 = 5;
/// How many of the largest bundles fit the lane of a block: one declares at most such a part of it.
pub const BUNDLES_PER_LANE: u32 = 4;
/// How far the nonce of evidence may be ahead of the account's: so that one more waits at most.
pub const EVIDENCE_NONCES_AHEAD_MAX: u32 = 3;
/// The most statements about a beacon in a node's pool: those that the chain ranks first. More than
/// [`RECORDS_MAX`], since some of them may be known by then, or their witnesses no longer eligible.
pub const STATEMENTS_PER_BEACON_MAX: usize = 48;
/// Windows that stake behind devices takes to thaw: a week of windows of 5 minutes. A raise of the
/// stake per device is announced as long before it holds, so that owners can answer it.
pub const DEVICE_THAW_WINDOWS: WindowIndex = 7 * DAY_WINDOWS;
/// The least windows that stake behind devices may take to thaw: evidence comes before it is gone.
pub const DEVICE_THAW_WINDOWS_MIN: WindowIndex =
	WINDOWS_KEPT + EFFECT_DELAY_WINDOWS + MEMORY_WINDOWS + 1;
/// The most entries of a provision, or of a delegation, that thaw at a time.
pub const THAWS_MAX: u32 = 8;

/// Sessions of an era: a day of sessions of an hour.
pub const SESSIONS_PER_ERA: u32 = 24;
/// Eras after that of an offence of a validator in which it can be proven.
pub const EVIDENCE_ERAS: EraIndex = 14;
/// Eras from the report of an offence to its slash.
pub const DEFER_ERAS: EraIndex = 6;
/// Eras that stake behind validators takes to thaw.
pub const THAW_ERAS: EraIndex = 21;
/// The most eras that stake behind validators may take to thaw. A slash looks at what began to thaw
/// in each of them.
pub const THAW_ERAS_MAX: EraIndex = 62;
/// The most eras of which slashes of one operator wait: those that thawing stake can have backed,
/// the active one and the next.
pub const PENDING_ERAS_MAX: u32 = THAW_ERAS_MAX + 2;
/// By how much an operator may raise its commission at a time, in percent of a reward.
pub const COMMISSION_RISE_PERCENT: u32 = 5;
/// Eras from the announcement of a higher commission until it holds.
pub const COMMISSION_NOTICE_ERAS: EraIndex = 7;
/// Epochs for which it is remembered what stake behind an operator earned.
pub const YIELD_EPOCHS: EpochIndex = 7;
/// The most delegations to an operator that one call settles.
pub const SETTLED_MAX: u32 = 64;

/// The key type under which a node's keystore holds the collector's sr25519 key.
pub const COLLECTOR_KEY_TYPE: [u8; 4] = *b"coll";

/// The age in ms at which a price that a feeder sent no longer counts.
pub const PRICE_STALE_MS: u64 = 10 * 60_000;
/// The time in ms after which a feeder sends its price again though it has not moved. Twice this,
/// and some blocks, is less than [`PRICE_STALE_MS`]: one feed may be lost.
pub const PRICE_REPEAT_MS: u64 = 4 * 60_000;
/// By how many percent a price has to move to be sent before its time.
pub const PRICE_MOVE_PERCENT: u32 = 1;
/// The key type under which a node's keystore holds the feeder's sr25519 key.
pub const FEEDER_KEY_TYPE: [u8; 4] = *b"pric";
/// The least sources of a price that the operator of a feeder names.
pub const PRICE_SOURCES_MIN: usize = 3;
/// The most sources of a price that a node asks.
pub const PRICE_SOURCES_MAX: usize = 16;
/// The least sources that have to answer for a feeder to send a price.
pub const PRICE_ANSWERS_MIN: usize = 2;

/// The network that the genesis lists first, `lorawan`: where none is named, it is meant.
pub const FIRST_NETWORK: NetworkId = 0;
/// The most networks that there can be.
pub const NETWORKS_MAX: u32 = 256;
/// The first id of networks that anyone may found: they live by what customers pay, and nothing
/// iterates over them.
pub const FIRST_FOUNDED_NETWORK: NetworkId = 1_024;
/// How long a founded network lasts at least before its deposit is returned, in ms: 90 days. Ids
/// are never used twice, so each takes its founder's deposit out of use for a while.
pub const FOUNDED_MS_MIN: u64 = 90 * DAY_MS;
/// After so many epochs anyone may remove what customers paid in an epoch for services of a founded
/// network.
pub const DEMAND_EPOCHS_KEPT: u32 = 90;
/// The longest name of a network or a maker, in bytes of UTF-8.
pub const NAME_BYTES_MAX: u32 = 32;
/// The most keys that a maker holds at a time.
pub const MAKER_KEYS_MAX: u32 = 8;
/// Room for the reasons of one kind of proof, in codes.
pub const REASONS_MAX: u32 = 64;

/// The most vouchers that one claim brings.
pub const VOUCHERS_PER_CLAIM_MAX: u32 = 256;
/// The most devices that one channel pays.
pub const SEATS_MAX: u16 = 4_096;
/// The least windows between the end of a channel and the last claim: a day of windows of 5
/// minutes.
pub const GRACE_WINDOWS_MIN: WindowIndex = DAY_WINDOWS;
/// The shortest life of a channel, in windows: a day of windows of 5 minutes.
pub const CHANNEL_WINDOWS_MIN: WindowIndex = DAY_WINDOWS;
/// The longest life of a channel, in windows: 365 days of windows of 5 minutes.
pub const CHANNEL_WINDOWS_MAX: WindowIndex = 365 * DAY_WINDOWS;
/// The fewest credits that the bond of a channel is worth: USD 1.
pub const BOND_CREDITS_MIN: u64 = 100_000;
/// The most payees of a device that one claim serves, and that an answer about it names besides
/// those of its latest work: its present owner and former ones.
pub const PAYEES_PER_CLAIM: u32 = 8;
/// The most operators that a payer names.
pub const OPERATORS_MAX: u32 = 8;

/// The longest endpoint, in bytes of `host:port`.
pub const ENDPOINT_BYTES_MAX: u32 = 128;
/// The most copies of a packet that a payer buys.
pub const ROUTE_COPIES_MAX: u8 = 16;
/// The most ranges of addresses that a payer has.
pub const RANGES_PER_PAYER_MAX: u32 = 32;
/// The most JoinEUIs that a payer has.
pub const JOIN_EUIS_PER_PAYER_MAX: u32 = 64;
/// The most payers that share a JoinEUI.
pub const PAYERS_PER_JOIN_EUI_MAX: u32 = 8;

/// Resolution of the H3 cells by which devices are listed.
pub const LIST_RESOLUTION: u8 = 7;
/// The most devices that one page of a list holds.
pub const LIST_LENGTH_MAX: u32 = 256;
/// The most channels of a payer, or seats of a channel, that one page of a list holds.
pub const PAGE_LENGTH_MAX: usize = 100;
/// Of each map of validators and of stake, as many entries at most are looked at when a node asks
/// what of the state does not decode.
pub const ENTRIES_WATCHED_MAX: usize = 256;

const _: () = assert!(STATEMENT_DELAY_MAX < REVEAL_DELAY, "nothing is added once it is judged");
const _: () = assert!(MEMORY_WINDOWS > REVEAL_DELAY, "a device is known as it was when judged");
const _: () = assert!(EFFECT_DELAY_WINDOWS > REVEAL_DELAY, "a change spares what is under way");
const _: () = assert!(WINDOWS_KEPT > EFFECT_DELAY_WINDOWS + MEMORY_WINDOWS, "evidence outlasts it");
const _: () = assert!(
	(BEACON_PARTS_BEFORE + BEACON_PARTS_SENDING) * 10 <= RIPE_TENTHS as u64 * BEACON_PARTS,
	"all beacons of a ripe window were sent"
);
const _: () = assert!(DEVICE_THAW_WINDOWS >= DEVICE_THAW_WINDOWS_MIN, "no stake escapes evidence");
const _: () = assert!(THAW_ERAS > EVIDENCE_ERAS + DEFER_ERAS, "no stake escapes its slash");
const _: () = assert!(THAW_ERAS <= THAW_ERAS_MAX, "a slash looks at few eras");
const _: () = assert!(2 * PRICE_REPEAT_MS < PRICE_STALE_MS, "one feed may be lost");
const _: () = assert!(PRICE_ANSWERS_MIN <= PRICE_SOURCES_MIN, "enough sources can answer");
const _: () = assert!(RIPE_TENTHS < 10, "a window is ripe before it ends");
const _: () = assert!(
	BUNDLE_LONGEVITY_MAX.is_power_of_two() && BUNDLE_LONGEVITY_MAX >= 4,
	"it is the period of a mortal era"
);
const _: () = assert!(WITNESSES_JUDGED <= WITNESSES_EXPECTED as usize, "enough are drawn");
const _: () = assert!(WITNESSES_EXPECTED <= RECORDS_MAX, "the expected witnesses have room");
const _: () = assert!(CREDIT_PARTS > 1, "the statement and the reveal have a part each");
const _: () = assert!(RECORDS_MAX as usize <= STATEMENTS_PER_BEACON_MAX, "a pool fills them");
const _: () = assert!(
	NETWORKS_MAX <= FIRST_FOUNDED_NETWORK as u32,
	"ids of governance's networks and of founded ones are apart"
);

/// Whether an id is one of networks that anyone may found.
pub const fn is_founded(network: NetworkId) -> bool {
	network >= FIRST_FOUNDED_NETWORK
}
