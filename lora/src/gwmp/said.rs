//! What the log says of datagrams: a line when something begins to be wrong, and one when it has
//! not happened for an hour. Nothing is said in between, however often it happens.

use std::{collections::HashMap, time::Duration};

use tokio::time::Instant;

use super::cause::Cause;
use crate::radio::Mac;

/// What has not happened for so long has ended.
const ENDED_AFTER: Duration = Duration::from_secs(3_600);
/// Gateways that are not in the settings are named up to this number.
const STRANGERS_MAX: usize = 16;

/// What is wrong, and with the datagrams of which gateway; `None` if they are of none that is
/// served.
pub(super) type Topic = (Option<Mac>, Cause);

/// What was said and has not ended.
#[derive(Debug, Default)]
pub(super) struct Said {
	/// When each happened last.
	last: HashMap<Topic, Instant>,
	/// Of these, gateways that are not in the settings.
	strangers: usize,
}

impl Said {
	/// Records that something happens; whether it begins, and there is a line to be written.
	pub(super) fn begins(&mut self, topic: Topic, now: Instant) -> bool {
		if let Some(last) = self.last.get_mut(&topic) {
			*last = now;
			return false;
		}
		let is_stranger = is_stranger(&topic);
		if is_stranger && self.strangers == STRANGERS_MAX {
			return false;
		}
		self.strangers += usize::from(is_stranger);
		self.last.insert(topic, now);
		true
	}

	/// What has ended, which is forgotten.
	pub(super) fn ended(&mut self, now: Instant) -> Vec<Topic> {
		let has_ended = |last: &Instant| now.saturating_duration_since(*last) >= ENDED_AFTER;
		let ended = self.last.extract_if(|_, last| has_ended(last));
		let ended: Vec<Topic> = ended.map(|(topic, _)| topic).collect();
		self.strangers -= ended.iter().filter(|topic| is_stranger(topic)).count();
		ended
	}
}

fn is_stranger((_, cause): &Topic) -> bool {
	*cause == Cause::UnknownGateway
}

#[cfg(test)]
mod tests {
	use super::*;

	const TOPIC: Topic = (Some(Mac([1; 8])), Cause::BrokenFrame);

	#[test]
	fn a_line_is_written_when_it_begins_and_one_when_it_has_ended() {
		let mut said = Said::default();
		let start = Instant::now();
		let after = |seconds| start + Duration::from_secs(seconds);
		let lines = (0..10_000).filter(|second| said.begins(TOPIC, after(*second))).count();
		assert_eq!(lines, 1);
		assert!(said.begins((None, Cause::BrokenFrame), after(10_000)));
		assert_eq!(said.ended(after(13_598)), []);
		assert_eq!(said.ended(after(13_599)), [TOPIC]);
		assert_eq!(said.ended(after(13_599)), []);
		assert!(said.begins(TOPIC, after(13_600)));
	}

	#[test]
	fn strangers_are_named_in_bounded_number() {
		let mut said = Said::default();
		let now = Instant::now();
		let mut named = |now: Instant, low: u64| {
			let ids = (low..low + 1_000).map(|id| Some(Mac(id.to_be_bytes())));
			let named = ids.filter(|id| said.begins((*id, Cause::UnknownGateway), now)).count();
			(named, said.ended(now + ENDED_AFTER).len())
		};
		assert_eq!(named(now, 0), (STRANGERS_MAX, STRANGERS_MAX));
		assert_eq!(named(now + ENDED_AFTER, 1_000), (STRANGERS_MAX, STRANGERS_MAX));
	}
}
