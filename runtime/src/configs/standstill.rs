//! Whether the chain stands still.

use frame_support::migrations::MultiStepMigrator;
use groma_traits::Standstill;

use crate::{MultiBlockMigrations, SafeMode};

/// The chain stands still while a migration runs and in safe mode.
pub struct Standing;

impl Standstill for Standing {
	fn now() -> bool {
		SafeMode::is_entered() || migrates()
	}
}

/// Whether a migration runs.
pub fn migrates() -> bool {
	MultiBlockMigrations::ongoing()
}
