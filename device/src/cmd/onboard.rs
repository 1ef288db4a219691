//! `groma-device onboard`.

use std::fmt;

use clap::Args;
use groma_client::{
	amount::Amount,
	chain::{AccountId, At, Chain, ChainError, RpcChain},
	keys::{self, DeviceKey},
	logging,
	owner::{
		Connection, NetworkFee, Owner, PreparedCall, Purpose, Receipt, RegisterDevice, StakeChange,
		fee_terms,
	},
};
use groma_core::{
	DeviceId, EvidenceClass, NetworkId,
	api::{Code, LocationInfo},
	money::Credits,
	payload,
	protocol::{FIRST_NETWORK, WINDOWS_KEPT},
	words::{AccountBytes, SessionKey},
};
use serde::Serialize;

use super::{
	arguments::{EndpointArgument, OutputArgument, SettingsArgument},
	change::taken,
	confirm::ConfirmArgument,
	error::CommandError,
	place::{ClaimedPlace, PlaceArguments},
	signer::SignerArguments,
};

/// Registers a device: its session key and its owner both sign.
///
/// It needs no other preparation on chain than an owner's account with GRM for the stake behind the
/// device (`--provision`), for its deposit, for the fee, and for what the network takes: credits of
/// the owner, or else GRM that is burned. The place may follow later (`locate`).
#[derive(Debug, Args)]
pub(super) struct OnboardCommand {
	/// The session key of the device, such as `file:/etc/groma-device/session.key`.
	#[arg(long, value_name = "URI")]
	key: String,
	/// The network that the device serves; 0 is lorawan.
	#[arg(long, default_value_t = FIRST_NETWORK)]
	network: NetworkId,
	/// Set the stake of one device aside in the same transaction: what the network asks for behind
	/// each. Without stake that covers it, a device takes part in no proof (`provision`).
	#[arg(long)]
	provision: bool,
	#[command(flatten)]
	place: PlaceArguments,
	#[command(flatten)]
	signer: SignerArguments,
	#[command(flatten)]
	confirm: ConfirmArgument,
	#[command(flatten)]
	output: OutputArgument,
	#[command(flatten)]
	endpoint: EndpointArgument,
	#[command(flatten)]
	settings: SettingsArgument,
}

/// A device that was registered. What `--json` prints; amounts are plancks as decimal text.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Registered {
	/// Its id.
	device: DeviceId,
	/// Its session key.
	session_key: SessionKey,
	/// Its owner.
	owner: AccountId,
	/// Who signed and paid.
	signer: AccountId,
	/// How it is attested.
	class: Code<EvidenceClass>,
	/// Where it stands, and since which windows that counts.
	location: Option<LocationInfo>,
	/// The fee.
	fee: Amount,
	/// The deposit, which is held until the device is removed.
	held: Amount,
	/// What the network took in credits of the owner.
	#[serde(serialize_with = "groma_client::amount::decimal")]
	credits: Credits,
	/// What the network took as GRM, which was burned.
	burned: Amount,
	/// What was set aside behind it.
	provisioned: Amount,
	/// Whether the owner's stake covers it.
	is_covered: bool,
}

impl OnboardCommand {
	pub(super) async fn execute(self) -> Result<(), CommandError> {
		logging::start("warn");
		self.signer.expect_other_than(&self.key)?;
		let key = keys::open(&self.key)?;
		let owner = self.signer.open()?;
		let place = self.place.claimed(self.confirm)?;
		let chain = self.endpoint.chain(&self.settings)?;
		self.check(&chain, key.public(), place.as_ref()).await?;
		let client = owner.connect(chain.url()).await?;
		let stake = self.stake(&chain, &owner).await?;
		let call = self.call(&chain, &client, &*key, &owner, place.as_ref()).await?;
		let call = self.with_stake(&client, stake, call).await?;
		let fee = Amount(owner.fee(&client, &call).await?);
		let terms = fee_terms(&client, self.network).await?.ok_or_else(|| {
			CommandError::Input(format!("there is no network {}, correct --network", self.network))
		})?;
		let principal = owner.principal();
		let asked = NetworkFee::of(&chain, &client, principal, terms.onboarding_credits).await?;
		self.show(key.public(), &owner, place.as_ref(), fee, asked);
		if stake > Amount(0) {
			eprintln!("and set {stake} aside behind it");
		}
		let events = owner.submit(&client, &call).await?;
		// It is done and paid, whatever is not known of it.
		let is_done = |error: &dyn fmt::Display| {
			CommandError::Partly(format!(
				"the registration is finalized, but not all about it is known ({error}): look with \
				 `groma-device status`"
			))
		};
		let receipt = Receipt::of(&events).map_err(|error| is_done(&error))?;
		let registered = registered(&chain, key.public(), &owner, receipt, stake).await;
		self.output.print(&registered.map_err(|error| is_done(&error))?)
	}

