//! Answers to the runtime API: nothing here changes state.

use alloc::vec::Vec;

use frame_support::pallet_prelude::Get;
use groma_core::{
	api::{BackingInfo, CommissionInfo, DelegationInfo, DelegationPage, ThawingInfo, YieldInfo},
	money::Balance,
	protocol::PAGE_LENGTH_MAX,
	units::Scale,
};
use groma_traits::{Emission, Eras};

use crate::{Config, Delegations, EpochYield, Operator, Pallet};

/// What those who choose an operator to delegate to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolTerms {
	/// The share of a reward that the operator takes first.
	pub commission: Scale,
	/// Whether the pool takes delegations.
	pub is_open: bool,
	/// What a planck behind the operator earned in the last epochs, in billionths.
	pub recent_yield: u64,
}

impl<T: Config> Pallet<T> {
	/// What stands behind an operator, and what it earned; `None` if it does not decode.
	pub fn backing_info(operator: &T::AccountId) -> Option<BackingInfo> {
		let record = Self::operator_of(operator)?;
		let until = Self::withdrawable_until(&record);
		let due = record.own.thawing.iter().filter(|entry| entry.due <= until);
		let active_era = T::Eras::active();
		let next = record.commission.next.filter(|(_, era)| *era > active_era);
		Some(BackingInfo {
			own: record.own.active,
			thawing: record
				.own
				.thawing
				.iter()
				.map(|entry| ThawingInfo { due: entry.due, amount: entry.amount })
				.collect(),
			withdrawable: due.map(|entry| entry.amount).fold(0, Balance::saturating_add),
			delegated: record.pool.stake.tokens,
			delegations: record.delegations,
			is_open: record.is_open,
			commission: Self::present_commission(&record),
			next_commission: next.map(|(share, era)| CommissionInfo { share, era }),
			owed: record.owed,
			pending: record.pending.iter().map(|(era, _)| *era).collect(),
			yields: Self::recent_yields(&record)
				.map(|EpochYield { epoch, billionths }| YieldInfo { epoch, billionths })
				.collect(),
		})
	}

	/// What delegating to an operator means now; `None` if it does not decode.
	pub fn pool_terms(operator: &T::AccountId) -> Option<PoolTerms> {
		let record = Self::operator_of(operator)?;
		Some(PoolTerms {
			commission: Self::present_commission(&record),
			is_open: record.is_open,
			recent_yield: Self::recent_yield(&record),
		})
	}

	/// What stake behind an operator earned in the last epochs that are closed; without a clock of
	/// epochs, in all that are remembered.
	fn recent_yields(record: &Operator) -> impl Iterator<Item = EpochYield> + '_ {
		record.yields.before(T::Emission::first_open_epoch().unwrap_or_default())
	}

	/// The sum of that, in billionths.
	fn recent_yield(record: &Operator) -> u64 {
		Self::recent_yields(record).fold(0, |sum: u64, it| sum.saturating_add(it.billionths))
	}

	/// What an account delegated, at most [`PAGE_LENGTH_MAX`] delegations, in the order of the
	/// state. The next page begins after the last operator of the one before, even if nothing is
	/// delegated to that one by then.
	pub fn delegations_of(
		delegator: &T::AccountId,
		after: Option<T::AccountId>,
	) -> DelegationPage<T::AccountId> {
		let mut operators = match after {
			Some(last) => Delegations::<T>::iter_key_prefix_from(
				delegator,
				Delegations::<T>::hashed_key_for(delegator, last),
			),
			None => Delegations::<T>::iter_key_prefix(delegator),
		};
		let of_page: Vec<T::AccountId> = operators.by_ref().take(PAGE_LENGTH_MAX).collect();
		let next = if operators.next().is_some() { of_page.last().cloned() } else { None };
		let mut page = DelegationPage { delegations: Vec::new(), unreadable: Vec::new(), next };
		for operator in of_page {
			match Self::delegation_info(delegator, &operator) {
				Some(info) => page.delegations.push(info),
				None => page.unreadable.push(operator),
			}
		}
		page
	}

	/// What an account delegated to an operator, as settling it would leave it; `None` if it does
	/// not decode, or something that it depends on does not.
	fn delegation_info(
		delegator: &T::AccountId,
		operator: &T::AccountId,
	) -> Option<DelegationInfo<T::AccountId>> {
		let delegation = Self::stored_delegation(delegator, operator).value()?;
		let record = Self::stored_operator(operator).value()?;
		let (now, thaw) = (T::Eras::active(), T::Spans::get().thaw);
		let first_pending = record.first_pending();
		let mut thawing = Vec::new();
		let active = delegation.active.worth(&record.pool.stake);
		let (mut live, mut withdrawable): (Balance, Balance) = (active, 0);
		for entry in delegation.thawing.iter() {
			let amount = entry.part.worth(&Self::tranche(operator, entry.era).ok()?.stake);
			if amount == 0 {
				continue;
			}
			let due = entry.era.saturating_add(thaw);
			let is_concerned = first_pending.is_some_and(|era| entry.era >= era);
			if due <= now && !is_concerned {
				withdrawable = withdrawable.saturating_add(amount);
			}
			live = live.saturating_add(amount);
			thawing.push(ThawingInfo { due, amount });
		}
		Some(DelegationInfo {
			operator: operator.clone(),
			active,
			thawing,
			withdrawable,
			owed: Self::owed_to(delegator, operator)?,
			unsettled: delegation.on_hold().saturating_sub(live),
			recent_yield: Self::recent_yield(&record),
		})
	}

	/// The share of a reward that an operator takes first in the active era.
	pub(crate) fn present_commission(record: &Operator) -> Scale {
		record.commission.at(T::Eras::active()).min(T::CommissionMax::get())
	}
}
