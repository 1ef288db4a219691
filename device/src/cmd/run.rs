//! `groma-device run`.

use std::sync::Arc;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};
use tracing::{info, warn};

use super::{CommandError, SettingsArgument, start_logging};
use crate::{
	chain::RpcChain,
	clock::SystemClock,
	gwmp,
	metrics::{Exporter, Metrics},
	owner::Owner,
	reporter::{Account, OperatorAccount},
	server::Server,
	settings::Settings,
	shutdown,
	store::Store,
};

/// Runs the client until it is asked to stop (SIGINT or SIGTERM).
#[derive(Debug, Args)]
pub(super) struct RunCommand {
	#[command(flatten)]
	settings: SettingsArgument,
}

impl RunCommand {
	pub(super) async fn execute(self) -> Result<(), CommandError> {
		let settings = self.settings.load()?;
		start_logging(&settings.log.filter);
		info!(target: "device", version = env!("CARGO_PKG_VERSION"), "groma-device");
		let server = server(&settings).await?;
		let (trigger, shutdown) = shutdown::channel();
		tokio::spawn(async move {
			wait_for_signal().await;
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
	if endpoints.len() < 2 {
		warn!(
			target: "device::chain",
			"there is one endpoint only: what it keeps back, nobody delivers; add another to `chain.endpoints`"
		);
	}
	let metrics = Arc::new(Metrics::default());
	let socket = gwmp::Socket::bind(settings.radio.listen)
		.map_err(|source| listen(format!("radio.listen {}", settings.radio.listen), source))?;
	info!(target: "device::gwmp", address = %settings.radio.listen, "waiting for packet forwarders");
	let exporter = match settings.metrics.listen {
		Some(address) => Some(
			Exporter::bind(address, metrics.clone())
				.await
				.map_err(|source| listen(format!("metrics.listen {address}"), source))?,
		),
		None => None,
	};
	let agreeing = settings.chain.agreeing_endpoints;
	let chain = Arc::new(RpcChain::new(endpoints, agreeing, metrics.clone()));
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
		metrics,
		exporter,
	})
}

fn listen(what: String, source: std::io::Error) -> CommandError {
	CommandError::Listen { what, source }
}

/// Waits for SIGINT or SIGTERM; for ever where signals cannot be had.
pub(super) async fn wait_for_signal() {
	match (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) {
		(Ok(mut interrupt), Ok(mut terminate)) => {
			tokio::select! {
				_ = interrupt.recv() => {},
				_ = terminate.recv() => {},
			}
		}
		_ => std::future::pending().await,
	}
}
