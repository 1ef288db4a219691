//! `groma-device report`.

use std::sync::Arc;

use clap::Args;
use groma_client::{
	chain::{At, Chain},
	evidence::DoubleBeacon,
	logging,
	owner::Owner,
	store::Store,
};

use super::{
	arguments::{EndpointArgument, SettingsArgument},
	error::CommandError,
};
use crate::actors::reporter::{Account, OperatorAccount, Standing, standing};

/// Reports the devices that were caught signing two beacons for one challenge.
///
/// The evidence is in the store, where `run` keeps it. A report that proves it is free, bans the
/// device, and earns the account what the chain grants reporters. It does no harm while `run` is
/// running.
#[derive(Debug, Args)]
pub(super) struct ReportCommand {
	/// The account that reports: `file:PATH` of a recovery phrase or a secret seed, `mounted:PATH`
	/// if a container or systemd mounts that file, or `//Alice` on development chains.
	#[arg(long, value_name = "URI")]
	account: String,
	#[command(flatten)]
	endpoint: EndpointArgument,
	#[command(flatten)]
	settings: SettingsArgument,
}

impl ReportCommand {
	pub(super) async fn execute(self) -> Result<(), CommandError> {
		logging::start("warn");
		let owner = Arc::new(Owner::open(&self.account)?);
		let path = self.settings.load()?.store.path;
		let open = match Store::exists(&path)? {
			true => Store::open_to_read(&path)?.open_evidence()?,
			false => Vec::new(),
		};
		if open.is_empty() {
			println!("{} holds no evidence that is to be reported", path.display());
			return Ok(());
		}
		let chain = Arc::new(self.endpoint.chain(&self.settings)?);
		let account = OperatorAccount { chain: chain.clone(), owner };
		for evidence in open {
			let DoubleBeacon { window, device, .. } = evidence;
			let at = At::Best;
			let now = chain.window(at).await?.index;
			match standing(&*chain, &evidence, now, at).await? {
				Standing::Counts => {
					println!("device {device} signed two beacons in window {window}, reporting it");
					account.report(&evidence).await?;
					println!("device {device} was reported: who signed is banned");
				}
				Standing::Banned => println!("device {device} is banned already"),
				Standing::Void => println!(
					"device {device}: the chain does not take the evidence of window {window}: somebody reported \
					 it, or its time has passed"
				),
			}
		}
		Ok(())
	}
}
