//! All wiring on one screen.

use std::sync::Arc;

use tokio::{net::UdpSocket, sync::mpsc, task::JoinSet};
use tracing::{error, info};

use crate::{
	beaconer::{self, Beaconer},
	chain::{Chain, ChainError},
	clock::Clock,
	delivery::{Delivery, Policy},
	fleet::Gateway,
	follower::Follower,
	gwmp,
	metrics::{Exporter, Metrics},
	revealer::Revealer,
	shutdown::{self, Shutdown},
	store::{Store, StoreError},
	witness::Witness,
};

/// Received frames that may wait for the witness.
const RECEPTIONS_MAX: usize = 4_096;

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
	/// The chain refuses what it is asked.
	#[error(transparent)]
	Chain(#[from] ChainError),
	/// The store cannot be used.
	#[error(transparent)]
	Store(#[from] StoreError),
	/// An actor ended although nobody asked it to.
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
	pub socket: UdpSocket,
	/// How to deliver.
	pub policy: Policy,
	/// What is counted.
	pub metrics: Arc<Metrics>,
	/// Where it is shown, if anywhere.
	pub exporter: Option<Exporter>,
}

impl Server {
	/// Runs until the process is to stop.
	pub async fn run(self, mut shutdown: Shutdown) -> Result<(), ServerError> {
		let Self { chain, clock, store, gateways, socket, policy, metrics, exporter } = self;
		tokio::select! {
			() = shutdown.requested() => return Ok(()),
			bound = bind(&*chain, &store) => bound?,
		}

		let (heard, receptions) = mpsc::channel(RECEPTIONS_MAX);
		let macs = gateways.iter().map(|gateway| gateway.mac);
		let (radio, forwarders) = gwmp::server(socket, macs, heard, metrics.clone());
		let (follower, views) =
			Follower::new(chain.clone(), clock.clone(), gateways.clone(), metrics.clone());
		let (delivery_sender, delivery) = Delivery::new(
			chain.clone(),
			store.clone(),
			clock.clone(),
			metrics.clone(),
			policy,
			views.clone(),
		)?;
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
			delivery_sender.clone(),
			receptions,
			gateways.clone(),
			views.clone(),
		);
		let revealer = Revealer::new(chain, store, metrics, delivery_sender, views);

		let (trigger, stop) = shutdown::channel();
		let mut actors = JoinSet::new();
		actors.spawn(forwarders.run(stop.clone()));
		actors.spawn(delivery.run(stop.clone()));
		actors.spawn(revealer.run(stop.clone()));
		actors.spawn(witness.run(stop.clone()));
		actors.spawn(beaconer.run(stop.clone()));
		actors.spawn(follower.run(stop.clone()));
		if let Some(exporter) = exporter {
			actors.spawn(exporter.run(stop));
		}
		info!(target: "device", gateways = gateways.len(), "running");

		let failed = tokio::select! {
			() = shutdown.requested() => None,
			ended = actors.join_next() => Some(ended),
		};
		trigger.fire();
		while actors.join_next().await.is_some() {}
		match failed {
			None => Ok(()),
			Some(ended) => {
				error!(target: "device", ?ended, "an actor ended");
				Err(ServerError::Failed)
			}
		}
	}
}

/// Binds the store to the chain, as soon as the chain answers.
async fn bind(chain: &dyn Chain, store: &Store) -> Result<(), ServerError> {
	loop {
		match chain.genesis().await {
			Ok(genesis) => return Ok(store.bind(&genesis)?),
			Err(error) if error.is_retryable() => {
				tracing::warn!(target: "device::chain", %error, "waiting for the chain");
				tokio::time::sleep(std::time::Duration::from_secs(2)).await;
			}
			Err(error) => return Err(error.into()),
		}
	}
}
