//! A device that beacons twice: in addition to the beacon of its client it transmits another one,
//! with a second valid signature of its key for the same challenge. A device that hears both has
//! the evidence that bans it.

use std::sync::Arc;

use ed25519_dalek::{
	Sha512, SigningKey,
	hazmat::{ExpandedSecretKey, raw_sign},
};
use groma_client::{
	chain::{At, Chain},
	shutdown::Shutdown,
};
use groma_core::{
	DeviceId, WindowIndex,
	frame::Beacon,
	payload,
	words::{Hash, Signature},
};
use tokio::sync::watch;

use crate::air::{Air, Frame};

/// Another beacon signature than the one that `key` makes by the rules. Theirs is a function of the
/// challenge, this one has another nonce.
pub fn second_signature(key: &SigningKey, challenge: &Hash) -> Signature {
	let mut expanded = ExpandedSecretKey::from(&key.to_bytes());
	expanded.hash_prefix = expanded.hash_prefix.map(|byte| !byte);
	let message = payload::beacon(challenge);
	Signature(raw_sign::<Sha512>(&expanded, &message, &key.verifying_key()).to_bytes())
}

/// Transmits the second beacon of a member of the field, known on chain as `device`, at the
/// beginning of every window that challenges it, until it is to stop.
pub(crate) async fn run(
	chain: Arc<dyn Chain>,
	air: Arc<Air>,
	member: usize,
	device: DeviceId,
	mut window: watch::Receiver<WindowIndex>,
	mut shutdown: Shutdown,
) {
	let Some(station) = air.field().members().get(member).map(|member| member.station) else {
		return;
	};
	let key = air.field().session_key(member);
	let mut beaconed_in = None;
	loop {
		tokio::select! {
			() = shutdown.requested() => return,
			changed = window.changed() => if changed.is_err() {
				return;
			},
		}
		let index = *window.borrow_and_update();
		if beaconed_in == Some(index) {
			continue;
		}
		// What is not known now may be known a moment later.
		let Ok(challenge) = chain.challenge(device, index, At::Best).await else { continue };
		beaconed_in = Some(index);
		let Some(challenge) = challenge else { continue };
		let signature = second_signature(&key, &challenge.id);
		let frame = Frame {
			payload: Beacon::new(device, index, signature).to_bytes().to_vec(),
			frequency_hz: challenge.frequency_hz,
			data_rate: challenge.data_rate,
			eirp: challenge.eirp_centi_dbm.into(),
			is_inverted: false,
			has_crc: true,
		};
		air.deliver(station, frame);
	}
}

#[cfg(test)]
mod tests {
	use ed25519_dalek::Signer;
	use groma_client::evidence::is_beacon_signed;
	use groma_core::words::SessionKey;

	use super::*;

	#[test]
	fn second_signature_is_valid_and_another() {
		let key = SigningKey::from_bytes(&[5; 32]);
		let (public, challenge) = (SessionKey(key.verifying_key().to_bytes()), [9; 32]);
		let second = second_signature(&key, &challenge);
		assert_ne!(second.0, key.sign(&payload::beacon(&challenge)).to_bytes());
		assert!(is_beacon_signed(&public, &challenge, &second));
		assert!(!is_beacon_signed(&public, &[8; 32], &second));
	}
}
