//! `groma-device report`.

use std::sync::Arc;

use clap::Args;
use groma_client::{
	chain::{At, Chain, RpcChain},
	console,
	evidence::DoubleBeacon,
	logging,
	owner::{Owner, OwnerError},
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
			let path = path.display();
			let nothing = format!("{path} holds no evidence that is to be reported");
			return Ok(console::print(nothing)?);
		}
		let chain = Arc::new(self.endpoint.chain(&self.settings)?);
		let account = OperatorAccount { chain: chain.clone(), owner };
		let (total, mut reported, mut failed) = (open.len(), 0, None);
		for evidence in open {
			match bring(&chain, &account, &evidence).await {
				Ok(true) => reported += 1,
				Ok(false) => {}
				Err(error) => {
					eprintln!("device {}: {error}", evidence.device);
					// Of several the one is returned after which something may be on chain.
					if failed.is_none() || is_unsettled(&error) {
						failed = Some(error);
					}
				}
			}
		}
		match failed {
			None => Ok(()),
			Some(error) => Err(verdict(error, reported, total)),
		}
	}
}

/// Reports a device, if the chain takes the evidence. Whether it was reported.
async fn bring(
	chain: &RpcChain,
	account: &OperatorAccount,
	evidence: &DoubleBeacon,
) -> Result<bool, CommandError> {
	let DoubleBeacon { window, device, .. } = *evidence;
	let at = At::Best;
	let now = chain.window(at).await?.index;
	match standing(chain, evidence, now, at).await? {
		Standing::Counts => {
			say(format!("device {device} signed two beacons in window {window}, reporting it"));
			account.report(evidence).await?;
			say(format!("device {device} was reported: who signed is banned"));
			return Ok(true);
		}
		Standing::Banned => say(format!("device {device} is banned already")),
		Standing::Void => say(format!(
			"device {device}: the chain does not take the evidence of window {window}: someone reported it, \
			 or its time has passed"
		)),
	}
	Ok(false)
}

/// Says what becomes of evidence. It is reported also where no one reads that.
fn say(line: String) {
	let _ = console::print(line);
}

fn is_unsettled(error: &CommandError) -> bool {
	matches!(error, CommandError::Owner(OwnerError::Unsettled { .. }))
}

/// Why the command fails, if `reported` of `total` devices were reported.
fn verdict(error: CommandError, reported: usize, total: usize) -> CommandError {
	match reported > 0 && !is_unsettled(&error) {
		true => CommandError::Partly(format!("{reported} of {total} were reported: {error}")),
		false => error,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn exit_code_says_whether_some_were_reported() {
		let refused = || CommandError::from(OwnerError::Refused("no".to_owned()));
		let (transaction, reason) = ("0x1".to_owned(), "gone".to_owned());
		let unsettled = CommandError::from(OwnerError::Unsettled { transaction, reason });
		assert_eq!(verdict(refused(), 0, 2).exit_code(), 1);
		assert_eq!(verdict(refused(), 1, 2).exit_code(), 3);
		assert_eq!(verdict(unsettled, 1, 2).exit_code(), 4);
	}
}
