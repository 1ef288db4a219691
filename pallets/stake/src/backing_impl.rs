//! What the pallet that elects validators asks for: how they are backed, slashed and rewarded.

use alloc::vec::Vec;
use core::{iter::once, ops::RangeInclusive};

use frame_support::{
	defensive,
	pallet_prelude::{DispatchResult, Get},
	weights::Weight,
};
use groma_core::{EpochIndex, EraIndex, money::Balance};
use groma_traits::{Backed, Backing, Eras, Slashed};

use crate::{
	Config, Delegations, Ended, Event, HoldReason, Operator, Operators, Pallet, Tranche,
	WeightInfo, pool::earned, shares::divide, taking::Taken,
};

impl<T: Config> Backing<T::AccountId> for Pallet<T> {
	fn of(operator: &T::AccountId) -> Backed {
		let Some(record) = Self::stored_operator(operator).value() else {
			return Backed::default();
		};
		let own = record.own.active;
		Backed { own, total: own.saturating_add(record.pool.stake.tokens) }
	}

	fn is_readable(operator: &T::AccountId) -> bool {
		T::Eras::counted().is_some() && !Self::stored_operator(operator).is_undecodable()
	}

	/// Nothing stood behind anyone in an era that is to come, and nothing is left of what stood
	/// there only in eras before those in which stake thaws. Nothing is taken while the clock of
	/// eras cannot be read.
	fn slash(
		operator: &T::AccountId,
		era: EraIndex,
		amount: Balance,
		reporter: Option<&T::AccountId>,
	) -> Slashed {
		let Some(counted) = T::Eras::counted() else { return Slashed::default() };
		let Some(mut record) = Self::stored_operator(operator).value() else {
			return Slashed::default();
		};
		if era > counted {
			return Slashed::default();
		}
		let thaw = T::Spans::get().thaw;
		let first = era.max(counted.saturating_sub(thaw));
		let (active, thawing) = record.own.take_due_from(amount, first.saturating_add(thaw));
		let own = active.saturating_add(thawing);
		let rest = amount.saturating_sub(own);
		let delegated = Self::slash_delegated(operator, &mut record, first..=counted, rest);
		if own == 0 && delegated == 0 {
			return Slashed::default();
		}
		Self::put_operator(operator, record);
		let taken = if own > 0 {
			Self::take_held(HoldReason::Validating, operator, own, reporter)
		} else {
			Taken::default()
		};
		Self::deposit_event(Event::OperatorSlashed {
			operator: operator.clone(),
			era,
			own,
			delegated,
			burned: taken.burned,
			rewarded: taken.rewarded,
			reporter: reporter.cloned(),
		});
		Slashed { own, delegated, rewarded: taken.rewarded }
	}

	fn reward(operator: &T::AccountId, epoch: EpochIndex, amount: Balance) -> Balance {
		let Some(mut record) = Self::stored_operator(operator).value() else { return 0 };
		let commission = Self::present_commission(&record);
		let taken = record.reward(epoch, amount, commission);
		if taken > 0 {
			Self::put_operator(operator, record);
		}
		taken
	}

	/// It is noted of an operator of whom nothing is left, too: no one joins who would pay for it.
	fn pend(operator: &T::AccountId, era: EraIndex) {
		let Some(mut record) = Self::operator_of(operator) else { return };
		if record.pend(era) {
			Self::put_operator(operator, record);
		} else {
			defensive!("slashes wait for no more eras than stake thaws for");
		}
	}

	fn release(operator: &T::AccountId, era: EraIndex) {
		if let Some(mut record) = Self::stored_operator(operator).value() {
			record.release(era);
			Self::put_operator(operator, record);
		}
	}

	fn provision(operator: &T::AccountId, amount: Balance) -> DispatchResult {
		Self::do_provision_own(operator.clone(), amount)
	}

	fn owed() -> Balance {
		let operators = Operators::<T>::iter_keys().filter_map(|it| Self::owed_by(&it));
		let delegations = Delegations::<T>::iter_keys()
			.filter_map(|(delegator, operator)| Self::owed_to(&delegator, &operator));
		operators.chain(delegations).fold(0, Balance::saturating_add)
	}

	fn slash_weight() -> Weight {
		T::WeightInfo::slash_operator()
	}

	fn reward_weight() -> Weight {
		T::WeightInfo::reward_operator()
	}

	fn pend_weight() -> Weight {
		T::WeightInfo::pend()
	}
}

impl<T: Config> Pallet<T> {
	/// Takes an amount of what is delegated to an operator, or all that there is: of the pool and
	/// of what thaws of these eras, by sizes. Returns how much it took. It is burned when the
	/// records of the delegations are settled. What does not decode stays.
	fn slash_delegated(
		operator: &T::AccountId,
		record: &mut Operator,
		eras: RangeInclusive<EraIndex>,
		amount: Balance,
	) -> Balance {
		let tranches: Vec<(EraIndex, Tranche)> = eras
			.filter_map(|era| Some((era, Self::stored_tranche(operator, era).value()?)))
			.collect();
		let sizes: Vec<Balance> = once(record.pool.stake.tokens)
			.chain(tranches.iter().map(|(_, tranche)| tranche.stake.tokens))
			.collect();
		let mut parts = divide(amount, &sizes).into_iter();
		let of_pool = parts.next().unwrap_or_default();
		let mut taken = Self::slash_pool(operator, record, of_pool);
		for ((era, mut tranche), part) in tranches.into_iter().zip(parts) {
			let cut = tranche.stake.cut(part);
			if cut.taken > 0 {
				Self::put_tranche(operator, era, tranche);
				taken = taken.saturating_add(cut.taken);
			}
		}
		Self::note_live(taken, 0);
		taken
	}

	/// Takes an amount of the pool, and begins a new generation if too little is left.
	fn slash_pool(operator: &T::AccountId, record: &mut Operator, amount: Balance) -> Balance {
		let (generation, per_share) = (record.pool.stake.generation, record.pool.per_share);
		let cut = record.pool.stake.cut(amount);
		Self::end_generation(operator, generation, Ended { per_share, shares: cut.ended });
		cut.taken
	}

	/// What an operator is owed now, and what its pool has to divide yet, in plancks.
	fn owed_by(operator: &T::AccountId) -> Option<Balance> {
		let record = Self::stored_operator(operator).value()?;
		Some(record.owed.saturating_add(record.pool.carry))
	}

	/// What an account is owed for what it delegated to an operator, in plancks; `None` if it
	/// delegated nothing, or if that does not decode.
	pub fn owed_to(delegator: &T::AccountId, operator: &T::AccountId) -> Option<Balance> {
		let delegation = Self::stored_delegation(delegator, operator).value()?;
		let pool = Self::stored_operator(operator).value()?.pool;
		let active = delegation.active;
		let until = if active.generation == pool.stake.generation || active.shares == 0 {
			pool.per_share
		} else {
			Self::stored_end(operator, active.generation).value()?.per_share
		};
		let reward = earned(active.shares, delegation.settled_per_share, until);
		Some(delegation.owed.saturating_add(reward))
	}
}
