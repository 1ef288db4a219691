//! What the client counts of its radio, its beacons and its statements.

use groma_client::metrics;
use groma_lora::gwmp::{Event, Observer};

metrics! {
	/// What the client counts of its radio, its beacons and its statements.
	Metrics:
	gateways_connected: "gauge" = "Gateways whose packet forwarder asked for frames within a minute.",
	datagrams: "counter" = "Datagrams from packet forwarders.",
	datagrams_malformed: "counter" = "Datagrams that are not of the Semtech UDP protocol.",
	datagrams_unknown_gateway: "counter" = "Datagrams of gateways that are not in the settings.",
	receptions: "counter" = "Frames received by radio with a valid CRC.",
	receptions_dropped: "counter" = "Frames dropped because too many waited.",
	beacons_heard: "counter" = "Receptions that have the form of a beacon.",
	beacons_forged: "counter" = "Receptions of beacons whose signature is not the device's.",
	challenges: "counter" = "Challenges of the gateways of this process.",
	beacons_transmitted: "counter" = "Beacons that a packet forwarder acknowledged.",
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
			Event::Malformed => self.datagrams_malformed.increment(),
			Event::UnknownGateway => self.datagrams_unknown_gateway.increment(),
			Event::Reception => self.receptions.increment(),
			Event::ReceptionDropped => self.receptions_dropped.increment(),
		}
	}

	fn on_connected(&self, gateways: usize) {
		self.gateways_connected.set(gateways as u64);
	}
}
