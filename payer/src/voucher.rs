//! Vouchers: how they are signed, and how they look in files.

use std::{collections::BTreeMap, sync::Arc};

use codec::{Decode, DecodeAll, Encode};
use groma_client::keys::DeviceKey;
use groma_core::{
	ChannelId, DeviceId,
	voucher::{Seat, Voucher},
	words::{Hash, Signature, SignerKey},
};
use serde::{Deserialize, Serialize};

use crate::book::{Book, BookError};

/// A voucher with its channel. In files it is a JSON object on one line, or its encoding in
/// hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct SignedVoucher {
	/// The channel that pays it.
	#[codec(compact)]
	pub channel: ChannelId,
	/// The promise.
	#[serde(flatten)]
	pub voucher: Voucher,
}

/// Signs that a device gets so much of a channel in all, without asking any book: the caller sees
/// to it that the channel holds what it promises.
pub fn sign(
	key: &dyn DeviceKey,
	genesis: &Hash,
	channel: ChannelId,
	device: DeviceId,
	total: &Seat,
) -> SignedVoucher {
	let Seat { credits, units } = *total;
	let unsigned = Voucher { device, credits, units, signature: Signature([0; 64]) };
	let signature = key.sign(&unsigned.to_signed_bytes(genesis, channel));
	SignedVoucher { channel, voucher: Voucher { signature, ..unsigned } }
}

/// The signer of a payer's channels on one chain.
pub struct Signer {
	/// The key that the channels name.
	pub key: Arc<dyn DeviceKey>,
	/// What was signed before.
	pub book: Arc<Book>,
	/// The hash of the chain's block 0.
	pub genesis: Hash,
}

impl Signer {
	/// Its public key, as channels name it.
	pub fn public(&self) -> SignerKey {
		SignerKey(self.key.public().0)
	}

	/// Signs that a device gets so much of a channel in all, once that is in the book. Less than
	/// before is refused, and what the channel does not hold.
	pub fn sign(
		&self,
		channel: ChannelId,
		device: DeviceId,
		total: &Seat,
	) -> Result<SignedVoucher, BookError> {
		self.book.promise(&self.genesis, channel, device, total)?;
		Ok(sign(&*self.key, &self.genesis, channel, device, total))
	}
}

/// What is wrong with a file of vouchers.
#[derive(Debug, thiserror::Error)]
#[error(
	"line {line} is no voucher ({reason}): each line is one voucher, as JSON or in hexadecimal, as \
	 `groma-payer sign` prints it"
)]
pub struct NoVoucher {
	/// The line, counted from 1.
	pub line: usize,
	/// What is wrong with it.
	pub reason: String,
}

/// The vouchers of a text, one on each line. Empty lines count for nothing.
pub fn read(text: &str) -> Result<Vec<SignedVoucher>, NoVoucher> {
	let lines = text.lines().enumerate().map(|(number, line)| (number, line.trim()));
	lines
		.filter(|(_, line)| !line.is_empty())
		.map(|(number, line)| {
			read_one(line).map_err(|reason| NoVoucher { line: number.saturating_add(1), reason })
		})
		.collect()
}

fn read_one(line: &str) -> Result<SignedVoucher, String> {
	if line.starts_with('{') {
		return serde_json::from_str(line).map_err(|error| error.to_string());
	}
	let bytes =
		hex::decode(line.strip_prefix("0x").unwrap_or(line)).map_err(|error| error.to_string())?;
	SignedVoucher::decode_all(&mut &bytes[..]).map_err(|error| error.to_string())
}

/// The vouchers by channel. Of several for one device the one with most credits is left, since it
/// holds all the others.
pub fn newest(vouchers: &[SignedVoucher]) -> BTreeMap<ChannelId, Vec<Voucher>> {
	let mut newest = BTreeMap::<ChannelId, BTreeMap<DeviceId, Voucher>>::new();
	for SignedVoucher { channel, voucher } in vouchers {
		newest
			.entry(*channel)
			.or_default()
			.entry(voucher.device)
			.and_modify(|kept| {
				if voucher.credits > kept.credits {
					*kept = *voucher;
				}
			})
			.or_insert(*voucher);
	}
	newest
		.into_iter()
		.map(|(channel, vouchers)| (channel, vouchers.into_values().collect()))
		.collect()
}

