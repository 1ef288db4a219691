//! What reads the cases. Whatever reads what strangers send belongs into this table.

use anyhow::Context;
use groma_core::{
	frame::{BEACON_LENGTH, Beacon},
	words::Signature,
};
use groma_lora::gwmp;
use pallet_price_feed::read_price;
use serde::{Deserialize, de::IgnoredAny};

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
	Target { name: "prices", corpus: answers, read: read_answer, memory: Memory::Length },
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

/// Where the price stands in the answers of [`answers`].
const PATHS: [&[&str]; 4] =
	[&["price"], &["data", "amount"], &["result", "GRMUSD", "c", "0"], &["1", "2"]];

/// Answers of sources of a price: good ones of several shapes, and bad ones.
fn answers() -> anyhow::Result<Vec<Vec<u8>>> {
	let answers = [
		r#"{"price":0.1}"#,
		r#"{"symbol":"GRMUSD","price":"0.10230000"}"#,
		r#"{"data":{"base":"GRM","currency":"USD","amount":"1.5e-3"}}"#,
		r#"{"error":[],"result":{"GRMUSD":{"a":["0.11","1","1.0"],"c":["0.1000","3.2"]}}}"#,
		"[ [1, 0.1, 0.2],\t[2, 0.1, 0.25, null, true, false] ]\n",
		r#"{"a":"\u00e9\"\\","price":123456.123456789}"#,
		r#"{"price":-1}"#,
		r#"{"price":1e400}"#,
		r#"{"price":NaN}"#,
		"<!DOCTYPE html><html><body>rate limit</body></html>",
	];
	Ok(answers.map(|answer| answer.as_bytes().to_vec()).to_vec())
}

fn read_answer(input: &[u8]) -> Outcome {
	let reads = |input: &[u8]| PATHS.iter().any(|path| read_price(input, path).is_ok());
	if !reads(input) {
		return Outcome::Refused;
	}
	// Whatever has a price is JSON for others too, and has none when its end is cut off.
	assert!(serde_json::from_slice::<IgnoredAny>(input).is_ok(), "it is no JSON");
	let (_, cut) = input.trim_ascii_end().split_last().expect("it is not empty");
	assert!(!reads(cut), "an answer that was cut off has a price");
	Outcome::Read
}
