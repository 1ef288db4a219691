//! Which cheats are tried, and how many at a time.

use groma_simulator::{
	behaviour::Behaviour,
	field::{Field, FieldError, FieldSpec},
};

use super::collectors::Collector;

/// How far misplaced devices are wrong, in km. Those that are right are what the others compare
/// with.
const MISPLACED_BY_KM: [u32; 6] = [0, 1, 3, 10, 30, 100];
/// Sizes of a fleet.
const FLEETS: [usize; 6] = [2, 4, 8, 16, 32, 50];
/// Identities that speak through one radio.
const VOICES: [usize; 5] = [1, 2, 4, 8, 16];
/// Floods in addition to the ordinary one: so many that they fill the places of a challenge, and
/// more.
const FLOODS: [usize; 2] = [32, 64];
/// Honest devices around which there are more flooders than places.
const FLOODED: usize = 16;
/// Numbers of devices that never beacon.
const CROWDS: [usize; 3] = [100, 2_200, 10_000];

/// Who else brings what the collector of honest devices brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Copies {
	/// No one.
	None,
	/// One who copies its bundles, and comes before it.
	Before,
	/// One who copies all but one statement of each window, and comes before it.
	AllButOne,
	/// One who has all that it has, and comes after it.
	After,
}

/// Cheats of one behaviour among the honest devices of a field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Trial {
	/// What its figures are called.
	pub(crate) name: String,
	/// What the cheats do.
	pub(crate) behaviour: Behaviour,
	/// How many they are.
	pub(crate) count: usize,
	/// How far they are from the locations that they assert, in metres, if they are misplaced.
	pub(crate) misplaced_by_m: Option<u32>,
	/// Whether honest devices believe every beacon that they hear.
	pub(crate) is_everyone_gullible: bool,
	/// How many honest devices there are, if not as many as in the others.
	pub(crate) honest: Option<usize>,
	/// How many devices there are that never beacon, and state about everything.
	pub(crate) dormant: usize,
	/// Who else brings what honest devices make.
	pub(crate) copies: Copies,
}

impl Trial {
	/// Cheats that are called after what they do.
	fn new(behaviour: Behaviour, count: usize) -> Self {
		Self {
			name: behaviour.name().to_owned(),
			behaviour,
			count,
			misplaced_by_m: None,
			is_everyone_gullible: false,
			honest: None,
			dormant: 0,
			copies: Copies::None,
		}
	}

	/// A point of a curve over the number of cheats.
	fn of_many(behaviour: Behaviour, count: usize) -> Self {
		Self { name: format!("{behaviour}_of_{count}"), ..Self::new(behaviour, count) }
	}

	/// The honest devices alone: what every trial is held against.
	pub(crate) fn without_cheats() -> Self {
		Self::new(Behaviour::Honest, 0)
	}

	/// The honest devices of this trial alone.
	pub(crate) fn alone(&self) -> Self {
		Self { honest: self.honest, ..Self::without_cheats() }
	}

	/// The field of the trial. Its honest devices are those of every trial of the same seed.
	pub(crate) fn field(&self, devices: usize, seed: u64) -> Result<Field, FieldError> {
		let field = Field::new(&FieldSpec {
			devices: self.honest.unwrap_or(devices),
			cheats: vec![self.behaviour; self.count],
			seed,
			misplaced_by_m: self.misplaced_by_m,
			..FieldSpec::default()
		})?;
		Ok(field.naming(Collector::Honest.index(), Collector::Cheating.index()))
	}
}

/// Trials without cheats of the simulator: devices that never beacon, and who brings the same as
/// others.
pub(crate) fn crowds_and_copies() -> Vec<Trial> {
	let named = |name: String| Trial { name, ..Trial::without_cheats() };
	let crowds = CROWDS
		.iter()
		.map(|count| Trial { dormant: *count, ..named(format!("dormant_of_{count}")) });
	let copied = Trial { copies: Copies::Before, ..named("copied_bundles".to_owned()) };
	let in_part = Trial { copies: Copies::AllButOne, ..named("partial_copies".to_owned()) };
	let duplicates = Trial { copies: Copies::After, ..named("duplicates".to_owned()) };
	crowds.chain([copied, in_part, duplicates]).collect()
}

/// Every cheat, among `devices` honest devices.
pub(crate) fn all(devices: usize) -> Vec<Trial> {
	Behaviour::ALL.iter().flat_map(|behaviour| trials_of(*behaviour, devices)).collect()
}

fn trials_of(behaviour: Behaviour, devices: usize) -> Vec<Trial> {
	let few = (devices / 10).max(behaviour.group_size());
	let curve = |counts: &[usize]| -> Vec<Trial> {
		counts.iter().map(|count| Trial::of_many(behaviour, *count)).collect()
	};
	let ordinary = Trial::new(behaviour, few);
	match behaviour {
		Behaviour::Honest => Vec::new(),
		Behaviour::Misplaced => MISPLACED_BY_KM
			.iter()
			.map(|km| Trial {
				name: format!("{behaviour}_{km}_km"),
				misplaced_by_m: Some(km * 1_000),
				..ordinary.clone()
			})
			.collect(),
		Behaviour::Fleet => curve(&FLEETS),
		Behaviour::Voices => curve(&VOICES),
		Behaviour::Impostor => {
			let unchecked = Trial {
				name: format!("{behaviour}_if_unchecked"),
				is_everyone_gullible: true,
				..ordinary.clone()
			};
			vec![ordinary, unchecked]
		}
		Behaviour::Flooder => {
			let [_, most] = FLOODS;
			let flooded = Trial {
				name: format!("{behaviour}_of_{most}_among_{FLOODED}"),
				honest: Some(FLOODED),
				..Trial::of_many(behaviour, most)
			};
			[vec![ordinary], curve(&FLOODS), vec![flooded]].concat()
		}
		Behaviour::Squatter => vec![Trial::new(behaviour, (devices / 4).max(1))],
		_ => vec![ordinary],
	}
}

#[cfg(test)]
mod tests {
	use std::collections::BTreeSet;

	use super::*;

	#[test]
	fn every_behaviour_but_the_honest_one_is_tried_under_a_name_of_its_own() {
		let trials = all(80);
		let names: BTreeSet<_> = trials.iter().map(|trial| &trial.name).collect();
		assert_eq!(names.len(), trials.len());
		for behaviour in Behaviour::ALL {
			let is_tried = trials.iter().any(|trial| trial.behaviour == *behaviour);
			assert_eq!(is_tried, *behaviour != Behaviour::Honest, "{behaviour}");
		}
	}

	#[test]
	fn fields_hold_the_cheats_of_their_trial_and_the_same_honest_devices() {
		let alone = Trial::without_cheats().field(12, 3).expect("a field");
		for trial in all(12).into_iter().filter(|trial| trial.count <= 4) {
			let field = trial.field(12, 3).expect("a field");
			assert_eq!(field.members()[..12], *alone.members(), "{}", trial.name);
			assert_eq!(field.members().len(), 12 + trial.count);
			assert!(field.members()[12..].iter().all(|it| it.behaviour == trial.behaviour));
		}
	}
}
