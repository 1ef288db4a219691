//! Follows the routes of payers, and says who buys the packets of a LoRaWAN device after each
//! change of them.

use std::{env, sync::Arc};

use anyhow::{Context, Result, bail};
use groma_client::{
	chain::{Chain, RpcChain},
	mirror::Mirror,
};
use groma_core::words::DevAddr;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
	let arguments: Vec<String> = env::args().skip(1).collect();
	let [node, address] = &arguments[..] else { bail!("usage: example-routes NODE DEVADDR") };
	let number = u32::from_str_radix(address.trim_start_matches("0x"), 16);
	let address = DevAddr::from_number(number.context("an address is as 0100002a")?);
	let chain = RpcChain::new(vec![node.clone()], 1, Arc::default());
	let mut mirror = Mirror::default();
	loop {
		let finalized = chain.next_heads().await?.finalized;
		// A list is read only if it changed since the block before.
		if !mirror.follow(&chain, finalized).await?.routes {
			continue;
		}
		let buyer = match mirror.payer_of(address) {
			None => "no one".to_owned(),
			Some(payer) => match &payer.route {
				None => format!("{}, which has no route", payer.payer),
				Some(route) => format!("{} at {:?}", payer.payer, route.endpoint),
			},
		};
		println!("block {}: packets of {address} are bought by {buyer}", finalized.number);
	}
}
