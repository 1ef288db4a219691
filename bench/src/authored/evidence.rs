//! Statements and reveals as transactions: in bundles of collectors, and as calls of the devices
//! themselves.

use anyhow::{Context, anyhow};
use frame_support::traits::Get;
use groma_core::{
	WindowIndex,
	money::{Balance, GRM},
	statement::{Reveal, StatementGroup},
	words,
};
use groma_runtime::{Collector, Hash, Runtime, RuntimeCall, UncheckedExtrinsic};
use pallet_proof_of_coverage::{Config, reveals_max, statements_fit};
use sp_core::{Pair, sr25519, storage::Storage};
use sp_state_machine::BasicExternalities;

use super::endowment::endow;
use crate::{
	receipts::{CLUSTER, Devices},
	transactions::{Signer, authorized},
};

type CoverageCall = pallet_proof_of_coverage::Call<Runtime>;

/// Witnesses of a challenge.
pub(crate) const WITNESSES: u32 = CLUSTER - 1;
/// Accounts that collect in each phase: so many, since few bundles of one account may wait at a
/// time. Each phase has its own, so that neither waits for the other's transactions.
const COLLECTORS: usize = 32;
/// What a collector has: more than its bundles advance.
const ENDOWMENT: Balance = 1_000_000 * GRM;

/// What collectors bring.
#[derive(Clone, Copy, Debug)]
enum Phase {
	Statements,
	Reveals,
}

/// A state in which the collectors have what they advance.
pub(super) fn endow_collectors(state: Storage) -> anyhow::Result<Storage> {
	let pairs = [Phase::Statements, Phase::Reveals]
		.into_iter()
		.flat_map(|phase| (0..COLLECTORS).map(move |number| pair(phase, number)));
	endow(state, pairs.map(|pair| pair.public().into()), ENDOWMENT)
}

fn pair(phase: Phase, number: usize) -> sr25519::Pair {
	let seed = sp_crypto_hashing::blake2_256(format!("collector {phase:?} {number}").as_bytes());
	sr25519::Pair::from_seed(&seed)
}

/// How many challenges a collector puts into one bundle, by its own rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BundleSizes {
	/// Challenges with eight statements each.
	pub(crate) groups: u32,
	/// Reveals, of challenges of any size.
	pub(crate) reveals: u32,
}

impl BundleSizes {
	/// The sizes under the parameters with which a chain begins.
	pub(crate) fn at_genesis() -> Self {
		BasicExternalities::new_empty().execute_with(|| {
			let room = Collector::bundle_room();
			let most = <Runtime as Config>::MaxGroupsPerBundle::get();
			let fitting = (1..=most)
				.take_while(|groups| statements_fit::<Runtime>(*groups, groups * WITNESSES, room))
				.count() as u32;
			Self { groups: fitting.max(1), reveals: reveals_max::<Runtime>(room) as u32 }
		})
	}
}

/// Who brings the evidence of devices to a chain.
pub(crate) struct Evidence {
	devices: Devices,
	genesis: Hash,
	sizes: BundleSizes,
	statement_collectors: Collectors,
	reveal_collectors: Collectors,
}

impl Evidence {
	/// The evidence of devices on a chain with this genesis, to which nothing was brought yet.
	pub(crate) fn new(devices: Devices, genesis: Hash) -> Self {
		Self {
			devices,
			genesis,
			sizes: BundleSizes::at_genesis(),
			statement_collectors: Collectors::new(Phase::Statements),
			reveal_collectors: Collectors::new(Phase::Reveals),
		}
	}

	/// What is stated about the beacons of these clusters, in bundles of the collectors.
	pub(crate) fn bundled_statements(
		&mut self,
		clusters: &[u32],
		window: WindowIndex,
		seed: &words::Hash,
	) -> anyhow::Result<Vec<UncheckedExtrinsic>> {
		let groups = self.groups(clusters, window, seed)?;
		let bundles = groups.chunks(self.sizes.groups as usize).map(statement_bundle);
		self.statement_collectors.sign(self.genesis, bundles)
	}

	/// The reveals of the beacons of these clusters, in bundles of the collectors.
	pub(crate) fn bundled_reveals(
		&mut self,
		clusters: &[u32],
		window: WindowIndex,
		seed: &words::Hash,
	) -> anyhow::Result<Vec<UncheckedExtrinsic>> {
		let reveals: Vec<Reveal> =
			clusters.iter().map(|cluster| self.devices.reveal(*cluster, window, seed)).collect();
		let bundles = reveals.chunks(self.sizes.reveals as usize).map(reveal_bundle);
		self.reveal_collectors.sign(self.genesis, bundles)
	}

