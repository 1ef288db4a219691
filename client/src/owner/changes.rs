//! What an owner changes about a device, as calls of the chain.

use codec::{Compact, Decode, Encode};
use groma_core::{
	DeviceId,
	api::DeviceStatus,
	payload,
	words::{AccountBytes, Hash, SessionKey, Signature},
};
use subxt::{OnlineClient, SubstrateConfig, dynamic::Value};

use super::{
	call::PreparedCall, connection::stored, error::OwnerError, registration::LocationClaim,
};
use crate::{chain::AccountId, keys::DeviceKey};

/// The pallet of devices.
const REGISTRY: &str = "DeviceRegistry";

/// A session key on its way into a device, with what speaks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode)]
pub struct NewKey {
	/// The key.
	pub session_key: SessionKey,
	/// Its own signature over `payload::rotation`.
	pub proof: Signature,
	/// The hardware key's signature over [`hardware_message`], if the device has such a key.
	pub authorization: Option<Signature>,
}

impl NewKey {
	/// A key that signs that it belongs into a device of `owner`.
	pub fn prove(
		key: &dyn DeviceKey,
		genesis: &Hash,
		device: DeviceId,
		owner: AccountId,
		authorization: Option<Signature>,
	) -> Self {
		let session_key = key.public();
		let message = payload::rotation(genesis, device, &AccountBytes(owner.0), &session_key);
		Self { session_key, proof: key.sign(&message), authorization }
	}
}

/// A change of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceChange {
	/// It stands elsewhere.
	Locate(LocationClaim),
	/// It has another session key.
	Rotate(NewKey),
	/// It takes part, or does not for now.
	SetStatus(DeviceStatus),
	/// It is withdrawn permanently.
	Retire,
	/// It is offered to an account, or to none any more.
	Offer(Option<AccountId>),
	/// It is taken over from an account that offers it.
	Accept(NewKey),
}

impl DeviceChange {
	/// The call that makes the change.
	pub async fn call(
		&self,
		client: &OnlineClient<SubstrateConfig>,
		device: DeviceId,
	) -> Result<PreparedCall, OwnerError> {
		match *self {
			Self::Locate(claim) => {
				PreparedCall::new(client, REGISTRY, "assert_location", (device, claim)).await
			}
			Self::Rotate(key) => {
				PreparedCall::new(client, REGISTRY, "rotate_session_key", (device, key)).await
			}
			Self::SetStatus(status) => {
				PreparedCall::new(client, REGISTRY, "set_status", (device, status)).await
			}
			Self::Retire => PreparedCall::new(client, REGISTRY, "retire", device).await,
			Self::Offer(next_owner) => {
				PreparedCall::new(client, REGISTRY, "offer_transfer", (device, next_owner)).await
			}
			Self::Accept(key) => {
				PreparedCall::new(client, REGISTRY, "accept_transfer", (device, key)).await
			}
		}
	}
}

/// What the hardware key of a device has to sign for the next session key of `owner`; `None` if the
/// device has no such key.
pub async fn hardware_message(
	client: &OnlineClient<SubstrateConfig>,
	genesis: &Hash,
	device: DeviceId,
	owner: AccountId,
	session_key: &SessionKey,
) -> Result<Option<Vec<u8>>, OwnerError> {
	let keys = vec![Value::u128(device.into())];
	let hardware = stored::<HardwareKey>(client, REGISTRY, "HardwareKeys", keys).await?;
	Ok(hardware.map(|hardware| {
		let (owner, rotations) = (AccountBytes(owner.0), hardware.rotations.0);
		payload::hardware_rotation(genesis, device, &owner, rotations, session_key)
	}))
}

/// To whom a device is offered, if to anyone.
pub async fn offered_to(
	client: &OnlineClient<SubstrateConfig>,
	device: DeviceId,
) -> Result<Option<AccountId>, OwnerError> {
	let keys = vec![Value::u128(device.into())];
	stored::<AccountId>(client, REGISTRY, "TransferOffers", keys).await
}

/// A hardware key as the chain stores it.
#[derive(Debug, PartialEq, Eq, Decode)]
struct HardwareKey {
	key: HardwarePublicKey,
	/// How many session keys it authorised.
	rotations: Compact<u32>,
}

/// The public half of a hardware key.
#[derive(Debug, PartialEq, Eq, Decode)]
enum HardwarePublicKey {
	#[codec(index = 0)]
	Ed25519([u8; 32]),
	#[codec(index = 1)]
	P256([u8; 33]),
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::keys::SoftKey;

	#[test]
	fn hardware_key_is_read_as_the_chain_stores_it() {
		let bytes = [&[1][..], &[4; 33], &Compact(300u32).encode()].concat();
		let key = HardwareKey::decode(&mut &bytes[..]).expect("a key");
		let p256 = HardwarePublicKey::P256([4; 33]);
		assert_eq!(key, HardwareKey { key: p256, rotations: Compact(300) });
		let bytes = [&[0][..], &[5; 32], &[0]].concat();
		let key = HardwareKey::decode(&mut &bytes[..]).expect("a key");
		let ed25519 = HardwarePublicKey::Ed25519([5; 32]);
		assert_eq!(key, HardwareKey { key: ed25519, rotations: Compact(0) });
	}

	#[test]
	fn new_key_encodes_as_calls_take_it() {
		let (session_key, proof) = (SessionKey([1; 32]), Signature([2; 64]));
		let key = NewKey { session_key, proof, authorization: None };
		assert_eq!((7u32, key).encode(), [&[7, 0, 0, 0][..], &[1; 32], &[2; 64], &[0]].concat());
		let key = NewKey { authorization: Some(Signature([3; 64])), ..key };
		assert_eq!(key.encode(), [&[1; 32][..], &[2; 64], &[1], &[3; 64]].concat());
	}

	#[test]
	fn new_key_signs_for_its_device_and_owner() {
		let key = SoftKey::from_secret(&[1; 32]);
		let prove = |device, owner| {
			NewKey::prove(&key, &[2; 32], device, AccountId::from([owner; 32]), None)
		};
		let new = prove(3, 4);
		let message = payload::rotation(&[2; 32], 3, &AccountBytes([4; 32]), &key.public());
		assert_eq!((new.session_key, new.proof), (key.public(), key.sign(&message)));
		assert_ne!(new.proof, prove(5, 4).proof);
		assert_ne!(new.proof, prove(3, 5).proof);
	}
}
