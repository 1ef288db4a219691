//! The hash of the metadata, by which a hardware wallet knows that what it shows is what the chain
//! reads: RFC 78 of the Polkadot fellowship. Every blob carries it, see `runtime/build.rs`.

use codec::Decode;
use frame_metadata::{RuntimeMetadata, RuntimeMetadataPrefixed};
use groma_runtime::{Runtime, VERSION, constants::SS58_PREFIX};
use merkleized_metadata::{ExtraInfo, generate_metadata_digest};
use scale_info::TypeDef;

use super::shapes::is_native_only;
use crate::chain::Chain;

/// The symbol of GRM, as wallets show it.
const SYMBOL: &str = "GRM";
/// How many digits of an amount come after the point.
const DECIMALS: u8 = 12;

/// The hash of the metadata of the blob.
pub(super) fn metadata_hash() -> [u8; 32] {
	let bytes = Chain::development().with(|| Runtime::metadata_at_version(15));
	let bytes = bytes.expect("the runtime has this version");
	let mut metadata = RuntimeMetadataPrefixed::decode(&mut &bytes[..]).expect("it is metadata").1;
	let RuntimeMetadata::V15(of) = &mut metadata else { panic!("it is of version 15") };
	for ty in &mut of.types.types {
		let path = ty.ty.path.segments.join("::");
		if let TypeDef::Variant(variants) = &mut ty.ty.type_def {
			variants.variants.retain(|variant| !is_native_only(&path, variant.index));
		}
	}
	let info = ExtraInfo {
		spec_version: VERSION.spec_version,
		spec_name: VERSION.spec_name.to_string(),
		base58_prefix: SS58_PREFIX,
		decimals: DECIMALS,
		token_symbol: SYMBOL.to_owned(),
	};
	generate_metadata_digest(&metadata, info).expect("all types have a place").hash()
}
