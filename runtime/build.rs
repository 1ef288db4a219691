//! Builds the WebAssembly blob of the runtime, next to the native crate.

/// Features that the native crate has in tests and that no chain runs: the blob is built without
/// them, so that the blob that tests run end to end is the one that ships.
#[cfg(all(feature = "std", not(feature = "measured-blob")))]
const NATIVE_ONLY: [&str; 4] = [
	"CARGO_FEATURE_MADE_UP_PROOF",
	"CARGO_FEATURE_RUNTIME_BENCHMARKS",
	"CARGO_FEATURE_TRY_RUNTIME",
	"CARGO_FEATURE_VARIANT_BLOB",
];

/// The hash of the metadata, which hardware wallets check. It is checked in and compared with the
/// metadata by a test: see docs/design/0027.
#[cfg(feature = "std")]
const METADATA_HASH: &str = include_str!("metadata-hash.txt");

#[cfg(feature = "std")]
fn main() {
	#[cfg(not(feature = "measured-blob"))]
	for feature in NATIVE_ONLY {
		// SAFETY: a build script starts with one thread, and this one has started no other.
		unsafe { std::env::remove_var(feature) };
	}
	// The extension `CheckMetadataHash` reads the first when it is compiled. The second has every
	// profile of the node, `production` included, ship the same blob.
	for (name, value) in [("RUNTIME_METADATA_HASH", METADATA_HASH), ("WASM_BUILD_TYPE", "release")]
	{
		// SAFETY: as above.
		unsafe { std::env::set_var(name, value.trim()) };
	}
	println!("cargo:rerun-if-changed=metadata-hash.txt");
	substrate_wasm_builder::WasmBuilder::build_using_defaults();
	// It has the hash of the other blob's metadata. To compile the extension once more with its own
	// hash, of which no test makes use, would take minutes whenever the runtime changes.
	#[cfg(feature = "variant-blob")]
	substrate_wasm_builder::WasmBuilder::init_with_defaults()
		.enable_feature("variant")
		.set_file_name("variant_binary.rs")
		.build();
}

/// The blob itself is built without `std`: then there is nothing to do.
#[cfg(not(feature = "std"))]
fn main() {}
