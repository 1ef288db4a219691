//! What holds in every state.

use frame_support::{ensure, traits::fungible::Inspect};
use groma_core::{emission, money::Balance};
use groma_traits::OnEpochClosed;
use sp_runtime::TryRuntimeError;

use crate::{Config, Pallet};

impl<T: Config> Pallet<T> {
	/// Checks every invariant of the README.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_readable()?;
		Self::check_schedule()?;
		Self::check_supply()?;
		Self::check_solvency()
	}

	/// What the pot owes: its own deposit, and what those are owed who are paid from it.
	pub fn liabilities() -> Balance {
		let reserve = Self::books().map_or(0, |books| books.reserve);
		reserve.saturating_add(T::OnEpochClosed::owed())
	}

	fn check_readable() -> Result<(), TryRuntimeError> {
		ensure!(Self::has_readable_books(), "the books do not decode");
		ensure!(!Self::clock().is_undecodable(), "the clock is lost");
		Ok(())
	}

	fn check_schedule() -> Result<(), TryRuntimeError> {
		let scheduled = Self::clock()
			.value()
			.map_or(0, |clock| emission::cumulative(clock.elapsed_ms_before(clock.open)));
		let booked = Self::books().map(|books| books.minted.saturating_add(books.unminted));
		ensure!(Some(scheduled) == booked, "the schedule is not minted + unminted");
		Ok(())
	}

	/// Every token comes from genesis, the schedule, or the burn of a claim, and none is gone that
	/// was not counted. What is kept for validators is of epochs that are not closed.
	fn check_supply() -> Result<(), TryRuntimeError> {
		let reminted = Self::stored_reminted().ok_or("what was reminted does not decode")?;
		let scheduled = Self::books().map_or(0, |books| books.genesis.saturating_add(books.minted));
		let issued = scheduled.saturating_add(reminted.minted);
		let accounted = T::Currency::total_issuance().saturating_add(Self::burned());
		ensure!(accounted == issued, "genesis + minted + reminted is not issuance + burned");
		ensure!(reminted.is_covered(), "claims minted or keep more than was burned for them");
		let Some(clock) = Self::clock().value() else { return Ok(()) };
		let kept = reminted.kept;
		ensure!(
			kept.in_epoch == 0 || !clock.is_closed(kept.epoch),
			"what a closed epoch left for validators is kept"
		);
		ensure!(
			kept.before == 0 || kept.epoch > clock.open,
			"what closed epochs left for validators is kept"
		);
		Ok(())
	}

	/// Gifts may raise the pot above what it owes; nothing lowers it.
	fn check_solvency() -> Result<(), TryRuntimeError> {
		let balance = T::Currency::total_balance(&Self::pot());
		ensure!(balance >= Self::liabilities(), "the pot holds less than it owes");
		Ok(())
	}
}
