//! `groma-payer status`.

use std::fmt;

use clap::Args;
use groma_client::{
	amount::Amount,
	chain::{AccountId, At, Chain},
};
use groma_core::{
	WindowIndex,
	api::{ChannelInfo, CreditsInfo, PriceInfo},
	protocol::PRICE_STALE_MS,
};
use serde::Serialize;

use super::{
	arguments::{NodeArgument, OutputArgument, PayerArgument},
	error::CommandError,
};

/// Shows a payer's credits, operators and channels, and the price of GRM.
#[derive(Debug, Args)]
pub(super) struct StatusCommand {
	#[command(flatten)]
	payer: PayerArgument,
	#[command(flatten)]
	node: NodeArgument,
	#[command(flatten)]
	output: OutputArgument,
}

/// What `--json` prints. Amounts are plancks as decimal text.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Status {
	/// The payer.
	payer: AccountId,
	/// The last finalized block, whose state the rest describes.
	finalized_block: u32,
	/// Its window.
	window: WindowIndex,
	/// The price of GRM; `None` if the chain cannot read it.
	price: Option<PriceInfo>,
	/// Credits in no channel, and operators.
	#[serde(flatten)]
	credits: CreditsInfo<AccountId>,
	/// The channels, by number.
	channels: Vec<ChannelInfo<AccountId>>,
}

impl StatusCommand {
	pub(super) async fn execute(self) -> Result<(), CommandError> {
		let payer = self.payer.account()?;
		let chain = self.node.chain()?;
		let block = chain.finalized().await?;
		let at = At::Block(block.hash);
		let mut channels = chain.channels_of(payer, at).await?;
		channels.sort_by_key(|channel| channel.id);
		self.output.print(&Status {
			payer,
			finalized_block: block.number,
			window: chain.window(at).await?.index,
			price: chain.price(at).await?,
			credits: chain.credits(payer, at).await?,
			channels,
		})
	}
}

/// The price in words.
fn price(info: Option<&PriceInfo>) -> String {
	let Some(info) = info else { return "unknown".to_owned() };
	let last = format!("{} USD per GRM", info.last_good);
	match (info.mint, info.bootstrap, info.age_ms) {
		(_, Some(_), _) => format!("{last}, the bootstrap price"),
		(Some(mint), None, Some(age_ms)) => {
			format!("{last}, {} s old; credits are minted at {mint}", age_ms / 1_000)
		}
		_ => format!(
			"{last}, stale: no credits are minted until one comes that is younger than {} min",
			PRICE_STALE_MS / 60_000
		),
	}
}

impl fmt::Display for Status {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let Self { payer, finalized_block, window, credits, channels, .. } = self;
		writeln!(f, "payer     {payer}")?;
		writeln!(f, "finalized block {finalized_block}, window {window}")?;
		writeln!(f, "price     {}", price(self.price.as_ref()))?;
		let (count, basis) = (credits.credits, Amount(credits.basis));
		write!(f, "credits   {count} in no channel, for which {basis} were burned")?;
		for operator in &credits.operators {
			let (account, limit) = (operator.account, operator.credits_per_epoch);
			let committed = operator.committed;
			write!(
				f,
				"\noperator  {account}: {committed} of {limit} credits committed in this epoch"
			)?;
		}
		for channel in channels {
			write!(f, "\n\n{}", Shown { channel, window: *window })?;
		}
		match channels.is_empty() {
			true => f.write_str("\nno channel: `groma-payer open` opens one"),
			false => Ok(()),
		}
	}
}

/// A channel, as it is shown in a window.
struct Shown<'a> {
	channel: &'a ChannelInfo<AccountId>,
	window: WindowIndex,
}

