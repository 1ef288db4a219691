use frame_support::{assert_ok, weights::Weight};
use groma_traits::EvidenceCalls;
use sp_runtime::traits::Dispatchable;

use super::{evidence::second_beacon, *};
use crate::{Call, Config, WeightInfo};

fn may_bring_new(call: impl Into<RuntimeCall>, is_signed: bool) -> bool {
	<Coverage as EvidenceCalls<RuntimeCall>>::may_bring_new(&call.into(), is_signed)
}

fn statements(groups: Vec<StatementGroup>) -> Call<Test> {
	Call::submit_statements { groups: BoundedVec::truncate_from(groups) }
}

fn reveals(reveals: Vec<Reveal>) -> Call<Test> {
	Call::submit_reveals { reveals: BoundedVec::truncate_from(reveals) }
}

#[test]
fn only_bundles_and_own_calls_are_evidence() {
	let is_evidence = |call: &RuntimeCall| Coverage::is_evidence(call);
	ExtBuilder::default().build_and_execute(|| {
		assert!(is_evidence(&statements(vec![group(START, 0, [1])]).into()));
		assert!(is_evidence(&reveals(vec![reveal(START, 0)]).into()));
		let reveal = reveal(START, 0);
		assert!(is_evidence(&Call::submit_own_reveal { reveal }.into()));
		assert!(!is_evidence(&frame_system::Call::remark { remark: vec![] }.into()));
		assert!(!is_evidence(&Call::expire_device { device: 0 }.into()));
	});
}

#[test]
fn bundle_may_bring_new_when_something_can_come_of_it() {
	ExtBuilder::default().build_and_execute(|| {
		assert!(may_bring_new(statements(vec![group(START, 0, [1])]), true));
		submit(vec![group(START, 0, [1])]).expect("it is taken");
		go_to(START + 2);
		assert!(may_bring_new(reveals(vec![reveal(START, 0)]), true));
		assert!(!may_bring_new(frame_system::Call::remark { remark: vec![] }, true));
	});
}

#[test]
fn bundle_brings_nothing_new_when_nothing_can_come_of_it() {
	ExtBuilder::default().build_and_execute(|| {
		submit(vec![group(START, 0, [1]), group(START, 1, [2])]).expect("it is taken");
		let (early, late) = (reveal(START, 1), group(START, 0, [1]));
		assert!(!may_bring_new(reveals(vec![early]), true));
		go_to(START + 2);
		let unstated = reveal(START, 2);
		assert!(!may_bring_new(reveals(vec![unstated]), true));
		let about_no_device = group(START + 2, 77, [1]);
		Uncovered::set([owner_of(0)].into());
		let about_an_uncovered_one = group(START + 2, 0, [1]);
		for group in [late, about_no_device, about_an_uncovered_one] {
			assert!(!may_bring_new(statements(vec![group]), true));
		}
	});
}

#[test]
fn few_entries_of_a_bundle_are_looked_at() {
	ExtBuilder::default().build_and_execute(|| {
		let is_seen = |place: &usize| {
			let mut groups = vec![group(START, 77, []); 8];
			groups[*place] = group(START, 0, []);
			may_bring_new(statements(groups), true)
		};
		let seen: Vec<_> = (0..8).filter(is_seen).collect();
		assert_eq!(seen, vec![0, 2, 4, 6]);
	});
}

#[test]
fn own_call_may_bring_new_when_it_authorized_itself_alone() {
	ExtBuilder::default().build_and_execute(|| {
		let call = || Call::submit_own_statement { statement: statement(START, 0, 1) };
		assert!(may_bring_new(call(), false));
		assert!(!may_bring_new(call(), true));
	});
}

fn is_stale(call: impl Into<RuntimeCall>) -> bool {
	<Coverage as EvidenceCalls<RuntimeCall>>::is_stale(&call.into())
}

#[test]
fn bundle_of_statements_is_stale_when_most_are_on_chain_or_too_late() {
	ExtBuilder::default().build_and_execute(|| {
		let known = || group(START, 0, [1, 2]);
		assert!(!is_stale(statements(vec![known()])));
		submit(vec![known()]).expect("it is taken");
		assert!(is_stale(statements(vec![known()])));
		// Two are known, and as much or more is new.
		assert!(!is_stale(statements(vec![known(), group(START, 0, [3, 4])])));
		assert!(!is_stale(statements(vec![known(), group(START, 2, [1, 3])])));
		assert!(!is_stale(statements(vec![group(START, 0, [1, 3])])));
		// Less is new than known.
		assert!(is_stale(statements(vec![known(), group(START, 2, [1])])));
		assert!(is_stale(statements(vec![group(START, 0, [1, 2, 3])])));
		// Of the future, and of the past.
		let late = StatementGroup { window: START - 2, ..group(START, 4, [5]) };
		let early = StatementGroup { window: START + 1, ..group(START, 4, [5]) };
		assert!(is_stale(statements(vec![late, known(), early])));
		// What is refused is not known: its collector pays.
		assert!(!is_stale(statements(vec![group(START, 77, [1])])));
		go_to(START + 2);
		assert!(is_stale(statements(vec![group(START, 2, [1])])));
	});
}

