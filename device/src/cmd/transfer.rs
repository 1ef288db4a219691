//! `groma-device transfer`.

use clap::{Args, Subcommand};
use groma_client::{chain::AccountId, owner::DeviceChange};

use super::{change::ChangeArguments, error::CommandError, new_key::NewKeyArguments, values};

/// Gives a device to another owner, in two steps: one offers it, the other accepts it with a
/// session key that the former owner does not know.
#[derive(Debug, Args)]
pub(super) struct TransferCommand {
	#[command(subcommand)]
	step: Step,
}

#[derive(Debug, Subcommand)]
enum Step {
	/// Offers a device to another account. It stays with its owner until that accepts.
	Offer {
		/// The account to which it is offered.
		#[arg(long, value_name = "ADDRESS", value_parser = values::address)]
		to: AccountId,
		#[command(flatten)]
		change: ChangeArguments,
	},
	/// Withdraws an offer that was not accepted.
	Withdraw {
		#[command(flatten)]
		change: ChangeArguments,
	},
	/// Takes over a device that was offered. `--owner` is the next owner, of whom a deposit is
	/// held; the former owner's is released.
	Accept {
		#[command(flatten)]
		new_key: NewKeyArguments,
		#[command(flatten)]
		change: ChangeArguments,
	},
}

impl TransferCommand {
	pub(super) async fn execute(self) -> Result<(), CommandError> {
		match self.step {
			Step::Offer { to, change } => offer(to, &change).await,
			Step::Withdraw { change } => {
				let subject = change.open().await?;
				subject.expect_owned()?;
				let none = DeviceChange::Offer(None);
				change.carry_out(&subject, "withdrawal of the offer", none, |_| None).await
			}
			Step::Accept { new_key, change } => accept(&new_key, &change).await,
		}
	}
}

async fn offer(to: AccountId, arguments: &ChangeArguments) -> Result<(), CommandError> {
	let subject = arguments.open().await?;
	subject.expect_owned()?;
	subject.expect_changeable()?;
	let id = subject.id();
	if to == subject.device.owner {
		return Err(CommandError::Input(format!(
			"device {id} belongs to {to} already: nothing was signed"
		)));
	}
	let next = format!(
		"{to} accepts it with `groma-device transfer accept --device {id} --new-key file:PATH`; until then \
		 `groma-device transfer withdraw --device {id}` takes the offer back"
	);
	let offer = DeviceChange::Offer(Some(to));
	arguments.carry_out(&subject, "offer", offer, |_| Some(next)).await
}

async fn accept(
	new_key: &NewKeyArguments,
	arguments: &ChangeArguments,
) -> Result<(), CommandError> {
	let subject = arguments.open().await?;
	subject.expect_changeable()?;
	let key = new_key.prove(&subject).await?;
	let (former, uri) = (subject.device.owner, new_key.uri());
	arguments
		.carry_out(&subject, "transfer", DeviceChange::Accept(key), |effect| {
			let window = effect.effective_at?;
			Some(format!(
				"until window {window} it is {former}'s; then run it with `key = \"{uri}\"` in the settings. What it \
				 earned before is paid to {former}"
			))
		})
		.await
}
