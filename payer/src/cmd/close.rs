//! `groma-payer close`.

use std::fmt;

use clap::Args;
use groma_core::{ChannelId, api::ChannelState};

use super::{
	arguments::{CallArguments, outcome, unknown_channel},
	error::CommandError,
};
use crate::calls::{Closed, PayerCall};

/// Closes a channel before it expires. Sign nothing more for it: vouchers are taken until its grace
/// of at least 288 windows is over, and then `finish` returns what is left.
#[derive(Debug, Args)]
pub(super) struct CloseCommand {
	/// The channel.
	channel: ChannelId,
	#[command(flatten)]
	call: CallArguments,
}

impl CloseCommand {
	pub(super) async fn execute(self) -> Result<(), CommandError> {
		let (id, desk) = (self.channel, self.call.open().await?);
		let channel = desk.chain.channel(id, desk.finalized().await?).await?;
		let channel = channel.ok_or_else(|| unknown_channel(id))?;
		if matches!(channel.state.known(), Some(ChannelState::Closing | ChannelState::Ended)) {
			return Err(CommandError::Input(format!(
				"channel {id} is closed or expired already: `groma-payer finish {id}` returns what is left from \
				 window {} on",
				channel.ends
			)));
		}
		self.call.confirm.ask(&format!("channel {id} cannot be used again once it is closed"))?;
		let events =
			desk.carry_out(&PayerCall::Close(id), &format!("closing channel {id}")).await?;
		self.call.output.print(&outcome("closing", &events, Closed::of)?)
	}
}

impl fmt::Display for Closed {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let Self { channel, ends } = self;
		write!(
			f,
			"channel {channel} is closed; from window {ends} on `groma-payer finish {channel}` returns what is \
			 left"
		)
	}
}
