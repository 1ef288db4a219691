//! `groma-device rotate`.

use clap::Args;
use groma_client::owner::DeviceChange;

use super::{change::ChangeArguments, error::CommandError, new_key::NewKeyArguments};

/// Gives a device another session key, for example after others may have seen the present one.
///
/// Until the window of effect the present key signs, and `run` has to use it; from then on the new
/// one.
#[derive(Debug, Args)]
pub(super) struct RotateCommand {
	#[command(flatten)]
	new_key: NewKeyArguments,
	#[command(flatten)]
	change: ChangeArguments,
}

impl RotateCommand {
	pub(super) async fn execute(self) -> Result<(), CommandError> {
		let subject = self.change.open().await?;
		subject.expect_owned()?;
		subject.expect_changeable()?;
		let key = self.new_key.prove(&subject).await?;
		let uri = self.new_key.uri();
		self.change
			.carry_out(&subject, "rotate", DeviceChange::Rotate(key), |effect| {
				let window = effect.effective_at?;
				Some(format!(
					"in window {window} write `key = \"{uri}\"` into the settings, and restart `groma-device run`; \
					 keep the present key until then"
				))
			})
			.await
	}
}
