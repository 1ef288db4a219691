//! What an owner's file may hold: a recovery phrase or a secret seed, and nothing else. What holds
//! neither would otherwise be read as the public development phrase.

use subxt_signer::{
	DEV_PHRASE, DeriveJunction,
	bip39::{Error, Language, Mnemonic},
	sr25519::Keypair,
};

/// The accounts that tools derive from the public development phrase.
const PUBLIC_NAMES: [&str; 8] = ["Alice", "Bob", "Charlie", "Dave", "Eve", "Ferdie", "One", "Two"];

/// Why a text is no secret of an owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSecret {
	/// It begins with a comment.
	#[error("it holds a comment: leave nothing in it but the phrase or the seed")]
	Comment,
	/// It holds a path, or a derivation.
	#[error(
		"it holds a path or a derivation (`/`): write the phrase or the seed itself, and for a derived account \
		 its own seed"
	)]
	Path,
	/// It is in hexadecimal, but no seed.
	#[error("a secret seed has 64 hexadecimal digits, with or without `0x` before them")]
	Seed,
	/// It has another number of words than a phrase.
	#[error("its words are {0}, and a recovery phrase has 12, 15, 18, 21 or 24")]
	Words(usize),
	/// A word is not in the list.
	#[error("word {0} is not in the English list of recovery phrases (BIP-39): correct it")]
	UnknownWord(usize),
	/// The last word, which depends on the others, does not fit.
	#[error("a word is wrong or in a wrong place: compare them with your copy")]
	Checksum,
	/// Everyone has it.
	#[error("it holds the public development phrase or a key of it, by which anyone can sign")]
	Public,
}

/// The key that a text holds.
pub(super) fn key_of(text: &str) -> Result<Keypair, NoSecret> {
	let key = match text.strip_prefix("0x") {
		Some(digits) => of_seed(digits)?,
		None if text.bytes().all(|byte| byte.is_ascii_hexdigit()) => of_seed(text)?,
		None => of_phrase(text)?,
	};
	if is_public(&key) { Err(NoSecret::Public) } else { Ok(key) }
}

fn of_seed(digits: &str) -> Result<Keypair, NoSecret> {
	let mut seed = [0; 32];
	hex::decode_to_slice(digits, &mut seed).map_err(|_| NoSecret::Seed)?;
	Keypair::from_secret_key(seed).map_err(|_| NoSecret::Seed)
}

fn of_phrase(text: &str) -> Result<Keypair, NoSecret> {
	if text.starts_with(['#', ';']) {
		return Err(NoSecret::Comment);
	}
	if text.contains(['/', '\\']) {
		return Err(NoSecret::Path);
	}
	let phrase = Mnemonic::parse_in_normalized(Language::English, &text.to_lowercase());
	let phrase = phrase.map_err(|error| match error {
		Error::BadWordCount(count) => NoSecret::Words(count),
		Error::UnknownWord(index) => NoSecret::UnknownWord(index.saturating_add(1)),
		_ => NoSecret::Checksum,
	})?;
	Keypair::from_phrase(&phrase, None).map_err(|_| NoSecret::Checksum)
}

/// Whether the key is one of those that everyone has.
fn is_public(key: &Keypair) -> bool {
	let root = Mnemonic::parse_in_normalized(Language::English, DEV_PHRASE)
		.ok()
		.and_then(|phrase| Keypair::from_phrase(&phrase, None).ok());
	let Some(root) = root else { return false };
	let derived = PUBLIC_NAMES.map(|name| root.derive([DeriveJunction::hard(name)]));
	let stashes = PUBLIC_NAMES
		.map(|name| root.derive([DeriveJunction::hard(name), DeriveJunction::hard("stash")]));
	let public = key.public_key().0;
	derived.iter().chain(&stashes).chain([&root]).any(|known| known.public_key().0 == public)
}

#[cfg(test)]
mod tests {
	use super::*;

	/// A phrase of the BIP-39 vectors.
	const PHRASE: &str =
		"legal winner thank year wave sausage worth useful legal winner thank yellow";
	const SEED: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";

	fn fault(text: &str) -> NoSecret {
		key_of(text).err().unwrap_or_else(|| panic!("`{text}` was taken for a secret"))
	}

	#[test]
	fn phrase_is_read_however_its_words_are_set_apart() {
		let account = |text: &str| key_of(text).expect("a phrase").public_key().0;
		let lines = PHRASE.replace(' ', "\r\n");
		for text in [&lines, &PHRASE.replace(' ', "  "), &PHRASE.to_uppercase()] {
			assert_eq!(account(text), account(PHRASE), "{text}");
		}
	}

	#[test]
	fn seed_is_read_with_and_without_its_prefix() {
		let account = |text: &str| key_of(text).expect("a seed").public_key().0;
		assert_eq!(account(SEED), account(&format!("0x{SEED}")));
		assert_eq!(account(SEED), account(&SEED.to_uppercase()));
		assert_ne!(account(SEED), account(PHRASE));
	}

	#[test]
	fn what_is_neither_is_refused_with_its_fault() {
		assert_eq!(fault("# my phrase\nlegal winner thank"), NoSecret::Comment);
		assert_eq!(fault("; my phrase"), NoSecret::Comment);
		for path in ["/etc/owner", "//Alice", "~/owner", "file:/etc/owner", "C:\\owner", "/"] {
			assert_eq!(fault(path), NoSecret::Path, "{path}");
		}
		for derived in ["//stash", "/soft", "///password"] {
			assert_eq!(fault(&format!("{PHRASE}{derived}")), NoSecret::Path);
		}
		for seed in [&SEED[2..], "0x", "0xzz", &format!("{SEED}00"), "5"] {
			assert_eq!(fault(seed), NoSecret::Seed, "{seed}");
		}
		assert_eq!(fault("legal winner thank"), NoSecret::Words(3));
		assert_eq!(fault(&PHRASE.replace("wave", "wxve")), NoSecret::UnknownWord(5));
		assert_eq!(fault(&PHRASE.replace("yellow", "year")), NoSecret::Checksum);
	}

	#[test]
	fn key_that_everybody_has_is_refused() {
		assert_eq!(fault(DEV_PHRASE), NoSecret::Public);
		// The seed of `//Alice`.
		let alice = "0xe5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a";
		assert_eq!(fault(alice), NoSecret::Public);
		let phrase = Mnemonic::parse_in_normalized(Language::English, DEV_PHRASE).expect("words");
		let root = Keypair::from_phrase(&phrase, None).expect("a key");
		let stash = DeriveJunction::hard("stash");
		assert!(is_public(&root.derive([DeriveJunction::hard("Alice"), stash])));
		assert!(!is_public(&root.derive([DeriveJunction::hard("Groma"), stash])));
	}

	#[test]
	fn fault_repeats_no_word() {
		for text in [PHRASE.replace("wave", "wxve"), PHRASE.replace("yellow", "year")] {
			let said = fault(&text).to_string();
			assert!(!text.split(' ').any(|word| word.len() > 4 && said.contains(word)), "{said}");
		}
	}
}
