//! The owner's account: signs what devices cannot.

use std::{fs::File, path::PathBuf, str::FromStr, time::Duration};

use codec::Encode;
use subxt::{
	OnlineClient, SubstrateConfig, client::OnlineClientAtBlockT, error::TransactionEventsError,
	extrinsics::ExtrinsicEvents, transactions::TransactionInBlock,
};
use subxt_signer::{SecretUri, sr25519::Keypair};

use crate::{chain::AccountId, short_text};

/// The most bytes in a key's file.
const LENGTH_MAX: u64 = 1_024;
/// How often the outcome of a finalized transaction is asked for before it is given up.
const OUTCOME_TRIES: u32 = 10;
/// The time between two of these questions.
const OUTCOME_PAUSE: Duration = Duration::from_secs(1);

/// Why a call of an owner fails.
#[derive(Debug, thiserror::Error)]
pub enum OwnerError {
	/// The key's URI is of no known form.
	#[error(
		"an owner's key is `file:PATH` of a file with the recovery phrase or the secret, or `//Alice` and \
		 the like on development chains"
	)]
	UnknownForm,
	/// The file cannot be read.
	#[error("{path}: {source}")]
	File {
		/// Which file.
		path: PathBuf,
		/// What the system says.
		source: std::io::Error,
	},
	/// The file holds something else.
	#[error("the owner's key is neither a recovery phrase nor a secret: {0}")]
	Malformed(String),
	/// The node cannot be reached.
	#[error("the node cannot be reached: {0}; check --endpoint or `chain.endpoints`")]
	Unreachable(String),
	/// The runtime does not know the call, or what it answers is not understood.
	#[error("the chain does not understand this build ({0}): update groma-device")]
	Incompatible(String),
	/// The transaction was not included, or failed.
	#[error("the chain refuses: {0}")]
	Refused(String),
}

impl OwnerError {
	/// Whether the same call may succeed later.
	pub fn is_retryable(&self) -> bool {
		matches!(self, Self::Unreachable(_))
	}
}

/// A call of the chain, as bytes that the present runtime understands. Its encoding is the call's, so that
/// calls can be arguments of calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreparedCall(Vec<u8>);

impl Encode for PreparedCall {
	fn encode(&self) -> Vec<u8> {
		self.0.clone()
	}
}

impl PreparedCall {
	/// The call `pallet.call` with these arguments.
	pub async fn new(
		client: &OnlineClient<SubstrateConfig>,
		pallet: &str,
		call: &str,
		arguments: impl Encode,
	) -> Result<Self, OwnerError> {
		let at = client.at_current_block().await.map_err(|error| unreachable(&error))?;
		let metadata = at.metadata();
		let found = metadata
			.pallet_by_name(pallet)
			.ok_or_else(|| OwnerError::Incompatible(format!("it has no pallet {pallet}")))?;
		let variant = found
			.call_variant_by_name(call)
			.ok_or_else(|| OwnerError::Incompatible(format!("it has no call {pallet}.{call}")))?;
		let bytes = [vec![found.call_index(), variant.index], arguments.encode()].concat();
		// The metadata has to understand the arguments, to the last byte.
		at.tx()
			.from_call_data_bytes(&bytes)
			.map_err(|error| OwnerError::Incompatible(error.to_string()))?;
		Ok(Self(bytes))
	}
}

/// An owner's account.
pub struct Owner(Keypair);

impl Owner {
	/// The account of a URI: `file:PATH`, or a derivation such as `//Alice` of the development phrase. A
	/// phrase on the command line, where everybody sees it, is refused.
	pub fn open(uri: &str) -> Result<Self, OwnerError> {
		let text = match uri.strip_prefix("file:") {
			Some(path) => {
				let path = PathBuf::from(path.strip_prefix("//").unwrap_or(path));
				let read = File::open(&path).and_then(|file| short_text::read(file, LENGTH_MAX));
				read.map_err(|source| OwnerError::File { path, source })?
					.ok_or_else(|| OwnerError::Malformed("it is no short text".to_owned()))?
			}
			None if uri.starts_with("//") => uri.to_owned(),
			None => return Err(OwnerError::UnknownForm),
		};
		let uri = SecretUri::from_str(text.trim())
			.map_err(|error| OwnerError::Malformed(error.to_string()))?;
		let key =
			Keypair::from_uri(&uri).map_err(|error| OwnerError::Malformed(error.to_string()))?;
		Ok(Self(key))
	}

