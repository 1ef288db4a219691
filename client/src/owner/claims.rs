//! Claims for the devices of a fleet: what is worth its fee is claimed, one refusal does not keep
//! the others from being paid, and all of it ends in a sum.

use std::fmt;

use groma_core::{DeviceId, money::Balance};
use serde::Serialize;

use super::{
	error::OwnerError,
	till::{Debt, Till},
};
use crate::{amount::Amount, chain::AccountId};

/// What came of claims.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Claims {
	/// One for each payee of each device, and one for each device that owes nothing.
	pub claims: Vec<Claim>,
	/// What was paid in all.
	pub paid: Amount,
	/// What it cost in all.
	pub fees: Amount,
	/// Why claims ended before they were all made, if they did.
	#[serde(skip)]
	pub stopped: Option<OwnerError>,
}

/// A claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Claim {
	/// The device.
	pub device: DeviceId,
	/// Whom it owes, if anyone.
	pub payee: Option<AccountId>,
	/// What it owed before.
	pub owed: Amount,
	/// What was paid. What was not stays owed.
	pub paid: Amount,
	/// What the claim cost.
	pub fee: Amount,
	/// What came of it.
	#[serde(flatten)]
	pub outcome: ClaimOutcome,
}

/// What came of a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ClaimOutcome {
	/// It was paid.
	Paid,
	/// Nothing is owed.
	NothingOwed,
	/// Paying costs as much as is owed, or more.
	NotWorthTheFee {
		/// What it would cost.
		estimate: Amount,
	},
	/// There is no such device.
	UnknownDevice,
	/// An account that has a part in it does not exist, and the part does not open it.
	CannotReceive {
		/// Which account.
		account: AccountId,
	},
	/// The chain refuses, or it is not known what became of it.
	Failed {
		/// Why.
		reason: String,
	},
	/// It is done, but what was paid cannot be read.
	Unread {
		/// Why.
		reason: String,
	},
	/// An error before it ended the claims.
	NotTried,
}

impl ClaimOutcome {
	/// Whether something is to be done about it.
	pub fn is_failure(&self) -> bool {
		!matches!(
			self,
			Self::Paid | Self::NothingOwed | Self::NotWorthTheFee { .. } | Self::Unread { .. }
		)
	}

	/// What came of a claim by whose error no others can be made.
	fn of_error(error: &OwnerError) -> Self {
		match error {
			OwnerError::Unread(reason) => Self::Unread { reason: reason.clone() },
			error => Self::Failed { reason: error.to_string() },
		}
	}
}

impl Claims {
	/// How many of them have an outcome that fits.
	pub fn count(&self, fits: impl Fn(&ClaimOutcome) -> bool) -> usize {
		self.claims.iter().filter(|claim| fits(&claim.outcome)).count()
	}

	fn add(&mut self, claim: Claim) {
		self.paid.0 = self.paid.0.saturating_add(claim.paid.0);
		self.fees.0 = self.fees.0.saturating_add(claim.fee.0);
		self.claims.push(claim);
	}
}

/// Claims for devices, in their order.
pub async fn claim_all(till: &dyn Till, devices: &[DeviceId]) -> Claims {
	let mut claims = Claims::default();
	for device in devices {
		if claims.stopped.is_some() {
			claims.add(Claim::without_payee(*device, ClaimOutcome::NotTried));
		} else if let Err(error) = claim_device(till, *device, &mut claims).await {
			claims.add(Claim::without_payee(*device, ClaimOutcome::of_error(&error)));
			claims.stopped = Some(error);
		}
	}
	claims
}

/// Claims for the payees of a device. Fails if the others cannot be claimed for either.
async fn claim_device(
	till: &dyn Till,
	device: DeviceId,
	claims: &mut Claims,
) -> Result<(), OwnerError> {
	let debts = till.debts(device).await?;
	if debts.is_empty() {
		let outcome = match till.exists(device).await? {
			true => ClaimOutcome::NothingOwed,
			false => ClaimOutcome::UnknownDevice,
		};
		claims.add(Claim::without_payee(device, outcome));
	}
	for debt in debts {
		claims.add(claim_debt(till, device, &debt).await?);
	}
	Ok(())
}

