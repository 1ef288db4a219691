//! `groma-device retire`.

use clap::Args;
use groma_client::owner::DeviceChange;
use groma_core::protocol::WINDOWS_KEPT;

use super::{change::ChangeArguments, error::CommandError};

/// Withdraws a device permanently.
///
/// It earns nothing from the window of effect on, and what it has earned stays owed. When evidence
/// about it is no longer taken, its deposit is released and its keys are free.
#[derive(Debug, Args)]
pub(super) struct RetireCommand {
	#[command(flatten)]
	change: ChangeArguments,
}

impl RetireCommand {
	pub(super) async fn execute(self) -> Result<(), CommandError> {
		let subject = self.change.open().await?;
		subject.expect_owned()?;
		subject.expect_changeable()?;
		let id = subject.id();
		self.change.confirm.ask(&format!(
			"device {id} retires permanently: it never takes part again (`pause` is for a while)"
		))?;
		self.change
			.carry_out(&subject, "retire", DeviceChange::Retire, |effect| {
				let released = effect.effective_at?.saturating_add(WINDOWS_KEPT);
				Some(format!(
					"its deposit is released and its keys are free from window {released} on"
				))
			})
			.await
	}
}
