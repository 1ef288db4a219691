//! What the client counts of its radio, its beacons and its statements.

use groma_client::{metrics, metrics::Labels};
use groma_lora::gwmp::{Cause, Event, Observer, Skipped};

/// What is wrong with a datagram.
#[derive(Debug)]
pub struct Causes;

impl Labels for Causes {
	const NAME: &'static str = "cause";

	fn values() -> Vec<&'static str> {
		Cause::ALL.into_iter().map(Cause::label).collect()
	}
}

/// Why a frame is no reception.
#[derive(Debug)]
pub struct SkippedReasons;

impl Labels for SkippedReasons {
	const NAME: &'static str = "reason";

	fn values() -> Vec<&'static str> {
		Skipped::ALL.into_iter().map(Skipped::label).collect()
	}
}

metrics! {
	/// What the client counts of its radio, its beacons and its statements.
	Metrics:
	gateways_connected: "gauge" = "Gateways whose packet forwarder asked for frames within a minute.",
	datagrams: "counter" = "Datagrams from packet forwarders.",
	datagram_faults<Causes>: "counter" = "What is wrong with datagrams; docs/forwarders.md says what to do.",
	receptions: "counter" = "LoRa frames received by radio with a valid CRC, but empty ones.",
	frames_skipped<SkippedReasons>: "counter" = "Frames that are no receptions although they can be read.",
	receptions_dropped: "counter" = "Frames dropped because too many waited.",
	beacons_heard: "counter" = "Receptions that have the form of a beacon.",
	beacons_forged: "counter" = "Receptions of beacons whose signature is not the device's.",
	challenges: "counter" = "Challenges of the gateways of this process.",
	beacons_transmitted: "counter" = "Beacons that a packet forwarder acknowledged.",
	beacons_unacknowledged: "counter" = "Beacons of which a packet forwarder acknowledged no copy.",
	beacons_failed: "counter" = "Challenges for which no beacon could be transmitted.",
	transmit_retries: "counter" = "Transmissions that were tried again.",
	duty_cycle_waits: "counter" = "Transmissions put off to keep the duty cycle.",
	statements: "counter" = "Statements made.",
	evidence_found: "counter" = "Devices caught signing two beacons for one challenge.",
	evidence_open: "gauge" = "Devices caught that are not banned yet.",
	evidence_reported: "counter" = "Devices reported by this process.",
	evidence_void: "counter" = "Evidence that the chain does not take, or no longer.",
	audits_skipped: "counter" = "Windows whose reveals could not be compared with what was heard.",
}

impl Observer for Metrics {
	fn on_event(&self, event: Event) {
		match event {
			Event::Datagram => self.datagrams.increment(),
			Event::Reception => self.receptions.increment(),
			Event::ReceptionDropped => self.receptions_dropped.increment(),
			Event::Skipped(reason) => self.frames_skipped.increment(reason as usize),
			Event::Fault(cause) => self.datagram_faults.increment(cause as usize),
		}
	}

	fn on_connected(&self, gateways: usize) {
		self.gateways_connected.set(gateways as u64);
	}
}
