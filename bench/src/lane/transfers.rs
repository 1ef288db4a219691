//! Transfers that honest accounts send: as many in every block, without a tip.

use groma_core::money::{Balance, GRM};
use groma_runtime::{Hash, UncheckedExtrinsic};
use sp_core::{Pair, sr25519, storage::Storage};

use super::flood::transfer_of;
use crate::{authored, transactions::Signer};

/// Accounts that send transfers.
const SENDERS: usize = 64;
/// What a sender has: more than it sends.
const ENDOWMENT: Balance = 1_000 * GRM;

/// Accounts that send transfers in turn.
pub(crate) struct Transfers {
	genesis: Hash,
	signers: Vec<Signer>,
	sent: usize,
}

impl Transfers {
	/// The accounts, on a chain with this genesis.
	pub(crate) fn new(genesis: Hash) -> Self {
		let signers = (0..SENDERS).map(|number| Signer::new(pair(number))).collect();
		Self { genesis, signers, sent: 0 }
	}

	/// A state in which the accounts have what they send.
	pub(crate) fn endow(state: Storage) -> anyhow::Result<Storage> {
		let accounts = (0..SENDERS).map(|number| pair(number).public().into());
		authored::endow(state, accounts, ENDOWMENT)
	}

	/// The next `count` transfers.
	pub(crate) fn next(&mut self, count: usize) -> Vec<UncheckedExtrinsic> {
		let receiver = pair(SENDERS).public().into();
		let mut transfers = Vec::with_capacity(count);
		for _ in 0..count {
			let turn = self.sent % self.signers.len();
			self.sent += 1;
			if let Some(signer) = self.signers.get_mut(turn) {
				transfers.push(signer.sign(self.genesis, 0, transfer_of(GRM / 1_000, &receiver)));
			}
		}
		transfers
	}
}

fn pair(number: usize) -> sr25519::Pair {
	let seed = sp_crypto_hashing::blake2_256(format!("sender {number}").as_bytes());
	sr25519::Pair::from_seed(&seed)
}
