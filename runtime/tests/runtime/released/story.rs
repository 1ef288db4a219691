//! A development chain on which much has happened, and much is under way.

use frame_support::assert_ok;
use groma_core::money::GRM;
use groma_runtime::{RuntimeCall, RuntimeOrigin, System, governance::origins::Origin};
use sp_keyring::Sr25519Keyring::{Alice, Bob, Charlie};

use super::entries::{Pair, pairs};
use crate::{
	chain::{Chain, account, as_root},
	coverage::live_window,
	field::{four_devices, next_heard, statement_bundle},
	referenda::propose,
};

/// Its state after a block.
pub(super) fn state() -> Vec<Pair> {
	let mut chain = Chain::development();
	let devices = four_devices(&mut chain);
	let challenged: usize = (0..6).map(|_| live_window(&mut chain, &devices)).sum();
	assert!(challenged > 0, "no device worked");
	begin_governance(&mut chain);
	let (_, groups) = next_heard(&mut chain, &devices);
	assert_ok!(chain.submit(Alice, statement_bundle(groups)));
	chain.check();
	chain.with(pairs)
}

/// A referendum with votes, a call that waits, a schedule of vesting, and code that may be applied.
fn begin_governance(chain: &mut Chain) {
	let remark: RuntimeCall = frame_system::Call::remark { remark: vec![1; 200] }.into();
	propose(chain, Origin::Signal, remark.clone());
	let schedule = pallet_vesting::VestingInfo::new(1_000 * GRM, GRM, 1);
	chain.act(|| {
		let (source, target) = (account(Charlie).into(), account(Bob).into());
		as_root(pallet_vesting::Call::force_vested_transfer { source, target, schedule });
		let when = System::block_number() + 100_000;
		as_root(pallet_scheduler::Call::schedule {
			when,
			maybe_periodic: None,
			priority: 63,
			call: Box::new(remark),
		});
		let code_hash = groma_runtime::Hash::repeat_byte(7);
		assert_ok!(groma_runtime::Upgrades::authorize(RuntimeOrigin::root(), code_hash));
	});
}
