//! At which power a packet forwarder is asked to transmit. It takes those of its table plus the
//! gain of its antenna, and the client has no way to learn which these are but to try.

/// By how much the power is lowered when it is refused, in dB. Tables have entries 1 dB apart.
const STEP_DB: u8 = 1;
/// The lowest power that is asked for, in dBm: below it hardly anyone would hear the beacon.
const FLOOR_DBM: u8 = 0;

/// What a packet forwarder was found to take.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Powers {
	found: Option<Found>,
}

#[derive(Clone, Copy, Debug)]
struct Found {
	allowed_dbm: u8,
	taken_dbm: u8,
}

impl Powers {
	/// The power to ask for first: what worked before under the same limit, or the limit.
	pub(super) fn first(&self, allowed_dbm: u8) -> u8 {
		let found = self.found.filter(|found| found.allowed_dbm == allowed_dbm);
		found.map_or(allowed_dbm, |found| found.taken_dbm)
	}

	/// The power to ask for when one is refused; `None` if there is no other. When what worked
	/// before is refused, all powers are tried again.
	pub(super) fn next(&mut self, allowed_dbm: u8, refused_dbm: u8) -> Option<u8> {
		let found = self.found.take_if(|found| found.allowed_dbm == allowed_dbm);
		match found {
			Some(found) if found.taken_dbm == refused_dbm && refused_dbm < allowed_dbm => {
				Some(allowed_dbm)
			}
			_ => (refused_dbm > FLOOR_DBM).then(|| refused_dbm.saturating_sub(STEP_DB)),
		}
	}

	/// Records that a power was taken.
	pub(super) fn record(&mut self, allowed_dbm: u8, taken_dbm: u8) {
		self.found = Some(Found { allowed_dbm, taken_dbm });
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// The powers that are asked for until one is taken.
	fn asked(powers: &mut Powers, allowed: u8, takes: impl Fn(u8) -> bool) -> Vec<u8> {
		let mut asked = vec![powers.first(allowed)];
		loop {
			let power = asked[asked.len() - 1];
			if takes(power) {
				powers.record(allowed, power);
				return asked;
			}
			match powers.next(allowed, power) {
				Some(power) => asked.push(power),
				None => return asked,
			}
		}
	}

	#[test]
	fn powers_are_asked_for_in_steps_and_what_worked_is_remembered() {
		let mut powers = Powers::default();
		assert_eq!(asked(&mut powers, 16, |power| power == 14), [16, 15, 14]);
		assert_eq!(asked(&mut powers, 16, |power| power == 14), [14]);
		assert_eq!(asked(&mut powers, 20, |power| power == 14), [20, 19, 18, 17, 16, 15, 14]);
	}

	#[test]
	fn all_powers_are_tried_again_when_what_worked_is_refused() {
		let mut powers = Powers::default();
		powers.record(16, 13);
		assert_eq!(asked(&mut powers, 16, |power| power == 15), [13, 16, 15]);
		powers.record(16, 2);
		let nothing = asked(&mut powers, 16, |_| false);
		assert_eq!(nothing, [&[2][..], &(0..=16).rev().collect::<Vec<u8>>()].concat());
	}

	#[test]
	fn nothing_is_asked_for_below_the_floor() {
		assert_eq!(asked(&mut Powers::default(), 0, |_| false), [0]);
		assert_eq!(asked(&mut Powers::default(), 2, |_| false), [2, 1, 0]);
	}
}
