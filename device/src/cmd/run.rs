//! `groma-device run`.

use std::sync::Arc;

use clap::Args;
use groma_client::{
	chain::RpcChain,
	clock::SystemClock,
	logging,
	metrics::{Exporter, Metrics as ClientMetrics},
	owner::Owner,
	shutdown,
	store::Store,
};
use groma_lora::gwmp;
use tracing::info;

use super::{arguments::SettingsArgument, error::CommandError};
use crate::{
	actors::reporter::{Account, OperatorAccount},
	metrics::Metrics,
	server::Server,
	settings::Settings,
};

/// What the names of all metrics begin with.
const METRICS_PREFIX: &str = "groma_device";

/// Runs the client until it is asked to stop (SIGINT or SIGTERM).
#[derive(Debug, Args)]
pub(super) struct RunCommand {
	#[command(flatten)]
	settings: SettingsArgument,
}

impl RunCommand {
	pub(super) async fn execute(self) -> Result<(), CommandError> {
		let settings = self.settings.load()?;
		logging::start(&settings.log.filter);
		info!(target: "device", version = env!("CARGO_PKG_VERSION"), "groma-device");
		let server = server(&settings).await?;
		let (trigger, shutdown) = shutdown::channel();
		tokio::spawn(async move {
			shutdown::signal_received().await;
			info!(target: "device", "stopping");
			trigger.fire();
		});
		server.run(shutdown).await?;
		info!(target: "device", "stopped");
		Ok(())
	}
}

async fn server(settings: &Settings) -> Result<Server, CommandError> {
	let gateways = settings.gateways()?;
	if gateways.is_empty() {
		return Err(CommandError::Input(
			"the settings name no gateway: add a `[[gateway]]`".to_owned(),
		));
	}
	let endpoints = settings.chain.endpoints.clone();
	let client_metrics = Arc::new(ClientMetrics::default());
	let metrics = Arc::new(Metrics::default());
	let socket = gwmp::Socket::bind(settings.radio.listen)
		.map_err(|source| listen(format!("radio.listen {}", settings.radio.listen), source))?;
	info!(target: "device", address = %settings.radio.listen, "waiting for packet forwarders");
	let exporter = match settings.metrics.listen {
		Some(address) => Some(
			Exporter::bind(address, METRICS_PREFIX, vec![client_metrics.clone(), metrics.clone()])
				.await
				.map_err(|source| listen(format!("metrics.listen {address}"), source))?,
		),
		None => None,
	};
	let agreeing = settings.chain.agreeing_endpoints;
	let chain = Arc::new(RpcChain::new(endpoints, agreeing, client_metrics.clone()));
	let account = match &settings.evidence.account {
		Some(uri) => {
			let owner = Arc::new(Owner::open(uri)?);
			info!(target: "device::evidence", account = owner.address(), "reports devices that cheat");
			let account = OperatorAccount { chain: chain.clone(), owner };
			Some(Arc::new(account) as Arc<dyn Account>)
		}
		None => None,
	};
	Ok(Server {
		chain,
		clock: Arc::new(SystemClock::new()),
		store: Arc::new(Store::open(&settings.store.path)?),
		gateways,
		socket,
		policy: settings.policy(),
		account,
		client_metrics,
		metrics,
		exporter,
	})
}

fn listen(what: String, source: std::io::Error) -> CommandError {
	CommandError::Listen { what, source }
}
