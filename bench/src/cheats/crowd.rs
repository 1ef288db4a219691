//! Devices that never beacon, and so are never heard: what they state costs them nothing but their
//! registration, so they state about every beacon within reach, as much as is free and as much as
//! takes places from others.

use anyhow::{Context, anyhow};
use codec::Encode;
use ed25519_dalek::{Signer, SigningKey};
use groma_core::{
	DeviceId,
	payload::{self, Observation},
	place::{Cell, UnitVector, VECTOR_FRACTION_BITS},
	protocol::{INTERVAL_WINDOWS, RECORDS_MAX},
	radio, selection,
	statement::{SignedObservation, Statement, StatementGroup},
	words::{AccountBytes, Hash, SessionKey, Signature},
};
use groma_runtime::{AccountId, Challenges, DeviceRegistry, Runtime};
use groma_simulator::{field::Field, testimony::Beaconing};
use pallet_challenges::{EvidenceLane, Track};
use pallet_device_registry::{Call as RegistryCall, LocationClaim};
use pallet_proof_of_coverage::{Call as CoverageCall, Config as CoverageConfig, WeightInfo};

use super::{
	books::Books,
	chain::Chain,
	collectors::Collector,
	owners::{self, NETWORK},
};

/// Degrees between two of the crowd around one honest device: some two kilometres.
const STEP_DEGREES: f64 = 0.02;
/// How many stand in a row.
const ROW: usize = 12;
/// Windows of production, in blocks.
const PRODUCTION_WINDOW_BLOCKS: u64 = 50;

/// A device that never beacons.
struct Dormant {
	device: DeviceId,
	key: SigningKey,
	place: UnitVector,
}

/// All of them, around the honest devices of a field.
pub(crate) struct Crowd(Vec<Dormant>);

impl Crowd {
	/// Registers so many devices, each of another owner, spread around the honest ones.
	pub(crate) fn register(chain: &mut Chain, field: &Field, count: usize) -> anyhow::Result<Self> {
		let honest = field.members().len().max(1);
		let one = |number: usize| {
			let about = field.members().get(number % honest).context("the field has devices")?;
			let region = field.station_of(number % honest).context("it has a radio")?.region;
			let cell = neighbour(about.asserted, number / honest).context("it stands somewhere")?;
			register_one(chain, number, cell, region)
				.with_context(|| format!("dormant device {number} cannot register"))
		};
		(0..count).map(one).collect::<anyhow::Result<_>>().map(Self)
	}

	/// States about beacons before anyone else does: by own calls as much as the chain takes, and
	/// with the best draws by a bundle, which pays for the places that it takes from others.
	pub(crate) fn rush(
		&self,
		chain: &mut Chain,
		beacons: &[Beaconing],
		books: &mut Books,
	) -> anyhow::Result<()> {
		let places = RECORDS_MAX as usize;
		for beacon in beacons {
			let ranked = self.within_reach(chain, beacon);
			let (best, others) = ranked.split_at(places.min(ranked.len() / 2));
			for dormant in others.iter().rev().take(places) {
				self.bring(chain, beacon, dormant, books);
			}
			let statements: Vec<_> = best.iter().map(|dormant| dormant.state(beacon)).collect();
			if !statements.is_empty() {
				let statements = statements.try_into().map_err(|_| anyhow!("they fit a group"))?;
				let (window, beaconer) = (beacon.window, beacon.device);
				let group = StatementGroup { window, beaconer, statements };
				Collector::Cheating.submit(chain, vec![group], books)?;
			}
		}
		Ok(())
	}

	/// States about beacons after everyone else did, by own calls.
	pub(crate) fn insist(&self, chain: &mut Chain, beacons: &[Beaconing], books: &mut Books) {
		for beacon in beacons {
			for dormant in self.within_reach(chain, beacon).iter().take(RECORDS_MAX as usize) {
				self.bring(chain, beacon, dormant, books);
			}
		}
	}

	fn bring(&self, chain: &mut Chain, beacon: &Beaconing, dormant: &Dormant, books: &mut Books) {
		let SignedObservation { observation, signature } = dormant.state(beacon);
		let (window, beaconer) = (beacon.window, beacon.device);
		let statement = Statement { window, beaconer, observation, signature };
		if chain.bring_own(CoverageCall::<Runtime>::submit_own_statement { statement }) {
			books.taken += 1;
			books.note_free(window, beaconer, 1);
		}
	}

