//! A watch over the account of the collector on this node, for its operator: whether the node has
//! its key, whether the account can pay the fees that it advances, and what it earned. The
//! collector itself is an off-chain worker of the runtime.

use std::sync::Arc;

use codec::Decode;
use frame_system::AccountInfo;
use groma_core::{
	CollectorIndex,
	api::CollectorInfo,
	money::{Balance, GRM},
	protocol::COLLECTOR_KEY_TYPE,
};
use groma_runtime::Runtime;
use groma_runtime_api::CollectorsApi;
use sc_client_api::StorageProvider;
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;
use sp_core::crypto::KeyTypeId;
use sp_keystore::KeystorePtr;
use sp_storage::StorageKey;
use substrate_prometheus_endpoint::{F64, Gauge, PrometheusError, Registry, U64, register};

use crate::types::{AccountId, FullClient, Nonce};

/// The target of the log lines about the collector.
pub(crate) const LOG_TARGET: &str = "groma::collector";
/// The type under which the keystore holds the collector's sr25519 key.
const KEY_TYPE: KeyTypeId = KeyTypeId(COLLECTOR_KEY_TYPE);
/// A full bundle costs some GRM until the fee is refunded, and a few bundles wait at a time: with
/// less than this the collector may have to pause.
pub(crate) const BALANCE_LOW: Balance = 20 * GRM;

/// Watches the collector's account.
pub(crate) struct CollectorWatch {
	client: Arc<FullClient>,
	keystore: KeystorePtr,
	metrics: Option<Metrics>,
	/// What was logged last, so that it is logged once.
	state: State,
	/// The index that was logged last.
	index: Option<CollectorIndex>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
	NoKey,
	Low,
	Funded,
}

struct Metrics {
	is_configured: Gauge<U64>,
	balance: Gauge<F64>,
	owed: Gauge<F64>,
	nonce: Gauge<U64>,
	index: Gauge<U64>,
}

/// The account of the collector on this node: that of the first of its keys, as the collector
/// itself has it; `None` if there is no such key.
pub(crate) fn own_account(keystore: &KeystorePtr) -> Option<AccountId> {
	keystore.sr25519_public_keys(KEY_TYPE).into_iter().next().map(AccountId::from)
}

impl CollectorWatch {
	/// A watch over the account whose key is in `keystore`.
	pub(crate) fn new(
		client: Arc<FullClient>,
		keystore: KeystorePtr,
		registry: Option<&Registry>,
	) -> Result<Self, PrometheusError> {
		let metrics = registry.map(Metrics::register).transpose()?;
		Ok(Self { client, keystore, metrics, state: State::NoKey, index: None })
	}

	/// Whether this node has a collector's key.
	pub(crate) fn has_key(&self) -> bool {
		own_account(&self.keystore).is_some()
	}

	/// Looks at the account as of the best block.
	pub(crate) fn look(&mut self) {
		let Some(account) = own_account(&self.keystore) else {
			self.enter(State::NoKey, || ());
			if let Some(metrics) = &self.metrics {
				metrics.is_configured.set(0);
			}
			return;
		};
		let (Some(info), Some(nonce)) = (self.info(&account), self.nonce(&account)) else {
			log::debug!(target: LOG_TARGET, "the account of {account} cannot be read at the best block");
			return;
		};
		if let Some(metrics) = &self.metrics {
			metrics.is_configured.set(1);
			metrics.balance.set(in_grm(info.free));
			metrics.nonce.set(nonce.into());
			metrics.owed.set(in_grm(info.owed));
			metrics.index.set(info.index.into());
		}
		self.note_index(&account, info.index);
		if info.free < BALANCE_LOW {
			self.enter(State::Low, || {
				log::warn!(
					target: LOG_TARGET,
					"the collector {account} holds {:.3} GRM, less than the {} GRM that it needs to \
					 advance fees: send it some",
					in_grm(info.free),
					BALANCE_LOW / GRM,
				);
			});
		} else {
			self.enter(State::Funded, || {
				log::info!(target: LOG_TARGET, "collecting as {account}");
			});
		}
	}

	/// What the chain knows of the account; `None` if the runtime does not answer.
	fn info(&self, account: &AccountId) -> Option<CollectorInfo<AccountId>> {
		let best = self.client.info().best_hash;
		self.client.runtime_api().collector(best, account.clone()).ok()
	}

	/// The account's nonce; `None` if the state cannot be read.
	fn nonce(&self, account: &AccountId) -> Option<Nonce> {
		type Info = AccountInfo<Nonce, <Runtime as frame_system::Config>::AccountData>;
		let key = StorageKey(frame_system::Account::<Runtime>::hashed_key_for(account));
		let Some(data) = self.client.storage(self.client.info().best_hash, &key).ok()? else {
			return Some(0);
		};
		Some(Info::decode(&mut &data.0[..]).ok()?.nonce)
	}

	/// Says under which index the account is registered, when that changes.
	fn note_index(&mut self, account: &AccountId, index: CollectorIndex) {
		if self.index.replace(index) == Some(index) {
			return;
		}
		match index {
			0 => log::warn!(
				target: LOG_TARGET,
				"the collector {account} is not registered: it brings reports and earns nothing for them; \
				 `groma-node collector status` shows the call to register",
			),
			index => log::info!(
				target: LOG_TARGET,
				"the collector {account} is registered under index {index}",
			),
		}
	}

	fn enter(&mut self, state: State, say: impl FnOnce()) {
		if self.state != state {
			self.state = state;
			say();
		}
	}
}

impl Metrics {
	fn register(registry: &Registry) -> Result<Self, PrometheusError> {
		Ok(Self {
			is_configured: register(
				Gauge::new(
					"groma_collector_configured",
					"1 if the keystore holds a collector's key",
				)?,
				registry,
			)?,
			balance: register(
				Gauge::new(
					"groma_collector_balance_grm",
					"Free balance of the collector's account",
				)?,
				registry,
			)?,
			owed: register(
				Gauge::new(
					"groma_collector_owed_grm",
					"What the collector earned and has not claimed",
				)?,
				registry,
			)?,
			index: register(
				Gauge::new(
					"groma_collector_index",
					"Index under which the collector is registered; 0 if it is not",
				)?,
				registry,
			)?,
			nonce: register(
				Gauge::new(
					"groma_collector_nonce",
					"Extrinsics that the collector's account signed",
				)?,
				registry,
			)?,
		})
	}
}

/// An amount in GRM for display; small digits are lost.
fn in_grm(amount: Balance) -> f64 {
	amount as f64 / GRM as f64
}
