//! What the members of a field state about the beacons of a window, honestly and otherwise: signed
//! bytes as they go on chain. Without sockets, so that a benchmark can run a runtime on thousands
//! of beacons.

use ed25519_dalek::{Signer, SigningKey};
use groma_core::{
	CollectorIndex, DeviceId, WindowIndex,
	payload::{self, Observation},
	radio::{Reception, Transmission},
	words::{Hash, Signature},
};
use rand::RngCore;

use crate::{
	behaviour::Behaviour,
	field::Field,
	propagation::{Draw, random},
};

/// How much stronger than anything possible a booster reports its beacons: above free space from
/// 300 m on.
const BOOSTED: Reception = Reception { rssi_deci_dbm: -200, snr_deci_db: 100 };
/// What a device that never heard the beacon reports.
const GUESSED: Reception = Reception { rssi_deci_dbm: -1_050, snr_deci_db: -20 };
/// How many copies with a bad signature a flooder adds to each of its statements.
const FLOOD_COPIES: u8 = 4;

/// A beacon of a window.
#[derive(Clone, Debug)]
pub struct Beaconing {
	/// Which member beacons.
	pub member: usize,
	/// Its name on chain.
	pub device: DeviceId,
	/// The window of the challenge.
	pub window: WindowIndex,
	/// The challenge id.
	pub challenge: Hash,
	/// The beacon signature.
	pub signature: Signature,
	/// How the challenge prescribes to transmit it.
	pub transmission: Transmission,
}

/// When a statement is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
	/// While statements of the window are taken.
	InTime,
	/// When the beacon signature is on chain.
	AfterReveal,
}

/// A signed statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
	/// What is stated, and by whom.
	pub observation: Observation,
	/// The signature, which need not be good.
	pub signature: Signature,
	/// When it is made.
	pub moment: Moment,
}

/// A statement of a member about one of the beacons.
#[derive(Clone, Debug)]
pub struct Testimony {
	/// The member that states.
	pub witness: usize,
	/// Which of the beacons it is about.
	pub beacon: usize,
	/// What it states.
	pub statement: Statement,
}

/// What a cheat without radio knows of a beacon.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lead {
	/// The collector that the cheat names.
	pub(crate) collector: CollectorIndex,
	/// The challenge id, which everyone can compute.
	pub(crate) challenge: Hash,
	/// The beacon signature, once it is public or among friends.
	pub(crate) signature: Option<Signature>,
	/// An earlier beacon of the same beaconer, from its reveal.
	pub(crate) earlier: Option<Earlier>,
	/// What another witness stated on chain about this beacon.
	pub(crate) seen: Option<Observation>,
	/// A reception that the rules would believe.
	pub(crate) plausible: Reception,
}

/// A beacon of an earlier window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Earlier {
	/// The challenge id.
	pub(crate) challenge: Hash,
	/// The beacon signature.
	pub(crate) signature: Signature,
}

/// What a session key states about a reception.
pub(crate) fn state(
	key: &SigningKey,
	(witness, collector): (DeviceId, CollectorIndex),
	challenge: &Hash,
	reception: Reception,
	commitment: [u8; 8],
	moment: Moment,
) -> Statement {
	let observation = Observation {
		witness,
		collector,
		rssi_deci_dbm: reception.rssi_deci_dbm,
		snr_deci_db: reception.snr_deci_db,
		commitment,
	};
	let signature = Signature(key.sign(&observation.to_signed_bytes(challenge)).to_bytes());
	Statement { observation, signature, moment }
}

/// What a cheat states about a beacon without having heard it, given what it knows. Nothing if it
/// knows too little, or if the behaviour is not one that forges.
pub(crate) fn forge(
	behaviour: Behaviour,
	key: &SigningKey,
	witness: DeviceId,
	lead: &Lead,
) -> Vec<Statement> {
	let names = (witness, lead.collector);
	let signed = |reception, commitment, moment| {
		state(key, names, &lead.challenge, reception, commitment, moment)
	};
	let opening = |signature: Signature| payload::commitment(&signature, witness);
	let made_up = || {
		let subject = u64::from_le_bytes(lead.challenge.first_chunk().copied().unwrap_or_default());
		random(subject, Draw::Cheat, [witness.into(), 0]).next_u64().to_le_bytes()
	};
	let one = |statement: Option<Statement>| statement.into_iter().collect();
	match behaviour {
		Behaviour::Replayer => lead.earlier.map_or_else(Vec::new, |earlier| {
			let commitment = opening(earlier.signature);
			let fresh = signed(lead.plausible, commitment, Moment::InTime);
			// Word for word what it might have stated then: signed for another challenge.
			let repeated =
				state(key, names, &earlier.challenge, lead.plausible, commitment, Moment::InTime);
			vec![fresh, repeated]
		}),
		Behaviour::Guesser => vec![signed(GUESSED, made_up(), Moment::InTime)],
		Behaviour::Copyist => one(lead.seen.map(|seen| {
			let reception =
				Reception { rssi_deci_dbm: seen.rssi_deci_dbm, snr_deci_db: seen.snr_deci_db };
			signed(reception, seen.commitment, Moment::InTime)
		})),
		Behaviour::Latecomer => one(lead
			.signature
			.map(|signature| signed(lead.plausible, opening(signature), Moment::AfterReveal))),
		Behaviour::Fleet | Behaviour::Sister => one(lead
			.signature
			.map(|signature| signed(lead.plausible, opening(signature), Moment::InTime))),
		Behaviour::Flooder => flood(signed(GUESSED, made_up(), Moment::InTime)),
		_ => Vec::new(),
	}
}

