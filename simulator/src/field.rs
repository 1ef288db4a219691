//! A field: who stands where, who owns what, and who hears whom.

use ed25519_dalek::{Signer, SigningKey};
use groma_core::{
	CollectorIndex, payload,
	radio::{DISTANCE_MAX_M, Reception, Transmission},
	words::{Hash, Signature},
};
use rand::RngCore;

use crate::{
	behaviour::Behaviour,
	placement,
	propagation::{Draw, Model, Propagation, random},
	station::typical_transmission,
};

pub use crate::{
	placement::{FieldError, FieldSpec},
	station::{Member, Station},
};

/// The index that names no collector.
pub(crate) const NO_COLLECTOR: CollectorIndex = 0;

/// A field of devices.
#[derive(Clone, Debug)]
pub struct Field {
	seed: u64,
	propagation: Propagation,
	members: Vec<Member>,
	stations: Vec<Station>,
	/// For each station, the others that may ever hear it, with fading in their favour.
	reach: Vec<Vec<usize>>,
	/// For each station, the members that it serves.
	served: Vec<Vec<usize>>,
	/// Which collectors honest devices and cheats name in what they state.
	collectors: [CollectorIndex; 2],
}

impl Field {
	/// Lays a field out: every honest device hears, and is heard by, others at 300 m to 20 km.
	pub fn new(spec: &FieldSpec) -> Result<Self, FieldError> {
		let propagation = Propagation::new(spec.seed, Model::MEASURED);
		let (members, stations) = placement::lay_out(spec, &propagation)?;
		let reach = reach(&stations, &propagation);
		let mut served = vec![Vec::new(); stations.len()];
		for (index, member) in members.iter().enumerate() {
			if let Some(served) = served.get_mut(member.station) {
				served.push(index);
			}
		}
		let collectors = [NO_COLLECTOR; 2];
		Ok(Self { seed: spec.seed, propagation, members, stations, reach, served, collectors })
	}

	/// The same field, whose devices name collectors in what they state: honest ones the first,
	/// cheats the second.
	pub fn naming(self, honest: CollectorIndex, cheats: CollectorIndex) -> Self {
		Self { collectors: [honest, cheats], ..self }
	}

	/// The collector that a member names.
	pub(crate) fn collector_of(&self, member: usize) -> CollectorIndex {
		let behaviour = self.members.get(member).map(|about| about.behaviour);
		let [honest, cheats] = self.collectors;
		if behaviour == Some(Behaviour::Honest) { honest } else { cheats }
	}

	/// Everyone in it, honest devices first.
	pub fn members(&self) -> &[Member] {
		&self.members
	}

	/// Its radios.
	pub(crate) fn stations(&self) -> &[Station] {
		&self.stations
	}

	/// How radio propagates in it.
	pub(crate) fn propagation(&self) -> &Propagation {
		&self.propagation
	}

	/// The radio of a member; `None` if there is no such member.
	pub fn station_of(&self, member: usize) -> Option<&Station> {
		self.stations.get(self.members.get(member)?.station)
	}

	/// The members that a radio serves.
	pub(crate) fn members_at(&self, station: usize) -> impl Iterator<Item = (usize, &Member)> {
		let served = self.served.get(station).map(Vec::as_slice).unwrap_or_default();
		served.iter().filter_map(|index| Some((*index, self.members.get(*index)?)))
	}

	/// The session key of a member, drawn from the field's seed. For simulations only: anyone
	/// who knows the seed knows the key.
	pub fn session_key(&self, member: usize) -> SigningKey {
		let mut secret = [0; 32];
		random(self.seed, Draw::Key, [member as u64, 0]).fill_bytes(&mut secret);
		SigningKey::from_bytes(&secret)
	}

	/// The beacon signature by which a member answers a challenge.
	pub fn beacon_signature(&self, member: usize, challenge: &Hash) -> Signature {
		Signature(self.session_key(member).sign(&payload::beacon(challenge)).to_bytes())
	}

