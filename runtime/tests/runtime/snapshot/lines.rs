//! The lines of the surface. Each is `kind key what`: a kind and a key name a thing that others
//! read, and what follows says how it looks.

use std::{
	collections::{BTreeMap, BTreeSet},
	fmt::Write as _,
};

use codec::Decode;
use frame_metadata::{
	RuntimeMetadata, RuntimeMetadataPrefixed,
	v16::{
		FunctionParamMetadata, PalletMetadata, RuntimeMetadataV16, StorageEntryMetadata,
		StorageEntryModifier, StorageEntryType,
	},
};
use frame_support::{storage::unhashed, traits::STORAGE_VERSION_STORAGE_KEY_POSTFIX};
use groma_core::{
	pool_layout::{self, PooledWindows},
	price_layout::{self, Source, WorkerReport},
	statement::{BeaconPair, PAIRS, REVEALS, Reveal, STATEMENTS, Statement},
};
use groma_runtime::{Runtime, VERSION};
use pallet_timing::{
	BabeEpochSlots, DeferEras, DeviceThawWindows, EvidenceEras, GenesisProvision, Pace,
	RewardEpochMs, SessionsPerEra, SlotMs, ThawEras,
};
use scale_info::{
	PortableRegistry, Registry, TypeDef, TypeDefPrimitive, form::PortableForm, meta_type,
};
use serde_json::Value;
use sp_io::hashing::twox_128;

use super::shapes::{Shapes, short_hash};
use crate::chain::Chain;

/// The kinds of lines in their order, with what is said about each in the text.
pub(super) const ABOUT: [(&str, &str); 18] = [
	("version", "versions of the runtime"),
	("pallet", "pallets by number"),
	("storage-version", "versions of what pallets store"),
	("call", "calls by number: what transactions carry"),
	("extrinsic", "what is around a call in a transaction"),
	("extension", "transaction extensions in order: what the transaction has, and what is signed"),
	("event", "events by number"),
	("error", "errors by number"),
	("storage", "storage: hashers and keys, value"),
	("key", "storage that is not a pallet's"),
	("constant", "constants, as on a development chain"),
	("api-version", "versions of runtime APIs"),
	("api", "functions of runtime APIs"),
	("view", "view functions: the first bytes of the id, arguments, answer"),
	("variant", "variants of all enums that something above has, hold reasons among them"),
	("encoding", "encodings of the answers in `primitives/core/vectors/api.json`"),
	("layout", "versions of what lies in the off-chain storage of nodes"),
	("offchain", "off-chain storage: key of example, value"),
];

/// Runtime APIs that no blob has.
const NATIVE_ONLY: [&str; 2] = ["Benchmark", "TryRuntime"];
/// A constant that is longer is shown by its hash, in bytes.
const CONSTANT_SHOWN_MAX: usize = 40;
/// The encodings of answers.
const ENCODINGS: &str = include_str!("../../../../primitives/core/vectors/api.json");

/// The surface of this runtime as text.
pub(super) fn surface() -> String {
	let lines = Chain::development().with(lines);
	let mut text = String::from(
		"# What others read of this runtime by number, key or shape. `scripts/surface --renew` writes \
		 it.\n# A name with `#` ends in a hash of the type's shape.\n",
	);
	for (kind, about) in ABOUT {
		let of_kind: Vec<&Line> = lines.iter().filter(|line| line.kind == kind).collect();
		if !of_kind.is_empty() {
			writeln!(text, "\n# {kind}: {about}.").expect("a string takes everything");
			for Line { key, what, .. } in of_kind {
				writeln!(text, "{kind} {key} {what}").expect("a string takes everything");
			}
		}
	}
	text
}

struct Line {
	kind: &'static str,
	key: String,
	what: String,
}

fn line(kind: &'static str, key: impl Into<String>, what: impl Into<String>) -> Line {
	Line { kind, key: key.into(), what: what.into() }
}