/// A statement, and copies of it with bad signatures that differ.
fn flood(statement: Statement) -> Vec<Statement> {
	let copies = (1..=FLOOD_COPIES).map(|copy| {
		let mut forged = statement.clone();
		forged.observation.commitment[0] ^= copy;
		forged
	});
	std::iter::once(statement.clone()).chain(copies).collect()
}

/// What a member with radio reports of a frame that its radio received.
pub(crate) fn reported(behaviour: Behaviour, received: Reception) -> Reception {
	match behaviour {
		Behaviour::Booster => BOOSTED,
		_ => received,
	}
}

impl Field {
	/// Everything that is stated about the beacons of one window by everyone in the field. `names`
	/// are the members' names on chain, `earlier` beacons of windows before, which are public by
	/// now.
	pub fn testimony(
		&self,
		names: &[Option<DeviceId>],
		beacons: &[Beaconing],
		earlier: &[Beaconing],
	) -> Vec<Testimony> {
		let mut testimony = Vec::new();
		for (index, beacon) in beacons.iter().enumerate() {
			let mut about = self.heard_by_radio(names, beacon);
			let seen = about.first().map(|(_, statement)| statement.observation);
			about.extend(self.forged_by_software(names, beacon, earlier, seen));
			testimony.extend(about.into_iter().map(|(witness, statement)| Testimony {
				witness,
				beacon: index,
				statement,
			}));
		}
		testimony
	}

	fn heard_by_radio(
		&self,
		names: &[Option<DeviceId>],
		beacon: &Beaconing,
	) -> Vec<(usize, Statement)> {
		let Some(station) = self.members().get(beacon.member).map(|member| member.station) else {
			return Vec::new();
		};
		let receptions = self.hear(station, &beacon.transmission, beacon.window.into());
		self.stated_by_hearers(names, &beacon.challenge, &beacon.signature, &receptions)
	}

	/// What everyone states whose radio received a frame with `signature` in answer to `challenge`.
	pub(crate) fn stated_by_hearers(
		&self,
		names: &[Option<DeviceId>],
		challenge: &Hash,
		signature: &Signature,
		receptions: &[(usize, Reception)],
	) -> Vec<(usize, Statement)> {
		receptions
			.iter()
			.flat_map(|(station, reception)| {
				self.members_at(*station)
					.map(move |(member, about)| (member, reported(about.behaviour, *reception)))
			})
			.filter_map(|(member, reception)| {
				let name = names.get(member).copied().flatten()?;
				let commitment = payload::commitment(signature, name);
				let key = self.session_key(member);
				let moment = Moment::InTime;
				let names = (name, self.collector_of(member));
				let statement = state(&key, names, challenge, reception, commitment, moment);
				Some((member, statement))
			})
			.collect()
	}

	fn forged_by_software(
		&self,
		names: &[Option<DeviceId>],
		beacon: &Beaconing,
		earlier: &[Beaconing],
		seen: Option<Observation>,
	) -> Vec<(usize, Statement)> {
		let before = earlier
			.iter()
			.rev()
			.find(|earlier| earlier.device == beacon.device && earlier.window < beacon.window);
		let forgers = self
			.members()
			.iter()
			.enumerate()
			.filter(|(index, member)| member.behaviour.forges() && *index != beacon.member);
		forgers
			.filter_map(|(member, about)| {
				Some((member, about, names.get(member).copied().flatten()?))
			})
			.filter_map(|(member, about, name)| {
				let lead = Lead {
					collector: self.collector_of(member),
					challenge: beacon.challenge,
					signature: self
						.shares_with(about.behaviour, beacon.member)
						.then_some(beacon.signature),
					earlier: before.map(|before| Earlier {
						challenge: before.challenge,
						signature: before.signature,
					}),
					seen,
					plausible: self.made_up_reception(
						member,
						beacon.member,
						&beacon.transmission,
					)?,
				};
				let key = self.session_key(member);
				Some(
					forge(about.behaviour, &key, name, &lead).into_iter().map(move |s| (member, s)),
				)
			})
			.flatten()
			.collect()
	}

	/// Whether a cheat gets the beacon signature of a member: a latecomer when it is public, a
	/// fleet from its own.
	fn shares_with(&self, behaviour: Behaviour, beaconer: usize) -> bool {
		let beaconer = self.members().get(beaconer).map(|member| member.behaviour);
		match behaviour {
			Behaviour::Latecomer => true,
			Behaviour::Fleet => beaconer == Some(Behaviour::Fleet),
			_ => false,
		}
	}

