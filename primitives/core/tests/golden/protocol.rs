//! Vectors of what is hashed, signed and drawn.

use std::collections::BTreeMap;

use ed25519_dalek::{Signer, SigningKey};
use groma_core::{
	frame::Beacon,
	payload::{self, Observation},
	protocol::{CREDIT_PARTS, WITNESSES_JUDGED},
	region::RegionPlan,
	selection::{self, Selection},
	words::{AccountBytes, SessionKey, Signature},
};
use serde_json::{Value, json};

use super::bytes::bytes;

const WINDOW_MS: u64 = 300_000;

/// Every byte string that is hashed or signed, with signatures by a fixed key.
pub(crate) fn payloads() -> Value {
	json!({
		"about": "Byte strings that are hashed or signed. Signatures are ed25519 by the secret key given.",
		"cases": (0..6u32).map(payload_case).collect::<Vec<_>>(),
	})
}

fn payload_case(n: u32) -> Value {
	let (genesis, accumulated) = (bytes(100 + n), bytes(200 + n));
	let owner = AccountBytes(bytes(300 + n));
	let secret = bytes(400 + n);
	let key = SigningKey::from_bytes(&secret);
	let session_key = SessionKey(key.verifying_key().to_bytes());
	let (window, device, witness) = (n * 1_000_003, n * 65_537, n * 77 + 1);
	let (network, nonce, maker) = (n as u16, n * 3, n as u16 * 5);
	let seed = payload::seed(window, &accumulated);
	let challenge = payload::challenge_id(&genesis, &seed, device);
	let beacon = Signature(key.sign(&payload::beacon(&challenge)).to_bytes());
	let observation = Observation {
		witness,
		collector: 3 * n,
		rssi_deci_dbm: -300 - 200 * n as i16,
		snr_deci_db: 90 - 50 * n as i16,
		commitment: payload::commitment(&beacon, witness),
	};
	let statement = observation.to_signed_bytes(&challenge);
	let hardware_key = hardware_key(n);
	let hardware_onboarding =
		payload::hardware_onboarding(&genesis, &owner, network, nonce, &session_key);
	let hardware_rotation =
		payload::hardware_rotation(&genesis, device, &owner, nonce, &session_key);
	json!({
		"genesis": hex::encode(genesis),
		"accumulated": hex::encode(accumulated),
		"folded": hex::encode(payload::fold_randomness(&accumulated, &bytes(500 + n))),
		"vrfOutput": hex::encode(bytes(500 + n)),
		"window": window,
		"device": device,
		"seed": hex::encode(seed),
		"challenge": hex::encode(challenge),
		"secretKey": hex::encode(secret),
		"sessionKey": hex::encode(session_key),
		"beaconBytes": hex::encode(payload::beacon(&challenge)),
		"beaconSignature": hex::encode(beacon),
		"beaconFrame": hex::encode(Beacon::new(device, window, beacon).to_bytes()),
		"witness": witness,
		"collector": observation.collector,
		"rssiDeciDbm": observation.rssi_deci_dbm,
		"snrDeciDb": observation.snr_deci_db,
		"commitment": hex::encode(observation.commitment),
		"statementBytes": hex::encode(&statement),
		"statementSignature": hex::encode(key.sign(&statement).to_bytes()),
		"owner": hex::encode(owner),
		"network": network,
		"nonce": nonce,
		"onboardingBytes": hex::encode(payload::onboarding(&genesis, &owner, network, nonce)),
		"rotationBytes": hex::encode(payload::rotation(&genesis, device, &owner, &session_key)),
		"maker": maker,
		"hardwareKey": hex::encode(&hardware_key),
		"attestationBytes": hex::encode(payload::attestation(&genesis, maker, &hardware_key)),
		"hardwareOnboardingBytes": hex::encode(hardware_onboarding),
		"rotations": nonce,
		"hardwareRotationBytes": hex::encode(hardware_rotation),
	})
}

/// The SCALE encoding of a hardware key, by turns of either kind: 0 and an ed25519 key, 1 and a
/// compressed point of P-256.
fn hardware_key(n: u32) -> Vec<u8> {
	let kind: &[u8] = if n.is_multiple_of(2) { &[0] } else { &[1, 2] };
	[kind, &bytes(900 + n)].concat()
}

/// Commitments of witnesses to beacon signatures.
pub(crate) fn commitment() -> Value {
	let case = |n: u32| {
		let signature = SigningKey::from_bytes(&bytes(n)).sign(&bytes(n + 1));
		let signature = Signature(signature.to_bytes());
		let witness = n.wrapping_mul(0x0101_0101);
		json!({
			"beaconSignature": hex::encode(signature),
			"witness": witness,
			"commitment": hex::encode(payload::commitment(&signature, witness)),
		})
	};
	json!({ "cases": (0..12).map(case).collect::<Vec<_>>() })
}

