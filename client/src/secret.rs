//! Secrets in files: where they are, who else may read them, and how their text is written.
//!
//! Session keys of devices and accounts of owners are read here alike.

use std::{
	fs::{self, File, Metadata, OpenOptions, Permissions},
	io::{self, ErrorKind, Write},
	os::unix::fs::{OpenOptionsExt, PermissionsExt},
	path::{Path, PathBuf},
};

use crate::short_text::{self, NotText};

/// The most bytes in a secret's file.
const LENGTH_MAX: u64 = 1_024;
/// The permissions of everyone but the owner of a file.
const OTHERS: u32 = 0o077;
/// Those of them that let others write.
const OTHERS_WRITE: u32 = 0o022;

/// Why a secret cannot be read. None of these passes by waiting.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
	/// The file cannot be opened or read.
	#[error("{path} cannot be read: {source}{}", advice(.source))]
	File {
		/// Which file.
		path: PathBuf,
		/// What the system says.
		source: io::Error,
	},
	/// There is a directory.
	#[error("{0} is a directory: name the file in it that holds the secret")]
	Directory(PathBuf),
	/// There is something else that is no file.
	#[error("{0} is a device, a pipe or a socket: a secret has to be in a file")]
	NotAFile(PathBuf),
	/// Others may read the secret.
	#[error(
		"others can read {path} (mode {mode:04o}): run `chmod 600 {path}`, and replace the secret if others \
		 had access; if a container or systemd mounts it and no one else is there, write `mounted:{path}`"
	)]
	Exposed {
		/// Which file.
		path: PathBuf,
		/// Its permissions.
		mode: u32,
	},
	/// Others may put a secret of theirs into a file that is mounted.
	#[error("others can write {path} (mode {mode:04o}): mount it with mode 0440 or 0400")]
	Writable {
		/// Which file.
		path: PathBuf,
		/// Its permissions.
		mode: u32,
	},
	/// The file is empty.
	#[error(
		"{0} is empty, it holds no secret: it was not mounted, or not written to its end; restore it from \
		 your copy"
	)]
	Empty(PathBuf),
	/// The file is no short text.
	#[error("{path} {fault}; a secret is one short text in UTF-8")]
	NotText {
		/// Which file.
		path: PathBuf,
		/// What it is.
		fault: NotText,
	},
}

/// What to do about an error of the system.
fn advice(error: &io::Error) -> &'static str {
	match error.kind() {
		ErrorKind::NotFound => "; correct the path, or make the file",
		ErrorKind::PermissionDenied => {
			"; make the user who runs this its owner, by `chown`, and let that user enter its directory"
		}
		_ => "; correct the path",
	}
}

/// Where a secret is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SecretPath {
	path: PathBuf,
	/// Whether a container or systemd mounts it, so that its mode is not the user's to choose.
	is_mounted: bool,
}

impl SecretPath {
	/// The path that `file:PATH` or `mounted:PATH` names; `None` for other URIs.
	pub(crate) fn of(uri: &str) -> Option<Self> {
		let (scheme, path) = uri.split_once(':')?;
		let is_mounted = match scheme {
			"file" => false,
			"mounted" => true,
			_ => return None,
		};
		// `file:///path` and `file:/path` mean the same.
		let path = path.strip_prefix("//").unwrap_or(path);
		(!path.is_empty()).then(|| Self { path: path.into(), is_mounted })
	}

	/// The path of the file.
	pub(crate) fn path(&self) -> &Path {
		&self.path
	}

	/// The text of the secret, without a byte order mark and without white space around it.
	pub(crate) fn read(&self) -> Result<String, SecretError> {
		let path = || self.path.clone();
		let failed = |source| SecretError::File { path: path(), source };
		// It is looked at before it is opened, since opening a pipe would wait for a writer.
		self.check(&fs::metadata(&self.path).map_err(failed)?)?;
		let file = File::open(&self.path).map_err(failed)?;
		self.check(&file.metadata().map_err(failed)?)?;
		let text = short_text::read(file, LENGTH_MAX)
			.map_err(failed)?
			.map_err(|fault| SecretError::NotText { path: path(), fault })?;
		match text.trim() {
			"" => Err(SecretError::Empty(path())),
			text => Ok(text.to_owned()),
		}
	}

