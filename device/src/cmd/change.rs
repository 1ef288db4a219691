//! What all commands have that change a device: they say what they sign, and afterwards when it
//! takes effect and what it cost.

use std::{fmt, time::Duration};

use clap::Args;
use groma_client::{
	amount::Amount,
	chain::{AccountId, At, Chain, ChainError, RpcChain},
	logging,
	owner::{Connection, DeviceChange, Owner, Receipt},
};
use groma_core::{
	DeviceId, WindowIndex,
	api::{DeviceInfo, DeviceStatus, WindowInfo},
	money::Credits,
	protocol::MEMORY_WINDOWS,
};
use serde::Serialize;

use super::{
	arguments::{DeviceArgument, EndpointArgument, OutputArgument, SettingsArgument},
	confirm::ConfirmArgument,
	error::CommandError,
	signer::SignerArguments,
};

/// What all commands have that change a device.
#[derive(Debug, Args)]
pub(super) struct ChangeArguments {
	#[command(flatten)]
	signer: SignerArguments,
	#[command(flatten)]
	device: DeviceArgument,
	#[command(flatten)]
	pub(super) confirm: ConfirmArgument,
	#[command(flatten)]
	output: OutputArgument,
	#[command(flatten)]
	endpoint: EndpointArgument,
	#[command(flatten)]
	settings: SettingsArgument,
}

/// A device that is about to change.
pub(super) struct Subject {
	/// The chain.
	pub(super) chain: RpcChain,
	/// The way on which the change goes there.
	pub(super) client: Connection,
	/// Who signs.
	pub(super) owner: Owner,
	/// The device on the finalized chain.
	pub(super) device: DeviceInfo<AccountId>,
	/// The window of that.
	window: WindowIndex,
}

/// A change that was made. What `--json` prints; amounts are plancks as decimal text.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Changed {
	/// What it was.
	change: &'static str,
	/// The device.
	device: DeviceId,
	/// Who changed it.
	owner: AccountId,
	/// Who signed and paid.
	signer: AccountId,
	/// The fee.
	fee: Amount,
	/// What is held since as a deposit.
	held: Amount,
	/// What the network took in credits of the owner.
	#[serde(serialize_with = "groma_client::amount::decimal")]
	credits: Credits,
	/// What the network took as GRM, which was burned.
	burned: Amount,
	/// The finalized window; `None` if no node answered after the change.
	window: Option<WindowIndex>,
	/// When it takes effect; `None` if no node knows it after the change.
	#[serde(flatten)]
	effect: Option<Effect>,
	/// What to do next, if anything.
	pub(super) next: Option<String>,
}

/// When a change takes effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Effect {
	/// The first window that sees it; absent if it is in effect already.
	pub(super) effective_at: Option<WindowIndex>,
	/// How long that is from now, in seconds.
	effective_in_seconds: Option<u64>,
	/// The first window in which the device can be changed again, if not in this one.
	pub(super) changeable_from: Option<WindowIndex>,
	/// The first window in which a new location earns.
	eligible_from: Option<WindowIndex>,
}

impl ChangeArguments {
	/// Finds the device, and the way to change it.
	pub(super) async fn open(&self) -> Result<Subject, CommandError> {
		logging::start("warn");
		let owner = self.signer.open()?;
		let chain = self.endpoint.chain(&self.settings)?;
		let id = self.device.one(&self.settings, &chain).await?;
		let at = At::Block(chain.finalized().await?.hash);
		let window = chain.window(at).await?.index;
		let device = chain.device(id, at).await?.ok_or_else(|| {
			CommandError::Input(format!(
				"device {id} is unknown: no device has this id, correct --device"
			))
		})?;
		let client = owner.connect(chain.url()).await?;
		Ok(Subject { chain, client, owner, device, window })
	}

	/// Makes a change of the owner's, and prints what came of it.
	pub(super) async fn carry_out(
		&self,
		subject: &Subject,
		name: &'static str,
		change: DeviceChange,
		next: impl FnOnce(&Effect) -> Option<String>,
	) -> Result<(), CommandError> {
		let mut changed = subject.change(name, &change).await?;
		changed.next = next(&changed.effect.unwrap_or_default());
		self.output.print(&changed)
	}
}

