//! Files and connections that hold anything: truncated, oversized, changed and random bytes. The
//! client says what is wrong, keeps nothing of it, and goes on. Every case names the seed by which
//! it comes again.

use std::{
	fs::{self, Permissions},
	io,
	net::SocketAddr,
	os::unix::fs::PermissionsExt,
	path::{Path, PathBuf},
	process::Command,
	sync::Arc,
};

use groma_client::{
	evidence::DoubleBeacon,
	keys::{self, KeyError},
	metrics::{Exporter, Metrics},
	owner::{Owner, OwnerError},
	secret::SecretError,
	short_text::NotText,
	shutdown,
	store::{Store, StoreError},
};
use groma_core::{
	payload::Observation,
	statement::{Reveal, Statement},
	words::Signature,
};
use rand::{Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::TcpStream,
};

const CASES: u64 = 300;

/// What a case does to a good file.
fn spoiled(good: &[u8], rng: &mut ChaCha8Rng) -> Vec<u8> {
	let mut bytes = good.to_vec();
	match rng.gen_range(0..5) {
		0 => bytes.truncate(rng.gen_range(0..good.len())),
		1 => bytes.extend(random(rng, 300)),
		2 => bytes = random(rng, 2_000),
		_ => {
			for _ in 0..rng.gen_range(1..16) {
				let place = rng.gen_range(0..bytes.len());
				bytes[place] = rng.r#gen();
			}
		}
	}
	bytes
}

fn random(rng: &mut ChaCha8Rng, length_max: usize) -> Vec<u8> {
	let mut bytes = vec![0; rng.gen_range(0..length_max)];
	rng.fill_bytes(&mut bytes);
	bytes
}

/// A file that only its owner may read.
fn write(path: &Path, bytes: &[u8]) {
	fs::write(path, bytes).expect("written");
	fs::set_permissions(path, Permissions::from_mode(0o600)).expect("changed");
}

fn directory() -> (tempfile::TempDir, PathBuf) {
	let directory = tempfile::tempdir().expect("a directory");
	let path = directory.path().join("file");
	(directory, path)
}

#[test]
fn session_key_is_read_or_refused_with_a_reason_whatever_its_file_holds() {
	let (_directory, path) = directory();
	let uri = format!("file:{}", path.display());
	let good = [&[b'a'; 64][..], b"\n"].concat();
	write(&path, &good);
	let public = keys::open(&uri).expect("a key").public();
	for seed in 0..CASES {
		let mut rng = ChaCha8Rng::seed_from_u64(seed);
		let bytes = spoiled(&good, &mut rng);
		write(&path, &bytes);
		match keys::open(&uri) {
			Ok(key) => {
				let text = std::str::from_utf8(&bytes).expect("a key is text").trim();
				let text = text.strip_prefix("0x").unwrap_or(text);
				let is_key = text.len() == 64 && text.bytes().all(|it| it.is_ascii_hexdigit());
				assert!(is_key, "seed {seed}: {text}");
				assert_eq!(key.public() == public, text.eq_ignore_ascii_case(&"a".repeat(64)));
			}
			Err(KeyError::Malformed(named)) => assert_eq!(named, path, "seed {seed}"),
			Err(KeyError::Secret(SecretError::Empty(named))) => {
				assert_eq!(named, path, "seed {seed}");
			}
			Err(KeyError::Secret(SecretError::NotText { path: named, .. })) => {
				assert_eq!(named, path, "seed {seed}");
			}
			Err(error) => panic!("seed {seed}: {error}"),
		}
		assert_eq!(fs::read(&path).expect("readable"), bytes, "seed {seed}");
	}
	write(&path, &vec![b'a'; 1_000_000]);
	assert!(matches!(
		keys::open(&uri),
		Err(KeyError::Secret(SecretError::NotText { fault: NotText::TooLong(_), .. }))
	));
}

#[test]
fn account_is_read_or_refused_without_telling_its_secret() {
	let (_directory, path) = directory();
	let uri = format!("file:{}", path.display());
	let good = b"legal winner thank year wave sausage worth useful legal winner thank yellow";
	write(&path, good);
	let account = Owner::open(&uri).expect("a phrase").account();
	let mut refused = 0;
	for seed in 0..CASES {
		let mut rng = ChaCha8Rng::seed_from_u64(seed);
		let bytes = spoiled(good, &mut rng);
		write(&path, &bytes);
		match Owner::open(&uri) {
			// Letters may change between upper and lower case, and white space may be more.
			Ok(owner) => assert_eq!(owner.account(), account, "seed {seed}: {bytes:?}"),
			Err(error @ (OwnerError::Malformed { .. } | OwnerError::Secret(_))) => {
				refused += 1;
				let text = error.to_string();
				assert!(text.contains(&path.display().to_string()), "seed {seed}: {text}");
				assert!(!text.contains("sausage"), "seed {seed}: {text}");
			}
			Err(error) => panic!("seed {seed}: {error}"),
		}
	}
	assert!(refused > CASES / 2, "{refused} refused");
	let endless = Owner::open("file:/dev/zero").err();
	assert!(matches!(endless, Some(OwnerError::Secret(SecretError::NotAFile(_)))));
}

/// The bytes of a store that holds one thing of each kind.
fn good_store() -> Vec<u8> {
	let (_directory, path) = directory();
	let store = Store::open(&path).expect("opened");
	store.bind(&[1; 32]).expect("bound");
	let reveal = Reveal { window: 5, beaconer: 1, signature: Signature([9; 64]) };
	store.commit_beacon(&reveal, 1_000).expect("kept");
	let observation = Observation {
		witness: 2,
		collector: 0,
		rssi_deci_dbm: -900,
		snr_deci_db: 5,
		commitment: [3; 8],
	};
	for beaconer in 0..40 {
		let statement =
			Statement { window: 5, beaconer, observation, signature: Signature([8; 64]) };
		store.keep_statement(&statement, &Signature([7; 64])).expect("kept");
	}
	let evidence =
		DoubleBeacon { window: 5, device: 1, signatures: [Signature([5; 64]), Signature([6; 64])] };
	store.keep_evidence(&evidence).expect("kept");
	drop(store);
	fs::read(&path).expect("readable")
}

