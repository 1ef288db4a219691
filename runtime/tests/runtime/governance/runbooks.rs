//! What the runbooks of a failed migration, a halted chain and a paused call say. How state is
//! mended after a migration is in `migrations`; a halted chain is drilled end-to-end.

use frame_metadata::RuntimeMetadata;
use frame_support::assert_ok;
use groma_core::money::GRM;
use groma_runtime::{OriginCaller, Runtime, RuntimeCall, SafeMode};
use pallet_tx_pause::PausedCalls;
use scale_info::TypeDef;
use sp_keyring::Sr25519Keyring::Bob;

use super::{PROPOSER, await_enactment, propose};
use crate::{
	chain::{Chain, account},
	safety::full_name,
};

const RUNBOOKS: [&str; 3] = [
	include_str!("../../../../docs/runbooks/failed-migration.md"),
	include_str!("../../../../docs/runbooks/halted-chain.md"),
	include_str!("../../../../docs/runbooks/paused-call.md"),
];

/// What the runbooks name of the runtime: a pallet with one of its calls, events, errors or stored
/// items.
fn named() -> Vec<(&'static str, &'static str)> {
	let is_name = |text: &str| {
		!text.is_empty() && text.chars().all(|it| it.is_ascii_alphanumeric() || it == '_')
	};
	let quoted = RUNBOOKS.into_iter().flat_map(|text| text.split('`').skip(1).step_by(2));
	quoted
		.filter_map(|text| text.split_once('.'))
		.filter(|(pallet, item)| {
			pallet.starts_with(char::is_uppercase) && is_name(pallet) && is_name(item)
		})
		.collect()
}

#[test]
fn what_the_runbooks_name_of_the_runtime_exists() {
	let RuntimeMetadata::V14(metadata) = Chain::development().with(Runtime::metadata).1 else {
		panic!("the metadata is of version 14");
	};
	let named = named();
	assert!(named.len() > 10, "the runbooks name little: {named:?}");
	for (pallet, item) in named {
		let found = metadata.pallets.iter().find(|it| it.name == pallet).expect(pallet);
		let enums = [
			found.calls.as_ref().map(|calls| calls.ty.id),
			found.event.as_ref().map(|events| events.ty.id),
			found.error.as_ref().map(|errors| errors.ty.id),
		];
		let is_variant = enums.into_iter().flatten().any(|id| {
			let found = metadata.types.resolve(id).expect("the type is registered");
			let TypeDef::Variant(variants) = &found.type_def else { panic!("it is an enum") };
			variants.variants.iter().any(|it| it.name == item)
		});
		let mut stored = found.storage.iter().flat_map(|storage| &storage.entries);
		let is_stored = stored.any(|it| it.name == item);
		assert!(is_variant || is_stored, "there is no {pallet}.{item}");
	}
}

/// Has all vote for a call of Root, and makes blocks until it was made.
fn decide(chain: &mut Chain, call: impl Into<RuntimeCall>) {
	let root = OriginCaller::system(frame_system::RawOrigin::Root);
	propose(chain, root, call.into());
	assert_ok!(await_enactment(chain));
}

#[test]
fn call_is_paused_by_a_referendum_and_goes_on_after_another() {
	let mut chain = Chain::development();
	chain.blocks(2);
	let name = full_name("Balances.transfer_keep_alive");
	let transfer = pallet_balances::Call::<Runtime>::transfer_keep_alive {
		dest: account(Bob).into(),
		value: GRM,
	};
	assert_ok!(chain.submit(PROPOSER, transfer.clone()));
	decide(&mut chain, pallet_tx_pause::Call::pause { full_name: name.clone() });
	chain.with(|| {
		assert!(PausedCalls::<Runtime>::contains_key(&name));
		assert!(!SafeMode::is_entered());
	});
	let filtered = frame_system::Error::<Runtime>::CallFiltered.into();
	assert_eq!(chain.submit(PROPOSER, transfer.clone()), Err(filtered));
	decide(&mut chain, pallet_tx_pause::Call::unpause { ident: name });
	assert_ok!(chain.submit(PROPOSER, transfer));
	chain.check();
}
