//! `groma-device pause`.

use clap::Args;
use groma_client::owner::DeviceChange;
use groma_core::api::DeviceStatus;

use super::{change::ChangeArguments, error::CommandError};

/// Pauses a device: it is not challenged, and earns nothing. It keeps its place, its slot and its
/// deposit.
#[derive(Debug, Args)]
pub(super) struct PauseCommand {
	/// Say that its owner works on it.
	#[arg(long)]
	maintenance: bool,
	#[command(flatten)]
	change: ChangeArguments,
}

impl PauseCommand {
	pub(super) async fn execute(self) -> Result<(), CommandError> {
		let status = match self.maintenance {
			true => DeviceStatus::Maintenance,
			false => DeviceStatus::Paused,
		};
		let subject = self.change.open().await?;
		subject.expect_owned()?;
		subject.expect_changeable()?;
		let id = subject.id();
		if subject.device.status == status {
			return Err(CommandError::Input(format!(
				"device {id} is paused already: nothing was signed"
			)));
		}
		let next = format!("to let it take part again: `groma-device resume --device {id}`");
		self.change
			.carry_out(&subject, "pause", DeviceChange::SetStatus(status), |_| Some(next))
			.await
	}
}
