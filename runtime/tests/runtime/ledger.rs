//! The supply: genesis + scheduled so far + reminted = issuance + unminted + burned. And stake:
//! what is on hold is what its records say.

use std::collections::BTreeMap;

use codec::Decode;
use frame_support::storage::storage_prefix;
use groma_core::{
	NetworkId, emission,
	money::{Balance, GENESIS_SUPPLY},
};
use groma_runtime::{
	AccountId, Balances, DataCredits, Emission, Runtime, RuntimeEvent, RuntimeHoldReason, Stake,
};
use pallet_stake::HoldReason;

/// What was burned, as the events of blocks say.
#[derive(Default)]
pub(crate) struct Ledger {
	/// As fees, as dust, for credits, as bonds, and as stake.
	burned: Balance,
	/// What claims of services were owed, and validators got, out of what was burned for them.
	reminted: Balance,
	/// What claims left for validators in epochs that are not closed.
	for_validators: Balance,
	/// What was burned for the credits of those claims.
	bases: Balance,
	/// What was burned for all credits.
	minted_basis: Balance,
}

impl Ledger {
	/// Takes in the events of a block.
	pub(crate) fn note(&mut self, events: &[RuntimeEvent]) {
		use pallet_balances::Event::{Burned, DustLost};
		use pallet_data_credits::Event::CreditsMinted;
		use pallet_emission::Event::EpochClosed;
		use pallet_metered_service::Event::{ChannelOverdrawn, VoucherPaid};
		use pallet_stake::Event::{OperatorSlashed, Settled, Slashed};
		use pallet_transaction_payment::Event::TransactionFeePaid;
		for event in events {
			match event {
				RuntimeEvent::TransactionPayment(TransactionFeePaid {
					actual_fee, tip, ..
				}) => {
					self.burned += actual_fee - tip;
				}
				RuntimeEvent::Balances(DustLost { amount, .. }) => self.burned += amount,
				// What rewards take back from their pot becomes unminted.
				RuntimeEvent::Balances(Burned { who, amount }) if *who != Emission::pot() => {
					self.burned += amount;
				}
				RuntimeEvent::MeteredService(ChannelOverdrawn { bond, .. }) => self.burned += bond,
				RuntimeEvent::Stake(
					Slashed { burned, .. }
					| OperatorSlashed { burned, .. }
					| Settled { burned, .. },
				) => self.burned += burned,
				RuntimeEvent::MeteredService(VoucherPaid {
					paid, basis, for_validators, ..
				}) => {
					self.reminted += paid;
					self.for_validators += for_validators;
					self.bases += basis;
				}
				RuntimeEvent::Emission(EpochClosed { for_validators, reminted, .. }) => {
					assert!(reminted <= for_validators, "validators got more than was left");
					self.for_validators -= for_validators;
					self.reminted += reminted;
				}
				RuntimeEvent::DataCredits(CreditsMinted { burned, .. }) => {
					self.minted_basis += burned;
				}
				_ => {}
			}
		}
	}

	/// Checks the state against the books; `started_ms` is the timestamp of the first block.
	pub(crate) fn check(&self, started_ms: u64) {
		assert_eq!(Emission::burned(), self.burned, "the chain counts other burns than its events");
		let reminted = Emission::reminted();
		assert_eq!(reminted.minted, self.reminted, "claims minted something else");
		assert_eq!(reminted.bases, self.bases, "claims burned other bases than their events say");
		let credits = DataCredits::books();
		assert_eq!(credits.minted_basis, self.minted_basis, "credits have another basis");
		assert!(reminted.bases <= credits.spent_basis, "claims burned what was not spent");
		let kept = reminted.kept.total();
		assert_eq!(kept, self.for_validators, "something else is kept for validators");
		assert!(reminted.minted + kept <= reminted.bases, "claims pay more than was burned");
		let clock = Emission::epoch_info().expect("the clock runs");
		let first_open = clock.last_closed.map_or(0, |closed| closed + 1);
		let elapsed = (u64::from(first_open) * clock.duration_ms).saturating_sub(started_ms);
		assert_eq!(
			GENESIS_SUPPLY + emission::cumulative(elapsed) + self.reminted,
			Balances::total_issuance() + clock.unminted + Emission::burned(),
			"genesis + scheduled + reminted is not issuance + unminted + burned"
		);
	}
}

/// The first bytes of a key of a map of stake: the pallet and the map, and the hash of an account.
const KEY_HEAD: usize = 48;

/// The keys of a map of stake, from the first account on.
fn keys_of_stake(map: &str) -> Vec<Vec<u8>> {
	let prefix = storage_prefix(b"Stake", map.as_bytes());
	let next = |key: &Vec<u8>| sp_io::storage::next_key(key);
	std::iter::successors(next(&prefix.to_vec()), next)
		.take_while(|key| key.starts_with(&prefix))
		.map(|key| key[KEY_HEAD..].to_vec())
		.collect()
}

/// What the records of each account say that it has on hold behind devices.
fn provisions() -> BTreeMap<AccountId, Balance> {
	let mut sums = BTreeMap::<AccountId, Balance>::new();
	for key in keys_of_stake("Provisions") {
		let (owner, network) =
			<(AccountId, NetworkId)>::decode(&mut &key[..]).expect("it is a key");
		let provision = Stake::provision_of(&owner, network).expect("it decodes");
		*sums.entry(owner).or_default() += provision.on_hold();
	}
	sums
}

/// The same for what it delegated.
fn delegations() -> BTreeMap<AccountId, Balance> {
	let mut sums = BTreeMap::<AccountId, Balance>::new();
	for key in keys_of_stake("Delegations") {
		let (delegator, _, operator) =
			<(AccountId, [u8; 16], AccountId)>::decode(&mut &key[..]).expect("it is a key");
		let delegation = Stake::delegation_of(&delegator, &operator).expect("it decodes");
		*sums.entry(delegator).or_default() += delegation.on_hold();
	}
	sums
}

/// Checks that nothing is on hold as stake of which no record speaks.
pub(crate) fn check_holds() {
	let (provisions, delegations) = (provisions(), delegations());
	for (owner, holds) in pallet_balances::Holds::<Runtime>::iter() {
		for hold in holds {
			let RuntimeHoldReason::Stake(reason) = hold.id else { continue };
			let recorded = match reason {
				HoldReason::Devices => provisions.get(&owner).copied(),
				HoldReason::Delegated => delegations.get(&owner).copied(),
				HoldReason::Validating => {
					Stake::operator_of(&owner).map(|operator| operator.own.on_hold())
				}
			};
			assert_eq!(recorded, Some(hold.amount), "{reason:?} of {owner} is no record's");
		}
	}
}