	/// Who hears a frame that `station` sends, and how. `frame` distinguishes the frames
	/// of a station: it draws their fading.
	pub(crate) fn hear(
		&self,
		station: usize,
		transmission: &Transmission,
		frame: u64,
	) -> Vec<(usize, Reception)> {
		let (Some(sender), Some(reach)) = (self.stations.get(station), self.reach.get(station))
		else {
			return Vec::new();
		};
		if !sender.transmits {
			return Vec::new();
		}
		let listeners = reach.iter().filter_map(|index| Some((*index, self.stations.get(*index)?)));
		listeners
			.filter(|(_, listener)| listener.hears)
			.filter_map(|(index, listener)| {
				let separation = sender.vector.separation(listener.vector);
				let sites = (sender.site, listener.site);
				Some((index, self.propagation.receive(sites, separation, transmission, frame)?))
			})
			.collect()
	}
}

fn reach(stations: &[Station], propagation: &Propagation) -> Vec<Vec<usize>> {
	let mut reach = vec![Vec::new(); stations.len()];
	for (a, first) in stations.iter().enumerate() {
		let transmission = typical_transmission(first.region, 12);
		for (b, second) in stations.iter().enumerate().skip(a + 1) {
			let separation = first.vector.separation(second.vector);
			if first.region == second.region
				&& separation.metres() <= 2 * DISTANCE_MAX_M
				&& propagation.may_reach((first.site, second.site), separation, &transmission)
			{
				reach[a].push(b);
				reach[b].push(a);
			}
		}
	}
	reach
}

#[cfg(test)]
mod tests {
	use std::collections::BTreeSet;

	use super::*;

	fn field(devices: usize, cheats: Vec<Behaviour>, seed: u64) -> Field {
		Field::new(&FieldSpec { devices, cheats, seed, ..FieldSpec::default() }).expect("a field")
	}

	/// Distances in metres from a member's true place to every other honest device.
	fn distances(field: &Field, member: usize) -> Vec<u64> {
		let own = field.station_of(member).expect("a member").vector;
		(0..field.members().len())
			.filter(|other| {
				*other != member && field.members()[*other].behaviour == Behaviour::Honest
			})
			.map(|other| field.station_of(other).expect("a member").vector.separation(own).metres())
			.collect()
	}

	#[test]
	fn field_is_the_same_when_the_seed_is() {
		let cheats = Behaviour::cheats(16);
		let (first, second) = (field(24, cheats.clone(), 3), field(24, cheats.clone(), 3));
		assert_eq!(first.members(), second.members());
		assert_eq!(first.stations(), second.stations());
		assert_ne!(first.stations(), field(24, cheats, 4).stations());
	}

	#[test]
	fn honest_devices_hear_neighbours_within_valid_distances() {
		for seed in 0..12 {
			let field = field(24, Vec::new(), seed);
			let mut hearers = vec![0; field.stations().len()];
			for station in 0..field.stations().len() {
				assert!(distances(&field, station).into_iter().all(|metres| metres >= 500));
				for (hearer, _) in field.hear(station, &typical_transmission(0, 9), 1) {
					hearers[hearer] += 1;
				}
			}
			assert!(hearers.iter().all(|count| *count >= 1), "seed {seed}: {hearers:?}");
		}
	}

	#[test]
	fn honest_owners_and_keys_are_all_different() {
		let field = field(24, Vec::new(), 1);
		let owners: BTreeSet<_> = field.members().iter().map(|member| member.owner).collect();
		let keys: BTreeSet<_> =
			(0..24).map(|member| field.session_key(member).verifying_key().to_bytes()).collect();
		assert_eq!((owners.len(), keys.len()), (24, 24));
	}

	#[test]
	fn cheats_stand_where_they_serve_their_purpose() {
		let field = field(24, Behaviour::cheats(18), 2);
		for (index, member) in field.members().iter().enumerate() {
			let asserted = member.asserted.unit_vector().expect("a cell");
			let true_place = field.station_of(index).expect("a member").vector;
			let error = asserted.separation(true_place).metres();
			match member.behaviour {
				Behaviour::Stranger => assert!(error > DISTANCE_MAX_M),
				Behaviour::Misplaced => assert!((990..101_000).contains(&error), "{error}"),
				Behaviour::Voices => assert!((380..4_020).contains(&error), "{error}"),
				Behaviour::Sister | Behaviour::Fleet => {
					assert!(distances(&field, index).into_iter().all(|m| m > DISTANCE_MAX_M));
				}
				Behaviour::Squatter => assert!(
					field.members().iter().any(|other| other.behaviour == Behaviour::Honest
						&& other.asserted == member.asserted)
				),
				_ => assert!(error < 20, "{error}"),
			}
		}
	}

