//! The coverage lane: a transaction extension that keeps a share of every block for coverage, and holds
//! coverage to it.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::marker::PhantomData;
use frame_support::{
	CloneNoBound, DebugNoBound, DefaultNoBound, EqNoBound, PartialEqNoBound,
	dispatch::{DispatchClass, DispatchInfo, PostDispatchInfo},
	traits::IsSubType,
	weights::Weight,
};
use scale_info::TypeInfo;
use sp_runtime::{
	DispatchResult, Perbill, SaturatedConversion,
	traits::{
		AsSystemOriginSigner, DispatchInfoOf, DispatchOriginOf, Dispatchable, Get, Implication,
		PostDispatchInfoOf, TransactionExtension, ValidateResult,
	},
	transaction_validity::{
		InvalidTransaction, TransactionPriority, TransactionSource, TransactionValidity,
		TransactionValidityError, ValidTransaction,
	},
};

use crate::{Call, Config, LaneUse, WeightInfo, prospects::has_prospects};

/// The call of the runtime.
type RuntimeCallOf<T> = <T as frame_system::Config>::RuntimeCall;

/// Tells coverage calls from others. Only a call itself counts: what a batch holds does not.
pub trait CoverageCalls<T> {
	/// Whether the call belongs into the lane.
	fn is_coverage(&self) -> bool;
}

impl<T: Config, C: IsSubType<Call<T>>> CoverageCalls<T> for C {
	fn is_coverage(&self) -> bool {
		matches!(
			self.is_sub_type(),
			Some(
				Call::submit_statements { .. }
					| Call::submit_reveals { .. }
					| Call::submit_own_statement { .. }
					| Call::submit_own_reveal { .. }
			)
		)
	}
}

/// What transactions take of a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Load {
	/// Execution time in picoseconds.
	pub ref_time: u64,
	/// Length in bytes.
	pub length: u32,
}

impl Load {
	fn with(self, other: Self) -> Self {
		Self {
			ref_time: self.ref_time.saturating_add(other.ref_time),
			length: self.length.saturating_add(other.length),
		}
	}

	fn fits(self, limit: Self) -> bool {
		self.ref_time <= limit.ref_time && self.length <= limit.length
	}
}

/// What the two kinds of transactions took of the present block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct BlockShares {
	/// Coverage.
	pub coverage: Load,
	/// All other transactions of the normal class.
	pub other: Load,
}

/// The kinds of transactions that share the normal class of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Track {
	/// Coverage, within its share.
	Coverage,
	/// Everything else, within the rest.
	Other,
}

/// What a transaction booked, so that the unused part can be given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Booking {
	track: Track,
	ref_time: u64,
}

/// Keeps [`Config::LaneShare`] of the normal class of every block, in weight and in length, for coverage
/// calls, and holds them to that share. Those that may bring something new get a priority that no tip
/// outbids; the others have none.
///
/// It stands behind `CheckWeight`. Where a transaction does not fit its share the answer is
/// `ExhaustsResources`, so that a block author passes it over and keeps it for the next block.
#[derive(
	Encode,
	Decode,
	DecodeWithMemTracking,
	CloneNoBound,
	DebugNoBound,
	DefaultNoBound,
	EqNoBound,
	PartialEqNoBound,
	TypeInfo,
)]
#[scale_info(skip_type_params(T))]
pub struct CoverageLane<T>(PhantomData<T>);

impl<T> CoverageLane<T> {
	/// The extension.
	pub fn new() -> Self {
		Self(PhantomData)
	}
}

impl<T: Config> CoverageLane<T> {
	/// The most that a track may take of a block.
	pub fn limit(track: Track) -> Load {
		let share = match track {
			Track::Coverage => T::LaneShare::get(),
			Track::Other => Perbill::one() - T::LaneShare::get(),
		};
		let weights = T::BlockWeights::get();
		let normal = weights.get(DispatchClass::Normal);
		let time = normal.max_total.unwrap_or(weights.max_block).ref_time();
		let length = *T::BlockLength::get().max.get(DispatchClass::Normal);
		Load { ref_time: share.mul_floor(time), length: share.mul_floor(length) }
	}

	/// What a track took of the present block so far.
	pub fn used(track: Track) -> Load {
		*LaneUse::<T>::get().of(track)
	}

	/// What a transaction of the normal class takes at most, its base weight included.
	fn load(info: &DispatchInfo, len: usize) -> Load {
		let base = T::BlockWeights::get().get(DispatchClass::Normal).base_extrinsic;
		Load {
			ref_time: info.total_weight().saturating_add(base).ref_time(),
			length: len.saturated_into(),
		}
	}

	/// Whether the transaction fits a block that holds nothing else of its track.
	fn check_alone(track: Track, load: Load) -> Result<(), TransactionValidityError> {
		if !load.fits(Self::limit(track)) {
			return Err(InvalidTransaction::ExhaustsResources.into());
		}
		Ok(())
	}

