//! Builds the WebAssembly blob of the runtime beside the native crate.

#[cfg(all(feature = "std", feature = "metadata-hash"))]
fn main() {
	substrate_wasm_builder::WasmBuilder::init_with_defaults()
		.enable_metadata_hash("GRM", 12)
		.build();
}

#[cfg(all(feature = "std", not(feature = "metadata-hash")))]
fn main() {
	substrate_wasm_builder::WasmBuilder::init_with_defaults().build();
}

/// The blob itself is built without `std`: then there is nothing to do.
#[cfg(not(feature = "std"))]
fn main() {}