async fn claim_debt(till: &dyn Till, device: DeviceId, debt: &Debt) -> Result<Claim, OwnerError> {
	let unpaid = |fee, outcome| Claim {
		device,
		payee: Some(debt.payee),
		owed: Amount(debt.amount),
		paid: Amount(0),
		fee: Amount(fee),
		outcome,
	};
	if let Some(account) = cannot_receive(till, debt).await? {
		return Ok(unpaid(0, ClaimOutcome::CannotReceive { account }));
	}
	let estimate: Balance = till.fee(device, debt.payee).await?;
	if debt.amount <= estimate {
		return Ok(unpaid(0, ClaimOutcome::NotWorthTheFee { estimate: Amount(estimate) }));
	}
	match till.claim(device, debt.payee).await {
		Ok(receipt) => {
			let paid = unpaid(receipt.fee.0, ClaimOutcome::Paid);
			Ok(Claim { paid: receipt.paid, ..paid })
		}
		Err(OwnerError::Failed { reason, fee }) => {
			Ok(unpaid(fee.0, ClaimOutcome::Failed { reason }))
		}
		// None of its transactions was included.
		Err(error @ (OwnerError::Refused(_) | OwnerError::Overtaken(_))) => {
			Ok(unpaid(0, ClaimOutcome::Failed { reason: error.to_string() }))
		}
		Err(error) => Err(error),
	}
}

/// An account that cannot take its part: if there is one, nothing of the debt is paid.
async fn cannot_receive(till: &dyn Till, debt: &Debt) -> Result<Option<AccountId>, OwnerError> {
	for (account, part) in &debt.parts {
		if *part > 0 && !till.can_receive(*account, *part).await? {
			return Ok(Some(*account));
		}
	}
	Ok(None)
}

impl Claim {
	fn without_payee(device: DeviceId, outcome: ClaimOutcome) -> Self {
		let none = Amount(0);
		Self { device, payee: None, owed: none, paid: none, fee: none, outcome }
	}
}

/// One line for each claim, and the sum.
impl fmt::Display for Claims {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		for claim in &self.claims {
			writeln!(f, "{claim}")?;
		}
		let paid = self.count(|outcome| *outcome == ClaimOutcome::Paid);
		let (total, amount, fees) = (self.claims.len(), self.paid, self.fees);
		write!(f, "in all {amount} paid by {paid} of {total} claims, for fees of {fees}")?;
		let failed = self.count(ClaimOutcome::is_failure);
		if failed > 0 {
			write!(f, "; {failed} failed")?;
		}
		Ok(())
	}
}

impl fmt::Display for Claim {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let Self { device, payee, owed, paid, fee, outcome } = self;
		write!(f, "device {device} ")?;
		if let Some(payee) = payee {
			write!(f, "owes {payee} {owed}: ")?;
		}
		match outcome {
			ClaimOutcome::Paid => write!(f, "paid {paid}, for a fee of {fee}"),
			ClaimOutcome::NothingOwed => {
				f.write_str("owes nothing; `groma-device explain` says why")
			}
			ClaimOutcome::NotWorthTheFee { estimate } => {
				write!(f, "skipped, since the fee is {estimate}; claim when more is owed")
			}
			ClaimOutcome::UnknownDevice => f.write_str(
				"is unknown: no device has this id; `groma-device status` shows those of the settings",
			),
			ClaimOutcome::CannotReceive { account } => write!(
				f,
				"cannot be paid, since account {account} does not exist and its part is too small to open it; \
				 send it some GRM, or claim when more is owed"
			),
			ClaimOutcome::Failed { reason } => {
				write!(f, "failed: {reason}")?;
				match *fee > Amount(0) {
					true => write!(f, "; its fee was {fee}"),
					false => Ok(()),
				}
			}
			ClaimOutcome::Unread { reason } => write!(
				f,
				"was claimed, but what was paid cannot be read ({reason}): update this program; \
				 `groma-device status` shows what is still owed"
			),
			ClaimOutcome::NotTried => {
				f.write_str("was not tried, because of the error before; claim again")
			}
		}
	}
}

#[cfg(test)]
mod tests {
	use std::{
		collections::{HashMap, HashSet},
		sync::Mutex,
	};

	use async_trait::async_trait;

	use super::*;
	use crate::owner::Receipt;

	/// What a claim costs here.
	const FEE: Balance = 10;
	/// What one costs that is refused: less than it may weigh.
	const FEE_OF_REFUSED: Balance = 7;
	/// What opens an account here.
	const LEAST: Balance = 100;
	/// An account that does not exist.
	const ABSENT: u8 = 0;

