//! What stands behind an operator, what it earns, and what waits for it: arithmetic that knows no
//! storage.

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{BoundedVec, traits::ConstU32};
use groma_core::{
	EpochIndex, EraIndex,
	money::Balance,
	protocol::{COMMISSION_NOTICE_ERAS, COMMISSION_RISE_PERCENT, PENDING_ERAS_MAX},
	units::Scale,
};
use scale_info::TypeInfo;

use crate::{Provision, Yields, pool::Pool, shares::floor};

/// The share of a reward that an operator takes before it is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Commission {
	/// What holds until the next one does.
	pub present: Scale,
	/// What was announced, and the era from which on it holds.
	pub next: Option<(Scale, EraIndex)>,
}

impl Default for Commission {
	fn default() -> Self {
		Self { present: Scale::ZERO, next: None }
	}
}

impl Commission {
	/// What holds in an era.
	pub fn at(&self, era: EraIndex) -> Scale {
		match self.next {
			Some((share, from)) if era >= from => share,
			_ => self.present,
		}
	}

	/// Announces a share in an era; what was announced before and does not hold yet is dropped.
	/// Returns the era from which on it holds: a lower one at once. `None`, and nothing changes, if
	/// it is more than five points above the present one.
	pub(crate) fn announce(&mut self, share: Scale, era: EraIndex) -> Option<EraIndex> {
		let present = self.at(era);
		if share <= present {
			*self = Self { present: share, next: None };
			return Some(era);
		}
		let rise = Scale::from_percent(COMMISSION_RISE_PERCENT).billionths();
		let most = Scale::from_billionths(present.billionths().saturating_add(rise));
		let from = era.saturating_add(COMMISSION_NOTICE_ERAS);
		(share <= most).then(|| {
			*self = Self { present, next: Some((share, from)) };
			from
		})
	}
}

/// An account that validates, or did, and those who delegate to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Operator {
	/// Its own stake. What thaws is due in eras: as many after the one that it backed last as stake
	/// takes to thaw.
	pub own: Provision,
	/// What is delegated to it.
	pub pool: Pool,
	/// What it takes of rewards.
	pub commission: Commission,
	/// Whether the pool takes delegations.
	pub is_open: bool,
	/// Plancks in the pot for the operator: commission, and what its own stake earned.
	#[codec(compact)]
	pub owed: Balance,
	/// Accounts with a record of a delegation to it.
	#[codec(compact)]
	pub delegations: u32,
	/// Eras of offences whose slashes wait, and how many wait for each.
	pub pending: BoundedVec<(EraIndex, u32), ConstU32<PENDING_ERAS_MAX>>,
	/// What its stake, and what is delegated to it, earned in the last epochs.
	pub yields: Yields,
}

impl Operator {
	/// Whether nothing is left of it.
	pub(crate) fn is_empty(&self) -> bool {
		let has_stake = !self.own.is_empty() || self.pool.stake.shares > 0;
		let is_referred_to = self.delegations > 0 || !self.pending.is_empty();
		!has_stake && !is_referred_to && self.owed == 0
	}

	/// The first era of an offence whose slash waits.
	pub fn first_pending(&self) -> Option<EraIndex> {
		self.pending.iter().map(|(era, _)| *era).min()
	}

	/// Notes that a slash waits. Returns whether there was room.
	pub(crate) fn pend(&mut self, era: EraIndex) -> bool {
		match self.pending.iter_mut().find(|(known, _)| *known == era) {
			Some((_, count)) => {
				*count = count.saturating_add(1);
				true
			}
			None => self.pending.try_push((era, 1)).is_ok(),
		}
	}

	/// Notes that a slash no longer waits.
	pub(crate) fn release(&mut self, era: EraIndex) {
		self.pending.iter_mut().filter(|(known, _)| *known == era).for_each(|(_, count)| {
			*count = count.saturating_sub(1);
		});
		self.pending.retain(|(_, count)| *count > 0);
	}

	/// Divides a reward for an epoch: the commission first, the rest by sizes to own and delegated
	/// stake, whose part is rounded down. Returns how much of it is owed now: nothing, if no stake
	/// is active.
	pub(crate) fn reward(
		&mut self,
		epoch: EpochIndex,
		amount: Balance,
		commission: Scale,
	) -> Balance {
		let delegated = self.pool.stake.tokens;
		let total = self.own.active.saturating_add(delegated);
		if total == 0 {
			return 0;
		}
		let commission = commission.of(amount);
		let rest = amount.saturating_sub(commission);
		let of_pool = floor(rest, delegated, total).unwrap_or_default();
		let of_operator = amount.saturating_sub(of_pool);
		let is_divided = of_pool == 0 || self.pool.reward(of_pool);
		self.owed = self.owed.saturating_add(of_operator);
		if !is_divided {
			return of_operator;
		}
		self.yields.note(epoch, rest, total);
		amount
	}
}
