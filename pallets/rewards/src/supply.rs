//! Supply rewards: units of open epochs, records of closed ones, and folding a device's work into
//! what it is owed.

use alloc::vec::Vec;

use frame_support::{BoundedVec, defensive, traits::ConstU32};
use groma_core::{
	DeviceId, EpochIndex, NetworkId,
	money::Balance,
	settlement::{self, NetworkEpoch},
	terms::NetworkTerms,
	units::Units,
};
use groma_stored::Stored;
use groma_traits::{ClosedEpoch, Emission};

use crate::{
	Config, Event, LastEpochs, NetworkEpochs, OpenUnits, Pallet, Stranded, Waiting, payees::Work,
};

/// Closed epochs of a network whose units wait.
pub(crate) type StrandedEpochs = BoundedVec<EpochIndex, ConstU32<8>>;

/// A network whose work is settled.
pub(crate) struct Network {
	/// Its id.
	pub(crate) id: NetworkId,
	/// When it was created, in ms since the Unix epoch; 0 if at genesis.
	pub(crate) founded_ms: u64,
	/// Its terms at this moment.
	pub(crate) terms: NetworkTerms,
}

impl<T: Config> Pallet<T> {
	/// Counts units that were earned in an epoch. A count that does not decode stays as it is.
	pub(crate) fn add_units(epoch: EpochIndex, network: NetworkId, units: Units) {
		if let Some(total) = Self::stored_units(epoch, network).or_absent(Units::ZERO) {
			OpenUnits::<T>::insert(epoch, network, total.saturating_add(units));
		}
	}

	/// The units of a network in an epoch that is not settled.
	pub(crate) fn stored_units(epoch: EpochIndex, network: NetworkId) -> Stored<Units> {
		groma_stored::double_entry::<OpenUnits<T>, EpochIndex, NetworkId, Units>(epoch, network)
	}

	/// The closed epochs of a network whose units wait.
	pub(crate) fn stored_stranded(network: NetworkId) -> Stored<StrandedEpochs> {
		groma_stored::entry::<Stranded<T>, NetworkId, StrandedEpochs>(network)
	}

	/// Units that a network earned in an epoch that is not closed, for benchmarks of kinds of
	/// proof.
	#[cfg(feature = "runtime-benchmarks")]
	pub fn noted_units(epoch: EpochIndex, network: NetworkId) -> Units {
		Self::stored_units(epoch, network).value().unwrap_or_default()
	}

	/// Settles the work of an epoch. Each network's pool is its weight of the whole, halved by its
	/// own age, and together they never exceed the whole, whatever the weights sum to.
	pub(crate) fn close_supply(closed: &ClosedEpoch, networks: &[Network]) {
		let mut unassigned = closed.pools.supply;
		for Network { id, founded_ms, terms } in networks {
			let age_ms = closed.age_ms(*founded_ms);
			let pool = settlement::network_pool(closed.pools.supply, terms.supply.weight, age_ms);
			let pool = pool.min(unassigned);
			unassigned = unassigned.saturating_sub(pool);
			Self::close_network(closed.epoch, *id, pool, terms);
		}
	}

	/// Keeps the units of a network for an epoch that closes when they, and its terms, can be read.
	pub(crate) fn strand(epoch: EpochIndex, network: NetworkId) {
		if !OpenUnits::<T>::contains_key(epoch, network) {
			return;
		}
		let stranded = Self::stored_stranded(network).or_absent(StrandedEpochs::default());
		let Some(mut epochs) = stranded else { return };
		if epochs.try_push(epoch).is_err() {
			defensive!("an upgrade mends what cannot be read before more epochs wait than fit");
		}
		Stranded::<T>::insert(network, epochs);
	}

	/// Settles the units of an epoch and those that waited, which share the pool by their number,
	/// rounded down. Those that do not decode wait.
	fn close_network(epoch: EpochIndex, network: NetworkId, pool: Balance, terms: &NetworkTerms) {
		let mut open = Vec::new();
		for epoch in Self::take_stranded(network).into_iter().chain([epoch]) {
			match Self::stored_units(epoch, network).or_absent(Units::ZERO) {
				Some(units) => {
					OpenUnits::<T>::remove(epoch, network);
					open.push((epoch, units));
				}
				None => {
					Self::strand(epoch, network);
					Self::deposit_event(Event::UnitsUnreadable { network, epoch });
				}
			}
		}
		let total = open.iter().fold(0, |sum: u128, (_, units)| sum.saturating_add(units.0.into()));
		for (epoch, units) in open {
			let part = pool.saturating_mul(units.0.into()).checked_div(total).unwrap_or_default();
			// A product that does not fit must not lessen the pool of an epoch alone.
			let part = if u128::from(units.0) == total { pool } else { part };
			Self::settle_epoch(epoch, network, units, part, terms);
		}
	}

	/// The closed epochs of a network whose units waited. If they do not decode, they stay.
	fn take_stranded(network: NetworkId) -> StrandedEpochs {
		let stranded = Self::stored_stranded(network).value();
		if stranded.is_some() {
			Stranded::<T>::remove(network);
		}
		stranded.unwrap_or_default()
	}

