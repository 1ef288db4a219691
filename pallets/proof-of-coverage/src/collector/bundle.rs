//! What goes into the next extrinsic: everything in the pool that the chain would take and that is not in
//! flight, as much as fits a quarter of the lane.

use alloc::{collections::BTreeMap, collections::BTreeSet, vec::Vec};

use codec::MaxEncodedLen;
use frame_support::{BoundedVec, weights::Weight};
use groma_core::{
	DeviceId, WindowIndex,
	pool_layout::{RevealChunk, StatementChunk},
	protocol::{RECORDS_MAX, REVEAL_DELAY, RIPE_TENTHS},
	statement::{
		REVEALS, Report, ReportKey, Reveal, STATEMENTS, SignedObservation, Statement,
		StatementGroup,
	},
};
use groma_traits::{Load, Windows};
use sp_runtime::{SaturatedConversion, traits::Get};

use super::{logbook::Logbook, pool::Scan};
use crate::{
	Call, Config,
	reveals::{Effort, Settlement},
	statements::{Intake, taking_weight},
};

/// The share of the lane that one bundle takes at most, so that several fit a block.
const LANE_DIVISOR: u32 = 4;

/// An extrinsic's call and what it carries.
pub(crate) struct Bundle<T: Config> {
	pub(crate) call: Call<T>,
	pub(crate) reports: Vec<ReportKey>,
	/// Whether it took all that one bundle takes, so that there may be more.
	pub(crate) is_full: bool,
}

/// The next bundle of statements, if there is anything to bundle.
pub(crate) fn statements<T: Config>(
	book: &mut Logbook,
	in_flight: &BTreeSet<ReportKey>,
) -> Option<Bundle<T>> {
	let now = T::Windows::of_next_block();
	let mut scan = Scan::new(STATEMENTS, ripe_windows::<T>(now), book.next_statements);
	let mut draft = StatementDraft::<T>::new(now, in_flight);
	book.next_statements = loop {
		let begin = scan.position();
		let Some((window, chunk)) = scan.next_chunk::<StatementChunk>() else {
			break scan.position();
		};
		draft.add_chunk(chunk.into_iter().filter(|statement| statement.window == window));
		if draft.is_full {
			// The chunk may hold more, so the next look begins with it.
			break begin;
		}
	};
	draft.finish()
}

/// The next bundle of reveals, if there is anything to bundle.
pub(crate) fn reveals<T: Config>(
	book: &mut Logbook,
	in_flight: &BTreeSet<ReportKey>,
) -> Option<Bundle<T>> {
	let now = T::Windows::of_next_block();
	let window = now.checked_sub(REVEAL_DELAY)?;
	let mut scan = Scan::new(REVEALS, [window].into(), book.next_reveals);
	let settlement = Settlement::<T>::new(now);
	let mut reveals: BTreeMap<DeviceId, Reveal> = BTreeMap::new();
	let most = reveals_max::<T>();
	book.next_reveals = loop {
		let begin = scan.position();
		let Some((window, chunk)) = scan.next_chunk::<RevealChunk>() else { break scan.position() };
		for reveal in chunk.into_iter().filter(|reveal| reveal.window == window) {
			let is_new =
				!reveals.contains_key(&reveal.beaconer) && !in_flight.contains(&reveal.key());
			if reveals.len() < most && is_new && settlement.open(&reveal).is_ok() {
				reveals.insert(reveal.beaconer, reveal);
			}
		}
		if reveals.len() >= most {
			break begin;
		}
	};
	let is_full = reveals.len() >= most;
	let reports = reveals.values().map(Report::key).collect();
	let reveals = BoundedVec::truncate_from(reveals.into_values().collect::<Vec<_>>());
	(!reveals.is_empty()).then_some(Bundle {
		call: Call::submit_reveals { reveals },
		reports,
		is_full,
	})
}

/// The windows whose statements are due in a block of window `now`: the one before, and the running one
/// once all its beacons were sent.
fn ripe_windows<T: Config>(now: WindowIndex) -> Vec<WindowIndex> {
	let is_ripe = T::Windows::is_ripe(RIPE_TENTHS);
	now.checked_sub(1).into_iter().chain(is_ripe.then_some(now)).collect()
}

