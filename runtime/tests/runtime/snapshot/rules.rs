//! Which version has to rise for which difference between the surface of a release and the present
//! one. CONTRIBUTING.md says the same in the recipe "Change the surface".

use std::{collections::BTreeMap, fmt};

/// The lines of a surface: what stands behind each kind and key.
pub(super) struct Surface(BTreeMap<(String, String), String>);

/// A line that is in one surface and not in the other, or not the same.
pub(super) struct Difference {
	kind: String,
	key: String,
	old: Option<String>,
	new: Option<String>,
}

impl Surface {
	/// Reads a text.
	pub(super) fn parse(text: &str) -> Self {
		let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
		let parts = lines.map(|line| {
			let mut parts = line.splitn(3, ' ').map(str::to_owned);
			let mut next = || parts.next().unwrap_or_default();
			((next(), next()), next())
		});
		Self(parts.collect())
	}

	/// Whether there is a line of a kind.
	pub(super) fn has_kind(&self, kind: &str) -> bool {
		self.0.keys().any(|(of, _)| of == kind)
	}

	/// The number of lines.
	pub(super) fn len(&self) -> usize {
		self.0.len()
	}

	/// A version of the runtime.
	pub(super) fn version(&self, name: &str) -> Option<u64> {
		self.number("version", name)
	}

	fn get(&self, kind: &str, key: &str) -> Option<&str> {
		self.0.get(&(kind.to_owned(), key.to_owned())).map(String::as_str)
	}

	fn number(&self, kind: &str, key: &str) -> Option<u64> {
		self.get(kind, key)?.parse().ok()
	}
}

impl fmt::Display for Difference {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let Self { kind, key, old, new } = self;
		match (old, new) {
			(Some(old), Some(new)) => write!(f, "  {kind} {key}: {old}\n    is now {new}"),
			(Some(old), None) => write!(f, "  {kind} {key}: {old}\n    is gone"),
			(_, new) => {
				write!(f, "  {kind} {key}: {}\n    is new", new.as_deref().unwrap_or_default())
			}
		}
	}
}

/// All lines that differ.
pub(super) fn differences(old: &Surface, new: &Surface) -> Vec<Difference> {
	let mut keys: Vec<_> = old.0.keys().chain(new.0.keys()).collect();
	keys.sort();
	keys.dedup();
	keys.into_iter()
		.filter(|key| old.0.get(*key) != new.0.get(*key))
		.map(|key| Difference {
			kind: key.0.clone(),
			key: key.1.clone(),
			old: old.0.get(key).cloned(),
			new: new.0.get(key).cloned(),
		})
		.collect()
}

/// What is wrong with the differences from a release: each with what to do.
pub(super) fn faults(old: &Surface, new: &Surface) -> Vec<String> {
	let differences = differences(old, new);
	let has_risen = |kind: &str, key: &str| match (old.number(kind, key), new.number(kind, key)) {
		// It is gone as a whole.
		(Some(_), None) => true,
		(old, new) => new > old,
	};
	let mut faults: Vec<String> = differences
		.iter()
		.filter_map(|it| Some(format!("{it}\n    {}", fault(it, &has_risen)?)))
		.collect();
	let is_other = differences.iter().any(|it| it.kind != "version");
	if is_other && !has_risen("version", "spec") {
		faults.push("  version spec: raise `spec_version` in runtime/src/apis.rs".to_owned());
	}
	faults
}

/// What is wrong with a difference, given which numbers have risen.
fn fault(it: &Difference, has_risen: &impl Fn(&str, &str) -> bool) -> Option<&'static str> {
	let is_new = it.old.is_none();
	let of = it.key.split_once('.').map_or(&it.key[..], |(of, _)| of);
	match &it.kind[..] {
		"pallet" | "call" | "event" | "error" | "variant" if is_renamed(it) => {
			Some("a number is never given to another: take the next free one")
		}
		"extension" | "extrinsic" if !has_risen("version", "transaction") => {
			Some("raise `transaction_version`: wallets sign otherwise")
		}
		"pallet" | "call" | "variant" if !is_new && !has_risen("version", "transaction") => {
			Some("raise `transaction_version`: known transactions mean something else")
		}
		"storage" if !is_new && !has_risen("storage-version", of) => {
			Some("raise `STORAGE_VERSION` of the pallet, and add a migration")
		}
		"key" if !is_new => Some("what genesis wrote there is lost: leave the key as it was"),
		"api" if !has_risen("api-version", of) => {
			Some("raise `#[api_version]` of the API, and keep the old function for older clients")
		}
		"encoding" if !is_new && !is_longer(it) && !has_risen("api-version", of) => {
			Some("append fields at the end only, or raise `#[api_version]` of the API")
		}
		"offchain" if !is_new && of == "report_pool" && !has_risen("layout", of) => {
			Some("raise `LAYOUT` in primitives/core/src/pool_layout.rs")
		}
		"offchain" if !is_new && of == "price" && !has_risen("layout", of) => {
			Some("raise `LAYOUT` in primitives/core/src/price_layout.rs")
		}
		_ => None,
	}
}