	/// A reception that the rules believe, given the asserted locations; `None` if there is no such
	/// member.
	pub(crate) fn made_up_reception(
		&self,
		witness: usize,
		beaconer: usize,
		transmission: &Transmission,
	) -> Option<Reception> {
		let place = |member: usize| self.members().get(member)?.asserted.unit_vector();
		let separation = place(witness)?.separation(place(beaconer)?);
		let subjects = [beaconer as u32, witness as u32];
		Some(self.propagation().plausible(separation, transmission, subjects))
	}
}

#[cfg(test)]
mod tests {
	use ed25519_dalek::Signature as Ed25519;

	use super::*;
	use crate::{field::FieldSpec, station::typical_transmission};

	fn beacon(field: &Field, member: usize, window: WindowIndex) -> Beaconing {
		let challenge = [window as u8; 32];
		Beaconing {
			member,
			device: member as DeviceId,
			window,
			challenge,
			signature: field.beacon_signature(member, &challenge),
			transmission: typical_transmission(0, 9),
		}
	}

	/// A field with every cheat, and what is stated about the beacons of all honest devices and of
	/// the fleet.
	fn scene() -> (Field, Vec<Beaconing>, Vec<Testimony>) {
		let cheats = Behaviour::cheats(18);
		let spec = FieldSpec { devices: 20, cheats, seed: 11, ..FieldSpec::default() };
		let field = Field::new(&spec).expect("a field");
		let names: Vec<_> = (0..field.members().len() as u32).map(Some).collect();
		let earlier: Vec<_> = (0..20).map(|member| beacon(&field, member, 7)).collect();
		let beacons: Vec<_> =
			(0..field.members().len()).map(|member| beacon(&field, member, 9)).collect();
		let testimony = field.testimony(&names, &beacons, &earlier);
		(field, beacons, testimony)
	}

	fn opens(statement: &Statement, beacon: &Beaconing) -> bool {
		statement.observation.commitment
			== payload::commitment(&beacon.signature, statement.observation.witness)
	}

	#[test]
	fn every_behaviour_states_what_it_is_made_to() {
		let (field, beacons, testimony) = scene();
		for entry in &testimony {
			let behaviour = field.members()[entry.witness].behaviour;
			let beacon = &beacons[entry.beacon];
			let is_open = opens(&entry.statement, beacon);
			match behaviour {
				Behaviour::Replayer
				| Behaviour::Guesser
				| Behaviour::Copyist
				| Behaviour::Flooder => {
					assert!(!is_open, "{behaviour}");
				}
				Behaviour::Latecomer => {
					assert!(is_open);
					assert_eq!(entry.statement.moment, Moment::AfterReveal);
				}
				Behaviour::Booster => assert_eq!(entry.statement.observation.rssi_deci_dbm, -200),
				_ => assert!(is_open, "{behaviour}"),
			}
		}
	}

	#[test]
	fn everyone_who_can_state_does() {
		let (field, _, testimony) = scene();
		for behaviour in Behaviour::ALL {
			let states = testimony
				.iter()
				.any(|entry| field.members()[entry.witness].behaviour == *behaviour);
			let is_silent = matches!(behaviour, Behaviour::Impostor | Behaviour::Squatter);
			assert_eq!(states, !is_silent, "{behaviour}");
		}
	}

	#[test]
	fn honest_devices_and_cheats_name_the_collectors_of_the_field() {
		let (field, beacons, unnamed) = scene();
		assert!(unnamed.iter().all(|entry| entry.statement.observation.collector == 0));
		let field = field.naming(4, 5);
		let names: Vec<_> = (0..field.members().len() as u32).map(Some).collect();
		for entry in field.testimony(&names, &beacons, &[]) {
			let is_honest = field.members()[entry.witness].behaviour == Behaviour::Honest;
			let named = entry.statement.observation.collector;
			assert_eq!(named, if is_honest { 4 } else { 5 });
		}
	}

	#[test]
	fn only_flooders_and_replayers_sign_badly() {
		let (field, beacons, testimony) = scene();
		for entry in &testimony {
			let key = field.session_key(entry.witness).verifying_key();
			let bytes =
				entry.statement.observation.to_signed_bytes(&beacons[entry.beacon].challenge);
			let is_good = key
				.verify_strict(&bytes, &Ed25519::from_bytes(&entry.statement.signature.0))
				.is_ok();
			let behaviour = field.members()[entry.witness].behaviour;
			assert!(is_good || matches!(behaviour, Behaviour::Flooder | Behaviour::Replayer));
		}
	}

	#[test]
	fn a_fleet_speaks_about_no_one_but_itself() {
		let (field, beacons, testimony) = scene();
		for entry in testimony {
			let speaks_of = field.members()[beacons[entry.beacon].member].behaviour;
			if field.members()[entry.witness].behaviour == Behaviour::Fleet {
				assert_eq!(speaks_of, Behaviour::Fleet);
			} else if speaks_of == Behaviour::Fleet {
				assert!(field.members()[entry.witness].behaviour.forges());
			}
		}
	}
}
