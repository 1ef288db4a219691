//! `groma-node key session`: session keys with the proof that their owner has them, and the call
//! that registers them, without a chain.

use std::{
	fmt::Write,
	path::{Path, PathBuf},
};

use codec::{DecodeAll, Encode};
use groma_runtime::{Runtime, RuntimeCall, SessionKeys};
use pallet_session::Call as SessionCall;
use sc_cli::SubstrateCli;
use sc_service::KeystoreContainer;
use sp_core::{
	bytes::{from_hex, to_hex},
	ed25519,
	proof_of_possession::statement_of_ownership,
};
use sp_keystore::Keystore;
use sp_runtime::traits::OpaqueKeys;

use super::{
	kinds::{KEY_BYTES, KINDS, Key, Kind, file_name, shown},
	place::Place,
};
use crate::types::AccountId;

/// Which session keys to make or to take, and for whom.
#[derive(Debug, clap::Args)]
pub(crate) struct SessionCommand {
	/// The account of the validator, which signs the call: its address, or its public key in
	/// hexadecimal. The proof holds for no other account.
	#[arg(long, value_name = "ACCOUNT")]
	owner: AccountId,

	/// Take the keys that are in the keystore, instead of making new ones.
	#[arg(long)]
	existing: bool,

	/// Which keys of the keystore to take, if it has several of a kind: 96 bytes in hexadecimal,
	/// grandpa, babe and authority discovery.
	#[arg(long, value_name = "HEX", requires = "existing", value_parser = parse_keys)]
	keys: Option<SessionKeys>,

	/// Where the keystore is.
	#[command(flatten)]
	place: Place,
}

pub(super) const HELP: &str = "\
Run it as the user that runs the node, on the validator's machine: the keys go into its keystore, or
come from there. The node may run, and nothing is asked of a chain.

Exit code: 0 if the call is shown, 1 if there is no proof of all keys.

Examples:
  groma-node key session --chain chain.json --base-path /var/lib/groma --owner ADDRESS
      New keys. Sign the call with the owner; the keys are used from the session after the next one.
  groma-node key session --chain chain.json --base-path /var/lib/groma --owner ADDRESS --existing
      The keys that the keystore has, for keys that were inserted, or for another owner.
";

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
enum SessionError {
	#[error(
		"the keystore {path} cannot be used ({reason}): run this as the user that runs the node, and \
		 see that there is room on the disk"
	)]
	Keystore { path: PathBuf, reason: String },
	#[error(
		"the keystore {path} has no key for {kinds}: give the --chain and --base-path of the node, \
		 or make new keys without --existing"
	)]
	MissingKinds { path: PathBuf, kinds: String },
	#[error(
		"the keystore {path} has several keys of a kind: name one of each by --keys, in this order, \
		 joined to 96 bytes in hexadecimal:\n{found}"
	)]
	SeveralKeys { path: PathBuf, found: String },
	#[error("the keystore {path} lacks these keys:\n{keys}")]
	MissingKeys { path: PathBuf, keys: String },
	#[error(
		"the key in {file} cannot sign ({reason}): the file holds the secret of another key, which \
		 no one checks when a key is inserted, or is protected by a password \
		 (--password-filename), or is not readable for this user"
	)]
	Unusable { file: PathBuf, reason: String },
	#[error("the proof does not pass the check of the runtime, so that the chain would refuse it")]
	Unproven,
}

impl SessionCommand {
	/// Prints the keys, their proof, and the call.
	pub(super) fn run<C: SubstrateCli>(&self, cli: &C) -> sc_cli::Result<()> {
		let (path, config) = self.place.keystore::<C>(&*self.place.spec(cli)?)?;
		let failed = |error: SessionError| sc_cli::Error::Application(error.into());
		if self.existing && !path.is_dir() {
			let reason = "it does not exist".into();
			return Err(failed(SessionError::Keystore { path, reason }));
		}
		let opened = KeystoreContainer::new(&config).map_err(|error| {
			failed(SessionError::Keystore { path: path.clone(), reason: error.to_string() })
		})?;
		let keystore = opened.keystore();
		let registration = self.registration(&*keystore, &path).map_err(failed)?;
		print!("{}", registration.report(&path));
		Ok(())
	}

	fn registration(
		&self,
		keystore: &dyn Keystore,
		path: &Path,
	) -> Result<Registration, SessionError> {
		let keys = match (&self.keys, self.existing) {
			(Some(keys), _) => keys.clone(),
			(None, true) => existing(keystore, path)?,
			(None, false) => made(keystore, path)?,
		};
		Registration::new(self.owner.clone(), keys, keystore, path)
	}
}