/// How many reveals a collector's bundle takes: at least one, so that the collector never stops for good.
pub fn reveals_max<T: Config>() -> usize {
	let most = T::MaxGroupsPerBundle::get();
	let fitting = (1..=most)
		.take_while(|count| {
			let length = Reveal::max_encoded_len().saturating_mul(*count as usize);
			fits::<T>(Effort::worst(*count).bundle_weight::<T>(), length)
		})
		.count();
	fitting.max(1)
}

/// Whether a collector's bundle takes `statements` statements in `groups` groups.
pub fn statements_fit<T: Config>(groups: u32, statements: u32) -> bool {
	let length = 16u32
		.saturating_mul(groups)
		.saturating_add(statements.saturating_mul(SignedObservation::max_encoded_len() as u32));
	groups <= T::MaxGroupsPerBundle::get()
		&& fits::<T>(taking_weight::<T>(groups, statements), length as usize)
}

fn fits<T: Config>(weight: Weight, length: usize) -> bool {
	let Load { ref_time, length: bytes } = T::EvidenceLimit::get();
	weight.ref_time() <= ref_time / u64::from(LANE_DIVISOR)
		&& length.saturated_into::<u32>() <= bytes / LANE_DIVISOR
}

/// Statements that go into the next bundle, by window and beaconer.
struct StatementDraft<'a, T: Config> {
	intake: Intake,
	in_flight: &'a BTreeSet<ReportKey>,
	groups: BTreeMap<(WindowIndex, DeviceId), Vec<SignedObservation>>,
	count: u32,
	is_full: bool,
	phantom: core::marker::PhantomData<T>,
}

impl<'a, T: Config> StatementDraft<'a, T> {
	fn new(now: WindowIndex, in_flight: &'a BTreeSet<ReportKey>) -> Self {
		Self {
			intake: Intake::new::<T>(now),
			in_flight,
			groups: BTreeMap::new(),
			count: 0,
			is_full: false,
			phantom: core::marker::PhantomData,
		}
	}

	fn add_chunk(&mut self, chunk: impl Iterator<Item = Statement>) {
		let mut by_beacon: BTreeMap<(WindowIndex, DeviceId), Vec<SignedObservation>> =
			BTreeMap::new();
		for statement in chunk.filter(|statement| !self.in_flight.contains(&statement.key())) {
			by_beacon
				.entry((statement.window, statement.beaconer))
				.or_default()
				.push(statement.signed());
		}
		for ((window, beaconer), statements) in by_beacon {
			if self.is_full {
				return;
			}
			self.add_group(window, beaconer, statements);
		}
	}

	/// Adds what the chain would take of the statements about one beacon.
	fn add_group(
		&mut self,
		window: WindowIndex,
		beaconer: DeviceId,
		statements: Vec<SignedObservation>,
	) {
		let Ok(mut challenge) = self.intake.open::<T>(window, beaconer) else { return };
		let mut group = self.groups.remove(&(window, beaconer)).unwrap_or_default();
		for statement in &group {
			if let Ok(seat) = challenge.seat(&statement.observation) {
				challenge.take(statement.observation, None, seat);
			}
		}
		for statement in statements {
			if group.len() >= RECORDS_MAX as usize {
				break;
			}
			let Ok(seat) = challenge.seat(&statement.observation) else { continue };
			if challenge.verify(&statement, &seat).is_err() {
				continue;
			}
			if !self.has_room() {
				self.is_full = true;
				break;
			}
			challenge.take(statement.observation, None, seat);
			group.push(statement);
			self.count = self.count.saturating_add(1);
		}
		if !group.is_empty() {
			self.groups.insert((window, beaconer), group);
		}
		self.is_full |= self.groups.len() >= T::MaxGroupsPerBundle::get() as usize;
	}

	/// Whether one more statement, in one more group, fits. The first always does.
	fn has_room(&self) -> bool {
		let groups = (self.groups.len() as u32).saturating_add(1);
		self.count == 0 || statements_fit::<T>(groups, self.count.saturating_add(1))
	}

	fn finish(self) -> Option<Bundle<T>> {
		let mut reports = Vec::new();
		let mut groups = Vec::new();
		for ((window, beaconer), statements) in self.groups {
			let statements = BoundedVec::truncate_from(statements);
			let group = StatementGroup { window, beaconer, statements };
			reports.extend(group.statements.iter().map(|entry| group.statement(entry).key()));
			groups.push(group);
		}
		let groups = BoundedVec::truncate_from(groups);
		(!groups.is_empty()).then_some(Bundle {
			call: Call::submit_statements { groups },
			reports,
			is_full: self.is_full,
		})
	}
}
