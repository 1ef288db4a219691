//! A watch over the validator whose session keys this node has, for its operator.

use std::{sync::Arc, time::Duration};

use groma_core::{
	api::ValidatorInfo,
	money::{Balance, GRM},
};
use groma_runtime_api::ValidatorsApi;
use sp_api::{ApiError, ProvideRuntimeApi};
use sp_blockchain::HeaderBackend;
use sp_keystore::KeystorePtr;
use substrate_prometheus_endpoint::{F64, Gauge, PrometheusError, Registry, U64, register};

use super::own::{self, LOG_TARGET};
use crate::types::{AccountId, BlockHash, FullClient};

/// The time from one look to the next.
pub(crate) const PERIOD: Duration = Duration::from_secs(5);

/// Watches a validator.
pub(crate) struct ValidatorWatch {
	client: Arc<FullClient>,
	keystore: KeystorePtr,
	metrics: Option<Metrics>,
	/// The block that was looked at last.
	seen: Option<BlockHash>,
	/// What was logged last, so that it is logged once.
	logged: Option<Logged>,
}

/// What the log says of a validator.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Logged {
	account: AccountId,
	is_disabled: bool,
	has_pending_slash: bool,
	missing_keys: u64,
}

struct Metrics {
	in_set: Gauge<U64>,
	disabled: Gauge<U64>,
	points: Gauge<U64>,
	pending_slash: Gauge<F64>,
	own_stake: Gauge<F64>,
	keys_missing: Gauge<U64>,
}

/// A validator, and how many of its session keys the node lacks.
struct Seen {
	info: ValidatorInfo<AccountId>,
	missing_keys: u64,
}

impl ValidatorWatch {
	/// A watch over the validator whose keys are in `keystore`.
	pub(crate) fn new(
		client: Arc<FullClient>,
		keystore: KeystorePtr,
		registry: Option<&Registry>,
	) -> Result<Self, PrometheusError> {
		let metrics = registry.map(Metrics::register).transpose()?;
		Ok(Self { client, keystore, metrics, seen: None, logged: None })
	}

	/// Looks at the validator as of the best block, unless that is still the one of before.
	pub(crate) fn look(&mut self) {
		let best = self.client.info().best_hash;
		if self.seen == Some(best) {
			return;
		}
		match self.validator(best) {
			Ok(seen) => {
				self.seen = Some(best);
				if let Some(metrics) = &self.metrics {
					metrics.show(seen.as_ref());
				}
				self.note(seen);
			}
			Err(error) => log::debug!(
				target: LOG_TARGET,
				"the runtime does not say for whom this node validates: {error}"
			),
		}
	}

	/// The first of the accounts whose keys this node has.
	fn validator(&self, at: BlockHash) -> Result<Option<Seen>, ApiError> {
		let accounts = own::accounts(&self.client, &self.keystore, at)?;
		let Some(account) = accounts.into_iter().next() else { return Ok(None) };
		let info = self.client.runtime_api().validator(at, account)?;
		let missing_keys = own::missing_keys(&self.keystore, &info.keys);
		Ok(Some(Seen { info, missing_keys }))
	}

	/// Logs what is new.
	fn note(&mut self, seen: Option<Seen>) {
		let said = seen.map(|Seen { info, missing_keys }| Logged {
			account: info.account,
			is_disabled: info.is_disabled,
			has_pending_slash: info.pending_slash.is_some_and(|amount| amount > 0),
			missing_keys,
		});
		if said == self.logged {
			return;
		}
		match &said {
			None => log::info!(target: LOG_TARGET, "no validator has a session key of this node"),
			Some(it) => it.say(),
		}
		self.logged = said;
	}
}

impl Logged {
	fn say(&self) {
		let account = &self.account;
		log::info!(target: LOG_TARGET, "this node has session keys of the validator {account}");
		if self.missing_keys > 0 {
			log::warn!(
				target: LOG_TARGET,
				"{} of its session keys are not in the keystore: `groma-node validator status` names them",
				self.missing_keys,
			);
		}
		if self.is_disabled || self.has_pending_slash {
			log::warn!(
				target: LOG_TARGET,
				"it was reported for an offence: `groma-node validator status` says what that costs",
			);
		}
	}
}

