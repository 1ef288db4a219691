//! What is remembered of each device: its contacts, place and open work, and its reasons. Only here
//! are they written.
//!
//! Every participant of a settled challenge changes its [`Activity`], so that value is short: what
//! changes once per epoch, or by failures alone, is kept apart. All participants of a challenge are
//! changed together, since neighbours mostly share a page.

use frame_support::weights::Weight;
use groma_core::{
	CoverageReason, DeviceId, EpochIndex, NetworkId, WindowIndex, density::DEFAULT_LIMITS,
	protocol::RECIPROCITY_CHALLENGES, units::Units,
};
use groma_paged_map::PagesRead;
use groma_stored::Stored;
use groma_traits::{DeviceFollowers, Networks, OpenWork, SupplyRewards, SupplyWork, Window};

use crate::{
	Activities, ActivityPages, Config, Pallet, Reasons, WeightInfo, density,
	types::{Activity, ReasonCounts},
};

impl Activity {
	/// A valid witness heard it in `window`.
	pub(crate) fn was_heard(&mut self, window: WindowIndex) {
		self.last_heard = self.last_heard.max(Some(window));
	}

	/// It was a valid witness in `window`.
	pub(crate) fn was_witness(&mut self, window: WindowIndex) {
		self.last_witnessed = self.last_witnessed.max(Some(window));
	}

	/// Whether a valid witness heard it at most `span` windows before `window`.
	pub(crate) fn was_heard_within(&self, window: WindowIndex, span: WindowIndex) -> bool {
		is_recent(self.last_heard, window, span)
	}

	/// Whether both lie at most `span` windows before `window`, or the device has grace because its
	/// location became eligible in `eligible_from`, less than that ago.
	pub(crate) fn is_reciprocal(
		&self,
		window: WindowIndex,
		span: WindowIndex,
		eligible_from: WindowIndex,
	) -> bool {
		window < eligible_from.saturating_add(span)
			|| (self.was_heard_within(window, span) && is_recent(self.last_witnessed, window, span))
	}
}

/// Whether the last time lies at most `span` windows before `window`.
fn is_recent(last: Option<WindowIndex>, window: WindowIndex, span: WindowIndex) -> bool {
	last.is_some_and(|last| last.saturating_add(span) >= window)
}

/// How many windows both sides of reciprocity may lie back.
pub(crate) fn reciprocity_span(window: &Window, network: NetworkId) -> WindowIndex {
	window.interval(network).saturating_mul(RECIPROCITY_CHALLENGES)
}

/// The activities of a challenge's participants.
pub(crate) type ActivitiesRead<T> = PagesRead<ActivityPages<T>, Activity>;

/// A participant of a challenge that is settled: what it did is noted by [`Self::close`].
pub(crate) struct Participant<T: Config> {
	device: DeviceId,
	epoch: EpochIndex,
	activity: Activity,
	cost: Bookkeeping,
	_config: core::marker::PhantomData<T>,
}

/// What the books of a device took beyond the write of its activity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bookkeeping {
	/// Whether finished work was handed over, or work of a new epoch begun.
	pub(crate) is_folded: bool,
	/// Whether earlier work had waited, or another account is paid from now on.
	pub(crate) is_unusual: bool,
	/// How many reasons were counted.
	pub(crate) reasons: u32,
}

impl<T: Config> Participant<T> {
	/// A device in `epoch`. Work of an earlier epoch is handed over to rewards first.
	pub(crate) fn open(
		activities: &mut ActivitiesRead<T>,
		device: DeviceId,
		epoch: EpochIndex,
	) -> Self {
		let mut activity = activities.get(device).unwrap_or_default();
		let finished = take_work_before(&mut activity, epoch);
		let is_folded = finished.is_some();
		let is_unusual = finished.is_some_and(|work| T::Rewards::fold(device, work));
		let cost = Bookkeeping { is_folded, is_unusual, reasons: 0 };
		Self { device, epoch, activity, cost, _config: core::marker::PhantomData }
	}

	/// What is remembered of it.
	pub(crate) fn activity(&mut self) -> &mut Activity {
		&mut self.activity
	}

	/// Adds units that it earned for its owner.
	pub(crate) fn earn(&mut self, owner: &T::AccountId, network: NetworkId, units: Units) {
		match &mut self.activity.open_work {
			Some(work) => work.add(units),
			None => {
				self.cost.is_folded = true;
				// Who owns the device now is paid for all of the epoch.
				self.cost.is_unusual |= T::Rewards::begin(self.device, network, owner);
				self.activity.open_work = Some(OpenWork::new(self.epoch, units));
			}
		}
	}

	/// Counts that a reason applied to it.
	pub(crate) fn count(&mut self, reason: CoverageReason) {
		self.cost.reasons = self.cost.reasons.saturating_add(1);
		count_reason::<T>(self.device, reason);
	}

