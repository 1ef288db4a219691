//! The one record per device: its contacts, its open work, its reasons. Only here is it written.

use frame_support::weights::Weight;
use groma_core::{
	DeviceId, EpochIndex, NetworkId, ReasonCode, WindowIndex, coverage::Units,
	density::DEFAULT_LIMITS,
};
use groma_seams::{CoverageRewards, CoverageWork, DeviceFollowers, Networks, Work};

use crate::{
	Activities, Config, Pallet, WeightInfo, density,
	types::{Activity, OpenWork, ReasonCounts},
};

impl<AccountId> Default for Activity<AccountId> {
	fn default() -> Self {
		Self {
			last_heard: None,
			last_witnessed: None,
			counted: None,
			open_work: None,
			reasons: ReasonCounts::default(),
		}
	}
}

impl<AccountId: Clone> Activity<AccountId> {
	/// A valid witness heard it in `window`.
	pub(crate) fn was_heard(&mut self, window: WindowIndex) {
		self.last_heard = self.last_heard.max(Some(window));
	}

	/// It was a valid witness in `window`.
	pub(crate) fn was_witness(&mut self, window: WindowIndex) {
		self.last_witnessed = self.last_witnessed.max(Some(window));
	}

	/// Whether both lie at most `span` windows before `window`, or the device has grace because its
	/// location became eligible in `eligible_from`, less than that ago.
	pub(crate) fn is_reciprocal(
		&self,
		window: WindowIndex,
		span: WindowIndex,
		eligible_from: WindowIndex,
	) -> bool {
		let is_recent = |last: Option<WindowIndex>| {
			last.is_some_and(|last| last.saturating_add(span) >= window)
		};
		window < eligible_from.saturating_add(span)
			|| (is_recent(self.last_heard) && is_recent(self.last_witnessed))
	}

	/// Adds units that the device of `owner` earned in `epoch`.
	pub(crate) fn earn(
		&mut self,
		owner: &AccountId,
		network: NetworkId,
		epoch: EpochIndex,
		units: Units,
	) {
		match &mut self.open_work {
			Some(work) => work.units = work.units.saturating_add(units),
			None => self.open_work = Some(OpenWork { payee: owner.clone(), network, epoch, units }),
		}
	}

	/// Takes out the work of an epoch before `current`.
	fn take_work_before(&mut self, current: EpochIndex) -> Option<Work<AccountId>> {
		self.open_work.take_if(|work| work.epoch < current).map(Work::from)
	}
}

impl<AccountId> From<OpenWork<AccountId>> for Work<AccountId> {
	fn from(work: OpenWork<AccountId>) -> Self {
		let OpenWork { payee, network, epoch, units } = work;
		Self { payee, network, epoch, units }
	}
}

/// Changes the record of a device in `epoch`. Work of an earlier epoch is handed over to rewards first;
/// the second value says whether there was any.
pub(crate) fn settle<T: Config, R>(
	device: DeviceId,
	epoch: EpochIndex,
	change: impl FnOnce(&mut Activity<T::AccountId>) -> R,
) -> (R, bool) {
	let (result, finished) = Activities::<T>::mutate(device, |activity| {
		let finished = activity.take_work_before(epoch);
		(change(activity), finished)
	});
	let is_folded = finished.is_some();
	if let Some(work) = finished {
		T::Rewards::fold(device, work);
	}
	(result, is_folded)
}

/// Changes the record of a device outside of a settlement.
pub(crate) fn change<T: Config, R>(
	device: DeviceId,
	change: impl FnOnce(&mut Activity<T::AccountId>) -> R,
) -> R {
	Activities::<T>::mutate(device, change)
}

/// No longer counts a device in density, if it is counted.
pub(crate) fn uncount<T: Config>(device: DeviceId) {
	change::<T, _>(device, |activity| {
		if let Some(place) = activity.counted {
			let terms = T::Networks::terms(place.network);
			let limits = terms.map_or(DEFAULT_LIMITS, |terms| terms.density_limits);
			density::uncount::<T>(&mut activity.counted, &limits);
		}
	});
}

/// Counts that a reason applied to a device.
pub(crate) fn count_reason<T: Config>(device: DeviceId, reason: ReasonCode) {
	change::<T, _>(device, |activity| activity.reasons.count(reason));
}

impl<T: Config> CoverageWork<T::AccountId> for Pallet<T> {
	fn peek(device: DeviceId) -> Option<Work<T::AccountId>> {
		Activities::<T>::get(device).open_work.map(Work::from)
	}

	fn take_before(device: DeviceId, current: EpochIndex) -> Option<Work<T::AccountId>> {
		// Most claims find nothing: the record is written only if there is something to take.
		let mut activity = Activities::<T>::get(device);
		let work = activity.take_work_before(current)?;
		Activities::<T>::insert(device, activity);
		Some(work)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn populate(device: DeviceId, work: Work<T::AccountId>) {
		change::<T, _>(device, |activity| {
			activity.earn(&work.payee, work.network, work.epoch, work.units);
		});
	}
}

impl<T: Config> DeviceFollowers for Pallet<T> {
	/// Hands over what work there is and forgets the device, unless its last epoch still runs.
	fn let_go(device: DeviceId) -> bool {
		let mut activity = Activities::<T>::get(device);
		if activity.open_work.is_some() {
			let finished = T::Rewards::epoch().and_then(|now| activity.take_work_before(now));
			let Some(work) = finished else { return false };
			T::Rewards::fold(device, work);
		}
		uncount::<T>(device);
		Activities::<T>::remove(device);
		true
	}

	fn let_go_weight() -> Weight {
		T::WeightInfo::fold().saturating_add(T::WeightInfo::expire_device())
	}
}
