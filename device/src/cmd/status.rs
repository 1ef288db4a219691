//! `groma-device status`.

use clap::Args;
use groma_client::{
	amount::Amount,
	chain::{AccountId, At, Chain, RpcChain},
	store::{BeaconCounts, EvidenceCounts, RefusalCount, ReportCounts, Store, Summary},
};
use groma_core::{
	DeviceId, WindowIndex,
	api::{ActivityInfo, RewardsInfo, WindowInfo},
	units,
};

use super::{
	arguments::{DeviceArgument, EndpointArgument, SettingsArgument},
	error::CommandError,
};

/// Shows how the chain, the devices and the store stand.
#[derive(Debug, Args)]
pub(super) struct StatusCommand {
	#[command(flatten)]
	device: DeviceArgument,
	#[command(flatten)]
	endpoint: EndpointArgument,
	#[command(flatten)]
	settings: SettingsArgument,
}

impl StatusCommand {
	pub(super) async fn execute(self) -> Result<(), CommandError> {
		let chain = self.endpoint.chain(&self.settings)?;
		let block = chain.finalized().await?;
		let at = At::Block(block.hash);
		let window = chain.window(at).await?;
		println!("node      {}", chain.url());
		println!("finalized block {}, window {}", block.number, window.index);
		for device in self.device.devices(&self.settings, &chain).await? {
			println!();
			show_device(&chain, device, &window, at).await?;
		}
		if self.device.device.is_none() {
			let path = self.settings.load()?.store.path;
			if path.exists() {
				println!();
				show_store(&Store::open_to_read(&path)?.summary()?);
			}
		}
		Ok(())
	}
}

async fn show_device(
	chain: &RpcChain,
	id: DeviceId,
	window: &WindowInfo,
	at: At,
) -> Result<(), CommandError> {
	let Some(device) = chain.device(id, at).await? else {
		println!("device {id} does not exist");
		return Ok(());
	};
	println!("device {id}, network {}, {:?}, {:?}", device.network, device.status, device.class);
	println!("  key       0x{}", hex::encode(device.session_key));
	println!("  owner     {}", subxt::utils::AccountId32(device.owner));
	match &device.location {
		Some(place) if place.eligible_from <= window.index => {
			println!("  location  {} (eligible)", place.cell);
		}
		Some(place) => println!(
			"  location  {} (eligible from window {}, in {} windows)",
			place.cell,
			place.eligible_from,
			place.eligible_from - window.index
		),
		None => println!("  location  none in effect"),
	}
	if let Some(effective) = device.change_effective_at {
		println!("  change    takes effect in window {effective}");
	}
	let activity: Option<ActivityInfo> = chain.call("CoverageApi_activity", id, at).await?;
	if let Some(activity) = activity {
		println!("  heard     {}", ago(activity.last_heard, window.index));
		println!("  witnessed {}", ago(activity.last_witnessed, window.index));
		let units = activity.units.0 as f64 / units::ONE as f64;
		println!("  units     {units:.3} in epoch {}", activity.epoch);
	}
	let rewards: RewardsInfo<AccountId> = chain.call("RewardsApi_rewards", id, at).await?;
	let owed = rewards.owed.iter().map(|(_, amount)| *amount).sum();
	println!("  owed      {} (at most {} per epoch)", Amount(owed), Amount(rewards.epoch_cap));
	Ok(())
}

fn ago(window: Option<WindowIndex>, now: WindowIndex) -> String {
	match window {
		Some(window) => format!("in window {window}, {} windows ago", now.saturating_sub(window)),
		None => "never".to_owned(),
	}
}

fn show_store(summary: &Summary) {
	let BeaconCounts { committed, transmitted, failed } = summary.beacons;
	println!("on disk");
	println!(
		"  beacons    {transmitted} transmitted, {failed} failed, {committed} of unknown outcome"
	);
	for (name, counts) in &summary.reports {
		let ReportCounts { waiting, open, settled, refused, expired } = counts;
		println!(
			"  {name:<10} {settled} settled, {open} on their way, {waiting} waiting, \
			 {refused} refused, {expired} expired"
		);
	}
	let EvidenceCounts { open, banned, void } = summary.evidence;
	if open + banned + void > 0 {
		println!("  evidence   {open} to report, {banned} banned, {void} void");
	}
	for RefusalCount { reason, count } in &summary.refusals {
		println!("  refused    {count} x {reason}");
	}
}