	/// Those who may be witnesses of a beacon, the lowest draw first.
	fn within_reach(&self, chain: &mut Chain, beacon: &Beaconing) -> Vec<&Dormant> {
		let (seed, place) = chain.with(|| {
			let location = DeviceRegistry::device_info(beacon.device).and_then(|it| it.location);
			let place = location.and_then(|location| location.cell.unit_vector());
			(Challenges::seed_of(beacon.window).unwrap_or_default(), place)
		});
		let Some(place) = place else { return Vec::new() };
		let mut reaching: Vec<_> = self
			.0
			.iter()
			.filter(|it| radio::judge_distance(it.place.separation(place)).is_ok())
			.collect();
		reaching.sort_by_cached_key(|it| selection::draw(&seed, beacon.device, it.device));
		reaching
	}
}

impl Dormant {
	/// What it states of a beacon that it did not hear.
	fn state(&self, beacon: &Beaconing) -> SignedObservation {
		let observation = Observation {
			witness: self.device,
			collector: Collector::Cheating.index(),
			rssi_deci_dbm: -1_050,
			snr_deci_db: -20,
			commitment: self.device.to_le_bytes().repeat(2).try_into().unwrap_or_default(),
		};
		let message = observation.to_signed_bytes(&beacon.challenge);
		let signature = Signature(self.key.sign(&message).to_bytes());
		SignedObservation { observation, signature }
	}
}

/// What of the evidence lane of production so many devices take, in percent, if each is challenged
/// as often as the terms suggest, and as many statements about each challenge are free and brought
/// by own calls, which weigh most.
pub(crate) fn lane_percent(chain: &mut Chain, devices: usize, free_per_challenge: u64) -> f64 {
	type Weights = <Runtime as CoverageConfig>::WeightInfo;
	let (one, lane) = chain.with(|| {
		let weight = Weights::submit_own_statement()
			.saturating_add(Weights::authorize_submit_own_statement())
			.saturating_add(Weights::rank_records().saturating_mul(2));
		(weight.ref_time(), EvidenceLane::<Runtime>::limit(Track::Evidence).ref_time)
	});
	let challenges = devices as f64 / f64::from(INTERVAL_WINDOWS);
	let taken = challenges * free_per_challenge as f64 * one as f64;
	100.0 * taken / (lane * PRODUCTION_WINDOW_BLOCKS) as f64
}

/// A cell near another: the `n`-th of rows around it.
fn neighbour(cell: Cell, n: usize) -> Option<Cell> {
	let UnitVector { x, y, z } = cell.unit_vector()?;
	let one = f64::from(1 << VECTOR_FRACTION_BITS);
	let latitude = (f64::from(z) / one).clamp(-1.0, 1.0).asin().to_degrees();
	let longitude = f64::from(y).atan2(f64::from(x)).to_degrees();
	let (row, column) = (n / ROW + 1, n % ROW + 1);
	Cell::from_degrees(
		latitude + STEP_DEGREES * row as f64,
		longitude + STEP_DEGREES * column as f64,
		12,
	)
}

fn register_one(
	chain: &mut Chain,
	number: usize,
	cell: Cell,
	region: u8,
) -> anyhow::Result<Dormant> {
	let secret: Hash = sp_crypto_hashing::blake2_256(&("dormant", number as u64).encode());
	let key = SigningKey::from_bytes(&secret);
	let owner: AccountId =
		sp_crypto_hashing::blake2_256(&("owner of a dormant", number as u64).encode()).into();
	chain.endow(&owner, owners::FUNDS)?;
	chain.back(&owner)?;
	let account = AccountBytes(owner.clone().into());
	let message = payload::onboarding(&chain.genesis_hash(), &account, NETWORK, 0);
	let session_key = SessionKey(key.verifying_key().to_bytes());
	let registration = RegistryCall::<Runtime>::register_device {
		network: NETWORK,
		session_key,
		proof: Signature(key.sign(&message).to_bytes()),
		location: Some(LocationClaim { cell, region, gain_deci_dbi: 0, elevation_m: 0 }),
		attestation: None,
	};
	chain.call(&owner, registration).map_err(|error| anyhow!("{error:?}"))?;
	let device = chain
		.with(|| DeviceRegistry::device_by_key(session_key))
		.context("a registered device has a name")?;
	let place = cell.unit_vector().context("a cell has a centre")?;
	Ok(Dormant { device, key, place })
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn neighbours_of_a_cell_are_within_reach_and_differ() {
		let cell = Cell::from_degrees(48.2, 11.5, 12).expect("a cell");
		let cells: Vec<_> = (0..130).map(|n| neighbour(cell, n).expect("a cell")).collect();
		let place = cell.unit_vector().expect("it has a centre");
		for (n, other) in cells.iter().enumerate() {
			let separation = other.unit_vector().expect("it has a centre").separation(place);
			assert_eq!(radio::judge_distance(separation), Ok(()), "{n}");
			assert!(!cells[..n].contains(other));
		}
	}
}
