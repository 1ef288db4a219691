//! Makers: who vouches for hardware keys.

use codec::Encode;
use frame_support::ensure;
use groma_core::{DeviceId, MakerId, NetworkId, payload};
use groma_stored::Stored;
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
	pallet::{Config, Error, Event, Makers, NextMaker, Pallet},
	public_key::PublicKey,
	types::{Attestation, MakerKeys, MakerName, MakerRecord},
};

impl<T: Config> Pallet<T> {
	/// Registers a maker under the next free id.
	pub(crate) fn do_register_maker(name: MakerName, keys: MakerKeys) -> DispatchResult {
		ensure!(is_name(&name), Error::<T>::InvalidName);
		ensure!(keys.iter().all(PublicKey::is_acceptable), Error::<T>::InvalidKey);
		let stored = groma_stored::value::<NextMaker<T>, MakerId>();
		let maker = stored.or_absent(0).ok_or(Error::<T>::StateUnreadable)?;
		NextMaker::<T>::put(maker.checked_add(1).ok_or(Error::<T>::TooManyMakers)?);
		let record = MakerRecord { name: name.clone(), keys, is_revoked: false };
		Makers::<T>::insert(maker, record);
		Self::deposit_event(Event::MakerRegistered { maker, name });
		Ok(())
	}

	/// Replaces the keys of a maker.
	pub(crate) fn do_set_maker_keys(maker: MakerId, keys: MakerKeys) -> DispatchResult {
		ensure!(keys.iter().all(PublicKey::is_acceptable), Error::<T>::InvalidKey);
		let mut record = Self::attesting_maker(maker)?;
		record.keys = keys;
		Makers::<T>::insert(maker, record);
		Self::deposit_event(Event::MakerKeysSet { maker });
		Ok(())
	}

	/// Ends a maker's attesting permanently.
	pub(crate) fn do_revoke_maker(maker: MakerId) -> DispatchResult {
		let mut record = Self::attesting_maker(maker)?;
		record.is_revoked = true;
		record.keys = MakerKeys::default();
		Makers::<T>::insert(maker, record);
		Self::deposit_event(Event::MakerRevoked { maker });
		Ok(())
	}

	/// Checks both signatures of an attestation and takes the hardware key for the device of a
	/// network. `onboarding` is what that key has to sign about the session key.
	pub(crate) fn attest(
		network: NetworkId,
		device: DeviceId,
		onboarding: &[u8],
		attestation: &Attestation,
	) -> Result<MakerId, DispatchError> {
		let Attestation { maker, maker_key, hardware_key, .. } = attestation;
		let record = Self::attesting_maker(*maker)?;
		ensure!(record.keys.contains(maker_key), Error::<T>::UnknownMakerKey);
		Self::claim_hardware_key(network, *hardware_key, device)?;
		let about_hardware =
			payload::attestation(&Self::genesis_hash(), *maker, &hardware_key.encode());
		ensure!(
			maker_key.verify(&about_hardware, &attestation.maker_signature),
			Error::<T>::BadMakerSignature
		);
		ensure!(
			hardware_key.verify(onboarding, &attestation.hardware_signature),
			Error::<T>::BadHardwareSignature
		);
		Ok(*maker)
	}

	/// The record of a maker.
	pub(crate) fn stored_maker(maker: MakerId) -> Stored<MakerRecord> {
		groma_stored::entry::<Makers<T>, _, MakerRecord>(maker)
	}

	/// The record of a maker that is not revoked.
	fn attesting_maker(maker: MakerId) -> Result<MakerRecord, DispatchError> {
		let stored = Self::stored_maker(maker);
		let record = stored.ok_or(Error::<T>::UnknownMaker, Error::<T>::StateUnreadable)?;
		ensure!(!record.is_revoked, Error::<T>::MakerIsRevoked);
		Ok(record)
	}
}

/// Whether the bytes are a name: UTF-8, not empty.
pub(crate) fn is_name(bytes: &[u8]) -> bool {
	!bytes.is_empty() && core::str::from_utf8(bytes).is_ok()
}
