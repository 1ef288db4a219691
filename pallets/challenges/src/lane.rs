//! The evidence lane: a transaction extension that keeps a share of every block for evidence, and
//! holds evidence to it.

use codec::{Decode, DecodeWithMemTracking, Encode};
use core::marker::PhantomData;
use frame_support::{
	CloneNoBound, DebugNoBound, DefaultNoBound, EqNoBound, PartialEqNoBound,
	dispatch::{DispatchClass, DispatchInfo, PostDispatchInfo},
	weights::Weight,
};
use groma_core::protocol::{BUNDLE_LONGEVITY_MAX, BUNDLES_PER_LANE};
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

/// The priority of a bundle that may bring something new: above all other evidence. What its tip is
/// worth comes on top, and nothing that depends on what the bundle declares.
pub const BUNDLE_PRIORITY: TransactionPriority = 1 << 63;
/// The priority of a device's own call: above bundles that can bring nothing new, whatever their
/// tip. The rank that the call gives itself comes on top, which has to be below
/// [`OWN_CALL_PRIORITY`] as well, and so has what the tip of a bundle is worth.
pub const OWN_CALL_PRIORITY: TransactionPriority = 1 << 62;

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
/// calls that carry evidence, and holds them to that share. A bundle declares at most the share
/// divided by [`BUNDLES_PER_LANE`] and waits at most [`BUNDLE_LONGEVITY_MAX`] blocks; one of which
/// most is on chain or too late is `Stale`, in the pool and while a block is built, so that it is
/// left out and costs no fee. So is a signed call outside of the lane that proves what is proven
/// already. Bundles that may bring something new get [`BUNDLE_PRIORITY`].
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

	/// The most that the call of one transaction may declare of a block, and the most bytes of the
	/// transaction: of evidence a part of the lane, so that no bundle keeps the others out of a
	/// block, and whatever waits in the pool can be included, and pays.
	pub(crate) fn limit_of_one(track: Track) -> Load {
		let limit = Self::limit(track);
		match track {
			Track::Evidence => limit.part(BUNDLES_PER_LANE),
			Track::Other => limit,
		}
	}

	/// Whether the transaction fits a block that holds nothing else of its track, and its call what
	/// one may declare.
	fn check_alone(
		track: Track,
		info: &DispatchInfo,
		load: Load,
	) -> Result<(), TransactionValidityError> {
		let declared = Load { ref_time: info.call_weight.ref_time(), length: load.length };
		if !load.fits(Self::limit(track)) || !declared.fits(Self::limit_of_one(track)) {
			return Err(InvalidTransaction::ExhaustsResources.into());
		}
		Ok(())
	}

	/// How a call waits in the pool. Within a block the order is settled, and no one asks for it:
	/// so nothing is looked up for the priority there.
	fn validity(
		track: Track,
		call: &RuntimeCallOf<T>,
		is_signed: bool,
		source: TransactionSource,
	) -> Result<ValidTransaction, TransactionValidityError> {
		if is_signed && T::Evidence::is_stale(call) {
			return Err(InvalidTransaction::Stale.into());
		}
		if track == Track::Other {
			return Ok(ValidTransaction::default());
		}
		if !is_signed {
			return Ok(ValidTransaction { priority: OWN_CALL_PRIORITY, ..Default::default() });
		}
		let is_first =
			source != TransactionSource::InBlock && T::Evidence::may_bring_new(call, is_signed);
		Ok(ValidTransaction {
			priority: if is_first { BUNDLE_PRIORITY } else { 0 },
			longevity: BUNDLE_LONGEVITY_MAX,
			..Default::default()
		})
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

	fn weight(&self, call: &RuntimeCallOf<T>) -> Weight {
		T::WeightInfo::lane().saturating_add(T::Evidence::staleness_weight(call))
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
		Self::check_alone(track, info, load)?;
		let is_signed = origin.as_system_origin_signer().is_some();
		let validity = Self::validity(track, call, is_signed, source)?;
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
			Self::check_alone(track, info, Self::load(info, len))?;
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