impl Subject {
	/// Its id.
	pub(super) fn id(&self) -> DeviceId {
		self.device.id
	}

	/// Refuses what the chain would refuse for a fee: a change of a device that is another's.
	pub(super) fn expect_owned(&self) -> Result<(), CommandError> {
		let (id, owner, principal) = (self.id(), self.device.owner, self.owner.principal());
		match owner == principal {
			true => Ok(()),
			false => Err(CommandError::Input(format!(
				"device {id} belongs to {owner}, not to {principal}: sign with its owner's key, or as its proxy \
				 with --as {owner}"
			))),
		}
	}

	/// Refuses what the chain would refuse for a fee: a change of a device that does not change.
	pub(super) fn expect_changeable(&self) -> Result<(), CommandError> {
		let id = self.id();
		let reason = match (self.device.status.known(), self.device.change_effective_at) {
			(Some(DeviceStatus::Retired), _) => "it is retired, and cannot change".to_owned(),
			(Some(DeviceStatus::Banned), _) => "it is banned, and cannot change".to_owned(),
			(_, Some(effective)) => {
				let from = effective.saturating_add(MEMORY_WINDOWS);
				format!(
					"a change of it takes effect in window {effective}, and the next one can be made from window \
					 {from} on; this is window {}",
					self.window
				)
			}
			_ => return Ok(()),
		};
		Err(CommandError::Input(format!("device {id} was not changed: {reason}")))
	}

	/// Says what is signed, signs it, and waits until it is finalized.
	async fn change(
		&self,
		name: &'static str,
		change: &DeviceChange,
	) -> Result<Changed, CommandError> {
		let call = change.call(&self.client, self.id()).await?;
		let estimate = Amount(self.owner.fee(&self.client, &call).await?);
		let (owner, signer) = (self.owner.principal(), self.owner.account());
		eprintln!(
			"signing: {name} device {} of {owner}, by {signer}, for a fee of at most {estimate}",
			self.id()
		);
		let events = self.owner.submit(&self.client, &call).await?;
		let receipt = Receipt::of(&events).map_err(|error| {
			CommandError::Partly(format!("{name} is done, but its cost is not known: {error}"))
		})?;
		// It is done and paid, whatever is not known of it: the command does not fail any more.
		let (window, effect) = match self.effect(change).await {
			Ok((window, effect)) => (Some(window), effect),
			Err(error) => {
				eprintln!("{name} is done, but when it takes effect is not known: {error}");
				(None, None)
			}
		};
		Ok(Changed {
			change: name,
			device: self.id(),
			owner,
			signer,
			fee: receipt.fee,
			held: receipt.held,
			credits: receipt.credits,
			burned: receipt.burned,
			window,
			effect,
			next: None,
		})
	}

	/// The finalized window, and when a change that was made takes effect, if the node knows the
	/// device.
	async fn effect(
		&self,
		change: &DeviceChange,
	) -> Result<(WindowIndex, Option<Effect>), ChainError> {
		let finalized = self.chain.finalized().await?;
		let at = At::Block(finalized.hash);
		let window = self.chain.window(at).await?;
		let device = self.chain.device(self.id(), at).await?;
		let effect = device.map(|device| Effect::of(change, &device, &window, finalized.number));
		Ok((window.index, effect))
	}
}

