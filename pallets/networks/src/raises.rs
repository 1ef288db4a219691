//! Raises of the stake per device: announced, and in force when the windows have passed. A vote
//! that raised it at once would uncover devices whose owners could not answer.

use alloc::{boxed::Box, vec::Vec};

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{
	BoundedVec,
	traits::{ConstU32, Get, Time},
	weights::Weight,
};
use groma_core::{
	NetworkId, WindowIndex,
	money::Balance,
	protocol::NETWORKS_MAX,
	terms::{NetworkTerms, Proof},
};
use groma_stored::Stored;
use groma_traits::{Standstill, Windows};
use scale_info::TypeInfo;
use sp_runtime::DispatchError;

use crate::{
	pallet::{Config, Error, Event, Networks, Pallet, PastRaises, Raises},
	types::CallerOf,
	weights::WeightInfo,
};

/// A raise of the stake per device that is announced.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Raise {
	/// The network.
	pub network: NetworkId,
	/// Plancks of stake behind each device then.
	pub stake_per_device: Balance,
	/// The window from which on it holds.
	pub window: WindowIndex,
}

/// The last raise of a network that came into force.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct PastRaise {
	/// Plancks of stake behind each device until then.
	pub before: Balance,
	/// When it came into force, in ms since the Unix epoch.
	pub at_ms: u64,
}

/// At most one for each network.
pub(crate) type RaiseList = BoundedVec<Raise, ConstU32<NETWORKS_MAX>>;

impl<T: Config> Pallet<T> {
	/// What is stored of raises.
	pub(crate) fn stored_raises() -> Stored<RaiseList> {
		groma_stored::value::<Raises<T>, RaiseList>()
	}

	/// Whether the raises that are announced, and those that were, can be read.
	pub fn has_readable_raises() -> bool {
		let is_damaged = |network: NetworkId| {
			groma_stored::entry::<PastRaises<T>, NetworkId, PastRaise>(network).is_undecodable()
		};
		!Self::stored_raises().is_undecodable() && !PastRaises::<T>::iter_keys().any(is_damaged)
	}

	/// The raise of a network that is announced, if it can be read.
	pub fn raise_of(network: NetworkId) -> Option<Raise> {
		Self::stored_raises().value()?.into_iter().find(|raise| raise.network == network)
	}

	/// Announces by how much new terms of a network raise the stake per device, and returns them
	/// with the stake that holds until then. A raise that was announced is withdrawn by terms with
	/// less stake, and keeps its window if they ask for as much. A network that proves nothing asks
	/// for no stake: whatever its terms say holds at once.
	pub(crate) fn hold_back(
		origin: &CallerOf<T>,
		network: NetworkId,
		old: &NetworkTerms,
		mut new: NetworkTerms,
	) -> Result<NetworkTerms, DispatchError> {
		if old.proof == Proof::Unproven {
			return Ok(new);
		}
		let mut raises = Self::stored_raises()
			.or_absent(RaiseList::new())
			.ok_or(Error::<T>::UnreadableNetwork)?;
		let place = raises.iter().position(|raise| raise.network == network);
		let known = place.map(|place| raises.swap_remove(place));
		let stake_per_device = new.stake_per_device;
		if stake_per_device > old.stake_per_device {
			new.stake_per_device = old.stake_per_device;
			let window = match known.filter(|known| known.stake_per_device >= stake_per_device) {
				Some(known) => known.window,
				None => T::Windows::of_call().saturating_add(T::RaiseWindows::get()),
			};
			raises
				.try_push(Raise { network, stake_per_device, window })
				.map_err(|_| Error::<T>::TooManyNetworks)?;
			let (old, origin) = (old.stake_per_device, origin.clone());
			Self::deposit_event(Event::TermsAnnounced {
				network,
				stake_per_device,
				window,
				old,
				origin,
			});
		}
		Self::put_raises(raises);
		Ok(new)
	}

	/// Puts the raises into force of which the window has come. Those of networks that cannot be
	/// read wait.
	pub(crate) fn apply_raises() -> Weight {
		let reads = |reads| T::DbWeight::get().reads(reads);
		let Some(raises) = Self::stored_raises().value() else { return reads(1) };
		if T::Standstill::now() {
			return reads(2);
		}
		let now = T::Windows::current();
		if raises.iter().all(|raise| raise.window > now) {
			return reads(3);
		}
		let before = raises.len();
		let left: Vec<_> = raises
			.into_iter()
			.filter(|raise| raise.window > now || !Self::apply_raise(raise))
			.collect();
		let applied = before.saturating_sub(left.len()) as u32;
		Self::put_raises(RaiseList::truncate_from(left));
		T::WeightInfo::apply_raises(applied).saturating_add(reads(3))
	}

	/// Puts a raise into force; `false` if its network cannot be read.
	fn apply_raise(raise: &Raise) -> bool {
		let Raise { network, stake_per_device, .. } = *raise;
		let Ok(mut record) = Self::record(network) else { return false };
		let old = Box::new(record.terms.clone());
		let (before, at_ms) = (old.stake_per_device, T::Time::now());
		record.terms.stake_per_device = stake_per_device;
		let new = Box::new(record.terms.clone());
		Networks::<T>::insert(network, record);
		PastRaises::<T>::insert(network, PastRaise { before, at_ms });
		Self::deposit_event(Event::TermsUpdated { network, old, new, origin: None });
		true
	}

	/// The least stake per device of a network since a time in ms since the Unix epoch, if no two
	/// raises came into force since; `None` if there is no such network, or none that can be read.
	///
	/// Between that time and now there were a raise and any number of lower values after it: the
	/// least is the first or the last of them.
	pub(crate) fn least_stake_since(network: NetworkId, since_ms: u64) -> Option<Balance> {
		let present = Self::stored(network).value()?.terms.stake_per_device;
		match groma_stored::entry::<PastRaises<T>, NetworkId, PastRaise>(network) {
			Stored::Absent => Some(present),
			Stored::Value(past) if past.at_ms >= since_ms => Some(present.min(past.before)),
			Stored::Value(_) => Some(present),
			Stored::Undecodable => None,
		}
	}

	/// Stores the raises; a list of none is removed.
	fn put_raises(raises: RaiseList) {
		if raises.is_empty() {
			Raises::<T>::kill();
		} else {
			Raises::<T>::put(raises);
		}
	}
}
