//! `groma-payer claim`.

use clap::Args;
use groma_client::owner::OwnerError;

use super::{
	arguments::{CallArguments, VouchersArgument},
	error::CommandError,
};
use crate::claims::{ChainCounter, VoucherClaims, claim_all};

/// Claims vouchers. Anyone may do it: the owners of the devices are owed what they pay, and get it
/// with `groma-device claim`.
///
/// What the chain would refuse is left out and named, so that it costs nothing. A claim of one
/// voucher that proves that a channel promised more than it held is free.
#[derive(Debug, Args)]
pub(super) struct ClaimCommand {
	#[command(flatten)]
	vouchers: VouchersArgument,
	#[command(flatten)]
	call: CallArguments,
}

impl ClaimCommand {
	pub(super) async fn execute(self) -> Result<(), CommandError> {
		let vouchers = self.vouchers.read()?;
		let desk = self.call.open().await?;
		let counter = ChainCounter { chain: &desk.chain, client: &desk.client, owner: &desk.owner };
		let claims = claim_all(&counter, &vouchers).await;
		// What failed counts more than that it cannot be shown.
		let printed = self.call.output.print(&claims);
		verdict(claims)?;
		printed
	}
}

/// Whether all of it is done. What was claimed before counts as done.
fn verdict(claims: VoucherClaims) -> Result<(), CommandError> {
	let (paid, failed) = (claims.paid_count(), claims.failed_count());
	let reason = claims.first_failure().unwrap_or_default();
	match claims.stopped {
		Some(error @ OwnerError::Unsettled { .. }) => Err(error.into()),
		Some(error) if paid > 0 => {
			Err(CommandError::Partly(format!("{paid} vouchers are paid: {error}")))
		}
		Some(error) => Err(error.into()),
		None if failed == 0 => Ok(()),
		None if paid == 0 => Err(CommandError::Input(format!("no voucher was paid: {reason}"))),
		None => Err(CommandError::Partly(format!("some vouchers were not paid: {reason}"))),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn code(stopped: Option<OwnerError>) -> u8 {
		let claims = VoucherClaims { stopped, ..VoucherClaims::default() };
		verdict(claims).err().map_or(0, |error| error.exit_code())
	}

	#[test]
	fn exit_code_tells_whether_something_may_be_under_way() {
		assert_eq!(code(None), 0);
		assert_eq!(code(Some(OwnerError::Unreachable("gone".to_owned()))), 1);
		let (transaction, reason) = ("0x1".to_owned(), "gone".to_owned());
		assert_eq!(code(Some(OwnerError::Unsettled { transaction, reason })), 4);
	}
}
