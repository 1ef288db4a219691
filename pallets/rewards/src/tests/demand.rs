//! What devices are paid for what customers bought.

use frame_support::{assert_noop, assert_ok, dispatch::Pays};
use groma_core::{
	NetworkId,
	lot::Lot,
	money::{Balance, DemandShares, GRM, MILLI_GRM},
	protocol::{DEMAND_EPOCHS_KEPT, FIRST_FOUNDED_NETWORK},
	units::Scale,
};
use groma_fakes::{ClaimedBases, Epoch, ForValidators};
use groma_traits::{Demand, Payment};
use proptest::prelude::*;

use crate::{Error, NetworkDemand, NetworkDemands, Owed, mock::*};

fn owed(device: u32, payee: AccountId) -> Balance {
	Owed::<Test>::get(device, payee).unwrap_or_default()
}

#[test]
fn claim_pays_ninety_percent_when_the_price_did_not_change() {
	ExtBuilder.build_and_execute(|| {
		// USD 1 at USD 0.10 per GRM.
		let payment = sell(0, 100_000, 10 * GRM, 50_000);
		let (paid, for_validators) = (9 * GRM, GRM / 2);
		assert_eq!(payment, Payment { basis: 10 * GRM, value: 10 * GRM, paid, for_validators });
		assert_eq!(owed(0, 10), 9 * GRM);
		assert_eq!(BurnedLots::get(), (100_000, 10 * GRM));
		assert_eq!((Reminted::get(), ClaimedBases::get()), (9 * GRM, 10 * GRM));
		assert_eq!(ForValidators::get(), GRM / 2);
	});
}

#[test]
fn claim_pays_the_lesser_of_basis_and_value() {
	ExtBuilder.build_and_execute(|| {
		// The price rose tenfold since the credits were bought: their value counts.
		EpochMean::set(&1_000_000_000);
		let payment = sell(0, 100_000, 10 * GRM, 50_000);
		assert_eq!((payment.value, payment.paid), (GRM, 900 * MILLI_GRM));
		assert_eq!(payment.for_validators, 50 * MILLI_GRM);
		// It fell to a tenth: their basis counts.
		EpochMean::set(&10_000_000);
		let payment = sell(0, 100_000, 10 * GRM, 50_000);
		assert_eq!((payment.value, payment.paid), (100 * GRM, 9 * GRM));
		assert_eq!(payment.for_validators, 500 * MILLI_GRM);
		assert_eq!(ForValidators::get(), 550 * MILLI_GRM);
	});
}

#[test]
fn what_is_owed_is_claimed_with_supply_rewards() {
	ExtBuilder.build_and_execute(|| {
		earn(0, 1);
		pass_hours(24);
		sell(0, 100_000, 10 * GRM, 50_000);
		let before = balance(10);
		assert_ok!(Rewards::claim(RuntimeOrigin::signed(1), 0));
		assert_eq!(balance(10) - before, 9 * GRM + 10 * MILLI_GRM);
		assert_eq!(owed(0, 10), 0);
	});
}

#[test]
fn claims_are_summed_by_network_and_epoch() {
	ExtBuilder.build_and_execute(|| {
		sell(0, 100_000, 10 * GRM, 50_000);
		sell(2, 10, GRM, 1);
		let (value, paid) = (10 * GRM + MILLI_GRM, 9 * GRM + 900_000_000);
		let for_validators = 500 * MILLI_GRM + 50_000_000;
		let sum = NetworkDemand {
			credits: 100_010,
			units: 50_001,
			basis: 11 * GRM,
			value,
			paid,
			for_validators,
		};
		assert_eq!(Rewards::network_demand(LORAWAN, FIRST_EPOCH), sum);
		Epoch::set(&(FIRST_EPOCH + 1));
		sell(0, 10, GRM, 1);
		assert_eq!(Rewards::network_demand(LORAWAN, FIRST_EPOCH), sum);
		assert_eq!(Rewards::network_demand(LORAWAN, FIRST_EPOCH + 1).credits, 10);
		assert_eq!(Rewards::network_demand(OTHER, FIRST_EPOCH), NetworkDemand::default());
	});
}

#[test]
fn sum_of_an_epoch_is_shown_if_anything_was_paid_for() {
	ExtBuilder.build_and_execute(|| {
		assert_eq!(Rewards::demand_info(LORAWAN, FIRST_EPOCH), None);
		sell(0, 100_000, 10 * GRM, 50_000);
		let demand = Rewards::demand_info(LORAWAN, FIRST_EPOCH).expect("something was");
		assert_eq!((demand.network, demand.epoch), (LORAWAN, FIRST_EPOCH));
		assert_eq!((demand.credits, demand.units), (100_000, 50_000));
		assert_eq!((demand.basis, demand.value, demand.paid), (10 * GRM, 10 * GRM, 9 * GRM));
		assert_eq!(demand.for_validators, GRM / 2);
		assert_eq!(Rewards::demand_info(OTHER, FIRST_EPOCH), None);
	});
}

#[test]
fn quote_is_what_a_claim_pays() {
	ExtBuilder.build_and_execute(|| {
		EpochMean::set(&333_333_333);
		for (credits, basis) in [(1, 0), (7, 13), (100_000, 10 * GRM), (3, GRM)] {
			let quote = <Rewards as Demand<AccountId>>::quote(credits, basis);
			assert_eq!(quote, Some(sell(0, credits, basis, 1)));
		}
	});
}