impl Effect {
	/// When a change of a device takes effect that was made by block `block` of a window.
	fn of(
		change: &DeviceChange,
		device: &DeviceInfo<AccountId>,
		window: &WindowInfo,
		block: u32,
	) -> Self {
		let place = device.location.as_ref();
		let effective_at = match change {
			DeviceChange::Offer(_) => None,
			DeviceChange::Locate(_) => {
				device.change_effective_at.or(place.map(|place| place.since))
			}
			_ => device.change_effective_at,
		};
		let effective_at = effective_at.filter(|effective| *effective > window.index);
		let is_pending = device.change_effective_at.is_some() && effective_at.is_some();
		let maturity = place.map(|place| place.eligible_from.saturating_sub(place.since));
		let eligible_from = match (change, effective_at) {
			(DeviceChange::Locate(_), Some(at)) => {
				maturity.map(|windows| at.saturating_add(windows))
			}
			_ => None,
		};
		Self {
			effective_at,
			effective_in_seconds: effective_at.map(|at| until(window, block, at).as_secs()),
			changeable_from: effective_at
				.filter(|_| is_pending)
				.map(|at| at.saturating_add(MEMORY_WINDOWS)),
			eligible_from,
		}
	}
}

/// The time from a block of a window to the beginning of another window, if windows keep their
/// length.
fn until(window: &WindowInfo, block: u32, index: WindowIndex) -> Duration {
	let windows = index.saturating_sub(window.index);
	let begin = window.first_block.saturating_add(window.blocks.saturating_mul(windows));
	let block_time = Duration::from_millis(window.duration_ms) / window.blocks.max(1);
	block_time.saturating_mul(begin.saturating_sub(block))
}

/// A time as people say it.
fn about(seconds: u64) -> String {
	match seconds {
		0..120 => format!("{seconds} s"),
		120..7_200 => format!("{} min", seconds / 60),
		7_200..172_800 => format!("{} h", seconds / 3_600),
		_ => format!("{} days", seconds / 86_400),
	}
}

/// What a network took of the owner, at the end of what was paid; nothing if it took nothing.
pub(super) fn taken(credits: Credits, burned: Amount) -> String {
	match (credits, burned) {
		(0, Amount(0)) => String::new(),
		(0, burned) => format!("; the network took {burned}, burned"),
		(credits, _) => format!("; the network took {credits} credits"),
	}
}

impl fmt::Display for Changed {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let Self { change, device, fee, held, credits, burned, signer, effect, next, .. } = self;
		write!(f, "device {device}: {change} ")?;
		match effect {
			Some(effect) => write!(f, "{effect}")?,
			None => f.write_str("is done; `groma-device status` says when it takes effect")?,
		}
		write!(f, "\nfee {fee}, paid by {signer}")?;
		if *held > Amount(0) {
			write!(f, "; {held} held as a deposit")?;
		}
		f.write_str(&taken(*credits, *burned))?;
		match next {
			Some(next) => write!(f, "\n{next}"),
			None => Ok(()),
		}
	}
}

impl fmt::Display for Effect {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match (self.effective_at, self.effective_in_seconds) {
			(Some(at), Some(seconds)) => {
				write!(f, "takes effect in window {at}, in about {}", about(seconds))?;
			}
			_ => f.write_str("is in effect")?,
		}
		if let Some(from) = self.eligible_from {
			write!(f, "; the device may earn there from window {from} on")?;
		}
		if let Some(from) = self.changeable_from {
			write!(f, "; it can be changed again from window {from} on")?;
		}
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use groma_client::{fakes, owner::LocationClaim};
	use groma_core::{
		EvidenceClass,
		api::LocationInfo,
		place::{Cell, LOCATION_RESOLUTION},
		words::SessionKey,
	};

	use super::*;

	fn cell() -> Cell {
		Cell::from_degrees(48.0, 11.0, LOCATION_RESOLUTION).expect("a place")
	}

	fn device(since: Option<WindowIndex>, change: Option<WindowIndex>) -> DeviceInfo<AccountId> {
		DeviceInfo {
			id: 3,
			network: 0,
			owner: AccountId::from([3; 32]),
			session_key: SessionKey([3; 32]),
			class: EvidenceClass::SelfMade.into(),
			maker: None,
			status: DeviceStatus::Active.into(),
			slot: 0,
			location: since.map(|since| LocationInfo {
				cell: cell(),
				region: 0,
				since,
				eligible_from: since + 576,
				gain_deci_dbi: 0,
				elevation_m: 0,
			}),
			change_effective_at: change,
		}
	}

