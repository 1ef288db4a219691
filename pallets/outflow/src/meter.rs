//! The meter: arithmetic without storage.

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{BoundedVec, traits::ConstU32};
use scale_info::TypeInfo;
use sp_runtime::traits::AtLeast32BitUnsigned;

/// Days that the meter keeps: the present one, and the 30 before it, so that no span of 30 days
/// reaches beyond the oldest.
pub const DAYS: u32 = 31;

/// What may leave in that time is the pot divided by this: 2 %.
pub const SHARE_DIVISOR: u32 = 50;

/// A day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Day<Balance> {
	/// What the pot held when the day began.
	pub held: Balance,
	/// What left it since.
	pub left: Balance,
}

/// The last days, oldest first; the last entry is the present day.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Meter<Balance>(BoundedVec<Day<Balance>, ConstU32<DAYS>>);

impl<Balance> Meter<Balance>
where
	Balance: AtLeast32BitUnsigned + Copy + Default,
{
	/// A meter that begins with what the pot holds.
	pub fn new(held: Balance) -> Self {
		let mut meter = Self(BoundedVec::new());
		meter.begin_day(held);
		meter
	}

	/// What the pot held when the oldest day began.
	fn first_held(&self) -> Balance {
		self.0.first().map(|day| day.held).unwrap_or_default()
	}

	/// What left it in all of these days.
	pub fn left(&self) -> Balance {
		sum_of(&self.0)
	}

	/// What came in within the last 30 days, if the pot holds `held` now: what it holds and what
	/// left it, less what it held first. Of [`DAYS`] the oldest does not count: what came in then
	/// may have come before these 30 days.
	fn income(&self, held: Balance) -> Balance {
		let all = self.0.as_slice();
		let days = if self.0.is_full() { all.get(1..).unwrap_or_default() } else { all };
		let first_held = days.first().map(|day| day.held).unwrap_or_default();
		held.saturating_add(sum_of(days)).saturating_sub(first_held)
	}

	/// How much may leave the pot now that it holds `held`: within these days no more than the
	/// larger of 2 % of what it held first, rounded down, and of what came in within the last 30.
	pub fn room(&self, held: Balance) -> Balance {
		let share = self.first_held() / Balance::from(SHARE_DIVISOR);
		share.max(self.income(held)).saturating_sub(self.left())
	}

	/// Counts what leaves the pot today.
	pub fn note(&mut self, amount: Balance) {
		if let Some(today) = self.0.last_mut() {
			today.left = today.left.saturating_add(amount);
		}
	}

	/// Begins a day, with what the pot holds now. The oldest day is forgotten once there are
	/// [`DAYS`].
	pub fn begin_day(&mut self, held: Balance) {
		if self.0.is_full() {
			self.0.remove(0);
		}
		let begun = self.0.try_push(Day { held, left: Balance::default() });
		debug_assert!(begun.is_ok(), "there is room for a day");
	}

	/// The present day.
	pub fn today(&self) -> Option<Day<Balance>> {
		self.0.last().copied()
	}

	/// Whether there is no day, not even the present one.
	pub fn is_empty(&self) -> bool {
		self.0.is_empty()
	}
}

/// What left the pot in some days.
fn sum_of<Balance: AtLeast32BitUnsigned + Copy + Default>(days: &[Day<Balance>]) -> Balance {
	days.iter().fold(Balance::default(), |sum, day| sum.saturating_add(day.left))
}