	fn account(number: u8) -> AccountId {
		AccountId::from([number; 32])
	}

	fn debt(payee: u8, amount: Balance) -> Debt {
		Debt { payee: account(payee), amount, parts: vec![(account(payee), amount)] }
	}

	/// A chain with devices and their debts, some of which it refuses to pay.
	#[derive(Default)]
	struct FakeTill {
		debts: HashMap<DeviceId, Vec<Debt>>,
		/// Devices of which a claim fails in its block.
		refused: HashSet<DeviceId>,
		/// Devices of which no node takes a claim.
		rejected: HashSet<DeviceId>,
		/// The device at whose claim the node goes away.
		breaks_at: Option<DeviceId>,
		/// The device of whose claim the events cannot be read.
		unread_at: Option<DeviceId>,
		claimed: Mutex<Vec<DeviceId>>,
	}

	impl FakeTill {
		fn new(debts: impl IntoIterator<Item = (DeviceId, Vec<Debt>)>) -> Self {
			Self { debts: debts.into_iter().collect(), ..Self::default() }
		}

		async fn outcomes(&self, devices: &[DeviceId]) -> Vec<ClaimOutcome> {
			let claims = claim_all(self, devices).await;
			claims.claims.into_iter().map(|claim| claim.outcome).collect()
		}

		fn claimed(&self) -> Vec<DeviceId> {
			self.claimed.lock().expect("no test panics here").clone()
		}
	}

	#[async_trait]
	impl Till for FakeTill {
		async fn exists(&self, device: DeviceId) -> Result<bool, OwnerError> {
			Ok(self.debts.contains_key(&device))
		}

		async fn debts(&self, device: DeviceId) -> Result<Vec<Debt>, OwnerError> {
			Ok(self.debts.get(&device).cloned().unwrap_or_default())
		}

		async fn can_receive(&self, to: AccountId, amount: Balance) -> Result<bool, OwnerError> {
			Ok(to != account(ABSENT) || amount >= LEAST)
		}

		async fn fee(&self, _: DeviceId, _: AccountId) -> Result<Balance, OwnerError> {
			Ok(FEE)
		}

		async fn claim(&self, device: DeviceId, payee: AccountId) -> Result<Receipt, OwnerError> {
			if self.breaks_at == Some(device) {
				return Err(OwnerError::Unreachable("gone".to_owned()));
			}
			self.claimed.lock().expect("no test panics here").push(device);
			if self.refused.contains(&device) {
				let (reason, fee) = ("Rewards.NothingOwed".to_owned(), Amount(FEE_OF_REFUSED));
				return Err(OwnerError::Failed { reason, fee });
			}
			if self.rejected.contains(&device) {
				return Err(OwnerError::Refused("the pool is full".to_owned()));
			}
			if self.unread_at == Some(device) {
				return Err(OwnerError::Unread("no event".to_owned()));
			}
			let debt = self.debts[&device].iter().find(|debt| debt.payee == payee);
			let paid = Amount(debt.expect("it is owed").amount);
			Ok(Receipt { fee: Amount(FEE), paid, ..Receipt::default() })
		}
	}

	#[tokio::test]
	async fn claim_whose_events_cannot_be_read_is_done_and_ends_the_claims() {
		let debts = [1, 2, 3].map(|device| (device, vec![debt(1, 500)]));
		let till = FakeTill { unread_at: Some(2), ..FakeTill::new(debts) };
		let claims = claim_all(&till, &[1, 2, 3]).await;
		assert!(matches!(claims.stopped, Some(OwnerError::Unread(_))));
		let text = claims.to_string();
		assert!(text.contains("device 2 was claimed, but what was paid cannot be read"), "{text}");
		assert!(!text.contains("failed: "), "{text}");
		assert_eq!(claims.count(|outcome| *outcome == ClaimOutcome::NotTried), 1);
		assert_eq!(till.claimed(), [1, 2]);
	}

	#[tokio::test]
	async fn what_costs_more_than_it_brings_is_skipped() {
		let dust = [(1, 1), (2, FEE), (3, FEE + 1)];
		let till = FakeTill::new(dust.map(|(device, amount)| (device, vec![debt(7, amount)])));
		let skipped = ClaimOutcome::NotWorthTheFee { estimate: Amount(FEE) };
		let outcomes = till.outcomes(&[1, 2, 3]).await;
		assert_eq!(outcomes, [skipped.clone(), skipped, ClaimOutcome::Paid]);
		assert_eq!(till.claimed(), [3]);
	}