	fn located() -> DeviceChange {
		let (gain_deci_dbi, elevation_m) = (0, 0);
		DeviceChange::Locate(LocationClaim { cell: cell(), region: 0, gain_deci_dbi, elevation_m })
	}

	/// The effect of a change that was made in block 20 of window 10.
	fn effect(change: DeviceChange, device: &DeviceInfo<AccountId>) -> Effect {
		Effect::of(&change, device, &fakes::window(10), 10 * fakes::BLOCKS + 20)
	}

	#[test]
	fn change_that_waits_says_until_when() {
		let effect = effect(DeviceChange::Retire, &device(Some(1), Some(14)));
		assert_eq!(effect.effective_at, Some(14));
		// 200 - 20 blocks of 6 s.
		assert_eq!(effect.effective_in_seconds, Some(1_080));
		assert_eq!((effect.changeable_from, effect.eligible_from), (Some(17), None));
		let text = effect.to_string();
		assert!(text.starts_with("takes effect in window 14, in about 18 min"), "{text}");
		assert!(text.ends_with("changed again from window 17 on"), "{text}");
	}

	#[test]
	fn first_place_leaves_the_device_free_to_change() {
		let effect = effect(located(), &device(Some(14), None));
		assert_eq!((effect.effective_at, effect.changeable_from), (Some(14), None));
		assert_eq!(effect.eligible_from, Some(590));
	}

	#[test]
	fn next_place_is_as_old_as_the_first_one_when_it_earns() {
		let effect = effect(located(), &device(Some(1), Some(14)));
		assert_eq!((effect.effective_at, effect.eligible_from), (Some(14), Some(590)));
		assert_eq!(effect.changeable_from, Some(17));
	}

	#[test]
	fn what_is_information_or_an_offer_is_in_effect_at_once() {
		for (change, device) in [
			(located(), device(Some(1), None)),
			(DeviceChange::Offer(None), device(Some(1), Some(14))),
		] {
			let effect = effect(change, &device);
			assert_eq!(effect, Effect::default());
			assert_eq!(effect.to_string(), "is in effect");
		}
	}

	#[test]
	fn changes_are_shown_and_written() {
		let changed = Changed {
			change: "retire",
			device: 3,
			owner: AccountId::from([3; 32]),
			signer: AccountId::from([4; 32]),
			fee: Amount(12_000_000_000),
			held: Amount(1_000_000_000_000),
			credits: 700,
			burned: Amount(0),
			window: Some(10),
			effect: Some(effect(DeviceChange::Retire, &device(None, Some(14)))),
			next: Some("done".to_owned()),
		};
		let text = changed.to_string();
		assert!(text.starts_with("device 3: retire takes effect in window 14"), "{text}");
		assert!(text.contains("fee 0.012 GRM, paid by 5"), "{text}");
		assert!(text.contains("; 1 GRM held as") && text.ends_with("\ndone"), "{text}");
		assert!(text.contains("; the network took 700 credits"), "{text}");
		assert_eq!(taken(0, Amount(0)), "");
		let json = serde_json::to_value(&changed).expect("JSON");
		assert_eq!((&json["effectiveAt"], &json["credits"]), (&14.into(), &"700".into()));
		assert_eq!((&json["fee"], &json["next"]), (&"12000000000".into(), &"done".into()));
		let unknown = Changed { window: None, effect: None, ..changed };
		let text = unknown.to_string();
		assert!(text.starts_with("device 3: retire is done; `groma-device status`"), "{text}");
		let json = serde_json::to_value(&unknown).expect("JSON");
		assert!(json["window"].is_null() && json.get("effectiveAt").is_none(), "{json}");
	}

	#[test]
	fn times_are_said_in_the_largest_unit_that_fits() {
		for (seconds, text) in
			[(0, "0 s"), (119, "119 s"), (120, "2 min"), (7_200, "2 h"), (172_800, "2 days")]
		{
			assert_eq!(about(seconds), text);
		}
	}
}
