//! What waits in both pools, for the author of a block: one of each in turn.

use std::{collections::HashMap, hash::Hash, sync::Arc};

use sc_transaction_pool_api::{InPoolTransaction, ReadyTransactions};

/// How many transactions of a pool the author may refuse in a row until those of the other come
/// first: half of what an author passes over before it gives up, once half of its time is used. So
/// a pool of which nothing fits the block any more does not keep the other's out of it.
const REFUSED_MAX: u32 = 4;

/// Transactions that are ready, by priority.
pub(super) type Ready<Transaction> = Box<dyn ReadyTransactions<Item = Arc<Transaction>> + Send>;

/// The transactions of both pools.
pub(super) struct InTurn<Transaction: InPoolTransaction> {
	sources: [Source<Transaction>; 2],
	/// Whose turn it is.
	turn: usize,
	/// From which of the two each came: after a reorganisation one may be in both.
	came_from: HashMap<Transaction::Hash, usize>,
}

struct Source<Transaction> {
	ready: Ready<Transaction>,
	is_over: bool,
	/// How many were refused since one was taken.
	refused: u32,
	/// Whether it is not known yet if the last one is refused.
	is_open: bool,
}

impl<Transaction> Source<Transaction> {
	fn new(ready: Ready<Transaction>) -> Self {
		Self { ready, is_over: false, refused: 0, is_open: false }
	}

	/// The next transaction. If the one before was not refused, it was taken.
	fn next(&mut self) -> Option<Arc<Transaction>> {
		if std::mem::take(&mut self.is_open) {
			self.refused = 0;
		}
		let next = self.ready.next();
		self.is_over = next.is_none();
		next
	}

	fn is_stuck(&self) -> bool {
		self.refused >= REFUSED_MAX
	}
}

impl<Transaction> InTurn<Transaction>
where
	Transaction: InPoolTransaction,
	Transaction::Hash: Clone + Eq + Hash,
{
	/// Those of the first pool and those of the second, beginning with the first.
	pub(super) fn new(first: Ready<Transaction>, second: Ready<Transaction>) -> Self {
		let sources = [Source::new(first), Source::new(second)];
		Self { sources, turn: 0, came_from: HashMap::new() }
	}

	/// The pool that is next: none if both are over. One of which too many were refused in a row
	/// lets the other go first.
	fn choose(&self) -> Option<usize> {
		let other = 1 - self.turn;
		let [preferred, second] = [&self.sources[self.turn], &self.sources[other]];
		match (preferred.is_over, second.is_over) {
			(true, true) => None,
			(true, false) => Some(other),
			(false, true) => Some(self.turn),
			(false, false) if preferred.is_stuck() && !second.is_stuck() => Some(other),
			(false, false) => Some(self.turn),
		}
	}
}

impl<Transaction> Iterator for InTurn<Transaction>
where
	Transaction: InPoolTransaction,
	Transaction::Hash: Clone + Eq + Hash,
{
	type Item = Arc<Transaction>;

	fn next(&mut self) -> Option<Self::Item> {
		loop {
			let place = self.choose()?;
			let Some(next) = self.sources[place].next() else { continue };
			if self.came_from.contains_key(next.hash()) {
				continue;
			}
			self.came_from.insert(next.hash().clone(), place);
			self.sources[place].is_open = true;
			self.turn = 1 - place;
			return Some(next);
		}
	}
}

impl<Transaction> ReadyTransactions for InTurn<Transaction>
where
	Transaction: InPoolTransaction,
	Transaction::Hash: Clone + Eq + Hash,
{
	fn report_invalid(&mut self, transaction: &Self::Item) {
		let Some(place) = self.came_from.get(transaction.hash()) else { return };
		let source = &mut self.sources[*place];
		source.refused = source.refused.saturating_add(1);
		source.is_open = false;
		source.ready.report_invalid(transaction);
	}
}
