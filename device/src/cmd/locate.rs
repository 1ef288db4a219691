//! `groma-device locate`.

use clap::Args;
use groma_client::owner::{DeviceChange, NetworkFee, fee_terms};

use super::{change::ChangeArguments, error::CommandError, place::PlaceArguments};

/// Asserts where a device stands.
///
/// A device that moves earns nothing until its new location is old enough. At the place where it is
/// already, only gain and height change, and at once. The first location is part of onboarding; for
/// each later one the network takes credits of the owner, or else GRM that is burned.
#[derive(Debug, Args)]
pub(super) struct LocateCommand {
	#[command(flatten)]
	place: PlaceArguments,
	#[command(flatten)]
	change: ChangeArguments,
}

impl LocateCommand {
	pub(super) async fn execute(self) -> Result<(), CommandError> {
		let mut place = self.place.claimed(self.change.confirm)?.ok_or_else(|| {
			CommandError::Input("name the place with --latitude and --longitude".to_owned())
		})?;
		let subject = self.change.open().await?;
		subject.expect_owned()?;
		subject.expect_changeable()?;
		place.check(&subject.chain, subject.device.network).await?;
		if let Some(former) = &subject.device.location {
			self.place.keep_antenna(&mut place, former);
		}
		eprintln!("location: {place}");
		if subject.device.location.as_ref().is_some_and(|former| place.is_elsewhere(former)) {
			let terms = fee_terms(&subject.client, subject.device.network).await?;
			let credits = terms.map_or(0, |terms| terms.location_credits);
			let owner = subject.device.owner;
			let asked = NetworkFee::of(&subject.chain, &subject.client, owner, credits).await?;
			eprintln!("the network takes of {owner}: {asked}");
		}
		let change = DeviceChange::Locate(place.claim);
		self.change.carry_out(&subject, "locate", change, |_| None).await
	}
}
