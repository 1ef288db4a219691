//! The stepped migrations of this version. What a mandatory hook reads is not migrated here but in
//! the block of the upgrade, by `SingleBlockMigrations` of `frame-system`.

#[cfg(any(feature = "variant", feature = "variant-blob"))]
pub mod variant;

/// The stepped migrations of this version, in their order. Each has `max_steps`, and together they
/// stay below `MIGRATION_BLOCKS_MAX` of `governance::upgrades`, which a test adds up. One that ran
/// is never run again, and leaves the list with the release after it.
#[cfg(not(feature = "variant"))]
pub type Migrations = ();

/// Those of the blob for tests.
#[cfg(feature = "variant")]
pub type Migrations = variant::Chosen;
