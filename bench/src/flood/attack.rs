//! Accounts that submit bundles of copies of one reveal, wrongly signed.

use groma_core::{
	money::{Balance, GRM},
	protocol::GROUPS_PER_BUNDLE_MAX,
	statement::Reveal,
	words::Signature,
};
use groma_runtime::Hash;
use sp_core::{Pair, sr25519, storage::Storage};

use crate::{
	authored::{self, AuthoredChain, BundleSizes, reveal_bundle},
	transactions::Signer,
};

/// Copies in every other bundle; the others hold as many as a bundle may declare.
const COPIES: usize = 48;
/// What an attacker has: more than its bundles cost.
const ENDOWMENT: Balance = 10_000 * GRM;
/// The most accounts that attack.
const ACCOUNTS: usize = 100;

/// Accounts that flood the pool.
pub(super) struct Attack {
	genesis: Hash,
	signers: Vec<Signer>,
	/// How many bundles they still submit.
	left: usize,
	most: usize,
}

impl Attack {
	/// So many accounts, which submit so many bundles in all.
	pub(super) fn new(genesis: Hash, accounts: usize, bundles: usize) -> Self {
		let signers = (0..accounts).map(|number| Signer::new(pair(number))).collect();
		let left = if accounts == 0 { 0 } else { bundles };
		Self { genesis, signers, left, most: bundles }
	}

	/// A state in which the accounts have what the bundles cost.
	pub(super) fn endow(state: Storage) -> anyhow::Result<Storage> {
		let accounts = (0..ACCOUNTS).map(|number| pair(number).public().into());
		authored::endow(state, accounts, ENDOWMENT)
	}

	/// Submits the part of one block, of a window of so many, and says how many bundles that were
	/// and how many the pool took.
	pub(super) async fn rise(
		&mut self,
		chain: &AuthoredChain,
		target: Reveal,
		blocks: u32,
	) -> anyhow::Result<(usize, usize)> {
		if self.left == 0 {
			return Ok((0, 0));
		}
		let part = self.most.div_ceil(blocks.saturating_sub(1).max(1) as usize).min(self.left);
		let each = part.div_ceil(self.signers.len());
		let copies = [
			COPIES.min(GROUPS_PER_BUNDLE_MAX as usize),
			BundleSizes::at_genesis().reveals as usize,
		];
		let mut bundles = Vec::with_capacity(part);
		for signer in &mut self.signers {
			signer.nonce = chain.nonce(signer.account())?;
			for number in 0..each.min(part - bundles.len()) {
				let reveal = Reveal { signature: Signature([7; 64]), ..target };
				let call = reveal_bundle(&vec![reveal; copies[number % copies.len()]])?;
				bundles.push(signer.sign(self.genesis, 0, call));
				if number % copies.len() == 0 {
					// It declares too much, so that its nonce is free for the next.
					signer.nonce -= 1;
				}
			}
		}
		self.left -= bundles.len();
		let submitted = bundles.len();
		Ok((submitted, chain.submit(bundles).await?))
	}
}

fn pair(number: usize) -> sr25519::Pair {
	let seed = sp_crypto_hashing::blake2_256(format!("attacker {number}").as_bytes());
	sr25519::Pair::from_seed(&seed)
}