#[cfg(test)]
mod tests {
	use groma_client::keys::SoftKey;
	use groma_core::terms::ServiceTerms;
	use proptest::prelude::*;

	use super::*;
	use crate::book::BookedChannel;

	fn signer() -> Signer {
		let book = Book::in_memory().expect("a book");
		let terms = ServiceTerms::lorawan_packets();
		let record = BookedChannel { credits: 100, seats_max: 2, terms };
		book.add_channel(&[1; 32], 7, &record, &[]).expect("added");
		let key = Arc::new(SoftKey::from_secret(&[3; 32]));
		Signer { key, book: Arc::new(book), genesis: [1; 32] }
	}

	fn signed(credits: u64, units: u64) -> SignedVoucher {
		sign(&SoftKey::from_secret(&[3; 32]), &[1; 32], 7, 5, &Seat { credits, units })
	}

	#[test]
	fn voucher_is_the_same_when_it_is_signed_again_and_refused_when_it_promises_less() {
		let signer = signer();
		let first = signer.sign(7, 5, &Seat { credits: 10, units: 9 }).expect("signed");
		let again = signer.sign(7, 5, &Seat { credits: 10, units: 9 }).expect("signed");
		assert_eq!(first, again);
		assert_eq!(first, signed(10, 9));
		assert!(signer.sign(7, 5, &Seat { credits: 9, units: 9 }).is_err());
		assert!(signer.sign(8, 5, &Seat { credits: 11, units: 11 }).is_err());
	}

	#[test]
	fn signature_depends_on_every_number() {
		let key = SoftKey::from_secret(&[3; 32]);
		let (one, total) = (signed(10, 9), Seat { credits: 10, units: 9 });
		for other in [
			sign(&key, &[2; 32], 7, 5, &total),
			sign(&key, &[1; 32], 8, 5, &total),
			sign(&key, &[1; 32], 7, 6, &total),
			signed(11, 9),
			signed(10, 10),
		] {
			assert_ne!(other.voucher.signature, one.voucher.signature);
		}
	}

	#[test]
	fn vouchers_are_read_as_they_are_written() {
		let (one, other) = (signed(10, 9), signed(u64::MAX, u64::MAX));
		let json = serde_json::to_string(&one).expect("JSON");
		let text = format!("\n{json}\n  0x{}\r\n\n", hex::encode(other.encode()));
		assert_eq!(read(&text).expect("read"), [one, other]);
		assert!(read("").expect("read").is_empty());
	}

	#[test]
	fn line_that_is_no_voucher_is_named() {
		let good = hex::encode(signed(10, 9).encode());
		for bad in ["x", "{}", "0x", "{\"channel\":1", &good[2..], &format!("{good}00"), "null"] {
			let error = read(&format!("0x{good}\n\n{bad}")).expect_err(bad);
			assert_eq!(error.line, 3, "{bad}: {error}");
		}
	}

	#[test]
	fn newest_voucher_of_each_device_is_left() {
		let elsewhere = SignedVoucher { channel: 8, ..signed(1, 1) };
		let newest = newest(&[signed(10, 9), signed(12, 9), signed(11, 9), elsewhere]);
		assert_eq!(newest[&7], [signed(12, 9).voucher]);
		assert_eq!(newest[&8], [elsewhere.voucher]);
	}

	proptest! {
		#[test]
		fn random_text_never_panics(text in "\\PC{0,200}", bytes: Vec<u8>) {
			let _ = read(&text);
			let _ = read(&hex::encode(bytes));
			if let Ok(vouchers) = read(&text) {
				prop_assert!(vouchers.len() <= text.lines().count());
			}
		}
	}
}
