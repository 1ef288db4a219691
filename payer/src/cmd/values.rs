//! Values of arguments, each refused with what to write instead.

use groma_client::amount::{Amount, NotAnAmount};
pub(super) use groma_client::console::address;
use groma_core::words::SignerKey;

/// An amount of GRM.
pub(super) fn amount(text: &str) -> Result<Amount, String> {
	text.parse().map_err(|error: NotAnAmount| error.to_string())
}

/// The public key of a signer.
pub(super) fn signer_key(text: &str) -> Result<SignerKey, String> {
	let mut bytes = [0; 32];
	hex::decode_to_slice(text.trim_start_matches("0x"), &mut bytes).map_err(|_| {
		"write a public key of 32 bytes as 64 hexadecimal digits, as `key show` prints it"
			.to_owned()
	})?;
	match groma_core::session_key::is_acceptable(&bytes) {
		true => Ok(SignerKey(bytes)),
		false => Err("anyone could sign for this key: make another with `key generate`".into()),
	}
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
	fn signer_key_is_refused_when_anyone_could_sign_for_it() {
		// A public key of RFC 8032, and one of small order.
		let key = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
		assert_eq!(signer_key(key), signer_key(&format!("0x{key}")));
		assert!(signer_key(key).is_ok());
		for text in [&"00".repeat(32), &key[2..], "", "file:/key"] {
			assert!(signer_key(text).is_err(), "{text}");
		}
	}
}
