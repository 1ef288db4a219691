//! Two beacons of a device for one challenge.

use anyhow::{Context, anyhow};
use codec::Encode;
use ed25519_dalek::{Signer, SigningKey};
use groma_core::{
	DeviceId, WindowIndex,
	money::GRM,
	payload,
	place::{Cell, LOCATION_RESOLUTION},
	protocol::FIRST_NETWORK,
	region::EU868,
	words::{AccountBytes, Hash, SessionKey, Signature},
};
use groma_runtime::{Challenges, DeviceRegistry, ProofOfCoverage, Runtime, RuntimeCall, Stake};
use groma_simulator::doubler::second_signature;
use pallet_device_registry::LocationClaim;
use pallet_proof_of_coverage::Call as CoverageCall;
use pallet_stake::Purpose;
use rand::{Rng, RngCore};
use rand_chacha::ChaCha8Rng;

use super::mutations::{Evidence, Mutation, another, flip_bit, unreduced};
use crate::stake::chain::{account, done, endow, signed};

/// The secrets of the session keys of the device that is guilty, and of one that is not.
const SECRETS: [[u8; 32]; 2] = [[11; 32], [12; 32]];
/// The kind of accounts of owners.
const OWNERS: u8 = 1;
/// The hash of block 0.
const GENESIS: Hash = [0; 32];

/// What is known of a device that beaconed twice.
pub(super) struct DoubleBeacon {
	window: WindowIndex,
	/// Its seed, and that of the window before.
	seeds: [Hash; 2],
	/// The device, and one that is innocent.
	devices: [DeviceId; 2],
	keys: [SigningKey; 2],
}

/// What a report says.
pub(super) struct Report {
	window: WindowIndex,
	device: DeviceId,
	signatures: [Signature; 2],
}

impl DoubleBeacon {
	/// Finds the challenge of the device in the present window.
	pub(super) fn find() -> anyhow::Result<Self> {
		let window = Challenges::window_info().index;
		let seed = |window| Challenges::seed_of(window).context("the seed is remembered");
		let [guilty, innocent] = devices();
		let devices = [guilty, innocent].map(|device| device.context("it is registered"));
		let [guilty, innocent] = devices;
		Ok(Self {
			window,
			seeds: [seed(window)?, seed(window.saturating_sub(1))?],
			devices: [guilty?, innocent?],
			keys: keys(),
		})
	}

	fn challenge(&self) -> Hash {
		payload::challenge_id(&GENESIS, &self.seeds[0], self.devices[0])
	}

	/// What the guilty device signs.
	fn sign(&self, message: &[u8]) -> Signature {
		Signature(self.keys[0].sign(message).to_bytes())
	}
}