/// The session keys that an argument names.
fn parse_keys(text: &str) -> Result<SessionKeys, String> {
	let bytes = from_hex(text).map_err(|error| error.to_string())?;
	joined(&bytes)
		.ok_or_else(|| format!("these are {} bytes, not three keys of {KEY_BYTES}", bytes.len()))
}

/// The session keys that are one after another in `bytes`.
fn joined(bytes: &[u8]) -> Option<SessionKeys> {
	SessionKeys::decode_all(&mut &bytes[..]).ok()
}

/// Makes new keys in the keystore.
fn made(keystore: &dyn Keystore, path: &Path) -> Result<SessionKeys, SessionError> {
	let failed = |reason: String| SessionError::Keystore { path: path.to_owned(), reason };
	let mut keys = Vec::new();
	for Kind { id, crypto, .. } in KINDS {
		let public = match crypto {
			ed25519::CRYPTO_ID => keystore.ed25519_generate_new(id, None).map(|key| key.0),
			_ => keystore.sr25519_generate_new(id, None).map(|key| key.0),
		};
		keys.extend(public.map_err(|error| failed(error.to_string()))?);
	}
	joined(&keys).ok_or_else(|| failed("it made keys of another length".into()))
}

/// The keys of the keystore, of which it has one of each kind.
fn existing(keystore: &dyn Keystore, path: &Path) -> Result<SessionKeys, SessionError> {
	let failed = |reason: String| SessionError::Keystore { path: path.to_owned(), reason };
	let mut found: Vec<Vec<Key>> = Vec::new();
	for Kind { id, .. } in KINDS {
		let keys = keystore.keys(id).map_err(|error| failed(error.to_string()))?;
		let keys = keys.into_iter().filter(|key| key.len() == KEY_BYTES);
		found.push(keys.map(|key| (id, key)).collect());
	}
	let missing = KINDS.iter().zip(&found).filter(|(_, keys)| keys.is_empty());
	let missing: Vec<_> = missing.map(|(kind, _)| kind.name).collect();
	if !missing.is_empty() {
		let (path, kinds) = (path.to_owned(), missing.join(", "));
		return Err(SessionError::MissingKinds { path, kinds });
	}
	let found: Vec<Key> = found.into_iter().flatten().collect();
	if found.len() > KINDS.len() {
		return Err(SessionError::SeveralKeys { path: path.to_owned(), found: listed(&found) });
	}
	let bytes: Vec<u8> = found.into_iter().flat_map(|(_, public)| public).collect();
	joined(&bytes).ok_or_else(|| failed("its keys have another length".into()))
}

/// Keys in lines.
fn listed(keys: &[Key]) -> String {
	keys.iter().map(|key| format!("  {}", shown(key))).collect::<Vec<_>>().join("\n")
}

/// Session keys with what it takes to register them.
#[derive(Debug)]
struct Registration {
	owner: AccountId,
	keys: SessionKeys,
	proof: Vec<u8>,
}

impl Registration {
	/// Proves that the owner has the keys: each of them, in their order, signs the owner.
	fn new(
		owner: AccountId,
		keys: SessionKeys,
		keystore: &dyn Keystore,
		path: &Path,
	) -> Result<Self, SessionError> {
		let owner_bytes = owner.encode();
		let statement = statement_of_ownership(&owner_bytes);
		let (mut proof, mut missing) = (Vec::new(), Vec::new());
		for Kind { id, crypto, .. } in KINDS {
			let key = (id, keys.get_raw(id).to_vec());
			let signature = keystore.sign_with(id, crypto, &key.1, &statement);
			match signature {
				Ok(Some(signature)) => proof.extend(signature),
				Ok(None) => missing.push(key),
				Err(error) => {
					// The SDK breaks this text into lines.
					let reason = error.to_string();
					let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
					let file = path.join(file_name(&key));
					return Err(SessionError::Unusable { file, reason });
				}
			}
		}
		if !missing.is_empty() {
			let (path, keys) = (path.to_owned(), listed(&missing));
			return Err(SessionError::MissingKeys { path, keys });
		}
		match keys.ownership_proof_is_valid(&owner_bytes, &proof) {
			true => Ok(Self { owner, keys, proof }),
			false => Err(SessionError::Unproven),
		}
	}

	/// The call that registers the keys, as wallets take it.
	fn call(&self) -> Vec<u8> {
		let (keys, proof) = (self.keys.clone(), self.proof.clone());
		RuntimeCall::from(SessionCall::<Runtime>::set_keys { keys, proof }).encode()
	}

