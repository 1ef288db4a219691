//! Tests by behaviour.

mod feeds;
mod means;
mod random;
mod spot;
mod web;
mod worker;

use frame_support::dispatch::DispatchResultWithPostInfo;
use groma_core::EpochIndex;
use groma_traits::{ClosedEpoch, OnEpochClosed, Pools};

use crate::mock::*;

/// Feeds a price in nano-USD for validator `n`.
fn feed(n: u8, nano_usd: u64) -> DispatchResultWithPostInfo {
	PriceFeed::feed(RuntimeOrigin::signed(feeder(n)), price(nano_usd))
}

/// Feeds a price for validator `n`, which is taken.
fn fed(n: u8, nano_usd: u64) {
	assert!(feed(n, nano_usd).is_ok(), "the feed of {n} is refused");
}

/// Closes an epoch.
fn close(epoch: EpochIndex) {
	let pools = Pools::default();
	let closed = ClosedEpoch { epoch, began_ms: 1, chain_began_ms: 1, pools, for_validators: 0 };
	PriceFeed::on_epoch_closed(&closed);
}

/// Every invariant.
fn check() {
	PriceFeed::do_try_state().expect("the invariants hold");
}
