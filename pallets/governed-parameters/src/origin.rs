//! The origin that only the call of this pallet makes.

use frame_support::traits::{EnsureOriginWithArg, OriginTrait};

use crate::pallet::Origin;

/// Lets through what the call of this pallet has checked, whatever the parameter.
pub struct EnsureChecked;

impl<O, Key> EnsureOriginWithArg<O, Key> for EnsureChecked
where
	O: OriginTrait + From<Origin>,
	for<'a> &'a O::PalletsOrigin: TryInto<&'a Origin>,
{
	type Success = ();

	fn try_origin(origin: O, _: &Key) -> Result<(), O> {
		let is_checked =
			matches!(TryInto::<&Origin>::try_into(origin.caller()), Ok(Origin::Checked));
		if is_checked { Ok(()) } else { Err(origin) }
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn try_successful_origin(_: &Key) -> Result<O, ()> {
		Ok(Origin::Checked.into())
	}
}
