//! `groma-device earnings`.

use std::fmt;

use clap::Args;
use groma_client::{
	amount::Amount,
	audit::{EpochEarnings, NodeArchive, earnings},
	chain::{At, Chain},
	logging,
};
use groma_core::{DeviceId, EpochIndex, units};
use serde::Serialize;

use super::{
	arguments::{DeviceArgument, EndpointArgument, OutputArgument, SettingsArgument, Unregistered},
	error::CommandError,
};

/// Shows what devices earned in each epoch, by supply and by demand, and what was paid out.
///
/// It reads the state and the events of every block of these epochs, so it needs an archive node,
/// one that runs with `--state-pruning archive`, and takes a while over a network.
#[derive(Debug, Args)]
pub(super) struct EarningsCommand {
	#[command(flatten)]
	device: DeviceArgument,
	/// How many epochs to show: the last closed ones, up to `--until`.
	#[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=366))]
	epochs: u32,
	/// The last epoch to show, in place of the last closed one.
	#[arg(long, value_name = "EPOCH")]
	until: Option<EpochIndex>,
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
struct Answer {
	/// The last finalized block, in whose state the rest is owed.
	finalized_block: u32,
	/// The devices.
	devices: Vec<DeviceEarnings>,
	/// Gateways of the settings that are no devices yet.
	unregistered: Vec<Unregistered>,
}

/// What a device earned.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DeviceEarnings {
	/// Its id.
	id: DeviceId,
	/// Epoch by epoch, older first.
	epochs: Vec<EpochEarnings>,
	/// What a claim would pay now.
	owed: Amount,
	/// Units of an epoch that is not closed.
	open_units: units::Units,
}

impl EarningsCommand {
	pub(super) async fn execute(self) -> Result<(), CommandError> {
		logging::start("warn");
		let chain = self.endpoint.chain(&self.settings)?;
		let found = self.device.devices(&self.settings, &chain).await?;
		let archive = NodeArchive::open(&chain).await?;
		let block = chain.finalized().await?;
		let at = At::Block(block.hash);
		let last_closed = chain.epoch(at).await?.and_then(|clock| clock.last_closed);
		let range = epochs(last_closed, self.until, self.epochs)?;
		let mut devices = Vec::new();
		for id in &found.ids {
			let rewards = chain.rewards(*id, at).await?;
			devices.push(DeviceEarnings {
				id: *id,
				epochs: Vec::new(),
				owed: Amount(rewards.owed_total()),
				open_units: rewards.open_units,
			});
		}
		for epoch in range {
			let earned = earnings(&archive, &found.ids, epoch).await?;
			for (device, earned) in devices.iter_mut().zip(earned) {
				device.epochs.push(earned);
			}
		}
		for device in devices.iter().filter(|device| device.is_nothing()) {
			if chain.device(device.id, At::Best).await?.is_none() {
				return Err(unknown(device.id));
			}
		}
		let unregistered = found.unregistered;
		self.output.print(&Answer { finalized_block: block.number, devices, unregistered })
	}
}

impl DeviceEarnings {
	/// Whether nothing was earned or paid, and nothing is owed.
	fn is_nothing(&self) -> bool {
		let is_nothing = |it: &EpochEarnings| {
			*it == EpochEarnings { epoch: it.epoch, ..EpochEarnings::default() }
		};
		self.owed == Amount(0)
			&& self.open_units == units::Units(0)
			&& self.epochs.iter().all(is_nothing)
	}
}

/// A device that is removed may have earned something, and one that never was has not.
fn unknown(device: DeviceId) -> CommandError {
	CommandError::Input(format!(
		"the chain has no device {device}, and none of this id earned anything in these epochs: correct --device, \
		 or name earlier epochs with --until"
	))
}

/// The epochs to show.
fn epochs(
	last_closed: Option<EpochIndex>,
	until: Option<EpochIndex>,
	count: u32,
) -> Result<std::ops::RangeInclusive<EpochIndex>, CommandError> {
	let closed = last_closed
		.ok_or_else(|| CommandError::Input("no epoch is closed yet: ask again later".to_owned()))?;
	let until = until.unwrap_or(closed);
	if until > closed {
		return Err(CommandError::Input(format!(
			"epoch {until} is not closed yet; the last that is: {closed}"
		)));
	}
	Ok(until.saturating_sub(count.saturating_sub(1))..=until)
}

