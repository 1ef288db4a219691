//! `groma-payer sign`.

use clap::Args;
use codec::Encode;
use groma_client::console;
use groma_core::{ChannelId, DeviceId, money::Credits, voucher::Seat, words::Hash};

use super::{
	arguments::{BookArgument, NodeArgument, SignerArgument, expect_signer, finalized, genesis},
	error::CommandError,
	values,
};
use crate::voucher::Signer;

/// Signs a voucher: promises credits of a channel to a device, for the units that it delivered.
///
/// Both are sums since the channel was opened, so that a voucher takes the place of those before
/// it. The book has the promise on the disk before the voucher is printed. A lesser promise than
/// before is refused, and so is one that the channel does not hold; the same promise prints the
/// same voucher again.
#[derive(Debug, Args)]
pub(super) struct SignCommand {
	/// The channel.
	#[arg(long)]
	channel: ChannelId,
	/// The device.
	#[arg(long)]
	device: DeviceId,
	/// All credits that are the device's, those of earlier vouchers included.
	#[arg(long, value_parser = values::count)]
	credits: Credits,
	/// All units that it delivered for them.
	#[arg(long, value_parser = values::count)]
	units: u64,
	/// The hash of the chain's block 0. With it no node is asked, also not whether the channel
	/// names the key.
	#[arg(long, value_name = "HEX", value_parser = hash)]
	genesis: Option<Hash>,
	/// Print the voucher as JSON on one line instead of hexadecimal. Files take either.
	#[arg(long)]
	json: bool,
	#[command(flatten)]
	signer: SignerArgument,
	#[command(flatten)]
	book: BookArgument,
	#[command(flatten)]
	node: NodeArgument,
}

impl SignCommand {
	pub(super) async fn execute(self) -> Result<(), CommandError> {
		let signer = match self.genesis {
			Some(hash) => self.signer.open(self.book.open()?, hash)?,
			None => self.checked_signer().await?,
		};
		let total = Seat { credits: self.credits, units: self.units };
		let voucher = signer.sign(self.channel, self.device, &total)?;
		match self.json {
			true => console::print(serde_json::to_string(&voucher)?)?,
			false => console::print(format_args!("0x{}", hex::encode(voucher.encode())))?,
		}
		Ok(())
	}

	/// The signer, of whose key the node is asked whether the channel names it. A channel that the
	/// node does not know may be younger than its last finalized block.
	async fn checked_signer(&self) -> Result<Signer, CommandError> {
		let chain = self.node.chain()?;
		let signer = self.signer.open(self.book.open()?, genesis(&chain).await?)?;
		if let Some(known) = chain.channel(self.channel, finalized(&chain).await?).await? {
			expect_signer(self.channel, known.signer, signer.public())?;
		}
		Ok(signer)
	}
}

/// A hash.
fn hash(text: &str) -> Result<Hash, String> {
	let mut bytes = [0; 32];
	hex::decode_to_slice(text.trim_start_matches("0x"), &mut bytes)
		.map_err(|_| "write a hash of 32 bytes as 64 hexadecimal digits".to_owned())?;
	Ok(bytes)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn hash_has_32_bytes() {
		let digits = "ab".repeat(32);
		assert_eq!(hash(&digits), Ok([0xAB; 32]));
		assert_eq!(hash(&format!("0x{digits}")), Ok([0xAB; 32]));
		assert!(hash(&digits[2..]).is_err());
	}
}
