//! Code that replaces the runtime: who authorizes it, for how long, who applies it, and what is
//! refused. Versions of code are compared by the blob that ships (see `blob.rs`).

use codec::Encode;
use frame_support::{assert_noop, assert_ok, storage::unhashed, traits::Get};
use groma_core::money::GRM;
use groma_runtime::{
	Hash, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, System, UncheckedExtrinsic, Upgrades,
	VERSION, governance::origins::Origin,
};
use pallet_upgrades::Authorization;
use sp_core::storage::well_known_keys::CODE;
use sp_keyring::Sr25519Keyring::{Bob, Charlie};
use sp_runtime::{
	ApplyExtrinsicResult, DispatchError,
	traits::{BlakeTwo256, Hash as _},
	transaction_validity::InvalidTransaction,
};

use crate::{
	blob::{Blob, chain_on_a_node},
	chain::{Chain, account, as_root, signed},
	referenda::{ORIGINS, passed, propose},
};

/// What a compressed blob begins with.
const COMPRESSED: [u8; 8] = [82, 188, 83, 118, 70, 219, 142, 5];

/// Blocks for which an authorization holds on the development chain.
fn authorized_blocks() -> u32 {
	<Runtime as pallet_upgrades::Config>::AuthorizedBlocks::get()
}

/// Code that is nothing but its version: all that is looked at when it is applied. Voters look at
/// the rest.
pub(crate) fn code_with(spec_name: &str, spec_version: u32) -> Vec<u8> {
	let apis: Vec<([u8; 8], u32)> = Vec::new();
	let version = (spec_name, spec_name, 1u32, spec_version, 1u32, apis).encode();
	let name = b"runtime_version";
	let section = [&[name.len() as u8][..], name, &version].concat();
	assert!(section.len() < 128, "its length is one byte");
	[b"\0asm\x01\0\0\0".as_slice(), &[0, section.len() as u8], &section].concat()
}

/// Some 2 KiB that decompress to 60 MiB.
fn bomb() -> Vec<u8> {
	// A frame of zstd with a window of 128 KiB, and blocks of as many equal bytes.
	let mut code = [&COMPRESSED[..], &[0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38]].concat();
	for block in 1..=480u32 {
		let is_last = u32::from(block == 480);
		let header = (0x2_0000u32 << 3) | (1 << 1) | is_last;
		code.extend_from_slice(&header.to_le_bytes()[..3]);
		code.push(0);
	}
	code
}

fn hash(code: &[u8]) -> Hash {
	BlakeTwo256::hash(code)
}

/// Authorizes code as a referendum of Root does.
pub(crate) fn authorize(chain: &mut Chain, code: &[u8]) {
	let code_hash = hash(code);
	chain.act(|| as_root(pallet_upgrades::Call::authorize { code_hash }));
}

fn application(code: Vec<u8>) -> RuntimeCall {
	frame_system::Call::apply_authorized_upgrade { code }.into()
}

/// Applies code without a signature, in a block of the blob that ships.
pub(crate) fn apply(chain: &mut Chain, code: Vec<u8>) -> ApplyExtrinsicResult {
	let transaction = UncheckedExtrinsic::new_bare(application(code));
	let block = |chain: &mut Chain| {
		let results = Blob::shipped().block(chain, vec![transaction.clone()]);
		results.expect("a block is made").remove(0)
	};
	match block(chain) {
		// A block in which the session changes takes none.
		Err(error) if error.exhausted_resources() => block(chain),
		outcome => outcome,
	}
}

/// Which code the system waits for, and what the pallet knows of it.
fn waiting(chain: &mut Chain) -> (Option<Hash>, Option<Hash>) {
	chain.with(|| {
		let system = System::authorized_upgrade().map(|waiting| *waiting.code_hash());
		(system, Upgrades::authorized().map(|waiting| waiting.code_hash))
	})
}

pub(crate) fn code_of(chain: &mut Chain) -> Option<Vec<u8>> {
	chain.with(|| unhashed::get_raw(CODE))
}

fn has_event(chain: &mut Chain, event: impl Fn(&RuntimeEvent) -> bool) -> bool {
	chain.events().iter().any(event)
}

