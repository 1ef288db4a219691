//! `groma-node collector status`: what a running node says of its collector, for the operator.

use std::fmt::Write;

use codec::Encode;
use groma_core::{
	api::CollectorInfo,
	money::{Balance, GRM},
	protocol::CREDIT_PARTS,
};
use groma_runtime::{CollectorCall, Runtime, RuntimeCall};
use jsonrpsee::{core::client::ClientT, rpc_params, ws_client::WsClientBuilder};

use crate::{
	collector_watch::BALANCE_LOW,
	endpoint::{AskedNode, Endpoint, EndpointFault},
	types::AccountId,
};

/// What `groma-node collector` is asked to do.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum CollectorCommand {
	/// Show index, funds and earnings of the collector of a running node, and how to register it.
	#[command(after_long_help = STATUS_HELP)]
	Status(StatusCommand),
}

/// Which collector to show.
#[derive(Debug, clap::Args)]
pub(crate) struct StatusCommand {
	#[command(flatten)]
	node: AskedNode,

	/// Show this account instead of the one whose key the node holds.
	#[arg(long, value_name = "ADDRESS")]
	account: Option<AccountId>,
}

const STATUS_HELP: &str = "\
Exit code: 0 if the collector is shown, 1 if the node does not answer or has no collector's key, or
if another machine is to be asked without encryption.

Examples:
  groma-node collector status
      The collector of the node that runs on this machine.
  groma-node collector status --endpoint wss://node.example.com
      That of another node. In your own network: --endpoint ws://10.0.0.7:9944 --allow-plaintext
";

/// Why there is nothing to show.
#[derive(Debug, thiserror::Error)]
enum StatusError {
	#[error("--endpoint: {0}")]
	Endpoint(#[from] EndpointFault),
	#[error(
		"{url} cannot be asked ({reason}): is the node running, and is this its JSON-RPC port?"
	)]
	NoAnswer { url: Endpoint, reason: String },
	#[error(
		"the node at {0} does not collect: insert an sr25519 key of type `coll` by `groma-node key \
		 insert` and restart it"
	)]
	NoKey(Endpoint),
}

impl CollectorCommand {
	/// Does it.
	pub(crate) fn run(&self) -> sc_cli::Result<()> {
		let Self::Status(command) = self;
		let runtime = sc_cli::build_runtime()?;
		let shown = runtime.block_on(command.ask());
		print!("{}", report(&shown.map_err(|error| sc_cli::Error::Application(error.into()))?));
		Ok(())
	}
}

impl StatusCommand {
	/// Asks the node.
	async fn ask(&self) -> Result<CollectorInfo<AccountId>, StatusError> {
		let endpoint = self.node.endpoint()?;
		let no_answer = |error: jsonrpsee::core::ClientError| StatusError::NoAnswer {
			url: endpoint.clone(),
			reason: error.to_string(),
		};
		let client = WsClientBuilder::default().build(endpoint.url()).await.map_err(no_answer)?;
		let params = rpc_params![self.account.clone()];
		let answer: Option<CollectorInfo<AccountId>> =
			client.request("groma_collector", params).await.map_err(no_answer)?;
		answer.ok_or(StatusError::NoKey(endpoint))
	}
}

/// What there is to know of a collector, in lines.
fn report(info: &CollectorInfo<AccountId>) -> String {
	let CollectorInfo { account, index, deposit, free, owed, open_fifths } = info;
	let mut lines = vec![("account", account.to_string())];
	let is_registered = *index > 0;
	lines.push(("index", if is_registered { index.to_string() } else { "none".into() }));
	lines.push(("free", grm(*free)));
	lines.push(("on hold", grm(if is_registered { *deposit } else { 0 })));
	lines.push(("owed", grm(*owed)));
	let (whole, fifths) = (open_fifths / CREDIT_PARTS, open_fifths % CREDIT_PARTS);
	lines.push((
		"credited",
		format!("{whole} {fifths}/{CREDIT_PARTS} reports since the last epoch"),
	));
	let mut text = String::new();
	for (name, value) in lines {
		// Writing to a string never fails.
		let _ = writeln!(text, "{name:<10}{value}");
	}
	for advice in advice(info) {
		let _ = writeln!(text, "\n{advice}");
	}
	text
}

/// What the operator should do.
fn advice(info: &CollectorInfo<AccountId>) -> Vec<String> {
	let mut advice = Vec::new();
	if info.index == 0 {
		let call = RuntimeCall::from(CollectorCall::<Runtime>::register_collector {});
		let bytes: String = call.encode().iter().map(|byte| format!("{byte:02x}")).collect();
		advice.push(format!(
			"It is not registered, so that it earns nothing for what it brings. To register, sign \
			 this call with\nthe account; it puts {} on hold until Collector.deregister_collector:\n  \
			 Collector.register_collector()   0x{bytes}",
			grm(info.deposit),
		));
	}
	if info.free < BALANCE_LOW {
		advice.push(format!(
			"It has less than the {} that it needs to advance fees: send it some.",
			grm(BALANCE_LOW),
		));
	}
	if info.owed > 0 {
		advice.push("What it is owed is paid by Collector.claim_collected(account).".into());
	}
	advice
}

/// An amount in GRM, rounded down to thousandths.
pub(crate) fn grm(amount: Balance) -> String {
	format!("{}.{:03} GRM", amount / GRM, amount % GRM / (GRM / 1_000))
}

#[cfg(test)]
mod tests {
	use super::*;

	fn info(index: u32, free: Balance) -> CollectorInfo<AccountId> {
		CollectorInfo {
			account: AccountId::new([7; 32]),
			index,
			deposit: 10 * GRM,
			free,
			owed: 0,
			open_fifths: 13,
		}
	}

	#[test]
	fn registered_collector_with_funds_needs_nothing() {
		let text = report(&info(3, 25 * GRM + GRM / 2));
		let lines: Vec<_> = text.lines().map(|line| line.split_at(10)).collect();
		assert_eq!(lines[0].1, AccountId::new([7; 32]).to_string());
		let rest = [
			("index     ", "3"),
			("free      ", "25.500 GRM"),
			("on hold   ", "10.000 GRM"),
			("owed      ", "0.000 GRM"),
			("credited  ", "2 3/5 reports since the last epoch"),
		];
		assert_eq!(lines[1..], rest);
	}

	#[test]
	fn unregistered_collector_is_shown_the_call_to_register() {
		let text = report(&info(0, 25 * GRM));
		assert!(
			text.contains("index     none\n") && text.contains("on hold   0.000 GRM\n"),
			"{text}"
		);
		assert!(text.contains("puts 10.000 GRM on hold"), "{text}");
		// The numbers of the pallet and the call, which are pinned.
		assert!(text.contains("Collector.register_collector()   0x4001\n"), "{text}");
		assert!(!text.contains("less than"), "{text}");
	}

	#[test]
	fn collector_that_lacks_funds_or_is_owed_some_is_shown_what_to_do() {
		let text = report(&CollectorInfo { owed: GRM, ..info(1, 19 * GRM) });
		assert!(text.contains("less than the 20.000 GRM"), "{text}");
		assert!(text.contains("Collector.claim_collected(account)"), "{text}");
		assert!(!text.contains("register_collector"), "{text}");
	}
}
