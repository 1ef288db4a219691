//! The next bundle: everything in the pool that the chain would take and that is not in flight, as
//! much as fits a part of the lane.

use alloc::{collections::BTreeSet, vec::Vec};

use groma_core::{
	WindowIndex,
	protocol::BUNDLES_PER_LANE,
	statement::{Report, ReportKey},
	words::Hash,
};
use groma_traits::{Bundler, Load};
use impl_trait_for_tuples::impl_for_tuples;
use sp_runtime::traits::Get;

use crate::{
	pallet::{Config, Pallet},
	pool::{Position, Scan},
};

/// An extrinsic's call and what it carries.
pub struct Bundle<Call> {
	pub(crate) call: Call,
	pub(crate) reports: Vec<ReportKey>,
	/// Whether it took all that one bundle takes, so that there may be more.
	pub(crate) is_full: bool,
}

/// Makes the next bundle of a series of some windows: from a place in the pool on, without what is
/// in flight, of at most this load. The place becomes that at which the next look begins.
type Next<Call> = fn(
	&[WindowIndex],
	&mut Option<Position>,
	&BTreeSet<ReportKey>,
	room: Load,
) -> Option<Bundle<Call>>;

/// A series of which reports are to be brought in the next block.
pub struct Due<Call> {
	pub(crate) series: u8,
	/// The windows whose reports are to be brought, oldest first.
	windows: Vec<WindowIndex>,
	/// The last window in which the chain takes the oldest of them.
	last_window: WindowIndex,
	next: Next<Call>,
}

impl<Call> Due<Call> {
	/// The next bundle.
	pub(crate) fn next(
		&self,
		position: &mut Option<Position>,
		in_flight: &BTreeSet<ReportKey>,
		room: Load,
	) -> Option<Bundle<Call>> {
		(self.next)(&self.windows, position, in_flight, room)
	}
}

/// The bundlers of all series: a tuple of [`Bundler`]s.
pub trait Bundlers<Call> {
	/// The series of which a collector is to bring reports in the next block, the soonest due
	/// first. The hash is that of the collector's account.
	fn due(collector: &Hash) -> Vec<Due<Call>>;

	/// Whether the chain may still take a report with this key in the next block.
	fn is_open(key: &ReportKey) -> bool;
}

#[impl_for_tuples(1, 16)]
#[tuple_types_no_default_trait_bound]
impl<Call> Bundlers<Call> for Tuple {
	for_tuples!( where #( Tuple: Bundler<Call> )* );

	fn due(collector: &Hash) -> Vec<Due<Call>> {
		let mut series = Vec::new();
		for_tuples!( #( series.extend(due_of::<Call, Tuple>(collector)); )* );
		series.sort_by_key(|due: &Due<Call>| due.last_window);
		series
	}

	fn is_open(key: &ReportKey) -> bool {
		let mut is_open = false;
		for_tuples!( #( is_open |= is_open_in::<Call, Tuple>(key); )* );
		is_open
	}
}

fn due_of<Call, B: Bundler<Call>>(collector: &Hash) -> Option<Due<Call>> {
	let windows = B::windows(collector);
	let oldest = windows.first()?;
	Some(Due {
		series: B::Report::SERIES,
		last_window: oldest.saturating_add(B::Report::DELAY_MAX),
		windows,
		next: next_of::<Call, B>,
	})
}

fn is_open_in<Call, B: Bundler<Call>>(key: &ReportKey) -> bool {
	key.series == B::Report::SERIES && B::is_open(key)
}

fn next_of<Call, B: Bundler<Call>>(
	windows: &[WindowIndex],
	from: &mut Option<Position>,
	in_flight: &BTreeSet<ReportKey>,
	room: Load,
) -> Option<Bundle<Call>> {
	let mut scan = Scan::new(B::Report::SERIES, windows.to_vec(), *from);
	let mut bundler = B::new(room);
	*from = loop {
		let begin = scan.position();
		let Some((window, chunk)) = scan.next_chunk::<Vec<B::Report>>() else {
			break scan.position();
		};
		let is_new = |report: &B::Report| {
			let key = report.key();
			key.window == window && !in_flight.contains(&key)
		};
		bundler.add(chunk.into_iter().filter(is_new).collect());
		if bundler.is_full() {
			// The chunk may hold more, so the next look begins with it.
			break begin;
		}
	};
	let is_full = bundler.is_full();
	let (call, reports) = bundler.finish()?;
	Some(Bundle { call, reports, is_full })
}

impl<T: Config> Pallet<T> {
	/// The most that a bundle takes of a block.
	pub fn bundle_room() -> Load {
		T::EvidenceLimit::get().part(BUNDLES_PER_LANE)
	}
}
