//! Whether the chain stands still.

use groma_traits::Standstill;

/// Nothing can make the chain stand still yet: there are neither stepped migrations nor a safe
/// mode.
pub struct Standing;

impl Standstill for Standing {
	fn now() -> bool {
		false
	}
}