impl Evidence for DoubleBeacon {
	const NAME: &'static str = "double_beacon";
	const UNSIGNED_CALL: Option<u8> = None;
	const MUTATIONS: &'static [Mutation<Self>] = &[
		Mutation {
			name: "same_signature",
			make: |_, report, _| report.signatures[1] = report.signatures[0],
		},
		Mutation {
			name: "same_signature_unreduced",
			make: |_, report, random| {
				report.signatures[1] = Signature(unreduced(report.signatures[0].0, random));
			},
		},
		Mutation {
			name: "another_window",
			make: |_, report, random| report.window = another(report.window, random),
		},
		Mutation { name: "another_device", make: |it, report, _| report.device = it.devices[1] },
		Mutation {
			name: "any_device",
			make: |_, report, random| report.device = another(report.device, random),
		},
		Mutation {
			name: "bit_of_a_signature",
			make: |_, report, random| {
				let which: usize = random.gen_range(0..2);
				flip_bit(&mut report.signatures[which].0, random);
			},
		},
		Mutation {
			name: "halves_of_both",
			make: |_, report, _| {
				let [first, second] = &mut report.signatures;
				second.0[32..].copy_from_slice(&first.0[32..]);
			},
		},
		Mutation {
			name: "any_signature",
			make: |_, report, random| {
				let which: usize = random.gen_range(0..2);
				random.fill_bytes(&mut report.signatures[which].0);
			},
		},
		Mutation {
			name: "signed_by_another",
			make: |it, report, _| {
				report.signatures[1] = second_signature(&it.keys[1], &it.challenge());
			},
		},
		Mutation {
			name: "signed_for_another_window",
			make: |it, report, _| {
				let other = payload::challenge_id(&GENESIS, &it.seeds[1], it.devices[0]);
				report.signatures[1] = it.sign(&payload::beacon(&other));
			},
		},
		Mutation {
			name: "signed_for_another_device",
			make: |it, report, _| {
				let other = payload::challenge_id(&GENESIS, &it.seeds[0], it.devices[1]);
				report.signatures[1] = it.sign(&payload::beacon(&other));
			},
		},
		Mutation {
			name: "signed_on_another_chain",
			make: |it, report, random| {
				let genesis: Hash = random.r#gen();
				let other = payload::challenge_id(&genesis, &it.seeds[0], it.devices[0]);
				report.signatures[1] = it.sign(&payload::beacon(&other));
			},
		},
		Mutation {
			name: "signed_as_something_else",
			make: |it, report, _| report.signatures[1] = it.sign(&it.challenge()),
		},
	];

	type Report = Report;

	/// The beacon that every honest client makes of the challenge, and another one, in either
	/// order.
	fn truth(&self, random: &mut ChaCha8Rng) -> Report {
		let challenge = self.challenge();
		let mut signatures =
			[self.sign(&payload::beacon(&challenge)), second_signature(&self.keys[0], &challenge)];
		if random.gen_ratio(1, 2) {
			signatures.reverse();
		}
		Report { window: self.window, device: self.devices[0], signatures }
	}

	fn call(report: Report) -> Vec<u8> {
		let Report { window, device, signatures: [signature_a, signature_b] } = report;
		let call = CoverageCall::<Runtime>::report_double_beacon {
			window,
			device,
			signature_a,
			signature_b,
		};
		RuntimeCall::from(call).encode()
	}
}

fn keys() -> [SigningKey; 2] {
	SECRETS.map(|secret| SigningKey::from_bytes(&secret))
}

/// The devices, as far as they are registered.
fn devices() -> [Option<DeviceId>; 2] {
	keys().map(|key| DeviceRegistry::device_by_key(SessionKey(key.verifying_key().to_bytes())))
}

/// Registers both devices, each of another owner with stake behind it.
pub(super) fn register() -> anyhow::Result<()> {
	let terms = <groma_runtime::Networks as groma_traits::Networks>::terms(FIRST_NETWORK);
	let stake = terms.context("the preset has a network")?.stake_per_device;
	for (number, key) in (0..).zip(keys()) {
		let owner = account(OWNERS, number);
		endow(&owner, stake.saturating_add(100 * GRM))?;
		let purpose = Purpose::Devices(FIRST_NETWORK);
		done(Stake::provision(signed(&owner), purpose, stake), "stake behind a device")?;
		let nonce = DeviceRegistry::onboarding_nonce(&owner);
		let owner_bytes = AccountBytes(owner.clone().into());
		let message = payload::onboarding(&GENESIS, &owner_bytes, FIRST_NETWORK, nonce);
		let cell = Cell::from_degrees(48.0, 11.0 + f64::from(number), LOCATION_RESOLUTION);
		let cell = cell.context("a place on earth")?;
		DeviceRegistry::register_device(
			signed(&owner),
			FIRST_NETWORK,
			SessionKey(key.verifying_key().to_bytes()),
			Signature(key.sign(&message).to_bytes()),
			Some(LocationClaim { cell, region: EU868, gain_deci_dbi: 0, elevation_m: 0 }),
			None,
		)
		.map_err(|error| anyhow!("a device cannot register: {error:?}"))?;
	}
	Ok(())
}

/// Whether the present window and the one before challenge both devices.
pub(super) fn are_challenged() -> bool {
	let window = Challenges::window_info().index;
	devices().into_iter().flatten().count() == SECRETS.len()
		&& devices().into_iter().flatten().all(|device| {
			[window, window.saturating_sub(1)]
				.iter()
				.all(|window| ProofOfCoverage::challenge_info(device, *window).is_some())
		})
}
