//! `groma-payer mint`.

use std::fmt;

use clap::Args;
use groma_client::amount::Amount;
use groma_core::money::Credits;

use super::{
	arguments::{CallArguments, outcome},
	error::CommandError,
	values,
};
use crate::calls::{Minted, PayerCall, burn_max};

/// By how many percent the price may move against the payer until the call is included.
const RISE_PERCENT: u32 = 1;

/// Burns GRM of the account for credits, at the lower of the present price and its mean. Credits
/// cannot be turned back into GRM, nor sent to anyone.
#[derive(Debug, Args)]
pub(super) struct MintCommand {
	/// How many credits: USD 0.00001 each, at least 10000.
	#[arg(value_parser = values::minted)]
	credits: Credits,
	/// The most GRM to burn, such as 12.5. Without it the present price and 1 % more.
	#[arg(long, value_name = "GRM", value_parser = values::amount)]
	burn_max: Option<Amount>,
	#[command(flatten)]
	call: CallArguments,
}

impl MintCommand {
	pub(super) async fn execute(self) -> Result<(), CommandError> {
		let desk = self.call.open().await?;
		let credits = self.credits;
		let price = desk.chain.price(desk.finalized().await?).await?;
		let price = price.and_then(|price| price.mint).ok_or_else(|| {
			CommandError::Input(
				"the price of GRM is stale, so that no credits are minted: try again when `groma-payer status` \
				 shows a fresh one"
					.to_owned(),
			)
		})?;
		let needed = Amount(price.burn_for(credits));
		let most = match self.burn_max {
			Some(most) if most < needed => {
				return Err(CommandError::Input(format!(
					"{credits} credits cost {needed} at {price} USD per GRM, more than --burn-max {most}"
				)));
			}
			Some(most) => most,
			None => Amount(burn_max(price, credits, RISE_PERCENT)),
		};
		self.call.confirm.ask(&format!(
			"{credits} credits cost {needed} at {price} USD per GRM; at most {most} will be burned, and nothing returns them"
		))?;
		let call = PayerCall::Mint { credits, burn_max: most.0 };
		let what = format!("{credits} credits for at most {most}");
		let events = desk.carry_out(&call, &what).await?;
		self.call.output.print(&outcome("minting", &events, Minted::of)?)
	}
}

impl fmt::Display for Minted {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let Self { account, credits, burned } = self;
		write!(f, "{account} has {credits} credits more, for which {burned} were burned")
	}
}
