//! A value of each storage item, made from its type. Types do not say all: a value may have to be
//! in a range. So several are tried, and this runtime says which one it can read.

use codec::{Compact, Decode, Encode};
use frame_metadata::{
	RuntimeMetadata, RuntimeMetadataPrefixed,
	v16::{RuntimeMetadataV16, StorageEntryType, StorageHasher},
};
use frame_support::traits::TryDecodeEntireStorage;
use groma_runtime::AllPalletsWithSystem;
use scale_info::{PortableRegistry, TypeDef, TypeDefPrimitive, Variant, form::PortableForm};
use sp_io::hashing::{blake2_128, blake2_256, twox_64, twox_128, twox_256};

use super::entries::{ABSENT_AT_UPGRADES, Pair, chain_with, prefix_of};

/// How deep types are followed; below, the shortest value is taken.
const DEPTH_MAX: u8 = 16;

/// The storage items of a runtime.
pub(super) struct Items(RuntimeMetadataV16);

impl Items {
	/// Those that its metadata names.
	pub(super) fn of(metadata: &[u8]) -> Self {
		let prefixed = RuntimeMetadataPrefixed::decode(&mut &metadata[..]).expect("it is metadata");
		let RuntimeMetadata::V16(metadata) = prefixed.1 else { panic!("it is of version 16") };
		Self(metadata)
	}

	/// Pallets, as they are in keys, and items.
	pub(super) fn names(&self) -> impl Iterator<Item = (&str, &str)> {
		self.entries().map(|(pallet, item, _)| (pallet, item))
	}

	fn entries(&self) -> impl Iterator<Item = (&str, &str, &StorageEntryType<PortableForm>)> {
		let storages = self.0.pallets.iter().filter_map(|pallet| pallet.storage.as_ref());
		storages.flat_map(|storage| {
			let entries = storage.entries.iter();
			entries.map(move |entry| (&storage.prefix[..], &entry.name[..], &entry.ty))
		})
	}
}

/// How values are made: which number they have, in one byte of it or in all, and whether lists have
/// an entry.
#[derive(Clone, Copy)]
struct Fill {
	byte: u8,
	in_all_bytes: bool,
	lists: bool,
}

/// An entry of each item of which a state has none, and which this runtime can read. An item for
/// which none is found is left out.
pub(super) fn missing(items: &Items, state: &[Pair]) -> Vec<Pair> {
	let missing = items.entries().filter(|(pallet, item, _)| {
		let prefix = prefix_of(pallet, item);
		!ABSENT_AT_UPGRADES.contains(&(*pallet, *item))
			&& !state.iter().any(|(key, _)| key.starts_with(&prefix))
	});
	missing
		.filter_map(|(pallet, item, ty)| {
			fills()
				.map(|fill| entry(&items.0.types, prefix_of(pallet, item), ty, fill))
				.find(is_readable)
		})
		.collect()
}

/// All ways to fill a value, those that say most first.
fn fills() -> impl Iterator<Item = Fill> {
	let bytes = [1, 2, 3, 5, 9, 12, 60, 0];
	bytes.into_iter().flat_map(|byte| {
		[(false, true), (true, true), (false, false), (true, false)]
			.map(|(in_all_bytes, lists)| Fill { byte, in_all_bytes, lists })
	})
}

fn is_readable(pair: &Pair) -> bool {
	let mut chain = chain_with(std::slice::from_ref(pair));
	chain.execute_with(|| AllPalletsWithSystem::try_decode_entire_state().is_ok())
}

/// An entry of an item whose keys have this prefix.
fn entry(
	types: &PortableRegistry,
	prefix: Vec<u8>,
	ty: &StorageEntryType<PortableForm>,
	fill: Fill,
) -> Pair {
	let sample = |id| value(types, id, fill, 0);
	match ty {
		StorageEntryType::Plain(value) => (prefix, sample(value.id)),
		StorageEntryType::Map { hashers, key, value } => {
			let parts = match &types.resolve(key.id).expect("the type is there").type_def {
				TypeDef::Tuple(of) if hashers.len() > 1 => {
					of.fields.iter().map(|field| sample(field.id)).collect()
				}
				_ => vec![sample(key.id)],
			};
			let hashed = hashers.iter().zip(&parts).map(|(hasher, part)| hashed(hasher, part));
			(prefix.into_iter().chain(hashed.flatten()).collect(), sample(value.id))
		}
	}
}

