//! The air: what joins the packet forwarders of a field. A frame that one station radiates reaches
//! every station that can demodulate it.

use std::sync::{
	Arc, Mutex, PoisonError,
	atomic::{AtomicU64, Ordering},
};

use groma_core::{
	radio::{CentiDb, Reception, Transmission},
	region::{self, DataRate, RegionPlan},
};
use tokio::sync::mpsc;

use crate::field::Field;

/// Frames that wait for a forwarder before further ones are lost, as in a concentrator's buffer.
const BUFFERED_FRAMES: usize = 64;

/// A frame as it is radiated.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Frame {
	/// Its bytes.
	pub(crate) payload: Vec<u8>,
	/// Channel centre in Hz.
	pub(crate) frequency_hz: u32,
	/// Modulation.
	pub(crate) data_rate: DataRate,
	/// Radiated power in hundredths of a dBm.
	pub(crate) eirp: CentiDb,
	/// Whether the polarity is inverted, as that of downlinks: then no gateway hears it.
	pub(crate) is_inverted: bool,
	/// Whether it carries a CRC.
	pub(crate) has_crc: bool,
}

/// A frame as a station receives it.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
	/// The frame.
	pub(crate) frame: Arc<Frame>,
	/// Strength and signal-to-noise ratio.
	pub(crate) reception: Reception,
}

/// What has happened on the air so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AirCount {
	/// Frames radiated.
	pub radiated: u64,
	/// Receptions of them.
	pub(crate) heard: u64,
}

/// The air of a field.
pub struct Air {
	field: Arc<Field>,
	/// For each station, the forwarders behind it.
	listeners: Mutex<Vec<Vec<mpsc::Sender<Heard>>>>,
	radiated: AtomicU64,
	heard: AtomicU64,
}

impl Air {
	/// The air over a field.
	pub fn new(field: Arc<Field>) -> Arc<Self> {
		let listeners = Mutex::new(vec![Vec::new(); field.stations().len()]);
		Arc::new(Self { field, listeners, radiated: 0.into(), heard: 0.into() })
	}

	/// The field below.
	pub(crate) fn field(&self) -> &Arc<Field> {
		&self.field
	}

	/// What `station` will receive from now on.
	pub(crate) fn tune_in(&self, station: usize) -> mpsc::Receiver<Heard> {
		let (sender, receiver) = mpsc::channel(BUFFERED_FRAMES);
		let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
		if let Some(listeners) = listeners.get_mut(station) {
			listeners.push(sender);
		}
		receiver
	}

	/// Delivers a frame that `station` has finished radiating.
	pub(crate) fn deliver(&self, station: usize, frame: Frame) {
		if !self.field.stations().get(station).is_some_and(|station| station.transmits) {
			return;
		}
		self.radiated.fetch_add(1, Ordering::Relaxed);
		if frame.is_inverted || !self.is_uplink(station, &frame) {
			return;
		}
		let transmission = Transmission {
			eirp: frame.eirp,
			frequency_hz: frame.frequency_hz,
			data_rate: frame.data_rate,
		};
		let receptions = self.field.hear(station, &transmission, fading_number(&frame.payload));
		let frame = Arc::new(frame);
		let listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
		for (station, reception) in receptions {
			self.heard.fetch_add(1, Ordering::Relaxed);
			for listener in listeners.get(station).into_iter().flatten() {
				// A full buffer loses the frame, and a forwarder that is gone hears nothing.
				let _ = listener.try_send(Heard { frame: frame.clone(), reception });
			}
		}
	}

	/// What has happened so far.
	pub fn count(&self) -> AirCount {
		AirCount {
			radiated: self.radiated.load(Ordering::Relaxed),
			heard: self.heard.load(Ordering::Relaxed),
		}
	}

	/// Whether gateways of the station's region listen on the frame's channel.
	fn is_uplink(&self, station: usize, frame: &Frame) -> bool {
		let region = self.field.stations().get(station).map(|station| station.region);
		let plan = match region {
			Some(region::US915) => RegionPlan::us915(),
			_ => RegionPlan::eu868(),
		};
		frame.data_rate.is_lora()
			&& frame.data_rate.bandwidth_khz == 125
			&& plan.channels.contains(&frame.frequency_hz)
	}
}

/// What distinguishes frames for fading: the last bytes of the frame, which are those of a
/// signature.
fn fading_number(payload: &[u8]) -> u64 {
	payload.last_chunk().map_or(0, |bytes: &[u8; 8]| u64::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{behaviour::Behaviour, field::FieldSpec};

	fn frame() -> Frame {
		Frame {
			payload: vec![0xE0; 72],
			frequency_hz: 868_100_000,
			data_rate: DataRate { spreading_factor: 9, bandwidth_khz: 125 },
			eirp: 1_600,
			is_inverted: false,
			has_crc: true,
		}
	}

	fn air() -> Arc<Air> {
		let cheats = vec![Behaviour::Booster];
		let spec = FieldSpec { devices: 16, cheats, seed: 5, ..FieldSpec::default() };
		Air::new(Arc::new(Field::new(&spec).expect("a field")))
	}

	#[test]
	fn everyone_in_range_receives_what_one_radiates() {
		let air = air();
		let mut ears: Vec<_> =
			(0..air.field().stations().len()).map(|station| air.tune_in(station)).collect();
		air.deliver(0, frame());
		let heard = ears.iter_mut().filter_map(|ear| ear.try_recv().ok()).count() as u64;
		assert!(heard >= 2, "{heard}");
		assert_eq!(air.count(), AirCount { radiated: 1, heard });
		assert!(ears[0].try_recv().is_err());
	}

	#[test]
	fn no_one_hears_a_frame_when_it_is_a_downlink_or_off_channel() {
		let air = air();
		air.deliver(0, Frame { is_inverted: true, ..frame() });
		air.deliver(0, Frame { frequency_hz: 869_525_000, ..frame() });
		assert_eq!(air.count(), AirCount { radiated: 2, heard: 0 });
	}

	#[test]
	fn listener_that_only_hears_radiates_nothing() {
		let air = air();
		air.deliver(16, frame());
		assert_eq!(air.count(), AirCount::default());
	}
}