/// Who is challenged, when and how it beacons, and the thresholds that decide.
pub(crate) fn selection() -> Value {
	let plans = [("eu868", RegionPlan::eu868()), ("us915", RegionPlan::us915())];
	let thresholds = [
		(72, 20_000, 1),
		(72, 20_000, 1_440_000),
		(72, 20_000, 1_440_001),
		(72, 20_000, 10_000_000),
		(1, 5, 7),
		(0, 0, 0),
		(4, 0, 1),
		(u32::MAX, u32::MAX, u32::MAX),
	];
	let threshold_case = |(interval, budget, active): &(u32, u32, u32)| {
		let threshold = selection::threshold(*interval, *budget, *active);
		json!({
			"intervalWindows": interval,
			"challengesMax": budget,
			"activeDevices": active,
			"threshold": threshold.to_string(),
			"expectedInterval": selection::expected_interval(threshold),
		})
	};
	json!({
		"windowMs": WINDOW_MS,
		"slots": (0..24u32).map(|n| slot_case(n, &plans[n as usize % 2])).collect::<Vec<_>>(),
		"thresholds": thresholds.iter().map(threshold_case).collect::<Vec<_>>(),
	})
}

fn slot_case(n: u32, (region, plan): &(&str, RegionPlan)) -> Value {
	let (seed, device) = (bytes(600 + n / 4), n * 31);
	let selection = Selection::new(&seed, device);
	let slot = selection.beacon_slot(plan, WINDOW_MS).expect("built-in plans have channels");
	// The intervals at which the device is challenged narrow its draw down to one of five ranges.
	let challenged: Vec<u32> = [1u32, 2, 4, 8, 16]
		.into_iter()
		.filter(|interval| selection.is_challenged(u64::MAX / u64::from(*interval)))
		.collect();
	json!({
		"seed": hex::encode(seed),
		"device": device,
		"region": region,
		"challengedAtIntervals": challenged,
		"frequencyHz": slot.frequency_hz,
		"spreadingFactor": slot.data_rate.spreading_factor,
		"bandwidthKhz": slot.data_rate.bandwidth_khz,
		"offsetMs": slot.offset_ms,
	})
}

/// Draws of witnesses, and whether they let a statement through at several densities.
pub(crate) fn draw() -> Value {
	let case = |n: u32| {
		let (seed, beaconer, witness) = (bytes(700 + n / 6), n / 3, 1_000 + n * 7);
		let draw = selection::draw(&seed, beaconer, witness);
		let drawn_among: Vec<u32> = [16, 17, 32, 100, 1_000]
			.into_iter()
			.filter(|devices| selection::is_drawn(draw, *devices))
			.collect();
		json!({
			"seed": hex::encode(seed),
			"beaconer": beaconer,
			"witness": witness,
			"draw": draw.to_string(),
			"drawnAmong": drawn_among,
		})
	};
	json!({ "cases": (0..24).map(case).collect::<Vec<_>>() })
}

/// Ranks of valid witnesses, of which the lowest are judged.
pub(crate) fn choice() -> Value {
	let case = |n: u32| {
		let (seed, beaconer) = (bytes(800 + n), n * 13);
		let mut ranked: Vec<(u64, u32)> = (0..12)
			.map(|witness| (selection::choice(&seed, beaconer, 50 + witness), 50 + witness))
			.collect();
		let ranks: Vec<String> = ranked.iter().map(|(rank, _)| rank.to_string()).collect();
		ranked.sort_unstable();
		let judged: Vec<u32> =
			ranked.iter().take(WITNESSES_JUDGED).map(|(_, witness)| *witness).collect();
		json!({
			"laterSeed": hex::encode(seed),
			"beaconer": beaconer,
			"witnesses": (50..62).collect::<Vec<u32>>(),
			"ranks": ranks,
			"judged": judged,
		})
	};
	json!({ "cases": (0..8).map(case).collect::<Vec<_>>() })
}

/// What the collectors that counting witnesses name are credited for, in fifths.
pub(crate) fn credit() -> Value {
	let case = |n: u32| {
		let (seed, beaconer) = (bytes(1_000 + n), n * 17);
		let witnesses: Vec<u32> = (70..71 + n).collect();
		let collectors: Vec<u32> = (0..=n).map(|place| (place * n + n) % 4).collect();
		let rank = |witness: &u32| selection::credit(&seed, beaconer, *witness);
		let named = || witnesses.iter().zip(&collectors).filter(|(_, collector)| **collector > 0);
		let mut fifths = BTreeMap::<u32, u32>::new();
		for (_, collector) in named() {
			*fifths.entry(*collector).or_default() += CREDIT_PARTS - 1;
		}
		if let Some((_, collector)) = named().min_by_key(|(witness, _)| rank(witness)) {
			*fifths.entry(*collector).or_default() += witnesses.len() as u32;
		}
		json!({
			"laterSeed": hex::encode(seed),
			"beaconer": beaconer,
			"witnesses": witnesses,
			"collectors": collectors,
			"ranks": witnesses.iter().map(|witness| rank(witness).to_string()).collect::<Vec<_>>(),
			"fifths": fifths.into_iter().collect::<Vec<_>>(),
		})
	};
	json!({ "cases": (0..WITNESSES_JUDGED as u32).map(case).collect::<Vec<_>>() })
}
