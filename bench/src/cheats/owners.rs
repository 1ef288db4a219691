//! The owners of a field: accounts with funds, who register their devices.

use anyhow::{Context, anyhow};
use codec::Encode;
use ed25519_dalek::Signer;
use groma_core::{
	DeviceId, NetworkId,
	money::{Balance, GRM},
	payload,
	words::{AccountBytes, SessionKey, Signature},
};
use groma_runtime::{AccountId, DeviceRegistry, Runtime};
use groma_simulator::field::Field;
use pallet_device_registry::{Call as RegistryCall, LocationClaim};

use super::chain::Chain;

/// The network that everyone serves.
pub(crate) const NETWORK: NetworkId = 0;
/// What an account begins with for each device: enough for its stake, its deposit and what
/// the network takes.
pub(crate) const FUNDS: Balance = 100 * GRM;

/// The account of an owner.
pub(crate) fn account(owner: u32) -> AccountId {
	sp_crypto_hashing::blake2_256(&("owner", owner).encode()).into()
}

/// Registers every device of a field and returns the members' names on chain; `None` for those that
/// are no devices. Names are given in the order of the members, so that honest devices have the
/// same in every trial.
pub(crate) fn register(chain: &mut Chain, field: &Field) -> anyhow::Result<Vec<Option<DeviceId>>> {
	let members = field.members().iter().enumerate();
	members
		.map(|(member, about)| match about.behaviour.is_device() {
			true => register_one(chain, field, member)
				.map(Some)
				.with_context(|| format!("member {member} of the field cannot register")),
			false => Ok(None),
		})
		.collect()
}

fn register_one(chain: &mut Chain, field: &Field, member: usize) -> anyhow::Result<DeviceId> {
	let about = field.members().get(member).context("there is such a member")?;
	let region = field.station_of(member).context("every member has a radio")?.region;
	let owner = account(about.owner);
	chain.endow(&owner, FUNDS)?;
	chain.back(&owner)?;
	let nonce = chain.with(|| DeviceRegistry::onboarding_nonce(&owner));
	let message = payload::onboarding(
		&chain.genesis_hash(),
		&AccountBytes(owner.clone().into()),
		NETWORK,
		nonce,
	);
	let key = field.session_key(member);
	let session_key = SessionKey(key.verifying_key().to_bytes());
	let location = LocationClaim { cell: about.asserted, region, gain_deci_dbi: 0, elevation_m: 0 };
	let registration = RegistryCall::<Runtime>::register_device {
		network: NETWORK,
		session_key,
		proof: Signature(key.sign(&message).to_bytes()),
		location: Some(location),
		attestation: None,
	};
	chain.call(&owner, registration).map_err(|error| anyhow!("{error:?}"))?;
	chain
		.with(|| DeviceRegistry::device_by_key(session_key))
		.context("a registered device has a name")
}
