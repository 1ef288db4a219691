//! The blobs as nodes run them. The native runtime of tests has benchmarks and checks compiled in,
//! with which the SDK neither compares versions of code nor calls the handler of failed migrations:
//! what depends on these is shown by the blobs alone.

use std::{collections::BTreeSet, sync::LazyLock};

use groma_runtime::{UncheckedExtrinsic, variant_blob};
use sc_executor::WasmExecutor;
use sp_core::traits::{
	CallContext, CodeExecutor, Externalities, ReadRuntimeVersionExt, RuntimeCode,
	WrappedRuntimeCode,
};
use sp_io::hashing::blake2_256;
use sp_runtime::ApplyExtrinsicResult;

use crate::{
	chain::Chain,
	released::entries::{Pair, pairs, prefix_of},
};

/// It compiles each blob once.
static EXECUTOR: LazyLock<WasmExecutor> = LazyLock::new(WasmExecutor::default);

/// A compiled runtime.
#[derive(Clone, Copy)]
pub(crate) struct Blob {
	code: &'static [u8],
}

impl Blob {
	/// The one that chains run.
	pub(crate) fn shipped() -> Self {
		Self { code: groma_runtime::WASM_BINARY.expect("the blob was built") }
	}

	/// The one that tests upgrade to.
	pub(crate) fn variant() -> Self {
		Self { code: variant_blob::WASM_BINARY.expect("the blob was built") }
	}

	/// Its bytes.
	pub(crate) fn code(self) -> &'static [u8] {
		self.code
	}

	/// Runs a function of its API on a state, given its encoded arguments.
	pub(crate) fn call(
		self,
		state: &mut dyn Externalities,
		function: &str,
		arguments: &[u8],
	) -> Result<Vec<u8>, String> {
		let fetcher = WrappedRuntimeCode(self.code.into());
		let code = RuntimeCode {
			code_fetcher: &fetcher,
			heap_pages: None,
			hash: blake2_256(self.code).to_vec(),
		};
		let context = CallContext::Onchain { import: false };
		let (answer, _) = EXECUTOR.call(state, &code, function, arguments, context);
		answer.map_err(|error| error.to_string())
	}

	/// Makes a block with it.
	pub(crate) fn block(
		self,
		chain: &mut Chain,
		transactions: Vec<UncheckedExtrinsic>,
	) -> Result<Vec<ApplyExtrinsicResult>, String> {
		let execute = |state: &mut dyn Externalities, function: &str, arguments: &[u8]| {
			self.call(state, function, arguments)
		};
		chain.block_by(&execute, transactions)
	}
}

/// The development chain on a node that reads versions of code.
pub(crate) fn chain_on_a_node() -> Chain {
	let mut chain = Chain::development();
	let reader = ReadRuntimeVersionExt::new(WasmExecutor::clone(&EXECUTOR));
	chain.externalities().register_extension(reader);
	chain
}

/// Whether a blob contains some bytes.
fn contains(blob: &[u8], bytes: &[u8]) -> bool {
	blob.windows(bytes.len()).any(|window| window == bytes)
}

#[test]
fn blob_that_ships_has_no_migration_of_tests() {
	let key = groma_runtime::migrations::variant::CHOICE_KEY;
	let shipped = groma_runtime::WASM_BINARY_BLOATY.expect("the blob was built");
	let variant = variant_blob::WASM_BINARY_BLOATY.expect("the blob was built");
	assert!(contains(variant, key), "the bytes are not found where they are");
	assert!(!contains(shipped, key));
}

/// The state without what follows from the signatures of block authors, which are made by chance.
fn entries(chain: &mut Chain) -> BTreeSet<Pair> {
	let signed = ["Digest", "BlockHash", "ParentHash"].map(|item| prefix_of("System", item));
	let is_signed = |(key, _): &Pair| signed.iter().any(|prefix| key.starts_with(prefix));
	chain.with(pairs).into_iter().filter(|pair| !is_signed(pair)).collect()
}

#[test]
fn blob_that_ships_makes_the_same_state_as_the_native_runtime() {
	let (mut native, mut blob) = (Chain::development(), Chain::development());
	for _ in 0..15 {
		native.block(vec![]);
		assert_eq!(Blob::shipped().block(&mut blob, vec![]), Ok(vec![]));
	}
	let events = |chain: &mut Chain| chain.events();
	assert_eq!(events(&mut native), events(&mut blob));
	let (native_entries, blob_entries) = (entries(&mut native), entries(&mut blob));
	let different: Vec<_> = native_entries.symmetric_difference(&blob_entries).collect();
	assert_eq!(different, Vec::<&Pair>::new());
	blob.check();
}
