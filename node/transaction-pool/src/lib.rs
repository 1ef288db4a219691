#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod in_turn;
mod metrics;
mod own_calls;
#[cfg(test)]
mod tests;
mod tracks;
mod two_pools;

/// Transactions that both pools hold together by default. A pool counts a transaction until its
/// block is final: what is left besides evidence is nearly seven blocks full of transfers, so that
/// blocks stay full while finality lags.
pub const DEFAULT_LIMIT: usize = 20_480;
/// Kilobytes that both pools hold together by default.
pub const DEFAULT_KILOBYTES: usize = 51_200;

/// What of a limit is for evidence: a fifth, rounded up. A larger part would keep more of a flood
/// of bundles that rank as honest ones do.
pub const fn evidence_part(limit: usize) -> usize {
	limit.div_ceil(5)
}

pub use metrics::registry_of;
pub use tracks::Tracks;
pub use two_pools::TwoPools;
