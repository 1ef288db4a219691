//! States of released runtimes: each later runtime migrates them, reads every key of them, and
//! finds every invariant in them. `scripts/surface --release` leaves that of this runtime.
//!
//! | file | what it knows |
//! |---|---|
//! | `entries.rs` | keys and values of a state |
//! | `release.rs` | what a release leaves, and what is wrong with it under this runtime |
//! | `story.rs` | a chain on which much has happened: its state keeps the invariants |
//! | `samples.rs` | a value of each storage item that the story does not fill, from its type alone |

pub(crate) mod entries;
mod release;
mod samples;
mod story;

use std::sync::LazyLock;

use groma_runtime::VERSION;

use self::{entries::prefix_of, release::Release};
use crate::snapshot;

/// Set by `scripts/surface --release`.
const RELEASE: &str = "GROMA_RELEASE";

/// What this runtime leaves if it is released.
static PRESENT: LazyLock<Release> = LazyLock::new(Release::of_this_runtime);

#[test]
fn release_of_this_runtime_has_every_item_and_is_sound() {
	assert_eq!(PRESENT.faults(), Vec::<String>::new());
	if std::env::var_os(RELEASE).is_some() {
		PRESENT.write(&snapshot::release_folder(VERSION.spec_version));
	}
}

#[test]
fn released_states_are_sound_after_the_migrations() {
	let releases = snapshot::releases();
	assert!(
		!releases.is_empty() || VERSION.spec_version == 1,
		"the releases before {} left no states",
		VERSION.spec_version
	);
	for (spec, folder) in releases {
		assert!(spec <= VERSION.spec_version, "{spec} was released, and this runtime is older");
		assert_eq!(Release::read(&folder).faults(), Vec::<String>::new(), "release {spec}");
	}
}

#[test]
fn release_reads_as_it_was_written() {
	let folder = std::env::temp_dir().join(format!("groma-release-{}", std::process::id()));
	PRESENT.write(&folder);
	let read = Release::read(&folder);
	std::fs::remove_dir_all(&folder).expect("it was made above");
	assert_eq!(read, *PRESENT);
}

/// What is wrong with the release of this runtime after some damage.
fn faults_after(damage: impl FnOnce(&mut Release)) -> Vec<String> {
	let mut release = PRESENT.clone();
	damage(&mut release);
	release.faults()
}

#[test]
fn damage_of_a_release_is_found() {
	let is_found = |faults: Vec<String>, what: &str| {
		assert!(faults.iter().any(|fault| fault.contains(what)), "{what}: {faults:?}");
	};
	is_found(faults_after(|it| it.samples.clear()), "has no entry");
	is_found(faults_after(|it| it.samples[0].1.push(0)), "is undecodable");
	is_found(faults_after(|it| it.state.push((b"stranger".to_vec(), vec![1]))), "no one reads");
	is_found(faults_after(|it| it.blob_hash.clear()), "hash of the blob");
	is_found(faults_after(|it| it.surface.clear()), "surface");
	let counts = prefix_of("DeviceRegistry", "ActiveCounts");
	let forget = |it: &mut Release| it.state.retain(|(key, _)| !key.starts_with(&counts));
	is_found(faults_after(forget), "invariant");
}
