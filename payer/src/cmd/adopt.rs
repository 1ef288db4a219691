//! `groma-payer adopt`.

use std::fmt;

use clap::Args;
use groma_core::{ChannelId, DeviceId, money::Credits, voucher::Seat, words::Hash};
use serde::Serialize;

use super::{
	arguments::{
		BookArgument, NodeArgument, OutputArgument, SignerArgument, expect_signer, finalized,
		genesis, unknown_channel,
	},
	confirm::ConfirmArgument,
	error::CommandError,
};
use crate::book::{Book, BookError, BookedChannel};

/// Takes a channel that was opened elsewhere, for example by an operator, into the book.
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
		expect_signer(id, channel.signer, signer.public())?;
		let seats = chain.seats(id, at).await?;
		let claimed = seats.iter().fold(0, |sum: Credits, seat| sum.saturating_add(seat.credits));
		let credits = channel.credits.saturating_add(claimed);
		let seats: Vec<_> = seats
			.iter()
			.map(|seat| (seat.device, Seat { credits: seat.credits, units: seat.units }))
			.collect();
		if lacks_promises(&signer.book, &signer.genesis, id, &seats)? {
			self.confirm.ask(&format!(
				"vouchers of channel {id} that were signed elsewhere and are not claimed cost its bond of {} if this \
				 book promises their credits again; {claimed} of its {credits} credits are claimed",
				groma_client::amount::Amount(channel.bond)
			))?;
		}
		let (seats_max, terms) = (channel.seats_max, channel.service);
		let record = BookedChannel { credits, seats_max, terms };
		signer.book.add_channel(&signer.genesis, id, &record, &seats)?;
		let promised = signer.book.promised(&signer.genesis, id)?;
		self.output.print(&Adopted { channel: id, credits, promised })
	}
}

/// Whether vouchers may have been signed elsewhere: the book does not know the channel, or it is an
/// old copy, since more was claimed than it promised.
fn lacks_promises(
	book: &Book,
	genesis: &Hash,
	channel: ChannelId,
	claimed: &[(DeviceId, Seat)],
) -> Result<bool, BookError> {
	if book.channel(genesis, channel)?.is_none() {
		return Ok(true);
	}
	for (device, seat) in claimed {
		let last = book.last(genesis, channel, *device)?.unwrap_or_default();
		if seat.credits > last.credits {
			return Ok(true);
		}
	}
	Ok(false)
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

#[cfg(test)]
mod tests {
	use groma_core::terms::ServiceTerms;

	use super::*;

	#[test]
	fn book_lacks_promises_when_it_is_new_or_an_old_copy() {
		const GENESIS: Hash = [1; 32];
		let book = Book::in_memory().expect("a book");
		let seat = |credits| Seat { credits, units: credits };
		let lacks = |claimed: &[_]| lacks_promises(&book, &GENESIS, 7, claimed).expect("an answer");
		assert!(lacks(&[]), "of a channel that it does not know");
		let terms = ServiceTerms::lorawan_packets();
		let record = BookedChannel { credits: 100, seats_max: 4, terms };
		book.add_channel(&GENESIS, 7, &record, &[]).expect("added");
		book.promise(&GENESIS, 7, 1, &seat(10)).expect("signed");
		assert!(!lacks(&[]) && !lacks(&[(1, seat(10))]) && !lacks(&[(1, seat(9))]));
		assert!(lacks(&[(1, seat(11))]) && lacks(&[(2, seat(1))]));
	}
}
