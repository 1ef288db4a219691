//! The owner's account: signs what devices cannot.

mod call;
mod changes;
mod claims;
mod connection;
mod cost;
mod error;
mod place;
mod proxy;
mod receipt;
mod registration;
mod secret;
mod stake;
mod submission;
mod till;

use std::{str::FromStr, time::Duration};

use groma_core::money::Balance;
use subxt::{OnlineClient, SubstrateConfig, extrinsics::ExtrinsicEvents};
use subxt_signer::{SecretUri, sr25519::Keypair};
use tokio::{sync::Mutex, time::sleep};
use tracing::warn;

use self::submission::{Ending, Head, Submission};
pub use self::{
	call::PreparedCall,
	changes::{DeviceChange, NewKey, hardware_message, offered_to},
	claims::{Claim, ClaimOutcome, Claims, claim_all},
	connection::Connection,
	cost::{NetworkFee, fee_terms},
	error::OwnerError,
	place::{Doubt, Place, region_name},
	receipt::Receipt,
	registration::{LocationClaim, RegisterDevice},
	secret::NoSecret,
	stake::{Purpose, StakeChange},
	till::{ChainTill, Debt, Till},
};
use crate::{chain::AccountId, secret::SecretPath};

/// How often a call is signed. One that is overtaken so often belongs to an account that someone
/// else uses all the time, which its owner has to hear of.
const SIGNATURES_MAX: u32 = 5;
/// The time before a call is signed again, for the node to get over what overtook it.
const SIGNATURE_PAUSE: Duration = Duration::from_secs(2);

/// An owner's account.
pub struct Owner {
	key: Keypair,
	/// Whether anyone has the key.
	is_public: bool,
	/// On whose behalf the account acts, if it is a proxy.
	principal: Option<AccountId>,
	/// Held while a call is under way: two that are signed at once have the same nonce, and one
	/// overtakes the other.
	turn: Mutex<()>,
}

impl Owner {
	/// The account of a URI: `file:PATH` or `mounted:PATH` of a recovery phrase or a secret seed,
	/// or a derivation such as `//Alice` of the public development phrase, which development chains
	/// alone take. A phrase on the command line, where everyone sees it, is refused.
	pub fn open(uri: &str) -> Result<Self, OwnerError> {
		let is_public = uri.starts_with("//");
		let key = if is_public {
			let uri = SecretUri::from_str(uri).map_err(|_| OwnerError::UnknownForm)?;
			Keypair::from_uri(&uri).map_err(|_| OwnerError::UnknownForm)?
		} else {
			let at = SecretPath::of(uri).ok_or(OwnerError::UnknownForm)?;
			let malformed = |fault| OwnerError::Malformed { path: at.path().to_owned(), fault };
			secret::key_of(&at.read()?).map_err(malformed)?
		};
		Ok(Self { key, is_public, principal: None, turn: Mutex::default() })
	}

	/// The same account, acting as a proxy on behalf of another if there is one.
	pub fn acting_for(self, principal: Option<AccountId>) -> Self {
		Self { principal, ..self }
	}

	/// The account that signs and pays.
	pub fn account(&self) -> AccountId {
		AccountId::from(self.key.public_key().0)
	}

	/// The account whose devices it acts on: that on whose behalf it acts, or itself.
	pub fn principal(&self) -> AccountId {
		self.principal.unwrap_or_else(|| self.account())
	}

	/// The account that signs, as people read it.
	pub fn address(&self) -> String {
		self.key.public_key().to_account_id().to_string()
	}

	/// Signs and submits a call, waits until it is finalized, and returns what it did. What was
	/// overtaken, or signed for a runtime that was replaced, is signed again, and the call is
	/// carried out once at most.
	pub async fn submit(
		&self,
		client: &OnlineClient<SubstrateConfig>,
		call: &PreparedCall,
	) -> Result<ExtrinsicEvents<SubstrateConfig>, OwnerError> {
		let call = &self.wrapped(client, call).await?;
		let _turn = self.turn.lock().await;
		let key = &self.key;
		let events = until_included(|head| async move {
			Submission::sign(client, key, call, head).await?.carry_out().await
		})
		.await
		.map_err(|error| error.about(&self.address()))?;
		if self.principal.is_some() {
			proxy::expect_success(client, &events).await?;
		}
		Ok(events)
	}

	/// What a call would cost at most, in plancks. Nothing is signed for that.
	pub async fn fee(
		&self,
		client: &OnlineClient<SubstrateConfig>,
		call: &PreparedCall,
	) -> Result<Balance, OwnerError> {
		let call = self.wrapped(client, call).await?;
		submission::fee(client, self.account(), &call).await
	}

	/// The call as the account signs it.
	async fn wrapped(
		&self,
		client: &OnlineClient<SubstrateConfig>,
		call: &PreparedCall,
	) -> Result<PreparedCall, OwnerError> {
		match self.principal {
			Some(principal) => proxy::wrap(client, principal, call).await,
			None => Ok(call.clone()),
		}
	}
}

/// Makes attempts until the transaction of one is included. There is another only after it is
/// certain that the last one never will be: at once if the runtime was replaced, for the new one.
async fn until_included<T, F>(mut attempt: impl FnMut(Head) -> F) -> Result<T, OwnerError>
where
	F: Future<Output = Result<Ending<T>, OwnerError>>,
{
	let mut head = Head::Finalized;
	for tries_left in (0..SIGNATURES_MAX).rev() {
		match attempt(head).await? {
			Ending::Included(outcome) => return Ok(outcome),
			Ending::Overtaken => {
				warn!(
					target: "client::owner", tries_left,
					"a transaction was overtaken by another of its account, and did nothing"
				);
				sleep(SIGNATURE_PAUSE).await;
			}
			Ending::Outdated => {
				warn!(
					target: "client::owner", tries_left,
					"the chain was upgraded, and a transaction that was signed before did nothing: it is \
					 signed again"
				);
				head = Head::Best;
			}
		}
	}
	Err(OwnerError::Overtaken(SIGNATURES_MAX))
}

