use codec::Encode;
use frame_support::{
	assert_ok,
	dispatch::{DispatchClass, DispatchInfo, GetDispatchInfo, Pays, PostDispatchInfo},
	pallet_prelude::{InvalidTransaction, TransactionSource, TransactionValidityError},
	weights::Weight,
};
use sp_runtime::{
	Perbill,
	traits::{DispatchTransaction, Get, TransactionExtension, TxBaseImplication},
};

use super::*;
use crate::{EvidenceLane, LaneUse, Track};

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

#[test]
fn evidence_keeps_its_share_when_others_fill_theirs() {
	ExtBuilder.build_and_execute(|| {
		let half = info_of(Perbill::from_percent(50));
		assert_ok!(book(&remark(), &half, 10));
		assert_ok!(book(&remark(), &half, 10));
		assert_eq!(book(&remark(), &half, 10), exhausted());
		assert_ok!(book(&evidence(), &half, 10));
		assert_ok!(book(&evidence(), &half, 10));
		assert_eq!(book(&evidence(), &half, 10), exhausted());
		next_block();
		assert!(!LaneUse::<Test>::exists());
		assert_ok!(book(&evidence(), &half, 10));
	});
}

#[test]
fn lane_bounds_the_length_too() {
	ExtBuilder.build_and_execute(|| {
		let most = EvidenceLane::<Test>::limit(Track::Evidence).length as usize;
		let info = DispatchInfo::default();
		assert_eq!(book(&evidence(), &info, most + 1), exhausted());
		assert_ok!(book(&evidence(), &info, most));
		assert_eq!(book(&evidence(), &info, 1), exhausted());
		assert_ok!(book(&remark(), &info, 1));
	});
}

#[test]
fn unused_weight_is_given_back() {
	ExtBuilder.build_and_execute(|| {
		let info = info_of(Perbill::from_percent(100));
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
		assert_ok!(book(&evidence(), &info_of(Perbill::from_percent(90)), 10));
	});
}

/// What the lane says to the transaction pool about a call.
fn priority(call: impl Into<RuntimeCall>, origin: RuntimeOrigin) -> u64 {
	validated(call.into(), origin, TransactionSource::External)
}

fn validated(call: RuntimeCall, origin: RuntimeOrigin, source: TransactionSource) -> u64 {
	let info = call.get_dispatch_info();
	let length = call.encoded_size();
	EvidenceLane::<Test>::new()
		.validate(origin, &call, &info, length, (), &TxBaseImplication(()), source)
		.expect("valid")
		.0
		.priority
}

fn somebody() -> RuntimeOrigin {
	RuntimeOrigin::signed(1)
}

#[test]
fn no_tip_outbids_evidence_that_may_bring_something() {
	ExtBuilder.build_and_execute(|| {
		for (text, expected) in [("A", u64::MAX), ("B", u64::MAX), ("a", 0), ("b", 0), ("C", 0)] {
			assert_eq!(priority(remark_of(text), somebody()), expected, "{text}");
		}
		assert_eq!(priority(evidence(), RuntimeOrigin::none()), 0);
	});
}

#[test]
fn nothing_is_looked_up_for_a_priority_within_a_block() {
	ExtBuilder.build_and_execute(|| {
		assert_eq!(validated(evidence(), somebody(), TransactionSource::InBlock), 0);
	});
}

#[test]
fn operational_calls_pass_beside_the_lane() {
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
		let half = info_of(Perbill::from_percent(50));
		for (text, expected) in [("a", Ok(())), ("B", Ok(())), ("b", exhausted()), ("c", Ok(()))] {
			assert_eq!(book(&remark_of(text), &half, 10).map(drop), expected, "{text}");
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
