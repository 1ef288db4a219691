//! A flood of tipped transfers: always more of them than blocks can take.

use std::collections::BTreeMap;

use groma_core::money::{Balance, GRM};
use groma_runtime::{AccountId, Address, Hash, RuntimeCall, UncheckedExtrinsic};
use sp_core::{Pair, sr25519, storage::Storage};
use sp_runtime::generic::Preamble;

use crate::{
	authored::{self, Authored, AuthoredChain, POOL_TRANSACTIONS},
	transactions::Signer,
};

/// Accounts that send transfers.
const SENDERS: usize = 256;
/// What every transfer tips.
pub(crate) const TIP: Balance = 10 * GRM;
/// What a sender has: more than it can tip away.
const ENDOWMENT: Balance = 1_000_000 * GRM;

/// Accounts that send transfers as fast as the pool takes them.
pub(crate) struct Flood {
	senders: BTreeMap<AccountId, Sender>,
	genesis: Hash,
}

/// What a flood brought before a block, in transfers.
#[derive(Debug)]
pub(super) struct Brought {
	/// What a block could have taken before.
	pub(super) ready: u32,
	/// What was handed to the pool.
	pub(super) submitted: usize,
	/// What the pool took of that.
	pub(super) taken: usize,
	/// What waits in the pool for a transfer before it.
	pub(super) early: usize,
}

struct Sender {
	signer: Signer,
	/// Transfers of this account on chain.
	included: u32,
	/// Transfers that it signed: no two are of one value, since a pool takes none again that it
	/// dropped.
	signed: Balance,
}

impl Flood {
	/// The senders on a chain with this genesis.
	pub(crate) fn new(genesis: Hash) -> Self {
		let senders = (0..SENDERS).map(pair).map(Signer::new);
		let senders =
			senders.map(|signer| (signer.account(), Sender { signer, included: 0, signed: 0 }));
		Self { senders: senders.collect(), genesis }
	}

	/// A state in which the senders have what they spend.
	pub(crate) fn endow(state: Storage) -> anyhow::Result<Storage> {
		let senders = (0..SENDERS).map(|sender| pair(sender).public().into());
		authored::endow(state, senders, ENDOWMENT)
	}

	/// Fills the pool. What it drops for something better is signed and sent again.
	pub(super) async fn rise(&mut self, chain: &AuthoredChain) -> anyhow::Result<Brought> {
		let ready = chain.ready();
		let mut queued: BTreeMap<AccountId, u32> = BTreeMap::new();
		for sender in ready.iter().filter_map(|it| sender_of(it)) {
			*queued.entry(sender).or_default() += 1;
		}
		let waiting: u32 = queued.values().sum();
		let room = POOL_TRANSACTIONS.saturating_sub(waiting as usize);
		let each = room.div_ceil(self.senders.len());
		let accounts: Vec<AccountId> = self.senders.keys().cloned().collect();
		let mut transfers = Vec::with_capacity(room);
		for (account, next) in accounts.iter().zip(accounts.iter().cycle().skip(1)) {
			let Some(sender) = self.senders.get_mut(account) else { continue };
			sender.signer.nonce = sender.included + queued.get(account).copied().unwrap_or(0);
			for _ in 0..each {
				sender.signed += 1;
				let transfer = transfer_of(GRM / 1_000 + sender.signed, next);
				transfers.push(sender.signer.sign(self.genesis, TIP, transfer));
			}
		}
		transfers.truncate(room);
		let submitted = transfers.len();
		let taken = chain.submit(transfers).await?;
		Ok(Brought { ready: waiting, submitted, taken, early: chain.early() })
	}

	/// Records the transfers that a block brought on chain.
	pub(crate) fn note(&mut self, block: &Authored) {
		for transaction in &block.transactions {
			let sender = sender_of(transaction).and_then(|it| self.senders.get_mut(&it));
			if let Some(sender) = sender {
				sender.included += 1;
			}
		}
	}
}

/// Who signed a transfer; `None` for every other transaction.
pub(crate) fn sender_of(transaction: &UncheckedExtrinsic) -> Option<AccountId> {
	match (&transaction.preamble, &transaction.function) {
		(Preamble::Signed(Address::Id(sender), ..), RuntimeCall::Balances(_)) => {
			Some(sender.clone())
		}
		_ => None,
	}
}

pub(super) fn transfer_of(value: Balance, receiver: &AccountId) -> RuntimeCall {
	let dest = receiver.clone().into();
	pallet_balances::Call::transfer_keep_alive { dest, value }.into()
}

fn pair(sender: usize) -> sr25519::Pair {
	let seed = sp_crypto_hashing::blake2_256(format!("flood {sender}").as_bytes());
	sr25519::Pair::from_seed(&seed)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn sender_is_found_when_a_transaction_is_a_transfer() {
		let mut signer = Signer::new(pair(0));
		let receiver = pair(1).public().into();
		let transfer = signer.sign(Hash::zero(), TIP, transfer_of(GRM, &receiver));
		assert_eq!(sender_of(&transfer), Some(signer.account()));
		let remark = frame_system::Call::remark { remark: vec![] }.into();
		assert_eq!(sender_of(&signer.sign(Hash::zero(), 0, remark)), None);
	}
}
