//! The made-up kind, joined to what every kind of proof asks for.

use super::coverage::EveryDeviceIsCovered;
use crate::{Challenges, Collector, DeviceRegistry, Networks, Rewards, Runtime, kind};

impl kind::Config for Runtime {
	type Windows = Challenges;
	type Networks = Networks;
	type Devices = DeviceRegistry;
	type Provisions = EveryDeviceIsCovered;
	type Rewards = Rewards;
	type Collectors = Collector;
}
