//! A chain that stands still when a test says so.

use frame_support::parameter_types;
use groma_traits::Standstill;

use crate::Fakes;

parameter_types! {
	/// Whether the chain stands still.
	pub storage StandsStill: bool = false;
}

impl<T, C> Standstill for Fakes<T, C> {
	fn now() -> bool {
		StandsStill::get()
	}
}
