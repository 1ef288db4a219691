//! Has a device paid what it is owed, by subxt alone: the call comes from the chain's live
//! metadata. Anyone may do that for any device; the GRM go to its owner.

use std::{env, str::FromStr};

use anyhow::{Result, bail};
use groma_core::DeviceId;
use subxt::{OnlineClient, SubstrateConfig, dynamic};
use subxt_signer::{SecretUri, sr25519::Keypair};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
	let arguments: Vec<String> = env::args().skip(1).collect();
	let [node, account, device] = &arguments[..] else {
		bail!("usage: example-claim NODE ACCOUNT DEVICE");
	};
	let device: DeviceId = device.parse()?;
	let signer = Keypair::from_uri(&SecretUri::from_str(account)?)?;
	let client = OnlineClient::<SubstrateConfig>::from_insecure_url(node).await?;

	let call = dynamic::transaction("Rewards", "claim", (device,));
	let events = client
		.at_current_block()
		.await?
		.transactions()
		.sign_and_submit_then_watch_default(&call, &signer)
		.await?
		.wait_for_finalized_success()
		.await?;
	for event in events.iter() {
		let event = event?;
		if event.pallet_name() == "Rewards" {
			println!(
				"{}: {}",
				event.event_name(),
				event.decode_fields_unchecked_as::<dynamic::Value>()?
			);
		}
	}
	Ok(())
}
