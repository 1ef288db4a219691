//! The made-up kind, joined to what every kind of proof asks for.

use crate::{Challenges, Collector, DeviceRegistry, Networks, Rewards, Runtime, Stake, kind};

impl kind::Config for Runtime {
	type Windows = Challenges;
	type Networks = Networks;
	type Devices = DeviceRegistry;
	type Provisions = Stake;
	type Rewards = Rewards;
	type Collectors = Collector;
}