	fn settle_epoch(
		epoch: EpochIndex,
		network: NetworkId,
		units: Units,
		pool: Balance,
		terms: &NetworkTerms,
	) {
		if units == Units::ZERO {
			return;
		}
		let device_cap = terms.device_cap();
		let mut settled = NetworkEpoch::settle(units, pool, terms.supply.unit_cap, device_cap);
		if T::Emission::mint(settled.unfolded) < settled.unfolded {
			// The cap on the issuance is reached: the epoch pays nothing.
			settled = NetworkEpoch::settle(units, 0, terms.supply.unit_cap, device_cap);
		}
		NetworkEpochs::<T>::insert(network, epoch, settled);
		LastEpochs::<T>::insert(network, epoch);
		Self::deposit_event(Event::SupplySettled {
			network,
			epoch,
			units,
			pool,
			per_unit: settled.per_unit,
			device_cap,
		});
	}

	/// Takes over a device's finished work. Work of an epoch that is not settled yet waits: that is
	/// the epoch of the parent block, in the first block of the next. So at most one piece waits
	/// per device, and the one before it can be credited by now. Returns whether one was.
	pub(crate) fn fold_work(device: DeviceId, work: Work<T::AccountId>) -> bool {
		let had_waiting = Self::credit_waiting(device);
		Self::credit_or_keep(device, work);
		had_waiting
	}

	/// The device's work that waits.
	pub(crate) fn stored_waiting(device: DeviceId) -> Stored<Work<T::AccountId>> {
		groma_stored::entry::<Waiting<T>, DeviceId, Work<T::AccountId>>(device)
	}

	/// Credits the device's waiting work if its epoch is settled by now. Returns whether it did.
	pub(crate) fn credit_waiting(device: DeviceId) -> bool {
		let waiting = Self::stored_waiting(device).value();
		let Some(work) = waiting.filter(Self::is_settled) else { return false };
		Waiting::<T>::remove(device);
		Self::credit_work(device, work);
		true
	}

	/// Credits work whose epoch is settled, and keeps other work until it is.
	pub(crate) fn credit_or_keep(device: DeviceId, work: Work<T::AccountId>) {
		if Self::is_settled(&work) {
			Self::credit_work(device, work);
		} else if work.units > Units::ZERO {
			let kept = match Self::stored_waiting(device) {
				Stored::Value(waiting) => Self::join(waiting, work),
				Stored::Absent => work,
				// Only one piece of work waits: the later one stays in the pot.
				Stored::Undecodable => return,
			};
			Waiting::<T>::insert(device, kept);
		}
	}

	/// A network's work in a closed epoch, as it is stored.
	pub(crate) fn stored_epoch(network: NetworkId, epoch: EpochIndex) -> Stored<NetworkEpoch> {
		groma_stored::double_entry::<NetworkEpochs<T>, NetworkId, EpochIndex, NetworkEpoch>(
			network, epoch,
		)
	}

	/// Whether the epoch of work is closed and its network was settled then, which can be read.
	fn is_settled(work: &Work<T::AccountId>) -> bool {
		Self::was_settled(work) && !Self::stored_epoch(work.network, work.epoch).is_undecodable()
	}

	/// Whether the epoch of work is closed and its network was settled then.
	fn was_settled(work: &Work<T::AccountId>) -> bool {
		T::Emission::is_closed(work.epoch)
			&& !OpenUnits::<T>::contains_key(work.epoch, work.network)
	}

	/// Whether the units of the network in the epoch of work are counted, which can be read.
	fn is_counted(work: &Work<T::AccountId>) -> bool {
		!Self::stored_units(work.epoch, work.network).is_undecodable()
	}

	/// Work that waits for the terms of its network, and work that finished after them, as work of
	/// the same epoch: neither is settled.
	fn join(mut waiting: Work<T::AccountId>, work: Work<T::AccountId>) -> Work<T::AccountId> {
		if Self::was_settled(&waiting) || !Self::is_counted(&waiting) {
			return Self::move_on(waiting, work);
		}
		if (&waiting.payee, waiting.network) != (&work.payee, work.network) {
			defensive!("at most one finished epoch is not closed");
			return work;
		}
		if let Stored::Value(total) = Self::stored_units(work.epoch, work.network) {
			let rest = Units(total.0.saturating_sub(work.units.0));
			OpenUnits::<T>::insert(work.epoch, work.network, rest);
		}
		Self::add_units(waiting.epoch, work.network, work.units);
		waiting.units = waiting.units.saturating_add(work.units);
		waiting
	}

	/// Work of whose epoch the record, or the count of units, cannot be read, and later work, as
	/// work of the later epoch: neither may ever be mended, and only one piece of work waits per
	/// device.
	fn move_on(waiting: Work<T::AccountId>, mut work: Work<T::AccountId>) -> Work<T::AccountId> {
		let is_same_payee = (&waiting.payee, waiting.network) == (&work.payee, work.network);
		// Both epochs can be unreadable: what one of them holds for the device stays in the pot.
		if is_same_payee && !Self::was_settled(&work) && Self::is_counted(&work) {
			Self::add_units(work.epoch, work.network, waiting.units);
			work.units = work.units.saturating_add(waiting.units);
		}
		work
	}

	/// Turns work of a closed epoch into what its payee is owed.
	pub(crate) fn credit_work(device: DeviceId, work: Work<T::AccountId>) {
		// An epoch in which all work came to nothing has no record.
		if work.units == Units::ZERO {
			return;
		}
		if Self::stored_owed(device, &work.payee).is_none() {
			// There is nothing to add it to, so it stays in the pot, in the record of its epoch.
			return;
		}
		let Some(mut settled) = Self::stored_epoch(work.network, work.epoch).value() else {
			defensive!("work was counted in the total of its epoch");
			return;
		};
		let folded = settled.fold(work.units);
		NetworkEpochs::<T>::insert(work.network, work.epoch, settled);
		T::Emission::unmint(folded.surplus);
		Self::credit(device, &work.payee, folded.reward);
	}
}