	/// Books the transaction, if its track has room left in the present block.
	fn book(track: Track, load: Load) -> Result<Booking, TransactionValidityError> {
		LaneUse::<T>::try_mutate(|shares| {
			let used = shares.of(track);
			let next = used.with(load);
			if !next.fits(Self::limit(track)) {
				return Err(InvalidTransaction::ExhaustsResources.into());
			}
			*used = next;
			Ok(Booking { track, ref_time: load.ref_time })
		})
	}

	/// Gives back what the transaction did not use.
	fn settle(booking: Booking, info: &DispatchInfo, post_info: &PostDispatchInfo) {
		let unused = info
			.total_weight()
			.saturating_sub(post_info.calc_actual_weight(info))
			.ref_time()
			.min(booking.ref_time);
		LaneUse::<T>::mutate(|shares| {
			let used = shares.of(booking.track);
			used.ref_time = used.ref_time.saturating_sub(unused);
		});
	}
}

impl BlockShares {
	fn of(&mut self, track: Track) -> &mut Load {
		match track {
			Track::Coverage => &mut self.coverage,
			Track::Other => &mut self.other,
		}
	}
}

/// The track of a call; `None` for operational and mandatory ones, which the lane leaves alone.
fn track_of<T: Config, C: CoverageCalls<T>>(call: &C, info: &DispatchInfo) -> Option<Track> {
	match info.class {
		_ if call.is_coverage() => Some(Track::Coverage),
		DispatchClass::Normal => Some(Track::Other),
		DispatchClass::Operational | DispatchClass::Mandatory => None,
	}
}

impl<T: Config + Send + Sync> TransactionExtension<RuntimeCallOf<T>> for CoverageLane<T>
where
	RuntimeCallOf<T>:
		Dispatchable<Info = DispatchInfo, PostInfo = PostDispatchInfo> + IsSubType<Call<T>>,
	DispatchOriginOf<RuntimeCallOf<T>>: AsSystemOriginSigner<T::AccountId>,
{
	const IDENTIFIER: &'static str = "CoverageLane";
	type Implicit = ();
	type Val = Option<(Track, Load)>;
	type Pre = Option<Booking>;

	fn weight(&self, _call: &RuntimeCallOf<T>) -> Weight {
		T::WeightInfo::lane()
	}

	fn validate(
		&self,
		origin: DispatchOriginOf<RuntimeCallOf<T>>,
		call: &RuntimeCallOf<T>,
		info: &DispatchInfoOf<RuntimeCallOf<T>>,
		len: usize,
		_self_implicit: Self::Implicit,
		_inherited_implication: &impl Implication,
		source: TransactionSource,
	) -> ValidateResult<Self::Val, RuntimeCallOf<T>> {
		let Some(track) = track_of::<T, _>(call, info) else {
			return Ok((ValidTransaction::default(), None, origin));
		};
		let load = Self::load(info, len);
		Self::check_alone(track, load)?;
		// Within a block the order is settled, and nobody asks for a priority.
		let is_first = source != TransactionSource::InBlock
			&& has_prospects::<T>(call, origin.as_system_origin_signer().is_some());
		let priority = if is_first { TransactionPriority::MAX } else { 0 };
		let validity = ValidTransaction { priority, ..Default::default() };
		Ok((validity, Some((track, load)), origin))
	}

	fn prepare(
		self,
		val: Self::Val,
		_origin: &DispatchOriginOf<RuntimeCallOf<T>>,
		_call: &RuntimeCallOf<T>,
		_info: &DispatchInfoOf<RuntimeCallOf<T>>,
		_len: usize,
	) -> Result<Self::Pre, TransactionValidityError> {
		val.map(|(track, load)| Self::book(track, load)).transpose()
	}

	fn post_dispatch_details(
		pre: Self::Pre,
		info: &DispatchInfoOf<RuntimeCallOf<T>>,
		post_info: &PostDispatchInfoOf<RuntimeCallOf<T>>,
		_len: usize,
		_result: &DispatchResult,
	) -> Result<Weight, TransactionValidityError> {
		if let Some(booking) = pre {
			Self::settle(booking, info, post_info);
		}
		Ok(Weight::zero())
	}

	fn bare_validate(
		call: &RuntimeCallOf<T>,
		info: &DispatchInfoOf<RuntimeCallOf<T>>,
		len: usize,
	) -> TransactionValidity {
		if let Some(track) = track_of::<T, _>(call, info) {
			Self::check_alone(track, Self::load(info, len))?;
		}
		Ok(ValidTransaction::default())
	}

	fn bare_validate_and_prepare(
		call: &RuntimeCallOf<T>,
		info: &DispatchInfoOf<RuntimeCallOf<T>>,
		len: usize,
	) -> Result<(), TransactionValidityError> {
		if let Some(track) = track_of::<T, _>(call, info) {
			Self::book(track, Self::load(info, len))?;
		}
		Ok(())
	}
}
