//! Who authorizes a new runtime, and how its migrations run.
//!
//! A migration that fails does not stop the chain: it goes on in safe mode, where a referendum can
//! mend the state.

use frame_support::{
	migrations::{FailedMigrationHandler, FailedMigrationHandling, SteppedMigrations},
	parameter_types,
	traits::{ConstU32, SafeMode as Switch},
	weights::Weight,
};
use sp_runtime::Perbill;

use super::{
	origins::{EnsureUpgrade, RootOr},
	tracks::Days,
};
use crate::{BlockNumber, Runtime, RuntimeEvent, SafeMode, constants::BLOCK_COMPUTE, weights};

/// The most blocks that the migrations of an upgrade may take together.
pub const MIGRATION_BLOCKS_MAX: u32 = 600;

parameter_types! {
	/// What the migrations of an upgrade may take of a block.
	pub MigrationWeight: Weight = Perbill::from_percent(75) * BLOCK_COMPUTE;
}

/// The stepped migrations of this version. Benchmarks run others in their place.
pub type Migrations = ();

/// The most blocks that migrations take together, or `None` if one of them has no end. It is
/// counted high: a migration fails in the second block after its last step.
pub fn blocks_max<M: SteppedMigrations>() -> Option<u32> {
	(0..M::len()).try_fold(0u32, |sum, index| {
		let steps = M::nth_max_steps(index).flatten()?;
		sum.checked_add(steps)?.checked_add(2)
	})
}

impl pallet_migrations::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	#[cfg(not(feature = "runtime-benchmarks"))]
	type Migrations = Migrations;
	#[cfg(feature = "runtime-benchmarks")]
	type Migrations = pallet_migrations::mock_helpers::MockedMigrations;
	type CursorMaxLen = ConstU32<65_536>;
	type IdentifierMaxLen = ConstU32<256>;
	type MigrationStatusHandler = ();
	type FailedMigrationHandler = SafeModeWithoutCursor;
	type MaxServiceWeight = MigrationWeight;
	type WeightInfo = weights::Migrations;
}

/// Enters safe mode until a referendum ends it, and lets go of the migration: as long as the chain
/// has a cursor of one, it takes no transaction and no code. It lets go also if safe mode cannot be
/// entered.
pub struct SafeModeWithoutCursor;

impl FailedMigrationHandler for SafeModeWithoutCursor {
	fn failed(migration: Option<u32>) -> FailedMigrationHandling {
		// The calls of the pallet have the same names.
		let entered = if SafeMode::is_entered() {
			<SafeMode as Switch>::extend(BlockNumber::MAX)
		} else {
			<SafeMode as Switch>::enter(BlockNumber::MAX)
		};
		if let Err(error) = entered {
			log::error!(
				target: "runtime::upgrades",
				"migration {migration:?} failed, and safe mode is not on: {error:?}"
			);
		}
		FailedMigrationHandling::ForceUnstuck
	}
}

impl pallet_upgrades::Config for Runtime {
	type UpgradeOrigin = RootOr<EnsureUpgrade>;
	type AuthorizedBlocks = Days<14>;
	type WeightInfo = weights::Upgrades;
}
