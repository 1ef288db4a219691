//! Values of arguments, each refused with what to write instead.

use groma_client::amount::{Amount, NotAnAmount};
pub(super) use groma_client::console::address;
use groma_core::{
	money::{CREDITS_MAX, Credits, MINT_CREDITS_MIN},
	protocol::ENDPOINT_BYTES_MAX,
	route::{Endpoint, EndpointFault, Reach},
	words::{JoinEui, RouterKey, SignerKey},
};

/// An amount of GRM.
pub(super) fn amount(text: &str) -> Result<Amount, String> {
	text.parse().map_err(|error: NotAnAmount| error.to_string())
}

/// A number of credits or units.
pub(super) fn count(text: &str) -> Result<u64, String> {
	let has_others = text.bytes().any(|byte| !byte.is_ascii_digit());
	match text.parse() {
		Ok(count) if !has_others => Ok(count),
		Err(_) if !has_others && !text.is_empty() => Err(format!("it is at most {}", u64::MAX)),
		_ => Err("write a whole number without separators, such as 10000".to_owned()),
	}
}

/// How many credits one call mints.
pub(super) fn minted(text: &str) -> Result<Credits, String> {
	let credits = count(text)?;
	match (MINT_CREDITS_MIN..=CREDITS_MAX).contains(&credits) {
		true => Ok(credits),
		false => Err(format!("it lies between {MINT_CREDITS_MIN} and {CREDITS_MAX}")),
	}
}

/// The public key of a signer.
pub(super) fn signer_key(text: &str) -> Result<SignerKey, String> {
	public_key(text).map(SignerKey)
}

/// The public key of a router.
pub(super) fn router_key(text: &str) -> Result<RouterKey, String> {
	public_key(text).map(RouterKey)
}

/// An ed25519 key.
fn public_key(text: &str) -> Result<[u8; 32], String> {
	let mut bytes = [0; 32];
	hex::decode_to_slice(text.trim_start_matches("0x"), &mut bytes).map_err(|_| {
		"write a public key of 32 bytes as 64 hexadecimal digits, as `key show` prints it"
			.to_owned()
	})?;
	match groma_core::session_key::is_acceptable(&bytes) {
		true => Ok(bytes),
		false => Err("anyone could sign for this key: make another with `key generate`".into()),
	}
}

/// Where a router listens. The chain decides whether it may be in a local network.
pub(super) fn endpoint(text: &str) -> Result<Endpoint, String> {
	let endpoint = Endpoint::new(text)
		.ok_or_else(|| format!("an endpoint has at most {ENDPOINT_BYTES_MAX} bytes"))?;
	match endpoint.reach() {
		Ok(Reach::Public | Reach::Private) => Ok(endpoint),
		Err(EndpointFault::Malformed) => Err("write HOST:PORT, such as router.example.com:9000, \
			 203.0.113.7:9000 or [2001:db8::7]:9000"
			.to_owned()),
		Err(EndpointFault::Unreachable) => {
			Err("gateways would reach themselves or no one: name a public address".to_owned())
		}
	}
}

/// A JoinEUI.
pub(super) fn join_eui(text: &str) -> Result<JoinEui, String> {
	let mut bytes = [0; 8];
	hex::decode_to_slice(text.trim_start_matches("0x"), &mut bytes).map_err(|_| {
		"write the 8 bytes as 16 hexadecimal digits, the highest first, as labels have it"
			.to_owned()
	})?;
	Ok(JoinEui(bytes))
}

#[cfg(test)]
mod tests {
	use groma_core::money::GRM;

	use super::*;

	#[test]
	fn amount_is_in_grm() {
		assert_eq!(amount("1.5"), Ok(Amount(3 * GRM / 2)));
		assert!(amount("1,5").expect_err("refused").contains("such as 1.5"));
	}

	#[test]
	fn count_is_refused_with_separators_and_says_how_to_write_it() {
		assert_eq!((count("0"), count("10000")), (Ok(0), Ok(10_000)));
		for text in ["10,000", "10.000", "10_000", "10'000", "10 000", "1e4", "+5", "-5", ""] {
			assert!(count(text).expect_err("refused").contains("without separators"), "{text}");
			assert!(minted(text).expect_err("refused").contains("without separators"), "{text}");
		}
		assert_eq!(count("18446744073709551616"), Err("it is at most 18446744073709551615".into()));
	}

	#[test]
	fn minted_credits_lie_between_what_the_chain_takes() {
		for credits in [MINT_CREDITS_MIN, CREDITS_MAX] {
			assert_eq!(minted(&credits.to_string()), Ok(credits));
		}
		for credits in [MINT_CREDITS_MIN - 1, CREDITS_MAX + 1] {
			let refusal = minted(&credits.to_string()).expect_err("refused");
			assert!(refusal.starts_with("it lies between 10000 and"), "{refusal}");
		}
	}

	#[test]
	fn signer_key_is_refused_when_anyone_could_sign_for_it() {
		// A public key of RFC 8032, and one of small order.
		let key = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
		assert_eq!(signer_key(key), signer_key(&format!("0x{key}")));
		assert!(signer_key(key).is_ok());
		for text in [&"00".repeat(32), &key[2..], "", "file:/key"] {
			assert!(signer_key(text).is_err(), "{text}");
			assert!(router_key(text).is_err(), "{text}");
		}
	}

	#[test]
	fn endpoint_is_refused_when_gateways_cannot_reach_it() {
		for text in ["router.example.com:9000", "[2001:db8::7]:9000", "10.0.0.7:9000"] {
			assert_eq!(endpoint(text).map(|endpoint| endpoint.to_string()), Ok(text.to_owned()));
		}
		let long = "a".repeat(200);
		for (text, part) in [
			("router.example.com", "HOST:PORT"),
			("https://router.example.com:9000", "HOST:PORT"),
			("localhost:9000", "public address"),
			("127.0.0.1:9000", "public address"),
			(long.as_str(), "at most 128 bytes"),
		] {
			let refusal = endpoint(text).expect_err(text);
			assert!(refusal.contains(part), "{text}: {refusal}");
		}
	}

	#[test]
	fn join_eui_is_eight_bytes() {
		let expected = JoinEui([0x70, 0xb3, 0xd5, 0x7e, 0xd0, 0, 0, 1]);
		for text in ["70b3d57ed0000001", "0x70B3D57ED0000001"] {
			assert_eq!(join_eui(text), Ok(expected));
		}
		for text in ["", "70b3d57ed00000", "70b3d57ed000000102", "70-b3-d5-7e-d0-00-00-01"] {
			assert!(join_eui(text).is_err(), "{text}");
		}
	}
}