	/// Writes a secret into a new file that its owner alone may read. A secret that could not be
	/// written leaves no file, and an existing file is never overwritten.
	pub(crate) fn write_new(&self, text: &str) -> io::Result<()> {
		let mut options = OpenOptions::new();
		let file = options.write(true).create_new(true).mode(0o600).open(&self.path)?;
		let written = fill(file, text).and_then(|()| sync_directory(&self.path));
		self.keep_if(written)
	}

	fn keep_if(&self, written: io::Result<()>) -> io::Result<()> {
		if written.is_err() {
			// What made the writing fail may keep the file from being removed.
			let _ = fs::remove_file(&self.path);
		}
		written
	}

	fn check(&self, metadata: &Metadata) -> Result<(), SecretError> {
		let path = || self.path.clone();
		if metadata.is_dir() {
			return Err(SecretError::Directory(path()));
		}
		if !metadata.is_file() {
			return Err(SecretError::NotAFile(path()));
		}
		let mode = metadata.permissions().mode() & 0o7777;
		match self.is_mounted {
			false if mode & OTHERS != 0 => Err(SecretError::Exposed { path: path(), mode }),
			true if mode & OTHERS_WRITE != 0 => Err(SecretError::Writable { path: path(), mode }),
			_ => Ok(()),
		}
	}
}

fn fill(mut file: File, text: &str) -> io::Result<()> {
	file.set_permissions(Permissions::from_mode(0o600))?;
	writeln!(file, "{text}")?;
	file.sync_all()
}

