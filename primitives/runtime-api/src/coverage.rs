//! Proof of coverage: region plans, challenges, the checks of the report pool, activity, cells.

use alloc::vec::Vec;

use groma_core::{
	DeviceId, NetworkId, RegionId, WindowIndex,
	api::{ActivityInfo, CellInfo, ChallengeInfo, Code, Refusal, StatementRank},
	place::Cell,
	region::RegionPlan,
	statement::{Reveal, Statement},
	words::Signature,
};

sp_api::decl_runtime_apis! {
	/// Proof of coverage. Version 2: `check_statement` answers with the rank of a statement that
	/// would be taken.
	#[api_version(2)]
	pub trait CoverageApi {
		/// The plan of a radio region in a network.
		fn region_plan(network: NetworkId, region: RegionId) -> Option<RegionPlan>;
		/// The challenge of a device in a window; `None` if there is none.
		fn challenge(device: DeviceId, window: WindowIndex) -> Option<ChallengeInfo>;
		/// Whether a beacon signature is the device's for the window: for devices that hear it.
		fn is_beacon_genuine(device: DeviceId, window: WindowIndex, signature: Signature) -> bool;
		/// Whether the witness is drawn for the beaconer's challenge in the window.
		fn is_drawn(window: WindowIndex, beaconer: DeviceId, witness: DeviceId) -> bool;
		/// Whether a statement would be taken in the next block, and how it ranks among those about
		/// its beacon.
		fn check_statement(statement: Statement) -> Result<StatementRank, Code<Refusal>>;
		/// Whether a reveal would be taken in the next block.
		fn check_reveal(reveal: Reveal) -> Result<(), Code<Refusal>>;
		/// The witnesses whose statements about a beacon are on chain.
		fn witnesses(window: WindowIndex, beaconer: DeviceId) -> Vec<DeviceId>;
		/// What a device did.
		fn activity(device: DeviceId) -> Option<ActivityInfo>;
		/// A cell of one of the counted resolutions in a network.
		fn cell(network: NetworkId, cell: Cell) -> CellInfo;
	}
}
