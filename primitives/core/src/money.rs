//! The token GRM: its unit and its supply.

pub use crate::price::Price;

/// An amount in plancks, the smallest unit of GRM.
pub type Balance = u128;

/// Decimals of GRM.
pub const DECIMALS: u8 = 12;
/// Plancks of one GRM.
pub const GRM: Balance = 1_000_000_000_000;
/// Plancks of a thousandth of a GRM.
pub const MILLI_GRM: Balance = GRM / 1_000;
/// The most GRM that may exist at once, in plancks.
pub const SUPPLY_MAX: Balance = 600_000_000 * GRM;
/// What exists at genesis, in plancks.
pub const GENESIS_SUPPLY: Balance = 200_000_000 * GRM;
/// What the schedule emits over all time, in plancks.
pub const EMISSION_TOTAL: Balance = SUPPLY_MAX - GENESIS_SUPPLY;