	/// Refuses what the chain would refuse for a fee.
	async fn check(
		&self,
		chain: &RpcChain,
		key: SessionKey,
		place: Option<&ClaimedPlace>,
	) -> Result<(), CommandError> {
		if let Some(device) = chain.device_by_key(key, At::Best).await? {
			return Err(CommandError::Input(format!(
				"the key is registered as device {device}; if that is retired, the key is free {WINDOWS_KEPT} windows \
				 later"
			)));
		}
		match place {
			Some(place) => place.check(chain, self.network).await,
			None => Ok(()),
		}
	}

	/// What is set aside with the registration.
	async fn stake(&self, chain: &RpcChain, owner: &Owner) -> Result<Amount, CommandError> {
		if !self.provision {
			return Ok(Amount(0));
		}
		let known = chain.provision(owner.principal(), self.network, At::Best).await?;
		let known = known.filter(|known| known.stake_per_device > 0).ok_or_else(|| {
			CommandError::Input(format!(
				"the chain has no network {}, or cannot read what it asks for: correct --network",
				self.network
			))
		})?;
		Ok(Amount(known.stake_per_device))
	}

	/// The registration, and with it what is set aside: both or neither.
	async fn with_stake(
		&self,
		client: &Connection,
		stake: Amount,
		registration: PreparedCall,
	) -> Result<PreparedCall, CommandError> {
		if stake == Amount(0) {
			return Ok(registration);
		}
		let purpose = Purpose::Devices(self.network);
		let provision = StakeChange::Provision(stake.0).call(client, purpose).await?;
		let calls = vec![provision, registration];
		Ok(PreparedCall::new(client, "Utility", "batch_all", calls).await?)
	}

	/// The registration, with the session key's signature.
	async fn call(
		&self,
		chain: &RpcChain,
		client: &Connection,
		key: &dyn DeviceKey,
		owner: &Owner,
		place: Option<&ClaimedPlace>,
	) -> Result<PreparedCall, CommandError> {
		let account = owner.principal();
		let nonce = chain.onboarding_nonce(account, At::Best).await?;
		let genesis = chain.genesis().await?;
		let message = payload::onboarding(&genesis, &AccountBytes(account.0), self.network, nonce);
		let arguments = RegisterDevice {
			network: self.network,
			session_key: key.public(),
			proof: key.sign(&message),
			location: place.map(|place| place.claim),
			attestation: None,
		};
		Ok(PreparedCall::new(client, "DeviceRegistry", "register_device", arguments).await?)
	}

	/// Says what is signed.
	fn show(
		&self,
		key: SessionKey,
		owner: &Owner,
		place: Option<&ClaimedPlace>,
		fee: Amount,
		asked: NetworkFee,
	) {
		let (principal, signer) = (owner.principal(), owner.account());
		eprintln!("signing: register {key} in network {} for {principal}", self.network);
		match place {
			Some(place) => eprintln!("location: {place}"),
			None => eprintln!("location: none, `groma-device locate` asserts one later"),
		}
		eprintln!("the network takes of {principal}: {asked}");
		eprintln!("by {signer}, for a deposit and a fee of at most {fee}");
	}
}

