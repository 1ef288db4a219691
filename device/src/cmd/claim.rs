//! `groma-device claim`.

use std::fmt;

use clap::Args;
use groma_client::{
	logging,
	owner::{ChainTill, ClaimOutcome, Claims, Owner, OwnerError, claim_all},
};
use serde::Serialize;

use super::{
	arguments::{DeviceArgument, EndpointArgument, OutputArgument, SettingsArgument, Unregistered},
	error::CommandError,
};

/// Pays out what devices have earned. Anyone may do it: the owner is paid, or the payees that the
/// owner set.
///
/// What costs more than it brings is skipped, and a claim that fails does not keep the others from
/// being paid.
#[derive(Debug, Args)]
pub(super) struct ClaimCommand {
	/// The account that pays the fee: `file:PATH` of a recovery phrase or a secret seed,
	/// `mounted:PATH` if a container or systemd mounts that file, or `//Alice` on development
	/// chains.
	#[arg(long, value_name = "URI")]
	owner: String,
	#[command(flatten)]
	device: DeviceArgument,
	#[command(flatten)]
	output: OutputArgument,
	#[command(flatten)]
	endpoint: EndpointArgument,
	#[command(flatten)]
	settings: SettingsArgument,
}

/// What `--json` prints. Amounts are plancks as decimal text.
#[derive(Debug, Serialize)]
struct Answer {
	#[serde(flatten)]
	claims: Claims,
	/// Gateways of the settings that are no devices yet.
	unregistered: Vec<Unregistered>,
}

impl ClaimCommand {
	pub(super) async fn execute(self) -> Result<(), CommandError> {
		logging::start("warn");
		let owner = Owner::open(&self.owner)?;
		let chain = self.endpoint.chain(&self.settings)?;
		let devices = self.device.devices(&self.settings, &chain).await?;
		let till = ChainTill::open(&chain, &owner).await?;
		let claims = claim_all(&till, &devices.ids).await;
		let answer = Answer { claims, unregistered: devices.unregistered };
		// What failed counts more than that it cannot be shown.
		let printed = self.output.print(&answer);
		verdict(answer.claims)?;
		printed
	}
}

/// Whether all of it is done. What is not worth its fee counts as done.
fn verdict(claims: Claims) -> Result<(), CommandError> {
	let (total, failed) = (claims.claims.len(), claims.count(ClaimOutcome::is_failure));
	let paid = claims.count(|outcome| *outcome == ClaimOutcome::Paid);
	match claims.stopped {
		Some(error @ OwnerError::Unsettled { .. }) => Err(error.into()),
		Some(OwnerError::Unread(reason)) => Err(CommandError::Partly(format!(
			"{paid} of {total} claims are paid, and one more is done, but what it paid cannot be \
			 read ({reason}): update this program"
		))),
		Some(error) if paid > 0 => {
			Err(CommandError::Partly(format!("{paid} of {total} claims are paid: {error}")))
		}
		Some(error) => Err(error.into()),
		None if failed == 0 => Ok(()),
		None if failed == total => Err(CommandError::Input("no claim succeeded".to_owned())),
		None => Err(CommandError::Partly(format!("{failed} of {total} claims failed"))),
	}
}

impl fmt::Display for Answer {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		for gateway in &self.unregistered {
			writeln!(f, "{gateway}")?;
		}
		write!(f, "{}", self.claims)
	}
}

#[cfg(test)]
mod tests {
	use groma_client::{amount::Amount, chain::AccountId, owner::Claim};

	use super::*;

	fn claims(outcomes: impl IntoIterator<Item = ClaimOutcome>) -> Claims {
		let claim = |outcome| Claim {
			device: 3,
			payee: Some(AccountId::from([7; 32])),
			owed: Amount(5),
			paid: Amount(0),
			fee: Amount(0),
			outcome,
		};
		Claims { claims: outcomes.into_iter().map(claim).collect(), ..Claims::default() }
	}

	fn code(claims: Claims) -> u8 {
		verdict(claims).err().map_or(0, |error| error.exit_code())
	}

	#[test]
	fn exit_code_tells_whether_all_were_paid() {
		let skipped = ClaimOutcome::NotWorthTheFee { estimate: Amount(9) };
		let unknown = ClaimOutcome::UnknownDevice;
		assert_eq!(code(claims([])), 0);
		assert_eq!(code(claims([ClaimOutcome::Paid, skipped, ClaimOutcome::NothingOwed])), 0);
		assert_eq!(code(claims([ClaimOutcome::Paid, unknown.clone()])), 3);
		assert_eq!(code(claims([unknown])), 1);
		let reason = "gone".to_owned();
		let stopped = Some(OwnerError::Unsettled { transaction: "0x1".to_owned(), reason });
		assert_eq!(code(Claims { stopped, ..claims([ClaimOutcome::NotTried]) }), 4);
		let reason = "no event".to_owned();
		let unread = claims([ClaimOutcome::Unread { reason: reason.clone() }]);
		let unread = Claims { stopped: Some(OwnerError::Unread(reason)), ..unread };
		let error = verdict(unread).expect_err("it is not known what was paid");
		assert_eq!(error.exit_code(), 3);
		assert!(error.to_string().contains("one more is done"), "{error}");
		let stopped = || Some(OwnerError::Refused("no".to_owned()));
		let some = claims([ClaimOutcome::Paid, ClaimOutcome::NotTried]);
		assert_eq!(code(Claims { stopped: stopped(), ..some }), 3);
		assert_eq!(code(Claims { stopped: stopped(), ..claims([ClaimOutcome::NotTried]) }), 1);
	}

	#[test]
	fn claims_are_shown_and_written() {
		let answer = Answer {
			claims: Claims { paid: Amount(5), ..claims([ClaimOutcome::NothingOwed]) },
			unregistered: Vec::new(),
		};
		let text = answer.to_string();
		assert!(text.contains("in all 0.000000000005 GRM paid by 0 of 1 claims"), "{text}");
		let json = serde_json::to_value(&answer).expect("JSON");
		assert_eq!((&json["claims"][0]["owed"], &json["paid"]), (&"5".into(), &"5".into()));
		assert_eq!(json["unregistered"].as_array().map(Vec::len), Some(0));
	}
}