#[cfg(test)]
mod tests {
	use std::{
		cell::{Cell, RefCell},
		fs::Permissions,
		os::unix::fs::PermissionsExt,
	};

	use subxt_signer::DEV_PHRASE;
	use tokio::time::Instant;

	use super::*;
	use crate::secret::SecretError;

	#[test]
	fn development_account_is_the_well_known_one() {
		let owner = Owner::open("//Alice").expect("a development account");
		assert_eq!(owner.address(), "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY");
	}

	#[test]
	fn owner_is_refused_when_the_phrase_is_on_the_command_line() {
		assert!(matches!(Owner::open("bottom drive obey"), Err(OwnerError::UnknownForm)));
	}

	/// A file with this content that only its owner may read, and its URI.
	fn file(content: &str) -> (tempfile::TempDir, String) {
		let directory = tempfile::tempdir().expect("a directory");
		let path = directory.path().join("owner");
		std::fs::write(&path, content).expect("written");
		std::fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("changed");
		let uri = format!("file:{}", path.display());
		(directory, uri)
	}

	#[test]
	fn phrase_is_read_from_a_file() {
		let phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow";
		let (_directory, uri) = file(&format!("{phrase}\r\n"));
		let owner = Owner::open(&uri).expect("read");
		let (_directory, uri) = file(&format!("\u{FEFF}{}", phrase.replace(' ', "\n")));
		assert_eq!(owner.account(), Owner::open(&uri).expect("read").account());
		assert!(!owner.is_public);
	}

	#[test]
	fn owner_is_refused_when_the_file_means_the_public_phrase() {
		for content in ["", "\n", "//Alice", "/etc/owner", DEV_PHRASE, "# none"] {
			let (_directory, uri) = file(content);
			let error = Owner::open(&uri).err().expect("refused");
			let is_named = matches!(
				error,
				OwnerError::Malformed { .. } | OwnerError::Secret(SecretError::Empty(_))
			);
			assert!(is_named, "`{content}`: {error}");
		}
	}

	#[test]
	fn owner_is_refused_when_others_may_read_the_file() {
		let (directory, uri) = file("legal winner thank");
		let path = directory.path().join("owner");
		std::fs::set_permissions(&path, Permissions::from_mode(0o644)).expect("changed");
		let error = Owner::open(&uri).err().expect("refused");
		assert!(matches!(error, OwnerError::Secret(SecretError::Exposed { .. })), "{error}");
	}

	#[test]
	fn proxy_acts_for_its_principal_and_signs_for_itself() {
		let [bob, charlie] = ["//Bob", "//Charlie"].map(|uri| Owner::open(uri).expect("known"));
		let (signer, principal) = (charlie.account(), bob.account());
		let proxy = charlie.acting_for(Some(principal));
		assert_eq!((proxy.account(), proxy.principal()), (signer, principal));
		assert_eq!(bob.principal(), bob.account());
	}

	#[tokio::test(start_paused = true)]
	async fn call_is_signed_again_until_a_transaction_is_included() {
		let signed = Cell::new(0);
		let outcome = until_included(|_| async {
			signed.set(signed.get() + 1);
			Ok(if signed.get() == 3 { Ending::Included("done") } else { Ending::Overtaken })
		});
		assert_eq!(outcome.await.expect("included"), "done");
		assert_eq!(signed.get(), 3);
	}

	#[tokio::test(start_paused = true)]
	async fn call_is_signed_again_at_once_for_the_new_runtime_when_the_chain_is_upgraded() {
		let heads = RefCell::new(Vec::new());
		let began = Instant::now();
		let outcome = until_included(|head| {
			heads.borrow_mut().push(head);
			let is_new = head == Head::Best;
			async move { Ok(if is_new { Ending::Included("done") } else { Ending::Outdated }) }
		});
		assert_eq!(outcome.await.expect("included"), "done");
		assert_eq!(*heads.borrow(), [Head::Finalized, Head::Best]);
		assert_eq!(began.elapsed(), Duration::ZERO);
	}

	#[tokio::test(start_paused = true)]
	async fn call_is_given_up_when_it_is_overtaken_every_time() {
		let signed = Cell::new(0);
		let outcome = until_included(|_| async {
			signed.set(signed.get() + 1);
			Ok(Ending::<()>::Overtaken)
		});
		assert!(matches!(outcome.await, Err(OwnerError::Overtaken(SIGNATURES_MAX))));
		assert_eq!(signed.get(), SIGNATURES_MAX);
	}

	#[tokio::test(start_paused = true)]
	async fn call_is_signed_once_when_it_is_refused_or_its_outcome_unknown() {
		let unsettled = OwnerError::Unsettled { transaction: "0x1".into(), reason: "gone".into() };
		for error in [unsettled, OwnerError::Refused("no funds".into())] {
			let errors = Cell::new(Some(error));
			let outcome = until_included(|_| async {
				// A second signature would find no error to return.
				errors.take().map_or(Ok(Ending::Included(())), Err)
			});
			assert!(outcome.await.is_err());
		}
	}
}
