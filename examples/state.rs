//! Lets one device beacon and another state that it heard the beacon, then reveals it, which
//! settles the challenge. The program holds both keys, so no radio is involved.

use std::{env, sync::Arc};

use anyhow::{Context, Result, bail};
use groma_client::{
	chain::{At, Chain, RpcChain},
	keys::{self, DeviceKey},
	report::EncodedReport,
};
use groma_core::{
	DeviceId, WindowIndex,
	api::ChallengeInfo,
	payload::{self, Observation},
	statement::{Reveal, STATEMENTS, Statement},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
	let arguments: Vec<String> = env::args().skip(1).collect();
	let [node, beaconer_key, witness_key] = &arguments[..] else {
		bail!("usage: example-state NODE BEACONER_KEY WITNESS_KEY");
	};
	let chain = RpcChain::new(vec![node.clone()], 1, Arc::default());
	let (beaconer_key, witness_key) = (keys::open(beaconer_key)?, keys::open(witness_key)?);
	let beaconer = device_of(&chain, &*beaconer_key).await?;
	let witness = device_of(&chain, &*witness_key).await?;

	let (window, challenge) = next_challenge(&chain, beaconer, witness).await?;
	println!("device {beaconer} is challenged in window {window}");
	// This is what goes on the air. Until the reveal only those who heard it know it.
	let beacon = beaconer_key.sign(&payload::beacon(&challenge.id));

	let observation = Observation {
		witness,
		// The node's collector is paid for the statement, no matter who brings it; 0 names none.
		collector: chain.collector(0).await?,
		rssi_deci_dbm: -1_100,
		snr_deci_db: 50,
		// It proves later that the witness heard the beacon before it was public.
		commitment: payload::commitment(&beacon, witness),
	};
	let signature = witness_key.sign(&observation.to_signed_bytes(&challenge.id));
	let statement = Statement { window, beaconer, observation, signature };
	bring_on_chain(&chain, statement.into()).await?;
	println!("device {witness} stated it");

	// Revealed before the end of window w + 1 is finalized, the beacon could be copied on another
	// fork.
	finalized_window(&chain, window + 2).await?;
	let reveal = Reveal { window, beaconer, signature: beacon };
	bring_on_chain(&chain, reveal.into()).await?;
	println!("the beacon is revealed and the challenge is settled");
	Ok(())
}

/// The device with this session key.
async fn device_of(chain: &RpcChain, key: &dyn DeviceKey) -> Result<DeviceId> {
	let device = chain.device_by_key(key.public(), At::Best).await?;
	device.context("the chain does not know this key: run example-register")
}

/// Waits for a window in which `beaconer` is challenged and `witness` is drawn to state about it.
/// The first one comes once both locations are old enough.
async fn next_challenge(
	chain: &RpcChain,
	beaconer: DeviceId,
	witness: DeviceId,
) -> Result<(WindowIndex, ChallengeInfo)> {
	loop {
		let at = At::Block(chain.next_heads().await?.finalized.hash);
		let window = chain.window(at).await?.index;
		if let Some(challenge) = chain.challenge(beaconer, window, at).await?
			&& chain.is_drawn(window, beaconer, witness, at).await?
		{
			return Ok((window, challenge));
		}
	}
}

/// Waits until a block of `window` or of a later one is finalized.
async fn finalized_window(chain: &RpcChain, window: WindowIndex) -> Result<()> {
	loop {
		let finalized = chain.next_heads().await?.finalized;
		if chain.window(At::Block(finalized.hash)).await?.index >= window {
			return Ok(());
		}
	}
}

/// Hands a report to the node, whose collector brings it on chain in a bundle, and submits it as
/// the device's own transaction if no collector did so in time. Both are free.
async fn bring_on_chain(chain: &RpcChain, report: EncodedReport) -> Result<()> {
	chain.hand_in(&report, 0).await?;
	let begun = chain.window(At::Best).await?;
	// A collector bundles reveals at once, but statements only when all beacons of their window are
	// on the air, and not every collector at the same moment: at the latest when the window ends.
	let patience = match report.key.series {
		STATEMENTS => begun.blocks * 7 / 6,
		_ => begun.blocks / 2,
	};
	let mut is_submitted = false;
	loop {
		let heads = chain.next_heads().await?;
		let finalized = At::Block(heads.finalized.hash);
		if is_taken(chain, &report, finalized).await? {
			return Ok(());
		}
		if heads.best >= begun.first_block + patience && !is_submitted {
			println!("no collector took it yet: submitting it");
			chain.submit_own(&report).await?;
			is_submitted = true;
		}
		if chain.window(finalized).await?.index > report.last_window() {
			bail!("the {} did not reach the chain in time", report.series.name);
		}
	}
}

/// Whether the chain has a statement, or has settled the challenge of a reveal.
async fn is_taken(chain: &RpcChain, report: &EncodedReport, at: At) -> Result<bool> {
	let key = report.key;
	let witnesses = chain.witnesses(key.window, key.subject, at).await?;
	Ok(match key.series {
		STATEMENTS => witnesses.contains(&key.author),
		_ => witnesses.is_empty(),
	})
}
