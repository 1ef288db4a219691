//! Brings evidence against devices to the chain: it has an account report what the witness and the
//! auditor kept, until the device is banned. Without an account it says what to do.

use std::{
	collections::{HashMap, HashSet},
	sync::Arc,
	time::Duration,
};

use async_trait::async_trait;
use groma_client::{
	chain::{At, Chain, ChainError, RpcChain},
	evidence::DoubleBeacon,
	follower::{View, ViewReceiver, next_view_unless_stopped},
	owner::{Owner, OwnerError, PreparedCall},
	shutdown::Shutdown,
	store::{EvidenceState, Store, StoreError},
};
use groma_core::{DeviceId, WindowIndex, api::DeviceStatus};
use tokio::time::{sleep, timeout};
use tracing::{debug, info, warn};

use super::error::ActorError;
use crate::metrics::Metrics;

/// The most windows between two attempts to report a device; they double up to this.
const PAUSE_WINDOWS_MAX: u32 = 32;
/// How long a report may take to be finalized before the reporter looks at other evidence.
const REPORT_PATIENCE: Duration = Duration::from_secs(600);
/// Looks in a row by which the evidence is settled until a report is not waited for any more.
const SETTLED_LOOKS: u32 = 3;
/// The time before each of them.
const SETTLED_PAUSE: Duration = Duration::from_secs(20);

/// An account that reports devices.
#[async_trait]
pub trait Account: Send + Sync {
	/// Signs the report, submits it, and returns when it is finalized.
	async fn report(&self, evidence: &DoubleBeacon) -> Result<(), OwnerError>;
}

/// An account of the operator.
pub struct OperatorAccount {
	/// The chain, for the node that answers now.
	pub chain: Arc<RpcChain>,
	/// The key.
	pub owner: Arc<Owner>,
}

#[async_trait]
impl Account for OperatorAccount {
	async fn report(&self, evidence: &DoubleBeacon) -> Result<(), OwnerError> {
		let client = self.owner.connect(self.chain.url()).await?;
		let call =
			PreparedCall::new(&client, "ProofOfCoverage", "report_double_beacon", evidence).await?;
		self.owner.submit(&client, &call).await.map(drop)
	}
}

/// How the chain takes evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
	/// A report would succeed.
	Counts,
	/// The device is banned.
	Banned,
	/// A report would fail: the device was not challenged, its key of that window is banned or
	/// forgotten, or the window itself is.
	Void,
}

/// How the chain takes evidence, in window `now` and after the block `at`.
pub(crate) async fn standing(
	chain: &dyn Chain,
	evidence: &DoubleBeacon,
	now: WindowIndex,
	at: At,
) -> Result<Standing, ChainError> {
	let DoubleBeacon { window, device, signatures: [first, second] } = evidence;
	if evidence.is_taken_in(now)
		&& chain.is_beacon_genuine(*device, *window, first, at).await?
		&& chain.is_beacon_genuine(*device, *window, second, at).await?
	{
		return Ok(Standing::Counts);
	}
	let found = chain.device(*device, at).await?;
	Ok(match found.is_some_and(|found| found.status == DeviceStatus::Banned) {
		true => Standing::Banned,
		false => Standing::Void,
	})
}

/// Returns when the evidence has not counted for so long that a report that made it so would be
/// final. A report that came second is in no block, and no node says so.
async fn settled(chain: &dyn Chain, evidence: &DoubleBeacon, now: WindowIndex) {
	let mut looks = 0;
	while looks < SETTLED_LOOKS {
		sleep(SETTLED_PAUSE).await;
		looks = match standing(chain, evidence, now, At::Best).await {
			Ok(Standing::Banned | Standing::Void) => looks + 1,
			Ok(Standing::Counts) | Err(_) => 0,
		};
	}
}

/// When a report that failed is tried again.
#[derive(Clone, Copy)]
struct Retry {
	window: WindowIndex,
	pause_windows: u32,
}

/// The reporter of the process.
pub struct Reporter {
	chain: Arc<dyn Chain>,
	store: Arc<Store>,
	metrics: Arc<Metrics>,
	account: Option<Arc<dyn Account>>,
	views: ViewReceiver,
	/// Devices about whose evidence the log says what to do. Like the next field it holds no more
	/// devices than the store has evidence against.
	announced: HashSet<DeviceId>,
	retries: HashMap<DeviceId, Retry>,
}

