//! Session keys of devices and keys of signers, named by URI. `file:` keeps the secret in a file
//! that only its owner may read, `mounted:` in one that a container or systemd mounts; secure
//! elements will have separate schemes.

use std::{io, path::PathBuf, sync::Arc};

use ed25519_dalek::{Signer, SigningKey};
use groma_core::{
	session_key,
	words::{SessionKey, Signature},
};

use crate::secret::{SecretError, SecretPath};

/// A device's ed25519 session key.
///
/// Signing has to be deterministic (RFC 8032): two different valid signatures for one challenge ban
/// the key.
pub trait DeviceKey: Send + Sync {
	/// The public key.
	fn public(&self) -> SessionKey;
	/// The signature over `message`.
	fn sign(&self, message: &[u8]) -> Signature;
}

/// Why a key cannot be used. None of these passes by waiting.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
	/// The URI has a scheme that this build does not know. It is not repeated: it may be the key.
	#[error(
		"a key is named by `file:/path/to/key`, or by `mounted:/path/to/key` if a container or systemd \
		 mounts it"
	)]
	UnknownScheme,
	/// The file cannot be read.
	#[error(transparent)]
	Secret(#[from] SecretError),
	/// A file is in the way of a new key.
	#[error("{0} exists, and is not overwritten: use the key in it, or name another path")]
	Exists(PathBuf),
	/// The file cannot be written.
	#[error(
		"{path} cannot be written: {source}; no key was made, see that its directory exists, is yours to \
		 write, and has room"
	)]
	Write {
		/// Which file.
		path: PathBuf,
		/// What the system says.
		source: io::Error,
	},
	/// The file holds something else.
	#[error(
		"{0} is not a key: it has to hold 64 hexadecimal digits and nothing else; `key generate` makes one"
	)]
	Malformed(PathBuf),
}

/// A key whose secret is in memory.
pub struct SoftKey(SigningKey);

impl SoftKey {
	/// The key of a 32-byte secret.
	pub fn from_secret(secret: &[u8; 32]) -> Self {
		Self(SigningKey::from_bytes(secret))
	}

	/// A new key.
	pub fn generate() -> Self {
		loop {
			let key = Self::from_secret(&rand::random());
			if session_key::is_acceptable(&key.public().0) {
				return key;
			}
		}
	}
}

impl DeviceKey for SoftKey {
	fn public(&self) -> SessionKey {
		SessionKey(self.0.verifying_key().to_bytes())
	}

	fn sign(&self, message: &[u8]) -> Signature {
		Signature(self.0.sign(message).to_bytes())
	}
}

/// Opens the key of a URI.
pub fn open(uri: &str) -> Result<Arc<dyn DeviceKey>, KeyError> {
	let at = SecretPath::of(uri).ok_or(KeyError::UnknownScheme)?;
	let secret = secret_of(&at.read()?);
	let secret = secret.ok_or_else(|| KeyError::Malformed(at.path().to_owned()))?;
	Ok(Arc::new(SoftKey::from_secret(&secret)))
}

/// Makes a new key under a URI and returns it. An existing key is never overwritten, and a key that
/// could not be written leaves no file.
pub fn generate(uri: &str) -> Result<Arc<dyn DeviceKey>, KeyError> {
	let at = SecretPath::of(uri).ok_or(KeyError::UnknownScheme)?;
	let key = SoftKey::generate();
	let path = || at.path().to_owned();
	at.write_new(&hex::encode(key.0.to_bytes())).map_err(|source| match source.kind() {
		io::ErrorKind::AlreadyExists => KeyError::Exists(path()),
		_ => KeyError::Write { path: path(), source },
	})?;
	Ok(Arc::new(key))
}

/// The secret that a text holds: 64 hexadecimal digits, with or without `0x`.
fn secret_of(text: &str) -> Option<[u8; 32]> {
	let mut secret = [0; 32];
	hex::decode_to_slice(text.strip_prefix("0x").unwrap_or(text), &mut secret).ok()?;
	Some(secret)
}

#[cfg(test)]
mod tests {
	use std::{
		fs::{self, Permissions},
		os::unix::fs::PermissionsExt,
	};

	use super::*;

	fn uri(directory: &tempfile::TempDir) -> String {
		format!("file:{}", directory.path().join("key").display())
	}

	/// A file with this content that only its owner may read, and its URI.
	fn file(content: &[u8]) -> (tempfile::TempDir, String) {
		let directory = tempfile::tempdir().expect("a directory");
		let path = directory.path().join("key");
		fs::write(&path, content).expect("written");
		fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("changed");
		let uri = uri(&directory);
		(directory, uri)
	}

	#[test]
	fn generated_key_is_read_again() {
		let directory = tempfile::tempdir().expect("a directory");
		let made = generate(&uri(&directory)).expect("made");
		let opened = open(&uri(&directory)).expect("opened");
		assert_eq!(made.public(), opened.public());
		assert_eq!(made.sign(b"x"), opened.sign(b"x"));
	}

	#[test]
	fn key_is_kept_when_another_is_generated_in_its_place() {
		let directory = tempfile::tempdir().expect("a directory");
		let first = generate(&uri(&directory)).expect("made");
		assert!(matches!(generate(&uri(&directory)), Err(KeyError::Exists(_))));
		assert_eq!(open(&uri(&directory)).expect("opened").public(), first.public());
	}

	#[test]
	fn key_is_not_made_where_it_cannot_be_written() {
		let directory = tempfile::tempdir().expect("a directory");
		let nowhere = format!("file:{}", directory.path().join("none/key").display());
		let error = generate(&nowhere).err().expect("refused").to_string();
		assert!(error.contains("no key was made"), "{error}");
	}

	#[test]
	fn key_is_read_whatever_a_system_writes_around_it() {
		let digits = "0f".repeat(32);
		let key = SoftKey::from_secret(&[0x0F; 32]).public();
		for content in [
			digits.clone(),
			format!("{digits}\n"),
			format!("{digits}\r\n"),
			format!("\u{FEFF}{digits}\r\n"),
			format!("0x{digits}\n"),
			format!("{}\n", digits.to_uppercase()),
		] {
			let (_directory, uri) = file(content.as_bytes());
			assert_eq!(open(&uri).expect("opened").public(), key, "{content:?}");
		}
	}

	#[test]
	fn key_is_refused_when_its_content_is_no_key() {
		let digits = "0f".repeat(32);
		for content in [
			"not a key".to_owned(),
			digits[2..].to_owned(),
			format!("{digits}00"),
			format!("# my key\n{digits}\n"),
			"/etc/groma-device/session.key".to_owned(),
			"//Alice".to_owned(),
		] {
			let (_directory, uri) = file(content.as_bytes());
			let error = open(&uri).err().expect("refused");
			assert!(matches!(error, KeyError::Malformed(_)), "{content}: {error}");
		}
	}

	#[test]
	fn key_is_not_repeated_when_it_stands_in_the_place_of_its_uri() {
		let digits = "0f".repeat(32);
		for uri in ["tpm:0", &digits, &format!("/etc/{digits}")] {
			let error = open(uri).err().expect("refused");
			assert!(matches!(error, KeyError::UnknownScheme), "{error}");
			assert!(!error.to_string().contains(&digits), "{error}");
		}
	}
}
