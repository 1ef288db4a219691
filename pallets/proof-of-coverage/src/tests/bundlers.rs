use groma_core::{
	statement::{BeaconPair, Report, ReportKey},
	words::Hash,
};
use groma_traits::{Bundler, Load};

use super::{evidence::second_beacon, *};
use crate::{Call, PairBundler, RevealBundler, StatementBundler};

const ROOM: Load = Load { ref_time: 100_000_000_000, length: 400_000 };

type Statements = StatementBundler<Test>;
type Reveals = RevealBundler<Test>;
type Pairs = PairBundler<Test>;

fn windows<B: Bundler<RuntimeCall>>() -> Vec<WindowIndex> {
	windows_of::<B>(&[0; 32])
}

/// The windows whose reports the collector with this hash brings.
fn windows_of<B: Bundler<RuntimeCall>>(collector: &Hash) -> Vec<WindowIndex> {
	B::windows(collector)
}

fn is_open<B: Bundler<RuntimeCall>>(key: ReportKey) -> bool {
	B::is_open(&key)
}

/// Lets a bundler add reports, and returns what it made of them and whether it was full.
fn bundle<B: Bundler<RuntimeCall>>(
	room: Load,
	reports: Vec<B::Report>,
) -> (Option<(RuntimeCall, Vec<ReportKey>)>, bool) {
	let mut bundler = B::new(room);
	bundler.add(reports);
	let is_full = bundler.is_full();
	(bundler.finish(), is_full)
}

fn groups(room: Load, statements: Vec<Statement>) -> (Vec<StatementGroup>, bool) {
	let (bundle, is_full) = bundle::<Statements>(room, statements);
	let Some((RuntimeCall::Coverage(Call::submit_statements { groups }), keys)) = bundle else {
		panic!("no statements")
	};
	let carried: Vec<_> = groups
		.iter()
		.flat_map(|group| group.statements.iter().map(|entry| group.statement(entry).key()))
		.collect();
	assert_eq!(keys, carried);
	(groups.into_inner(), is_full)
}

#[test]
fn statements_wait_for_others_until_no_more_beacons_are_sent() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(windows::<Statements>(), [START - 1]);
		// The next block is the eighth of ten: seven tenths have passed.
		(0..6).for_each(|_| next_block());
		let begun = |collector: u8| windows_of::<Statements>(&[collector; 32]).contains(&START);
		let early = (0..200).filter(|collector| begun(*collector)).count();
		assert!(early < 20, "only who begins exactly then: {early}");
		next_block();
		let some = (0..200).filter(|collector| begun(*collector)).count();
		assert!((40..100).contains(&some), "a third has begun: {some}");
		next_block();
		let most = (0..200).filter(|collector| begun(*collector)).count();
		assert!((100..170).contains(&most), "two thirds have begun: {most}");
		next_block();
		assert_eq!(windows::<Statements>(), [START], "the next block is of the next window");
	});
}

#[test]
fn report_is_open_until_it_is_on_chain_or_its_window_is_over() {
	ExtBuilder::default().devices(6).build_and_execute(|| {
		let [first, second] = [1, 2].map(|witness| statement(START, 0, witness).key());
		let revealed = reveal(START, 0).key();
		submit(vec![group(START, 0, [1])]).expect("it is taken");
		assert!(!is_open::<Statements>(first));
		assert!(is_open::<Statements>(second));
		assert!(!is_open::<Reveals>(revealed));
		go_to(START + 2);
		assert!(!is_open::<Statements>(second));
		assert!(is_open::<Reveals>(revealed));
		let other = ReportKey { subject: 1, ..revealed };
		assert!(!is_open::<Reveals>(other), "nothing is to be settled");
		submit_reveals(vec![reveal(START, 0)]).expect("it is taken");
		assert!(!is_open::<Reveals>(revealed));
	});
}

#[test]
fn reveals_are_brought_in_the_second_window_after_their_own() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(windows::<Reveals>(), [START - 2]);
		go_to(START + 2);
		assert_eq!(windows::<Reveals>(), [START]);
	});
}

