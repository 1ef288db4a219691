//! Which measured weights serve which pallet. Pallets of the SDK use the weights that they ship.

use crate::Runtime;

macro_rules! shipped_weights {
	($($(#[$doc:meta])* $name:ident = $pallet:ident;)*) => {
		$($(#[$doc])* pub type $name = $pallet::weights::SubstrateWeight<Runtime>;)*
	};
}

shipped_weights! {
	/// Of `frame-system`.
	System = frame_system;
	/// Of `pallet-timestamp`.
	Timestamp = pallet_timestamp;
	/// Of `pallet-balances`.
	Balances = pallet_balances;
	/// Of `pallet-transaction-payment`.
	TransactionPayment = pallet_transaction_payment;
	/// Of `pallet-session`.
	Session = pallet_session;
	/// Of `pallet-utility`.
	Utility = pallet_utility;
	/// Of `pallet-multisig`.
	Multisig = pallet_multisig;
	/// Of `pallet-proxy`.
	Proxy = pallet_proxy;
	/// Of `pallet-preimage`.
	Preimage = pallet_preimage;
	/// Of `pallet-scheduler`.
	Scheduler = pallet_scheduler;
}

/// Of `pallet-networks`: estimates, until they are measured.
pub type Networks = ();
/// Of `pallet-device-registry`: estimates, until they are measured.
pub type DeviceRegistry = ();
/// Of `pallet-proof-of-coverage`: estimates, until they are measured.
pub type ProofOfCoverage = ();
/// Of `pallet-rewards`: estimates, until they are measured.
pub type Rewards = ();

/// Of the transaction extensions of `frame-system`.
pub type SystemExtensions = frame_system::SubstrateExtensionsWeight<Runtime>;