/// What the finalized chain knows of the new device.
async fn registered(
	chain: &RpcChain,
	session_key: SessionKey,
	owner: &Owner,
	receipt: Receipt,
	provisioned: Amount,
) -> Result<Registered, ChainError> {
	let at = At::Block(chain.finalized().await?.hash);
	let device = match chain.device_by_key(session_key, at).await? {
		Some(id) => chain.device(id, at).await?,
		None => None,
	};
	let device = device.ok_or_else(|| ChainError::NotReady {
		endpoint: chain.endpoint_name().to_owned(),
		reason: "it does not know the device yet".to_owned(),
	})?;
	let provision = chain.provision(device.owner, device.network, at).await?;
	Ok(Registered {
		device: device.id,
		session_key,
		owner: device.owner,
		signer: owner.account(),
		class: device.class,
		location: device.location,
		fee: receipt.fee,
		held: Amount(receipt.held.0.saturating_sub(provisioned.0)),
		credits: receipt.credits,
		burned: receipt.burned,
		provisioned,
		is_covered: provision.is_some_and(|provision| device.slot < provision.covered_slots),
	})
}

impl fmt::Display for Registered {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let Self { device, signer, class, location, fee, held, credits, burned, .. } = self;
		let provisioned = self.provisioned;
		let class = match class {
			Code::Known(EvidenceClass::SelfMade) => "self-made".to_owned(),
			Code::Known(EvidenceClass::MakerAttested) => "maker-attested".to_owned(),
			Code::Unknown(number) => format!("of class number {number}"),
		};
		writeln!(f, "device {device} is registered, {class}")?;
		match location {
			Some(LocationInfo { cell, since, eligible_from, .. }) => writeln!(
				f,
				"location {cell}: it takes effect in window {since}, the device may earn from window \
				 {eligible_from}"
			)?,
			None => writeln!(f, "it has no location yet: assert one with `groma-device locate`")?,
		}
		if !self.is_covered {
			writeln!(
				f,
				"no stake covers it: it takes part in no proof until `groma-device provision` does"
			)?;
		}
		write!(f, "fee {fee}, paid by {signer}; {held} held as a deposit")?;
		if provisioned > Amount(0) {
			write!(f, ", {provisioned} set aside behind it")?;
		}
		f.write_str(&taken(*credits, *burned))
	}
}

#[cfg(test)]
mod tests {
	use groma_core::place::{Cell, LOCATION_RESOLUTION};

	use super::*;

	#[test]
	fn registration_is_shown_and_written() {
		let cell = Cell::from_degrees(48.0, 11.0, LOCATION_RESOLUTION).expect("a place");
		let location = LocationInfo {
			cell,
			region: 0,
			since: 4,
			eligible_from: 580,
			gain_deci_dbi: 0,
			elevation_m: 0,
		};
		let registered = Registered {
			device: 7,
			session_key: SessionKey([1; 32]),
			owner: AccountId::from([2; 32]),
			signer: AccountId::from([3; 32]),
			class: EvidenceClass::SelfMade.into(),
			location: Some(location),
			fee: Amount(12_000_000_000),
			held: Amount(1_000_000_000_000),
			credits: 0,
			burned: Amount(5_000_000_000_000),
			provisioned: Amount(50_000_000_000_000),
			is_covered: true,
		};
		let text = registered.to_string();
		assert!(text.starts_with("device 7 is registered, self-made\n"), "{text}");
		assert!(text.contains("in window 4, the device may earn from window 580"), "{text}");
		assert!(text.contains("fee 0.012 GRM, paid by 5"), "{text}");
		assert!(text.contains("1 GRM held as a deposit, 50 GRM set aside behind it"), "{text}");
		assert!(text.ends_with("; the network took 5 GRM, burned"), "{text}");
		assert!(!text.contains("no stake"), "{text}");
		let json = serde_json::to_value(&registered).expect("JSON");
		assert_eq!((&json["device"], &json["location"]["since"]), (&7.into(), &4.into()));
		let bare = Registered {
			location: None,
			burned: Amount(0),
			provisioned: Amount(0),
			is_covered: false,
			..registered
		};
		let bare = bare.to_string();
		assert!(bare.contains("`groma-device locate`"), "{bare}");
		assert!(bare.contains("`groma-device provision`") && bare.ends_with("a deposit"), "{bare}");
	}
}
