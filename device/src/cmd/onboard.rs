//! `groma-device onboard`.

use clap::Args;
use groma_client::{
	chain::{At, Chain, RpcChain},
	keys, logging,
	owner::{LocationClaim, Owner, PreparedCall, RegisterDevice},
};
use groma_core::{
	EvidenceClass, NetworkId, RegionId, payload,
	place::{Cell, LOCATION_RESOLUTION},
	protocol::{FIRST_NETWORK, WINDOWS_KEPT},
	region,
	words::{AccountBytes, SessionKey},
};

use super::{
	arguments::{EndpointArgument, SettingsArgument},
	error::CommandError,
};

/// Registers a device: its session key and its owner both sign.
///
/// It needs no other preparation on chain than an owner's account with GRM for the deposit of the
/// device and for the fee.
#[derive(Debug, Args)]
pub(super) struct OnboardCommand {
	/// The session key of the device, such as `file:/etc/groma-device/session.key`.
	#[arg(long, value_name = "URI")]
	key: String,
	/// The owner's key: `file:PATH` of a recovery phrase, or `//Alice` on development chains.
	#[arg(long, value_name = "URI")]
	owner: String,
	/// The network that the device serves; 0 is lorawan.
	#[arg(long, default_value_t = FIRST_NETWORK)]
	network: NetworkId,
	/// Degrees north of the equator.
	#[arg(long, allow_negative_numbers = true, requires = "longitude")]
	latitude: Option<f64>,
	/// Degrees east of Greenwich.
	#[arg(long, allow_negative_numbers = true, requires = "latitude")]
	longitude: Option<f64>,
	/// The radio region at that place.
	#[arg(long, value_enum, default_value = "eu868")]
	region: Region,
	/// Antenna gain in dBi, for information.
	#[arg(long, default_value_t = 0.0, allow_negative_numbers = true)]
	gain: f32,
	/// Height of the antenna above ground in metres, for information.
	#[arg(long, default_value_t = 0, allow_negative_numbers = true)]
	elevation: i16,
	#[command(flatten)]
	endpoint: EndpointArgument,
	#[command(flatten)]
	settings: SettingsArgument,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Region {
	/// Europe, 863 to 870 MHz.
	Eu868,
	/// North America, 902 to 928 MHz.
	Us915,
}

impl Region {
	fn id(self) -> RegionId {
		match self {
			Self::Eu868 => region::EU868,
			Self::Us915 => region::US915,
		}
	}
}

impl OnboardCommand {
	pub(super) async fn execute(self) -> Result<(), CommandError> {
		logging::start("warn");
		let key = keys::open(&self.key)?;
		let owner = Owner::open(&self.owner)?;
		let location = self.location()?;
		let chain = self.endpoint.chain(&self.settings)?;
		let session_key = key.public();
		if let Some(device) = chain.device_by_key(session_key, At::Best).await? {
			return Err(CommandError::Input(format!(
				"the key is registered as device {device}; if that is retired, the key is free {WINDOWS_KEPT} windows \
				 later"
			)));
		}
		let account = owner.account();
		let nonce = chain.onboarding_nonce(account, At::Best).await?;
		let genesis = chain.genesis().await?;
		let proof =
			key.sign(&payload::onboarding(&genesis, &AccountBytes(account.0), self.network, nonce));
		println!("registering 0x{} for {}", hex::encode(session_key), owner.address());
		let network = self.network;
		let arguments = RegisterDevice { network, session_key, proof, location, attestation: None };
		let client = owner.connect(chain.url()).await?;
		let call =
			PreparedCall::new(&client, "DeviceRegistry", "register_device", arguments).await?;
		owner.submit(&client, &call).await?;
		self.report(&chain, session_key).await
	}

	fn location(&self) -> Result<Option<LocationClaim>, CommandError> {
		let (Some(latitude), Some(longitude)) = (self.latitude, self.longitude) else {
			return Ok(None);
		};
		// H3 goes on beyond the poles and the date line, where nobody stands.
		let is_on_earth = latitude.abs() <= 90.0 && longitude.abs() <= 180.0;
		let cell = Cell::from_degrees(latitude, longitude, LOCATION_RESOLUTION);
		let cell = cell.filter(|_| is_on_earth).ok_or_else(|| {
			CommandError::Input(format!(
				"{latitude}, {longitude} is no place on earth: give degrees north from -90 to 90 and degrees \
				 east from -180 to 180"
			))
		})?;
		Ok(Some(LocationClaim {
			cell,
			region: self.region.id(),
			gain_deci_dbi: (self.gain * 10.0).round() as i16,
			elevation_m: self.elevation,
		}))
	}

	async fn report(&self, chain: &RpcChain, key: SessionKey) -> Result<(), CommandError> {
		let finalized = chain.finalized().await?;
		let at = At::Block(finalized.hash);
		let Some(id) = chain.device_by_key(key, at).await? else {
			return Err(CommandError::Input("the registration is not on chain yet".to_owned()));
		};
		println!("device {id} is registered");
		let device = chain.device(id, at).await?;
		if device.as_ref().is_some_and(|device| device.class == EvidenceClass::SelfMade) {
			println!("evidence class: self-made");
		}
		match device.and_then(|device| device.location) {
			Some(location) => println!(
				"location {}: it takes effect in window {}, the device may earn from window {}",
				location.cell, location.since, location.eligible_from
			),
			None => println!("it has no location in effect yet"),
		}
		Ok(())
	}
}
