//! The next session key of a device, as commands take it.

use clap::Args;
use groma_client::{
	chain::{At, Chain},
	keys,
	owner::{NewKey, hardware_message},
};
use groma_core::{protocol::WINDOWS_KEPT, words::Signature};

use super::{change::Subject, error::CommandError, values};

/// The next session key of a device.
#[derive(Debug, Args)]
pub(super) struct NewKeyArguments {
	/// The next session key, such as `file:/etc/groma-device/next.key`; `key generate` makes one.
	#[arg(long, value_name = "URI")]
	new_key: String,
	/// The signature of the device's hardware key, if it has one. Without it the command says what
	/// that key has to sign.
	#[arg(long, value_name = "HEX", value_parser = values::signature)]
	authorization: Option<Signature>,
}

impl NewKeyArguments {
	/// What names the key in the settings.
	pub(super) fn uri(&self) -> &str {
		&self.new_key
	}

	/// The key with all that speaks for it.
	pub(super) async fn prove(&self, subject: &Subject) -> Result<NewKey, CommandError> {
		let key = keys::open(&self.new_key)?;
		let session_key = key.public();
		if let Some(other) = subject.chain.device_by_key(session_key, At::Best).await? {
			return Err(CommandError::Input(format!(
				"the new key names device {other}, and a key names one device: make another with `groma-device \
				 key generate`; a former key is free {WINDOWS_KEPT} windows later"
			)));
		}
		let (device, owner) = (subject.id(), subject.owner.principal());
		let genesis = subject.chain.genesis().await?;
		let message =
			hardware_message(&subject.client, &genesis, device, owner, &session_key).await?;
		match (message, self.authorization) {
			(Some(message), None) => Err(CommandError::Input(format!(
				"device {device} has a hardware key, which has to sign too: let it sign these bytes, and pass the \
				 signature with --authorization: 0x{}",
				hex::encode(message)
			))),
			(None, Some(_)) => Err(CommandError::Input(format!(
				"device {device} has no hardware key: leave out --authorization"
			))),
			(_, authorization) => Ok(NewKey::prove(&*key, &genesis, device, owner, authorization)),
		}
	}
}
