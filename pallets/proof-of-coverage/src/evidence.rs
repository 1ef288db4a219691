//! The one kind of device evidence, and the expiry of devices that are no longer heard.

use frame_support::{dispatch::DispatchResult, ensure};
use groma_core::{DeviceId, WindowIndex, payload, words::Signature};
use groma_traits::{DeviceOffences, Devices, Offence, Signer, Windows};

use crate::{
	Activities, Config, Error, Event, Pallet, activity, density,
	statements::{genesis_hash, is_signed},
};

impl<T: Config> Pallet<T> {
	/// Bans a session key that signed two different beacons for one challenge, and its device with
	/// it.
	///
	/// The key is the one that the registry knows for the window, and the owner of that time is
	/// punished. A device that has another owner since is spared: only its former key is banned.
	pub(crate) fn do_report_double_beacon(
		reporter: &T::AccountId,
		window: WindowIndex,
		device: DeviceId,
		signatures: [Signature; 2],
	) -> DispatchResult {
		ensure!(signatures[0] != signatures[1], Error::<T>::SameSignature);
		let record = T::Windows::window(window).ok_or(Error::<T>::WindowForgotten)?;
		let signer = T::Devices::signer(device, window).ok_or(Error::<T>::UnknownDevice)?;
		ensure!(record.draws(device, signer.network), Error::<T>::NotChallenged);
		ensure!(!signer.is_banned, Error::<T>::AlreadyReported);
		let id = payload::challenge_id(&genesis_hash::<T>(), &record.seed, device);
		let message = payload::beacon(&id);
		ensure!(
			signatures.iter().all(|signature| is_signed(&signer.session_key, &message, signature)),
			Error::<T>::InvalidSignature
		);
		if T::Devices::ban(device, window) {
			activity::uncount::<T>(device);
		}
		let Signer { network, owner, .. } = signer;
		T::Offences::on_offence(device, network, &owner, reporter, Offence::DoubleBeacon);
		Self::deposit_event(Event::DoubleBeaconProven {
			device,
			window,
			reporter: reporter.clone(),
		});
		Ok(())
	}

	/// No longer counts a device that no valid witness heard within the span of reciprocity.
	pub(crate) fn do_expire_device(device: DeviceId) -> DispatchResult {
		let activity = Activities::<T>::get(device).unwrap_or_default();
		let place = activity.counted.ok_or(Error::<T>::NotCounted)?;
		let now = T::Windows::current();
		let record = T::Windows::window(now).ok_or(Error::<T>::WindowForgotten)?;
		let span = activity::reciprocity_span(&record, place.network);
		let was_heard_recently =
			activity.last_heard.is_some_and(|last| last.saturating_add(span) >= now);
		ensure!(!was_heard_recently, Error::<T>::StillHeard);
		ensure!(density::is_readable::<T>(place), Error::<T>::DensityUnreadable);
		activity::uncount::<T>(device);
		Self::deposit_event(Event::DeviceExpired { device });
		Ok(())
	}
}
