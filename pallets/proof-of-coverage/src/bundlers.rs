//! The bundlers of coverage: what goes into the next extrinsic of a collector.

use alloc::{collections::BTreeMap, vec::Vec};

use codec::MaxEncodedLen;
use frame_support::{BoundedVec, weights::Weight};
use groma_core::{
	DeviceId, WindowIndex,
	protocol::{RECORDS_MAX, REVEAL_DELAY, STATEMENT_DELAY_MAX},
	selection::bundling_start,
	statement::{
		BeaconPair, Report, ReportKey, Reveal, SignedObservation, Statement, StatementGroup,
	},
	words::Hash,
};
use groma_stored::Stored;
use groma_traits::{Bundler, Devices, Load, Windows};
use sp_runtime::{SaturatedConversion, traits::Get};

use crate::{
	Call, Challenges, Config, Pallet,
	reveals::{Effort, Settlement},
	statements::{Intake, Taking, stored_challenge},
};

/// How many reveals fit a bundle that may take so much of a block: at least one, so that no
/// collector stops permanently.
pub fn reveals_max<T: Config>(room: Load) -> usize {
	let most = T::MaxGroupsPerBundle::get();
	let fitting = (1..=most)
		.take_while(|count| {
			let length = Reveal::max_encoded_len().saturating_mul(*count as usize);
			fits(Effort::worst(*count).bundle_weight::<T>(), length, room)
		})
		.count();
	fitting.max(1)
}

/// Whether a bundle that may take so much of a block takes `statements` statements in `groups`
/// groups.
pub fn statements_fit<T: Config>(groups: u32, statements: u32, room: Load) -> bool {
	let length = 16u32
		.saturating_mul(groups)
		.saturating_add(statements.saturating_mul(SignedObservation::max_encoded_len() as u32));
	groups <= T::MaxGroupsPerBundle::get()
		&& fits(Taking::worst(groups, statements).weight::<T>(), length as usize, room)
}

fn fits(weight: Weight, length: usize, room: Load) -> bool {
	Load { ref_time: weight.ref_time(), length: length.saturated_into() }.fits(room)
}

/// A bundle of reveals.
pub struct RevealBundler<T: Config> {
	settlement: Settlement<T>,
	reveals: BTreeMap<DeviceId, Reveal>,
	most: usize,
}

impl<T: Config, C: From<Call<T>>> Bundler<C> for RevealBundler<T> {
	type Report = Reveal;

	fn windows(_: &Hash) -> Vec<WindowIndex> {
		T::Windows::of_next_block().checked_sub(REVEAL_DELAY).into_iter().collect()
	}

	/// The challenge is not settled, and this is the window for it.
	fn is_open(key: &ReportKey) -> bool {
		T::Windows::of_next_block().checked_sub(REVEAL_DELAY) == Some(key.window)
			&& Challenges::<T>::contains_key(key.window, key.subject)
	}

	fn new(room: Load) -> Self {
		Self {
			settlement: Settlement::new(T::Windows::of_next_block()),
			reveals: BTreeMap::new(),
			most: reveals_max::<T>(room),
		}
	}

	fn add(&mut self, reveals: Vec<Reveal>) {
		for reveal in reveals {
			let is_new = !self.reveals.contains_key(&reveal.beaconer);
			if self.reveals.len() < self.most && is_new && self.settlement.open(&reveal).is_ok() {
				self.reveals.insert(reveal.beaconer, reveal);
			}
		}
	}

	fn is_full(&self) -> bool {
		self.reveals.len() >= self.most
	}

	fn finish(self) -> Option<(C, Vec<ReportKey>)> {
		let reports = self.reveals.values().map(Report::key).collect();
		let reveals = BoundedVec::truncate_from(self.reveals.into_values().collect::<Vec<_>>());
		(!reveals.is_empty()).then(|| (Call::submit_reveals { reveals }.into(), reports))
	}
}

/// A pair of beacon signatures that proves that a device signed twice: each is a separate call.
pub struct PairBundler<T: Config> {
	pair: Option<BeaconPair>,
	phantom: core::marker::PhantomData<T>,
}

impl<T: Config, C: From<Call<T>>> Bundler<C> for PairBundler<T> {
	type Report = BeaconPair;

	/// A pair that is found at the end of the window of reveals is brought in the next one.
	fn windows(_: &Hash) -> Vec<WindowIndex> {
		let now = T::Windows::of_next_block();
		let ages = [REVEAL_DELAY.saturating_add(1), REVEAL_DELAY];
		ages.into_iter().filter_map(|age| now.checked_sub(age)).collect()
	}

	/// The key is known and not banned yet.
	fn is_open(key: &ReportKey) -> bool {
		T::Windows::window(key.window).is_some()
			&& T::Devices::signer(key.subject, key.window).is_some_and(|signer| !signer.is_banned)
	}

	fn new(_: Load) -> Self {
		Self { pair: None, phantom: core::marker::PhantomData }
	}