/// The name of a new file is durable only once its directory is.
fn sync_directory(path: &Path) -> io::Result<()> {
	let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
	File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
	use std::os::unix::{fs::symlink, net::UnixListener};

	use super::*;

	struct Files(tempfile::TempDir);

	impl Files {
		fn new() -> Self {
			Self(tempfile::tempdir().expect("a directory"))
		}

		fn path(&self, name: &str) -> PathBuf {
			self.0.path().join(name)
		}

		/// A file of this mode.
		fn write(&self, bytes: &[u8], mode: u32) -> PathBuf {
			let path = self.path("secret");
			fs::write(&path, bytes).expect("written");
			fs::set_permissions(&path, Permissions::from_mode(mode)).expect("changed");
			path
		}
	}

	fn secret(scheme: &str, path: &Path) -> SecretPath {
		SecretPath::of(&format!("{scheme}:{}", path.display())).expect("a URI of a secret")
	}

	/// What is read of a file that holds these bytes.
	fn text(bytes: &[u8]) -> Result<String, SecretError> {
		let files = Files::new();
		secret("file", &files.write(bytes, 0o600)).read()
	}

	#[test]
	fn secret_is_named_by_one_of_two_schemes() {
		for uri in ["file:/a/b", "file:///a/b", "mounted:/a/b", "mounted:///a/b"] {
			let found = SecretPath::of(uri).expect(uri);
			assert_eq!(found.path(), Path::new("/a/b"), "{uri}");
		}
		for uri in ["", "/a/b", "file:", "file://", "tpm:0", "//Alice", "bottom drive obey"] {
			assert_eq!(SecretPath::of(uri), None, "{uri}");
		}
	}

	#[test]
	fn text_is_read_whatever_ends_its_lines() {
		for bytes in [&b"abc"[..], b"abc\n", b"abc\r\n", b"\xEF\xBB\xBFabc\r\n", b" \tabc\n\n"] {
			assert_eq!(text(bytes).expect("read"), "abc", "{bytes:?}");
		}
	}

	#[test]
	fn file_is_refused_with_what_to_do_when_it_holds_no_text() {
		for bytes in [&b""[..], b"\n", b"\r\n", b"\xEF\xBB\xBF", b"  \n\t"] {
			let error = text(bytes).expect_err("empty");
			assert!(matches!(error, SecretError::Empty(_)), "{bytes:?}: {error}");
			assert!(error.to_string().contains("restore it from your copy"), "{error}");
		}
		let utf16 = text(b"\xFF\xFEa\0b\0").expect_err("UTF-16").to_string();
		assert!(utf16.contains("text in UTF-16: save it as UTF-8"), "{utf16}");
		let long = text(&[b'a'; 1_025]).expect_err("too long").to_string();
		assert!(long.contains("is longer than 1024 bytes"), "{long}");
		let binary = text(&[b'a', 0xFF, b'b']).expect_err("no text").to_string();
		assert!(binary.contains("is not text in UTF-8"), "{binary}");
	}

	#[test]
	fn what_is_no_file_is_refused_without_waiting() {
		let files = Files::new();
		let directory = secret("file", files.0.path()).read();
		assert!(matches!(directory, Err(SecretError::Directory(_))), "{directory:?}");
		let device = secret("file", Path::new("/dev/zero")).read();
		assert!(matches!(device, Err(SecretError::NotAFile(_))), "{device:?}");
		let socket = files.path("socket");
		let _listener = UnixListener::bind(&socket).expect("bound");
		let socket = secret("file", &socket).read();
		assert!(matches!(socket, Err(SecretError::NotAFile(_))), "{socket:?}");
	}

	#[test]
	fn missing_file_is_named_with_what_to_do() {
		let files = Files::new();
		let missing = secret("file", &files.path("none")).read().expect_err("missing");
		assert!(missing.to_string().ends_with("correct the path, or make the file"), "{missing}");
		symlink(files.path("none"), files.path("link")).expect("linked");
		let dangling = secret("file", &files.path("link")).read().expect_err("missing");
		assert!(matches!(dangling, SecretError::File { .. }), "{dangling}");
		symlink(files.path("loop"), files.path("back")).expect("linked");
		symlink(files.path("back"), files.path("loop")).expect("linked");
		let below_a_file = files.write(b"abc", 0o600).join("key");
		for path in [files.path("loop"), below_a_file] {
			let error = secret("file", &path).read().expect_err("no way there").to_string();
			assert!(error.ends_with("; correct the path"), "{error}");
		}
		let source = ErrorKind::PermissionDenied.into();
		let denied = SecretError::File { path: files.path("key"), source }.to_string();
		assert!(denied.contains("`chown`"), "{denied}");
	}

	#[test]
	fn link_is_followed_and_the_mode_of_its_file_counts() {
		let files = Files::new();
		let path = files.write(b"abc\n", 0o600);
		symlink(&path, files.path("link")).expect("linked");
		let linked = secret("file", &files.path("link"));
		assert_eq!(linked.read().expect("read"), "abc");
		files.write(b"abc\n", 0o644);
		assert!(matches!(linked.read(), Err(SecretError::Exposed { mode: 0o644, .. })));
	}

	#[test]
	fn file_is_refused_when_others_may_read_it() {
		for mode in [0o640, 0o604, 0o660, 0o644, 0o440, 0o444] {
			let files = Files::new();
			let path = files.write(b"abc\n", mode);
			let error = secret("file", &path).read().expect_err("exposed").to_string();
			assert!(error.contains(&format!("mode {mode:04o}")), "{error}");
			assert!(error.contains("chmod 600") && error.contains("`mounted:/"), "{error}");
		}
	}

	#[test]
	fn mounted_secret_may_be_read_but_not_written_by_others() {
		for mode in [0o400, 0o440, 0o444, 0o600, 0o644] {
			let files = Files::new();
			let path = files.write(b"abc\n", mode);
			assert_eq!(secret("mounted", &path).read().expect("read"), "abc", "{mode:o}");
		}
		for mode in [0o660, 0o666, 0o622] {
			let files = Files::new();
			let path = files.write(b"abc\n", mode);
			let error = secret("mounted", &path).read().expect_err("exposed").to_string();
			assert!(error.contains("mode 0440 or 0400"), "{error}");
		}
	}

	#[test]
	fn written_secret_is_for_its_owner_alone_and_never_overwritten() {
		let files = Files::new();
		let path = files.path("secret");
		secret("file", &path).write_new("abc").expect("written");
		let mode = path.metadata().expect("exists").permissions().mode();
		assert_eq!(mode & 0o777, 0o600);
		let again = secret("file", &path).write_new("def").expect_err("exists");
		assert_eq!(again.kind(), ErrorKind::AlreadyExists);
		assert_eq!(secret("file", &path).read().expect("read"), "abc");
	}

	#[test]
	fn secret_leaves_no_file_when_it_could_not_be_written() {
		let files = Files::new();
		let path = files.write(b"ab", 0o600);
		let full = secret("file", &path).keep_if(Err(ErrorKind::StorageFull.into()));
		assert_eq!(full.expect_err("full").kind(), ErrorKind::StorageFull);
		assert!(!path.exists());
		let nowhere = secret("file", &files.path("none/secret")).write_new("abc");
		assert_eq!(nowhere.expect_err("no directory").kind(), ErrorKind::NotFound);
	}
}
