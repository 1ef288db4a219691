//! Transactions that were damaged on their way: whatever the bytes are, the chain refuses them and
//! lives on.

use std::cell::RefCell;

use codec::{Decode, Encode};
use groma_runtime::{RuntimeCall, UncheckedExtrinsic};
use proptest::{
	prelude::*,
	sample::Index,
	test_runner::{Config, TestRunner},
};
use sp_keyring::Sr25519Keyring::{Alice, Bob};

use crate::{
	chain::{Chain, authorized, signed},
	field::{four_devices, next_heard, statement_bundle},
};

/// How bytes are damaged.
#[derive(Clone, Debug)]
enum Damage {
	Flip(Index, u8),
	Cut(Index),
	Append(Vec<u8>),
	Replace(Vec<u8>),
}

impl Damage {
	fn apply(&self, mut bytes: Vec<u8>) -> Vec<u8> {
		match self {
			Self::Flip(place, bits) => {
				let place = place.index(bytes.len());
				bytes[place] ^= bits;
			}
			Self::Cut(place) => bytes.truncate(place.index(bytes.len())),
			Self::Append(more) => bytes.extend(more),
			Self::Replace(other) => bytes.clone_from(other),
		}
		bytes
	}
}

fn damage() -> impl Strategy<Value = Damage> {
	prop_oneof![
		4 => (any::<Index>(), 1u8..).prop_map(|(place, bits)| Damage::Flip(place, bits)),
		1 => any::<Index>().prop_map(Damage::Cut),
		1 => proptest::collection::vec(any::<u8>(), 1..100).prop_map(Damage::Append),
		1 => proptest::collection::vec(any::<u8>(), 0..300).prop_map(Damage::Replace),
	]
}

/// The place of what a device brings itself.
const OWN: usize = 2;

/// A bundle, an owner's call, and what a device brings itself.
fn transactions(chain: &mut Chain) -> Vec<UncheckedExtrinsic> {
	let devices = four_devices(chain);
	let (_, groups) = next_heard(chain, &devices);
	let group = &groups[0];
	let own: RuntimeCall = pallet_proof_of_coverage::Call::submit_own_statement {
		statement: group.statement(&group.statements[0]),
	}
	.into();
	let retire = pallet_device_registry::Call::retire { device: devices[0].id };
	chain.with(|| {
		vec![
			signed(Alice, statement_bundle(groups.clone()), 0, 0),
			signed(Bob, retire, 0, 0),
			authorized(own),
		]
	})
}

#[test]
fn damaged_transaction_is_never_included() {
	let mut chain = Chain::development();
	let transactions = transactions(&mut chain);
	let verdicts: Vec<_> = transactions
		.iter()
		.map(|whole| chain.validate(whole.clone()).expect("it is valid"))
		.collect();
	let chain = RefCell::new(chain);
	let config = Config { cases: 1_000, failure_persistence: None, ..Config::default() };
	let strategy = (0..transactions.len(), damage());
	let checked = TestRunner::new(config).run(&strategy, |(number, damage)| {
		let whole = &transactions[number];
		let bytes = damage.apply(whole.encode());
		// What decodes to the same transaction is not damaged: bytes after the end are the
		// transport's affair.
		let decoded = UncheckedExtrinsic::decode(&mut &bytes[..]).ok();
		if let Some(other) = decoded.filter(|other| other != whole) {
			let verdict = chain.borrow_mut().validate(other.clone());
			// What a device brings itself is signed inside of the call, and no one signs what is
			// around it. A change of that must not make another transaction of it, or one that
			// comes before the device's own.
			let is_own = number == OWN && other.function == whole.function;
			match verdict {
				Ok(validity) if is_own => {
					prop_assert_eq!(&validity.provides, &verdicts[number].provides);
					prop_assert!(validity.priority <= verdicts[number].priority);
				}
				verdict => prop_assert!(verdict.is_err(), "{:?}", other),
			}
		}
		Ok(())
	});
	checked.expect("no damage gets through");
	chain.into_inner().check();
}