	#[tokio::test]
	async fn refusal_does_not_keep_others_from_being_paid() {
		let mut till = FakeTill::new([1, 2, 3, 4].map(|device| (device, vec![debt(7, 500)])));
		till.refused.insert(2);
		till.rejected.insert(3);
		let claims = claim_all(&till, &[1, 2, 3, 4]).await;
		assert_eq!(till.claimed(), [1, 2, 3, 4]);
		// One that no node takes costs nothing, and one that fails in a block what it says.
		assert_eq!((claims.paid, claims.fees), (Amount(1_000), Amount(2 * FEE + FEE_OF_REFUSED)));
		assert!(claims.stopped.is_none());
		assert!(matches!(&claims.claims[1].outcome, ClaimOutcome::Failed { reason }
			if reason.contains("NothingOwed")));
		assert_eq!(claims.claims[2].fee, Amount(0));
		let text = claims.to_string();
		assert_eq!(text.lines().count(), 5, "{text}");
		assert!(text.contains("NothingOwed; its fee was 0.000000000007 GRM"), "{text}");
		assert!(text.ends_with("by 2 of 4 claims, for fees of 0.000000000027 GRM; 2 failed"));
	}

	#[tokio::test]
	async fn payee_that_cannot_receive_costs_nothing() {
		let split = Debt {
			payee: account(7),
			amount: 500,
			parts: vec![(account(7), 450), (account(ABSENT), 50)],
		};
		let till = FakeTill::new([
			(1, vec![debt(ABSENT, LEAST - 1)]),
			(2, vec![split]),
			(3, vec![debt(ABSENT, LEAST)]),
		]);
		let claims = claim_all(&till, &[1, 2, 3]).await;
		let outcomes: Vec<_> = claims.claims.iter().map(|claim| claim.outcome.clone()).collect();
		let absent = ClaimOutcome::CannotReceive { account: account(ABSENT) };
		assert_eq!(outcomes, [absent.clone(), absent, ClaimOutcome::Paid]);
		assert_eq!((till.claimed(), claims.fees), (vec![3], Amount(FEE)));
	}

	#[tokio::test]
	async fn every_payee_of_a_device_has_a_claim_of_its_own() {
		let till = FakeTill::new([(1, vec![debt(7, 500), debt(8, 1), debt(9, 300)])]);
		let claims = claim_all(&till, &[1]).await;
		assert_eq!(claims.claims.len(), 3);
		assert_eq!((claims.paid, till.claimed()), (Amount(800), vec![1, 1]));
	}

	#[tokio::test]
	async fn unknown_device_is_distinguished_from_one_that_owes_nothing() {
		let till = FakeTill::new([(1, Vec::new())]);
		let outcomes = till.outcomes(&[1, 9]).await;
		assert_eq!(outcomes, [ClaimOutcome::NothingOwed, ClaimOutcome::UnknownDevice]);
		let text = claim_all(&till, &[9]).await.to_string();
		assert!(text.contains("device 9 is unknown"), "{text}");
	}

	#[tokio::test]
	async fn claims_stop_when_the_node_goes_away() {
		let mut till = FakeTill::new([1, 2, 3].map(|device| (device, vec![debt(7, 500)])));
		till.breaks_at = Some(2);
		let claims = claim_all(&till, &[1, 2, 3]).await;
		assert_eq!(till.claimed(), [1]);
		assert!(matches!(claims.stopped, Some(OwnerError::Unreachable(_))));
		assert_eq!(claims.claims[2].outcome, ClaimOutcome::NotTried);
		assert_eq!(claims.count(ClaimOutcome::is_failure), 2);
	}

	#[tokio::test]
	async fn claims_keep_every_digit_in_json() {
		let till = FakeTill::new([(1, vec![debt(7, 500)]), (2, vec![debt(ABSENT, 50)])]);
		let json = serde_json::to_value(claim_all(&till, &[1, 2]).await).expect("JSON");
		assert_eq!(json["claims"][0]["outcome"], "paid");
		assert_eq!((&json["claims"][0]["paid"], &json["paid"]), (&"500".into(), &"500".into()));
		assert_eq!(json["claims"][1]["outcome"], "cannotReceive");
		assert_eq!(json["fees"], "10");
	}
}
