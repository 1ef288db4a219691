use codec::Encode;
use frame_support::{
	assert_ok,
	dispatch::{DispatchClass, DispatchInfo, GetDispatchInfo, PostDispatchInfo},
	pallet_prelude::{InvalidTransaction, TransactionSource, TransactionValidityError},
	weights::Weight,
};
use sp_runtime::{
	Perbill,
	traits::{DispatchTransaction, Get, TransactionExtension, TxBaseImplication},
};

use super::*;
use crate::{Call, CoverageCalls, CoverageLane, LaneUse, Track};

fn coverage() -> RuntimeCall {
	Call::submit_reveals { reveals: BoundedVec::truncate_from(vec![reveal(START, 0)]) }.into()
}

fn remark() -> RuntimeCall {
	frame_system::Call::remark { remark: vec![] }.into()
}

fn base_weight() -> Weight {
	let weights: frame_system::limits::BlockWeights =
		<Test as frame_system::Config>::BlockWeights::get();
	weights.get(DispatchClass::Normal).base_extrinsic
}

/// A transaction that takes a share of what the whole normal class may take.
fn info_of(share: Perbill) -> DispatchInfo {
	let whole = CoverageLane::<Test>::limit(Track::Coverage).ref_time;
	let call_weight = Weight::from_parts(share.mul_floor(whole), 0).saturating_sub(base_weight());
	DispatchInfo { call_weight, ..Default::default() }
}

fn book(
	call: &RuntimeCall,
	info: &DispatchInfo,
	len: usize,
) -> Result<Option<crate::Booking>, TransactionValidityError> {
	CoverageLane::<Test>::new()
		.validate_and_prepare(RuntimeOrigin::signed(account(1)), call, info, len, 0)
		.map(|(pre, _)| pre)
}

fn exhausted<T>() -> Result<T, TransactionValidityError> {
	Err(InvalidTransaction::ExhaustsResources.into())
}

#[test]
fn coverage_keeps_its_share_when_others_fill_theirs() {
	ExtBuilder::default().build_and_execute(|| {
		let half = info_of(Perbill::from_percent(50));
		assert_ok!(book(&remark(), &half, 10));
		assert_ok!(book(&remark(), &half, 10));
		assert_eq!(book(&remark(), &half, 10), exhausted());
		assert_ok!(book(&coverage(), &half, 10));
		assert_ok!(book(&coverage(), &half, 10));
		assert_eq!(book(&coverage(), &half, 10), exhausted());
		next_block();
		assert!(!LaneUse::<Test>::exists());
		assert_ok!(book(&coverage(), &half, 10));
	});
}

#[test]
fn lane_bounds_the_length_too() {
	ExtBuilder::default().build_and_execute(|| {
		let most = CoverageLane::<Test>::limit(Track::Coverage).length as usize;
		let info = DispatchInfo::default();
		assert_eq!(book(&coverage(), &info, most + 1), exhausted());
		assert_ok!(book(&coverage(), &info, most));
		assert_eq!(book(&coverage(), &info, 1), exhausted());
		assert_ok!(book(&remark(), &info, 1));
	});
}

#[test]
fn unused_weight_is_given_back() {
	ExtBuilder::default().build_and_execute(|| {
		let info = info_of(Perbill::from_percent(100));
		let booking = book(&coverage(), &info, 10).expect("fits");
		let post_info =
			PostDispatchInfo { actual_weight: Some(Weight::from_parts(5, 0)), pays_fee: Pays::No };
		assert_ok!(CoverageLane::<Test>::post_dispatch_details(
			booking,
			&info,
			&post_info,
			10,
			&Ok(())
		));
		assert_eq!(LaneUse::<Test>::get().coverage.ref_time, base_weight().ref_time() + 5);
		assert_ok!(book(&coverage(), &info_of(Perbill::from_percent(90)), 10));
	});
}

#[test]
fn no_tip_outbids_coverage() {
	ExtBuilder::default().build_and_execute(|| {
		let validity = |call: RuntimeCall| {
			CoverageLane::<Test>::new()
				.validate(
					RuntimeOrigin::signed(account(1)),
					&call,
					&call.get_dispatch_info(),
					call.encoded_size(),
					(),
					&TxBaseImplication(()),
					TransactionSource::External,
				)
				.expect("valid")
				.0
		};
		assert_eq!(validity(coverage()).priority, u64::MAX);
		assert_eq!(validity(remark()).priority, 0);
	});
}

#[test]
fn operational_calls_pass_beside_the_lane() {
	ExtBuilder::default().build_and_execute(|| {
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
fn only_bundles_and_own_calls_are_coverage() {
	ExtBuilder::default().build_and_execute(|| {
		assert!(coverage().is_coverage());
		assert!(!remark().is_coverage());
		assert!(!RuntimeCall::from(Call::expire_device { device: 0 }).is_coverage());
	});
}

#[test]
fn bare_transactions_are_booked_as_others() {
	ExtBuilder::default().build_and_execute(|| {
		let half = info_of(Perbill::from_percent(50));
		let bare =
			|call: &RuntimeCall| CoverageLane::<Test>::bare_validate_and_prepare(call, &half, 10);
		assert_ok!(bare(&remark()));
		assert_ok!(bare(&remark()));
		assert_eq!(bare(&remark()), exhausted());
	});
}
