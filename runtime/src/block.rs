//! What a block is, and what applies it to the state.

use sp_runtime::generic;

use crate::{AllPalletsWithSystem, Header, Runtime, UncheckedExtrinsic};

/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;

/// Types that a node needs to follow the chain across upgrades of the runtime.
pub mod opaque {
	pub use sp_runtime::OpaqueExtrinsic as UncheckedExtrinsic;
	use sp_runtime::generic;

	pub use crate::Header;

	/// A block whose extrinsics are bytes.
	pub type Block = generic::Block<Header, UncheckedExtrinsic>;
}

/// Applies blocks to the state.
pub type Executive = frame_executive::Executive<
	Runtime,
	Block,
	frame_system::ChainContext<Runtime>,
	Runtime,
	AllPalletsWithSystem,
>;