	/// What the operator does with it, in lines.
	fn report(&self, path: &Path) -> String {
		let Self { owner, keys, proof } = self;
		let hexadecimal = |bytes: &[u8]| to_hex(bytes, false);
		let mut text = String::new();
		// Writing to a string never fails.
		let _ = writeln!(text, "{:<21}{owner}", "owner");
		let _ = writeln!(text, "{:<21}{}", "", hexadecimal(&owner.encode()));
		for Kind { id, .. } in KINDS {
			let _ = writeln!(text, "{}", shown(&(id, keys.get_raw(id).to_vec())));
		}
		let _ = writeln!(text, "{:<21}{}", "keys", hexadecimal(&keys.encode()));
		let _ = writeln!(text, "{:<21}{}", "proof", hexadecimal(proof));
		let _ = writeln!(
			text,
			"\nThe keys are in {}. To register them, sign this call with the owner:\n  \
			 Session.set_keys(keys, proof)   {}",
			path.display(),
			hexadecimal(&self.call()),
		);
		text
	}
}

#[cfg(test)]
mod tests {
	use std::fs;

	use clap::Parser;
	use sc_service::config::KeystoreConfig;
	use sp_core::{Pair, crypto::key_types, sr25519};
	use sp_keystore::KeystorePtr;
	use tempfile::TempDir;

	use super::*;
	use crate::keys::kinds::key_in;

	const OWNER: AccountId = AccountId::new([7; 32]);

	/// The command as it is typed.
	#[derive(Debug, clap::Parser)]
	struct Typed {
		#[command(flatten)]
		command: SessionCommand,
	}

	fn typed(arguments: &[&str]) -> Result<SessionCommand, clap::Error> {
		let required = ["session", "--chain", "dev"];
		Typed::try_parse_from(required.iter().chain(arguments)).map(|typed| typed.command)
	}

	fn command(arguments: &[&str]) -> SessionCommand {
		let owner = OWNER.to_string();
		typed(&[&["--owner", owner.as_str()][..], arguments].concat()).expect("it is well typed")
	}

	fn open(path: &Path) -> KeystorePtr {
		let config = KeystoreConfig::Path { path: path.to_owned(), password: None };
		KeystoreContainer::new(&config).expect("it can be opened").keystore()
	}

	/// What a command says of a keystore.
	fn said(directory: &TempDir, arguments: &[&str]) -> Result<Registration, SessionError> {
		let path = directory.path();
		command(arguments).registration(&*open(path), path)
	}

	fn files(directory: &TempDir) -> Vec<String> {
		let entries = fs::read_dir(directory.path()).expect("it can be read");
		let names = entries.map(|entry| entry.expect("it can be read").file_name());
		names.map(|name| name.into_string().expect("it is text")).collect()
	}

	#[test]
	fn new_keys_have_a_proof_of_their_owner_alone() {
		let directory = tempfile::tempdir().expect("there is room");
		let made = said(&directory, &[]).expect("keys are made");
		let is_valid = |owner: &AccountId, proof: &[u8]| {
			made.keys.ownership_proof_is_valid(&owner.encode(), proof)
		};
		assert!(is_valid(&OWNER, &made.proof));
		assert_eq!(made.proof.len(), 3 * 64);
		assert!(!is_valid(&AccountId::new([8; 32]), &made.proof), "another account");
		assert!(!made.keys.ownership_proof_is_valid(&[], &made.proof), "an empty owner");
		assert!(!is_valid(&OWNER, &[]), "no proof");
		assert_eq!(files(&directory).iter().filter_map(|name| key_in(name)).count(), 3);
		let other = said(&directory, &[]).expect("keys are made");
		assert_ne!(other.keys, made.keys);
	}

	#[test]
	fn printed_call_is_the_one_of_the_runtime() {
		let directory = tempfile::tempdir().expect("there is room");
		let made = said(&directory, &[]).expect("keys are made");
		let text = made.report(directory.path());
		// The numbers of the pallet and the call, which are pinned, and the length of the proof.
		let (keys, proof) = (to_hex(&made.keys.encode(), false), to_hex(&made.proof, false));
		let bare = |text: &str| text.trim_start_matches("0x").to_owned();
		let call = format!("0x1600{}0103{}", bare(&keys), bare(&proof));
		assert!(text.contains(&format!("Session.set_keys(keys, proof)   {call}\n")), "{text}");
		let value = |name: &str| {
			let line = text.lines().find(|line| line.starts_with(&format!("{name} ")));
			line.and_then(|line| line.split_whitespace().last()).map(str::to_owned)
		};
		assert_eq!((value("keys"), value("proof")), (Some(keys), Some(proof)));
		assert_eq!(value("owner"), Some(OWNER.to_string()));
		let decoded =
			from_hex(&call).ok().and_then(|call| RuntimeCall::decode_all(&mut &call[..]).ok());
		let expected = SessionCall::<Runtime>::set_keys { keys: made.keys, proof: made.proof };
		assert_eq!(decoded, Some(RuntimeCall::from(expected)));
	}

