//! Session keys, named by URI. `file:` keeps the secret in a file that only its owner may read;
//! secure elements will have schemes of their own.

use std::{
	fs::{File, OpenOptions, Permissions},
	io::{self, Write},
	os::unix::fs::{OpenOptionsExt, PermissionsExt},
	path::{Path, PathBuf},
	sync::Arc,
};

use ed25519_dalek::{Signer, SigningKey};
use groma_core::{
	session_key,
	words::{SessionKey, Signature},
};

use crate::short_text;

/// The most bytes in a key's file.
const LENGTH_MAX: u64 = 1_024;

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
	/// The URI has a scheme that this build does not know.
	#[error("`{0}` is not a key URI: write `file:/path/to/key`")]
	UnknownScheme(String),
	/// The file cannot be read or written.
	#[error("{path}: {source}")]
	File {
		/// Which file.
		path: PathBuf,
		/// What the system says.
		source: io::Error,
	},
	/// Others may read the secret.
	#[error(
		"{0} can be read by others: run `chmod 600 {0}`, and rotate the key if others had access"
	)]
	Exposed(PathBuf),
	/// The file holds something else.
	#[error(
		"{0} is not a key: it has to hold 64 hexadecimal digits; `groma-device key generate` makes one"
	)]
	Malformed(PathBuf),
}

impl KeyError {
	fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
		let path = path.to_owned();
		move |source| Self::File { path, source }
	}
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
	Ok(Arc::new(read(&path_of(uri)?)?))
}

/// Makes a new key under a URI and returns it. An existing key is never overwritten.
pub fn generate(uri: &str) -> Result<Arc<dyn DeviceKey>, KeyError> {
	let path = path_of(uri)?;
	let key = SoftKey::generate();
	write(&path, &key).map_err(KeyError::file(&path))?;
	Ok(Arc::new(key))
}

fn path_of(uri: &str) -> Result<PathBuf, KeyError> {
	match uri.strip_prefix("file:") {
		// `file:///path` and `file:/path` mean the same.
		Some(path) if !path.is_empty() => Ok(path.strip_prefix("//").unwrap_or(path).into()),
		_ => Err(KeyError::UnknownScheme(uri.to_owned())),
	}
}

fn read(path: &Path) -> Result<SoftKey, KeyError> {
	let file = File::open(path).map_err(KeyError::file(path))?;
	let mode = file.metadata().map_err(KeyError::file(path))?.permissions().mode();
	if mode & 0o077 != 0 {
		return Err(KeyError::Exposed(path.to_owned()));
	}
	let malformed = || KeyError::Malformed(path.to_owned());
	let text = short_text::read(file, LENGTH_MAX).map_err(KeyError::file(path))?;
	let mut secret = [0; 32];
	hex::decode_to_slice(text.ok_or_else(malformed)?.trim(), &mut secret)
		.map_err(|_| malformed())?;
	Ok(SoftKey::from_secret(&secret))
}

fn write(path: &Path, key: &SoftKey) -> io::Result<()> {
	let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
	file.set_permissions(Permissions::from_mode(0o600))?;
	writeln!(file, "{}", hex::encode(key.0.to_bytes()))?;
	file.sync_all()?;
	// The name of a new file is durable only once its directory is.
	let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
	File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
	use super::*;

	fn uri(directory: &tempfile::TempDir) -> String {
		format!("file:{}", directory.path().join("key").display())
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
	fn key_file_is_for_its_owner_alone() {
		let directory = tempfile::tempdir().expect("a directory");
		generate(&uri(&directory)).expect("made");
		let path = directory.path().join("key");
		let mode = path.metadata().expect("exists").permissions().mode();
		assert_eq!(mode & 0o777, 0o600);
		std::fs::set_permissions(&path, Permissions::from_mode(0o640)).expect("changed");
		assert!(matches!(open(&uri(&directory)), Err(KeyError::Exposed(_))));
	}

	#[test]
	fn key_is_kept_when_another_is_generated_in_its_place() {
		let directory = tempfile::tempdir().expect("a directory");
		let first = generate(&uri(&directory)).expect("made");
		assert!(matches!(generate(&uri(&directory)), Err(KeyError::File { .. })));
		assert_eq!(open(&uri(&directory)).expect("opened").public(), first.public());
	}

	#[test]
	fn key_is_refused_when_its_uri_or_content_is_unknown() {
		let directory = tempfile::tempdir().expect("a directory");
		assert!(matches!(open("tpm:0"), Err(KeyError::UnknownScheme(_))));
		let path = directory.path().join("key");
		std::fs::write(&path, "not a key").expect("written");
		std::fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("changed");
		assert!(matches!(open(&uri(&directory)), Err(KeyError::Malformed(_))));
	}
}
