//! `groma-device resume`.

use clap::Args;
use groma_client::owner::DeviceChange;
use groma_core::api::DeviceStatus;

use super::{change::ChangeArguments, error::CommandError};

/// Lets a paused device take part again.
#[derive(Debug, Args)]
pub(super) struct ResumeCommand {
	#[command(flatten)]
	change: ChangeArguments,
}

impl ResumeCommand {
	pub(super) async fn execute(self) -> Result<(), CommandError> {
		let subject = self.change.open().await?;
		subject.expect_owned()?;
		subject.expect_changeable()?;
		if subject.device.status == DeviceStatus::Active {
			return Err(CommandError::Input(format!(
				"device {} is not paused: nothing was signed",
				subject.id()
			)));
		}
		let change = DeviceChange::SetStatus(DeviceStatus::Active);
		self.change.carry_out(&subject, "resume", change, |_| None).await
	}
}