fn metadata() -> RuntimeMetadataV16 {
	let bytes = Runtime::metadata_at_version(16).expect("the runtime has this version");
	let metadata = RuntimeMetadataPrefixed::decode(&mut &bytes[..]).expect("it is metadata").1;
	let RuntimeMetadata::V16(metadata) = metadata else { panic!("it is of version 16") };
	metadata
}

/// All lines, in a state with the genesis of a development chain.
fn lines() -> Vec<Line> {
	let metadata = metadata();
	let shapes = Shapes::new(&metadata.types);
	let mut lines = vec![
		line("version", "spec", VERSION.spec_version.to_string()),
		line("version", "transaction", VERSION.transaction_version.to_string()),
		line("version", "system", VERSION.system_version.to_string()),
	];
	// Enums whose variants have lines as calls, events or errors.
	let outer = &metadata.outer_enums;
	let mut listed: BTreeSet<u32> =
		[outer.call_enum_ty.id, outer.event_enum_ty.id, outer.error_enum_ty.id].into();
	let mut pallets: Vec<_> = metadata.pallets.iter().collect();
	pallets.sort_by_key(|pallet| pallet.index);
	for pallet in &pallets {
		lines.extend(pallet_lines(pallet, &shapes, &mut listed));
	}
	lines.extend(transaction_lines(&metadata, &shapes));
	lines.extend(api_lines(&metadata, &shapes));
	lines.extend(key_lines(&pallets));
	lines.extend(encoding_lines());
	lines.extend(offchain_lines());
	let variants = shapes.variants(&listed);
	lines.extend(variants.into_iter().map(|(key, what)| line("variant", key, what)));
	lines
}

fn pallet_lines(
	pallet: &PalletMetadata<PortableForm>,
	shapes: &Shapes,
	listed: &mut BTreeSet<u32>,
) -> Vec<Line> {
	let name = &pallet.name;
	let mut lines = vec![
		line("pallet", pallet.index.to_string(), name.as_str()),
		line("storage-version", name.as_str(), storage_version(name).to_string()),
	];
	let enums = [
		("call", pallet.calls.as_ref().map(|calls| calls.ty.id)),
		("event", pallet.event.as_ref().map(|event| event.ty.id)),
		("error", pallet.error.as_ref().map(|error| error.ty.id)),
	];
	for (kind, id) in enums {
		let Some(id) = id else { continue };
		listed.insert(id);
		let TypeDef::Variant(of) = &shapes.get(id).type_def else { panic!("{kind}s are variants") };
		for variant in &of.variants {
			let key = format!("{}.{}", pallet.index, variant.index);
			let what = format!("{name}.{}{}", variant.name, shapes.fields(&variant.fields));
			lines.push(line(kind, key, what));
		}
	}
	if let Some(storage) = &pallet.storage {
		for entry in &storage.entries {
			let key = format!("{}.{}", storage.prefix, entry.name);
			lines.push(line("storage", key, entry_of(entry, shapes)));
		}
	}
	for constant in &pallet.constants {
		// It is the version itself, with those of all APIs.
		if (name.as_str(), constant.name.as_str()) != ("System", "Version") {
			let value = value_of(constant.ty.id, &constant.value, shapes);
			let what = format!("{} = {value}", shapes.name(constant.ty.id));
			lines.push(line("constant", format!("{name}.{}", constant.name), what));
		}
	}
	for view in &pallet.view_functions {
		// The first half of the id is the pallet's.
		let id: String = view.id[16..20].iter().map(|byte| format!("{byte:02x}")).collect();
		let what = format!("{id}{}", function(&view.inputs, view.output.id, shapes));
		lines.push(line("view", format!("{name}.{}", view.name), what));
	}
	lines
}

fn storage_version(pallet: &str) -> u16 {
	let key = [twox_128(pallet.as_bytes()), twox_128(STORAGE_VERSION_STORAGE_KEY_POSTFIX)].concat();
	// A pallet that never had a migration has none, which means 0.
	unhashed::get::<u16>(&key).unwrap_or_default()
}

