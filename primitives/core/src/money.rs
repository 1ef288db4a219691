//! Money: the token GRM, its price, credits, and the arithmetic of what customers pay.
//!
//! A price is in nano-USD per GRM, a credit is worth [`CREDIT_NANO_USD`], an amount of GRM is in
//! plancks. With the bounds of the types every product here is below 2^128.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::units::Scale;

pub use crate::price::Price;

/// An amount in plancks, the smallest unit of GRM.
pub type Balance = u128;
/// An amount of credits: USD 0.00001 each.
pub type Credits = u64;

/// Decimals of GRM.
pub const DECIMALS: u8 = 12;
/// Plancks of one GRM.
pub const GRM: Balance = 1_000_000_000_000;
/// Plancks of a thousandth of a GRM.
pub const MILLI_GRM: Balance = GRM / 1_000;
/// The most GRM that may exist at once, in plancks.
pub const SUPPLY_MAX: Balance = 600_000_000 * GRM;
/// What exists at genesis, in plancks.
pub const GENESIS_SUPPLY: Balance = 200_000_000 * GRM;
/// What the schedule emits over all time, in plancks.
pub const EMISSION_TOTAL: Balance = SUPPLY_MAX - GENESIS_SUPPLY;

/// The least plancks that an account delegates to an operator.
pub const DELEGATION_MIN: Balance = 10 * GRM;

/// What a credit costs, in nano-USD: USD 0.00001.
pub const CREDIT_NANO_USD: u64 = 10_000;
/// The most credits that an account holds: USD 10^12.
pub const CREDITS_MAX: Credits = 100_000_000_000_000_000;
/// The fewest credits that are minted at a time: USD 0.10.
pub const MINT_CREDITS_MIN: Credits = 10_000;

/// Nano-USD per GRM, times plancks, that one credit is worth.
const CREDIT_WORTH: u128 = CREDIT_NANO_USD as u128 * GRM;

const _: () = assert!(CREDIT_WORTH == 10_000_000_000_000_000, "10^16, as the formulas say");
const _: () = assert!(
	(CREDITS_MAX as u128).checked_mul(CREDIT_WORTH).is_some(),
	"all credits of an account have a worth"
);
const _: () = assert!(
	(CREDITS_MAX as u128).checked_mul(SUPPLY_MAX).is_some(),
	"a basis can be divided by all credits of an account"
);

impl Price {
	/// What has to be burned for credits at this price, in plancks, rounded up.
	pub fn burn_for(self, credits: Credits) -> Balance {
		worth(credits).div_ceil(u128::from(self.nano_usd()))
	}

	/// What credits are worth at this price, in plancks, rounded down.
	pub fn value_of(self, credits: Credits) -> Balance {
		worth(credits) / u128::from(self.nano_usd())
	}

	/// How many credits an amount of GRM is worth at this price, rounded down.
	pub fn credits_of(self, plancks: Balance) -> Credits {
		let credits = plancks.saturating_mul(u128::from(self.nano_usd())) / CREDIT_WORTH;
		Credits::try_from(credits).unwrap_or(Credits::MAX)
	}
}

/// Credits in nano-USD per GRM times plancks: below 2^128 for every number of credits.
fn worth(credits: Credits) -> u128 {
	u128::from(credits).saturating_mul(CREDIT_WORTH)
}

/// What those who deliver a service get of what was burned for it, and what validators get. A value
/// whose shares sum to more than one cannot be made: decoding refuses it, so no vote can pass it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct DemandShares {
	kappa: Scale,
	sigma: Scale,
}

impl DemandShares {
	/// The two shares; `None` if they sum to more than one.
	pub fn new(kappa: Scale, sigma: Scale) -> Option<Self> {
		let sum = kappa.billionths().checked_add(sigma.billionths())?;
		(sum <= Scale::ONE.billionths()).then_some(Self { kappa, sigma })
	}

	/// The share of the owner of the device.
	pub fn kappa(self) -> Scale {
		self.kappa
	}

	/// The share of the validators.
	pub fn sigma(self) -> Scale {
		self.sigma
	}

	/// What a claim of `credits` with this `basis` pays at a price, in plancks.
	pub fn claim(self, credits: Credits, basis: Balance, price: Price) -> Claim {
		let value = price.value_of(credits);
		let least = basis.min(value);
		Claim { value, paid: self.kappa.of(least), for_validators: self.sigma.of(least) }
	}
}

/// What a claim comes to, in plancks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
	/// What the credits are worth, rounded down.
	pub value: Balance,
	/// What the owner of the device is owed: kappa of the value or of the basis, whichever is less,
	/// rounded down.
	pub paid: Balance,
	/// What validators get when the epoch of the claim is closed: sigma of the same, rounded down.
	pub for_validators: Balance,
}

/// 90 % for those who deliver, and 5 % for validators.
impl Default for DemandShares {
	fn default() -> Self {
		Self { kappa: Scale::from_percent(90), sigma: Scale::from_percent(5) }
	}
}

