//! `groma-payer operator`.

use std::fmt;

use clap::{Args, Subcommand};
use groma_client::chain::AccountId;
use groma_core::money::Credits;
use serde::Serialize;

use super::{
	arguments::{CallArguments, outcome},
	error::CommandError,
	values,
};
use crate::calls::PayerCall;

/// Names or removes an operator: an account that opens and closes channels of this one.
///
/// An operator can neither take credits nor GRM. What it commits to channels in an epoch is
/// bounded; a server that opens channels needs no other key of its payer.
#[derive(Debug, Args)]
pub(super) struct OperatorCommand {
	#[command(subcommand)]
	action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
	/// Names an operator, or changes its limit. A deposit is held for it.
	Set {
		/// The operator.
		#[arg(value_name = "ADDRESS", value_parser = values::address)]
		operator: AccountId,
		/// The most credits that it commits to channels in an epoch. A channel counts at least
		/// 100000, since its bond is worth as much.
		#[arg(long, value_name = "CREDITS", value_parser = values::count)]
		credits_per_epoch: Credits,
		#[command(flatten)]
		call: CallArguments,
	},
	/// Removes an operator and returns its deposit. Channels that it opened stay.
	Remove {
		/// The operator.
		#[arg(value_name = "ADDRESS", value_parser = values::address)]
		operator: AccountId,
		#[command(flatten)]
		call: CallArguments,
	},
}

/// What was changed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Changed {
	/// Whose operator it is.
	payer: AccountId,
	/// The operator.
	operator: AccountId,
	/// The most credits that it commits in an epoch, as decimal text; `None` if it is removed.
	credits_per_epoch: Option<String>,
}

impl OperatorCommand {
	pub(super) async fn execute(self) -> Result<(), CommandError> {
		let (operator, credits_per_epoch, arguments) = match self.action {
			Action::Set { operator, credits_per_epoch, call } => {
				(operator, Some(credits_per_epoch), call)
			}
			Action::Remove { operator, call } => (operator, None, call),
		};
		let desk = arguments.open().await?;
		let payer = desk.owner.principal();
		let (call, what) = match credits_per_epoch {
			Some(credits_per_epoch) => (
				PayerCall::SetOperator { operator, credits_per_epoch },
				format!("operator {operator} with {credits_per_epoch} credits per epoch"),
			),
			None => {
				let known = desk.chain.credits(payer, desk.finalized().await?).await?.operators;
				if known.iter().all(|known| known.account != operator) {
					return Err(CommandError::Input(format!(
						"{operator} is no operator of {payer}: nothing was signed"
					)));
				}
				(PayerCall::RemoveOperator(operator), format!("removal of operator {operator}"))
			}
		};
		let events = desk.carry_out(&call, &what).await?;
		let credits_per_epoch = credits_per_epoch.map(|credits| credits.to_string());
		let changed = Changed { payer, operator, credits_per_epoch };
		arguments.output.print(&outcome(&what, &events, |_| Ok(changed))?)
	}
}

impl fmt::Display for Changed {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let Self { payer, operator, credits_per_epoch } = self;
		match credits_per_epoch {
			Some(credits) => {
				write!(f, "{operator} commits up to {credits} credits of {payer} in an epoch")
			}
			None => write!(f, "{operator} is no operator of {payer} any longer"),
		}
	}
}
