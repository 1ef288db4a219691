//! `groma-node key prune`: removes session keys of which nothing that they sign can be held against
//! their validator any more, or that were never used.

use std::{
	collections::BTreeSet,
	fs,
	io::{self, Write},
	path::{Path, PathBuf},
};

use sc_cli::SubstrateCli;

use super::{
	chain::{Chain, ChainError, Node, named},
	kinds::{Key, file_name, key_in, shown},
	place::Place,
};
use crate::{endpoint::AskedNode, service};

/// From which keystore to remove keys, and which node to ask.
#[derive(Debug, clap::Args)]
pub(crate) struct PruneCommand {
	#[command(flatten)]
	node: AskedNode,

	/// Do not ask before the keys are removed.
	#[arg(long)]
	yes: bool,

	/// Where the keystore is.
	#[command(flatten)]
	place: Place,
}

pub(super) const HELP: &str = "\
A key stays if a validator registered it, if the present session or the next one has it, or if
misbehaviour by it can be proven, which the chain remembers. A key that the node does not name is
removed: ask one that you trust. Keys that were made and never set are in no session: prune when
Session.set_keys is finalized. Keys of collectors and feeders are not looked at.

Exit code: 0 if nothing else is to be removed, 1 if the chain cannot be asked or the answer is no.

Examples:
  groma-node key prune --chain chain.json --base-path /var/lib/groma
      Ask the node of this machine, and ask before keys are removed.
  groma-node key prune --chain chain.json --base-path /var/lib/groma --endpoint wss://HOST
      Ask another node of the same chain.
";

/// Why no key was removed, or not all.
#[derive(Debug, thiserror::Error)]
enum PruneError {
	#[error(transparent)]
	Chain(#[from] ChainError),
	#[error(
		"the keystore {path} cannot be read ({reason}): give the --chain and --base-path of the node, \
		 and run this as the user that runs it"
	)]
	Keystore { path: PathBuf, reason: io::Error },
	#[error("{file} cannot be removed ({reason}): run this as the user that runs the node")]
	NotRemoved { file: PathBuf, reason: io::Error },
	#[error("no one can be asked ({0}): pass --yes to remove these keys")]
	NoAnswer(io::Error),
	#[error("nothing was removed")]
	Declined,
}

impl PruneCommand {
	/// Removes the keys, after a question.
	pub(super) fn run<C: SubstrateCli>(&self, cli: &C) -> sc_cli::Result<()> {
		let spec = self.place.spec(cli)?;
		let (path, _) = self.place.keystore::<C>(&*spec)?;
		let failed = |error: PruneError| sc_cli::Error::Application(error.into());
		// What is mistyped is said before anything is computed.
		session_keys(&path).map_err(failed)?;
		let endpoint = self.node.endpoint();
		let endpoint = endpoint.map_err(|fault| failed(ChainError::from(fault).into()))?;
		let genesis = service::genesis_hash(&*spec)?;
		let confirm = |keys: &BTreeSet<Key>| match self.yes {
			true => Ok(true),
			false => is_confirmed(keys),
		};
		let removed = sc_cli::build_runtime()?.block_on(async {
			let node = Node::connect(endpoint, genesis).await?;
			prune(&node, &path, confirm).await
		});
		let removed = removed.map_err(failed)?;
		if removed.is_empty() {
			println!("The chain names every session key in {}: none is removed.", path.display());
		}
		Ok(())
	}
}

/// Removes the session keys in a directory that the chain does not name, if that is confirmed.
/// Yields which these were.
async fn prune<C: Chain>(
	chain: &C,
	path: &Path,
	confirm: impl FnOnce(&BTreeSet<Key>) -> Result<bool, PruneError>,
) -> Result<BTreeSet<Key>, PruneError> {
	let keys = session_keys(path)?;
	if keys.is_empty() {
		return Ok(keys);
	}
	let named_before = named(chain, &keys).await?;
	let unnamed: BTreeSet<Key> = keys.difference(&named_before).cloned().collect();
	if unnamed.is_empty() {
		return Ok(unnamed);
	}
	if !confirm(&unnamed)? {
		return Err(PruneError::Declined);
	}
	// Meanwhile a key may have been set.
	let named_since = named(chain, &unnamed).await?;
	let unnamed: BTreeSet<Key> = unnamed.difference(&named_since).cloned().collect();
	for key in &unnamed {
		let file = path.join(file_name(key));
		fs::remove_file(&file).map_err(|reason| PruneError::NotRemoved { file, reason })?;
		println!("removed  {}", shown(key));
	}
	Ok(unnamed)
}

