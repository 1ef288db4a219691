//! Credits with their cost basis. The two move together and are never divided but by the rule of
//! [`HeldLot::take`]: a part takes `floor(basis * part / credits)`, the last credit all that is
//! left. So no credit ever carries more than was burned for all, and no planck of basis is lost.
//!
//! A [`Lot`] is under way: it is neither cloned nor dropped, but put into a [`HeldLot`] or spent.
//! A [`HeldLot`] lies in storage.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::money::{Balance, CREDITS_MAX, Credits};

/// Credits under way, with the GRM that was burned for them. It has to be put somewhere or spent:
/// dropping one that is not empty is a fault, which builds with debug assertions report.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "credits are lost if the lot is neither put anywhere nor spent"]
pub struct Lot {
	credits: Credits,
	basis: Balance,
}

impl Lot {
	/// Credits for which `basis` plancks were burned just now. Only what burns them may call it.
	pub fn new(credits: Credits, basis: Balance) -> Self {
		Self { credits, basis }
	}

	/// How many credits there are.
	pub fn credits(&self) -> Credits {
		self.credits
	}

	/// The plancks that were burned for them.
	pub fn basis(&self) -> Balance {
		self.basis
	}

	/// Ends the lot: returns its credits and its basis, which no longer exist.
	pub fn spend(mut self) -> (Credits, Balance) {
		self.empty()
	}

	fn empty(&mut self) -> (Credits, Balance) {
		(core::mem::take(&mut self.credits), core::mem::take(&mut self.basis))
	}
}

#[cfg(any(debug_assertions, test))]
impl Drop for Lot {
	fn drop(&mut self) {
		#[cfg(feature = "std")]
		if std::thread::panicking() {
			return;
		}
		assert!(self.credits == 0 && self.basis == 0, "a lot was dropped: {self:?}");
	}
}

/// Credits that lie in storage, with the GRM that was burned for them: at most [`CREDITS_MAX`].
#[derive(Debug, Default, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct HeldLot {
	#[codec(compact)]
	credits: Credits,
	#[codec(compact)]
	basis: Balance,
}

impl HeldLot {
	/// How many credits there are.
	pub fn credits(&self) -> Credits {
		self.credits
	}

	/// The plancks that were burned for them.
	pub fn basis(&self) -> Balance {
		self.basis
	}

	/// Whether nothing is left.
	pub fn is_empty(&self) -> bool {
		self.credits == 0 && self.basis == 0
	}

	/// How many more credits there may be.
	pub fn room(&self) -> Credits {
		CREDITS_MAX.saturating_sub(self.credits)
	}

	/// Takes a part: `floor(basis * credits / all credits)` of the basis, and all that is left with
	/// the last credit. `None`, and nothing is taken, if fewer credits are there.
	pub fn take(&mut self, credits: Credits) -> Option<Lot> {
		let (left, basis) = self.without(credits)?;
		self.credits = left;
		self.basis = self.basis.saturating_sub(basis);
		Some(Lot { credits, basis })
	}

	/// The basis that taking a part would take. `None` if fewer credits are there.
	pub fn basis_of(&self, credits: Credits) -> Option<Balance> {
		self.without(credits).map(|(_, basis)| basis)
	}

	/// Takes all that is there.
	pub fn take_all(&mut self) -> Lot {
		let Self { credits, basis } = core::mem::take(self);
		Lot { credits, basis }
	}

	/// Adds a lot; returns it if there would be more than [`CREDITS_MAX`] credits.
	pub fn put(&mut self, mut lot: Lot) -> Result<(), Lot> {
		if lot.credits > self.room() {
			return Err(lot);
		}
		let (credits, basis) = lot.empty();
		self.credits = self.credits.saturating_add(credits);
		self.basis = self.basis.saturating_add(basis);
		Ok(())
	}

	/// The credits that are left without a part, and the basis of the part.
	fn without(&self, credits: Credits) -> Option<(Credits, Balance)> {
		let left = self.credits.checked_sub(credits)?;
		Some((left, if left == 0 { self.basis } else { self.share(credits) }))
	}

	/// The share of the basis that so many of all credits carry, rounded down.
	fn share(&self, credits: Credits) -> Balance {
		self.basis
			.saturating_mul(u128::from(credits))
			.checked_div(u128::from(self.credits))
			.unwrap_or_default()
			.min(self.basis)
	}
}