	#[test]
	fn honest_devices_are_the_same_no_matter_who_cheats_next_to_them() {
		let honest = field(24, Vec::new(), 6);
		for cheats in [Behaviour::cheats(18), vec![Behaviour::Fleet; 8]] {
			let cheated = field(24, cheats, 6);
			assert_eq!(cheated.members()[..24], *honest.members());
			assert_eq!(cheated.stations()[..24], *honest.stations());
		}
	}

	#[test]
	fn misplaced_devices_are_as_wrong_as_they_are_to_be_and_stand_where_they_stood() {
		let misplaced_by = |metres| {
			let cheats = vec![Behaviour::Misplaced; 4];
			let misplaced_by_m = Some(metres);
			let spec = FieldSpec { devices: 24, cheats, misplaced_by_m, ..FieldSpec::default() };
			Field::new(&spec).expect("a field")
		};
		let right = misplaced_by(0);
		for metres in [0, 1_000, 30_000] {
			let wrong = misplaced_by(metres);
			assert_eq!(wrong.stations(), right.stations());
			for member in 24..28 {
				let asserted = wrong.members()[member].asserted.unit_vector().expect("a cell");
				let true_place = wrong.station_of(member).expect("a member").vector;
				let error = asserted.separation(true_place).metres();
				assert!(error.abs_diff(u64::from(metres)) < 20, "{error} of {metres}");
			}
		}
	}

	#[test]
	fn sisters_share_an_owner_and_voices_share_a_radio() {
		let field = field(
			12,
			vec![Behaviour::Sister, Behaviour::Sister, Behaviour::Voices, Behaviour::Voices],
			9,
		);
		let of = |behaviour| {
			field.members().iter().filter(move |m| m.behaviour == behaviour).collect::<Vec<_>>()
		};
		let (sisters, voices) = (of(Behaviour::Sister), of(Behaviour::Voices));
		assert_eq!(sisters[0].owner, sisters[1].owner);
		assert_ne!(sisters[0].station, sisters[1].station);
		assert_eq!(voices[0].station, voices[1].station);
		assert_ne!(voices[0].owner, voices[1].owner);
		let heard = field.hear(sisters[0].station, &typical_transmission(0, 9), 0);
		assert!(heard.iter().all(|(station, _)| *station == sisters[1].station));
	}

	#[test]
	fn field_is_refused_when_positions_run_out() {
		let spec = FieldSpec { devices: 2_000, ..FieldSpec::default() };
		assert!(matches!(
			Field::new(&spec),
			Err(FieldError::TooFewPositions { wanted: 2_000, .. })
		));
	}

	#[test]
	fn thousands_of_devices_find_a_place_in_real_towns() {
		let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../bench/data/gateways.csv");
		let text = std::fs::read_to_string(path).expect("bench/data holds the towns");
		let towns = crate::positions::towns(&text);
		let spec = FieldSpec { devices: 3_000, seed: 1, towns, ..FieldSpec::default() };
		let field = Field::new(&spec).expect("room");
		let regions: BTreeSet<_> = field.stations().iter().map(|station| station.region).collect();
		assert_eq!(regions.len(), 2);
		let hearers = field.hear(0, &typical_transmission(field.stations()[0].region, 9), 0);
		assert!(
			hearers.iter().all(|(hearer, _)| {
				field.stations()[*hearer].region == field.stations()[0].region
			})
		);
	}

	#[test]
	fn towns_make_room_for_large_fields() {
		let centres =
			[("FR", 48.1, -1.7), ("ES", 39.5, -0.4), ("PL", 50.1, 19.9), ("US", 44.9, -93.3)];
		let text =
			centres.iter().fold("country,lat,lon\n".to_owned(), |text, (country, lat, lon)| {
				format!("{text}{country},{lat},{lon}\n")
			});
		let towns = crate::positions::towns(&text);
		let spec = FieldSpec { devices: 40, seed: 1, towns, ..FieldSpec::default() };
		assert_eq!(Field::new(&spec).expect("room").members().len(), 40);
	}
}
