//! A watch over the account of the collector on this node, for its operator: whether the node has
//! its key, whether the account can pay the fees that it advances, and what it earned. The
//! collector itself is an off-chain worker of the runtime.

use std::sync::Arc;

use codec::Decode;
use frame_system::AccountInfo;
use groma_core::{
	money::{Balance, GRM},
	protocol::COLLECTOR_KEY_TYPE,
};
use groma_runtime::Runtime;
use groma_runtime_api::RewardsApi;
use sc_client_api::StorageProvider;
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;
use sp_core::{crypto::KeyTypeId, sr25519};
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
const BALANCE_LOW: Balance = 20 * GRM;

/// Watches the collector's account.
pub(crate) struct CollectorWatch {
	client: Arc<FullClient>,
	keystore: KeystorePtr,
	metrics: Option<Metrics>,
	/// What was logged last, so that it is logged once.
	state: State,
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
}

impl CollectorWatch {
	/// A watch over the account whose key is in `keystore`.
	pub(crate) fn new(
		client: Arc<FullClient>,
		keystore: KeystorePtr,
		registry: Option<&Registry>,
	) -> Result<Self, PrometheusError> {
		let metrics = registry.map(Metrics::register).transpose()?;
		Ok(Self { client, keystore, metrics, state: State::NoKey })
	}

	/// Whether this node has a collector's key.
	pub(crate) fn has_key(&self) -> bool {
		self.key().is_some()
	}

	/// Looks at the account as of the best block.
	pub(crate) fn look(&mut self) {
		let Some(key) = self.key() else {
			self.enter(State::NoKey, || ());
			if let Some(metrics) = &self.metrics {
				metrics.is_configured.set(0);
			}
			return;
		};
		let account = AccountId::from(key);
		let Some((balance, nonce)) = self.account(&account) else {
			log::debug!(target: LOG_TARGET, "the account of {account} cannot be read at the best block");
			return;
		};
		if let Some(metrics) = &self.metrics {
			metrics.is_configured.set(1);
			metrics.balance.set(in_grm(balance));
			metrics.nonce.set(nonce.into());
			metrics.owed.set(in_grm(self.owed(&account)));
		}
		if balance < BALANCE_LOW {
			self.enter(State::Low, || {
				log::warn!(
					target: LOG_TARGET,
					"the collector {account} holds {:.3} GRM, less than the {} GRM that it needs to \
					 advance fees: send it some",
					in_grm(balance),
					BALANCE_LOW / GRM,
				);
			});
		} else {
			self.enter(State::Funded, || {
				log::info!(target: LOG_TARGET, "collecting as {account}");
			});
		}
	}

	/// The first of the collector's keys: the one that the collector uses, too.
	fn key(&self) -> Option<sr25519::Public> {
		self.keystore.sr25519_public_keys(KEY_TYPE).into_iter().next()
	}

	/// Free balance and nonce; `None` if the state cannot be read.
	fn account(&self, account: &AccountId) -> Option<(Balance, Nonce)> {
		type Info = AccountInfo<Nonce, <Runtime as frame_system::Config>::AccountData>;
		let key = StorageKey(frame_system::Account::<Runtime>::hashed_key_for(account));
		let Some(data) = self.client.storage(self.client.info().best_hash, &key).ok()? else {
			return Some((0, 0));
		};
		let info = Info::decode(&mut &data.0[..]).ok()?;
		Some((info.data.free, info.nonce))
	}

	fn owed(&self, account: &AccountId) -> Balance {
		let best = self.client.info().best_hash;
		self.client.runtime_api().collector_rewards(best, account.clone()).unwrap_or_default()
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
