//! Arguments that several commands have.

use std::{
	fmt,
	fs::File,
	path::{Path, PathBuf},
	sync::Arc,
};

use clap::Args;
use groma_client::{
	amount::Amount,
	chain::{AccountId, At, Chain, RpcChain},
	console, endpoints, keys, logging,
	metrics::Metrics,
	owner::{Connection, Owner, Receipt},
	short_text,
};
use groma_core::{
	ChannelId,
	words::{Hash, SignerKey},
};
use serde::Serialize;
use subxt::{SubstrateConfig, extrinsics::ExtrinsicEvents};

use super::{confirm::ConfirmArgument, error::CommandError, values};
use crate::{
	book::Book,
	calls::PayerCall,
	voucher::{self, SignedVoucher, Signer},
};

/// The most bytes of a file of vouchers: some hundred thousand of them.
const FILE_BYTES_MAX: u64 = 64 << 20;

/// Which node to ask.
#[derive(Debug, Args)]
pub(super) struct NodeArgument {
	/// The node's JSON-RPC.
	#[arg(long, value_name = "URL", env = "GROMA_PAYER_ENDPOINT", hide_env_values = true)]
	#[arg(default_value = "ws://127.0.0.1:9944")]
	endpoint: String,

	/// Reach the node without encryption, although it is on another machine.
	#[arg(long)]
	allow_plaintext: bool,
}

/// Who signs, and for whom.
#[derive(Debug, Args)]
pub(super) struct AccountArguments {
	/// The key that signs and pays fees: `file:PATH` of a recovery phrase or a secret seed,
	/// `mounted:PATH` if a container or systemd mounts that file, or `//Alice` on development
	/// chains.
	#[arg(long, value_name = "URI", env = "GROMA_PAYER_ACCOUNT", hide_env_values = true)]
	account: String,
	/// The account for which it acts, if the key is that of a proxy (pallet `Proxy`, type Payer or
	/// Any).
	#[arg(long = "as", value_name = "ADDRESS", value_parser = values::address)]
	principal: Option<AccountId>,
}

/// The payer that a question is about.
#[derive(Debug, Args)]
pub(super) struct PayerArgument {
	/// The payer.
	#[arg(long, value_name = "ADDRESS", value_parser = values::address)]
	#[arg(required_unless_present = "account")]
	payer: Option<AccountId>,
	/// The payer's key, in place of its address: nothing is signed.
	#[arg(long, value_name = "URI", env = "GROMA_PAYER_ACCOUNT", hide_env_values = true)]
	account: Option<String>,
}

/// Where the book is.
#[derive(Debug, Args)]
pub(super) struct BookArgument {
	/// The file that records what was signed. Give each signer a separate one, and never sign with
	/// a copy of it: both would promise the same credits.
	#[arg(long, value_name = "PATH", env = "GROMA_PAYER_BOOK")]
	#[arg(default_value = "/var/lib/groma-payer/book.db")]
	book: PathBuf,
}

/// Which key signs vouchers.
#[derive(Debug, Args)]
pub(super) struct SignerArgument {
	/// The signer's key, such as `file:/etc/groma-payer/signer.key`; `key generate` makes one.
	#[arg(long, value_name = "URI", env = "GROMA_PAYER_SIGNER", hide_env_values = true)]
	pub(super) signer: String,
}

/// A file of vouchers.
#[derive(Debug, Args)]
pub(super) struct VouchersArgument {
	/// The vouchers, one on each line, as `sign` prints them. Of several for one device of a
	/// channel the newest is taken.
	#[arg(value_name = "FILE")]
	vouchers: PathBuf,
}

/// How a command answers.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct OutputArgument {
	/// Print one JSON document instead of text. Amounts are plancks as decimal text.
	#[arg(long)]
	pub(super) json: bool,
}

/// What all commands have that sign a transaction.
#[derive(Debug, Args)]
pub(super) struct CallArguments {
	#[command(flatten)]
	account: AccountArguments,
	#[command(flatten)]
	node: NodeArgument,
	#[command(flatten)]
	pub(super) confirm: ConfirmArgument,
	#[command(flatten)]
	pub(super) output: OutputArgument,
}

/// The chain, and an account on it.
pub(super) struct Desk {
	/// For questions.
	pub(super) chain: RpcChain,
	/// For calls.
	pub(super) client: Connection,
	/// Who signs.
	pub(super) owner: Owner,
}

impl NodeArgument {
	/// The chain behind the node.
	pub(super) fn chain(&self) -> Result<RpcChain, CommandError> {
		let urls = vec![self.endpoint.clone()];
		endpoints::check(&urls, self.allow_plaintext)
			.map_err(|error| CommandError::Input(format!("--endpoint: {error}")))?;
		Ok(RpcChain::new(urls, 1, Metrics::default().into()))
	}
}

impl PayerArgument {
	/// The payer's account.
	pub(super) fn account(&self) -> Result<AccountId, CommandError> {
		match (self.payer, &self.account) {
			(Some(payer), _) => Ok(payer),
			(None, Some(uri)) => Ok(Owner::open(uri)?.account()),
			(None, None) => Err(CommandError::Input("name the payer with --payer".to_owned())),
		}
	}
}

impl CallArguments {
	/// Opens the key and the way to the chain.
	pub(super) async fn open(&self) -> Result<Desk, CommandError> {
		logging::start("warn");
		let AccountArguments { account, principal } = &self.account;
		let owner = Owner::open(account)?.acting_for(*principal);
		let chain = self.node.chain()?;
		let client = owner.connect(chain.url()).await?;
		Ok(Desk { chain, client, owner })
	}
}