/// Whether a number belongs to another name than before.
fn is_renamed(it: &Difference) -> bool {
	let name = |text: &Option<String>| {
		text.as_ref().map(|text| text.split(['(', ' ']).next().unwrap_or_default().to_owned())
	};
	it.old.is_some() && it.new.is_some() && name(&it.old) != name(&it.new)
}

/// Whether nothing but a tail is new.
fn is_longer(it: &Difference) -> bool {
	match (&it.old, &it.new) {
		(Some(old), Some(new)) => new.starts_with(&old[..]),
		_ => false,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const OLD: &str = "\
# A comment.

version spec 7
version transaction 3
storage-version Networks 1
pallet 60 Networks
call 60.0 Networks.create_network(terms:Terms#aa)
call 60.1 Networks.update_terms(network:u16)
storage Networks.Records Twox64Concat(u16) -> Record#bb or nothing
extension 0 CheckNonce Compact<u32>, signed ()
api-version RegistryApi 1
api RegistryApi.device(id:u32) -> Option<DeviceInfo#cc>
encoding RegistryApi.DeviceInfo 0102
variant groma_core::api::Status.0 Active
layout report_pool 2
offchain report_pool.windows groma/pool/2/windows BoundedVec<u32>#dd
layout price 1
offchain price.sources groma/price/1/sources [Source]#ff
constant Networks.Max u16 = 5
";

	/// What is wrong after lines of the release were replaced.
	fn faults_after(changes: &[(&str, &str)]) -> Vec<String> {
		let mut text = OLD.to_owned();
		for (old, new) in changes {
			assert!(text.contains(old), "`{old}` is not in the text");
			text = text.replace(old, new);
		}
		faults(&Surface::parse(OLD), &Surface::parse(&text))
	}

	const NEXT: (&str, &str) = ("spec 7", "spec 8");

	#[test]
	fn nothing_has_to_rise_when_nothing_differs() {
		assert!(faults_after(&[]).is_empty());
		assert!(faults_after(&[NEXT]).is_empty());
	}

	#[test]
	fn spec_version_has_to_rise_with_any_difference() {
		let change = ("u16 = 5", "u16 = 6");
		let faults = faults_after(&[change]);
		assert!(faults.len() == 1 && faults[0].contains("spec_version"), "{faults:?}");
		assert!(faults_after(&[change, NEXT]).is_empty());
	}

	#[test]
	fn transaction_version_has_to_rise_when_known_calls_or_extensions_change() {
		for (change, is_harmless) in [
			(("network:u16)", "network:u32)"), false),
			(("call 60.1 Networks.update_terms(network:u16)\n", ""), false),
			(("extension 0", "extension 0 CheckMore (), signed ()\nextension 1"), false),
			(("Active", "Active(u8)"), false),
			(("storage N", "call 60.2 Networks.halt\nstorage N"), true),
			(("layout", "variant groma_core::api::Status.1 Paused\nlayout"), true),
		] {
			let faults = faults_after(&[change, NEXT]);
			assert_eq!(faults.is_empty(), is_harmless, "{change:?}: {faults:?}");
			let both = faults_after(&[change, NEXT, ("transaction 3", "transaction 4")]);
			assert!(both.is_empty(), "{change:?}: {both:?}");
		}
	}

	#[test]
	fn number_is_never_given_to_another() {
		for change in [
			("60 Networks", "60 Nets"),
			("60.1 Networks.update_terms", "60.1 Networks.halt"),
			("0 Active", "0 Paused"),
		] {
			let faults = faults_after(&[change, NEXT, ("transaction 3", "transaction 4")]);
			assert!(
				faults.len() == 1 && faults[0].contains("the next free one"),
				"{change:?}: {faults:?}"
			);
		}
	}

	#[test]
	fn version_of_a_part_has_to_rise_when_the_part_changes() {
		for (change, remedy) in [
			(
				("Record#bb", "Record#ee"),
				("storage-version Networks 1", "storage-version Networks 2"),
			),
			(("DeviceInfo#cc", "DeviceInfo#ee"), ("RegistryApi 1", "RegistryApi 2")),
			(("DeviceInfo 0102", "DeviceInfo 0202"), ("RegistryApi 1", "RegistryApi 2")),
			(("Vec<u32>#dd", "Vec<u32>#ee"), ("report_pool 2", "report_pool 3")),
			(("[Source]#ff", "[Source]#ee"), ("layout price 1", "layout price 2")),
		] {
			let faults = faults_after(&[change, NEXT]);
			assert_eq!(faults.len(), 1, "{change:?}: {faults:?}");
			assert!(faults_after(&[change, NEXT, remedy]).is_empty(), "{change:?}");
		}
	}

	#[test]
	fn answer_may_grow_at_its_end() {
		assert!(faults_after(&[("DeviceInfo 0102", "DeviceInfo 010203"), NEXT]).is_empty());
	}

	#[test]
	fn difference_says_what_was_and_what_is() {
		let (old, new) = (Surface::parse("a b c d\na e f"), Surface::parse("a b c\na g h"));
		let said: Vec<String> = differences(&old, &new).iter().map(ToString::to_string).collect();
		assert_eq!(
			said,
			["  a b: c d\n    is now c", "  a e: f\n    is gone", "  a g: h\n    is new"]
		);
	}
}
