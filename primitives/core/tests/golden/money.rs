//! Vectors of what customers pay: prices, lots, claims, and the vouchers that they sign.

use codec::Encode;
use ed25519_dalek::{Signer, SigningKey};
use groma_core::{
	lot::{HeldLot, Lot},
	money::{DemandShares, Price},
	voucher::Voucher,
	words::{ChannelId, Signature},
};
use serde_json::{Value, json};

use super::bytes::bytes;

const PRICES: [u64; 5] = [1_000, 12_345_678, 100_000_000, 3_000_000_000, 1_000_000_000_000_000];

/// What is burned for credits, how a lot is divided, and what a claim of the part pays.
pub(crate) fn money() -> Value {
	json!({ "cases": (0..15u32).map(money_case).collect::<Vec<_>>() })
}

fn money_case(n: u32) -> Value {
	let price = |n: u32| Price::new(PRICES[n as usize % PRICES.len()]).expect("within the bounds");
	let (bought_at, claimed_at) = (price(n), price(n / 5 + n));
	let credits = [10_000, 1_000_003, 100_000_000_007][n as usize / 5];
	let part = credits / 3 + 1;
	let basis = bought_at.burn_for(credits);
	let mut held = HeldLot::from(Lot::new(credits, basis));
	let (_, part_basis) = held.take(part).expect("a third is there").spend();
	let claim = DemandShares::default().claim(part, part_basis, claimed_at);
	json!({
		"credits": credits.to_string(),
		"priceNanoUsd": bought_at.nano_usd().to_string(),
		"burned": basis.to_string(),
		"part": part.to_string(),
		"partBasis": part_basis.to_string(),
		"restBasis": held.take_all().spend().1.to_string(),
		"meanNanoUsd": claimed_at.nano_usd().to_string(),
		"value": claim.value.to_string(),
		"paid": claim.paid.to_string(),
		"forValidators": claim.for_validators.to_string(),
	})
}

/// Vouchers with the signature of a channel's signer.
pub(crate) fn vouchers() -> Value {
	json!({
		"about": "Vouchers: what is signed, by ed25519 with the secret key given, and the SCALE encoding.",
		"cases": (0..6u32).map(voucher_case).collect::<Vec<_>>(),
	})
}

fn voucher_case(n: u32) -> Value {
	let (genesis, secret) = (bytes(1_000 + n), bytes(1_100 + n));
	let key = SigningKey::from_bytes(&secret);
	let channel = ChannelId::from(n) * 4_294_967_311;
	let mut voucher = Voucher {
		device: n * 65_537,
		credits: u64::from(n) * 10u64.pow(3 * n) + 11,
		units: u64::from(n) * 10u64.pow(3 * n) + 1,
		signature: Signature([0; 64]),
	};
	let signed = voucher.to_signed_bytes(&genesis, channel);
	voucher.signature = Signature(key.sign(&signed).to_bytes());
	json!({
		"genesis": hex::encode(genesis),
		"secretKey": hex::encode(secret),
		"signer": hex::encode(key.verifying_key().to_bytes()),
		"channel": channel.to_string(),
		"device": voucher.device,
		"credits": voucher.credits.to_string(),
		"units": voucher.units.to_string(),
		"signedBytes": hex::encode(signed),
		"signature": hex::encode(voucher.signature),
		"encoded": hex::encode(voucher.encode()),
	})
}
