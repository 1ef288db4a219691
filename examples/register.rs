//! Registers a device: makes its session key, lets it sign for the owner, and submits the owner's
//! call. Stake behind the device is another call of the owner: `groma-device provision`.

use std::{env, sync::Arc};

use anyhow::{Context, Result, bail};
use groma_client::{
	chain::{At, Chain, RpcChain},
	keys,
	owner::{LocationClaim, Owner, PreparedCall, RegisterDevice},
};
use groma_core::{
	payload,
	place::{Cell, LOCATION_RESOLUTION},
	protocol::FIRST_NETWORK,
	region,
	words::AccountBytes,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
	let arguments: Vec<String> = env::args().skip(1).collect();
	let [node, key, owner, latitude, longitude] = &arguments[..] else {
		bail!("usage: example-register NODE KEY OWNER LATITUDE LONGITUDE");
	};
	let chain = RpcChain::new(vec![node.clone()], 1, Arc::default());
	let owner = Owner::open(owner)?;
	let key = keys::generate(key)?;

	// The session key signs that it belongs to this owner. The nonce lets the signature serve once.
	let account = owner.account();
	let nonce = chain.onboarding_nonce(account, At::Best).await?;
	let genesis = chain.genesis().await?;
	let account = AccountBytes(account.0);
	let proof = key.sign(&payload::onboarding(&genesis, &account, FIRST_NETWORK, nonce));

	// A place is an H3 cell of resolution 12. The chain knows no degrees.
	let cell = Cell::from_degrees(latitude.parse()?, longitude.parse()?, LOCATION_RESOLUTION)
		.context("these degrees are no place on earth")?;
	let location =
		LocationClaim { cell, region: region::EU868, gain_deci_dbi: 20, elevation_m: 10 };

	let client = owner.connect(node).await?;
	let arguments = RegisterDevice {
		network: FIRST_NETWORK,
		session_key: key.public(),
		proof,
		location: Some(location),
		attestation: None,
	};
	let call = PreparedCall::new(&client, "DeviceRegistry", "register_device", arguments).await?;
	// Returns once the call is finalized.
	owner.submit(&client, &call).await?;

	let device = chain.device_by_key(key.public(), At::Best).await?;
	let device = device.context("the device is not on chain")?;
	println!("device {device} of {} is registered", owner.address());
	Ok(())
}