#[test]
fn bundle_of_reveals_is_stale_when_most_could_not_settle() {
	ExtBuilder::default().build_and_execute(|| {
		submit(vec![group(START, 0, [1]), group(START, 1, [2])]).expect("they are taken");
		let bundle = || reveals(vec![reveal(START, 0), reveal(START, 1), reveal(START, 2)]);
		assert!(is_stale(bundle()));
		go_to(START + 2);
		assert!(!is_stale(bundle()));
		submit_reveals(vec![reveal(START, 0)]).expect("it is taken");
		// Two of three could settle nothing.
		assert!(is_stale(bundle()));
		assert!(!is_stale(reveals(vec![reveal(START, 1), reveal(START, 2)])));
		submit_reveals(vec![reveal(START, 1)]).expect("it is taken");
		assert!(is_stale(reveals(vec![reveal(START, 1)])));
	});
}

/// Whatever part of a bundle a copy brings first: it is left out, or it is free.
#[test]
fn bundle_costs_nothing_when_a_copy_of_any_part_of_it_came_first() {
	for copied in 0..=8 {
		ExtBuilder::default().devices(9).build_and_execute(|| {
			let bundle = group(START, 0, 1..9);
			let mut copy = bundle.clone();
			copy.statements.truncate(copied);
			if copied > 0 {
				submit(vec![copy]).expect("it is taken");
			}
			let is_left_out = is_stale(statements(vec![bundle.clone()]));
			assert_eq!(is_left_out, copied > 4, "{copied}");
			if !is_left_out {
				let info = submit(vec![bundle]).expect("it is taken");
				assert_eq!(info.pays_fee, Pays::No, "{copied}");
			}
		});
	}
}

#[test]
fn report_of_two_beacons_is_stale_once_they_are_proven() {
	ExtBuilder::default().build_and_execute(|| {
		let report = |device| {
			let signature_a = beacon(START, device);
			let signature_b = second_beacon(START, device);
			Call::<Test>::report_double_beacon { window: START, device, signature_a, signature_b }
		};
		assert!(!is_stale(report(0)) && !is_stale(report(77)));
		assert_ok!(RuntimeCall::from(report(0)).dispatch(RuntimeOrigin::signed(account(9))));
		assert!(is_stale(report(0)));
		// What another one did is not proven by it.
		assert!(!is_stale(report(1)));
	});
}

#[test]
fn report_of_two_beacons_stays_stale_when_the_device_was_sold_since_then() {
	ExtBuilder::default().build_and_execute(|| {
		let (signature_a, signature_b) = (beacon(START, 0), second_beacon(START, 0));
		let (window, device) = (START, 0);
		let report =
			|| Call::<Test>::report_double_beacon { window, device, signature_a, signature_b };
		go_to(START + 3);
		alter_from(0, START + 3, |view| {
			view.owner = account(60);
			view.session_key = session_key_of(61);
		});
		assert!(!is_stale(report()));
		assert_ok!(RuntimeCall::from(report()).dispatch(RuntimeOrigin::signed(account(9))));
		assert!(is_stale(report()));
	});
}

#[test]
fn malformed_bundle_is_not_stale() {
	ExtBuilder::default().build_and_execute(|| {
		assert!(!is_stale(statements(vec![])) && !is_stale(reveals(vec![])));
		let empty = || StatementGroup { window: START - 2, ..group(START, 0, []) };
		assert!(!is_stale(statements(vec![empty()])));
		let late = StatementGroup { window: START - 2, ..group(START, 4, [5]) };
		assert!(!is_stale(statements(vec![empty(), late])));
		let statement = statement(START, 0, 1);
		assert!(!is_stale(Call::submit_own_statement { statement }));
		assert!(!is_stale(frame_system::Call::remark { remark: vec![] }));
	});
}

#[test]
fn staleness_is_weighed_by_groups() {
	ExtBuilder::default().build_and_execute(|| {
		let weight = |call: Call<Test>| {
			<Coverage as EvidenceCalls<RuntimeCall>>::staleness_weight(&call.into())
		};
		let look = <Test as Config>::WeightInfo::look_for_new;
		let groups = vec![group(START, 0, 1..9), group(START, 1, 2..9)];
		assert_eq!(weight(statements(groups)), look(2));
		assert_eq!(weight(reveals(vec![reveal(START, 0); 3])), look(3));
		let statement = statement(START, 0, 1);
		assert_eq!(weight(Call::submit_own_statement { statement }), Weight::zero());
	});
}

#[test]
fn challenge_costs_what_its_part_of_full_bundles_takes() {
	ExtBuilder::default().build_and_execute(|| {
		let cost = Coverage::challenge_cost();
		let bytes = group(START, 0, 1..9).statements.len() * 84;
		assert!((bytes as u32..bytes as u32 + 100).contains(&cost.length), "{cost:?}");
		let signatures = 9 * 50_000_000;
		assert!((signatures..20 * signatures).contains(&cost.ref_time), "{cost:?}");
	});
}
