//! How devices are paid for what customers bought.

use groma_core::{
	DeviceId, NetworkId,
	lot::Lot,
	money::{Balance, Credits},
};

/// What a claim came to, in plancks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payment {
	/// What had been burned for the credits.
	pub basis: Balance,
	/// What the credits are worth at the mean price of the last closed epoch.
	pub value: Balance,
	/// What the owner of the device is owed: a share of the lesser of the two.
	pub paid: Balance,
	/// What validators get when the epoch is closed: another share of the same.
	pub for_validators: Balance,
}

/// What pays for services.
pub trait Demand<AccountId> {
	/// Whether the chain can pay for services at the moment: whether all that it needs for that can
	/// be read. As long as it cannot, what was promised waits, and no time runs out for it.
	fn is_payable() -> bool;

	/// Burns a lot, credits the owner of the device that delivered `units` for it, and
	/// leaves validators their share. The lot returns untouched if the chain cannot pay at the
	/// moment.
	fn pay(
		device: DeviceId,
		network: NetworkId,
		owner: &AccountId,
		lot: Lot,
		units: u64,
	) -> Result<Payment, Lot>;

	/// What a claim of credits with this basis would come to now. `None` while the chain pays no
	/// claims.
	fn quote(credits: Credits, basis: Balance) -> Option<Payment>;
}
