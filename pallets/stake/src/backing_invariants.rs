//! What holds in every state of operators and of those who delegate to them.

use alloc::collections::BTreeMap;

use frame_support::{
	ensure,
	traits::{Get, fungible::InspectHold},
};
use groma_core::{EraIndex, money::Balance};
use groma_stored::Stored;
use groma_traits::Eras;
use sp_runtime::TryRuntimeError;

use crate::{
	Config, DelegatedSums, Delegation, Delegations, Generations, HoldReason, Operator, Operators,
	Pallet, Part, Shares, Sums, Tranches,
};

/// What all records say together.
struct Found<A> {
	/// Plancks on hold for delegations of each account.
	held: BTreeMap<A, Balance>,
	/// Records for each operator.
	records: BTreeMap<A, u32>,
	/// Shares of each generation of each pool.
	pool_shares: BTreeMap<(A, u32), u128>,
	/// Entries of each tranche, and shares of its present generation.
	tranches: BTreeMap<(A, EraIndex), (u32, u128)>,
	/// Parts of pools and tranches.
	parts: u32,
	/// What they are worth together.
	worth: Balance,
}

impl<A> Found<A> {
	/// Counts a part: what its shares are worth is on hold.
	fn add_part(&mut self, part: &Part, stake: &Shares) -> Result<(), TryRuntimeError> {
		let is_present = part.generation == stake.generation;
		ensure!(part.generation <= stake.generation, "a record is of a generation to come");
		let worth = if is_present { stake.worth(part.shares) } else { 0 };
		ensure!(worth <= part.principal, "shares are worth more than what is on hold for them");
		self.parts = self.parts.saturating_add(1);
		self.worth = self.worth.saturating_add(worth);
		Ok(())
	}
}

impl<A> Default for Found<A> {
	fn default() -> Self {
		let (held, records) = Default::default();
		let (pool_shares, tranches) = Default::default();
		Self { held, records, pool_shares, tranches, parts: 0, worth: 0 }
	}
}

impl<T: Config> Pallet<T> {
	/// Checks the invariants of the README about operators and delegations.
	pub(crate) fn check_backing() -> Result<(), TryRuntimeError> {
		let mut found = Found::<T::AccountId>::default();
		for (delegator, operator) in Delegations::<T>::iter_keys() {
			let stored = Self::stored_delegation(&delegator, &operator).value();
			let delegation = stored.ok_or("a delegation does not decode")?;
			Self::check_delegation(&operator, &delegation, &mut found)?;
			let held = found.held.entry(delegator).or_default();
			*held = held.saturating_add(delegation.on_hold());
			let records = found.records.entry(operator).or_default();
			*records = records.saturating_add(1);
		}
		let mut live: Balance = 0;
		for operator in Operators::<T>::iter_keys() {
			let stored = Self::stored_operator(&operator).value();
			let record = stored.ok_or("an operator does not decode")?;
			Self::check_operator(&operator, &record, &mut found)?;
			live = live.saturating_add(record.pool.stake.tokens);
		}
		ensure!(found.records.is_empty(), "there are delegations to an operator without a record");
		live = live.saturating_add(Self::check_tranches(&mut found)?);
		Self::check_generations(&mut found)?;
		Self::check_sums(&found, live)
	}

	fn check_delegation(
		operator: &T::AccountId,
		delegation: &Delegation,
		found: &mut Found<T::AccountId>,
	) -> Result<(), TryRuntimeError> {
		ensure!(!delegation.is_empty(), "a delegation of nothing is stored");
		let eras: alloc::vec::Vec<_> = delegation.thawing.iter().map(|entry| entry.era).collect();
		ensure!(eras.is_sorted_by(|a, b| a < b), "entries of a delegation are out of order");
		let active = delegation.active;
		if active.shares > 0 {
			let record = Self::stored_operator(operator).value();
			let pool = record.ok_or("there is no operator of a delegation")?.pool;
			ensure!(
				delegation.settled_per_share <= pool.per_share,
				"a record counts more rewards than there were"
			);
			found.add_part(&active, &pool.stake)?;
			let key = (operator.clone(), active.generation);
			let shares = found.pool_shares.entry(key).or_default();
			*shares = shares.saturating_add(active.shares);
		} else {
			ensure!(active.principal == 0, "plancks are on hold for no shares");
		}
		for entry in &delegation.thawing {
			let tranche = Self::stored_tranche(operator, entry.era).value();
			let stake = tranche.ok_or("there is no tranche of an entry")?.stake;
			found.add_part(&entry.part, &stake)?;
			let is_present = entry.part.generation == stake.generation;
			let (entries, shares) =
				found.tranches.entry((operator.clone(), entry.era)).or_default();
			*entries = entries.saturating_add(1);
			*shares = shares.saturating_add(if is_present { entry.part.shares } else { 0 });
		}
		Ok(())
	}

