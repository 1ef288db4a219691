//! The one kind of device evidence, and the expiry of devices that are no longer heard.

use frame_support::{dispatch::DispatchResult, ensure};
use groma_core::{
	DeviceId, NetworkId, WindowIndex, density::DEFAULT_LIMITS, payload, words::Signature,
};
use groma_seams::{DeviceOffences, Devices, Networks, Windows};

use crate::{
	Activities, Config, Error, Event, Pallet, activity,
	density::{self, Limits},
	statements::is_signed,
	windows::genesis_hash,
};

impl<T: Config> Pallet<T> {
	/// Bans a device whose session key signed two different beacons for one challenge.
	///
	/// The key is the one that the registry knows for the window. If it changed since, older signatures
	/// no longer verify: nobody is punished for what a former owner signed.
	pub(crate) fn do_report_double_beacon(
		reporter: &T::AccountId,
		window: WindowIndex,
		device: DeviceId,
		signatures: [Signature; 2],
	) -> DispatchResult {
		ensure!(signatures[0] != signatures[1], Error::<T>::SameSignature);
		let record = Self::window_record(window).ok_or(Error::<T>::WindowForgotten)?;
		let view = T::Devices::at(device, window).ok_or(Error::<T>::UnknownDevice)?;
		ensure!(record.challenges(device, view.network), Error::<T>::NotChallenged);
		ensure!(!Activities::<T>::get(device).is_banned, Error::<T>::AlreadyReported);
		let id = payload::challenge_id(&genesis_hash::<T>(), &record.seed, device);
		let message = payload::beacon(&id);
		ensure!(
			signatures.iter().all(|signature| is_signed(&view.session_key, &message, signature)),
			Error::<T>::InvalidSignature
		);
		T::Devices::ban(device);
		T::Offences::on_double_beacon(device, view.network, &view.owner, reporter);
		activity::change::<T, _>(device, |activity| {
			activity.is_banned = true;
			if let Some(place) = activity.counted {
				density::uncount::<T>(&mut activity.counted, &limits_of::<T>(place.network));
			}
		});
		Self::deposit_event(Event::DoubleBeaconProven {
			device,
			window,
			reporter: reporter.clone(),
		});
		Ok(())
	}

	/// No longer counts a device that no valid witness heard within the span of reciprocity.
	pub(crate) fn do_expire_device(device: DeviceId) -> DispatchResult {
		let activity = Activities::<T>::get(device);
		let place = activity.counted.ok_or(Error::<T>::NotCounted)?;
		let now = <Self as Windows>::current();
		let record = Self::window_record(now).ok_or(Error::<T>::WindowForgotten)?;
		let span = record.reciprocity_span(place.network);
		let was_heard_lately =
			activity.last_heard.is_some_and(|last| last.saturating_add(span) >= now);
		ensure!(!was_heard_lately, Error::<T>::StillHeard);
		activity::change::<T, _>(device, |activity| {
			density::uncount::<T>(&mut activity.counted, &limits_of::<T>(place.network))
		});
		Self::deposit_event(Event::DeviceExpired { device });
		Ok(())
	}
}

/// The density limits of a network, or the default ones if it has no terms.
fn limits_of<T: Config>(network: NetworkId) -> Limits {
	T::Networks::terms(network).map_or(DEFAULT_LIMITS, |terms| terms.density_limits)
}