impl Metrics {
	fn register(registry: &Registry) -> Result<Self, PrometheusError> {
		Ok(Self {
			in_set: register(
				Gauge::new(
					"groma_validator_in_set",
					"1 if the validator whose keys this node has validates in the present session",
				)?,
				registry,
			)?,
			disabled: register(
				Gauge::new("groma_validator_disabled", "1 if that validator is disabled")?,
				registry,
			)?,
			points: register(
				Gauge::new("groma_validator_points", "Its points of the present epoch")?,
				registry,
			)?,
			pending_slash: register(
				Gauge::new(
					"groma_validator_pending_slash_grm",
					"What slashes that wait take of the stake behind it, as far as is known",
				)?,
				registry,
			)?,
			own_stake: register(
				Gauge::new("groma_validator_own_stake_grm", "Its own stake that is active")?,
				registry,
			)?,
			keys_missing: register(
				Gauge::new(
					"groma_validator_keys_missing",
					"How many of its session keys the keystore lacks",
				)?,
				registry,
			)?,
		})
	}

	/// Shows a validator, or that there is none.
	fn show(&self, seen: Option<&Seen>) {
		let info = seen.map(|seen| &seen.info);
		self.in_set.set(u64::from(info.is_some_and(|info| info.is_active)));
		self.disabled.set(u64::from(info.is_some_and(|info| info.is_disabled)));
		self.points.set(info.map_or(0, |info| info.points));
		self.keys_missing.set(seen.map_or(0, |seen| seen.missing_keys));
		self.pending_slash.set(info.map_or(0.0, |info| in_grm(info.pending_slash)));
		let own = |info: &ValidatorInfo<AccountId>| info.backing.as_ref().map(|it| it.own);
		self.own_stake.set(info.map_or(0.0, |info| in_grm(own(info))));
	}
}

/// An amount in GRM for display; small digits are lost. What cannot be read is no number.
fn in_grm(amount: Option<Balance>) -> f64 {
	amount.map_or(f64::NAN, |amount| amount as f64 / GRM as f64)
}

#[cfg(test)]
mod tests {
	use groma_core::{api::BackingInfo, units::Scale};

	use super::*;

	/// A validator whose own stake is 12 GRM.
	fn validator(pending_slash: Option<Balance>) -> ValidatorInfo<AccountId> {
		ValidatorInfo {
			account: AccountId::new([7; 32]),
			has_keys: true,
			is_candidate: Some(true),
			is_active: true,
			is_elected: None,
			is_disabled: true,
			points: 3_000,
			backing: Some(BackingInfo {
				own: 12 * GRM,
				thawing: vec![],
				withdrawable: 0,
				delegated: 0,
				delegations: 0,
				is_open: false,
				commission: Scale::from_percent(0),
				next_commission: None,
				owed: 0,
				pending: vec![],
				yields: vec![],
			}),
			is_barred: true,
			pending_slash,
			keys: vec![],
		}
	}

	#[test]
	fn metrics_are_those_of_the_validator_or_nothing() {
		let metrics = Metrics::register(&Registry::new()).expect("the names differ");
		let seen = Seen { info: validator(Some(GRM / 2)), missing_keys: 2 };
		metrics.show(Some(&seen));
		let counts =
			|| [&metrics.in_set, &metrics.disabled, &metrics.points, &metrics.keys_missing];
		assert_eq!(counts().map(|gauge| gauge.get()), [1, 1, 3_000, 2]);
		assert_eq!((metrics.pending_slash.get(), metrics.own_stake.get()), (0.5, 12.0));
		metrics.show(None);
		assert_eq!(counts().map(|gauge| gauge.get()), [0; 4]);
		assert_eq!((metrics.pending_slash.get(), metrics.own_stake.get()), (0.0, 0.0));
	}

	#[test]
	fn amount_that_cannot_be_read_is_no_number() {
		let metrics = Metrics::register(&Registry::new()).expect("the names differ");
		let info = ValidatorInfo { backing: None, ..validator(None) };
		metrics.show(Some(&Seen { info, missing_keys: 0 }));
		assert!(metrics.pending_slash.get().is_nan() && metrics.own_stake.get().is_nan());
	}
}
