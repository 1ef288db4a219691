//! The public chain: production's times and terms, without keys or balances. Those who found it add
//! them.

use alloc::{collections::BTreeMap, vec, vec::Vec};

use frame_support::{BoundedVec, build_struct_json_patch};
use groma_core::{
	NetworkId,
	protocol::FIRST_NETWORK,
	region::RegionPlan,
	terms::{NetworkTerms, ServiceTerms},
};
use pallet_networks::GenesisNetwork;
use serde_json::Value;

use crate::{NetworksConfig, ProofOfCoverageConfig, RuntimeGenesisConfig, TimingConfig};

/// The name of the preset without keys or balances.
pub const PRODUCTION_RUNTIME_PRESET: &str = "production";

/// Production's times, with pace 1, and network 0 with production's terms. No one validates, and no
/// one has anything: no node starts such a chain.
pub fn production() -> Value {
	build_struct_json_patch!(RuntimeGenesisConfig {
		timing: TimingConfig::default(),
		networks: NetworksConfig { networks: vec![lorawan(production_terms())] },
		proof_of_coverage: ProofOfCoverageConfig { region_plans: region_plans() },
	})
}

/// Network 0.
pub(super) fn lorawan(terms: NetworkTerms) -> GenesisNetwork {
	GenesisNetwork { name: "lorawan".into(), terms }
}

/// The plans of the regions in which devices of network 0 can prove coverage.
pub(super) fn region_plans() -> BTreeMap<NetworkId, Vec<RegionPlan>> {
	[(FIRST_NETWORK, vec![RegionPlan::eu868(), RegionPlan::us915()])].into()
}

/// The default terms, with LoRaWAN packets as a service.
fn production_terms() -> NetworkTerms {
	NetworkTerms {
		services: BoundedVec::truncate_from(vec![ServiceTerms::lorawan_packets()]),
		..Default::default()
	}
}
