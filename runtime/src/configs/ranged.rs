//! The ranges of governed numbers. What is stored is a plain number, so that one which an older
//! range allowed still decodes: it is refused where it is set and clamped where it is read.

use frame_support::traits::Get;
use groma_core::units::Scale;
use sp_runtime::Perbill;

/// The range of a governed number, both ends included.
pub trait Bounds {
	/// The number.
	type Number: Copy + Ord;
	/// The least.
	const MIN: Self::Number;
	/// The most.
	const MAX: Self::Number;

	/// Whether a vote may set this number.
	fn admits(number: Self::Number) -> bool {
		(Self::MIN..=Self::MAX).contains(&number)
	}
}

/// A parameter `P` as the number that a pallet asks for: what is stored, or the end of the range
/// `B` that is nearest to it.
pub struct Plain<P, B>(core::marker::PhantomData<(P, B)>);

impl<P: Get<B::Number>, B: Bounds> Get<B::Number> for Plain<P, B> {
	fn get() -> B::Number {
		P::get().max(B::MIN).min(B::MAX)
	}
}

/// A parameter `P` in percent, within the range `B`, as the share that a pallet asks for.
pub struct Percent<P, B>(core::marker::PhantomData<(P, B)>);

impl<P: Get<u32>, B: Bounds<Number = u32>> Get<Perbill> for Percent<P, B> {
	fn get() -> Perbill {
		Perbill::from_percent(Plain::<P, B>::get())
	}
}

impl<P: Get<u32>, B: Bounds<Number = u32>> Get<Scale> for Percent<P, B> {
	fn get() -> Scale {
		Scale::from_percent(Plain::<P, B>::get())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use frame_support::traits::ConstU32;

	struct Tens;

	impl Bounds for Tens {
		type Number = u32;
		const MIN: u32 = 10;
		const MAX: u32 = 20;
	}

	#[test]
	fn number_is_clamped_when_it_was_stored_out_of_its_range() {
		assert_eq!(Plain::<ConstU32<9>, Tens>::get(), 10);
		assert_eq!(Plain::<ConstU32<15>, Tens>::get(), 15);
		assert_eq!(Plain::<ConstU32<21>, Tens>::get(), 20);
		let share: Perbill = Percent::<ConstU32<1_000>, Tens>::get();
		assert_eq!(share, Perbill::from_percent(20));
	}

	#[test]
	fn number_is_refused_when_it_leaves_its_range() {
		for (number, is_taken) in [(9, false), (10, true), (20, true), (21, false)] {
			assert_eq!(Tens::admits(number), is_taken);
		}
	}
}