	fn add(&mut self, pairs: Vec<BeaconPair>) {
		if self.pair.is_none() {
			self.pair = pairs.into_iter().find(proves_two_beacons::<T>);
		}
	}

	fn is_full(&self) -> bool {
		self.pair.is_some()
	}

	fn finish(self) -> Option<(C, Vec<ReportKey>)> {
		let pair = self.pair?;
		let BeaconPair { window, beaconer: device, signature_a, signature_b } = pair;
		let call = Call::<T>::report_double_beacon { window, device, signature_a, signature_b };
		Some((call.into(), alloc::vec![pair.key()]))
	}
}

/// Whether the chain would take a pair.
fn proves_two_beacons<T: Config>(pair: &BeaconPair) -> bool {
	let BeaconPair { window, beaconer, signature_a, signature_b } = pair;
	signature_a != signature_b
		&& [signature_a, signature_b]
			.iter()
			.all(|signature| Pallet::<T>::is_beacon_genuine(*beaconer, *window, signature))
}

/// A bundle of statements, by window and beaconer.
pub struct StatementBundler<T: Config> {
	intake: Intake,
	room: Load,
	groups: BTreeMap<(WindowIndex, DeviceId), Vec<SignedObservation>>,
	count: u32,
	/// How many of them count as new.
	new: u32,
	is_full: bool,
	phantom: core::marker::PhantomData<T>,
}

impl<T: Config, C: From<Call<T>>> Bundler<C> for StatementBundler<T> {
	type Report = Statement;

	/// The window before, and the running one once all its beacons were sent, so that the
	/// statements about one beacon are together; each collector begins with it at a moment of its
	/// own.
	fn windows(collector: &Hash) -> Vec<WindowIndex> {
		let now = T::Windows::of_next_block();
		let is_ripe = T::Windows::is_ripe(bundling_start(collector, now));
		now.checked_sub(STATEMENT_DELAY_MAX).into_iter().chain(is_ripe.then_some(now)).collect()
	}

	/// Its window takes statements, and the witness has none in the challenge.
	fn is_open(key: &ReportKey) -> bool {
		let age = T::Windows::of_next_block().checked_sub(key.window);
		age.is_some_and(|age| age <= STATEMENT_DELAY_MAX)
			&& match stored_challenge::<T>(key.window, key.subject) {
				Stored::Absent => true,
				Stored::Value(challenge) => !challenge.is_stated_by(key.author),
				Stored::Undecodable => false,
			}
	}

	fn new(room: Load) -> Self {
		Self {
			intake: Intake::new::<T>(T::Windows::of_next_block()),
			room,
			groups: BTreeMap::new(),
			count: 0,
			new: 0,
			is_full: false,
			phantom: core::marker::PhantomData,
		}
	}

	fn add(&mut self, statements: Vec<Statement>) {
		let mut by_beacon: BTreeMap<(WindowIndex, DeviceId), Vec<SignedObservation>> =
			BTreeMap::new();
		for statement in statements {
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

	fn is_full(&self) -> bool {
		self.is_full
	}

	fn finish(self) -> Option<(C, Vec<ReportKey>)> {
		let mut reports = Vec::new();
		let mut groups = Vec::new();
		for ((window, beaconer), statements) in self.groups {
			let statements = BoundedVec::truncate_from(statements);
			let group = StatementGroup { window, beaconer, statements };
			reports.extend(group.statements.iter().map(|entry| group.statement(entry).key()));
			groups.push(group);
		}
		let groups = BoundedVec::truncate_from(groups);
		(!groups.is_empty()).then(|| (Call::submit_statements { groups }.into(), reports))
	}
}

impl<T: Config> StatementBundler<T> {
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
				challenge.take(statement.observation, seat);
			}
		}
		for statement in statements {
			if group.len() >= RECORDS_MAX as usize {
				break;
			}
			let Ok(seat) = challenge.seat(&statement.observation) else { continue };
			// One that takes another's place by its draw alone counts as refused: as many of those
			// as are new leave the bundle free.
			let is_new = seat.is_new();
			if !is_new && self.count.saturating_sub(self.new) >= self.new {
				continue;
			}
			if challenge.verify(&statement, &seat).is_err() {
				continue;
			}
			if !self.has_room() {
				self.is_full = true;
				break;
			}
			challenge.take(statement.observation, seat);
			group.push(statement);
			self.count = self.count.saturating_add(1);
			self.new = self.new.saturating_add(is_new.into());
		}
		if !group.is_empty() {
			self.groups.insert((window, beaconer), group);
		}
		self.is_full |= self.groups.len() >= T::MaxGroupsPerBundle::get() as usize;
	}

	/// Whether one more statement, in one more group, fits. The first always does.
	fn has_room(&self) -> bool {
		let groups = (self.groups.len() as u32).saturating_add(1);
		self.count == 0 || statements_fit::<T>(groups, self.count.saturating_add(1), self.room)
	}
}
