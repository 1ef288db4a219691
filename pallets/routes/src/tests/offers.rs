//! Offers of devices, of owners that stay, change and go.

use frame_support::{assert_noop, assert_ok};
use groma_core::route::Offer;
use groma_fakes::{DeviceViews, START, alter_device, alter_network};
use sp_runtime::TokenError;

use crate::{Error, Event, Offers, mock::*};

/// Sells [`DEVICE`] to another account.
fn sell_to(owner: AccountId) {
	alter_device::<AccountId>(DEVICE, START, |view| view.owner = owner);
}

/// Takes [`DEVICE`] out of the registry.
fn remove_device() {
	DeviceViews::<AccountId>::remove(DEVICE);
}

fn is_current(service: u8) -> Option<bool> {
	let offers = Routes::offers(None, 9).offers;
	offers.iter().find(|it| it.offer.service == service).map(|it| it.is_current)
}

#[test]
fn owner_sets_changes_and_removes_an_offer() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(set_offer(OWNER, offer(0)));
		let set = Event::OfferSet { device: DEVICE, owner: OWNER, offer: offer(0), version: 1 };
		System::assert_last_event(set.into());
		assert_ok!(set_offer(OWNER, offer(1)));
		assert_eq!(free(OWNER), GENESIS - 2 * OFFER_DEPOSIT);
		let other = Offer { credits_per_unit: 100, ..offer(0) };
		assert_ok!(set_offer(OWNER, other.clone()));
		assert_eq!(free(OWNER), GENESIS - 2 * OFFER_DEPOSIT, "an offer has one deposit");
		let listed = Routes::offers(None, 9).offers;
		assert!(listed.len() == 2 && listed.iter().any(|it| it.offer == other));

		assert_ok!(remove_offer(OWNER, 0));
		let removed = Event::OfferRemoved { device: DEVICE, service: 0, version: 4 };
		System::assert_last_event(removed.into());
		assert_noop!(remove_offer(OWNER, 0), Error::<Test>::NoOffer);
		assert_ok!(remove_offer(OWNER, 1));
		assert_eq!(free(OWNER), GENESIS);
		assert!(!Offers::<Test>::contains_key(DEVICE));
	});
}

#[test]
fn offer_is_set_by_the_owner_of_a_device_that_is_there() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(set_offer(STRANGER, offer(0)), Error::<Test>::NotOwner);
		remove_device();
		assert_noop!(set_offer(OWNER, offer(0)), Error::<Test>::UnknownDevice);
	});
}

#[test]
fn offer_is_within_the_terms_of_its_service() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(set_offer(OWNER, offer(2)), Error::<Test>::UnknownService);
		for credits_per_unit in [0, 9, 101, u64::MAX] {
			let offer = Offer { credits_per_unit, ..offer(0) };
			assert_noop!(set_offer(OWNER, offer), Error::<Test>::PriceOutsideTerms);
		}
		for units_per_second in [0, 9, u64::MAX] {
			let offer = Offer { units_per_second, ..offer(0) };
			assert_noop!(set_offer(OWNER, offer), Error::<Test>::CapacityOutsideTerms);
		}
		let bounds = Offer { credits_per_unit: 10, units_per_second: 8, ..offer(0) };
		assert_ok!(set_offer(OWNER, bounds));
	});
}

#[test]
fn offer_outside_of_new_terms_is_not_current() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(set_offer(OWNER, offer(0)));
		assert_eq!(is_current(0), Some(true));
		alter_network(COMPUTE, |network| {
			for service in network.terms.services.iter_mut() {
				service.credits_per_unit_max = 49;
			}
		});
		assert_eq!(is_current(0), Some(false));
		// It is the owner's all the same: a vote may change the terms again.
		assert_noop!(remove_offer(STRANGER, 0), Error::<Test>::NotOwner);
		assert_ok!(remove_offer(OWNER, 0));
	});
}

#[test]
fn offer_of_a_former_owner_is_removed_by_anyone_and_its_deposit_goes_back() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(set_offer(OWNER, offer(0)));
		assert_noop!(remove_offer(STRANGER, 0), Error::<Test>::NotOwner);
		sell_to(STRANGER);
		assert_eq!(is_current(0), Some(false));
		assert_ok!(remove_offer(20, 0));
		assert_eq!((free(OWNER), free(STRANGER), free(20)), (GENESIS, GENESIS, GENESIS));
	});
}

#[test]
fn former_owner_removes_its_offer() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(set_offer(OWNER, offer(0)));
		sell_to(STRANGER);
		assert_ok!(remove_offer(OWNER, 0));
		assert_eq!(free(OWNER), GENESIS);
	});
}

#[test]
fn next_owner_replaces_the_offer_of_the_former() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(set_offer(OWNER, offer(0)));
		sell_to(STRANGER);
		assert_noop!(set_offer(OWNER, offer(0)), Error::<Test>::NotOwner);
		assert_ok!(set_offer(STRANGER, offer(0)));
		assert_eq!((free(OWNER), free(STRANGER)), (GENESIS, GENESIS - OFFER_DEPOSIT));
		assert_eq!(is_current(0), Some(true));
		// Back to who had it first: nothing of its old deposit is left.
		sell_to(OWNER);
		assert_ok!(set_offer(OWNER, offer(0)));
		assert_eq!((free(OWNER), free(STRANGER)), (GENESIS - OFFER_DEPOSIT, GENESIS));
	});
}

#[test]
fn offer_of_a_removed_device_is_removed_by_anyone() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(set_offer(OWNER, offer(0)));
		remove_device();
		assert_eq!(is_current(0), Some(false));
		assert_ok!(remove_offer(STRANGER, 0));
		assert_eq!(free(OWNER), GENESIS);
	});
}

#[test]
fn owner_without_the_deposit_offers_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		sell_to(99);
		assert_noop!(set_offer(99, offer(0)), TokenError::FundsUnavailable);
	});
}