impl Reporter {
	/// A reporter, that signs with `account` if there is one.
	pub fn new(
		chain: Arc<dyn Chain>,
		store: Arc<Store>,
		metrics: Arc<Metrics>,
		account: Option<Arc<dyn Account>>,
		views: ViewReceiver,
	) -> Self {
		let (announced, retries) = (HashSet::new(), HashMap::new());
		Self { chain, store, metrics, account, views, announced, retries }
	}

	/// Reports until the process is to stop. A report that is cut off is looked at again after the
	/// restart.
	pub async fn run(mut self, mut shutdown: Shutdown) {
		while let Some(view) = next_view_unless_stopped(&mut self.views, &mut shutdown).await {
			let looked = tokio::select! {
				() = shutdown.requested() => return,
				looked = self.look(&view) => looked,
			};
			if let Err(error) = looked {
				debug!(target: "device::evidence", %error, "put off");
			}
		}
	}

	/// Brings all open evidence one step further.
	async fn look(&mut self, view: &View) -> Result<(), ActorError> {
		let open = self.store.open_evidence()?;
		self.metrics.evidence_open.set(open.len() as u64);
		for evidence in open {
			let at = view.agreed();
			match standing(&*self.chain, &evidence, view.window.index, at).await? {
				Standing::Counts => self.report(&evidence, view).await?,
				Standing::Banned => self.close(&evidence, EvidenceState::Banned)?,
				Standing::Void => self.close(&evidence, EvidenceState::Void)?,
			}
		}
		Ok(())
	}

	async fn report(&mut self, evidence: &DoubleBeacon, view: &View) -> Result<(), ActorError> {
		let DoubleBeacon { window, device, .. } = *evidence;
		let retry = self.retries.get(&device).copied();
		if retry.is_some_and(|retry| view.window.index < retry.window) {
			return Ok(());
		}
		let Some(account) = self.account.clone() else {
			if self.announced.insert(device) {
				warn!(
					target: "device::evidence", device, window,
					"evidence waits for someone to report it: run `groma-device report`, or set \
					 `evidence.account`"
				);
			}
			return Ok(());
		};
		// Someone else may just have done it, and the second report does nothing.
		let best = standing(&*self.chain, evidence, view.window.index, At::Best).await?;
		if best != Standing::Counts {
			return Ok(());
		}
		let reported = tokio::select! {
			biased;
			reported = timeout(REPORT_PATIENCE, account.report(evidence)) => reported,
			// Whose report it was no longer matters. The next look finds what became of it.
			() = settled(&*self.chain, evidence, view.window.index) => return Ok(()),
		};
		match reported {
			Ok(Ok(())) => {
				self.metrics.evidence_reported.increment();
				info!(target: "device::evidence", device, window, "reported");
				return Ok(self.close(evidence, EvidenceState::Banned)?);
			}
			Ok(Err(error)) => warn!(
				target: "device::evidence", device, window, %error,
				"not reported; it is tried again in a later window"
			),
			Err(_) => warn!(
				target: "device::evidence", device, window,
				"the report is not finalized yet; it is looked at again in a later window"
			),
		}
		let pause_windows =
			retry.map_or(1, |retry| (2 * retry.pause_windows).min(PAUSE_WINDOWS_MAX));
		let next = view.window.index.saturating_add(pause_windows);
		self.retries.insert(device, Retry { window: next, pause_windows });
		Ok(())
	}

	fn close(&mut self, evidence: &DoubleBeacon, state: EvidenceState) -> Result<(), StoreError> {
		let DoubleBeacon { window, device, .. } = *evidence;
		self.store.set_evidence_state(evidence, state)?;
		self.announced.remove(&device);
		self.retries.remove(&device);
		if state == EvidenceState::Banned {
			info!(target: "device::evidence", device, window, "who signed is banned");
		} else {
			self.metrics.evidence_void.increment();
			warn!(
				target: "device::evidence", device, window,
				"the chain does not take the evidence: someone reported it, or its time has passed"
			);
		}
		Ok(())
	}
}
