//! The start of the guard: what its file says is compared with what the voter will begin from.
//!
//! GRANDPA's voter ends, and the node with it, if a vote is not signed. So what it would have to
//! repeat is put into its stored state before it is loaded, and where that cannot be done the key
//! is hidden from it.

use std::path::{Path, PathBuf};

use sc_service::ChainType;
use substrate_prometheus_endpoint::{PrometheusError, Registry};

use super::{
	book::Book,
	chain::Chain,
	ending::Ending,
	hiding::Hiding,
	journal::{self, JournalError},
	memory::Memory,
	record::{Record, Until},
	signing::Guard,
	summary::{path_in, recall},
};
use crate::types::BlockHash;

/// What the operator says about the guard.
#[derive(Clone, Default)]
pub(crate) struct Options {
	/// Whether to vote although the guard cannot exclude that it was voted before.
	pub(crate) signs_without_guard: bool,
	/// Where the guard says that the node is to end.
	pub(crate) ending: Ending,
}

/// What the guard is opened with.
pub(crate) struct Opening {
	/// The directory of the chain, for the file.
	pub(crate) directory: PathBuf,
	/// The genesis of the chain.
	pub(crate) genesis: BlockHash,
	/// What kind of chain it is.
	pub(crate) chain_type: ChainType,
	/// Whether the database has no block but genesis.
	pub(crate) is_new_database: bool,
	/// The slot of now.
	pub(crate) slot: u64,
	/// The database.
	pub(crate) chain: Box<dyn Chain>,
	/// What the operator says.
	pub(crate) options: Options,
}

/// Why the guard cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpeningError {
	#[error(transparent)]
	Journal(#[from] JournalError),
	#[error("the signing guard cannot ask the database: {0}")]
	Database(#[from] sp_blockchain::Error),
	#[error(transparent)]
	Metrics(#[from] PrometheusError),
}

impl Opening {
	/// Opens the guard. To be called before GRANDPA loads what its voter stored.
	///
	/// # Errors
	///
	/// If the file cannot be read or written, or the database cannot be asked.
	pub(crate) fn open(self, registry: Option<&Registry>) -> Result<Guard, OpeningError> {
		let path = path_in(&self.directory);
		let (mut memory, mut hidden) = match self.found(&path)? {
			Some(records) => recall(&records),
			None => self.unknown(),
		};
		if hidden != Some(Until::Session) {
			hidden = repeat(&memory, &*self.chain)?;
		}
		if let Some(until) = hidden.filter(|_| self.is_forgiven()) {
			log::warn!(
				target: super::LOG_TARGET,
				"this validator votes now, although it was to wait until {until}: if one of its keys \
				 voted in these rounds before, it can be slashed",
			);
			memory.forget_votes();
			hidden = None;
		}
		if let Some(until) = hidden {
			log::warn!(
				target: super::LOG_TARGET,
				"this validator does not vote until {until}, since it may have voted before, and a \
				 second vote of a round is an offence. See docs/runbooks/guard-refused.md",
			);
		}
		let book = Book::begin(&path, self.genesis, memory, hidden)?;
		let hiding = hidden.map(|until| Hiding::new(until, self.slot));
		Ok(Guard::new(book, hiding, self.chain, self.options.ending, registry)?)
	}

	/// What the file holds; `None` if there is none of this chain.
	fn found(&self, path: &Path) -> Result<Option<Vec<Record>>, OpeningError> {
		match journal::read(path)? {
			Some(content) if content.genesis != self.genesis => {
				let aside = journal::put_aside(path, content.genesis)?;
				log::warn!(
					target: super::LOG_TARGET,
					"the file of the signing guard is that of another genesis and is now {}",
					aside.display(),
				);
				Ok(None)
			}
			content => Ok(content.map(|content| content.records)),
		}
	}

	/// What to assume without a file. A key may have voted before, unless the chain is one for
	/// tests and its database is new.
	fn unknown(&self) -> (Memory, Option<Until>) {
		let is_for_tests = matches!(self.chain_type, ChainType::Development | ChainType::Local);
		if self.is_new_database && is_for_tests {
			return (Memory::default(), None);
		}
		recall(&[Record::BlocksForgotten(self.slot), Record::Hidden(Until::Session)])
	}

	/// Whether it votes although it may have voted before. Nothing is at stake on a chain for
	/// development, which would stand still without its one validator.
	fn is_forgiven(&self) -> bool {
		self.options.signs_without_guard || self.chain_type == ChainType::Development
	}
}

/// Has the voter repeat what was signed in the rounds that it begins. If it cannot, this is how
/// long the key is to be hidden.
fn repeat(memory: &Memory, chain: &dyn Chain) -> Result<Option<Until>, sp_blockchain::Error> {
	let Some(newest) = memory.newest_round() else { return Ok(None) };
	let hidden = Ok(Some(Until::Round(newest)));
	let Some(mut state) = chain.voter_state()? else { return hidden };
	let next = state.next_round();
	if newest < next {
		return Ok(None);
	}
	if memory.has_forgotten(next) {
		return hidden;
	}
	let votes = memory.votes_from(next);
	for vote in &votes {
		// The database is older than the vote.
		if !chain.has_block(vote.target.hash)? {
			return hidden;
		}
	}
	if !state.repeat(&votes) {
		return hidden;
	}
	chain.store_voter_state(&state)?;
	log::info!(
		target: super::LOG_TARGET,
		"the voter begins in {next}, and repeats {} recorded votes",
		votes.len(),
	);
	Ok(None)
}

#[cfg(test)]
mod tests;
