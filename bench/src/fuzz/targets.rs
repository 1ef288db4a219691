//! What reads the cases. Whatever reads what strangers send belongs into this table.

use anyhow::Context;
use groma_core::{
	frame::{BEACON_LENGTH, Beacon},
	words::Signature,
};
use groma_lora::gwmp;
use serde::Deserialize;

use super::{outcome::Outcome, state};

/// Something that reads what strangers send.
pub(super) struct Target {
	/// Its name on the command line and in figures.
	pub(super) name: &'static str,
	/// Inputs that are known, to be mutated.
	pub(super) corpus: fn() -> anyhow::Result<Vec<Vec<u8>>>,
	/// Reads an input, and panics if what it read cannot be.
	pub(super) read: fn(&[u8]) -> Outcome,
	/// What bounds the memory that it takes.
	pub(super) memory: Memory,
}

/// What bounds the memory that reading takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Memory {
	/// The length of the input. Nothing of it is kept.
	Length,
	/// A number of bytes. What is read from a state may be kept for the next time.
	State,
}

/// All targets.
pub(super) const TARGETS: &[Target] = &[
	Target { name: "gwmp", corpus: datagrams, read: read_datagram, memory: Memory::Length },
	Target { name: "beacon", corpus: beacons, read: read_beacon, memory: Memory::Length },
	Target {
		name: "calls",
		corpus: state::call_cases,
		read: state::read_call,
		memory: Memory::State,
	},
	Target {
		name: "transactions",
		corpus: state::transaction_cases,
		read: state::read_transaction,
		memory: Memory::State,
	},
	Target {
		name: "questions",
		corpus: state::question_cases,
		read: state::read_question,
		memory: Memory::State,
	},
];

/// The datagrams of the cases that the tests of `lora` replay.
const CASES: &str = include_str!("../../../lora/tests/data/gwmp-cases.jsonl");
/// The gateway of these cases.
const GATEWAY: [u8; 8] = [0xAA, 0x55, 0x5A, 0, 0, 0, 1, 1];
/// The most bytes of a frame.
const FRAME_LENGTH_MAX: usize = 255;

#[derive(Deserialize)]
struct Case {
	direction: String,
	json: Option<String>,
	hex: Option<String>,
}

fn datagrams() -> anyhow::Result<Vec<Vec<u8>>> {
	CASES.lines().map(|line| serde_json::from_str::<Case>(line)?.datagram()).collect()
}

impl Case {
	fn datagram(&self) -> anyhow::Result<Vec<u8>> {
		let Some(hex) = &self.hex else {
			let identifier = match self.direction.as_str() {
				"push" => 0,
				"pull" => 2,
				_ => 5,
			};
			let json = self.json.as_deref().unwrap_or_default();
			return Ok([&[2, 0, 0, identifier][..], &GATEWAY, json.as_bytes()].concat());
		};
		let pairs = hex.as_bytes().chunks(2);
		pairs
			.map(|pair| Ok(u8::from_str_radix(std::str::from_utf8(pair)?, 16)?))
			.collect::<anyhow::Result<_>>()
			.context("a datagram in hexadecimal")
	}
}

fn read_datagram(input: &[u8]) -> Outcome {
	let contents = gwmp::read(input);
	for reception in &contents.receptions {
		let length = reception.payload.len();
		assert!((1..=FRAME_LENGTH_MAX).contains(&length), "a frame of {length} bytes");
	}
	let parts = contents.receptions.len() + contents.skipped.len() + contents.causes.len();
	assert!(parts <= input.len().max(1), "{parts} parts of {} bytes", input.len());
	if contents.causes.is_empty() { Outcome::Read } else { Outcome::Refused }
}

fn beacons() -> anyhow::Result<Vec<Vec<u8>>> {
	let beacons = [(0, 0), (1, 77), (u32::MAX, u32::MAX)].map(|(device, window)| {
		Beacon::new(device, window, Signature([device as u8; 64])).to_bytes().to_vec()
	});
	Ok(beacons.to_vec())
}

fn read_beacon(input: &[u8]) -> Outcome {
	let Some(beacon) = Beacon::from_bytes(input) else { return Outcome::Refused };
	assert_eq!(input.len(), BEACON_LENGTH);
	assert_eq!(beacon.to_bytes(), input);
	for now in [0, 1, beacon.window_low, u32::MAX] {
		let window = beacon.window(now);
		assert_eq!(Beacon::new(beacon.device, window, beacon.signature), beacon);
	}
	Outcome::Read
}
