//! The evidence lane: a transaction extension that keeps a share of every block for evidence, and
//! holds evidence to it.

use codec::{Decode, DecodeWithMemTracking, Encode};
use core::marker::PhantomData;
use frame_support::{
	CloneNoBound, DebugNoBound, DefaultNoBound, EqNoBound, PartialEqNoBound,
	dispatch::{DispatchClass, DispatchInfo, PostDispatchInfo},
	weights::Weight,
};
use groma_traits::{EvidenceCalls, Load};
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

use crate::{Config, LaneUse, WeightInfo, types::BlockShares};

/// The call of the runtime.
type RuntimeCallOf<T> = <T as frame_system::Config>::RuntimeCall;

/// The kinds of transactions that share the normal class of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Track {
	/// Evidence, within its share.
	Evidence,
	/// Everything else, within the rest.
	Other,
}

/// What a transaction booked, so that the unused part can be given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Booking {
	track: Track,
	ref_time: u64,
}

/// Keeps [`Config::LaneShare`] of the normal class of every block, in weight and in length, for
/// calls that carry evidence, and holds them to that share. Those that may bring something new get
/// a priority that no tip outbids; the others have none.
///
/// It stands behind `CheckWeight`. Where a transaction does not fit its share the answer is
/// `ExhaustsResources`, so that a block author passes it over and keeps it for the next block.
#[derive(CloneNoBound, DebugNoBound, DefaultNoBound, EqNoBound, PartialEqNoBound)]
#[derive(Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[scale_info(skip_type_params(T))]
pub struct EvidenceLane<T>(PhantomData<T>);

impl<T> EvidenceLane<T> {
	/// The extension.
	pub fn new() -> Self {
		Self(PhantomData)
	}
}

impl<T: Config> EvidenceLane<T> {
	/// The most that a track may take of a block.
	pub fn limit(track: Track) -> Load {
		let share = match track {
			Track::Evidence => T::LaneShare::get(),
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
			Track::Evidence => &mut self.evidence,
			Track::Other => &mut self.other,
		}
	}
}

/// The track of a call; `None` for operational and mandatory ones, which the lane leaves alone.
fn track_of<T: Config>(call: &RuntimeCallOf<T>, info: &DispatchInfo) -> Option<Track> {
	match info.class {
		_ if T::Evidence::is_evidence(call) => Some(Track::Evidence),
		DispatchClass::Normal => Some(Track::Other),
		DispatchClass::Operational | DispatchClass::Mandatory => None,
	}
}

impl<T: Config + Send + Sync> TransactionExtension<RuntimeCallOf<T>> for EvidenceLane<T>
where
	RuntimeCallOf<T>: Dispatchable<Info = DispatchInfo, PostInfo = PostDispatchInfo>,
	DispatchOriginOf<RuntimeCallOf<T>>: AsSystemOriginSigner<T::AccountId>,
{
	const IDENTIFIER: &'static str = "EvidenceLane";
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
		let Some(track) = track_of::<T>(call, info) else {
			return Ok((ValidTransaction::default(), None, origin));
		};
		let load = Self::load(info, len);
		Self::check_alone(track, load)?;
		// Within a block the order is settled, and no one asks for a priority.
		let is_first = source != TransactionSource::InBlock
			&& T::Evidence::may_bring_new(call, origin.as_system_origin_signer().is_some());
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
		if let Some(track) = track_of::<T>(call, info) {
			Self::check_alone(track, Self::load(info, len))?;
		}
		Ok(ValidTransaction::default())
	}

	fn bare_validate_and_prepare(
		call: &RuntimeCallOf<T>,
		info: &DispatchInfoOf<RuntimeCallOf<T>>,
		len: usize,
	) -> Result<(), TransactionValidityError> {
		if let Some(track) = track_of::<T>(call, info) {
			Self::book(track, Self::load(info, len))?;
		}
		Ok(())
	}
}