#[test]
fn track_authorizes_and_the_authorization_ends_after_its_time() {
	let mut chain = Chain::development();
	chain.blocks(2);
	let code_hash = Hash::repeat_byte(3);
	let call = pallet_upgrades::Call::authorize { code_hash };
	let index = propose(&mut chain, Origin::Upgrade, call.into());
	let mut left = 60;
	while chain.with(Upgrades::authorized).is_none() {
		left -= 1;
		assert!(left > 0, "the referendum takes too long");
		chain.block(vec![]);
	}
	assert!(passed(&mut chain, index));
	let time = chain.with(authorized_blocks);
	let expires = chain.with(System::block_number) + time;
	assert_eq!(chain.with(Upgrades::authorized), Some(Authorization { code_hash, expires }));
	// With the flag that asks for the version.
	let key = frame_support::storage::storage_prefix(b"System", b"AuthorizedUpgrade");
	assert_eq!(chain.with(|| unhashed::get_raw(&key)), Some((code_hash, true).encode()));

	chain.blocks(time - 1);
	assert_eq!(waiting(&mut chain), (Some(code_hash), Some(code_hash)));
	chain.block(vec![]);
	assert_eq!(waiting(&mut chain), (None, None));
	let ended = pallet_upgrades::Event::<Runtime>::AuthorizationExpired { code_hash };
	assert!(has_event(&mut chain, |event| *event == RuntimeEvent::Upgrades(ended.clone())));
	chain.check();
}

#[test]
fn authorization_lasts_fourteen_days_in_production() {
	sp_io::TestExternalities::default().execute_with(|| {
		let ms = u64::from(authorized_blocks()) * groma_core::protocol::SLOT_MS;
		assert_eq!(ms, 14 * 86_400_000);
	});
}

#[test]
fn root_and_the_track_authorize_and_no_one_else() {
	Chain::development().with(|| {
		let code_hash = Hash::repeat_byte(3);
		let mut origins: Vec<RuntimeOrigin> = ORIGINS
			.into_iter()
			.chain([Origin::Fellows])
			.filter(|origin| *origin != Origin::Upgrade)
			.map(Into::into)
			.collect();
		origins.push(RuntimeOrigin::signed(account(Bob)));
		origins.push(RuntimeOrigin::none());
		for origin in origins {
			assert_noop!(Upgrades::authorize(origin, code_hash), DispatchError::BadOrigin);
		}
		for origin in [Origin::Upgrade.into(), RuntimeOrigin::root()] {
			assert_ok!(Upgrades::authorize(origin, code_hash));
		}
	});
}

#[test]
fn anyone_applies_code_of_a_higher_version_once() {
	let mut chain = chain_on_a_node();
	chain.blocks(2);
	let code = code_with("groma", VERSION.spec_version + 1);
	authorize(&mut chain, &code);
	assert_eq!(apply(&mut chain, code.clone()), Ok(Ok(())));
	assert_eq!(code_of(&mut chain), Some(code.clone()));
	assert_eq!(waiting(&mut chain).0, None);
	assert!(has_event(&mut chain, |event| matches!(
		event,
		RuntimeEvent::System(frame_system::Event::CodeUpdated { .. })
	)));
	chain.block(vec![]);
	assert_eq!(waiting(&mut chain), (None, None));
	assert_eq!(apply(&mut chain, code), Err(InvalidTransaction::Call.into()));
}

#[test]
fn account_may_apply_code_too() {
	let mut chain = chain_on_a_node();
	chain.blocks(2);
	let code = code_with("groma", VERSION.spec_version + 1);
	authorize(&mut chain, &code);
	assert_ok!(chain.submit(Charlie, application(code.clone())));
	assert_eq!(code_of(&mut chain), Some(code));
}

