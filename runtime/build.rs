//! Builds the WebAssembly blob of the runtime, next to the native crate.

/// Features that the native crate has in tests and that no chain runs: the blob is built without
/// them, so that the blob that tests run end to end is the one that ships.
#[cfg(all(feature = "std", not(feature = "measured-blob")))]
const NATIVE_ONLY: [&str; 3] = [
	"CARGO_FEATURE_MADE_UP_PROOF",
	"CARGO_FEATURE_RUNTIME_BENCHMARKS",
	"CARGO_FEATURE_TRY_RUNTIME",
];

#[cfg(feature = "std")]
fn main() {
	#[cfg(not(feature = "measured-blob"))]
	for feature in NATIVE_ONLY {
		// SAFETY: a build script starts with one thread, and this one has started no other.
		unsafe { std::env::remove_var(feature) };
	}
	let builder = substrate_wasm_builder::WasmBuilder::init_with_defaults();
	#[cfg(feature = "metadata-hash")]
	let builder = builder.enable_metadata_hash("GRM", 12);
	builder.build();
}

/// The blob itself is built without `std`: then there is nothing to do.
#[cfg(not(feature = "std"))]
fn main() {}
