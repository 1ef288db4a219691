//! `groma-device audit`.

use std::fmt;

use clap::Args;
use groma_client::{
	audit::{self, Difference, NodeArchive, Report},
	logging,
};
use groma_core::EpochIndex;

use super::{
	arguments::{EndpointArgument, OutputArgument, SettingsArgument},
	error::CommandError,
};

/// Recomputes every payout of an epoch, supply and demand, and compares with the chain.
///
/// For owners and for anyone who watches the chain. It reads the state and the events of every
/// block of the epoch, so it needs an archive node: one that runs with `--state-pruning archive`.
/// It ends with 0 if every payout is right to the last planck.
#[derive(Debug, Args)]
pub(super) struct AuditCommand {
	/// The epoch. It has to be closed in a finalized block.
	#[arg(long)]
	epoch: EpochIndex,
	#[command(flatten)]
	output: OutputArgument,
	#[command(flatten)]
	endpoint: EndpointArgument,
	#[command(flatten)]
	settings: SettingsArgument,
}

/// What is printed.
#[derive(Debug, serde::Serialize)]
#[serde(transparent)]
struct Answer(Report);

impl AuditCommand {
	pub(super) async fn execute(self) -> Result<(), CommandError> {
		logging::start("warn");
		let chain = self.endpoint.chain(&self.settings)?;
		let archive = NodeArchive::open(&chain).await?;
		let report = audit::audit(&archive, self.epoch).await?;
		let answer = Answer(report);
		self.output.print(&answer)?;
		verdict(&answer.0)
	}
}

/// Whether everything is compared, and right.
fn verdict(report: &Report) -> Result<(), CommandError> {
	let (wrong, skipped) = (report.differences.len(), report.not_compared.len());
	if !report.is_right() {
		return Err(CommandError::Input(format!(
			"{wrong} numbers of epoch {} are not what they should be",
			report.epoch
		)));
	}
	match skipped {
		0 => Ok(()),
		skipped => Err(CommandError::Partly(format!(
			"{skipped} devices owe more payees than one answer names: they are not compared"
		))),
	}
}

impl fmt::Display for Answer {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let Self(report) = self;
		let Report { epoch, first_block, last_block, settled_in, .. } = report;
		writeln!(
			f,
			"epoch {epoch}, blocks {first_block} to {last_block}, settled in {settled_in}"
		)?;
		writeln!(f, "  supply    {}", report.supply)?;
		writeln!(f, "  demand    {} for {} vouchers", report.demand, report.vouchers)?;
		writeln!(f, "  left      {} for validators", report.for_validators)?;
		writeln!(f, "  devices   {} earned {}", report.devices, report.total())?;
		for device in &report.not_compared {
			writeln!(f, "  not compared: device {device} owes more payees than an answer names")?;
		}
		for Difference { about, computed, on_chain } in &report.differences {
			writeln!(f, "  WRONG     {about}: {on_chain} on chain, {computed} as recomputed")?;
		}
		match (report.differences.len(), report.not_compared.len()) {
			(0, 0) => write!(f, "every payout is right to the last planck"),
			(0, skipped) => write!(
				f,
				"every payout that was compared is right to the last planck; {skipped} devices were not"
			),
			(wrong, _) => write!(f, "{wrong} numbers are wrong"),
		}
	}
}

#[cfg(test)]
mod tests {
	use groma_client::amount::Amount;

	use super::*;

	fn report() -> Report {
		Report {
			epoch: 7,
			first_block: 11,
			last_block: 20,
			settled_in: 22,
			devices: 3,
			vouchers: 2,
			supply: Amount(1_500_000_000_000),
			demand: Amount(500_000_000_000),
			..Report::default()
		}
	}

	fn wrong() -> Report {
		let about = "block 12: paid".to_owned();
		Report { differences: vec![Difference { about, computed: 9, on_chain: 8 }], ..report() }
	}

	#[test]
	fn exit_code_tells_whether_all_is_right() {
		let code = |report: Report| verdict(&report).err().map_or(0, |error| error.exit_code());
		assert_eq!(code(report()), 0);
		assert_eq!(code(Report { not_compared: vec![5], ..report() }), 3);
		assert_eq!(code(wrong()), 1);
		assert_eq!(code(Report { not_compared: vec![5], ..wrong() }), 1);
	}

	#[test]
	fn report_names_what_is_wrong() {
		let text = Answer(report()).to_string();
		assert!(text.contains("3 earned 2 GRM") && text.ends_with("last planck"), "{text}");
		let text = Answer(Report { not_compared: vec![5], ..report() }).to_string();
		assert!(
			text.ends_with("that was compared is right to the last planck; 1 devices were not")
		);
		let text = Answer(wrong()).to_string();
		assert!(text.contains("block 12: paid: 8 on chain, 9 as recomputed"), "{text}");
		assert!(text.ends_with("1 numbers are wrong"), "{text}");
		let json = serde_json::to_value(Answer(wrong())).expect("JSON");
		assert_eq!((&json["settledIn"], &json["supply"]), (&22.into(), &"1500000000000".into()));
		assert_eq!(json["differences"][0]["onChain"], "8");
	}
}
