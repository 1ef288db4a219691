//! All wiring on one screen.

use std::{sync::Arc, time::Duration};

use groma_client::{
	chain::{Chain, ChainError},
	clock::Clock,
	delivery::{Delivery, Policy},
	follower::Follower,
	metrics::{Exporter, Metrics as ClientMetrics},
	outage::Outage,
	shutdown::{self, Shutdown},
	store::{Store, StoreError},
};
use groma_lora::gwmp;
use tokio::{sync::mpsc, task::JoinSet};
use tracing::{debug, error, info, warn};

use crate::{
	actors::{
		auditor::Auditor,
		beaconer::{self, Beaconer},
		reporter::{Account, Reporter},
		revealer::Revealer,
		witness::Witness,
	},
	fleet::Gateway,
	metrics::Metrics,
};

/// Received frames that may wait for the witness.
const RECEPTIONS_MAX: usize = 4_096;
/// How long actors may take to stop: one that waits for a node is not waited for, since all that
/// counts is in the store.
const STOP_PATIENCE: Duration = Duration::from_secs(5);
/// The time between two attempts to reach the chain at the start.
const PAUSE: Duration = Duration::from_secs(2);

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
	/// The chain refuses what it is asked.
	#[error(transparent)]
	Chain(#[from] ChainError),
	/// The store cannot be used.
	#[error(transparent)]
	Store(#[from] StoreError),
	/// An actor ended without being asked to.
	#[error("a part of the client failed; restart it, and report the lines before this one")]
	Failed,
}

/// Everything that a server is made of.
pub struct Server {
	/// The chain.
	pub chain: Arc<dyn Chain>,
	/// The clock.
	pub clock: Arc<dyn Clock>,
	/// What survives a crash.
	pub store: Arc<Store>,
	/// The gateways.
	pub gateways: Arc<[Gateway]>,
	/// The socket to which packet forwarders speak.
	pub socket: gwmp::Socket,
	/// How to deliver.
	pub policy: Policy,
	/// Who reports devices that are caught, if the operator has set an account up.
	pub account: Option<Arc<dyn Account>>,
	/// What is counted of the chain and of reports.
	pub client_metrics: Arc<ClientMetrics>,
	/// What else is counted.
	pub metrics: Arc<Metrics>,
	/// Where it is shown, if anywhere.
	pub exporter: Option<Exporter>,
}

impl Server {
	/// Runs until the process is to stop.
	pub async fn run(self, mut shutdown: Shutdown) -> Result<(), ServerError> {
		tokio::select! {
			() = shutdown.requested() => return Ok(()),
			bound = bind(&*self.chain, &*self.clock, &self.store) => bound?,
		}
		let gateways = self.gateways.len();
		let (trigger, stop) = shutdown::channel();
		let mut actors = self.start(&stop)?;
		info!(target: "device", gateways, "running");

		let failed = tokio::select! {
			() = shutdown.requested() => None,
			ended = actors.join_next() => Some(ended),
		};
		trigger.fire();
		let stopped = async { while actors.join_next().await.is_some() {} };
		if tokio::time::timeout(STOP_PATIENCE, stopped).await.is_err() {
			debug!(target: "device", "an actor that waits for an answer is cut off");
		}
		match failed {
			None => Ok(()),
			Some(ended) => {
				error!(target: "device", ?ended, "an actor ended");
				Err(ServerError::Failed)
			}
		}
	}

	/// Starts all actors.
	fn start(self, stop: &Shutdown) -> Result<JoinSet<()>, StoreError> {
		let Self {
			chain,
			clock,
			store,
			gateways,
			socket,
			policy,
			account,
			client_metrics,
			metrics,
			exporter,
		} = self;
		let (heard, receptions) = mpsc::channel(RECEPTIONS_MAX);
		let served = gateways.iter().map(Gateway::served);
		let (radio, forwarders) = gwmp::server(socket, served, heard, metrics.clone());
		let forwarders = forwarders.passing_on(Witness::can_be_beacon);
		let devices: Arc<[_]> = gateways.iter().map(Gateway::identity).collect();
		let (follower, views) = Follower::new(
			chain.clone(),
			clock.clone(),
			store.clone(),
			devices.clone(),
			client_metrics.clone(),
		)?;
		let (sender, delivery) = Delivery::new(
			chain.clone(),
			store.clone(),
			clock.clone(),
			client_metrics.clone(),
			policy,
			views.clone(),
		)?;
		let delivery = delivery.signing_for(devices);
		let tools = beaconer::Tools {
			chain: chain.clone(),
			clock,
			radio: Arc::new(radio),
			store: store.clone(),
			metrics: metrics.clone(),
		};
		let beaconer = Beaconer::new(tools, gateways.clone(), views.clone());
		let witness = Witness::new(
			chain.clone(),
			store.clone(),
			metrics.clone(),
			sender.clone(),
			receptions,
			gateways,
			views.clone(),
		);
		let revealer = Revealer::new(store.clone(), client_metrics, sender, views.clone());
		let auditor = Auditor::new(chain.clone(), store.clone(), metrics.clone(), views.clone());
		let reporter = Reporter::new(chain, store, metrics, account, views);

		let mut actors = JoinSet::new();
		let mut ended = stop.clone();
		actors.spawn(async move { forwarders.run(ended.requested()).await });
		actors.spawn(delivery.run(stop.clone()));
		actors.spawn(revealer.run(stop.clone()));
		actors.spawn(witness.run(stop.clone()));
		actors.spawn(beaconer.run(stop.clone()));
		actors.spawn(auditor.run(stop.clone()));
		actors.spawn(reporter.run(stop.clone()));
		actors.spawn(follower.run(stop.clone()));
		if let Some(exporter) = exporter {
			actors.spawn(exporter.run(stop.clone()));
		}
		Ok(actors)
	}
}

/// Binds the store to the chain, as soon as the chain answers.
async fn bind(chain: &dyn Chain, clock: &dyn Clock, store: &Store) -> Result<(), ServerError> {
	let mut outage = Outage::default();
	loop {
		match chain.genesis().await {
			Ok(genesis) => {
				if let Some(lasted) = outage.ends(clock.now()) {
					info!(target: "device::chain", lasted_s = lasted.as_secs(), "the chain answers");
				}
				return Ok(store.bind(&genesis)?);
			}
			Err(error) if error.is_retryable() => {
				if let Some(lasting) = outage.goes_on(clock.now()) {
					warn!(
						target: "device::chain", %error, lasting_s = lasting.as_secs(),
						"waiting for the chain"
					);
				}
				tokio::time::sleep(PAUSE).await;
			}
			Err(error) => return Err(error.into()),
		}
	}
}
