//! How the emission of an epoch reaches those who earned it: minted into one pot when the epoch is
//! closed, and paid from there.

use groma_core::{EpochIndex, money::Balance, settlement};
use sp_runtime::{DispatchResult, Weight};

use crate::Payment;

/// The emission of an epoch, divided: plancks per pool. Together they never exceed the emission.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pools {
	/// For verified work of devices.
	pub supply: Balance,
	/// For those who author and finalize blocks.
	pub validators: Balance,
	/// For the treasury.
	pub treasury: Balance,
	/// For those who bring reports on chain.
	pub collectors: Balance,
}

/// An epoch that is being closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClosedEpoch {
	/// Which.
	pub epoch: EpochIndex,
	/// When it began, in ms since the Unix epoch.
	pub began_ms: u64,
	/// The first timestamp of the chain, in ms since the Unix epoch.
	pub chain_began_ms: u64,
	/// What was emitted in it.
	pub pools: Pools,
	/// Plancks that claims of services left for validators: the burn of the claims pays for them,
	/// and the schedule does not.
	pub for_validators: Balance,
}

impl ClosedEpoch {
	/// The age of something that was founded then, in ms, when the epoch began. What existed at
	/// genesis is as old as the chain.
	pub fn age_ms(&self, founded_ms: u64) -> u64 {
		settlement::age_ms(self.began_ms, founded_ms, self.chain_began_ms)
	}
}

/// Pallets that settle an epoch when it is closed, each out of its pool.
pub trait OnEpochClosed {
	/// Settles the epoch, and mints what it owes into the pot: at most what its pool holds. What a
	/// pool does not mint becomes unminted, and what validators do not take of what claims left
	/// them stays burned. Returns what that weighs.
	fn on_epoch_closed(closed: &ClosedEpoch) -> Weight;

	/// Whether anything was done in an epoch that was never closed.
	fn has_open_work(_epoch: EpochIndex) -> bool {
		false
	}

	/// Plancks in the pot that belong to someone, or will when work is folded. It reads every
	/// record, so it is for checks alone.
	fn owed() -> Balance;
}

impl OnEpochClosed for () {
	fn on_epoch_closed(_: &ClosedEpoch) -> Weight {
		Weight::zero()
	}

	fn owed() -> Balance {
		0
	}
}

macro_rules! one_after_another {
	($($name:ident),+) => {
		impl<$($name: OnEpochClosed),+> OnEpochClosed for ($($name,)+) {
			fn on_epoch_closed(closed: &ClosedEpoch) -> Weight {
				Weight::zero()$(.saturating_add($name::on_epoch_closed(closed)))+
			}

			fn has_open_work(epoch: EpochIndex) -> bool {
				false $(|| $name::has_open_work(epoch))+
			}

			fn owed() -> Balance {
				[$($name::owed()),+].into_iter().fold(0, Balance::saturating_add)
			}
		}
	};
}

one_after_another!(A);
one_after_another!(A, B);
one_after_another!(A, B, C);
one_after_another!(A, B, C, D);

/// The clock of epochs alone.
pub trait Epochs {
	/// The epoch of the present block by its timestamp, also as long as no epoch can close: what is
	/// remembered of an epoch has to be complete if that ends within it. `None` before the first
	/// timestamp.
	fn present() -> Option<EpochIndex>;

	/// The length of an epoch in ms.
	fn length_ms() -> u64;
}

/// The clock of epochs, and the pot from which everything is paid.
pub trait Emission<AccountId> {
	/// The epoch of the present block by its timestamp; `None` before the first timestamp.
	fn present_epoch() -> Option<EpochIndex>;

	/// The first epoch that is not closed; `None` before the clock starts.
	fn first_open_epoch() -> Option<EpochIndex>;

	/// When an epoch begins, in ms since the Unix epoch; `None` before the clock starts.
	fn began_ms(epoch: EpochIndex) -> Option<u64>;

	/// Whether the epoch is closed.
	fn is_closed(epoch: EpochIndex) -> bool {
		Self::first_open_epoch().is_some_and(|open| epoch < open)
	}

	/// Mints plancks of the epoch that is being closed into the pot. Returns how many: all of them,
	/// or none if they would lift the issuance above its cap.
	fn mint(amount: Balance) -> Balance;

	/// Takes back from the pot what belongs to no one: as if it had never been minted.
	fn unmint(amount: Balance);

	/// Mints what a claim pays into the pot, and keeps in mind what it leaves for validators in its
	/// epoch, which is not minted yet: both out of the basis, which was burned for it. Returns
	/// whether it did; if not, nothing changed.
	fn remint(epoch: EpochIndex, payment: &Payment) -> bool;

	/// Mints plancks into the pot of what claims left for validators in the epoch that is being
	/// closed. Returns how many: all of them, or none.
	fn remint_for_validators(amount: Balance) -> Balance;

	/// Takes back from the pot what [`Self::remint_for_validators`] minted and no one took: as if
	/// it had never been minted.
	fn unremint(amount: Balance);

	/// Whether the books can be read. If not, nothing should be burned by choice: it would not be
	/// counted.
	fn are_books_readable() -> bool;

	/// Counts tokens that the caller burns: the books do nothing else with them.
	fn note_burned(amount: Balance);

	/// Pays from the pot. Fails if the account does not exist and the amount would not open it.
	fn pay(to: &AccountId, amount: Balance) -> DispatchResult;
}

/// What benchmarks need of the emission.
#[cfg(feature = "runtime-benchmarks")]
pub trait EmissionBenchmarkHelper {
	/// Closes every epoch before this one, settles none of them, and gives the pot more than
	/// enough.
	fn pass_to(epoch: EpochIndex);
}
