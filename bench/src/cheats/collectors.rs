//! The collectors of a trial: one brings what honest devices state, one what cheats do, and where
//! bundles are copied there are two more.

use anyhow::{Context, anyhow, ensure};
use codec::Encode;
use frame_support::traits::Get;
use groma_core::{
	CollectorIndex,
	protocol::RECORDS_MAX,
	statement::{Reveal, SignedObservation, Statement, StatementGroup},
};
use groma_runtime::{AccountId, Collector as Collectors, ProofOfCoverage, Runtime, RuntimeCall};
use groma_simulator::testimony::{Beaconing, Testimony};
use pallet_collector::Call as CollectorCall;
use pallet_proof_of_coverage::{Call as CoverageCall, Config as CoverageConfig, reveals_max};

use super::{books::Books, chain::Chain};

/// Who brings statements to the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode)]
pub(crate) enum Collector {
	/// Serves honest devices, reveals everything and triggers claims.
	Honest,
	/// Serves cheats.
	Cheating,
	/// Serves no one: it copies the bundles of the honest one from the transaction pool, and comes
	/// before it.
	Copying,
	/// Serves no one that names it: it has all that the honest one has, and comes after it.
	Redundant,
}

impl Collector {
	/// All of them, in the order in which they register.
	pub(crate) const ALL: [Self; 4] =
		[Self::Honest, Self::Cheating, Self::Copying, Self::Redundant];

	/// Its account.
	pub(crate) fn account(self) -> AccountId {
		sp_crypto_hashing::blake2_256(&("collector", self).encode()).into()
	}

	/// The index by which devices name it: they count from 1, in the order of registration.
	pub(crate) fn index(self) -> CollectorIndex {
		let place = Self::ALL.iter().position(|collector| *collector == self);
		place.map_or(0, |place| place as CollectorIndex + 1)
	}

	/// Registers it.
	pub(crate) fn register(self, chain: &mut Chain) -> anyhow::Result<()> {
		let account = self.account();
		chain
			.call(&account, CollectorCall::<Runtime>::register_collector {})
			.map_err(|error| anyhow!("a collector cannot register: {error:?}"))?;
		let index = chain.with(|| Collectors::index_of(&account));
		ensure!(index == self.index(), "a collector has index {index}, not {}", self.index());
		Ok(())
	}

	/// Submits statements about some of the beacons in bundles. What is refused, be it a statement
	/// or a bundle, is refused: whether that is right shows in what everyone earns.
	pub(crate) fn state(
		self,
		chain: &mut Chain,
		beacons: &[Beaconing],
		mut testimony: Vec<Testimony>,
		books: &mut Books,
	) -> anyhow::Result<()> {
		testimony.sort_by_key(|entry| entry.beacon);
		let groups = testimony
			.chunk_by(|a, b| a.beacon == b.beacon)
			.flat_map(|about_one| about_one.chunks(RECORDS_MAX as usize))
			.map(|statements| group(beacons, statements))
			.collect::<anyhow::Result<Vec<_>>>()?;
		for groups in groups.chunks(bundle_max()) {
			self.submit(chain, groups.to_vec(), books)?;
		}
		Ok(())
	}

	/// Submits a bundle of statements. If it is left out, what is new in it comes in another one,
	/// as the worker of a node does it.
	pub(crate) fn submit(
		self,
		chain: &mut Chain,
		mut groups: Vec<StatementGroup>,
		books: &mut Books,
	) -> anyhow::Result<()> {
		if chain.is_left_out(&self.account(), &bundle(&groups)?)? {
			books.left_out += 1;
			groups = chain.with(|| what_is_new(groups));
			if groups.is_empty() {
				return Ok(());
			}
		}
		let events = chain.call(&self.account(), bundle(&groups)?).unwrap_or_default();
		books.note_statements(&groups, &events);
		Ok(())
	}

