//! Addresses: one payer each, whatever is allotted and taken back.

use frame_support::{assert_noop, assert_ok};
use groma_core::{protocol::RANGES_PER_PAYER_MAX, words::DevAddr};
use proptest::prelude::*;
use sp_runtime::DispatchError;

use crate::{Error, Event, GenesisConfig, mock::*};

fn payer_of(address: u32) -> Option<AccountId> {
	Routes::payer_of_address(DevAddr::from_number(address))
}

#[test]
fn addresses_are_the_payers_until_they_are_taken_back() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(allot(PAYER, 0x100, 0x1ff));
		let (payer, range) = (PAYER, range(0x100, 0x1ff));
		System::assert_last_event(Event::AddressesAllotted { payer, range, version: 1 }.into());
		assert_eq!(
			[0xff, 0x100, 0x180, 0x1ff, 0x200].map(payer_of),
			[None, Some(PAYER), Some(PAYER), Some(PAYER), None]
		);
		assert_ok!(take_back(PAYER, 0x100, 0x1ff));
		System::assert_last_event(Event::AddressesTakenBack { payer, range, version: 2 }.into());
		assert_eq!(payer_of(0x180), None);
		assert_ok!(allot(STRANGER, 0x180, 0x280));
	});
}

#[test]
fn overlapping_ranges_are_refused() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(allot(PAYER, 0x100, 0x1ff));
		assert_ok!(allot(PAYER, 0x400, 0x400));
		for (first, last) in [
			(0x100, 0x1ff),
			(0x0, 0x100),
			(0x1ff, 0x200),
			(0x110, 0x120),
			(0x0, 0x01ff_ffff),
			(0x200, 0x400),
			(0x400, 0x500),
			(0x400, 0x400),
		] {
			for payer in [PAYER, STRANGER] {
				assert_noop!(allot(payer, first, last), Error::<Test>::RangeTaken);
			}
		}
		assert_ok!(allot(STRANGER, 0x200, 0x3ff));
		assert_ok!(allot(STRANGER, 0x0, 0xff));
		assert_ok!(allot(STRANGER, 0x401, 0x01ff_ffff));
	});
}

#[test]
fn range_lies_in_the_block_of_one_net_id() {
	ExtBuilder::default().build_and_execute(|| {
		for (first, last) in [
			(1, 0),
			(0x01ff_ffff, 0x0200_0000),
			(0, u32::MAX),
			(0xfc00_07ff, 0xfc00_0800),
			(0xfe00_0000, 0xff00_0000),
			(0xff00_0000, 0xff00_0001),
			(u32::MAX, u32::MAX),
		] {
			assert_noop!(allot(PAYER, first, last), Error::<Test>::InvalidRange);
		}
		assert_ok!(allot(PAYER, 0x0200_0000, 0x03ff_ffff));
		assert_ok!(allot(PAYER, 0xfc00_0400, 0xfc00_07ff));
	});
}

#[test]
fn range_is_taken_back_as_a_whole_and_from_its_payer() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(allot(PAYER, 0x100, 0x1ff));
		for (payer, first, last) in
			[(STRANGER, 0x100, 0x1ff), (PAYER, 0x100, 0x1fe), (PAYER, 0x101, 0x1ff), (PAYER, 0, 1)]
		{
			assert_noop!(take_back(payer, first, last), Error::<Test>::NotAllotted);
		}
	});
}

#[test]
fn ranges_of_a_payer_are_bounded() {
	ExtBuilder::default().build_and_execute(|| {
		for n in 0..RANGES_PER_PAYER_MAX {
			assert_ok!(allot(PAYER, 8 * n, 8 * n + 7));
		}
		let next = 8 * RANGES_PER_PAYER_MAX;
		assert_noop!(allot(PAYER, next, next + 7), Error::<Test>::TooManyRanges);
		assert_ok!(allot(STRANGER, next, next + 7));
	});
}

#[test]
fn only_governance_allots_and_takes_back() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(allot(PAYER, 0x100, 0x1ff));
		let signed = RuntimeOrigin::signed;
		let allot = || Routes::allot_addresses(signed(PAYER), PAYER, range(0, 1));
		assert_noop!(allot(), DispatchError::BadOrigin);
		let take = || Routes::take_back_addresses(signed(PAYER), PAYER, range(0x100, 0x1ff));
		assert_noop!(take(), DispatchError::BadOrigin);
	});
}