fn entry_of(entry: &StorageEntryMetadata<PortableForm>, shapes: &Shapes) -> String {
	let absent = match entry.modifier {
		StorageEntryModifier::Optional => "or nothing",
		StorageEntryModifier::Default => "or a default",
	};
	match &entry.ty {
		StorageEntryType::Plain(value) => format!("-> {} {absent}", shapes.name(value.id)),
		StorageEntryType::Map { hashers, key, value } => {
			let hashers: Vec<String> = hashers.iter().map(|hasher| format!("{hasher:?}")).collect();
			let key = shapes.name(key.id);
			let value = shapes.name(value.id);
			format!("{}({key}) -> {value} {absent}", hashers.join("+"))
		}
	}
}

/// A constant's value: a number if it is one, else its bytes.
fn value_of(ty: u32, bytes: &[u8], shapes: &Shapes) -> String {
	use TypeDefPrimitive::{U8, U16, U32, U64, U128};
	let number = match &shapes.get(ty).type_def {
		TypeDef::Primitive(U8 | U16 | U32 | U64 | U128) => {
			let mut whole = [0; 16];
			whole.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
			Some(u128::from_le_bytes(whole))
		}
		_ => None,
	};
	match number {
		Some(number) => number.to_string(),
		None if bytes.len() <= CONSTANT_SHOWN_MAX => hexadecimal(bytes),
		None => format!("{} bytes#{}", bytes.len(), short_hash(bytes)),
	}
}

fn hexadecimal(bytes: &[u8]) -> String {
	bytes.iter().fold(String::from("0x"), |text, byte| format!("{text}{byte:02x}"))
}

fn function(
	inputs: &[FunctionParamMetadata<PortableForm>],
	output: u32,
	shapes: &Shapes,
) -> String {
	let inputs: Vec<String> =
		inputs.iter().map(|input| format!("{}:{}", input.name, shapes.name(input.ty.id))).collect();
	format!("({}) -> {}", inputs.join(", "), shapes.name(output))
}

fn transaction_lines(metadata: &RuntimeMetadataV16, shapes: &Shapes) -> Vec<Line> {
	let of = &metadata.extrinsic;
	let mut lines = vec![
		line("extrinsic", "versions", format!("{:?}", of.versions)),
		line("extrinsic", "address", shapes.name(of.address_ty.id)),
		line("extrinsic", "signature", shapes.name(of.signature_ty.id)),
	];
	for (version, extensions) in &of.transaction_extensions_by_version {
		let numbers: Vec<u32> = extensions.iter().map(|number| number.0).collect();
		lines.push(line("extrinsic", format!("extensions.{version}"), format!("{numbers:?}")));
	}
	for (number, extension) in of.transaction_extensions.iter().enumerate() {
		let (ty, implicit) = (shapes.name(extension.ty.id), shapes.name(extension.implicit.id));
		let what = format!("{} {ty}, signed {implicit}", extension.identifier);
		lines.push(line("extension", number.to_string(), what));
	}
	lines
}

fn api_lines(metadata: &RuntimeMetadataV16, shapes: &Shapes) -> Vec<Line> {
	let mut apis: Vec<_> =
		metadata.apis.iter().filter(|api| !NATIVE_ONLY.contains(&&api.name[..])).collect();
	apis.sort_by(|one, other| one.name.cmp(&other.name));
	let mut lines = Vec::new();
	for api in apis {
		lines.push(line("api-version", api.name.as_str(), api.version.0.to_string()));
		for method in &api.methods {
			let what = function(&method.inputs, method.output.id, shapes);
			lines.push(line("api", format!("{}.{}", api.name, method.name), what));
		}
	}
	lines
}