impl fmt::Display for Answer {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "finalized block {}", self.finalized_block)?;
		for device in &self.devices {
			write!(f, "\n\n{device}")?;
		}
		for unregistered in &self.unregistered {
			write!(f, "\n\n{unregistered}")?;
		}
		Ok(())
	}
}

impl fmt::Display for DeviceEarnings {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		writeln!(f, "device {}", self.id)?;
		for earned in &self.epochs {
			let EpochEarnings { epoch, supply, vouchers, sold, demand, paid, .. } = earned;
			writeln!(f, "  epoch {epoch}")?;
			writeln!(f, "    supply  {supply} for {} units", shown(earned.units))?;
			writeln!(f, "    demand  {demand} for {sold} units that {vouchers} vouchers paid")?;
			writeln!(f, "    paid    {paid}")?;
		}
		write!(f, "  owed      {}, and {} units open", self.owed, shown(self.open_units))
	}
}

fn shown(units: units::Units) -> String {
	format!("{:.3}", units.0 as f64 / units::ONE as f64)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn last_closed_epochs_are_shown() {
		let of = |last, until, count| epochs(last, until, count).map_err(|error| error.to_string());
		assert_eq!(of(Some(9), None, 1), Ok(9..=9));
		assert_eq!(of(Some(9), None, 3), Ok(7..=9));
		assert_eq!(of(Some(9), Some(5), 2), Ok(4..=5));
		assert_eq!(of(Some(1), None, 5), Ok(0..=1));
		assert!(of(Some(9), Some(10), 1).is_err_and(|it| it.contains("last that is: 9")));
		assert!(of(None, None, 1).is_err_and(|it| it.contains("no epoch is closed")));
	}

	#[test]
	fn device_that_earned_nothing_differs_from_one_that_did() {
		let nothing = |epoch| EpochEarnings { epoch, ..EpochEarnings::default() };
		let device = |owed, open, epochs: Vec<EpochEarnings>| DeviceEarnings {
			id: 3,
			epochs,
			owed: Amount(owed),
			open_units: units::Units(open),
		};
		assert!(device(0, 0, vec![nothing(7), nothing(8)]).is_nothing());
		let paid = EpochEarnings { paid: Amount(1), ..nothing(8) };
		for device in
			[device(1, 0, vec![]), device(0, 1, vec![]), device(0, 0, vec![nothing(7), paid])]
		{
			assert!(!device.is_nothing(), "{device:?}");
		}
		let error = unknown(9);
		assert!(error.to_string().contains("no device 9") && error.exit_code() == 1, "{error}");
	}

	#[test]
	fn earnings_are_shown_and_written() {
		let earned = EpochEarnings {
			epoch: 7,
			units: units::Units(1_500_000_000),
			supply: Amount(15_000_000_000),
			vouchers: 2,
			sold: 400,
			demand: Amount(36_000_000_000),
			paid: Amount(0),
		};
		let device = DeviceEarnings {
			id: 3,
			epochs: vec![earned],
			owed: Amount(51_000_000_000),
			open_units: units::Units(500_000_000),
		};
		let answer =
			Answer { finalized_block: 12, devices: vec![device], unregistered: Vec::new() };
		let text = answer.to_string();
		assert!(text.contains("supply  0.015 GRM for 1.500 units"), "{text}");
		assert!(text.contains("demand  0.036 GRM for 400 units that 2 vouchers paid"), "{text}");
		assert!(text.ends_with("owed      0.051 GRM, and 0.500 units open"), "{text}");
		let json = serde_json::to_value(&answer).expect("JSON");
		let epoch = &json["devices"][0]["epochs"][0];
		assert_eq!((&epoch["supply"], &epoch["sold"]), (&"15000000000".into(), &"400".into()));
	}
}
