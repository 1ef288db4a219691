//! Sources as hostile as one likes: an off-chain worker's view of HTTP, with its own clock.

use std::{
	collections::BTreeMap,
	sync::{Arc, Mutex},
};

use sp_core::{
	OpaquePeerId,
	offchain::{
		Externalities, HttpError, HttpRequestId, HttpRequestStatus, OpaqueNetworkState, Timestamp,
	},
};

/// What a source does when it is asked.
#[derive(Clone, Debug)]
pub(crate) enum Behaviour {
	/// Answers with a status and a body at once.
	Answers(u16, Vec<u8>),
	/// Accepts the question and never answers.
	Hangs,
	/// Sends a byte of its answer in so many ms.
	Trickles(Vec<u8>, u64),
	/// Sends blanks without end.
	Floods,
	/// Cannot be reached.
	Refuses,
	/// Breaks off after the head of its answer.
	Breaks,
}

/// A source that answers with this text.
pub(crate) fn says(text: &str) -> Behaviour {
	Behaviour::Answers(200, text.as_bytes().to_vec())
}

#[derive(Debug, Default)]
pub(crate) struct State {
	/// What the clock shows, in ms since the Unix epoch.
	pub(crate) now_ms: u64,
	/// The sources by URL. Those that are not here refuse.
	pub(crate) sources: BTreeMap<String, Behaviour>,
	/// What was asked for, in order.
	pub(crate) asked: Vec<String>,
	/// Bytes of answers that were read.
	pub(crate) bytes: usize,
	requests: Vec<(Behaviour, usize)>,
}

/// The web.
#[derive(Clone, Debug, Default)]
pub(crate) struct Web(pub(crate) Arc<Mutex<State>>);

impl Web {
	fn with<R>(&self, act: impl FnOnce(&mut State) -> R) -> R {
		act(&mut self.0.lock().expect("no test panicked in it"))
	}
}

impl State {
	fn wait_until(&mut self, deadline: Option<Timestamp>) {
		let deadline = deadline.expect("the worker never waits without a deadline");
		self.now_ms = self.now_ms.max(deadline.unix_millis());
	}

	fn request(&mut self, id: HttpRequestId) -> &mut (Behaviour, usize) {
		let index = usize::from(u16::from(id));
		self.requests.get_mut(index).expect("the request was begun")
	}

	fn status(&mut self, id: HttpRequestId, deadline: Option<Timestamp>) -> HttpRequestStatus {
		match self.request(id).0 {
			Behaviour::Answers(status, _) => HttpRequestStatus::Finished(status),
			Behaviour::Trickles(..) | Behaviour::Floods | Behaviour::Breaks => {
				HttpRequestStatus::Finished(200)
			}
			Behaviour::Refuses => HttpRequestStatus::IoError,
			Behaviour::Hangs => {
				self.wait_until(deadline);
				HttpRequestStatus::DeadlineReached
			}
		}
	}

	/// Reads some of an answer.
	fn read(
		&mut self,
		id: HttpRequestId,
		buffer: &mut [u8],
		deadline: Option<Timestamp>,
	) -> Result<usize, HttpError> {
		let now_ms = self.now_ms;
		let (behaviour, position) = self.request(id);
		let length = match behaviour {
			Behaviour::Answers(_, body) => {
				let rest = body.get(*position..).unwrap_or_default();
				let length = rest.len().min(buffer.len());
				buffer[..length].copy_from_slice(&rest[..length]);
				length
			}
			Behaviour::Trickles(body, byte_ms) => {
				let next_ms = now_ms + *byte_ms;
				if deadline.is_some_and(|deadline| next_ms > deadline.unix_millis()) {
					self.wait_until(deadline);
					return Err(HttpError::DeadlineReached);
				}
				let Some(byte) = body.get(*position) else { return Ok(0) };
				buffer[0] = *byte;
				*position += 1;
				self.now_ms = next_ms;
				self.bytes += 1;
				return Ok(1);
			}
			Behaviour::Floods => {
				buffer.fill(b' ');
				buffer.len()
			}
			Behaviour::Hangs | Behaviour::Refuses | Behaviour::Breaks => {
				return Err(HttpError::IoError);
			}
		};
		*position += length;
		self.bytes += length;
		Ok(length)
	}
}

impl Externalities for Web {
	fn is_validator(&self) -> bool {
		true
	}

	fn network_state(&self) -> Result<OpaqueNetworkState, ()> {
		Err(())
	}

	fn timestamp(&mut self) -> Timestamp {
		self.with(|state| Timestamp::from_unix_millis(state.now_ms))
	}

	fn sleep_until(&mut self, deadline: Timestamp) {
		self.with(|state| state.wait_until(Some(deadline)));
	}

	fn random_seed(&mut self) -> [u8; 32] {
		[0; 32]
	}

	fn http_request_start(
		&mut self,
		method: &str,
		uri: &str,
		_: &[u8],
	) -> Result<HttpRequestId, ()> {
		assert_eq!(method, "GET");
		self.with(|state| {
			let behaviour = state.sources.get(uri).cloned().unwrap_or(Behaviour::Refuses);
			state.asked.push(uri.into());
			state.requests.push((behaviour, 0));
			Ok(HttpRequestId((state.requests.len() - 1) as u16))
		})
	}

	fn http_request_add_header(&mut self, _: HttpRequestId, _: &str, _: &str) -> Result<(), ()> {
		Ok(())
	}

	fn http_request_write_body(
		&mut self,
		_: HttpRequestId,
		chunk: &[u8],
		deadline: Option<Timestamp>,
	) -> Result<(), HttpError> {
		assert!(chunk.is_empty() && deadline.is_some());
		Ok(())
	}

	fn http_response_wait(
		&mut self,
		ids: &[HttpRequestId],
		deadline: Option<Timestamp>,
	) -> Vec<HttpRequestStatus> {
		self.with(|state| ids.iter().map(|id| state.status(*id, deadline)).collect())
	}

	fn http_response_headers(&mut self, _: HttpRequestId) -> Vec<(Vec<u8>, Vec<u8>)> {
		Vec::new()
	}

	fn http_response_read_body(
		&mut self,
		id: HttpRequestId,
		buffer: &mut [u8],
		deadline: Option<Timestamp>,
	) -> Result<usize, HttpError> {
		self.with(|state| state.read(id, buffer, deadline))
	}

	fn set_authorized_nodes(&mut self, _: Vec<OpaquePeerId>, _: bool) {}
}
