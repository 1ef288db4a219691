//! Calls that accounts sign.

use std::str::FromStr;

use anyhow::{Context, Result, anyhow, ensure};
use codec::{Compact, Encode};
use subxt::{OnlineClient, SubstrateConfig, rpcs::client::rpc_params};
use subxt_signer::{SecretUri, sr25519::Keypair};

use crate::node::{Node, run_to_end};

/// What a transaction begins with that no one signs, in the present format.
const BARE: u8 = 5;

/// The address of an account.
pub fn address_of(account: &Keypair) -> String {
	account.public_key().to_account_id().to_string()
}

/// The key of a development account, such as `//Alice//stash`.
///
/// # Errors
///
/// If the text names none.
pub fn keypair(uri: &str) -> Result<Keypair> {
	let parsed = SecretUri::from_str(uri).map_err(|error| anyhow!("{uri}: {error}"))?;
	Keypair::from_uri(&parsed).map_err(|error| anyhow!("{uri}: {error}"))
}

/// What is encoded already, as an argument of a call.
#[derive(Clone, Debug)]
pub struct Encoded(pub Vec<u8>);

impl Encoded {
	/// Calls as an argument of another.
	pub fn calls(calls: &[Vec<u8>]) -> Self {
		Self([Compact(calls.len() as u32).encode(), calls.concat()].concat())
	}
}

impl Encode for Encoded {
	fn encode(&self) -> Vec<u8> {
		self.0.clone()
	}
}

/// Session keys that a node made.
pub struct MadeKeys {
	/// The keys in hexadecimal: GRANDPA, BABE, authority discovery, 32 bytes each.
	pub keys: String,
	/// The call by which their owner sets them, in its encoded form.
	pub call: Vec<u8>,
}

impl MadeKeys {
	/// The key for blocks in hexadecimal, without `0x`.
	pub fn babe(&self) -> &str {
		&self.keys.trim_start_matches("0x")[64..128]
	}
}

impl Node {
	/// Makes session keys in the keystore of this node, for the account that will set them.
	///
	/// # Errors
	///
	/// If `groma-node key session` fails, or prints something else.
	pub fn make_session_keys(&self, owner: &Keypair) -> Result<MadeKeys> {
		let (chain, base) = (self.chain(), self.base_path().display().to_string());
		let owner = address_of(owner);
		let place = ["--chain", chain, "--base-path", &base];
		let (succeeded, printed) =
			run_to_end(&[&["key", "session", "--owner", &owner][..], &place].concat())?;
		ensure!(succeeded, "{printed}");
		let last_word = |begin: &str| {
			let line = printed.lines().find(|line| line.trim_start().starts_with(begin));
			line.and_then(|line| line.split_whitespace().last()).context("no keys are printed")
		};
		let keys = last_word("keys ")?.to_owned();
		ensure!(keys.trim_start_matches("0x").len() == 192, "{printed}");
		let call = hex::decode(last_word("Session.set_keys")?.trim_start_matches("0x"))?;
		Ok(MadeKeys { keys, call })
	}

	/// The call `pallet.call` in its encoded form.
	///
	/// # Errors
	///
	/// If the node cannot be reached, or the chain has no such call.
	pub async fn call_of(
		&self,
		pallet: &str,
		call: &str,
		arguments: impl Encode,
	) -> Result<Vec<u8>> {
		let client = OnlineClient::<SubstrateConfig>::from_insecure_url(self.url()).await?;
		let metadata = client.at_current_block().await?.metadata();
		let found = metadata.pallet_by_name(pallet).with_context(|| format!("no {pallet}"))?;
		let variant =
			found.call_variant_by_name(call).with_context(|| format!("no {pallet}.{call}"))?;
		Ok([vec![found.call_index(), variant.index], arguments.encode()].concat())
	}

	/// Submits a call in its encoded form, and returns once it is finalized.
	///
	/// # Errors
	///
	/// If the node cannot be reached, does not take the call, or the call fails.
	pub async fn submit(&self, signer: &Keypair, call: &[u8]) -> Result<()> {
		let client = OnlineClient::<SubstrateConfig>::from_insecure_url(self.url()).await?;
		let mut transactions = client.at_current_block().await?.tx();
		let payload = transactions.from_call_data_bytes(call)?;
		let progress = transactions.sign_and_submit_then_watch_default(&payload, signer).await?;
		progress.wait_for_finalized_success().await?;
		Ok(())
	}

	/// Submits a call of each of several accounts at once, and returns once all are finalized.
	///
	/// # Errors
	///
	/// As for [`Self::submit`].
	pub async fn submit_all(&self, signed: &[(Keypair, Vec<u8>)]) -> Result<()> {
		let client = OnlineClient::<SubstrateConfig>::from_insecure_url(self.url()).await?;
		let mut transactions = client.at_current_block().await?.tx();
		let mut waiting = Vec::new();
		for (signer, call) in signed {
			let payload = transactions.from_call_data_bytes(call)?;
			let sent = transactions.sign_and_submit_then_watch_default(&payload, signer).await;
			waiting.push(sent?);
		}
		for progress in waiting {
			progress.wait_for_finalized_success().await?;
		}
		Ok(())
	}

	/// Submits a call that no one signs, and returns once the node has taken it.
	///
	/// # Errors
	///
	/// If the node cannot be reached, or does not take it.
	pub async fn submit_bare(&self, call: &[u8]) -> Result<()> {
		let transaction = [&[BARE][..], call].concat().encode();
		let params = rpc_params![format!("0x{}", hex::encode(transaction))];
		let _: String = self.call("author_submitExtrinsic", params).await?;
		Ok(())
	}
}
