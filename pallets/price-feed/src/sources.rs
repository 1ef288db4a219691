//! Asks the sources of the price, all at once and within one deadline, whatever they do.

use alloc::{boxed::Box, vec::Vec};

use groma_core::{
	price::{Price, lower_median},
	price_layout::{Source, SourceFailure},
	protocol::PRICE_ANSWERS_MIN,
};
use sp_core::offchain::{Duration, HttpError, Timestamp};
use sp_runtime::offchain::http::{PendingRequest, Request, ResponseBody};

use crate::{decimal, json};

/// How long all sources together may take, in ms: less than a slot.
pub(crate) const TOTAL_MS: u64 = 4_000;
/// How long one source is waited for before the next is looked at, in ms.
const SLICE_MS: u64 = 100;
/// The longest answer in bytes.
pub(crate) const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// What a source answers.
pub(crate) type Answer = Result<Price, SourceFailure>;

/// How far a question got.
enum Stage {
	/// It was asked.
	Asked(PendingRequest),
	/// Its answer is being read.
	Answering(Box<ResponseBody>, Vec<u8>),
	/// It is over.
	Over(Answer),
}

/// Asks all sources, and returns their answers in the same order.
pub(crate) fn ask(sources: &[Source]) -> Vec<Answer> {
	let deadline = sp_io::offchain::timestamp().add(Duration::from_millis(TOTAL_MS));
	let mut stages: Vec<Stage> = sources.iter().map(|source| begin(source, deadline)).collect();
	loop {
		let now = sp_io::offchain::timestamp();
		let is_over = stages.iter().all(|stage| matches!(stage, Stage::Over(_)));
		if is_over || now >= deadline {
			break;
		}
		stages = stages
			.into_iter()
			.zip(sources)
			.map(|(stage, source)| {
				let now = sp_io::offchain::timestamp();
				go_on(stage, source, deadline.min(now.add(Duration::from_millis(SLICE_MS))))
			})
			.collect();
	}
	let answer = |stage: Stage| match stage {
		Stage::Over(answer) => answer,
		Stage::Asked(_) | Stage::Answering(..) => Err(SourceFailure::TimedOut),
	};
	stages.into_iter().map(answer).collect()
}

/// The price that the answers amount to: their lower median, if enough sources gave one.
pub(crate) fn agree(answers: &[Answer]) -> Option<Price> {
	let mut prices: Vec<Price> = answers.iter().filter_map(|answer| answer.ok()).collect();
	let needed = answers.len().div_ceil(2).max(PRICE_ANSWERS_MIN);
	if prices.len() < needed {
		return None;
	}
	lower_median(&mut prices)
}

fn begin(source: &Source, deadline: Timestamp) -> Stage {
	let request = Request::get(&source.url)
		.add_header("accept", "application/json")
		.add_header("user-agent", "groma-node")
		.deadline(deadline)
		.send();
	request.map_or(Stage::Over(Err(SourceFailure::Unreachable)), Stage::Asked)
}

/// Waits for a source until a moment, and no longer.
fn go_on(stage: Stage, source: &Source, until: Timestamp) -> Stage {
	match stage {
		Stage::Asked(request) => match request.try_wait(until) {
			Err(request) => Stage::Asked(request),
			Ok(Err(_)) => Stage::Over(Err(SourceFailure::Unreachable)),
			Ok(Ok(response)) if response.code != 200 => Stage::Over(Err(SourceFailure::Status)),
			Ok(Ok(response)) => Stage::Answering(Box::new(response.body()), Vec::new()),
		},
		Stage::Answering(body, read) => read_on(body, read, source, until),
		Stage::Over(answer) => Stage::Over(answer),
	}
}

fn read_on(
	mut body: Box<ResponseBody>,
	mut read: Vec<u8>,
	source: &Source,
	until: Timestamp,
) -> Stage {
	body.deadline(until);
	// One byte more than an answer may have shows that it is too long.
	let room = ANSWER_BYTES_MAX.saturating_add(1).saturating_sub(read.len());
	read.extend(body.by_ref().take(room));
	if read.len() > ANSWER_BYTES_MAX {
		return Stage::Over(Err(SourceFailure::TooLong));
	}
	match body.error() {
		None => Stage::Over(price_in(&read, source)),
		Some(HttpError::DeadlineReached) => Stage::Answering(body, read),
		Some(_) => Stage::Over(Err(SourceFailure::Unreachable)),
	}
}

/// The price in the answer of a source.
fn price_in(answer: &[u8], source: &Source) -> Answer {
	let path: Vec<&str> = source.steps().collect();
	read_price(answer, &path)
}

/// The price in an answer: JSON, in which `path`, of names of members and indices of lists, leads
/// to a number of USD per GRM, or to a string of one. Rounded down to nano-USD.
///
/// # Errors
///
/// If the answer is no JSON to its end, or no number or no price stands there.
pub fn read_price(answer: &[u8], path: &[&str]) -> Result<Price, SourceFailure> {
	decimal::price(json::text_at(answer, path)?)
}
