//! `groma-device status`.

use std::fmt;

use clap::Args;
use groma_client::{
	amount::Amount,
	chain::{AccountId, At, Chain, ChainError, RpcChain, Runtime},
	store::{BeaconCounts, EvidenceCounts, RefusalCount, ReportCounts, Store, Summary},
};
use groma_core::{
	DeviceId, WindowIndex,
	api::{ActivityInfo, DeviceInfo, ProvisionInfo},
	units,
};
use serde::Serialize;

use super::{
	arguments::{DeviceArgument, EndpointArgument, OutputArgument, SettingsArgument, Unregistered},
	error::CommandError,
	stake::{describe, fleet_warning},
};

/// Shows the state of the chain, of the devices and of the store.
#[derive(Debug, Args)]
pub(super) struct StatusCommand {
	#[command(flatten)]
	device: DeviceArgument,
	#[command(flatten)]
	output: OutputArgument,
	#[command(flatten)]
	endpoint: EndpointArgument,
	#[command(flatten)]
	settings: SettingsArgument,
}

/// What `--json` prints. Amounts are plancks as decimal text.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Status {
	/// The node that answered: its URL without what may be a key.
	node: String,
	/// Its runtime. If this version cannot read it, it says nothing of window and devices.
	runtime: Runtime,
	/// Its last finalized block, whose state the rest describes.
	finalized_block: u32,
	/// The window of that block.
	window: Option<WindowIndex>,
	/// The devices.
	devices: Vec<DeviceState>,
	/// What stands behind the devices of each owner in each network.
	provisions: Vec<ProvisionInfo<AccountId>>,
	/// Gateways of the settings that are no devices yet.
	unregistered: Vec<Unregistered>,
	/// What is on disk; absent when one device is asked about, and before the first `run`.
	store: Option<Summary>,
}

/// A device.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DeviceState {
	/// Its id.
	id: DeviceId,
	/// What the chain knows of it; absent if it does not exist.
	device: Option<DeviceInfo<AccountId>>,
	/// What it did; absent if it never took part.
	activity: Option<ActivityInfo>,
	/// Whether its owner's stake covers it; absent if the chain cannot say.
	is_covered: Option<bool>,
	/// What a claim would pay.
	owed: Amount,
	/// The most that it can earn in an epoch.
	epoch_cap: Amount,
}

impl StatusCommand {
	pub(super) async fn execute(self) -> Result<(), CommandError> {
		let chain = self.endpoint.chain(&self.settings)?;
		let block = chain.finalized().await?;
		let mut runtime = chain.runtime().await?;
		let Reading { window, devices, provisions, unregistered } =
			match self.read(&chain, At::Block(block.hash)).await {
				Ok(reading) => reading,
				Err(CommandError::Chain(ChainError::Incompatible { reason, .. })) => {
					runtime.fault.get_or_insert(reason);
					Reading::default()
				}
				Err(error) => return Err(error),
			};
		let store = match self.device.device {
			Some(_) => None,
			None => self.store()?,
		};
		self.output.print(&Status {
			node: chain.endpoint_name().to_owned(),
			runtime,
			finalized_block: block.number,
			window,
			devices,
			provisions,
			unregistered,
			store,
		})
	}

	/// What the chain says of the window, and of the devices.
	async fn read(&self, chain: &RpcChain, at: At) -> Result<Reading, CommandError> {
		let window = Some(chain.window(at).await?.index);
		let found = self.device.devices(&self.settings, chain).await?;
		let mut reading =
			Reading { window, unregistered: found.unregistered, ..Reading::default() };
		for id in found.ids {
			let mut state = state(chain, id, at).await?;
			if let Some(device) = &state.device {
				let provision = reading.provision(chain, device, at).await?;
				state.is_covered = provision.map(|it| device.slot < it.covered_slots);
			}
			reading.devices.push(state);
		}
		Ok(reading)
	}

	fn store(&self) -> Result<Option<Summary>, CommandError> {
		let path = self.settings.load()?.store.path;
		if !Store::exists(&path)? {
			return Ok(None);
		}
		Ok(Some(Store::open_to_read(&path)?.summary()?))
	}
}

/// What the chain says; nothing of it, if its runtime cannot be read.
#[derive(Default)]
struct Reading {
	window: Option<WindowIndex>,
	devices: Vec<DeviceState>,
	provisions: Vec<ProvisionInfo<AccountId>>,
	unregistered: Vec<Unregistered>,
}

