//! `groma-device transfer`.

use clap::{Args, Subcommand};
use groma_client::{
	chain::AccountId,
	owner::{DeviceChange, offered_to},
};
use groma_core::DeviceId;

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
				if offered_to(&subject.client, subject.id()).await?.is_none() {
					return Err(CommandError::Input(format!(
						"device {} is offered to no account: nothing was signed",
						subject.id()
					)));
				}
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
	let offered = offered_to(&subject.client, subject.id()).await?;
	expect_offered(subject.id(), offered, subject.owner.principal())?;
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

/// Refuses what the chain would refuse for a fee: to take over what is offered to another account
/// or to none.
fn expect_offered(
	id: DeviceId,
	offered: Option<AccountId>,
	next_owner: AccountId,
) -> Result<(), CommandError> {
	match offered {
		Some(account) if account == next_owner => Ok(()),
		Some(account) => Err(CommandError::Input(format!(
			"device {id} is offered to {account}, not to {next_owner}: nothing was signed; sign with the key of \
			 that account, or as its proxy with --as {account}"
		))),
		None => Err(CommandError::Input(format!(
			"device {id} is not offered to any account: nothing was signed; its owner offers it with \
			 `groma-device transfer offer --device {id} --to {next_owner}`"
		))),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn device_is_taken_over_only_by_whom_it_is_offered_to() {
		let [one, other] = [1, 2].map(|byte| AccountId::from([byte; 32]));
		assert!(expect_offered(3, Some(one), one).is_ok());
		let text = expect_offered(3, Some(other), one).expect_err("another's").to_string();
		assert!(text.contains(&format!("--as {other}")), "{text}");
		let text = expect_offered(3, None, one).expect_err("no one's").to_string();
		assert!(text.ends_with(&format!("offer --device 3 --to {one}`")), "{text}");
		assert!(text.contains("nothing was signed"), "{text}");
	}
}
