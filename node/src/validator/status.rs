//! `groma-node validator status`: what a running node and its chain say of a validator, for the
//! operator.

use std::collections::BTreeSet;

use groma_core::api::{EraInfo, ValidatorInfo, ValidatorKeyInfo};
use jsonrpsee::{
	core::{
		client::{ClientT, Error as ClientError},
		params::ArrayParams,
	},
	rpc_params,
	ws_client::{WsClient, WsClientBuilder},
};
use sc_consensus_grandpa::AuthorityId as VoterId;
use serde::{Deserialize, de::DeserializeOwned};
use sp_core::crypto::{ByteArray, key_types};

use super::report::{Held, Signing, Standing};
use crate::{
	endpoint::{AskedNode, Endpoint, EndpointFault},
	guard,
	types::{AccountId, BlockHash},
};

/// What `groma-node validator` is asked to do.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum ValidatorCommand {
	/// Show whether a validator is in the set, its session keys, signing guard, points, stake and
	/// slashes.
	#[command(after_long_help = STATUS_HELP)]
	Status(StatusCommand),
}

/// Which validator to show.
#[derive(Debug, clap::Args)]
pub(crate) struct StatusCommand {
	#[command(flatten)]
	node: AskedNode,

	/// Show this account instead of the one whose session keys the node has.
	#[arg(long, value_name = "ADDRESS")]
	account: Option<AccountId>,

	/// Print JSON.
	#[arg(long)]
	json: bool,
}

const STATUS_HELP: &str = "\
A node says which keys its keystore has, and what its signing guard recorded, on its own machine
only, unless it serves unsafe methods. Elsewhere name the account; whether the node has its keys is
then shown as unknown.

Exit code: 0 if the account is shown, whether it validates or not; 1 if the node does not answer or
has no validator's key, or if another machine is to be asked without encryption.

Examples:
  groma-node validator status
      The validator of the node that runs on this machine.
  groma-node validator status --endpoint wss://node.example.com --account ADDRESS --json
      Any account, by any node of the chain.
";

/// Why there is nothing to show.
#[derive(Debug, thiserror::Error)]
enum StatusError {
	#[error("--endpoint: {0}")]
	Endpoint(#[from] EndpointFault),
	#[error(
		"{url} cannot be asked ({reason}): is the node running, and is this its JSON-RPC port?"
	)]
	NoAnswer { url: Endpoint, reason: String },
	#[error(
		"the node at {0} does not say whose session keys it has: ask it on its own machine, or name \
		 the account by --account"
	)]
	NotSaid(Endpoint),
	#[error(
		"the node at {0} has no session key of a validator: make and register keys by `groma-node \
		 key session`, or name an account by --account"
	)]
	NoKeys(Endpoint),
	#[error("the node has session keys of several accounts, name one by --account: {0}")]
	Several(String),
}

impl ValidatorCommand {
	/// Does it.
	pub(crate) fn run(&self) -> sc_cli::Result<()> {
		let Self::Status(command) = self;
		let runtime = sc_cli::build_runtime()?;
		let failed = |error: StatusError| sc_cli::Error::Application(error.into());
		let standing = runtime.block_on(command.ask()).map_err(failed)?;
		match command.json {
			true => println!("{}", standing.json()),
			false => print!("{}", standing.text()),
		}
		Ok(())
	}
}

impl StatusCommand {
	/// Asks the node.
	async fn ask(&self) -> Result<Standing, StatusError> {
		let node = Node::connect(self.node.endpoint()?).await?;
		let account = match &self.account {
			Some(account) => account.clone(),
			None => node.own_account().await?,
		};
		// All answers are about one block, though the chain goes on.
		let at: Option<BlockHash> = node.ask("chain_getBlockHash", rpc_params![]).await?;
		let validator: ValidatorInfo<AccountId> =
			node.ask("groma_validator", rpc_params![account, at]).await?;
		let era: Option<EraInfo> = node.ask("groma_era", rpc_params![at]).await?;
		let mut keys = Vec::new();
		for key in &validator.keys {
			keys.push(node.held(key).await?);
		}
		let signing = node.signing(&validator.keys).await?;
		let guard = node.guard(&keys).await?;
		Ok(Standing::new(validator, era, keys, signing, guard))
	}
}

/// A node, by its JSON-RPC.
struct Node {
	url: Endpoint,
	client: WsClient,
}

