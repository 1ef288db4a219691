//! Watches a device at each finalized block until it is owed something.

use std::{env, sync::Arc};

use anyhow::{Result, bail};
use groma_client::{
	amount::Amount,
	chain::{At, Chain, RpcChain},
};
use groma_core::DeviceId;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
	let arguments: Vec<String> = env::args().skip(1).collect();
	let [node, device] = &arguments[..] else { bail!("usage: example-watch NODE DEVICE") };
	let device: DeviceId = device.parse()?;
	let chain = RpcChain::new(vec![node.clone()], 1, Arc::default());
	let mut last = None;
	loop {
		let finalized = chain.next_heads().await?.finalized;
		let at = At::Block(finalized.hash);
		let rewards = chain.rewards(device, at).await?;
		let owed = rewards.owed_total();
		// Units of the running epoch become GRM when it closes.
		if last != Some((rewards.open_units, owed)) {
			println!(
				"block {}: {} billionths of a unit in the running epoch, owed {}",
				finalized.number,
				rewards.open_units.0,
				Amount(owed)
			);
			last = Some((rewards.open_units, owed));
			say_reasons(&chain, device, at).await?;
		}
		if owed > 0 {
			return Ok(());
		}
	}
}

/// Why something that the device did earned nothing.
async fn say_reasons(chain: &RpcChain, device: DeviceId, at: At) -> Result<()> {
	let Some(activity) = chain.activity(device, at).await? else { return Ok(()) };
	for it in activity.reasons {
		let explanation = it.reason().map_or("a reason unknown here", |it| it.explanation());
		println!("  {} times: {explanation}", it.count);
	}
	Ok(())
}
