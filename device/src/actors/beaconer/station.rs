//! What a beaconer works with, and what it remembers of a gateway.

use std::sync::Arc;

use groma_client::{chain::Chain, clock::Clock, store::Store};
use groma_lora::radio::Radio;

use super::power::Powers;
use crate::{duty_cycle::DutyCycle, metrics::Metrics};

/// What a beaconer works with.
#[derive(Clone)]
pub struct Tools {
	/// The chain.
	pub chain: Arc<dyn Chain>,
	/// The clock.
	pub clock: Arc<dyn Clock>,
	/// The radio of all gateways.
	pub radio: Arc<dyn Radio>,
	/// What survives a crash.
	pub store: Arc<Store>,
	/// What is counted.
	pub metrics: Arc<Metrics>,
}

/// What is remembered of a gateway between its challenges.
#[derive(Default)]
pub(super) struct Station {
	/// What it transmitted.
	pub(super) cycle: DutyCycle,
	/// What its packet forwarder takes.
	pub(super) powers: Powers,
}
