//! How the devices of a field behave. One strategy per variant; benchmarks choose them by name.

use std::{fmt, str::FromStr};

macro_rules! behaviours {
	($($(#[doc = $doc:literal])+ $variant:ident $name:literal $verdict:ident,)+) => {
		/// What a device of the field does.
		#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
		pub enum Behaviour {
			$($(#[doc = $doc])+ $variant,)+
		}

		impl Behaviour {
			/// Every behaviour, the honest one first.
			pub const ALL: &'static [Self] = &[$(Self::$variant),+];

			/// The name by which it is chosen.
			pub fn name(self) -> &'static str {
				match self { $(Self::$variant => $name,)+ }
			}

			/// What it does, for people.
			pub(crate) fn description(self) -> &'static str {
				match self { $(Self::$variant => concat!($($doc),+).trim_ascii(),)+ }
			}

			/// What the protocol promises about it.
			pub fn verdict(self) -> Verdict {
				match self { $(Self::$variant => Verdict::$verdict,)+ }
			}
		}
	};
}

/// What the protocol promises about a behaviour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
	/// It earns.
	Earns,
	/// It earns nothing.
	EarnsNothing,
	/// No rule excludes it: what it earns is bounded by stake and density, and measured.
	NotExcluded,
	/// It takes nothing from anyone else.
	HarmsNoOne,
}

behaviours! {
	/// Beacons when challenged and states what it hears.
	Honest "honest" Earns,
	/// States about a new beacon with the commitment to an earlier one, and repeats old statements.
	Replayer "replayer" EarnsNothing,
	/// States about beacons that it never heard, with a commitment made up.
	Guesser "guesser" EarnsNothing,
	/// Copies the statements of others from the chain and signs them.
	Copyist "copyist" EarnsNothing,
	/// Waits for the reveal and then states with a commitment that opens.
	Latecomer "latecomer" EarnsNothing,
	/// One of two devices of one owner that hear no one but each other.
	Sister "sister" EarnsNothing,
	/// Only listens, and reports every beacon stronger than free space allows.
	Booster "booster" EarnsNothing,
	/// Asserts a location more than 120 km from everything that it hears.
	Stranger "stranger" EarnsNothing,
	/// Asserts a location wrong by 1 to 100 km.
	Misplaced "misplaced" NotExcluded,
	/// Devices without any radio, each of another owner, that share their signatures.
	Fleet "fleet" NotExcluded,
	/// Identities of several owners that share one radio.
	Voices "voices" NotExcluded,
	/// Not a device: a transmitter of false beacons in the names of others.
	Impostor "impostor" HarmsNoOne,
	/// Floods collectors with statements about beacons that it never heard.
	Flooder "flooder" HarmsNoOne,
	/// A dead device that asserts the location of an honest one.
	Squatter "squatter" HarmsNoOne,
}

/// What a behaviour does with radio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RadioUse {
	/// Whether it transmits what its client asks for.
	pub(crate) transmits: bool,
	/// Whether it hears.
	pub(crate) hears: bool,
}

impl Behaviour {
	/// How many devices it takes to try it.
	pub fn group_size(self) -> usize {
		match self {
			Self::Sister => 2,
			Self::Fleet | Self::Voices => 3,
			_ => 1,
		}
	}

	/// What it does with radio.
	pub(crate) fn radio(self) -> RadioUse {
		let (transmits, hears) = match self {
			Self::Honest | Self::Sister | Self::Stranger | Self::Misplaced | Self::Voices => {
				(true, true)
			}
			Self::Booster => (false, true),
			Self::Impostor => (true, false),
			_ => (false, false),
		};
		RadioUse { transmits, hears }
	}

	/// Whether it is registered as a device on chain.
	pub fn is_device(self) -> bool {
		self != Self::Impostor
	}

	/// Whether anyone gets to know its beacons: by radio, or among friends.
	pub fn beacons(self) -> bool {
		self.is_device() && (self.radio().transmits || self == Self::Fleet)
	}

	/// Whether it makes statements without the client: by software that knows the chain but hears
	/// nothing.
	pub(crate) fn forges(self) -> bool {
		matches!(
			self,
			Self::Replayer
				| Self::Guesser
				| Self::Copyist
				| Self::Latecomer
				| Self::Fleet
				| Self::Flooder
		)
	}

	/// `count` cheats: every behaviour but the honest one in turn, in whole groups as long as they
	/// fit.
	pub(crate) fn cheats(count: usize) -> Vec<Self> {
		let groups = Self::ALL[1..].iter().cycle();
		groups.flat_map(|cheat| vec![*cheat; cheat.group_size()]).take(count).collect()
	}
}

impl fmt::Display for Behaviour {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.pad(self.name())
	}
}

/// No behaviour has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no behaviour is called `{name}`; choose one of: {}", names())]
pub struct UnknownBehaviour {
	/// The name.
	pub name: String,
}

fn names() -> String {
	Behaviour::ALL.iter().map(|behaviour| behaviour.name()).collect::<Vec<_>>().join(", ")
}

impl FromStr for Behaviour {
	type Err = UnknownBehaviour;

	fn from_str(name: &str) -> Result<Self, Self::Err> {
		Self::ALL
			.iter()
			.copied()
			.find(|behaviour| behaviour.name() == name)
			.ok_or_else(|| UnknownBehaviour { name: name.to_owned() })
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn names_are_unique_and_read_back() {
		for behaviour in Behaviour::ALL {
			assert_eq!(behaviour.name().parse(), Ok(*behaviour));
			assert!(!behaviour.description().is_empty());
		}
		assert!("saint".parse::<Behaviour>().is_err());
	}

	#[test]
	fn cheats_come_in_turn_and_in_the_number_asked_for() {
		assert!(Behaviour::cheats(0).is_empty());
		let all = Behaviour::cheats(18);
		assert!(Behaviour::ALL[1..].iter().all(|cheat| all.contains(cheat)));
		assert_eq!(Behaviour::cheats(40).len(), 40);
	}

	#[test]
	fn software_that_forges_has_no_radio() {
		for behaviour in Behaviour::ALL.iter().filter(|behaviour| behaviour.forges()) {
			assert_eq!(behaviour.radio(), RadioUse { transmits: false, hears: false });
		}
	}
}
