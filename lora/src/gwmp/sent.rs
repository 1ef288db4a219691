//! Frames that were handed to packet forwarders, and the answers to them.

use std::{collections::HashMap, net::SocketAddr, time::Duration};

use tokio::{sync::oneshot, time::Instant};

use super::{
	addresses,
	answers::{self, Verdict},
};
use crate::radio::{Mac, RadioError, Transmission};

/// How long an answer may be late and still count for a later copy of its frame.
const LATE_MAX: Duration = Duration::from_secs(60);

/// Where the one who asked for a transmission learns what became of it.
type Reply = oneshot::Sender<Result<(), RadioError>>;

/// Frames that were handed to packet forwarders, by the token of their datagram. There are as many
/// as the client transmits in a minute.
#[derive(Default)]
pub(super) struct SentFrames(HashMap<u16, Sent>);

/// A frame that was handed to a packet forwarder.
struct Sent {
	gateway: Mac,
	transmission: Transmission,
	to: SocketAddr,
	deadline: Instant,
	/// None when it was answered, or given up.
	reply: Option<Reply>,
}

impl SentFrames {
	/// A token that no one can guess, and that no other frame has.
	pub(super) fn free_token(&self) -> u16 {
		loop {
			let token = rand::random();
			if !self.0.contains_key(&token) {
				return token;
			}
		}
	}

	/// Records a frame.
	pub(super) fn insert(
		&mut self,
		token: u16,
		gateway: Mac,
		transmission: Transmission,
		to: SocketAddr,
		deadline: Instant,
		reply: Reply,
	) {
		self.0.insert(token, Sent { gateway, transmission, to, deadline, reply: Some(reply) });
	}

	/// The gateway of the frame that has this token, and the JSON of the answer to it; `None` if
	/// the answer is to none, or neither from its host nor for its gateway.
	pub(super) fn expects<'a>(
		&self,
		token: u16,
		answer: &'a [u8],
		from: SocketAddr,
	) -> Option<(Mac, &'a [u8])> {
		let sent = self.0.get(&token).filter(|sent| addresses::is_same_host(sent.to, from))?;
		Some((sent.gateway, answers::json_of(answer, sent.gateway)?))
	}

	/// Records the answer to the frame with this token. One that is late counts for a later copy of
	/// the frame: a refusal only if that asks for the same power.
	pub(super) fn answer(&mut self, token: u16, verdict: Verdict) {
		let Some(sent) = self.0.get_mut(&token) else { return };
		let (gateway, transmission) = (sent.gateway, sent.transmission.clone());
		let mut reply = sent.reply.take();
		if reply.is_none() {
			let copy = self.0.values_mut().find(|copy| {
				let is_taken = verdict == Verdict::Accepted;
				copy.reply.is_some()
					&& copy.gateway == gateway
					&& copy.transmission.payload == transmission.payload
					&& (is_taken || copy.transmission.power_dbm == transmission.power_dbm)
			});
			reply = copy.and_then(|copy| copy.reply.take());
		}
		let Some(reply) = reply else { return };
		// The asking task may have given up in the meantime.
		let _ = reply.send(match verdict {
			Verdict::Accepted => Ok(()),
			Verdict::Busy(reason) => Err(RadioError::Busy(gateway, reason)),
			Verdict::PowerRefused => Err(RadioError::PowerRefused(gateway, transmission.power_dbm)),
			Verdict::ChannelRefused => {
				Err(RadioError::ChannelRefused(gateway, transmission.frequency_hz))
			}
		});
	}

	/// When the next frame counts as not acknowledged.
	pub(super) fn next_deadline(&self) -> Option<Instant> {
		self.0.values().filter(|sent| sent.reply.is_some()).map(|sent| sent.deadline).min()
	}

	/// Gives up what was to be answered until now.
	pub(super) fn give_up(&mut self, now: Instant) {
		for sent in self.0.values_mut().filter(|sent| sent.deadline <= now) {
			if let Some(reply) = sent.reply.take() {
				let _ = reply.send(Err(RadioError::NotAcknowledged(sent.gateway)));
			}
		}
	}

	/// Forgets what can no longer be answered.
	pub(super) fn forget(&mut self, now: Instant) {
		self.0.retain(|_, sent| sent.deadline + LATE_MAX > now);
	}
}

#[cfg(test)]
mod tests {
	use groma_core::region::DataRate;

	use super::*;

	const GATEWAY: Mac = Mac([1; 8]);

	fn address() -> SocketAddr {
		SocketAddr::from(([127, 0, 0, 1], 7))
	}

	fn frame(power_dbm: u8) -> Transmission {
		Transmission {
			frequency_hz: 868_100_000,
			data_rate: DataRate { spreading_factor: 9, bandwidth_khz: 125 },
			power_dbm,
			payload: vec![0xE0],
		}
	}

	/// Two copies of a frame, of which the first was given up; where the second is answered.
	fn copies(power_dbm: u8) -> (SentFrames, oneshot::Receiver<Result<(), RadioError>>) {
		let mut sent = SentFrames::default();
		let (start, second) = (Instant::now(), Duration::from_secs(1));
		let (reply, mut first) = oneshot::channel();
		sent.insert(1, GATEWAY, frame(16), address(), start, reply);
		sent.give_up(start);
		assert_eq!(first.try_recv(), Ok(Err(RadioError::NotAcknowledged(GATEWAY))));
		let (reply, answer) = oneshot::channel();
		sent.insert(2, GATEWAY, frame(power_dbm), address(), start + second, reply);
		assert_eq!(sent.next_deadline(), Some(start + second));
		(sent, answer)
	}

	#[test]
	fn late_consent_counts_for_a_later_copy() {
		let (mut sent, mut answer) = copies(14);
		sent.answer(1, Verdict::Accepted);
		assert_eq!(answer.try_recv(), Ok(Ok(())));
		assert_eq!(sent.next_deadline(), None);
		// So does a second answer, for which no task waits.
		sent.answer(2, Verdict::Busy("TOO_LATE".into()));
	}

	#[test]
	fn late_refusal_counts_for_a_copy_of_the_same_power() {
		let (mut sent, mut answer) = copies(16);
		sent.answer(1, Verdict::PowerRefused);
		assert_eq!(answer.try_recv(), Ok(Err(RadioError::PowerRefused(GATEWAY, 16))));
		let (mut sent, mut answer) = copies(14);
		sent.answer(1, Verdict::PowerRefused);
		assert!(answer.try_recv().is_err());
		sent.answer(2, Verdict::Accepted);
		assert_eq!(answer.try_recv(), Ok(Ok(())));
	}

	#[test]
	fn answer_is_expected_from_the_host_of_the_frame_alone() {
		let (sent, _answer) = copies(16);
		let body = [&GATEWAY.0[..], b"{}"].concat();
		let expected = Some((GATEWAY, &b"{}"[..]));
		assert_eq!(sent.expects(2, &body, SocketAddr::from(([127, 0, 0, 1], 9))), expected);
		assert_eq!(sent.expects(2, &body, SocketAddr::from(([127, 0, 0, 2], 7))), None);
		assert_eq!(sent.expects(3, &body, address()), None);
		assert_eq!(sent.expects(2, &[9; 8], address()), None);
	}

	#[test]
	fn frames_are_forgotten_when_they_can_no_longer_be_answered() {
		let (mut sent, _answer) = copies(16);
		sent.forget(Instant::now() + Duration::from_secs(50));
		assert_eq!(sent.0.len(), 2);
		sent.forget(Instant::now() + Duration::from_secs(62));
		assert!(sent.0.is_empty());
	}
}
