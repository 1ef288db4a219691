//! The names by which `state_call` reaches the runtime APIs, for clients that do not know the
//! runtime. The tests of the runtime compare them with its metadata.

/// The current window, a [`super::WindowInfo`].
pub const WINDOW: &str = "ChallengesApi_window";

/// The plan of a radio region in a network.
pub const REGION_PLAN: &str = "CoverageApi_region_plan";
/// The challenge of a device in a window: an optional [`super::ChallengeInfo`].
pub const CHALLENGE: &str = "CoverageApi_challenge";
/// Whether a beacon signature is the device's for a window.
pub const IS_BEACON_GENUINE: &str = "CoverageApi_is_beacon_genuine";
/// Whether a witness is drawn for a beaconer's challenge in a window.
pub const IS_DRAWN: &str = "CoverageApi_is_drawn";
/// Whether a statement would be taken in the next block.
pub const CHECK_STATEMENT: &str = "CoverageApi_check_statement";
/// Whether a reveal would be taken in the next block.
pub const CHECK_REVEAL: &str = "CoverageApi_check_reveal";
/// The witnesses whose statements about a beacon are on chain.
pub const WITNESSES: &str = "CoverageApi_witnesses";
/// What a device did: an optional [`super::ActivityInfo`].
pub const ACTIVITY: &str = "CoverageApi_activity";
/// A cell in a network, a [`super::CellInfo`].
pub const CELL: &str = "CoverageApi_cell";

/// A device by its id: an optional [`super::DeviceInfo`].
pub const DEVICE: &str = "RegistryApi_device";
/// The id of a device by its session key.
pub const DEVICE_BY_KEY: &str = "RegistryApi_device_by_key";
/// The nonce of an owner's next onboarding signature.
pub const ONBOARDING_NONCE: &str = "RegistryApi_onboarding_nonce";

/// The price of GRM: an optional [`super::PriceInfo`].
pub const PRICE: &str = "PriceApi_price";

/// What an account holds in credits, a [`super::CreditsInfo`].
pub const CREDITS: &str = "CreditsApi_credits";
/// A channel: an optional [`super::ChannelInfo`].
pub const CHANNEL: &str = "CreditsApi_channel";
/// Channels of a payer, a page of [`super::ChannelInfo`].
pub const CHANNELS_OF: &str = "CreditsApi_channels_of";
/// What devices were paid out of a channel, a page of [`super::SeatInfo`].
pub const SEATS: &str = "CreditsApi_seats";
/// What customers paid for services of a network in an epoch: an optional [`super::DemandInfo`].
pub const DEMAND: &str = "CreditsApi_demand";
/// The books of the supply: an optional [`super::SupplyInfo`].
pub const SUPPLY: &str = "CreditsApi_supply";
/// What would become of vouchers: a list of [`super::VoucherAnswer`], or a
/// [`super::ClaimRefusal`].
pub const CHECK_VOUCHERS: &str = "CreditsApi_check_vouchers";

/// The clock of rewards: an optional [`super::EpochInfo`].
pub const EPOCH: &str = "RewardsApi_epoch";
/// What a device is owed, a [`super::RewardsInfo`].
pub const REWARDS: &str = "RewardsApi_rewards";
/// What a network earned in a closed epoch: an optional [`super::NetworkEpochInfo`].
pub const NETWORK_EPOCH: &str = "RewardsApi_network_epoch";
/// By what the payouts of a network are computed: an optional [`super::PayoutTerms`].
pub const PAYOUT_TERMS: &str = "RewardsApi_payout_terms";

/// A page of payers and their routes, a [`super::RoutePage`].
pub const ROUTES: &str = "RoutesApi_routes";
/// A payer and its route: an optional [`super::RouteInfo`].
pub const ROUTE: &str = "RoutesApi_route";
/// A page of offers, a [`super::OfferPage`].
pub const OFFERS: &str = "RoutesApi_offers";
/// Whether routes or offers changed: an optional [`super::RouteVersions`].
pub const ROUTE_VERSIONS: &str = "RoutesApi_versions";

/// What an owner set aside for a network: an optional [`super::ProvisionInfo`].
pub const PROVISION: &str = "StakeApi_provision";
/// A page of what an account delegated, a [`super::DelegationPage`].
pub const DELEGATIONS: &str = "StakeApi_delegations";

/// The clock of eras: an optional [`super::EraInfo`].
pub const ERA: &str = "ValidatorsApi_era";
/// A part of the set of an era: an optional [`super::EraSetInfo`].
pub const VALIDATORS: &str = "ValidatorsApi_validators";
/// An account as a validator, a [`super::ValidatorInfo`].
pub const VALIDATOR: &str = "ValidatorsApi_validator";
/// A page of slashes that wait or were cancelled, a [`super::SlashPage`].
pub const PENDING_SLASHES: &str = "ValidatorsApi_pending_slashes";

/// All of them.
pub const ALL: [&str; 35] = [
	WINDOW,
	REGION_PLAN,
	CHALLENGE,
	IS_BEACON_GENUINE,
	IS_DRAWN,
	CHECK_STATEMENT,
	CHECK_REVEAL,
	WITNESSES,
	ACTIVITY,
	CELL,
	DEVICE,
	DEVICE_BY_KEY,
	ONBOARDING_NONCE,
	PRICE,
	CREDITS,
	CHANNEL,
	CHANNELS_OF,
	SEATS,
	DEMAND,
	SUPPLY,
	CHECK_VOUCHERS,
	EPOCH,
	REWARDS,
	NETWORK_EPOCH,
	PAYOUT_TERMS,
	ROUTES,
	ROUTE,
	OFFERS,
	ROUTE_VERSIONS,
	PROVISION,
	DELEGATIONS,
	ERA,
	VALIDATORS,
	VALIDATOR,
	PENDING_SLASHES,
];