	/// What is stated about the beacons of these clusters, by every witness itself.
	pub(crate) fn own_statements(
		&self,
		clusters: &[u32],
		window: WindowIndex,
		seed: &words::Hash,
	) -> anyhow::Result<Vec<UncheckedExtrinsic>> {
		let groups = self.groups(clusters, window, seed)?;
		let calls = groups.iter().flat_map(|group| {
			group.statements.iter().map(|entry| CoverageCall::submit_own_statement {
				statement: group.statement(entry),
			})
		});
		Ok(calls.map(|call| authorized(call.into())).collect())
	}

	/// The reveals of the beacons of these clusters, by the beaconers themselves.
	pub(crate) fn own_reveals(
		&self,
		clusters: &[u32],
		window: WindowIndex,
		seed: &words::Hash,
	) -> Vec<UncheckedExtrinsic> {
		let reveals = clusters.iter().map(|cluster| self.devices.reveal(*cluster, window, seed));
		reveals
			.map(|reveal| authorized(CoverageCall::submit_own_reveal { reveal }.into()))
			.collect()
	}

	fn groups(
		&self,
		clusters: &[u32],
		window: WindowIndex,
		seed: &words::Hash,
	) -> anyhow::Result<Vec<StatementGroup>> {
		clusters.iter().map(|cluster| self.devices.statements(*cluster, window, seed)).collect()
	}
}

/// Collectors who sign bundles in turn.
struct Collectors {
	signers: Vec<Signer>,
	/// How many bundles they signed.
	bundles: usize,
}

impl Collectors {
	fn new(phase: Phase) -> Self {
		let signers = (0..COLLECTORS).map(|number| Signer::new(pair(phase, number))).collect();
		Self { signers, bundles: 0 }
	}

	fn sign(
		&mut self,
		genesis: Hash,
		bundles: impl Iterator<Item = anyhow::Result<RuntimeCall>>,
	) -> anyhow::Result<Vec<UncheckedExtrinsic>> {
		let signed = bundles.map(|call| {
			let turn = self.bundles % self.signers.len();
			self.bundles += 1;
			let signer = self.signers.get_mut(turn).context("there are collectors")?;
			Ok(signer.sign(genesis, 0, call?))
		});
		signed.collect()
	}
}

/// A bundle of statements, not signed.
pub(crate) fn statement_bundle(groups: &[StatementGroup]) -> anyhow::Result<RuntimeCall> {
	let groups = groups.to_vec().try_into().map_err(|_| anyhow!("a bundle holds its groups"))?;
	Ok(CoverageCall::submit_statements { groups }.into())
}

/// A bundle of reveals, not signed.
pub(crate) fn reveal_bundle(reveals: &[Reveal]) -> anyhow::Result<RuntimeCall> {
	let reveals = reveals.to_vec().try_into().map_err(|_| anyhow!("a bundle holds its reveals"))?;
	Ok(CoverageCall::submit_reveals { reveals }.into())
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn bundles_are_as_large_as_a_collector_makes_them() {
		let BundleSizes { groups, reveals } = BundleSizes::at_genesis();
		let most = <Runtime as Config>::MaxGroupsPerBundle::get();
		assert!((1..=most).contains(&groups) && (1..=most).contains(&reveals));
		BasicExternalities::new_empty().execute_with(|| {
			let fits = |groups| {
				statements_fit::<Runtime>(groups, groups * WITNESSES, Collector::bundle_room())
			};
			assert!(fits(groups) && !fits(groups + 1));
		});
	}

	#[test]
	fn collectors_take_turns_and_count_their_own_transactions() {
		let devices = Devices::new(100, [7; 32]).expect("a power of ten");
		let mut evidence = Evidence::new(devices, Hash::repeat_byte(7));
		evidence.sizes.reveals = 2;
		let bundles = evidence.bundled_reveals(&[0, 1, 2, 3, 4], 5, &[1; 32]).expect("signed");
		assert_eq!(bundles.len(), 3);
		let nonces = |collectors: &Collectors| -> Vec<_> {
			collectors.signers.iter().map(|signer| signer.nonce).collect()
		};
		assert_eq!(nonces(&evidence.reveal_collectors)[..4], [1, 1, 1, 0]);
		assert_eq!(nonces(&evidence.statement_collectors), [0; COLLECTORS]);
	}
}