#[test]
fn share_of_the_moment_of_the_claim_counts() {
	ExtBuilder.build_and_execute(|| {
		let half = DemandShares::new(Scale::from_percent(50), Scale::from_percent(5));
		Shares::set(&half.expect("at most one"));
		assert_eq!(sell(0, 100_000, 10 * GRM, 50_000).paid, 5 * GRM);
		let rest = DemandShares::new(Scale::from_percent(50), Scale::from_percent(50));
		Shares::set(&rest.expect("at most one"));
		let payment = sell(0, 100_000, 10 * GRM, 50_000);
		assert_eq!((payment.paid, payment.for_validators), (5 * GRM, 5 * GRM));
		let none = DemandShares::new(Scale::ZERO, Scale::ZERO).expect("at most one");
		Shares::set(&none);
		assert_eq!(sell(0, 100_000, 10 * GRM, 50_000).paid, 0);
		assert_eq!(owed(0, 10), 10 * GRM);
		assert_eq!(ForValidators::get(), 5 * GRM + GRM / 2);
	});
}

#[test]
fn lot_returns_when_more_would_be_minted_than_was_burned() {
	ExtBuilder.build_and_execute(|| {
		// A fault elsewhere: more was reminted than any claim had burned.
		Reminted::set(&(100 * GRM));
		let lot = Lot::new(100_000, 10 * GRM);
		let lot = <Rewards as Demand<AccountId>>::pay(0, LORAWAN, &10, lot, 1);
		assert_eq!(lot.expect_err("nothing is minted").spend(), (100_000, 10 * GRM));
		assert_eq!((owed(0, 10), ForValidators::get()), (0, 0));
		assert_eq!(Rewards::network_demand(LORAWAN, FIRST_EPOCH), NetworkDemand::default());
		Reminted::set(&0);
	});
}

#[test]
fn owner_at_the_claim_is_paid() {
	ExtBuilder.build_and_execute(|| {
		sell(0, 100_000, 10 * GRM, 50_000);
		set_owner(0, 17);
		sell(0, 100_000, 10 * GRM, 50_000);
		assert_eq!((owed(0, 10), owed(0, 17)), (9 * GRM, 9 * GRM));
	});
}

proptest! {
	#[test]
	fn no_claim_pays_more_than_its_share_of_the_burn(
		claims in proptest::collection::vec(
			(0u32..8, 1u64..1_000_000_000, 0u128..1_000_000 * GRM, 1_000u64..=1_000_000_000_000_000),
			1..40,
		),
	) {
		ExtBuilder.build_and_execute(|| {
			let (mut bases, mut paid, mut for_validators) = (0, 0, 0);
			for (device, credits, basis, nano_usd) in claims {
				EpochMean::set(&nano_usd);
				let payment = sell(device, credits, basis, credits);
				let least = payment.basis.min(payment.value);
				assert!(payment.paid * 10 <= least * 9);
				assert!(payment.for_validators * 20 <= least);
				bases += basis;
				paid += payment.paid;
				for_validators += payment.for_validators;
			}
			assert_eq!(Reminted::get(), paid);
			assert_eq!(ClaimedBases::get(), bases);
			assert_eq!(ForValidators::get(), for_validators);
			let sum = Rewards::network_demand(LORAWAN, FIRST_EPOCH);
			assert_eq!((sum.paid, sum.for_validators), (paid, for_validators));
			assert_eq!(Owed::<Test>::iter_values().sum::<Balance>(), paid);
		});
	}
}

#[test]
fn anyone_removes_old_demand_of_founded_networks() {
	const MARKET: NetworkId = FIRST_FOUNDED_NETWORK;
	ExtBuilder.build_and_execute(|| {
		let now = DEMAND_EPOCHS_KEPT + 10;
		Epoch::set(&now);
		let demand =
			NetworkDemand { credits: 5, units: 5, basis: 9, value: 9, paid: 8, for_validators: 1 };
		for epoch in [9, 10, now] {
			NetworkDemands::<Test>::insert(MARKET, epoch, demand);
			NetworkDemands::<Test>::insert(LORAWAN, epoch, demand);
		}
		let remove =
			|network, epoch| Rewards::remove_demand(RuntimeOrigin::signed(7), network, epoch);
		// Epoch 10 is 90 epochs ago: it has to be longer.
		for recent in [10, now] {
			assert_noop!(remove(MARKET, recent), Error::<Test>::DemandIsRecent);
		}
		assert_noop!(remove(LORAWAN, 9), Error::<Test>::DemandIsKept);
		assert_noop!(remove(MARKET, 8), Error::<Test>::UnknownDemand);
		let removed = remove(MARKET, 9).expect("it is old");
		assert_eq!(removed.pays_fee, Pays::No);
		assert_noop!(remove(MARKET, 9), Error::<Test>::UnknownDemand);
		assert_eq!(Rewards::network_demand(MARKET, 9), NetworkDemand::default());
		assert_eq!(Rewards::network_demand(MARKET, 10), demand);
	});
}

#[test]
fn nothing_is_removed_before_the_clock_runs_so_long() {
	ExtBuilder.build_and_execute(|| {
		Epoch::set(&(DEMAND_EPOCHS_KEPT - 1));
		let refused = Rewards::remove_demand(RuntimeOrigin::signed(7), FIRST_FOUNDED_NETWORK, 0);
		assert_eq!(refused.map_err(|it| it.error), Err(Error::<Test>::DemandIsRecent.into()));
	});
}
