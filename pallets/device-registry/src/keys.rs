//! One key, one device: who holds which key, and how a new session key proves itself. A hardware
//! key names one device in each network.

use frame_support::ensure;
use frame_system::pallet_prelude::BlockNumberFor;
use groma_core::{
	DeviceId, NetworkId, payload,
	words::{AccountBytes, Hash, SessionKey, Signature},
};
use groma_stored::Stored;
use sp_runtime::{DispatchResult, traits::Zero};

use crate::{
	pallet::{Config, Error, HardwareKeys, KeyHolders, Pallet},
	public_key::PublicKey,
	types::{DeviceRecord, HardwareKey, HeldKey, NO_DEVICE},
};

/// A session key on its way into a device, with what speaks for it.
pub(crate) struct NewSessionKey {
	pub(crate) key: SessionKey,
	/// The key's own signature over `payload::rotation`.
	pub(crate) proof: Signature,
	/// The hardware key's signature over `payload::hardware_rotation`, if the device has one.
	pub(crate) authorization: Option<Signature>,
}

impl<T: Config> Pallet<T> {
	/// The hash of block 0, which every signed payload carries.
	pub(crate) fn genesis_hash() -> Hash {
		let hash = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
		hash.as_ref().try_into().unwrap_or_default()
	}

	/// Takes a session key for a device. Refused are keys that may name no device, keys that name
	/// one, and hardware keys of the network.
	pub(crate) fn claim_session_key(
		network: NetworkId,
		session_key: SessionKey,
		device: DeviceId,
	) -> DispatchResult {
		let key = PublicKey::from(session_key);
		ensure!(key.is_acceptable(), Error::<T>::InvalidKey);
		let (held, in_hardware) = (HeldKey::Session(session_key), HeldKey::Hardware(network, key));
		ensure!(!KeyHolders::<T>::contains_key(held), Error::<T>::KeyTaken);
		ensure!(!KeyHolders::<T>::contains_key(in_hardware), Error::<T>::KeyTaken);
		KeyHolders::<T>::insert(held, device);
		Ok(())
	}

	/// Takes a hardware key for a device of a network. Refused are keys that may name no device,
	/// keys that name one of the network, and session keys.
	pub(crate) fn claim_hardware_key(
		network: NetworkId,
		key: PublicKey,
		device: DeviceId,
	) -> DispatchResult {
		ensure!(key.is_acceptable(), Error::<T>::InvalidKey);
		let held = HeldKey::Hardware(network, key);
		ensure!(!KeyHolders::<T>::contains_key(held), Error::<T>::KeyTaken);
		if let PublicKey::Ed25519(bytes) = key {
			let session = HeldKey::Session(SessionKey(bytes));
			ensure!(!KeyHolders::<T>::contains_key(session), Error::<T>::KeyTaken);
		}
		KeyHolders::<T>::insert(held, device);
		HardwareKeys::<T>::insert(device, HardwareKey { key, rotations: 0 });
		Ok(())
	}

	/// Lets go of a session key.
	pub(crate) fn free_session_key(session_key: SessionKey) {
		KeyHolders::<T>::remove(HeldKey::Session(session_key));
	}

	/// Keeps a session key that its device no longer has from naming any device again.
	pub(crate) fn bar_session_key(session_key: SessionKey) {
		KeyHolders::<T>::insert(HeldKey::Session(session_key), NO_DEVICE);
	}

	/// Which device a key names.
	pub(crate) fn holder(key: HeldKey) -> Stored<DeviceId> {
		groma_stored::entry::<KeyHolders<T>, _, DeviceId>(key)
	}

	/// The hardware key of a device.
	pub(crate) fn hardware_key(device: DeviceId) -> Stored<HardwareKey> {
		groma_stored::entry::<HardwareKeys<T>, _, HardwareKey>(device)
	}

	/// Lets go of the hardware key of a device of a network, if it has one. One that does not
	/// decode stays, and names the device that is gone.
	pub(crate) fn free_hardware_key(network: NetworkId, device: DeviceId) {
		if let Some(hardware) = Self::hardware_key(device).value() {
			HardwareKeys::<T>::remove(device);
			KeyHolders::<T>::remove(HeldKey::Hardware(network, hardware.key));
		}
	}

	/// Refuses a signature that is not the session key's over the message.
	pub(crate) fn ensure_proof(
		session_key: &SessionKey,
		message: &[u8],
		proof: &Signature,
	) -> DispatchResult {
		ensure!(PublicKey::from(*session_key).verify(message, proof), Error::<T>::BadProof);
		Ok(())
	}

	/// Takes a device's next session key: proven by itself for the owner and, where the device has
	/// a hardware key, authorised by that.
	pub(crate) fn claim_next_session_key(
		device: DeviceId,
		record: &DeviceRecord<T::AccountId>,
		owner: &T::AccountId,
		new: &NewSessionKey,
	) -> DispatchResult {
		Self::claim_session_key(record.network, new.key, device)?;
		let owner = AccountBytes(owner.clone().into());
		let message = payload::rotation(&Self::genesis_hash(), device, &owner, &new.key);
		Self::ensure_proof(&new.key, &message, &new.proof)?;
		match (record.maker.is_some(), &new.authorization) {
			(false, None) => Ok(()),
			(false, Some(_)) => Err(Error::<T>::NoHardwareKey.into()),
			(true, None) => Err(Error::<T>::AuthorizationMissing.into()),
			(true, Some(signature)) => {
				Self::spend_authorization(device, &owner, &new.key, signature)
			}
		}
	}

	/// Refuses a session key that the device's hardware key did not authorise for this owner, and
	/// makes the authorization worthless.
	pub(crate) fn spend_authorization(
		device: DeviceId,
		owner: &AccountBytes,
		session_key: &SessionKey,
		signature: &Signature,
	) -> DispatchResult {
		let hardware = Self::hardware_key(device)
			.ok_or(Error::<T>::NoHardwareKey, Error::<T>::StateUnreadable)?;
		let HardwareKey { key, rotations } = hardware;
		let genesis = Self::genesis_hash();
		let message = payload::hardware_rotation(&genesis, device, owner, rotations, session_key);
		ensure!(key.verify(&message, signature), Error::<T>::BadHardwareSignature);
		// Each rotation takes seven windows, so that windows run out before the count does.
		let rotations = rotations.checked_add(1).ok_or(Error::<T>::EndOfTime)?;
		HardwareKeys::<T>::insert(device, HardwareKey { key, rotations });
		Ok(())
	}
}
