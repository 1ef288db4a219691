//! The two collectors: one brings what honest devices state, the other what cheats do.

use anyhow::{Context, anyhow};
use codec::Encode;
use frame_support::traits::Get;
use groma_core::{
	protocol::RECORDS_MAX,
	statement::{Reveal, SignedObservation, StatementGroup},
};
use groma_runtime::{AccountId, Runtime, RuntimeEvent};
use groma_simulator::testimony::{Beaconing, Testimony};
use pallet_proof_of_coverage::{
	Call as CoverageCall, Config as CoverageConfig, Event as CoverageEvent,
};

use super::chain::Chain;

/// Who brings statements to the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode)]
pub(crate) enum Collector {
	/// Serves honest devices, reveals everything and triggers claims.
	Honest,
	/// Serves cheats.
	Cheating,
}

impl Collector {
	/// Both of them, the honest one first.
	pub(crate) const ALL: [Self; 2] = [Self::Honest, Self::Cheating];

	/// Its account.
	pub(crate) fn account(self) -> AccountId {
		sp_crypto_hashing::blake2_256(&("collector", self).encode()).into()
	}

	/// Submits statements about some of the beacons in bundles and returns how many of them the
	/// chain took. What is refused, be it a statement or a bundle, is refused: whether that is
	/// right shows in what everyone earns.
	pub(crate) fn state(
		self,
		chain: &mut Chain,
		beacons: &[Beaconing],
		mut testimony: Vec<Testimony>,
	) -> anyhow::Result<u64> {
		testimony.sort_by_key(|entry| entry.beacon);
		let groups = testimony
			.chunk_by(|a, b| a.beacon == b.beacon)
			.flat_map(|about_one| about_one.chunks(RECORDS_MAX as usize))
			.map(|statements| group(beacons, statements))
			.collect::<anyhow::Result<Vec<_>>>()?;
		let mut taken = 0;
		for groups in groups.chunks(bundle_max()) {
			let groups =
				groups.to_vec().try_into().map_err(|_| anyhow!("a bundle holds its groups"))?;
			let bundle = CoverageCall::<Runtime>::submit_statements { groups };
			let events = chain.call(&self.account(), bundle).unwrap_or_default();
			taken += events.iter().map(taken_by).sum::<u64>();
		}
		Ok(taken)
	}

	/// Reveals beacons in bundles.
	pub(crate) fn reveal(self, chain: &mut Chain, beacons: &[Beaconing]) -> anyhow::Result<()> {
		for beacons in beacons.chunks(bundle_max()) {
			let reveals: Vec<_> = beacons
				.iter()
				.map(|beacon| Reveal {
					window: beacon.window,
					beaconer: beacon.device,
					signature: beacon.signature,
				})
				.collect();
			let reveals = reveals.try_into().map_err(|_| anyhow!("a bundle holds its reveals"))?;
			let bundle = CoverageCall::<Runtime>::submit_reveals { reveals };
			chain
				.call(&self.account(), bundle)
				.map_err(|error| anyhow!("a bundle of reveals is refused: {error:?}"))?;
		}
		Ok(())
	}
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

fn taken_by(event: &RuntimeEvent) -> u64 {
	match event {
		RuntimeEvent::ProofOfCoverage(CoverageEvent::StatementsSubmitted { tally, .. }) => {
			tally.new.into()
		}
		_ => 0,
	}
}

/// The most groups, or reveals, of a bundle.
fn bundle_max() -> usize {
	<<Runtime as CoverageConfig>::MaxGroupsPerBundle as Get<u32>>::get() as usize
}
