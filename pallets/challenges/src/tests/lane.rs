use codec::Encode;
use frame_support::{
	assert_ok,
	dispatch::{DispatchClass, DispatchInfo, GetDispatchInfo, Pays, PostDispatchInfo},
	pallet_prelude::{
		InvalidTransaction, TransactionSource, TransactionValidityError, ValidTransaction,
	},
	traits::Hooks,
	weights::Weight,
};
use groma_core::protocol::{BUNDLE_LONGEVITY_MAX, BUNDLES_PER_LANE};
use sp_runtime::{
	Perbill,
	traits::{DispatchTransaction, Get, TransactionExtension, TxBaseImplication},
};

use super::*;
use crate::{BUNDLE_PRIORITY, EvidenceLane, LaneUse, OWN_CALL_PRIORITY, Track};

fn evidence() -> RuntimeCall {
	remark_of("A")
}

fn remark() -> RuntimeCall {
	remark_of("")
}

fn remark_of(text: &str) -> RuntimeCall {
	frame_system::Call::remark { remark: text.into() }.into()
}

fn base_weight() -> Weight {
	let weights: frame_system::limits::BlockWeights =
		<Test as frame_system::Config>::BlockWeights::get();
	weights.get(DispatchClass::Normal).base_extrinsic
}

/// A transaction that takes a share of what the whole normal class may take.
fn info_of(share: Perbill) -> DispatchInfo {
	let whole = EvidenceLane::<Test>::limit(Track::Evidence).ref_time;
	let call_weight = Weight::from_parts(share.mul_floor(whole), 0).saturating_sub(base_weight());
	DispatchInfo { call_weight, ..Default::default() }
}

fn book(
	call: &RuntimeCall,
	info: &DispatchInfo,
	len: usize,
) -> Result<Option<crate::Booking>, TransactionValidityError> {
	EvidenceLane::<Test>::new()
		.validate_and_prepare(RuntimeOrigin::signed(1), call, info, len, 0)
		.map(|(pre, _)| pre)
}

fn exhausted<T>() -> Result<T, TransactionValidityError> {
	Err(InvalidTransaction::ExhaustsResources.into())
}

/// Fills the lane with as many of the largest bundles as fit.
fn fill_the_lane() {
	let quarter = info_of(Perbill::from_percent(25));
	(0..BUNDLES_PER_LANE).for_each(|_| {
		assert_ok!(book(&evidence(), &quarter, 10));
	});
}

#[test]
fn evidence_keeps_its_share_when_others_fill_theirs() {
	ExtBuilder.build_and_execute(|| {
		let half = info_of(Perbill::from_percent(50));
		assert_ok!(book(&remark(), &half, 10));
		assert_ok!(book(&remark(), &half, 10));
		assert_eq!(book(&remark(), &half, 10), exhausted());
		fill_the_lane();
		let little = info_of(Perbill::from_percent(1));
		assert_eq!(book(&evidence(), &little, 10), exhausted());
		next_block();
		assert!(!LaneUse::<Test>::exists());
		assert_ok!(book(&evidence(), &little, 10));
	});
}

#[test]
fn lane_bounds_the_length_too() {
	ExtBuilder.build_and_execute(|| {
		let limit = EvidenceLane::<Test>::limit(Track::Evidence).length;
		let most = (limit / BUNDLES_PER_LANE) as usize;
		let info = DispatchInfo::default();
		assert_eq!(book(&evidence(), &info, most + 1), exhausted());
		(0..BUNDLES_PER_LANE).for_each(|_| {
			assert_ok!(book(&evidence(), &info, most));
		});
		assert_eq!(book(&evidence(), &info, BUNDLES_PER_LANE as usize), exhausted());
		assert_ok!(book(&remark(), &info, 1));
	});
}

#[test]
fn largest_other_transaction_fits_beside_the_lane() {
	ExtBuilder.build_and_execute(|| {
		LargestOther::set(&EvidenceLane::<Test>::limit(Track::Other));
		Challenges::integrity_test();
	});
}

#[test]
#[should_panic(expected = "no block takes more than")]
fn largest_other_transaction_is_refused_when_the_lane_leaves_too_little() {
	ExtBuilder.build_and_execute(|| {
		LargestOther::set(&EvidenceLane::<Test>::limit(Track::Other));
		LaneShare::set(&Perbill::from_percent(51));
		Challenges::integrity_test();
	});
}

#[test]
fn bundle_declares_at_most_a_quarter_of_the_lane() {
	ExtBuilder.build_and_execute(|| {
		let quarter = EvidenceLane::<Test>::limit_of_one(Track::Evidence).ref_time;
		assert_eq!(quarter, EvidenceLane::<Test>::limit(Track::Evidence).ref_time / 4);
		let declaring = |ref_time| DispatchInfo {
			call_weight: Weight::from_parts(ref_time, 0),
			..Default::default()
		};
		assert_eq!(book(&evidence(), &declaring(quarter + 1), 10), exhausted());
		// What the extensions and the base of the transaction take comes on top.
		assert_ok!(book(&evidence(), &declaring(quarter), 10));
		assert_ok!(book(&remark(), &declaring(quarter + 1), 10));
	});
}

#[test]
fn unused_weight_is_given_back() {
	ExtBuilder.build_and_execute(|| {
		let info = info_of(Perbill::from_percent(25));
		let booking = book(&evidence(), &info, 10).expect("fits");
		let post_info =
			PostDispatchInfo { actual_weight: Some(Weight::from_parts(5, 0)), pays_fee: Pays::No };
		assert_ok!(EvidenceLane::<Test>::post_dispatch_details(
			booking,
			&info,
			&post_info,
			10,
			&Ok(())
		));
		assert_eq!(LaneUse::<Test>::get().evidence.ref_time, base_weight().ref_time() + 5);
		let most_of_a_quarter = info_of(Perbill::from_percent(24));
		(0..BUNDLES_PER_LANE).for_each(|_| {
			assert_ok!(book(&evidence(), &most_of_a_quarter, 10));
		});
	});
}