impl Reading {
	/// What stands behind a device and the others of its owner in its network, read once.
	async fn provision(
		&mut self,
		chain: &RpcChain,
		device: &DeviceInfo<AccountId>,
		at: At,
	) -> Result<Option<&ProvisionInfo<AccountId>>, CommandError> {
		let (owner, network) = (device.owner, device.network);
		let is_it = |it: &ProvisionInfo<AccountId>| (it.owner, it.network) == (owner, network);
		if !self.provisions.iter().any(is_it) {
			self.provisions.extend(chain.provision(owner, network, at).await?);
		}
		Ok(self.provisions.iter().find(|it| is_it(it)))
	}
}

async fn state(chain: &RpcChain, id: DeviceId, at: At) -> Result<DeviceState, CommandError> {
	let rewards = chain.rewards(id, at).await?;
	Ok(DeviceState {
		id,
		device: chain.device(id, at).await?,
		activity: chain.activity(id, at).await?,
		is_covered: None,
		owed: Amount(rewards.owed_total()),
		epoch_cap: Amount(rewards.epoch_cap),
	})
}

impl fmt::Display for Status {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		writeln!(f, "node      {}", self.node)?;
		let Runtime { spec_version, fault } = &self.runtime;
		if let Some(fault) = fault {
			writeln!(
				f,
				"runtime   version {spec_version}, which this version cannot read: update groma-device \
				 ({fault})"
			)?;
		}
		write!(f, "finalized block {}", self.finalized_block)?;
		if let Some(window) = self.window {
			write!(f, ", window {window}")?;
			for device in &self.devices {
				write!(f, "\n\n")?;
				device.write(window, f)?;
			}
		}
		for provision in &self.provisions {
			write!(f, "\n\nstake of {}\n  {}", provision.owner, describe(provision))?;
			if let Some(warning) = fleet_warning(provision, &self.slots_of(provision)) {
				write!(f, "\n  warning   {warning}")?;
			}
		}
		for unregistered in &self.unregistered {
			write!(f, "\n\n{unregistered}")?;
		}
		match &self.store {
			Some(summary) => write_store(summary, f),
			None => Ok(()),
		}
	}
}

impl Status {
	/// The slots of the devices behind which a provision stands, as far as they are shown.
	fn slots_of(&self, provision: &ProvisionInfo<AccountId>) -> Vec<u32> {
		let known = self.devices.iter().filter_map(|state| state.device.as_ref());
		known
			.filter(|it| (it.owner, it.network) == (provision.owner, provision.network))
			// One that is retired has none.
			.filter(|it| it.slot < u32::MAX)
			.map(|it| it.slot)
			.collect()
	}
}

impl DeviceState {
	fn write(&self, window: WindowIndex, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let id = self.id;
		let Some(device) = &self.device else { return write!(f, "device {id} does not exist") };
		let DeviceInfo { network, status, class, session_key, owner, .. } = device;
		writeln!(f, "device {id}, network {network}, {status:?}, {class:?}")?;
		writeln!(f, "  key       {session_key}")?;
		writeln!(f, "  owner     {owner}")?;
		match &device.location {
			Some(place) if place.eligible_from <= window => {
				writeln!(f, "  location  {} (eligible)", place.cell)?;
			}
			Some(place) => {
				let from = place.eligible_from;
				writeln!(f, "  location  {} (eligible from window {from})", place.cell)?;
			}
			None => writeln!(f, "  location  none in effect")?,
		}
		match self.is_covered {
			Some(true) => writeln!(f, "  stake     covers it")?,
			Some(false) => writeln!(f, "  stake     does not cover it: it takes part in no proof")?,
			None => writeln!(f, "  stake     unknown")?,
		}
		if let Some(effective) = device.change_effective_at {
			writeln!(f, "  change    takes effect in window {effective}")?;
		}
		if let Some(activity) = &self.activity {
			writeln!(f, "  heard     {}", ago(activity.last_heard, window))?;
			writeln!(f, "  witnessed {}", ago(activity.last_witnessed, window))?;
			let units = activity.units.0 as f64 / units::ONE as f64;
			writeln!(f, "  units     {units:.3} in epoch {}", activity.epoch)?;
		}
		write!(f, "  owed      {} (at most {} per epoch)", self.owed, self.epoch_cap)
	}
}

fn ago(window: Option<WindowIndex>, now: WindowIndex) -> String {
	match window {
		Some(window) => format!("in window {window}, {} windows ago", now.saturating_sub(window)),
		None => "never".to_owned(),
	}
}