#[test]
fn bundles_come_on_chain() {
	ExtBuilder::default().devices(6).build_and_execute(|| {
		let statements = [(0, 1), (1, 2), (0, 2), (1, 3), (0, 3)];
		let statements =
			statements.map(|(beaconer, witness)| statement(START, beaconer, witness)).to_vec();
		let (groups, is_full) = groups(ROOM, statements);
		assert_eq!(groups.len(), 2);
		assert!(!is_full);
		submit(groups).expect("it is taken");
		assert_eq!(last_tally(), tally(5, 0, 0));
		go_to(START + 2);
		let (bundle, is_full) =
			bundle::<Reveals>(ROOM, vec![reveal(START, 0), reveal(START, 1), reveal(START, 0)]);
		let (call, keys) = bundle.expect("there are reveals");
		assert_eq!(keys, [reveal(START, 0).key(), reveal(START, 1).key()]);
		assert!(!is_full);
		sp_runtime::traits::Dispatchable::dispatch(call, RuntimeOrigin::signed(collector()))
			.expect("it is taken");
		assert_eq!(last_tally(), tally(2, 0, 0));
	});
}

#[test]
fn what_the_chain_would_refuse_is_left_out() {
	ExtBuilder::default().build_and_execute(|| {
		let good = statement(START, 0, 1);
		let mut forged = good;
		forged.observation.witness = 3;
		let of_no_device = Statement { beaconer: 77, ..good };
		let (groups, _) = groups(ROOM, vec![good, good, forged, of_no_device]);
		assert_eq!(groups.len(), 1);
		assert_eq!(groups[0].statements.to_vec(), [good.signed()]);
		submit(groups).expect("it is taken");
		assert!(bundle::<Statements>(ROOM, vec![good]).0.is_none(), "it is known");
		go_to(START + 2);
		let forged = Reveal { beaconer: 1, ..reveal(START, 0) };
		assert!(bundle::<Reveals>(ROOM, vec![forged]).0.is_none());
	});
}

#[test]
fn bundle_is_full_when_it_has_as_many_groups_as_a_call_takes() {
	ExtBuilder::default().devices(12).build_and_execute(|| {
		let statements: Vec<_> = (0..10).map(|beaconer| statement(START, beaconer, 11)).collect();
		let (groups, is_full) = groups(ROOM, statements);
		assert_eq!(groups.len(), 8);
		assert!(is_full);
	});
}

#[test]
fn bundle_keeps_to_its_room_but_for_the_first_report() {
	ExtBuilder::default().devices(6).build_and_execute(|| {
		let statements: Vec<_> = (1..6).map(|witness| statement(START, 0, witness)).collect();
		let room = Load { length: 2 * 84 + 32, ..ROOM };
		let (groups_of_two, is_full) = groups(room, statements.clone());
		assert_eq!(groups_of_two[0].statements.len(), 2);
		assert!(is_full);
		let (groups, _) = groups(Load::default(), statements);
		assert_eq!(groups[0].statements.len(), 1);
		submit(vec![group(START, 0, [1]), group(START, 1, [2])]).expect("it is taken");
		go_to(START + 2);
		let reveals = vec![reveal(START, 0), reveal(START, 1)];
		let (bundle, is_full) = bundle::<Reveals>(Load::default(), reveals);
		assert_eq!(bundle.expect("there is one").1.len(), 1);
		assert!(is_full);
	});
}

/// Two signatures of a device's beacon in the first window.
fn pair(beaconer: DeviceId, signature_b: Signature) -> BeaconPair {
	BeaconPair { window: START, beaconer, signature_a: beacon(START, beaconer), signature_b }
}

#[test]
fn pair_is_brought_as_a_call_of_its_own_until_the_key_is_banned() {
	ExtBuilder::default().build_and_execute(|| {
		go_to(START + REVEAL_DELAY);
		assert_eq!(windows::<Pairs>(), [START - 1, START]);
		// The first two prove nothing: one signature twice, and one of another device.
		let pairs = vec![
			pair(0, beacon(START, 0)),
			pair(0, beacon(START, 1)),
			pair(0, second_beacon(START, 0)),
			pair(1, second_beacon(START, 1)),
		];
		let proof = pairs[2];
		let (bundled, is_full) = bundle::<Pairs>(ROOM, pairs);
		let (call, reports) = bundled.expect("there is a proof");
		assert_eq!((reports, is_full), (vec![proof.key()], true));
		let BeaconPair { window, beaconer: device, signature_a, signature_b } = proof;
		let expected = Call::report_double_beacon { window, device, signature_a, signature_b };
		assert_eq!(call, RuntimeCall::Coverage(expected));
		assert!(is_open::<Pairs>(proof.key()));
		let origin = RuntimeOrigin::signed(collector());
		let reported =
			Coverage::report_double_beacon(origin, window, device, signature_a, signature_b);
		assert_eq!(fee(reported), Pays::No);
		assert!(!is_open::<Pairs>(proof.key()));
		assert!(bundle::<Pairs>(ROOM, vec![proof]).0.is_none());
	});
}