impl Desk {
	/// The state after the last finalized block.
	pub(super) async fn finalized(&self) -> Result<At, CommandError> {
		finalized(&self.chain).await
	}

	/// Says what is signed, signs it, and waits until it is finalized.
	pub(super) async fn carry_out(
		&self,
		call: &PayerCall,
		what: &str,
	) -> Result<ExtrinsicEvents<SubstrateConfig>, CommandError> {
		let prepared = call.prepare(&self.client).await?;
		let fee = Amount(self.owner.fee(&self.client, &prepared).await?);
		let (payer, signer) = (self.owner.principal(), self.owner.account());
		eprintln!("signing: {what} for {payer}, by {signer}, for a fee of at most {fee}");
		Ok(self.owner.submit(&self.client, &prepared).await?)
	}
}

impl BookArgument {
	pub(super) fn open(&self) -> Result<Book, CommandError> {
		Ok(Book::open(&self.book)?)
	}
}

impl SignerArgument {
	/// The signer, with its book.
	pub(super) fn open(&self, book: Book, genesis: Hash) -> Result<Signer, CommandError> {
		Ok(Signer { key: keys::open(&self.signer)?, book: Arc::new(book), genesis })
	}
}

impl VouchersArgument {
	/// The vouchers, at least one.
	pub(super) fn read(&self) -> Result<Vec<SignedVoucher>, CommandError> {
		let path = || self.vouchers.clone();
		let failed = |source| CommandError::File { path: path(), source };
		let file = File::open(&self.vouchers).map_err(failed)?;
		let text = short_text::read(file, FILE_BYTES_MAX)
			.map_err(failed)?
			.map_err(|fault| CommandError::NotText { path: path(), fault })?;
		let vouchers = voucher::read(&text)
			.map_err(|fault| CommandError::NoVoucher { path: path(), fault })?;
		match vouchers.is_empty() {
			true => Err(CommandError::Input(nothing_in(&self.vouchers))),
			false => Ok(vouchers),
		}
	}
}

fn nothing_in(path: &Path) -> String {
	format!("{} holds no voucher: `groma-payer sign` prints them", path.display())
}

impl OutputArgument {
	/// Prints what a command answers.
	pub(super) fn print(
		self,
		document: &(impl Serialize + fmt::Display),
	) -> Result<(), CommandError> {
		match self.json {
			true => console::print(serde_json::to_string_pretty(document)?)?,
			false => console::print(document)?,
		}
		Ok(())
	}
}

/// The state after the last finalized block of a chain.
pub(super) async fn finalized(chain: &RpcChain) -> Result<At, CommandError> {
	Ok(At::Block(chain.finalized().await?.hash))
}

/// The hash of the chain's block 0.
pub(super) async fn genesis(chain: &RpcChain) -> Result<Hash, CommandError> {
	Ok(chain.genesis().await?)
}

/// Refuses a key whose vouchers the chain does not take for a channel.
pub(super) fn expect_signer(
	channel: ChannelId,
	named: SignerKey,
	given: SignerKey,
) -> Result<(), CommandError> {
	match named == given {
		true => Ok(()),
		false => Err(CommandError::Input(format!(
			"vouchers of channel {channel} are signed by {named}, not by {given}: name its key with --signer"
		))),
	}
}

/// What is said of a channel that the chain does not know.
pub(super) fn unknown_channel(channel: ChannelId) -> CommandError {
	CommandError::Input(format!(
		"the chain has no channel {channel}: it is finished, or was overdrawn; `groma-payer status` shows those \
		 that are left"
	))
}

/// What a call did that was made, whose cost or outcome may not be understood: it is done all the
/// same.
pub(super) fn outcome<T>(
	what: &str,
	events: &ExtrinsicEvents<SubstrateConfig>,
	read: impl FnOnce(&ExtrinsicEvents<SubstrateConfig>) -> Result<T, groma_client::owner::OwnerError>,
) -> Result<Done<T>, CommandError> {
	let failed = |error| {
		CommandError::Partly(format!("{what} is done, but what came of it is not known: {error}"))
	};
	let done = read(events).map_err(failed)?;
	let receipt = Receipt::of(events).map_err(failed)?;
	Ok(Done { done, fee: receipt.fee, held: receipt.held })
}

/// What a call did, and what it cost.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Done<T> {
	/// What it did.
	#[serde(flatten)]
	pub(super) done: T,
	/// The fee.
	pub(super) fee: Amount,
	/// What is held since.
	pub(super) held: Amount,
}

impl<T: fmt::Display> fmt::Display for Done<T> {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let Self { done, fee, held } = self;
		write!(f, "{done}\nfee {fee}")?;
		match held.0 {
			0 => Ok(()),
			_ => write!(f, "; {held} on hold"),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn key_is_refused_that_the_channel_does_not_name() {
		let [one, other] = [1, 2].map(|byte| SignerKey([byte; 32]));
		assert!(expect_signer(7, one, one).is_ok());
		let error = expect_signer(7, one, other).expect_err("another");
		let text = error.to_string();
		assert!(
			text.contains("channel 7") && text.ends_with("name its key with --signer"),
			"{text}"
		);
		assert_eq!(error.exit_code(), 1);
	}
}
