//! The surface: everything of this runtime that others read by number, key or shape, as one text
//! that is checked in. A change that is not meant fails here, and after a release one that raises
//! no version.
//!
//! | file | what it knows |
//! |---|---|
//! | `lines.rs` | the lines of the surface, from the runtime's own metadata and genesis |
//! | `shapes.rs` | names and shapes of types |
//! | `wallets.rs` | the hash of the metadata that hardware wallets check |
//! | `rules.rs` | which version has to rise for which difference |

mod lines;
mod rules;
mod shapes;
mod wallets;

use std::{
	collections::BTreeMap,
	fs,
	path::{Path, PathBuf},
};

use self::rules::Surface;

/// The surface of this source tree.
const CHECKED_IN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/surface.txt");
/// Where each release leaves a folder with the number of its `spec_version`, and its surface in it.
const RELEASED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/released");
/// The hash of the metadata of this source tree.
const METADATA_HASH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/metadata-hash.txt");
/// Set by `scripts/surface --renew`.
const RENEW: &str = "GROMA_RENEW_SURFACE";
/// The most differences that are printed.
const PRINTED_MAX: usize = 30;

/// The version of a release, by its folder.
fn spec_of(folder: &Path) -> Option<u32> {
	folder.file_name()?.to_str()?.parse().ok()
}

/// Where a release leaves what it has to.
#[cfg(feature = "try-runtime")]
pub(crate) fn release_folder(spec: u32) -> PathBuf {
	Path::new(RELEASED).join(spec.to_string())
}

/// The folders of all releases, by version.
pub(crate) fn releases() -> BTreeMap<u32, PathBuf> {
	let Ok(folders) = fs::read_dir(RELEASED) else { return BTreeMap::new() };
	let folders = folders.map(|folder| folder.expect("it can be read").path());
	folders.filter_map(|folder| Some((spec_of(&folder)?, folder))).collect()
}

/// The surface of this runtime.
#[cfg(feature = "try-runtime")]
pub(crate) fn surface() -> String {
	lines::surface()
}

/// The surface of the last release, if there was one.
fn last_release() -> Option<(PathBuf, Surface)> {
	let (_, last) = releases().pop_last()?;
	let path = last.join("surface.txt");
	let text = fs::read_to_string(&path).expect("a release has its surface");
	Some((path, Surface::parse(&text)))
}

#[test]
fn surface_is_the_one_that_is_checked_in() {
	let present = lines::surface();
	if std::env::var_os(RENEW).is_some() {
		fs::write(CHECKED_IN, &present).expect("the surface can be written");
	}
	let known = fs::read_to_string(CHECKED_IN).unwrap_or_default();
	if known != present {
		let (old, new) = (Surface::parse(&known), Surface::parse(&present));
		let differences = rules::differences(&old, &new);
		let shown: Vec<String> = differences.iter().map(ToString::to_string).collect();
		let more = shown.len().saturating_sub(PRINTED_MAX);
		panic!(
			"runtime/surface.txt is not the surface of this runtime:\n{}\n{more} more. If that is \
			 intended, run `scripts/surface --renew`, read its diff, and see the recipe \"Change the \
			 surface\" in CONTRIBUTING.md",
			shown[..shown.len() - more].join("\n")
		);
	}
}

#[test]
fn metadata_hash_is_the_one_that_is_checked_in() {
	let hash = wallets::metadata_hash();
	let present = hash.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
	if std::env::var_os(RENEW).is_some() {
		fs::write(METADATA_HASH, format!("{present}\n")).expect("the hash can be written");
	}
	let known = fs::read_to_string(METADATA_HASH).expect("the hash is checked in");
	assert_eq!(
		known.trim(),
		present,
		"calls, what is around them, or the version changed: run `scripts/surface --renew`"
	);
}

#[test]
fn surface_differs_from_the_last_release_only_as_its_versions_allow() {
	let present = Surface::parse(&lines::surface());
	let Some((path, released)) = last_release() else {
		// Before the first release every number may still change, and they begin with 1.
		assert_eq!(present.version("spec"), Some(1), "there is no release before this runtime");
		assert_eq!(present.version("transaction"), Some(1));
		return;
	};
	let faults = rules::faults(&released, &present);
	assert!(
		faults.is_empty(),
		"compared with {}:\n{}\nSee the recipe \"Change the surface\" in CONTRIBUTING.md",
		path.display(),
		faults.join("\n")
	);
}

#[test]
fn surface_has_lines_of_every_kind_and_each_key_once() {
	let text = lines::surface();
	let surface = Surface::parse(&text);
	for (kind, _) in lines::ABOUT {
		assert!(surface.has_kind(kind), "no line begins with `{kind}`");
	}
	let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).count();
	assert_eq!(surface.len(), lines, "two lines have the same key");
}