/// What the lane says to the transaction pool about a call.
fn priority(call: impl Into<RuntimeCall>, origin: RuntimeOrigin) -> u64 {
	validated(call.into(), origin, TransactionSource::External)
}

fn validated(call: RuntimeCall, origin: RuntimeOrigin, source: TransactionSource) -> u64 {
	validate(call, origin, source).expect("valid").priority
}

fn validate(
	call: RuntimeCall,
	origin: RuntimeOrigin,
	source: TransactionSource,
) -> Result<ValidTransaction, TransactionValidityError> {
	let info = call.get_dispatch_info();
	let length = call.encoded_size();
	EvidenceLane::<Test>::new()
		.validate(origin, &call, &info, length, (), &TxBaseImplication(()), source)
		.map(|(validity, ..)| validity)
}

fn somebody() -> RuntimeOrigin {
	RuntimeOrigin::signed(1)
}

#[test]
fn bundles_that_may_bring_something_come_first() {
	ExtBuilder.build_and_execute(|| {
		let first = BUNDLE_PRIORITY;
		for (text, expected) in [("A", first), ("B", first), ("a", 0), ("b", 0), ("C", 0)] {
			assert_eq!(priority(remark_of(text), somebody()), expected, "{text}");
		}
		assert_eq!(priority(evidence(), RuntimeOrigin::none()), OWN_CALL_PRIORITY);
		assert_eq!(priority(remark(), RuntimeOrigin::none()), 0);
	});
}

#[test]
fn bundle_waits_a_few_blocks() {
	ExtBuilder.build_and_execute(|| {
		let longevity = |text, origin| {
			validate(remark_of(text), origin, TransactionSource::External).expect("valid").longevity
		};
		assert_eq!(longevity("A", somebody()), BUNDLE_LONGEVITY_MAX);
		assert_eq!(longevity("a", somebody()), BUNDLE_LONGEVITY_MAX);
		// A device's own call says itself for how long it waits.
		assert_eq!(longevity("A", RuntimeOrigin::none()), u64::MAX);
		assert_eq!(longevity("", somebody()), u64::MAX);
	});
}

#[test]
fn stale_bundle_is_left_out_in_the_pool_and_in_blocks() {
	ExtBuilder.build_and_execute(|| {
		for source in
			[TransactionSource::External, TransactionSource::Local, TransactionSource::InBlock]
		{
			let stale = |text, origin| {
				validate(remark_of(text), origin, source) == Err(InvalidTransaction::Stale.into())
			};
			assert!(stale("A?", somebody()) && stale("b?", somebody()));
			assert!(!stale("A", somebody()) && !stale("?", somebody()));
			// What is proven already, outside of the lane.
			assert!(stale("!a", somebody()) && stale("!b", somebody()));
			assert!(!stale("!c", somebody()) && !stale("!a", RuntimeOrigin::none()));
			assert!(!stale("A?", RuntimeOrigin::none()), "no one pays for an own call");
		}
		assert!(book(&remark_of("A?"), &DispatchInfo::default(), 10).is_err());
		assert!(!LaneUse::<Test>::exists());
	});
}

#[test]
fn look_whether_a_bundle_is_stale_is_weighed_by_what_it_carries() {
	ExtBuilder.build_and_execute(|| {
		let weight = |text| EvidenceLane::<Test>::new().weight(&remark_of(text)).ref_time();
		assert_eq!(weight("A1234") - weight("A"), 4);
		assert_eq!(weight("1234"), weight(""));
	});
}

#[test]
fn nothing_is_looked_up_for_a_priority_within_a_block() {
	ExtBuilder.build_and_execute(|| {
		assert_eq!(validated(evidence(), somebody(), TransactionSource::InBlock), 0);
	});
}

#[test]
fn operational_calls_pass_outside_of_the_lane() {
	ExtBuilder.build_and_execute(|| {
		let info = DispatchInfo {
			class: DispatchClass::Operational,
			..info_of(Perbill::from_percent(100))
		};
		assert_eq!(book(&remark(), &info, 10), Ok(None));
		assert_eq!(book(&remark(), &info, usize::MAX), Ok(None));
		assert!(!LaneUse::<Test>::exists());
	});
}

#[test]
fn evidence_of_every_kind_has_the_same_lane() {
	ExtBuilder.build_and_execute(|| {
		let quarter = info_of(Perbill::from_percent(25));
		let texts = ["a", "B", "b", "A", "a", "c"];
		let taken = [true, true, true, true, false, true];
		for (text, is_taken) in texts.into_iter().zip(taken) {
			let expected = if is_taken { Ok(()) } else { exhausted() };
			assert_eq!(book(&remark_of(text), &quarter, 10).map(drop), expected, "{text}");
		}
	});
}

#[test]
fn bare_transactions_are_booked_as_others() {
	ExtBuilder.build_and_execute(|| {
		let half = info_of(Perbill::from_percent(50));
		let bare =
			|call: &RuntimeCall| EvidenceLane::<Test>::bare_validate_and_prepare(call, &half, 10);
		assert_ok!(bare(&remark()));
		assert_ok!(bare(&remark()));
		assert_eq!(bare(&remark()), exhausted());
	});
}