impl fmt::Display for Shown<'_> {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let ChannelInfo { id, network, credits, seats, seats_max, expires, ends, .. } =
			self.channel;
		let (basis, bond) = (Amount(self.channel.basis), Amount(self.channel.bond));
		let (payable, unit) = (Amount(self.channel.payable), unit(self.channel));
		writeln!(f, "channel   {id}, for {unit} of network {network}")?;
		writeln!(
			f,
			"left      {credits} credits, for which {basis} were burned; they pay {payable}"
		)?;
		writeln!(f, "bond      {bond}")?;
		writeln!(f, "seats     {seats} of {seats_max} taken")?;
		let left = |until: WindowIndex| until.saturating_sub(self.window);
		match (left(*expires), left(*ends)) {
			(0, 0) => write!(f, "ended     `groma-payer finish {id}` returns what is left"),
			(0, grace) => write!(f, "closing   vouchers are taken for {grace} more windows"),
			(life, _) => write!(f, "expires   in window {expires}, in {life} windows"),
		}
	}
}

/// What one unit of the service is called.
fn unit(channel: &ChannelInfo<AccountId>) -> &str {
	channel.service.unit.text().unwrap_or("units without a name")
}

#[cfg(test)]
mod tests {
	use groma_core::{
		api::{ChannelState, OperatorInfo},
		price::Price,
		terms::ServiceTerms,
		words::SignerKey,
	};

	use super::*;

	fn channel(expires: WindowIndex, ends: WindowIndex) -> ChannelInfo<AccountId> {
		ChannelInfo {
			id: 7,
			payer: AccountId::from([1; 32]),
			network: 0,
			service: ServiceTerms::lorawan_packets(),
			signer: SignerKey([2; 32]),
			state: ChannelState::Open.into(),
			credits: 500,
			basis: 1_500_000_000_000,
			payable: 900_000_000_000,
			bond: 10_000_000_000_000,
			bond_credits: 100_000,
			seat_deposit: 0,
			seats: 3,
			seats_max: 64,
			opened_ms: 0,
			expires,
			ends,
		}
	}

	fn status(channels: Vec<ChannelInfo<AccountId>>) -> Status {
		let account = AccountId::from([3; 32]);
		let operator = OperatorInfo { account, credits_per_epoch: 900, committed: 100, deposit: 1 };
		Status {
			payer: AccountId::from([1; 32]),
			finalized_block: 9,
			window: 10,
			price: None,
			credits: CreditsInfo { credits: 70, basis: 2, operators: vec![operator] },
			channels,
		}
	}

	#[test]
	fn status_is_shown_and_written() {
		let status = status(vec![channel(20, 300), channel(10, 30), channel(4, 10)]);
		let text = status.to_string();
		for part in [
			"price     unknown",
			"credits   70 in no channel",
			"100 of 900 credits committed",
			"channel   7, for packet of network 0",
			"left      500 credits, for which 1.5 GRM were burned; they pay 0.9 GRM",
			"seats     3 of 64 taken",
			"expires   in window 20, in 10 windows",
			"closing   vouchers are taken for 20 more windows",
			"ended     `groma-payer finish 7`",
		] {
			assert!(text.contains(part), "{part}: {text}");
		}
		let json = serde_json::to_value(&status).expect("JSON");
		assert_eq!(
			(&json["credits"], &json["channels"][0]["credits"]),
			(&"70".into(), &"500".into())
		);
		assert_eq!(json["operators"][0]["committed"], "100");
	}

	#[test]
	fn payer_without_channels_reads_how_to_open_one() {
		assert!(status(Vec::new()).to_string().ends_with("`groma-payer open` opens one"));
	}

	#[test]
	fn price_is_shown_with_what_it_is() {
		let known = Price::new(120_000_000);
		let last = known.expect("a price");
		let info = PriceInfo {
			spot: known,
			mean: known,
			mint: known,
			epoch_mean: last,
			last_good: last,
			age_ms: Some(61_500),
			fresh_feeders: 1,
			quorum: 1,
			validators: 1,
			bootstrap: None,
		};
		assert_eq!(price(Some(&info)), "0.12 USD per GRM, 61 s old; credits are minted at 0.12");
		let stale = price(Some(&PriceInfo { mint: None, ..info.clone() }));
		assert!(stale.contains("stale: no credits"), "{stale}");
		let bootstrap = price(Some(&PriceInfo { bootstrap: known, ..info }));
		assert!(bootstrap.ends_with("the bootstrap price"), "{bootstrap}");
	}
}
