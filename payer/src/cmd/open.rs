//! `groma-payer open`.

use std::fmt;

use clap::Args;
use groma_client::{
	chain::{AccountId, At, Chain, RpcChain},
	keys,
};
use groma_core::{
	NetworkId,
	money::Credits,
	protocol::{FIRST_NETWORK, SEATS_MAX},
	words::SignerKey,
};

use super::{
	arguments::{BookArgument, CallArguments, genesis, outcome},
	error::CommandError,
	values,
};
use crate::{
	book::{Book, BookedChannel},
	calls::{ChannelOrder, Opened, PayerCall, expiry},
};

/// Opens a channel: credits that its signer promises to devices.
///
/// A bond is held, at least a quarter of what was burned for the credits and at least the worth of
/// 100000 credits: it is burned if vouchers promise more than the channel holds. A deposit is held
/// for each seat, and always returned. No credits can be added later: open the next channel before
/// the last is spent.
#[derive(Debug, Args)]
pub(super) struct OpenCommand {
	/// How many credits it holds.
	#[arg(value_parser = values::count)]
	credits: Credits,
	/// The network whose devices it pays; 0 is `lorawan`.
	#[arg(long, default_value_t = FIRST_NETWORK)]
	network: NetworkId,
	/// The service, by its place in the network's terms.
	#[arg(long, default_value_t = 0)]
	service: u8,
	/// The most devices that it pays. The fewer, the more a device delivers before it claims.
	#[arg(long, default_value_t = 64)]
	#[arg(value_parser = clap::value_parser!(u16).range(1..=i64::from(SEATS_MAX)))]
	seats: u16,
	/// The key that signs its vouchers, such as `file:/etc/groma-payer/signer.key`.
	#[arg(long, value_name = "URI", env = "GROMA_PAYER_SIGNER", hide_env_values = true)]
	#[arg(required_unless_present = "signer_key")]
	signer: Option<String>,
	/// The public half of that key, if it is on another machine. The book there takes the channel
	/// over with `adopt`.
	#[arg(long, value_name = "HEX", value_parser = values::signer_key)]
	signer_key: Option<SignerKey>,
	/// After how many days it expires. A day is 288 windows.
	#[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=365))]
	days: u32,
	/// The payer whose credits they are, if the account is its operator.
	#[arg(long, value_name = "ADDRESS", value_parser = values::address)]
	payer: Option<AccountId>,
	#[command(flatten)]
	book: BookArgument,
	#[command(flatten)]
	call: CallArguments,
}

impl OpenCommand {
	pub(super) async fn execute(self) -> Result<(), CommandError> {
		// What cannot be used is known before anything is paid.
		let (signer, book) = self.signer()?;
		let desk = self.call.open().await?;
		let at = desk.finalized().await?;
		let payer = self.payer.unwrap_or_else(|| desk.owner.principal());
		let credits = self.credits;
		let held = desk.chain.credits(payer, at).await?.credits;
		if credits == 0 || held < credits {
			return Err(CommandError::Input(format!(
				"{payer} has {held} credits that are in no channel, and {credits} are asked for: `groma-payer mint` \
				 makes some"
			)));
		}
		let now = desk.chain.window(At::Best).await?.index;
		let order = ChannelOrder {
			network: self.network,
			service: self.service,
			credits,
			seats_max: self.seats,
			signer,
			expires: expiry(now, self.days),
		};
		let what = format!(
			"a channel of {credits} credits of {payer} with {} seats, until window {}",
			self.seats, order.expires
		);
		let call = PayerCall::Open { payer, order };
		let events = desk.carry_out(&call, &what).await?;
		let done = outcome("opening", &events, Opened::of)?;
		if let Some(book) = book {
			enter(&desk.chain, &book, &done.done, self.seats).await.map_err(|error| {
				let channel = done.done.channel;
				CommandError::Partly(format!(
					"channel {channel} is open, but not in the book ({error}): run `groma-payer adopt {channel}` \
					 before anything is signed for it"
				))
			})?;
		}
		self.call.output.print(&done)
	}

	/// The key that the channel names, and the book if vouchers are signed here.
	fn signer(&self) -> Result<(SignerKey, Option<Book>), CommandError> {
		match (self.signer_key, &self.signer) {
			(Some(key), _) => Ok((key, None)),
			(None, Some(uri)) => {
				let key = SignerKey(keys::open(uri)?.public().0);
				Ok((key, Some(self.book.open()?)))
			}
			(None, None) => {
				Err(CommandError::Input("name the signer's key with --signer".to_owned()))
			}
		}
	}
}

/// Enters a channel that was opened just now into the book.
async fn enter(
	chain: &RpcChain,
	book: &Book,
	opened: &Opened,
	seats_max: u16,
) -> Result<(), CommandError> {
	let found = chain.channel(opened.channel, At::Block(chain.finalized().await?.hash)).await?;
	let found = found.ok_or_else(|| CommandError::Input("the chain does not know it".into()))?;
	let record = BookedChannel { credits: opened.credits, seats_max, terms: found.service };
	Ok(book.add_channel(&genesis(chain).await?, opened.channel, &record, &[])?)
}

impl fmt::Display for Opened {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let Self { channel, payer, credits, basis, bond, expires } = self;
		write!(
			f,
			"channel {channel} of {payer} holds {credits} credits, for which {basis} were burned\n\
			 bond {bond}, burned if more is promised; it expires in window {expires}"
		)
	}
}