#[test]
fn code_that_is_no_upgrade_of_this_chain_sets_nothing() {
	let next = VERSION.spec_version + 1;
	let cases = [
		("another name", code_with("gromx", next)),
		("the same version", code_with("groma", VERSION.spec_version)),
		("a lower version", code_with("groma", VERSION.spec_version - 1)),
		("the blob that runs", Blob::shipped().code().to_vec()),
		("no bytes", Vec::new()),
		("bytes that are no code", b"code".to_vec()),
		("code without a version", b"\0asm\x01\0\0\0".to_vec()),
		("a bomb", bomb()),
	];
	for (what, code) in cases {
		let mut chain = chain_on_a_node();
		chain.blocks(2);
		let before = code_of(&mut chain);
		authorize(&mut chain, &code);
		assert_eq!(apply(&mut chain, code), Ok(Ok(())), "{what}");
		assert_eq!(code_of(&mut chain), before, "{what}");
		assert!(
			has_event(&mut chain, |event| matches!(
				event,
				RuntimeEvent::System(frame_system::Event::RejectedInvalidAuthorizedUpgrade { .. })
			)),
			"{what}"
		);
		chain.block(vec![]);
		assert_eq!(waiting(&mut chain), (None, None), "{what}");
		chain.check();
	}
}

#[test]
fn code_beyond_a_block_is_refused_and_leaves_the_authorization() {
	let mut chain = chain_on_a_node();
	chain.blocks(2);
	let code = vec![0; 9 << 20];
	authorize(&mut chain, &code);
	let refused = apply(&mut chain, code.clone());
	assert_eq!(refused, Err(InvalidTransaction::ExhaustsResources.into()));
	assert_eq!(waiting(&mut chain).0, Some(hash(&code)));
	assert_eq!(code_of(&mut chain), Some(vec![]));
}

#[test]
fn code_of_a_stranger_never_spends_the_authorization() {
	let mut chain = chain_on_a_node();
	chain.blocks(2);
	let next = VERSION.spec_version + 1;
	let (code, other) = (code_with("groma", next), code_with("groma", next + 1));
	authorize(&mut chain, &code);
	let strangers = [other, Vec::new(), bomb(), [&code[..], &[0]].concat()];
	for other in strangers {
		assert_ne!(other, code);
		let bare = UncheckedExtrinsic::new_bare(application(other.clone()));
		let refused = InvalidTransaction::Call;
		assert_eq!(chain.validate(bare).map(drop), Err(refused.into()));
		assert_eq!(apply(&mut chain, other.clone()), Err(refused.into()));
		// A signed one is refused by who may send operational calls.
		let by_bob = chain.with(|| signed(Bob, application(other), 0, 0));
		assert_eq!(chain.validate(by_bob).map(drop), Err(refused.into()));
		assert_eq!(waiting(&mut chain), (Some(hash(&code)), Some(hash(&code))));
	}
	assert_eq!(apply(&mut chain, code.clone()), Ok(Ok(())));
	assert_eq!(code_of(&mut chain), Some(code));
}

#[test]
fn nothing_is_applied_before_it_is_authorized_or_after_its_time() {
	let mut chain = chain_on_a_node();
	chain.blocks(2);
	let code = code_with("groma", VERSION.spec_version + 1);
	let refused: ApplyExtrinsicResult = Err(InvalidTransaction::Call.into());
	assert_eq!(apply(&mut chain, code.clone()), refused);
	authorize(&mut chain, &code);
	let time = chain.with(authorized_blocks);
	chain.blocks(time);
	assert_eq!(apply(&mut chain, code), refused);
	assert_eq!(code_of(&mut chain), Some(vec![]));
}

#[test]
fn signed_application_of_code_that_sets_nothing_is_free() {
	let mut chain = chain_on_a_node();
	chain.blocks(2);
	let code = b"code".to_vec();
	authorize(&mut chain, &code);
	let balance = |chain: &mut Chain| chain.with(|| System::account(account(Bob)).data.free);
	let before = balance(&mut chain);
	assert_ok!(chain.submit(Bob, application(code)));
	assert_eq!(balance(&mut chain), before);
	let transfer =
		pallet_balances::Call::transfer_keep_alive { dest: account(Charlie).into(), value: GRM };
	assert_ok!(chain.submit(Bob, transfer));
	assert!(balance(&mut chain) < before - GRM, "other calls cost a fee");
}
