//! A runtime of this pallet alone, with two networks whose devices are a number. Calls that carry
//! evidence are remarks that begin with a letter.

#![allow(unreachable_pub, reason = "the test runtime is public within a private module")]

use frame_support::{
	derive_impl, parameter_types,
	traits::{Hooks, Time},
};
use groma_core::{
	NetworkId, WindowIndex,
	terms::{NetworkStatus, NetworkTerms},
	units::Scale,
	words::Hash,
};
use groma_traits::{ActiveDevices, ChallengeCost, EvidenceCalls, Load, Networks, Windows};
use sp_runtime::{BuildStorage, Perbill};

use crate::CurrentWindow;

type Block = frame_system::mocking::MockBlock<Test>;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(RuntimeCall, RuntimeEvent, RuntimeError, RuntimeOrigin, RuntimeTask)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system::Pallet<Test>;
	#[runtime::pallet_index(1)]
	pub type Challenges = crate::Pallet<Test>;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
}

/// The first network of the mock.
pub(crate) const NETWORK: NetworkId = 0;
/// A second one, whose devices are never challenged.
pub(crate) const IDLE_NETWORK: NetworkId = 1;
/// Expected windows between two challenges: every device is challenged in every window.
pub(crate) const EVERY_WINDOW: u32 = 1;
/// The window in which a test begins.
pub(crate) const START: WindowIndex = 100;

parameter_types! {
	pub storage WindowBlocks: u32 = 10;
	pub storage LaneShare: Perbill = Perbill::from_percent(50);
	pub storage LaneFill: Perbill = Perbill::from_percent(60);
	pub storage ParentRandomness: Option<Hash> = Some([1; 32]);
	pub storage ActiveCount: u32 = 4;
	pub storage LaneWeight: Scale = Scale::ONE;
	pub storage Status: NetworkStatus = NetworkStatus::Open;
	pub storage Cost: (u64, u32) = (1_000_000, 10);
}

/// The clock of the mock: six seconds per block.
pub struct MockTime;
impl Time for MockTime {
	type Moment = u64;
	fn now() -> u64 {
		System::block_number().saturating_sub(1) * 6_000
	}
}

/// Two networks on the same terms.
pub struct MockNetworks;
impl Networks for MockNetworks {
	fn terms(network: NetworkId) -> Option<NetworkTerms> {
		Self::ids().contains(&network).then(|| {
			let mut terms = NetworkTerms::default();
			terms.lottery.interval_windows = EVERY_WINDOW;
			terms.lottery.lane_share = LaneWeight::get();
			terms
		})
	}

	fn status(network: NetworkId) -> Option<NetworkStatus> {
		Self::ids().contains(&network).then(Status::get)
	}

	fn founded_ms(network: NetworkId) -> Option<u64> {
		Self::ids().contains(&network).then_some(0)
	}

	fn ids() -> Vec<NetworkId> {
		vec![NETWORK, IDLE_NETWORK]
	}
}

/// As many devices as a test says.
pub struct MockDevices;
impl ActiveDevices for MockDevices {
	fn active_count(_: NetworkId) -> u32 {
		ActiveCount::get()
	}
}

/// What a test says that a challenge costs.
pub struct MockCost;
impl ChallengeCost for MockCost {
	fn of(network: NetworkId) -> Load {
		let (ref_time, length) = Cost::get();
		if network == NETWORK { Load { ref_time, length } } else { Load::default() }
	}
}

/// A kind of proof whose evidence are remarks that begin with a letter; those in capitals have
/// prospects.
pub struct Remarks<const LETTER: u8>;
impl<const LETTER: u8> EvidenceCalls<RuntimeCall> for Remarks<LETTER> {
	fn is_evidence(call: &RuntimeCall) -> bool {
		first_letter(call).is_some_and(|letter| letter.eq_ignore_ascii_case(&LETTER))
	}

	fn has_prospects(call: &RuntimeCall, is_signed: bool) -> bool {
		is_signed && first_letter(call) == Some(LETTER.to_ascii_uppercase())
	}
}

fn first_letter(call: &RuntimeCall) -> Option<u8> {
	match call {
		RuntimeCall::System(frame_system::Call::remark { remark }) => remark.first().copied(),
		_ => None,
	}
}

impl crate::Config for Test {
	type WindowBlocks = WindowBlocks;
	type LaneFill = LaneFill;
	type LaneShare = LaneShare;
	type SlotDuration = frame_support::traits::ConstU64<6_000>;
	type Randomness = ParentRandomness;
	type Time = MockTime;
	type Networks = MockNetworks;
	type Devices = MockDevices;
	type ChallengeCost = MockCost;
	type Evidence = (Remarks<b'a'>, Remarks<b'b'>);
	type WeightInfo = ();
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
			CurrentWindow::<Test>::mutate(|clock| clock.index = START - 1);
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