/// Asks a store everything; whether it answers.
fn asked(store: &Store) -> Result<(), StoreError> {
	store.has_answered(1, 5)?;
	store.airtime_since(1, 0, 0)?;
	store.open_reports()?;
	store.waiting_reveals()?;
	store.statements_about(5)?;
	store.beacon_signature(1, 5)?;
	store.open_evidence()?;
	store.summary().map(drop)
}

#[test]
fn store_is_opened_or_refused_with_a_reason_whatever_its_file_holds() {
	let good = good_store();
	let (mut refused, mut opened) = (0, 0);
	for seed in 0..CASES {
		let (_directory, path) = directory();
		let mut rng = ChaCha8Rng::seed_from_u64(seed);
		let bytes = spoiled(&good, &mut rng);
		write(&path, &bytes);
		match Store::open(&path) {
			Ok(store) => {
				opened += 1;
				// A changed value may be no value of its column, which is an error and no panic.
				let _ = asked(&store);
			}
			Err(StoreError::Damaged { path: named, reason }) => {
				refused += 1;
				assert!(named == path && !reason.is_empty(), "seed {seed}");
				assert_eq!(
					fs::read(&path).expect("readable"),
					bytes,
					"seed {seed}: it was altered"
				);
			}
			Err(StoreError::Newer { .. } | StoreError::Older { .. } | StoreError::Database(_)) => {
				refused += 1
			}
			Err(error) => panic!("seed {seed}: {error}"),
		}
		let _ = Store::open_to_read(&path).and_then(|store| asked(&store));
	}
	assert!(refused > CASES / 4 && opened > 0, "{refused} refused, {opened} opened");
}

#[test]
fn store_is_refused_when_it_is_cut_off() {
	let good = good_store();
	for length in (100..good.len()).step_by(997) {
		let (_directory, path) = directory();
		write(&path, &good[..length]);
		let opened = Store::open(&path);
		assert!(matches!(opened, Err(StoreError::Damaged { .. })), "{length} bytes");
	}
}

#[test]
fn store_of_another_format_is_refused_with_what_to_do() {
	let good = good_store();
	for found in [1, 2, 3, 5, 1_000] {
		let (_directory, path) = directory();
		write(&path, &good);
		let connection = rusqlite::Connection::open(&path).expect("opened");
		connection.pragma_update(None, "user_version", found).expect("set");
		drop(connection);
		let hint = if found < 4 { "move it away" } else { "update" };
		for opened in [Store::open(&path), Store::open_to_read(&path)] {
			let error = opened.err().expect("refused").to_string();
			assert!(error.contains(&format!("format {found}")) && error.contains(hint), "{error}");
		}
	}
}

#[test]
fn store_is_refused_when_it_is_a_pipe() {
	let (_directory, path) = directory();
	assert!(Command::new("mkfifo").arg(&path).status().expect("it is there").success());
	for opened in [Store::open(&path), Store::open_to_read(&path)] {
		let error = opened.err().expect("refused");
		assert!(matches!(error, StoreError::NotAFile(_)), "{error:?}");
		assert!(error.to_string().ends_with("set `store.path` to a file"), "{error}");
	}
}

#[test]
fn database_of_another_program_is_refused() {
	let (_directory, path) = directory();
	let connection = rusqlite::Connection::open(&path).expect("opened");
	connection.execute_batch("CREATE TABLE notes (text TEXT)").expect("made");
	drop(connection);
	assert!(matches!(Store::open(&path), Err(StoreError::Damaged { .. })));
}

#[test]
fn report_of_an_unknown_series_is_refused_with_what_to_do() {
	let (_directory, path) = directory();
	write(&path, &good_store());
	let connection = rusqlite::Connection::open(&path).expect("opened");
	connection.execute("UPDATE report SET series = 9 WHERE state = 1", []).expect("changed");
	drop(connection);
	let store = Store::open(&path).expect("opened");
	let error = store.open_reports().expect_err("of a newer version");
	assert!(matches!(error, StoreError::UnknownSeries(9)), "{error:?}");
	assert!(error.to_string().contains("update this program"), "{error}");
}

#[tokio::test]
async fn metrics_are_served_after_any_noise() {
	let address = SocketAddr::from(([127, 0, 0, 1], 0));
	let exporter = Exporter::bind(address, "groma_test", vec![Arc::new(Metrics::default())])
		.await
		.expect("bound");
	let address = exporter.local_address().expect("bound");
	let (_trigger, shutdown) = shutdown::channel();
	tokio::spawn(exporter.run(shutdown));
	for seed in 0..40 {
		let mut rng = ChaCha8Rng::seed_from_u64(seed);
		let mut stream = TcpStream::connect(address).await.expect("connected");
		// The server may have closed the connection by then.
		let _ = stream.write_all(&random(&mut rng, 3_000)).await;
	}
	let answer = async {
		let mut stream = TcpStream::connect(address).await?;
		stream.write_all(b"GET /metrics HTTP/1.1\r\n\r\n").await?;
		let mut answer = String::new();
		stream.read_to_string(&mut answer).await?;
		io::Result::Ok(answer)
	};
	let answer = answer.await.expect("answered");
	assert!(answer.contains("groma_test_window 0"), "{answer}");
}
