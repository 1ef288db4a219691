//! The feeder's key: sr25519 under a separate key type, in the node's keystore.

use frame_system::offchain::AppCrypto;
use groma_core::protocol;
use sp_core::{crypto::KeyTypeId, sr25519};
use sp_runtime::{MultiSignature, MultiSigner};

/// Under what the node's keystore holds the feeder's key.
pub const FEEDER_KEY_TYPE: KeyTypeId = KeyTypeId(protocol::FEEDER_KEY_TYPE);

#[allow(missing_docs, unreachable_pub, reason = "the macro's output")]
mod app {
	use sp_application_crypto::{app_crypto, sr25519};

	app_crypto!(sr25519, super::FEEDER_KEY_TYPE);
}

/// A feeder's public key.
pub type FeederId = app::Public;

/// How a feeder signs its feeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeederCrypto;

impl AppCrypto<MultiSigner, MultiSignature> for FeederCrypto {
	type RuntimeAppPublic = FeederId;
	type GenericPublic = sr25519::Public;
	type GenericSignature = sr25519::Signature;
}
