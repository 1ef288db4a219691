//! A runtime of this pallet alone, with two networks whose devices are a number. Calls that carry
//! evidence are remarks that begin with a letter.

#![allow(unreachable_pub, reason = "the test runtime is public within a private module")]

use frame_support::{
	construct_runtime, derive_impl, parameter_types, traits::Hooks, weights::Weight,
};
use groma_core::{
	NetworkId, WindowIndex,
	terms::{LotteryTerms, NetworkTerms},
	words::Hash,
};
use groma_fakes::{Fakes, Network, alter_network, put_network};
use groma_traits::{ChallengeCost, EvidenceCalls, Load, Windows};
use sp_runtime::{BuildStorage, FixedPointNumber, FixedU128, Perbill, Perquintill, traits::One};

use crate::{self as pallet_challenges, CurrentWindow, FeeAdjustment};

pub(crate) use groma_fakes::{ActiveCount, CoveredDevices, START, StandsStill, WindowBlocks};

construct_runtime!(
	pub enum Test {
		System: frame_system,
		Challenges: pallet_challenges,
	}
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
}

/// The first network of the mock.
pub(crate) const NETWORK: NetworkId = 0;
/// A second one, whose devices are never challenged.
pub(crate) const IDLE_NETWORK: NetworkId = 1;
/// Expected windows between two challenges: every device is challenged in every window.
pub(crate) const EVERY_WINDOW: u32 = 1;

parameter_types! {
	pub storage LaneShare: Perbill = Perbill::from_percent(50);
	pub storage LargestOther: Load = Load::default();
	pub storage LaneFill: Perbill = Perbill::from_percent(60);
	pub storage ParentRandomness: Option<Hash> = Some([1; 32]);
	pub storage Cost: (u64, u32) = (1_000_000, 10);
}

parameter_types! {
	/// Fees that rise by a tenth per block above the target, and at most to double.
	pub Fees: FeeAdjustment = FeeAdjustment {
		target: Perquintill::from_percent(80),
		variability: FixedU128::saturating_from_rational(1, 2),
		minimum: FixedU128::one(),
		maximum: FixedU128::saturating_from_integer(2),
	};
}

/// What a test says that a challenge costs.
pub struct FakeCost;
impl ChallengeCost for FakeCost {
	fn of(network: NetworkId) -> Load {
		let (ref_time, length) = Cost::get();
		if network == NETWORK { Load { ref_time, length } } else { Load::default() }
	}
}

/// A kind of proof whose evidence are remarks that begin with a letter; those in capitals may bring
/// something new, and those that end in a question mark are stale. So is, outside of the lane, the
/// small letter after an exclamation mark.
pub struct Remarks<const LETTER: u8>;
impl<const LETTER: u8> EvidenceCalls<RuntimeCall> for Remarks<LETTER> {
	fn is_evidence(call: &RuntimeCall) -> bool {
		first_letter(call).is_some_and(|letter| letter.eq_ignore_ascii_case(&LETTER))
	}

	fn may_bring_new(call: &RuntimeCall, is_signed: bool) -> bool {
		is_signed && first_letter(call) == Some(LETTER.to_ascii_uppercase())
	}

	fn is_stale(call: &RuntimeCall) -> bool {
		let is_proven = text(call) == [b'!', LETTER];
		is_proven || Self::is_evidence(call) && text(call).ends_with(b"?")
	}

	fn staleness_weight(call: &RuntimeCall) -> Weight {
		let bytes = if Self::is_evidence(call) { text(call).len() as u64 } else { 0 };
		Weight::from_parts(bytes, 0)
	}
}

fn text(call: &RuntimeCall) -> &[u8] {
	match call {
		RuntimeCall::System(frame_system::Call::remark { remark }) => remark,
		_ => &[],
	}
}

fn first_letter(call: &RuntimeCall) -> Option<u8> {
	text(call).first().copied()
}

impl pallet_challenges::Config for Test {
	type WindowBlocks = WindowBlocks;
	type LaneFill = LaneFill;
	type LaneShare = LaneShare;
	type LargestOther = LargestOther;
	type SlotDuration = frame_support::traits::ConstU64<6_000>;
	type Randomness = ParentRandomness;
	type Time = Fakes<Test>;
	type Standstill = Fakes<Test>;
	type Networks = Fakes<Test>;
	type Devices = Fakes<Test>;
	type Provisions = Fakes<Test>;
	type ChallengeCost = FakeCost;
	type Evidence = (Remarks<b'a'>, Remarks<b'b'>);
	type FeeAdjustment = Fees;
	type WeightInfo = ();
}

/// Changes both networks.
pub(crate) fn alter_networks(change: impl Fn(&mut Network)) {
	for network in [NETWORK, IDLE_NETWORK] {
		alter_network(network, &change);
	}
}

/// Ends the present block and runs the hooks of the next.
pub(crate) fn next_block() {
	let now = System::block_number();
	Challenges::on_finalize(now);
	System::set_block_number(now + 1);
	ParentRandomness::set(&Some(sp_io::hashing::blake2_256(&now.to_le_bytes())));
	Challenges::on_initialize(now + 1);
}

/// Runs blocks until a window begins.
pub(crate) fn go_to(window: WindowIndex) {
	while Challenges::current() < window {
		next_block();
	}
}

/// A chain at the beginning of window [`START`].
pub(crate) struct ExtBuilder;

impl ExtBuilder {
	/// The chain.
	pub(crate) fn build(self) -> sp_io::TestExternalities {
		let storage = RuntimeGenesisConfig::default().build_storage().expect("genesis builds");
		let mut ext = sp_io::TestExternalities::new(storage);
		ext.execute_with(|| {
			System::set_block_number(1);
			let lottery = LotteryTerms { interval_windows: EVERY_WINDOW, ..Default::default() };
			let terms = NetworkTerms { lottery, ..Default::default() };
			for network in [NETWORK, IDLE_NETWORK] {
				put_network(network, terms.clone());
			}
			CurrentWindow::<Test>::mutate(|clock| {
				clock.as_mut().expect("genesis wrote it").index = START - 1;
			});
			go_to(START);
		});
		ext
	}

	/// Runs a test and checks the invariants behind it.
	pub(crate) fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			Challenges::on_finalize(System::block_number());
			Challenges::do_try_state().expect("the invariants hold");
			Challenges::integrity_test();
		});
	}
}