	#[test]
	fn existing_keys_are_proven_for_any_owner() {
		let directory = tempfile::tempdir().expect("there is room");
		let made = said(&directory, &[]).expect("keys are made");
		let again = said(&directory, &["--existing"]).expect("one of each kind");
		assert_eq!(again.keys, made.keys);
		assert!(again.keys.ownership_proof_is_valid(&OWNER.encode(), &again.proof));
		assert_eq!(files(&directory).len(), 3, "no key is made");
	}

	#[test]
	fn missing_kinds_are_named() {
		let directory = tempfile::tempdir().expect("there is room");
		let none = said(&directory, &["--existing"]).expect_err("it is empty").to_string();
		assert!(none.contains("no key for grandpa, babe, authority discovery"), "{none}");
		let keystore = open(directory.path());
		keystore.sr25519_generate_new(key_types::BABE, None).expect("a key is made");
		let two = said(&directory, &["--existing"]).expect_err("two are missing").to_string();
		assert!(two.contains("no key for grandpa, authority discovery:"), "{two}");
	}

	#[test]
	fn one_of_several_sets_of_keys_is_named() {
		let directory = tempfile::tempdir().expect("there is room");
		let first = said(&directory, &[]).expect("keys are made");
		let second = said(&directory, &[]).expect("keys are made");
		let several = said(&directory, &["--existing"]).expect_err("two of each").to_string();
		for key in first.keys.clone().into_raw_public_keys() {
			assert!(several.contains(&to_hex(&key.0, false)), "{several}");
		}
		let named = to_hex(&second.keys.encode(), false);
		let taken = said(&directory, &["--existing", "--keys", &named]).expect("it has them");
		assert_eq!(taken.keys, second.keys);
		let unknown = format!("0x{}", "07".repeat(3 * KEY_BYTES));
		let lacking = said(&directory, &["--existing", "--keys", &unknown]).expect_err("unknown");
		assert!(matches!(&lacking, SessionError::MissingKeys { .. }), "{lacking}");
		assert_eq!(lacking.to_string().matches(&"07".repeat(KEY_BYTES)).count(), 3, "{lacking}");
	}

	#[test]
	fn key_with_the_secret_of_another_is_named() {
		let directory = tempfile::tempdir().expect("there is room");
		said(&directory, &[]).expect("keys are made");
		let name = files(&directory).into_iter().find(|name| name.starts_with("62616265"));
		let babe = directory.path().join(name.expect("one is for BABE"));
		fs::write(&babe, "\"//Alice\"").expect("it can be written");
		let refusal = said(&directory, &["--existing"]).expect_err("it cannot sign").to_string();
		assert!(refusal.contains(&babe.display().to_string()), "{refusal}");
		assert!(refusal.contains("the secret of another key"), "{refusal}");
	}

	#[test]
	fn keystore_that_takes_no_files_is_refused_with_what_to_do() {
		let directory = tempfile::tempdir().expect("there is room");
		let path = directory.path().join("keystore");
		let keystore = open(&path);
		// A directory that is gone refuses new files to every user, also to root.
		fs::remove_dir(&path).expect("it is empty");
		let refusal =
			command(&[]).registration(&*keystore, &path).expect_err("no file can be made");
		let refusal = refusal.to_string();
		assert!(refusal.contains(&path.display().to_string()), "{refusal}");
		assert!(refusal.contains("the user that runs the node"), "{refusal}");
	}

	#[test]
	fn owner_is_an_address_or_a_public_key() {
		let alice = sr25519::Pair::from_string("//Alice", None).expect("it is a URI").public();
		let address = AccountId::from(alice).to_string();
		for owner in [address.as_str(), &to_hex(&alice.0, false)] {
			assert_eq!(typed(&["--owner", owner]).expect(owner).owner, AccountId::from(alice));
		}
		let mistyped = address.replace("5G", "5H");
		for owner in [mistyped.as_str(), "//Alice", "0x1234", ""] {
			let refusal = typed(&["--owner", owner]).expect_err(owner).to_string();
			assert!(refusal.contains("--owner"), "{refusal}");
		}
		assert!(typed(&[]).is_err(), "no owner");
		let short = typed(&["--owner", &address, "--existing", "--keys", "0x07"]);
		assert!(short.expect_err("one byte").to_string().contains("not three keys"));
		let unused = typed(&["--owner", &address, "--keys", &format!("0x{}", "07".repeat(96))]);
		assert!(unused.expect_err("new keys").to_string().contains("--existing"));
	}
}
