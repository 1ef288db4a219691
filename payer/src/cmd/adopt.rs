//! `groma-payer adopt`.

use std::fmt;

use clap::Args;
use groma_core::{ChannelId, money::Credits, voucher::Seat};
use serde::Serialize;

use super::{
	arguments::{
		BookArgument, NodeArgument, OutputArgument, SignerArgument, finalized, genesis,
		unknown_channel,
	},
	confirm::ConfirmArgument,
	error::CommandError,
};
use crate::book::BookedChannel;

/// Takes a channel into the book that was opened elsewhere, for example by an operator.
///
/// The chain knows what was claimed, but not what was signed and is still to be claimed. If
/// vouchers were signed with another book, signing with this one promises their credits a second
/// time, which costs the bond. After the loss of a book close the channel and open another.
#[derive(Debug, Args)]
pub(super) struct AdoptCommand {
	/// The channel.
	channel: ChannelId,
	#[command(flatten)]
	signer: SignerArgument,
	#[command(flatten)]
	book: BookArgument,
	#[command(flatten)]
	node: NodeArgument,
	#[command(flatten)]
	confirm: ConfirmArgument,
	#[command(flatten)]
	output: OutputArgument,
}

/// A channel in the book.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Adopted {
	/// Its id.
	channel: ChannelId,
	/// The credits with which it was opened.
	#[serde(serialize_with = "crate::decimal")]
	credits: Credits,
	/// Of these: what devices were promised, as far as the book knows.
	#[serde(serialize_with = "crate::decimal")]
	promised: Credits,
}

impl AdoptCommand {
	pub(super) async fn execute(self) -> Result<(), CommandError> {
		let (id, chain) = (self.channel, self.node.chain()?);
		let signer = self.signer.open(self.book.open()?, genesis(&chain).await?)?;
		let at = finalized(&chain).await?;
		let channel = chain.channel(id, at).await?.ok_or_else(|| unknown_channel(id))?;
		if channel.signer != signer.public() {
			return Err(CommandError::Input(format!(
				"vouchers of channel {id} are signed by {}, not by {}: name its key with --signer",
				channel.signer,
				signer.public()
			)));
		}
		let seats = chain.seats(id, at).await?;
		let claimed = seats.iter().fold(0, |sum: Credits, seat| sum.saturating_add(seat.credits));
		let credits = channel.credits.saturating_add(claimed);
		if signer.book.channel(&signer.genesis, id)?.is_none() {
			self.confirm.ask(&format!(
				"vouchers of channel {id} that were signed elsewhere and are not claimed cost its bond of {} if this \
				 book promises their credits again; {claimed} of its {credits} credits are claimed",
				groma_client::amount::Amount(channel.bond)
			))?;
		}
		let (seats_max, terms) = (channel.seats_max, channel.service);
		let seats: Vec<_> = seats
			.iter()
			.map(|seat| (seat.device, Seat { credits: seat.credits, units: seat.units }))
			.collect();
		let record = BookedChannel { credits, seats_max, terms };
		signer.book.add_channel(&signer.genesis, id, &record, &seats)?;
		let promised = signer.book.promised(&signer.genesis, id)?;
		self.output.print(&Adopted { channel: id, credits, promised })
	}
}

impl fmt::Display for Adopted {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let Self { channel, credits, promised } = self;
		write!(
			f,
			"channel {channel} is in the book: {promised} of its {credits} credits are promised"
		)
	}
}
