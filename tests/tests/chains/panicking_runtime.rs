//! A runtime that panics halts a chain, and a specification with a substitute heals it: what
//! docs/runbooks/halted-chain.md says, drilled.

use std::{fs, path::Path, time::Duration};

use codec::Encode;
use groma_tests::{
	binary,
	network::{BlockNumber, LocalNetwork},
	specification::Specification,
	state::{entry, hexadecimal},
	upgrades::VARIANT_VERSION,
};
use sp_crypto_hashing::blake2_256;
use subxt_signer::sr25519::dev;

/// Where the state says what the code migrates, and that it panics instead.
const CHOICE: &[u8] = b":groma:variant";
const PANICS: [u8; 1] = [6];
/// Where the code with its fault mended looks instead, as long a key: there is nothing.
const NO_CHOICE: &[u8] = b":groma:mended_";
/// For how long no block comes: ten slots.
const HALTED: Duration = Duration::from_secs(20);
/// What a node says whose database is empty.
const BEGINS: &str = "Initializing Genesis block";
/// What comes after the chain is healed.
const HEALED_BLOCKS: BlockNumber = 10;
const PATIENCE: Duration = Duration::from_secs(240);

#[tokio::test(flavor = "multi_thread")]
async fn chain_goes_on_with_a_substitute_when_its_runtime_panics() {
	let path = binary::variant().unwrap();
	let code = fs::read(&path).unwrap();
	let chain = chain(&code);
	let mut network = LocalNetwork::start_on(&chain.write().unwrap(), "litep2p").await.unwrap();
	network.agree_on(3, PATIENCE).await.unwrap();
	network.full.apply(&code).await.unwrap();
	let set = network.full.upgraded_in(3).await.unwrap();
	tokio::time::sleep(HALTED).await;
	for node in network.nodes() {
		assert_eq!(node.best_number().await.unwrap(), set, "a block comes after the fault");
	}
	let finalized = network.alice.finalized_number().await.unwrap();
	let hash = network.alice.block_hash(finalized).await.unwrap();

	let chain = chain.with_substitute(set, &mended(&path));
	chain.write().unwrap();
	network.start_again().await.unwrap();
	network.agree_on(set + HEALED_BLOCKS, PATIENCE).await.unwrap();
	assert_eq!(network.alice.block_hash(finalized).await.unwrap(), hash);
	for node in network.nodes() {
		let begun = node.log().unwrap().matches(BEGINS).count();
		assert_eq!(begun, 1, "a node began from genesis again");
	}
	let remark = network.full.call_of("System", "remark", Vec::<u8>::new()).await.unwrap();
	network.full.submit(&dev::charlie(), &remark).await.unwrap();
	for node in network.nodes() {
		assert_eq!(node.spec_version(None).await.unwrap(), VARIANT_VERSION);
	}
}

/// The local testnet whose governance has authorized code that panics in the block after the one
/// that sets it.
fn chain(code: &[u8]) -> Specification {
	let checks_version = true;
	let authorized = (blake2_256(code), checks_version).encode();
	Specification::of("local")
		.unwrap()
		.with(&hexadecimal(CHOICE), &hexadecimal(&PANICS))
		.with(&entry("System", "AuthorizedUpgrade", &[]), &hexadecimal(&authorized))
}

/// The same code of the same version, but with the fault mended: it does not read what makes it
/// panic.
fn mended(compressed: &Path) -> Vec<u8> {
	let name = compressed.file_name().unwrap().to_str().unwrap();
	let mut code = fs::read(compressed.with_file_name(name.replace(".compressed", ""))).unwrap();
	let mut found = 0;
	for at in 0..code.len() - CHOICE.len() {
		let place = &mut code[at..at + CHOICE.len()];
		if place == CHOICE {
			place.copy_from_slice(NO_CHOICE);
			found += 1;
		}
	}
	assert!(found > 0, "the code does not name the key");
	code
}