#[test]
fn genesis_allots() {
	let allotments = vec![(PAYER, range(0, 0xff)), (STRANGER, range(0x100, 0x1ff))];
	let genesis = GenesisConfig { allotments, ..Default::default() };
	ExtBuilder { genesis }.build_and_execute(|| {
		assert_eq!([0, 0xff, 0x100].map(payer_of), [Some(PAYER), Some(PAYER), Some(STRANGER)]);
	});
}

#[test]
#[should_panic(expected = "cannot be allotted")]
fn genesis_with_overlapping_ranges_founds_no_chain() {
	let allotments = vec![(PAYER, range(0, 0xff)), (STRANGER, range(0xff, 0x1ff))];
	ExtBuilder { genesis: GenesisConfig { allotments, ..Default::default() } }.build();
}

/// Addresses of the model: near the border of two blocks, so that some ranges cross it.
const FIRST: u32 = 0x01ff_ff80;
const BORDER: usize = 0x80;
const ADDRESSES: usize = 0x100;

#[derive(Clone, Debug)]
enum Action {
	Allot { payer: AccountId, from: usize, count: usize },
	TakeBack { payer: AccountId, from: usize, count: usize },
	TakeBackKnown { which: prop::sample::Index },
}

fn action() -> impl Strategy<Value = Action> {
	let payer = || 10u64..14;
	let count = || prop_oneof![4 => 1usize..9, 1 => 1usize..64];
	prop_oneof![
		6 => (payer(), 0..ADDRESSES, count())
			.prop_map(|(payer, from, count)| Action::Allot { payer, from, count }),
		1 => (payer(), 0..ADDRESSES, count())
			.prop_map(|(payer, from, count)| Action::TakeBack { payer, from, count }),
		3 => any::<prop::sample::Index>().prop_map(|which| Action::TakeBackKnown { which }),
	]
}

/// What should be true, address by address.
struct Model {
	payers: [Option<AccountId>; ADDRESSES],
	ranges: Vec<(AccountId, usize, usize)>,
}

impl Model {
	fn allot(&mut self, payer: AccountId, from: usize, count: usize) -> bool {
		let end = from + count;
		let crosses = from < BORDER && end > BORDER;
		let of_payer = self.ranges.iter().filter(|known| known.0 == payer).count();
		let is_allotted = end <= ADDRESSES
			&& !crosses
			&& of_payer < RANGES_PER_PAYER_MAX as usize
			&& self.payers[from..end].iter().all(Option::is_none);
		if is_allotted {
			self.payers[from..end].fill(Some(payer));
			self.ranges.push((payer, from, count));
		}
		is_allotted
	}

	fn take_back(&mut self, payer: AccountId, from: usize, count: usize) -> bool {
		let place = self.ranges.iter().position(|known| *known == (payer, from, count));
		if let Some(place) = place {
			self.ranges.remove(place);
			self.payers[from..from + count].fill(None);
		}
		place.is_some()
	}

	fn perform(&mut self, action: Action) {
		let number = |place: usize| FIRST + place as u32;
		match action {
			Action::Allot { payer, from, count } if from + count <= ADDRESSES => {
				let done = allot(payer, number(from), number(from + count - 1)).is_ok();
				assert_eq!(done, self.allot(payer, from, count));
			}
			Action::TakeBack { payer, from, count } if from + count <= ADDRESSES => {
				let done = take_back(payer, number(from), number(from + count - 1)).is_ok();
				assert_eq!(done, self.take_back(payer, from, count));
			}
			Action::TakeBackKnown { which } if !self.ranges.is_empty() => {
				let (payer, from, count) = *which.get(&self.ranges);
				assert_ok!(take_back(payer, number(from), number(from + count - 1)));
				assert!(self.take_back(payer, from, count));
			}
			_ => (),
		}
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(128))]

	#[test]
	fn no_two_ranges_ever_overlap(actions in proptest::collection::vec(action(), 1..120)) {
		ExtBuilder::default().build().execute_with(|| {
			let mut model = Model { payers: [None; ADDRESSES], ranges: Vec::new() };
			for action in actions {
				model.perform(action);
				check();
			}
			for (place, payer) in model.payers.iter().enumerate() {
				assert_eq!(payer_of(FIRST + place as u32), *payer, "address {place}");
			}
		});
	}
}
