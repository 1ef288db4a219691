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

/// What the lane says to the transaction pool about a call.
fn priority(call: impl Into<RuntimeCall>, origin: RuntimeOrigin) -> u64 {
	validated(call.into(), origin, TransactionSource::External)
}

fn validated(call: RuntimeCall, origin: RuntimeOrigin, source: TransactionSource) -> u64 {
	let info = call.get_dispatch_info();
	let length = call.encoded_size();
	CoverageLane::<Test>::new()
		.validate(origin, &call, &info, length, (), &TxBaseImplication(()), source)
		.expect("valid")
		.0
		.priority
}

fn somebody() -> RuntimeOrigin {
	RuntimeOrigin::signed(account(1))
}

fn statements(groups: Vec<StatementGroup>) -> Call<Test> {
	Call::submit_statements { groups: BoundedVec::truncate_from(groups) }
}

fn reveals(reveals: Vec<Reveal>) -> Call<Test> {
	Call::submit_reveals { reveals: BoundedVec::truncate_from(reveals) }
}

#[test]
fn no_tip_outbids_coverage() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(priority(statements(vec![group(START, 0, [1])]), somebody()), u64::MAX);
		assert_ok!(submit(vec![group(START, 0, [1])]));
		go_to(START + 2);
		assert_eq!(priority(reveals(vec![reveal(START, 0)]), somebody()), u64::MAX);
		assert_eq!(priority(remark(), somebody()), 0);
	});
}

#[test]
fn bundle_has_no_priority_when_nothing_can_come_of_it() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(submit(vec![group(START, 0, [1]), group(START, 1, [2])]));
		let (early, late) = (reveal(START, 1), group(START, 0, [1]));
		assert_eq!(priority(reveals(vec![early]), somebody()), 0);
		go_to(START + 2);
		let unstated = reveal(START, 2);
		assert_eq!(priority(reveals(vec![unstated]), somebody()), 0);
		let about_nobody = group(START + 2, 77, [1]);
		Uncovered::set([owner_of(0)].into());
		let about_an_uncovered_one = group(START + 2, 0, [1]);
		for group in [late, about_nobody, about_an_uncovered_one] {
			assert_eq!(priority(statements(vec![group]), somebody()), 0);
		}
	});
}

#[test]
fn few_entries_of_a_bundle_are_looked_at_for_its_priority() {
	ExtBuilder::default().build_and_execute(|| {
		let prospects = |place: usize| {
			let mut groups = vec![group(START, 77, []); 8];
			groups[place] = group(START, 0, []);
			priority(statements(groups), somebody()) == u64::MAX
		};
		let seen: Vec<_> = (0..8).filter(|place| prospects(*place)).collect();
		assert_eq!(seen, vec![0, 2, 4, 6]);
	});
}

#[test]
fn own_call_has_priority_when_it_authorized_itself_alone() {
	ExtBuilder::default().build_and_execute(|| {
		let call = || Call::submit_own_statement { statement: statement(START, 0, 1) };
		let authorized = frame_system::RawOrigin::Authorized.into();
		assert_eq!(priority(call(), authorized), u64::MAX);
		assert_eq!(priority(call(), somebody()), 0);
	});
}

#[test]
fn nothing_is_looked_up_for_a_priority_within_a_block() {
	ExtBuilder::default().build_and_execute(|| {
		let call = statements(vec![group(START, 0, [1])]);
		assert_eq!(validated(call.into(), somebody(), TransactionSource::InBlock), 0);
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