	/// A way to submit calls through the node behind `url`.
	pub async fn connect(url: &str) -> Result<OnlineClient<SubstrateConfig>, OwnerError> {
		OnlineClient::from_insecure_url(url).await.map_err(|error| unreachable(&error))
	}

	/// The account.
	pub fn account(&self) -> AccountId {
		self.0.public_key().0
	}

	/// The account as people read it.
	pub fn address(&self) -> String {
		self.0.public_key().to_account_id().to_string()
	}

	/// Signs and submits a call, waits until it is finalized, and returns what it did.
	pub async fn submit(
		&self,
		client: &OnlineClient<SubstrateConfig>,
		call: &PreparedCall,
	) -> Result<ExtrinsicEvents<SubstrateConfig>, OwnerError> {
		let mut transactions = client.tx().await.map_err(|error| unreachable(&error))?;
		let payload = transactions
			.from_call_data_bytes(&call.0)
			.map_err(|error| OwnerError::Incompatible(error.to_string()))?;
		let progress = transactions
			.sign_and_submit_then_watch_default(&payload, &self.0)
			.await
			.map_err(|error| OwnerError::Refused(error.to_string()))?;
		let included = progress
			.wait_for_finalized()
			.await
			.map_err(|error| OwnerError::Refused(error.to_string()))?;
		outcome(&included).await
	}
}

/// What a finalized transaction did. A busy node may tell of a block a moment before it serves it, so the
/// question is asked again for a while.
async fn outcome(
	included: &TransactionInBlock<SubstrateConfig, impl OnlineClientAtBlockT<SubstrateConfig>>,
) -> Result<ExtrinsicEvents<SubstrateConfig>, OwnerError> {
	let mut tries_left = OUTCOME_TRIES;
	loop {
		tries_left -= 1;
		match included.wait_for_success().await {
			Err(
				TransactionEventsError::CannotInstantiateClientAtBlock(_)
				| TransactionEventsError::CannotFetchBlockBody { .. }
				| TransactionEventsError::BlockNotFound { .. },
			) if tries_left > 0 => tokio::time::sleep(OUTCOME_PAUSE).await,
			outcome => return outcome.map_err(|error| OwnerError::Refused(error.to_string())),
		}
	}
}

fn unreachable(error: &dyn std::error::Error) -> OwnerError {
	OwnerError::Unreachable(error.to_string())
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn development_account_is_the_well_known_one() {
		let owner = Owner::open("//Alice").expect("a development account");
		assert_eq!(owner.address(), "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY");
	}

	#[test]
	fn owner_is_refused_when_the_phrase_is_on_the_command_line() {
		assert!(matches!(Owner::open("bottom drive obey"), Err(OwnerError::UnknownForm)));
	}

	#[test]
	fn phrase_is_read_from_a_file() {
		let directory = tempfile::tempdir().expect("a directory");
		let path = directory.path().join("owner");
		std::fs::write(
			&path,
			"bottom drive obey lake curtain smoke basket hold race lonely fit walk//Alice\n",
		)
		.expect("written");
		let owner = Owner::open(&format!("file:{}", path.display())).expect("read");
		assert_eq!(owner.account(), Owner::open("//Alice").expect("known").account());
	}

	#[test]
	fn calls_encode_as_arguments_of_calls() {
		let calls = vec![PreparedCall(vec![1, 2, 3]), PreparedCall(vec![4])];
		assert_eq!(calls.encode(), [8, 1, 2, 3, 4]);
	}
}