fn write_store(summary: &Summary, f: &mut fmt::Formatter<'_>) -> fmt::Result {
	let BeaconCounts { committed, transmitted, failed } = summary.beacons;
	write!(f, "\n\non disk\n  beacons    {transmitted} transmitted, {failed} failed, ")?;
	write!(f, "{committed} of unknown outcome")?;
	for (name, counts) in &summary.reports {
		let ReportCounts { waiting, open, settled, refused, expired } = counts;
		write!(f, "\n  {name:<10} {settled} settled, {open} on their way, {waiting} waiting, ")?;
		write!(f, "{refused} refused, {expired} expired")?;
	}
	let EvidenceCounts { open, banned, void } = summary.evidence;
	if open + banned + void > 0 {
		write!(f, "\n  evidence   {open} to report, {banned} banned, {void} void")?;
	}
	for RefusalCount { reason, count } in &summary.refusals {
		write!(f, "\n  refused    {count} x {reason}")?;
	}
	Ok(())
}

#[cfg(test)]
mod tests {
	use groma_core::{
		EvidenceClass,
		api::{Code, DeviceStatus},
		money::GRM,
		words::SessionKey,
	};

	use super::*;

	/// A device in a slot of the owner's list.
	fn device(slot: u32, status: DeviceStatus) -> DeviceState {
		let device = DeviceInfo {
			id: slot,
			network: 0,
			owner: AccountId::from([3; 32]),
			session_key: SessionKey([4; 32]),
			class: EvidenceClass::SelfMade.into(),
			maker: None,
			status: Code::Known(status),
			slot,
			location: None,
			change_effective_at: None,
		};
		DeviceState {
			id: slot,
			device: Some(device),
			activity: None,
			is_covered: Some(slot < 2),
			owed: Amount(0),
			epoch_cap: Amount(0),
		}
	}

	#[test]
	fn status_warns_when_stake_covers_fewer_than_the_fleet() {
		let provision = ProvisionInfo {
			owner: AccountId::from([3; 32]),
			network: 0,
			active: 120 * GRM,
			thawing: Vec::new(),
			withdrawable: 0,
			stake_per_device: 50 * GRM,
			covered_slots: 2,
			first_uncovered: Some(2),
			raise: None,
		};
		let active = (0..4).map(|slot| device(slot, DeviceStatus::Active));
		let status = Status {
			node: "ws://127.0.0.1:9944".to_owned(),
			runtime: Runtime { spec_version: 5, fault: None },
			finalized_block: 12,
			window: Some(3),
			devices: active.chain([device(u32::MAX, DeviceStatus::Retired)]).collect(),
			provisions: vec![provision],
			unregistered: Vec::new(),
			store: None,
		};
		let text = status.to_string();
		assert!(text.contains("no stake covers device 2 and those after it"), "{text}");
		assert!(text.contains("covers 2 of these 4 devices"), "{text}");
		assert!(text.contains("`groma-device provision 80` covers all"), "{text}");
	}

	#[test]
	fn status_is_shown_and_written() {
		let device = DeviceState {
			id: 7,
			device: None,
			activity: None,
			is_covered: None,
			owed: Amount(5),
			epoch_cap: Amount(0),
		};
		let store = Store::in_memory().and_then(|store| store.summary()).expect("a summary");
		let status = Status {
			node: "ws://127.0.0.1:9944".to_owned(),
			runtime: Runtime { spec_version: 5, fault: None },
			finalized_block: 12,
			window: Some(3),
			devices: vec![device],
			provisions: Vec::new(),
			unregistered: Vec::new(),
			store: Some(store),
		};
		let text = status.to_string();
		assert!(text.contains("block 12, window 3") && text.contains("device 7 does not exist"));
		assert!(text.contains("statements 0 settled, 0 on their way"), "{text}");
		let json = serde_json::to_value(&status).expect("JSON");
		assert_eq!(
			(&json["finalizedBlock"], &json["devices"][0]["owed"]),
			(&12.into(), &"5".into())
		);
		assert_eq!(json["store"]["reports"]["reveals"]["settled"], 0);
		assert!(json["runtime"]["fault"].is_null() && !text.contains("runtime"), "{text}");
	}

	#[test]
	fn status_says_that_the_runtime_cannot_be_read() {
		let status = Status {
			node: "ws://127.0.0.1:9944".to_owned(),
			runtime: Runtime { spec_version: 5, fault: Some("too short".to_owned()) },
			finalized_block: 12,
			window: None,
			devices: Vec::new(),
			provisions: Vec::new(),
			unregistered: Vec::new(),
			store: None,
		};
		let text = status.to_string();
		assert!(text.contains("version 5, which this version cannot read: update"), "{text}");
		assert!(text.ends_with("finalized block 12"), "{text}");
	}
}