	fn check_operator(
		operator: &T::AccountId,
		record: &Operator,
		found: &mut Found<T::AccountId>,
	) -> Result<(), TryRuntimeError> {
		ensure!(!record.is_empty(), "an operator without anything is stored");
		let held = T::Currency::balance_on_hold(&HoldReason::Validating.into(), operator);
		ensure!(held == record.own.on_hold(), "own stake is not what is on hold");
		ensure!(record.own.thawing.iter().all(|it| it.amount > 0), "an entry of nothing thaws");
		let dues: alloc::vec::Vec<_> = record.own.thawing.iter().map(|entry| entry.due).collect();
		ensure!(dues.is_sorted_by(|a, b| a < b), "own stake that thaws is out of order");
		let counted = T::Eras::counted().ok_or("the clock of eras cannot be read")?;
		let latest = counted.saturating_add(T::Spans::get().thaw);
		ensure!(dues.iter().all(|due| *due <= latest), "own stake thaws for too long");
		check_stake(&record.pool.stake)?;
		let records = found.records.remove(operator).unwrap_or_default();
		ensure!(records == record.delegations, "delegations to an operator are miscounted");
		let key = (operator.clone(), record.pool.stake.generation);
		let shares = found.pool_shares.remove(&key).unwrap_or_default();
		ensure!(shares == record.pool.stake.shares, "the shares of a pool are not its records'");
		ensure!(record.pending.iter().all(|(_, count)| *count > 0), "no slash waits for an era");
		Ok(())
	}

	/// Returns the plancks of all tranches. Each has an entry, however old it is.
	fn check_tranches(found: &mut Found<T::AccountId>) -> Result<Balance, TryRuntimeError> {
		let mut live: Balance = 0;
		for (operator, era) in Tranches::<T>::iter_keys() {
			let stored = Self::stored_tranche(&operator, era).value();
			let tranche = stored.ok_or("a tranche does not decode")?;
			ensure!(tranche.entries > 0, "a tranche without entries is stored");
			let counted = T::Eras::counted().ok_or("the clock of eras cannot be read")?;
			ensure!(era <= counted, "stake thaws that backed an era to come");
			check_stake(&tranche.stake)?;
			let entries = found.tranches.remove(&(operator, era));
			let expected = Some((tranche.entries, tranche.stake.shares));
			ensure!(entries == expected, "a tranche is not the sum of its entries");
			live = live.saturating_add(tranche.stake.tokens);
		}
		ensure!(found.tranches.is_empty(), "entries thaw of no tranche");
		Ok(live)
	}

	fn check_generations(found: &mut Found<T::AccountId>) -> Result<(), TryRuntimeError> {
		for (operator, generation) in Generations::<T>::iter_keys() {
			let stored = Self::stored_end(&operator, generation).value();
			let ended = stored.ok_or("the end of a generation does not decode")?;
			let shares = found.pool_shares.remove(&(operator, generation));
			ensure!(shares == Some(ended.shares), "an ended generation is not its records");
		}
		ensure!(found.pool_shares.is_empty(), "records are of an unknown generation");
		Ok(())
	}

	/// What is on hold is what is live and what waits to be burned, within a planck for each part.
	fn check_sums(found: &Found<T::AccountId>, live: Balance) -> Result<(), TryRuntimeError> {
		let reason = HoldReason::Delegated.into();
		for (delegator, held) in &found.held {
			let on_hold = T::Currency::balance_on_hold(&reason, delegator);
			ensure!(on_hold == *held, "what is on hold is not the sum of the delegations");
		}
		let held = found.held.values().copied().fold(0, Balance::saturating_add);
		let stored = match Self::stored_sums() {
			Stored::Value(sums) => sums,
			Stored::Absent => Sums::default(),
			Stored::Undecodable => return Err("the sums do not decode".into()),
		};
		ensure!(DelegatedSums::<T>::exists() || held == 0, "the sums are gone");
		ensure!(stored == Sums { held, live }, "the sums are not those of the records");
		let parts = Balance::from(found.parts);
		ensure!(live <= held.saturating_add(parts), "pools and tranches have more than is on hold");
		let is_divided = found.worth <= live && live <= found.worth.saturating_add(parts);
		ensure!(is_divided, "pools and tranches are not what their parts are worth");
		Ok(())
	}
}

/// The price of a share is at most a planck.
fn check_stake(stake: &Shares) -> Result<(), TryRuntimeError> {
	ensure!(stake.tokens <= stake.shares, "a share is worth more than a planck");
	ensure!(stake.tokens > 0 || stake.shares == 0, "shares are worth nothing");
	Ok(())
}