	/// Notes its activity, which is yet to be written, and says what else was done.
	pub(crate) fn close(self, activities: &mut ActivitiesRead<T>) -> Bookkeeping {
		activities.set(self.device, &self.activity);
		self.cost
	}
}

/// Takes out the work of an epoch before `current`.
fn take_work_before(activity: &mut Activity, current: EpochIndex) -> Option<OpenWork> {
	activity.open_work.take_if(|work| work.epoch < current)
}

/// No longer counts a device in density, if it is counted and the counts of its place decode.
pub(crate) fn uncount<T: Config>(device: DeviceId) {
	let Some(mut activity) = Activities::<T>::get(device) else { return };
	if let Some(place) = activity.counted {
		let terms = T::Networks::terms(place.network);
		let limits = terms.map_or(DEFAULT_LIMITS, |terms| terms.place.density_limits());
		density::uncount::<T>(&mut activity.counted, &limits);
		Activities::<T>::insert(device, &activity);
	}
}

/// How often each reason applied to a device.
pub(crate) fn stored_reasons<T: Config>(device: DeviceId) -> Stored<ReasonCounts> {
	groma_stored::entry::<Reasons<T>, DeviceId, ReasonCounts>(device)
}

/// Counts that a reason applied to a device. Counts that do not decode stay as they are.
pub(crate) fn count_reason<T: Config>(device: DeviceId, reason: CoverageReason) {
	let stored = stored_reasons::<T>(device).or_absent(ReasonCounts::default());
	let Some(mut reasons) = stored else { return };
	reasons.count(reason);
	Reasons::<T>::insert(device, reasons);
}

impl<T: Config> SupplyWork for Pallet<T> {
	fn peek(_: NetworkId, device: DeviceId) -> Option<OpenWork> {
		Activities::<T>::get(device)?.open_work
	}

	fn take_before(_: NetworkId, device: DeviceId, current: EpochIndex) -> Option<OpenWork> {
		// Most claims find nothing: the record is written only if there is something to take.
		let mut activity = Activities::<T>::get(device)?;
		let work = take_work_before(&mut activity, current)?;
		Activities::<T>::insert(device, &activity);
		Some(work)
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl<T: Config> groma_traits::SupplyWorkBenchmarkHelper for Pallet<T> {
	fn leave_work(_: NetworkId, device: DeviceId, work: OpenWork) {
		Activities::<T>::mutate(device, |activity| activity.open_work = Some(work));
		fill_page::<T>(device, work.epoch);
	}
}

/// Fills the page of a device with activities of others, who are counted and took part in an epoch
/// as much as a device can: the worst case of changing one of them.
#[cfg(feature = "runtime-benchmarks")]
pub(crate) fn fill_page<T: Config>(device: DeviceId, epoch: EpochIndex) {
	use groma_core::units::ONE;
	use groma_paged_map::DEVICES_PER_PAGE;
	use groma_traits::{Devices, Windows};

	use crate::types::Counted;

	let now = T::Windows::current();
	let counted = T::Devices::at(device, now).and_then(|view| {
		let cell = view.place?.cell;
		Some(Counted { network: view.network, cell })
	});
	let first = device - device % DEVICES_PER_PAGE;
	for neighbour in (first..first + DEVICES_PER_PAGE).filter(|id| *id != device) {
		Activities::<T>::mutate(neighbour, |activity| {
			activity.was_heard(now);
			activity.was_witness(now);
			activity.counted = activity.counted.or(counted);
			activity.open_work.get_or_insert(OpenWork::new(epoch, Units(1_000 * ONE)));
		});
	}
}

impl<T: Config> DeviceFollowers for Pallet<T> {
	/// Hands over what work there is and forgets the device, unless its last epoch still runs, or
	/// what is remembered of it or counted at its place does not decode.
	fn let_go(device: DeviceId) -> bool {
		let stored = Activities::<T>::look(device);
		let Some(mut activity) = stored.or_absent(Activity::default()) else { return false };
		if activity.counted.is_some_and(|place| !density::is_readable::<T>(place)) {
			return false;
		}
		if activity.open_work.is_some() {
			let now = T::Rewards::epoch();
			let finished = now.and_then(|now| take_work_before(&mut activity, now));
			let Some(work) = finished else { return false };
			T::Rewards::fold(device, work);
		}
		uncount::<T>(device);
		Activities::<T>::remove(device);
		Reasons::<T>::remove(device);
		true
	}

	fn let_go_weight() -> Weight {
		T::Rewards::fold_weight()
			.saturating_add(T::WeightInfo::expire_device())
			.saturating_add(T::WeightInfo::count_reason())
	}
}
