//! `groma-payer check`.

use std::fmt;

use clap::Args;
use groma_client::{
	amount::Amount,
	chain::{AccountId, At},
	owner::OwnerError,
};
use groma_core::{
	ChannelId, DeviceId,
	api::{ClaimRefusal, Code, VoucherAnswer},
	protocol::VOUCHERS_PER_CLAIM_MAX,
	voucher::VoucherReason,
};
use serde::Serialize;

use super::{
	arguments::{NodeArgument, OutputArgument, VouchersArgument},
	error::CommandError,
};
use crate::voucher::newest;

/// Asks the chain what would become of vouchers if each was claimed alone now. Nothing is signed,
/// and nothing is paid.
#[derive(Debug, Args)]
pub(super) struct CheckCommand {
	#[command(flatten)]
	vouchers: VouchersArgument,
	#[command(flatten)]
	node: NodeArgument,
	#[command(flatten)]
	output: OutputArgument,
}

/// What the chain says of vouchers.
#[derive(Debug, Serialize)]
struct Checks {
	channels: Vec<Check>,
}

/// What the chain says of vouchers of a channel.
#[derive(Debug, Serialize)]
struct Check {
	/// The channel.
	channel: ChannelId,
	/// Why it takes no vouchers; `None` if it does.
	refusal: Option<Code<ClaimRefusal>>,
	/// What it says of each.
	vouchers: Vec<Answer>,
}

/// What the chain says of a voucher.
#[derive(Debug, Serialize)]
struct Answer {
	/// The device.
	device: DeviceId,
	/// What it says.
	#[serde(flatten)]
	answer: VoucherAnswer<AccountId>,
}

impl CheckCommand {
	pub(super) async fn execute(self) -> Result<(), CommandError> {
		let vouchers = self.vouchers.read()?;
		let chain = self.node.chain()?;
		let mut channels = Vec::new();
		for (channel, vouchers) in newest(&vouchers) {
			let mut check = Check { channel, refusal: None, vouchers: Vec::new() };
			for vouchers in vouchers.chunks(VOUCHERS_PER_CLAIM_MAX as usize) {
				match chain.check_vouchers(channel, vouchers, At::Best).await? {
					Ok(answers) if answers.len() != vouchers.len() => return Err(miscounted()),
					Ok(answers) => {
						let devices = vouchers.iter().map(|voucher| voucher.device);
						let answers = devices.zip(answers);
						check
							.vouchers
							.extend(answers.map(|(device, answer)| Answer { device, answer }));
					}
					Err(refusal) => check.refusal = Some(refusal),
				}
			}
			channels.push(check);
		}
		let checks = Checks { channels };
		self.output.print(&checks)?;
		verdict(&checks)
	}
}

/// A node that answers about more or fewer vouchers than it was asked about says nothing of any.
fn miscounted() -> CommandError {
	let fault = "it answers about another number of vouchers".to_owned();
	OwnerError::Incompatible(fault).into()
}

/// Whether all vouchers would be paid. What was claimed before is no failure, as in a claim.
fn verdict(checks: &Checks) -> Result<(), CommandError> {
	let refused = checks.channels.iter().filter(|check| check.refusal.is_some()).count();
	let answers = || checks.channels.iter().flat_map(|check| &check.vouchers);
	let paid = answers().filter(|it| matches!(it.answer, VoucherAnswer::Pays(_))).count();
	let is_failure = |it: &&Answer| {
		let VoucherAnswer::Refused(reason) = &it.answer else { return false };
		*reason != VoucherReason::NothingNew
	};
	let failed = answers().filter(is_failure).count();
	match (paid, refused.saturating_add(failed)) {
		(_, 0) => Ok(()),
		(0, _) => Err(CommandError::Input("no voucher would be paid".to_owned())),
		_ => Err(CommandError::Partly("some vouchers would not be paid".to_owned())),
	}
}

impl fmt::Display for Checks {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let mut separator = "";
		for Check { channel, refusal, vouchers } in &self.channels {
			if let Some(refusal) = refusal {
				let explanation = refusal.explanation();
				write!(f, "{separator}channel {channel}: {refusal}: {explanation}")?;
				separator = "\n";
			}
			for answer in vouchers {
				write!(f, "{separator}channel {channel}, {answer}")?;
				separator = "\n";
			}
		}
		Ok(())
	}
}

impl fmt::Display for Answer {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let device = self.device;
		match &self.answer {
			VoucherAnswer::Pays(pay) => {
				let (credits, units, paid) = (pay.credits, pay.units, Amount(pay.paid));
				write!(
					f,
					"device {device}: pays {paid} to {} for {credits} credits and {units} units",
					pay.owner
				)?;
				match pay.overdraws {
					true => f.write_str("; it promises more than is left, and burns the bond"),
					false => Ok(()),
				}
			}
			VoucherAnswer::Refused(reason) => {
				write!(f, "device {device}: pays nothing, {reason}: {}", reason.explanation())
			}
		}
	}
}

#[cfg(test)]
mod tests {
	use groma_core::api::VoucherPay;

	use super::*;

	fn pays(overdraws: bool) -> Answer {
		let answer = VoucherAnswer::Pays(VoucherPay {
			owner: AccountId::from([1; 32]),
			credits: 5,
			units: 4,
			basis: 0,
			value: 0,
			paid: 1_500_000_000_000,
			takes_seat: true,
			overdraws,
		});
		Answer { device: 3, answer }
	}

	fn refused() -> Answer {
		refused_for(VoucherReason::NoSeat)
	}

	fn refused_for(reason: VoucherReason) -> Answer {
		Answer { device: 4, answer: VoucherAnswer::Refused(reason.into()) }
	}

	fn code(vouchers: Vec<Answer>, refusal: Option<Code<ClaimRefusal>>) -> u8 {
		let checks = Checks { channels: vec![Check { channel: 7, refusal, vouchers }] };
		verdict(&checks).err().map_or(0, |error| error.exit_code())
	}

	#[test]
	fn exit_code_tells_whether_all_would_be_paid() {
		assert_eq!(code(vec![pays(false)], None), 0);
		assert_eq!(code(vec![pays(true), refused()], None), 3);
		assert_eq!(code(vec![refused()], None), 1);
		assert_eq!(code(vec![refused_for(VoucherReason::NothingNew)], None), 0);
		assert_eq!(code(vec![refused_for(VoucherReason::NothingNew), refused()], None), 1);
		assert_eq!(code(Vec::new(), Some(ClaimRefusal::UnknownChannel.into())), 1);
	}

	#[test]
	fn answers_are_shown_and_written() {
		let vouchers = vec![pays(true), refused()];
		let checks = Checks { channels: vec![Check { channel: 7, refusal: None, vouchers }] };
		let text = checks.to_string();
		assert!(text.starts_with("channel 7, device 3: pays 1.5 GRM to 5"), "{text}");
		assert!(text.contains("and burns the bond\nchannel 7, device 4: pays nothing, NoSeat: "));
		let json = serde_json::to_value(&checks).expect("JSON");
		assert_eq!(json["channels"][0]["vouchers"][0]["pays"]["paid"], "1500000000000");
		assert_eq!(json["channels"][0]["vouchers"][1]["refused"], "NoSeat");
	}
}
