//! The collector's key: sr25519 under a separate key type, in the node's keystore.

use frame_system::offchain::AppCrypto;
use groma_core::protocol;
use sp_core::{crypto::KeyTypeId, sr25519};
use sp_runtime::{MultiSignature, MultiSigner};

/// Under what the node's keystore holds the collector's key.
pub const COLLECTOR_KEY_TYPE: KeyTypeId = KeyTypeId(protocol::COLLECTOR_KEY_TYPE);

#[allow(missing_docs, unreachable_pub, reason = "the macro's output")]
mod app {
	use sp_application_crypto::{app_crypto, sr25519};

	app_crypto!(sr25519, super::COLLECTOR_KEY_TYPE);
}

/// A collector's public key.
pub type CollectorId = app::Public;

/// How a collector signs its extrinsics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CollectorCrypto;

impl AppCrypto<MultiSigner, MultiSignature> for CollectorCrypto {
	type RuntimeAppPublic = CollectorId;
	type GenericPublic = sr25519::Public;
	type GenericSignature = sr25519::Signature;
}
