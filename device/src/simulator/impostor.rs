//! A transmitter of false beacons in the names of others: whoever hears one has to find out, and to forget
//! it, before it costs anybody anything.

use std::{sync::Arc, time::Duration};

use groma_core::{DeviceId, WindowIndex, frame::Beacon, radio::Transmission};
use rand::{Rng, RngCore, seq::SliceRandom};
use tokio::sync::watch;

use super::{
	air::{Air, Frame},
	field::typical_transmission,
	propagation::{Draw, random},
};
use crate::shutdown::Shutdown;

/// The time between two false beacons.
const EVERY: Duration = Duration::from_secs(3);

/// Transmits from `station`, in the names of `victims`, for the window that `window` shows, until it is to
/// stop.
pub async fn run(
	air: Arc<Air>,
	station: usize,
	victims: Vec<DeviceId>,
	window: watch::Receiver<WindowIndex>,
	mut shutdown: Shutdown,
) {
	let mut rng = random(station as u64, Draw::Cheat, [0, 0]);
	let region = air.field().stations().get(station).map(|station| station.region);
	let Some(region) = region else { return };
	loop {
		tokio::select! {
			() = shutdown.requested() => return,
			() = tokio::time::sleep(EVERY) => {},
		}
		let Some(victim) = victims.choose(&mut rng) else { return };
		let mut signature = [0; 64];
		rng.fill_bytes(&mut signature);
		let payload = Beacon::new(*victim, *window.borrow(), signature).to_bytes().to_vec();
		let Transmission { eirp, frequency_hz, data_rate } =
			typical_transmission(region, rng.gen_range(7..10));
		let frame =
			Frame { payload, frequency_hz, data_rate, eirp, is_inverted: false, has_crc: true };
		air.deliver(station, frame);
	}
}
