//! `groma-node key`: the commands of the SDK, and those for the session keys of a validator.

mod prune;
mod session;
mod states;

use std::path::PathBuf;

use sc_cli::{KeySubcommand, KeystoreParams, SubstrateCli};
use sc_service::{BasePath, ChainSpec, config::KeystoreConfig};
use sp_core::{
	bytes::{from_hex, to_hex},
	crypto::{CryptoTypeId, KeyTypeId, key_types},
	ed25519, sr25519,
};

use crate::cli::Cli;

/// What `groma-node key` is asked to do.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum KeyCommand {
	/// Make session keys of a validator, and show the call that registers them.
	#[command(after_long_help = session::HELP)]
	Session(session::SessionCommand),

	/// Remove session keys that are in no session for which misbehaviour can be proven.
	#[command(after_long_help = prune::HELP)]
	Prune(prune::PruneCommand),

	/// What the SDK does with keys.
	#[command(flatten)]
	Other(KeySubcommand),
}

impl KeyCommand {
	/// Does it.
	pub(crate) fn run(self, cli: &Cli) -> sc_cli::Result<()> {
		match self {
			Self::Session(command) => command.run(cli),
			Self::Prune(command) => command.run(cli),
			// A node key depends on a chain only if it goes into a directory.
			Self::Other(KeySubcommand::GenerateNodeKey(mut command)) => {
				command.chain.get_or_insert_with(|| "local".into());
				KeySubcommand::GenerateNodeKey(command).run(cli)
			}
			Self::Other(command) => command.run(cli),
		}
	}
}

/// Where the keystore of a node is.
#[derive(Debug, clap::Args)]
pub(crate) struct Place {
	/// The chain of the node: `dev`, `local`, or the path of a chain specification.
	#[arg(long, value_name = "CHAIN")]
	chain: String,

	/// The base path of the node.
	#[arg(long, short = 'd', value_name = "PATH")]
	base_path: Option<PathBuf>,

	/// Where in it the keystore is, and its password.
	#[command(flatten)]
	keystore: KeystoreParams,
}

impl Place {
	fn spec(&self, cli: &Cli) -> sc_cli::Result<Box<dyn ChainSpec>> {
		Ok(cli.load_spec(&self.chain)?)
	}

	/// The directory of the keystore, and how it is opened.
	fn keystore(&self, spec: &dyn ChainSpec) -> sc_cli::Result<(PathBuf, KeystoreConfig)> {
		let base = match &self.base_path {
			Some(path) => BasePath::new(path.clone()),
			None => BasePath::from_project("", "", &Cli::executable_name()),
		};
		let config = self.keystore.keystore_config(&base.config_dir(spec.id()))?;
		let path = match &config {
			KeystoreConfig::Path { path, .. } => path.clone(),
			KeystoreConfig::InMemory => {
				return Err(sc_cli::Error::Input("a keystore in memory is not kept".into()));
			}
		};
		Ok((path, config))
	}
}

/// A kind of session key.
struct Kind {
	id: KeyTypeId,
	crypto: CryptoTypeId,
	name: &'static str,
}

/// The kinds of session keys, in the order in which a validator registers them.
const KINDS: [Kind; 3] = [
	Kind { id: key_types::GRANDPA, crypto: ed25519::CRYPTO_ID, name: "grandpa" },
	Kind { id: key_types::BABE, crypto: sr25519::CRYPTO_ID, name: "babe" },
	Kind {
		id: key_types::AUTHORITY_DISCOVERY,
		crypto: sr25519::CRYPTO_ID,
		name: "authority discovery",
	},
];

/// The length of a session key of any kind.
const KEY_BYTES: usize = 32;

/// A session key: what it is for, and its public part.
type Key = (KeyTypeId, Vec<u8>);

/// A key with its kind, for a person.
fn shown((id, public): &Key) -> String {
	let name = KINDS.iter().find(|kind| kind.id == *id).map_or("unknown", |kind| kind.name);
	format!("{name:<21}{}", to_hex(public, false))
}

/// How the file of a key in a keystore is called.
fn file_name((id, public): &Key) -> String {
	let name = to_hex(&[&id.0[..], public].concat(), false);
	name.trim_start_matches("0x").to_owned()
}

/// The session key in the file of a keystore. Other keys are none, such as that of a collector.
fn key_in(file_name_found: &str) -> Option<Key> {
	let bytes = from_hex(file_name_found).ok()?;
	let (id, public) = bytes.split_at_checked(4)?;
	let kind = KINDS.iter().find(|kind| kind.id.0 == id)?;
	let key = (kind.id, public.to_vec());
	(public.len() == KEY_BYTES && file_name(&key) == file_name_found).then_some(key)
}

#[cfg(test)]
mod tests {
	use groma_runtime::SessionKeys;
	use sp_runtime::traits::OpaqueKeys;

	use super::*;

	#[test]
	fn kinds_are_those_of_the_runtime_in_its_order() {
		let ids: Vec<_> = KINDS.iter().map(|kind| kind.id).collect();
		assert_eq!(ids, SessionKeys::key_ids());
	}

	#[test]
	fn files_of_session_keys_are_told_from_others() {
		let key = (key_types::BABE, vec![0xAB; KEY_BYTES]);
		let name = file_name(&key);
		assert_eq!(name, format!("62616265{}", "ab".repeat(KEY_BYTES)));
		assert_eq!(key_in(&name), Some(key));
		let collector = format!("{}{}", "636f6c6c", "ab".repeat(KEY_BYTES));
		let (prefixed, upper) = (format!("0x{name}"), name.to_uppercase());
		for other in [&collector, &prefixed, &upper] {
			assert_eq!(key_in(other), None, "{other}");
		}
		for other in ["62616265ab", "62616265", "babe", "", "readme.txt"] {
			assert_eq!(key_in(other), None, "{other}");
		}
	}
}