/// Keys of the genesis that no pallet's storage has in the metadata.
fn key_lines(pallets: &[&PalletMetadata<PortableForm>]) -> Vec<Line> {
	let mut known = BTreeSet::new();
	for pallet in pallets {
		let prefix = twox_128(pallet.name.as_bytes());
		known.insert([prefix, twox_128(STORAGE_VERSION_STORAGE_KEY_POSTFIX)].concat());
		if let Some(storage) = &pallet.storage {
			let prefix = twox_128(storage.prefix.as_bytes());
			let entries = storage.entries.iter();
			known.extend(entries.map(|it| [prefix, twox_128(it.name.as_bytes())].concat()));
		}
	}
	let names: BTreeMap<Vec<u8>, &str> = [
		(SlotMs::key().to_vec(), "SlotMs"),
		(BabeEpochSlots::key().to_vec(), "BabeEpochSlots"),
		(RewardEpochMs::key().to_vec(), "RewardEpochMs"),
		(DeviceThawWindows::key().to_vec(), "DeviceThawWindows"),
		(SessionsPerEra::key().to_vec(), "SessionsPerEra"),
		(EvidenceEras::key().to_vec(), "EvidenceEras"),
		(DeferEras::key().to_vec(), "DeferEras"),
		(ThawEras::key().to_vec(), "ThawEras"),
		(GenesisProvision::key().to_vec(), "GenesisProvision"),
		(Pace::key().to_vec(), "Pace"),
	]
	.into();
	let mut lines = Vec::new();
	let mut last = Vec::new();
	while let Some(key) = sp_io::storage::next_key(&last) {
		if !key.get(..32).is_some_and(|prefix| known.contains(prefix)) {
			// What belongs to no pallet begins like this.
			let is_of_sdk = key.starts_with(b":");
			let name = names.get(&key).copied().or(is_of_sdk.then_some("of the SDK"));
			let name = name.unwrap_or_else(|| panic!("{} has no name here", readable(&key)));
			lines.push(line("key", readable(&key), name));
		}
		last = key;
	}
	lines
}

fn encoding_lines() -> Vec<Line> {
	let document: Value = serde_json::from_str(ENCODINGS).expect("the vectors are JSON");
	let cases = document["cases"].as_array().expect("there is a list of cases");
	let text = |case: &Value, field: &str| case[field].as_str().expect("a text").to_owned();
	cases
		.iter()
		.map(|case| {
			let key = format!("{}.{}", text(case, "api"), text(case, "name"));
			line("encoding", key, text(case, "bytes"))
		})
		.collect()
}

fn offchain_lines() -> Vec<Line> {
	let mut registry = Registry::new();
	let values = [
		("report_pool.windows", pool_layout::windows_key(), meta_type::<PooledWindows>()),
		(
			"report_pool.statements",
			pool_layout::chunk_key(STATEMENTS, 1, 2),
			meta_type::<Vec<Statement>>(),
		),
		("report_pool.reveals", pool_layout::chunk_key(REVEALS, 1, 2), meta_type::<Vec<Reveal>>()),
		("report_pool.pairs", pool_layout::chunk_key(PAIRS, 1, 2), meta_type::<Vec<BeaconPair>>()),
		("price.sources", price_layout::sources_key(), meta_type::<Vec<Source>>()),
		("price.report", price_layout::report_key(), meta_type::<WorkerReport>()),
	]
	.map(|(name, key, ty)| (name, key, registry.register_type(&ty).id));
	let registry = PortableRegistry::from(registry);
	let shapes = Shapes::new(&registry);
	let mut lines = vec![
		line("layout", "report_pool", pool_layout::LAYOUT.to_string()),
		line("layout", "price", price_layout::LAYOUT.to_string()),
	];
	lines.extend(values.into_iter().map(|(name, key, id)| {
		line("offchain", name, format!("{} {}", readable(&key), shapes.name(id)))
	}));
	// The runtime alone knows what it keeps under these.
	let keys = [
		("collector.logbook", pallet_collector::LOGBOOK_PREFIX.to_vec()),
		("collector.lock", pallet_collector::LOCK_KEY.to_vec()),
		("price.lock", price_layout::lock_key()),
	];
	lines.extend(keys.into_iter().map(|(name, key)| line("offchain", name, readable(&key))));
	lines
}

/// A key: its printable bytes as text, others in hexadecimal.
fn readable(key: &[u8]) -> String {
	key.iter().fold(String::new(), |text, byte| match byte.is_ascii_graphic() {
		true => format!("{text}{}", char::from(*byte)),
		false => format!("{text}\\x{byte:02x}"),
	})
}