fn hashed(hasher: &StorageHasher, part: &[u8]) -> Vec<u8> {
	match hasher {
		StorageHasher::Blake2_128 => blake2_128(part).to_vec(),
		StorageHasher::Blake2_256 => blake2_256(part).to_vec(),
		StorageHasher::Blake2_128Concat => [&blake2_128(part)[..], part].concat(),
		StorageHasher::Twox128 => twox_128(part).to_vec(),
		StorageHasher::Twox256 => twox_256(part).to_vec(),
		StorageHasher::Twox64Concat => [&twox_64(part)[..], part].concat(),
		StorageHasher::Identity => part.to_vec(),
	}
}

/// A value of a type.
fn value(types: &PortableRegistry, id: u32, fill: Fill, depth: u8) -> Vec<u8> {
	let ty = types.resolve(id).expect("the metadata has all types that it names");
	let inner = |id| value(types, id, fill, depth.saturating_add(1));
	match &ty.type_def {
		// Its length stands before a value that is kept encoded.
		TypeDef::Composite(of) if ty.path.segments.last().is_some_and(|it| it == OPAQUE) => {
			inner(of.fields[1].ty.id).encode()
		}
		TypeDef::Composite(of) => of.fields.iter().flat_map(|it| inner(it.ty.id)).collect(),
		TypeDef::Tuple(of) => of.fields.iter().flat_map(|it| inner(it.id)).collect(),
		TypeDef::Array(of) => (0..of.len).flat_map(|_| inner(of.type_param.id)).collect(),
		TypeDef::Sequence(of) if fill.lists && depth < DEPTH_MAX => {
			[Compact(1u32).encode(), inner(of.type_param.id)].concat()
		}
		TypeDef::Sequence(_) | TypeDef::BitSequence(_) => Compact(0u32).encode(),
		TypeDef::Compact(_) => Compact(u32::from(fill.byte)).encode(),
		TypeDef::Variant(of) => match chosen(&of.variants, fill, depth) {
			Some(variant) => {
				let fields = variant.fields.iter().flat_map(|it| inner(it.ty.id));
				[variant.index].into_iter().chain(fields).collect()
			}
			None => Vec::new(),
		},
		TypeDef::Primitive(of) => number(of, fill),
	}
}

/// The name of the type of values that are kept encoded.
const OPAQUE: &str = "WrapperKeepOpaque";

fn chosen(
	variants: &[Variant<PortableForm>],
	fill: Fill,
	depth: u8,
) -> Option<&Variant<PortableForm>> {
	if depth >= DEPTH_MAX {
		return variants.iter().min_by_key(|variant| variant.fields.len());
	}
	variants.iter().find(|variant| variant.index == fill.byte).or(variants.first())
}

fn number(of: &TypeDefPrimitive, fill: Fill) -> Vec<u8> {
	use TypeDefPrimitive::{
		Bool, Char, I8, I16, I32, I64, I128, I256, Str, U8, U16, U32, U64, U128, U256,
	};
	let bytes = match of {
		Bool => return vec![fill.byte & 1],
		Char => return u32::from('a').encode(),
		Str => return "a".encode(),
		U8 | I8 => 1,
		U16 | I16 => 2,
		U32 | I32 => 4,
		U64 | I64 => 8,
		U128 | I128 => 16,
		U256 | I256 => 32,
	};
	let rest = if fill.in_all_bytes { fill.byte } else { 0 };
	[fill.byte].into_iter().chain(std::iter::repeat_n(rest, bytes - 1)).collect()
}
