//! The radios of a field, and the devices behind them.

use groma_core::{
	RegionId,
	place::{Cell, UnitVector},
	radio::Transmission,
	region::{self, DataRate, RegionPlan},
};

use crate::{behaviour::Behaviour, positions::Position};

/// One device of a field, or one transmitter that is none.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
	/// What it does.
	pub behaviour: Behaviour,
	/// Its radio, by its number in the field. Several members may share one.
	pub station: usize,
	/// The number of its owner.
	pub owner: u32,
	/// The location that its owner asserts.
	pub asserted: Cell,
}

/// A radio at its true place.
#[derive(Clone, Debug, PartialEq)]
pub struct Station {
	/// Where it really stands.
	pub(crate) position: Position,
	/// The same as a unit vector.
	pub(crate) vector: UnitVector,
	/// Its radio region.
	pub region: RegionId,
	/// Whether what it is asked to transmit is radiated.
	pub(crate) transmits: bool,
	/// Whether it hears.
	pub(crate) hears: bool,
	/// The number by which propagation knows it.
	pub(crate) site: u32,
}

/// A place where a radio may stand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Site {
	/// The number by which propagation knows it.
	pub(crate) number: u32,
	/// Where it is.
	pub(crate) position: Position,
	/// Its radio region.
	pub(crate) region: RegionId,
}

impl Station {
	/// A radio on a site.
	pub(crate) fn on(site: &Site, behaviour: Behaviour) -> Option<Self> {
		let radio = behaviour.radio();
		Some(Self {
			position: site.position,
			vector: site.position.vector()?,
			region: site.region,
			transmits: radio.transmits,
			hears: radio.hears,
			site: site.number,
		})
	}
}

/// A beacon of a region's plan at a data rate of 125 kHz.
pub(crate) fn typical_transmission(region: RegionId, spreading_factor: u8) -> Transmission {
	let plan = match region {
		region::US915 => RegionPlan::us915(),
		_ => RegionPlan::eu868(),
	};
	Transmission {
		eirp: plan.eirp_centi_dbm.into(),
		frequency_hz: plan.channels.first().copied().unwrap_or_default(),
		data_rate: DataRate { spreading_factor, bandwidth_khz: 125 },
	}
}
