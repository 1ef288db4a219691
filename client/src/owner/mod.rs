//! The owner's account: signs what devices cannot.

mod call;
mod error;
mod registration;
mod submission;

use std::{fs::File, path::PathBuf, str::FromStr, time::Duration};

use subxt::{OnlineClient, SubstrateConfig, extrinsics::ExtrinsicEvents};
use subxt_signer::{SecretUri, sr25519::Keypair};
use tokio::{sync::Mutex, time::sleep};
use tracing::warn;

pub use self::{
	call::PreparedCall,
	error::OwnerError,
	registration::{LocationClaim, RegisterDevice},
};
use self::{error::unreachable, submission::Submission};
use crate::{chain::AccountId, short_text};

/// The most bytes in a key's file.
const LENGTH_MAX: u64 = 1_024;
/// How often a call is signed. One that is overtaken so often belongs to an account that somebody
/// else uses all the time, which its owner has to hear of.
const SIGNATURES_MAX: u32 = 5;
/// The time before a call is signed again, for the node to get over what overtook it.
const SIGNATURE_PAUSE: Duration = Duration::from_secs(2);

/// An owner's account.
pub struct Owner {
	key: Keypair,
	/// Held while a call is under way: two that are signed at once have the same nonce, and one
	/// overtakes the other.
	turn: Mutex<()>,
}

impl Owner {
	/// The account of a URI: `file:PATH`, or a derivation such as `//Alice` of the development
	/// phrase. A phrase on the command line, where everybody sees it, is refused.
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
		Ok(Self { key, turn: Mutex::default() })
	}

	/// A way to submit calls through the node behind `url`.
	pub async fn connect(url: &str) -> Result<OnlineClient<SubstrateConfig>, OwnerError> {
		OnlineClient::from_insecure_url(url).await.map_err(|error| unreachable(&error))
	}

	/// The account.
	pub fn account(&self) -> AccountId {
		AccountId::from(self.key.public_key().0)
	}

	/// The account as people read it.
	pub fn address(&self) -> String {
		self.key.public_key().to_account_id().to_string()
	}

	/// Signs and submits a call, waits until it is finalized, and returns what it did. What was
	/// overtaken is signed again, and the call is carried out once at most.
	pub async fn submit(
		&self,
		client: &OnlineClient<SubstrateConfig>,
		call: &PreparedCall,
	) -> Result<ExtrinsicEvents<SubstrateConfig>, OwnerError> {
		let _turn = self.turn.lock().await;
		until_included(|| async {
			Submission::sign(client, &self.key, call).await?.carry_out().await
		})
		.await
	}
}

/// Makes attempts until the transaction of one is included. Only after `None`, which says that the
/// last one never will be, is there another.
async fn until_included<T, F>(mut attempt: impl FnMut() -> F) -> Result<T, OwnerError>
where
	F: Future<Output = Result<Option<T>, OwnerError>>,
{
	for tries_left in (0..SIGNATURES_MAX).rev() {
		if let Some(outcome) = attempt().await? {
			return Ok(outcome);
		}
		warn!(
			target: "device::owner", tries_left,
			"a transaction was overtaken by another of its account, and did nothing"
		);
		sleep(SIGNATURE_PAUSE).await;
	}
	Err(OwnerError::Overtaken(SIGNATURES_MAX))
}

#[cfg(test)]
mod tests {
	use std::cell::Cell;

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

	#[tokio::test(start_paused = true)]
	async fn call_is_signed_anew_until_a_transaction_is_included() {
		let signed = Cell::new(0);
		let outcome = until_included(|| async {
			signed.set(signed.get() + 1);
			Ok((signed.get() == 3).then_some("done"))
		});
		assert_eq!(outcome.await.expect("included"), "done");
		assert_eq!(signed.get(), 3);
	}

	#[tokio::test(start_paused = true)]
	async fn call_is_given_up_when_it_is_overtaken_every_time() {
		let signed = Cell::new(0);
		let outcome = until_included(|| async {
			signed.set(signed.get() + 1);
			Ok(None::<()>)
		});
		assert!(matches!(outcome.await, Err(OwnerError::Overtaken(SIGNATURES_MAX))));
		assert_eq!(signed.get(), SIGNATURES_MAX);
	}

	#[tokio::test(start_paused = true)]
	async fn call_is_signed_once_when_it_is_refused_or_its_outcome_unknown() {
		let unsettled = OwnerError::Unsettled { transaction: "0x1".into(), reason: "gone".into() };
		for error in [unsettled, OwnerError::Refused("no funds".into())] {
			let errors = Cell::new(Some(error));
			let outcome = until_included(|| async {
				// A second signature would find no error to return.
				errors.take().map_or(Ok(Some(())), Err)
			});
			assert!(outcome.await.is_err());
		}
	}
}