/// A place that holds nothing but this lot.
impl From<Lot> for HeldLot {
	fn from(mut lot: Lot) -> Self {
		let (credits, basis) = lot.empty();
		Self { credits, basis }
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::money::{DemandShares, Price, SUPPLY_MAX};
	use alloc::vec::Vec;
	use proptest::prelude::*;

	fn held(credits: Credits, basis: Balance) -> HeldLot {
		HeldLot::from(Lot::new(credits, basis))
	}

	#[test]
	fn part_takes_its_share_and_the_last_credit_all_that_is_left() {
		let mut all = held(3, 10);
		let parts: Vec<_> = (0..3).map(|_| all.take(1).expect("one is there").spend()).collect();
		assert_eq!(parts, [(1, 3), (1, 3), (1, 4)]);
		assert!(all.is_empty());
	}

	#[test]
	fn nothing_is_taken_when_too_few_credits_are_there() {
		let mut all = held(5, 7);
		assert_eq!((all.take(6), all.basis_of(6)), (None, None));
		assert_eq!(
			(all.basis_of(3), all.basis_of(5), all.basis_of(0)),
			(Some(4), Some(7), Some(0))
		);
		assert_eq!(all, held(5, 7));
		assert_eq!(all.take_all().spend(), (5, 7));
	}

	#[test]
	fn lot_returns_when_there_is_no_room_for_it() {
		let mut all = held(CREDITS_MAX - 1, 1);
		let returned = all.put(Lot::new(2, 9)).expect_err("one too many");
		assert_eq!(returned.spend(), (2, 9));
		assert!(all.put(Lot::new(1, 9)).is_ok());
		assert_eq!((all.credits(), all.basis(), all.room()), (CREDITS_MAX, 10, 0));
	}

	#[test]
	fn basis_is_divided_without_overflow_at_the_bounds() {
		let mut all = held(CREDITS_MAX, SUPPLY_MAX);
		let part = all.take(CREDITS_MAX - 1).expect("they are there");
		// One of 10^17 credits carries 6,000 of 6 * 10^20 plancks.
		assert_eq!(part.spend(), (CREDITS_MAX - 1, SUPPLY_MAX - 6_000));
		assert_eq!(all.take(1).expect("the last").spend(), (1, 6_000));
	}

	#[test]
	#[should_panic(expected = "a lot was dropped")]
	fn dropping_a_lot_is_reported() {
		drop(Lot::new(1, 0));
	}

	#[derive(Clone, Debug)]
	enum Action {
		Mint { credits: Credits, price: u64 },
		Part { permille: u64 },
		Return,
		Claim { permille: u64, price: u64 },
		ClaimOne,
	}

	fn action() -> impl Strategy<Value = Action> {
		let price =
			|| prop_oneof![Just(1_000u64), Just(1_000_000_000_000_000), 1_000u64..10_000_000];
		let credits = prop_oneof![10_000u64..1_000_000, 10_000u64..CREDITS_MAX / 200];
		prop_oneof![
			2 => (credits, price()).prop_map(|(credits, price)| Action::Mint { credits, price }),
			3 => (1u64..=1_000).prop_map(|permille| Action::Part { permille }),
			1 => Just(Action::Return),
			3 => (1u64..=1_000, price())
				.prop_map(|(permille, price)| Action::Claim { permille, price }),
			2 => Just(Action::ClaimOne),
		]
	}

	fn part(held: &mut HeldLot, permille: u64) -> Lot {
		let part = u128::from(held.credits()) * u128::from(permille) / 1_000;
		held.take(part as Credits).expect("not more than are there")
	}

	proptest! {
		#![proptest_config(ProptestConfig::with_cases(1_000))]

		#[test]
		fn basis_is_conserved_whatever_happens_to_a_lot(
			actions in proptest::collection::vec(action(), 1..100),
		) {
			let (mut account, mut channel) = (HeldLot::default(), HeldLot::default());
			let (mut burned, mut spent, mut paid, mut for_validators) = (0, 0, 0, 0);
			let shares = DemandShares::default();
			for action in actions {
				match action {
					Action::Mint { credits, price } => {
						let basis = Price::new(price).expect("a price").burn_for(credits);
						if account.room() >= credits && burned + basis <= SUPPLY_MAX {
							account.put(Lot::new(credits, basis)).expect("there is room");
							burned += basis;
						}
					}
					Action::Part { permille } => {
						let lot = part(&mut account, permille);
						channel.put(lot).expect("there is room");
					}
					Action::Return => account.put(channel.take_all()).expect("there is room"),
					Action::Claim { permille, price } => {
						let (credits, basis) = part(&mut channel, permille).spend();
						let price = Price::new(price).expect("a price");
						let claim = shares.claim(credits, basis, price);
						paid += claim.paid;
						for_validators += claim.for_validators;
						spent += basis;
					}
					Action::ClaimOne => {
						if let Some(lot) = channel.take(1) {
							let (credits, basis) = lot.spend();
							let claim = shares.claim(credits, basis, Price::MIN);
							paid += claim.paid;
							for_validators += claim.for_validators;
							spent += basis;
						}
					}
				}
				prop_assert_eq!(account.basis() + channel.basis() + spent, burned);
				prop_assert!(account.credits() > 0 || account.basis() == 0);
				prop_assert!(channel.credits() > 0 || channel.basis() == 0);
				prop_assert!(paid * 10 <= spent * 9);
				prop_assert!(for_validators * 20 <= spent);
			}
		}

		#[test]
		fn claims_of_one_credit_never_pay_more_than_one_claim_of_all(
			credits in 1_000u64..CREDITS_MAX,
			basis in 0..=SUPPLY_MAX,
			nano_usd in 1_000u64..=1_000_000_000_000_000,
		) {
			let shares = DemandShares::default();
			let price = Price::new(nano_usd).expect("a price");
			let mut all = held(credits, basis);
			let (part, share) = all.take(1_000).expect("they are there").spend();
			let at_once = shares.claim(part, share, price);
			let mut one_by_one = held(part, share);
			let (mut paid, mut for_validators) = (0, 0);
			while let Some(lot) = one_by_one.take(1) {
				let (credits, basis) = lot.spend();
				let claim = shares.claim(credits, basis, price);
				paid += claim.paid;
				for_validators += claim.for_validators;
			}
			prop_assert!(paid <= at_once.paid, "{} is more than {:?}", paid, at_once);
			let most = at_once.for_validators;
			prop_assert!(for_validators <= most, "{} is more than {}", for_validators, most);
			prop_assert!(one_by_one.is_empty());
			let _ = all.take_all().spend();
		}
	}
}