impl Decode for DemandShares {
	fn decode<I: codec::Input>(input: &mut I) -> Result<Self, codec::Error> {
		Self::new(Scale::decode(input)?, Scale::decode(input)?)
			.ok_or_else(|| "the shares sum to more than one".into())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn price(nano_usd: u64) -> Price {
		Price::new(nano_usd).expect("within the bounds")
	}

	#[test]
	fn amount_is_worth_the_credits_for_which_it_is_burned() {
		// USD 0.10 per GRM: a GRM is worth 10,000 credits.
		assert_eq!(price(100_000_000).credits_of(GRM), 10_000);
		assert_eq!(price(100_000_000).credits_of(GRM - 1), 9_999);
		assert_eq!(price(100_000_000).credits_of(99_999_999), 0);
		// 6 * 10^8 GRM at USD 10^6 are 6 * 10^19 credits: more than the type holds.
		assert_eq!(Price::MAX.credits_of(SUPPLY_MAX), Credits::MAX);
		assert_eq!(Price::MAX.credits_of(Balance::MAX), Credits::MAX);
		for price in [Price::MIN, price(333_333_333), Price::MAX] {
			for credits in [1, 100_000, CREDITS_MAX] {
				assert_eq!(price.credits_of(price.burn_for(credits)), credits, "{price:?}");
			}
		}
	}

	fn any_price() -> impl Strategy<Value = Price> {
		// Spread over the powers of ten, with both ends.
		prop_oneof![
			1 => Just(Price::MIN),
			1 => Just(Price::MAX),
			8 => (3u32..15, 1_000u64..10_000)
				.prop_map(|(power, digits)| price(10u64.pow(power) / 1_000 * digits)),
		]
	}

	#[test]
	fn burn_is_rounded_up_and_value_down() {
		// USD 1 per GRM: a credit is 10^-5 GRM.
		assert_eq!(price(1_000_000_000).burn_for(1), 10_000_000);
		assert_eq!(price(1_000_000_000).value_of(1), 10_000_000);
		// USD 3 per GRM: a third of that.
		assert_eq!(price(3_000_000_000).burn_for(1), 3_333_334);
		assert_eq!(price(3_000_000_000).value_of(1), 3_333_333);
	}

	#[test]
	fn products_fit_at_the_bounds() {
		assert_eq!(Price::MIN.burn_for(CREDITS_MAX), 10u128.pow(30));
		assert_eq!(Price::MAX.burn_for(CREDITS_MAX), 10u128.pow(18));
		assert_eq!(Price::MAX.burn_for(1), 10);
		assert_eq!(Price::MIN.value_of(1), 10u128.pow(13));
		assert!(u128::from(u64::MAX).checked_mul(CREDIT_WORTH).is_some(), "any u64 of credits");
		let claim = DemandShares::default().claim(CREDITS_MAX, SUPPLY_MAX, Price::MIN);
		let (paid, for_validators) = (SUPPLY_MAX / 10 * 9, SUPPLY_MAX / 20);
		assert_eq!(claim, Claim { value: 10u128.pow(30), paid, for_validators });
	}

	#[test]
	fn shares_above_one_cannot_be_made() {
		let percent = Scale::from_percent;
		assert!(DemandShares::new(percent(90), percent(10)).is_some());
		let above = (percent(90), Scale::from_billionths(100_000_001));
		assert_eq!(DemandShares::new(above.0, above.1), None);
		assert!(DemandShares::decode(&mut &above.encode()[..]).is_err());
		assert!(DemandShares::decode(&mut &(percent(50), percent(50)).encode()[..]).is_ok());
		assert_eq!(DemandShares::default().kappa(), percent(90));
		assert_eq!(DemandShares::default().sigma(), percent(5));
	}

	proptest! {
		#[test]
		fn burn_is_the_least_that_is_worth_the_credits(
			credits in 1..=CREDITS_MAX,
			price in any_price(),
		) {
			let burn = price.burn_for(credits);
			let nano_usd = u128::from(price.nano_usd());
			let worth = u128::from(credits) * 10u128.pow(16);
			prop_assert!(burn * nano_usd >= worth && (burn - 1) * nano_usd < worth);
			prop_assert!(price.value_of(credits) <= burn);
			prop_assert!(burn - price.value_of(credits) <= 1);
			// What is burned for credits is worth them, and one planck less is not.
			prop_assert!(price.credits_of(burn) >= credits);
			prop_assert!(price.credits_of(burn - 1) < credits);
		}

		#[test]
		fn claim_never_pays_more_than_was_burned(
			credits in 1..=CREDITS_MAX,
			basis in 0..=SUPPLY_MAX,
			price in any_price(),
			kappa in 0u32..=100,
			part in 0u32..=100,
		) {
			// Sigma is a part of what kappa leaves.
			let sigma = (100 - kappa) * part / 100;
			let shares = DemandShares::new(Scale::from_percent(kappa), Scale::from_percent(sigma));
			let claim = shares.expect("at most one").claim(credits, basis, price);
			let most = basis.min(claim.value);
			prop_assert!(claim.paid + claim.for_validators <= most);
			// Each is rounded down once.
			for (share, amount) in [(kappa, claim.paid), (sigma, claim.for_validators)] {
				prop_assert!(amount * 100 <= most * u128::from(share));
				prop_assert!((amount + 1) * 100 > most * u128::from(share));
			}
		}
	}
}