	/// Reveals beacons in bundles as large as a node's worker signs. If one is left out, what
	/// settles a challenge comes in another one.
	pub(crate) fn reveal(
		self,
		chain: &mut Chain,
		beacons: &[Beaconing],
		books: &mut Books,
	) -> anyhow::Result<()> {
		let most = chain.with(|| reveals_max::<Runtime>(Collectors::bundle_room()));
		for beacons in beacons.chunks(most) {
			let mut reveals: Vec<_> = beacons
				.iter()
				.map(|beacon| Reveal {
					window: beacon.window,
					beaconer: beacon.device,
					signature: beacon.signature,
				})
				.collect();
			if chain.is_left_out(&self.account(), &bundle_of_reveals(&reveals)?)? {
				books.left_out += 1;
				chain.with(|| {
					reveals.retain(|reveal| ProofOfCoverage::check_reveal(reveal).is_ok());
				});
				if reveals.is_empty() {
					continue;
				}
			}
			let events = chain
				.call(&self.account(), bundle_of_reveals(&reveals)?)
				.map_err(|error| anyhow!("a bundle of reveals is refused: {error:?}"))?;
			books.note_reveals(&events);
		}
		Ok(())
	}
}

/// The call that brings these statements.
fn bundle(groups: &[StatementGroup]) -> anyhow::Result<RuntimeCall> {
	let groups = groups.to_vec().try_into().map_err(|_| anyhow!("a bundle holds its groups"))?;
	Ok(CoverageCall::<Runtime>::submit_statements { groups }.into())
}

/// The call that brings these reveals.
fn bundle_of_reveals(reveals: &[Reveal]) -> anyhow::Result<RuntimeCall> {
	let reveals = reveals.to_vec().try_into().map_err(|_| anyhow!("a bundle holds its reveals"))?;
	Ok(CoverageCall::<Runtime>::submit_reveals { reveals }.into())
}

/// What the chain would take of a bundle now.
fn what_is_new(groups: Vec<StatementGroup>) -> Vec<StatementGroup> {
	let of_group = |mut group: StatementGroup| {
		let (window, beaconer) = (group.window, group.beaconer);
		group.statements.retain(|entry| {
			let SignedObservation { observation, signature } = *entry;
			let statement = Statement { window, beaconer, observation, signature };
			ProofOfCoverage::check_statement(&statement).is_ok()
		});
		(!group.statements.is_empty()).then_some(group)
	};
	groups.into_iter().filter_map(of_group).collect()
}

/// Statements about one beacon, as a bundle carries them.
fn group(beacons: &[Beaconing], testimony: &[Testimony]) -> anyhow::Result<StatementGroup> {
	let beacon = testimony.first().and_then(|first| beacons.get(first.beacon));
	let beacon = beacon.context("a statement is about a beacon")?;
	let statements: Vec<_> = testimony
		.iter()
		.map(|entry| SignedObservation {
			observation: entry.statement.observation,
			signature: entry.statement.signature,
		})
		.collect();
	let statements = statements.try_into().map_err(|_| anyhow!("a group holds its statements"))?;
	Ok(StatementGroup { window: beacon.window, beaconer: beacon.device, statements })
}

/// The most groups, or reveals, of a bundle.
fn bundle_max() -> usize {
	<<Runtime as CoverageConfig>::MaxGroupsPerBundle as Get<u32>>::get() as usize
}

#[cfg(test)]
mod tests {
	use groma_core::words::Signature;

	use super::*;

	#[test]
	fn bundle_of_more_reveals_than_a_worker_signs_is_taken_by_no_pool() {
		let (mut chain, account) =
			(Chain::found(1, 12).expect("a chain"), Collector::Honest.account());
		let most = chain.with(|| reveals_max::<Runtime>(Collectors::bundle_room()));
		let reveal = Reveal { window: 0, beaconer: 1, signature: Signature([0; 64]) };
		let mut is_left_out = |reveals: usize| {
			let bundle = bundle_of_reveals(&vec![reveal; reveals]).expect("a bundle");
			chain.is_left_out(&account, &bundle).ok()
		};
		assert_eq!((is_left_out(most), is_left_out(most + 1)), (Some(true), None));
	}
}