/// The session keys in a directory.
fn session_keys(path: &Path) -> Result<BTreeSet<Key>, PruneError> {
	let failed = |reason: io::Error| PruneError::Keystore { path: path.to_owned(), reason };
	let mut keys = BTreeSet::new();
	for entry in fs::read_dir(path).map_err(failed)? {
		let name = entry.map_err(failed)?.file_name();
		keys.extend(name.to_str().and_then(key_in));
	}
	Ok(keys)
}

/// Asks whether to remove keys.
fn is_confirmed(keys: &BTreeSet<Key>) -> Result<bool, PruneError> {
	println!("The chain names none of these keys: no one has them, and nothing is to be proven:");
	for key in keys {
		println!("  {}", shown(key));
	}
	println!("Keys that were made and are not set yet are removed as well.");
	print!("Remove them permanently? Type yes: ");
	io::stdout().flush().map_err(PruneError::NoAnswer)?;
	let mut answer = String::new();
	match io::stdin().read_line(&mut answer).map_err(PruneError::NoAnswer)? {
		0 => Err(PruneError::NoAnswer(io::ErrorKind::UnexpectedEof.into())),
		_ => Ok(answer.trim().eq_ignore_ascii_case("yes")),
	}
}

#[cfg(test)]
mod tests {
	use futures::executor::block_on;
	use sp_core::crypto::key_types;
	use tempfile::TempDir;

	use super::*;
	use crate::keys::chain::tests::{Fake, key};

	/// A keystore with these keys, and with that of a collector.
	fn keystore(keys: &[Key]) -> TempDir {
		let directory = tempfile::tempdir().expect("there is room");
		let collector = format!("636f6c6c{}", "01".repeat(32));
		for name in keys.iter().map(file_name).chain([collector]) {
			fs::write(directory.path().join(name), "\"//Alice\"").expect("it can be written");
		}
		directory
	}

	/// How many files there are.
	fn count(directory: &TempDir) -> usize {
		fs::read_dir(directory.path()).expect("it can be read").count()
	}

	#[test]
	fn session_keys_that_the_chain_does_not_name_are_removed_and_no_others() {
		let grandpa = |number: u8| (key_types::GRANDPA, vec![number; 32]);
		let keys = [key(2), key(9), key(15), grandpa(9), grandpa(2)];
		let directory = keystore(&keys);
		let chain = Fake::naming(&[key(9), grandpa(9)]).and(key(15));
		let removed = block_on(prune(&chain, directory.path(), |_| Ok(true)));
		assert_eq!(removed.expect("it can be done"), BTreeSet::from([key(2), grandpa(2)]));
		assert_eq!(count(&directory), 4, "three session keys and that of a collector");
		let again = block_on(prune(&chain, directory.path(), |_| Err(PruneError::Declined)));
		assert_eq!(again.expect("nothing is asked"), BTreeSet::new());
	}

	#[test]
	fn nothing_is_removed_when_the_answer_is_no() {
		let directory = keystore(&[key(2), key(9)]);
		let mut asked = BTreeSet::new();
		let chain = Fake::naming(&[key(9)]);
		let declined = block_on(prune(&chain, directory.path(), |keys| {
			asked = keys.clone();
			Ok(false)
		}));
		assert!(matches!(declined, Err(PruneError::Declined)), "{declined:?}");
		assert_eq!((asked, count(&directory)), (BTreeSet::from([key(2)]), 3));
	}

	#[test]
	fn key_that_is_set_while_the_question_stands_stays() {
		use std::cell::RefCell;

		use crate::types::BlockHash;

		struct Changing(RefCell<Fake>);

		impl Chain for Changing {
			async fn heads(&self) -> Result<[BlockHash; 2], ChainError> {
				let chain = self.0.borrow().clone();
				chain.heads().await
			}

			async fn names(&self, key: &Key, at: BlockHash) -> Result<bool, ChainError> {
				let chain = self.0.borrow().clone();
				chain.names(key, at).await
			}
		}

		let directory = keystore(&[key(15), key(16)]);
		let chain = Changing(RefCell::new(Fake::naming(&[])));
		let removed = block_on(prune(&chain, directory.path(), |keys| {
			assert_eq!(keys.len(), 2);
			let changed = chain.0.borrow().clone().and(key(15));
			*chain.0.borrow_mut() = changed;
			Ok(true)
		}));
		assert_eq!(removed.expect("it can be done"), BTreeSet::from([key(16)]));
		assert_eq!(count(&directory), 2);
	}

	#[test]
	fn keystore_that_does_not_exist_is_refused_with_what_to_do() {
		let directory = keystore(&[]);
		let path = directory.path().join("absent");
		let refusal = block_on(prune(&Fake::naming(&[]), &path, |_| Ok(true)));
		let refusal = refusal.expect_err("there is none").to_string();
		assert!(refusal.contains("--base-path"), "{refusal}");
		assert!(!path.exists(), "it is not made");
	}
}
