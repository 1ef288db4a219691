//! `groma-payer finish`.

use std::fmt;

use clap::Args;
use groma_client::chain::{At, Chain};
use groma_core::{ChannelId, api::ChannelState};

use super::{
	arguments::{CallArguments, outcome, unknown_channel},
	error::CommandError,
};
use crate::calls::{Finished, PayerCall};

/// Returns what is left of a channel whose grace is over to its payer: credits with their basis,
/// bond and deposit. Anyone may do it.
#[derive(Debug, Args)]
pub(super) struct FinishCommand {
	/// The channel.
	channel: ChannelId,
	#[command(flatten)]
	call: CallArguments,
}

impl FinishCommand {
	pub(super) async fn execute(self) -> Result<(), CommandError> {
		let (id, desk) = (self.channel, self.call.open().await?);
		let at = desk.finalized().await?;
		let channel = desk.chain.channel(id, at).await?.ok_or_else(|| unknown_channel(id))?;
		let reason = match channel.state.known() {
			Some(ChannelState::Open) => format!(
				"it is open until window {}; close it first, if it is yours",
				channel.expires
			),
			Some(ChannelState::Closing) => format!(
				"vouchers are taken until window {}, and this is window {}",
				channel.ends,
				desk.chain.window(At::Best).await?.index
			),
			_ => String::new(),
		};
		if !reason.is_empty() {
			return Err(CommandError::Input(format!("channel {id} was not finished: {reason}")));
		}
		let events =
			desk.carry_out(&PayerCall::Finish(id), &format!("the end of channel {id}")).await?;
		self.call.output.print(&outcome("finishing", &events, Finished::of)?)
	}
}

impl fmt::Display for Finished {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let Self { channel, credits, basis } = self;
		write!(
			f,
			"channel {channel} is gone; {credits} credits, for which {basis} were burned, and its bond \
			 returned to its payer"
		)
	}
}