impl Node {
	async fn connect(url: Endpoint) -> Result<Self, StatusError> {
		let client = WsClientBuilder::default().build(url.url()).await;
		match client {
			Ok(client) => Ok(Self { url, client }),
			Err(error) => Err(StatusError::NoAnswer { url, reason: error.to_string() }),
		}
	}

	/// What a method answers.
	async fn ask<T: DeserializeOwned>(
		&self,
		method: &str,
		params: ArrayParams,
	) -> Result<T, StatusError> {
		self.client.request(method, params).await.map_err(|error| self.no_answer(&error))
	}

	/// What a method answers; `None` if the node refuses to.
	async fn ask_if_answered<T: DeserializeOwned>(
		&self,
		method: &str,
		params: ArrayParams,
	) -> Result<Option<T>, StatusError> {
		match self.client.request(method, params).await {
			Ok(answer) => Ok(Some(answer)),
			Err(ClientError::Call(_)) => Ok(None),
			Err(error) => Err(self.no_answer(&error)),
		}
	}

	fn no_answer(&self, error: &ClientError) -> StatusError {
		StatusError::NoAnswer { url: self.url.clone(), reason: error.to_string() }
	}

	/// The one account whose session keys the node has.
	async fn own_account(&self) -> Result<AccountId, StatusError> {
		let answer = self.ask_if_answered("groma_ownValidators", rpc_params![]).await?;
		let accounts: Vec<AccountId> =
			answer.ok_or_else(|| StatusError::NotSaid(self.url.clone()))?;
		match &accounts[..] {
			[] => Err(StatusError::NoKeys(self.url.clone())),
			[account] => Ok(account.clone()),
			several => {
				let names: Vec<_> = several.iter().map(AccountId::to_string).collect();
				Err(StatusError::Several(names.join(", ")))
			}
		}
	}

	/// A key, and whether the node has it.
	async fn held(&self, key: &ValidatorKeyInfo) -> Result<Held, StatusError> {
		let params = rpc_params![key.key, key.kind];
		let is_in_keystore = self.ask_if_answered("author_hasKey", params).await?;
		Ok(Held { key: key.clone(), is_in_keystore })
	}

	/// What the node sees of the votes of a validator; `None` if it is no voter, or if the node
	/// follows no votes.
	async fn signing(&self, keys: &[ValidatorKeyInfo]) -> Result<Option<Signing>, StatusError> {
		let is_voter =
			|key: &&ValidatorKeyInfo| key.is_present && key.kind.0 == key_types::GRANDPA.0;
		let Some(voter) = keys.iter().find(is_voter) else { return Ok(None) };
		let answer = self.ask_if_answered("grandpa_roundState", rpc_params![]).await?;
		let Some(RoundStates { best }) = answer else { return Ok(None) };
		let is_missing = best.prevotes.missing.iter().any(|id| id.as_slice() == voter.key.0);
		Ok(Some(Signing { round: best.round, has_voted: !is_missing }))
	}

	/// What the node's guard recorded of a validator with these keys; `None` if the node has none
	/// of them, guards nothing, or does not say.
	async fn guard(&self, keys: &[Held]) -> Result<Option<guard::Summary>, StatusError> {
		if !keys.iter().any(Held::is_here) {
			return Ok(None);
		}
		let answer: Option<Option<guard::Summary>> =
			self.ask_if_answered("groma_signingGuard", rpc_params![]).await?;
		Ok(answer.flatten())
	}
}

/// The part that counts here of what `grandpa_roundState` answers.
#[derive(Debug, Deserialize)]
struct RoundStates {
	best: RoundState,
}

/// A round of votes.
#[derive(Debug, Deserialize)]
struct RoundState {
	round: u32,
	prevotes: Prevotes,
}

/// Who has not voted in it.
#[derive(Debug, Deserialize)]
struct Prevotes {
	missing: BTreeSet<VoterId>,
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn voters_that_are_missing_are_read() {
		let alice = "5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu";
		let text = format!(
			r#"{{ "setId": 0, "background": [], "best": {{ "round": 7, "totalWeight": 1,
			"thresholdWeight": 1, "precommits": {{ "currentWeight": 0, "missing": [] }},
			"prevotes": {{ "currentWeight": 0, "missing": ["{alice}"] }} }} }}"#
		);
		let RoundStates { best } = serde_json::from_str(&text).expect("it is what nodes answer");
		assert_eq!(best.round, 7);
		let missing: Vec<_> = best.prevotes.missing.iter().map(VoterId::to_string).collect();
		assert_eq!(missing, [alice]);
	}
}
