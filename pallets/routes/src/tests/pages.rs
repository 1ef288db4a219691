//! Pages, and the numbers of changes.

use frame_support::assert_ok;
use groma_core::{DeviceId, api::RouteVersions, protocol::LIST_LENGTH_MAX};
use groma_fakes::put_device;

use crate::{Changes, HeldRoute, PayerRecord, Payers, mock::*};

/// Reads all pages of so many payers, and returns how many pages they were.
fn read_all(limit: u32) -> (Vec<AccountId>, usize) {
	let (mut payers, mut pages, mut after) = (Vec::new(), 0, None);
	loop {
		let page = Routes::routes(after, limit);
		payers.extend(page.routes.iter().map(|info| info.payer));
		pages += 1;
		after = page.next;
		if after.is_none() {
			payers.sort_unstable();
			return (payers, pages);
		}
	}
}

#[test]
fn pages_have_every_payer_once() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(read_all(5), (vec![], 1));
		for payer in ACCOUNTS {
			assert_ok!(set_route(payer, payer, "router.example.com:9000"));
		}
		let all: Vec<_> = ACCOUNTS.collect();
		assert_eq!(all.len(), 18);
		for (limit, pages) in [(1, 18), (5, 4), (6, 3), (17, 2), (18, 1), (19, 1), (u32::MAX, 1)] {
			assert_eq!(read_all(limit), (all.clone(), pages), "{limit}");
		}
		// 0 counts as 1: a page without payers would be the end.
		assert_eq!(read_all(0), (all, 18));
	});
}

#[test]
fn page_is_bounded_whatever_is_asked_for() {
	// Without balances: only what is listed counts here.
	ExtBuilder::default().build().execute_with(|| {
		let held = HeldRoute { route: route("router.example.com:9000"), deposit: 0 };
		let record = PayerRecord { route: Some(held), ..Default::default() };
		let count = LIST_LENGTH_MAX + 10;
		(0..u64::from(count)).for_each(|payer| Payers::<Test>::insert(payer, &record));
		let page = Routes::routes(None, u32::MAX);
		assert_eq!(page.routes.len() as u32, LIST_LENGTH_MAX);
		let rest = Routes::routes(page.next, u32::MAX);
		assert_eq!((rest.routes.len(), rest.next), (10, None));
	});
}

#[test]
fn page_goes_on_after_a_payer_that_is_gone() {
	ExtBuilder::default().build_and_execute(|| {
		for payer in ACCOUNTS {
			assert_ok!(set_route(payer, payer, "router.example.com:9000"));
		}
		let first = Routes::routes(None, 9);
		let last = first.next.expect("nine more follow");
		assert_ok!(remove_route(last));
		let second = Routes::routes(Some(last), 9);
		assert_eq!((second.routes.len(), second.next), (9, None));
	});
}

#[test]
fn offers_are_paged_by_device() {
	ExtBuilder::default().build_and_execute(|| {
		let signed = RuntimeOrigin::signed;
		for device in 100..110 {
			put_device(device, device_of(OWNER));
			assert_ok!(Routes::set_offer(signed(OWNER), device, offer(0)));
			assert_ok!(Routes::set_offer(signed(OWNER), device, offer(1)));
		}
		let (mut listed, mut after): (Vec<(DeviceId, u8)>, _) = (Vec::new(), None);
		let mut pages = 0;
		loop {
			let page = Routes::offers(after, 4);
			assert!(page.offers.iter().all(|it| it.is_current && it.owner == OWNER));
			listed.extend(page.offers.iter().map(|it| (it.device, it.offer.service)));
			pages += 1;
			after = page.next;
			if after.is_none() {
				break;
			}
		}
		listed.sort_unstable();
		let all: Vec<_> = (100..110).flat_map(|device| [(device, 0), (device, 1)]).collect();
		assert_eq!((listed, pages), (all, 3));
	});
}

#[test]
fn every_change_has_the_next_number() {
	ExtBuilder::default().build_and_execute(|| {
		let versions = || Routes::versions().map(|it| (it.routes, it.offers));
		assert_eq!(Routes::versions(), Some(RouteVersions::default()));
		assert_ok!(set_route(PAYER, PAYER, "router.example.com:9000"));
		assert_ok!(allot(PAYER, 0, 7));
		assert_ok!(claim(PAYER, 1));
		assert_eq!(versions(), Some((3, 0)));
		assert_ok!(set_offer(OWNER, offer(0)));
		assert_eq!(versions(), Some((3, 1)));
		// What fails is no change.
		assert!(claim(PAYER, 1).is_err());
		assert_ok!(release(PAYER, 1));
		assert_ok!(take_back(PAYER, 0, 7));
		assert_ok!(remove_offer(OWNER, 0));
		assert_eq!(versions(), Some((5, 2)));
		assert_eq!(Routes::routes(None, 1).version, Some(5));
		assert_eq!(Routes::offers(None, 1).version, Some(2));
		assert!(Changes::<Test>::exists());
	});
}
