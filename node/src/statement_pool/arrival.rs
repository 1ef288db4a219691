//! What subscribers are told.

use groma_core::{DeviceId, WindowIndex};
use serde::Serialize;

/// Something that has just come into the pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub(crate) enum Arrival {
	/// A statement.
	#[serde(rename_all = "camelCase")]
	Statement {
		/// The window of the beacon.
		window: WindowIndex,
		/// Who beaconed.
		beaconer: DeviceId,
		/// Who heard.
		witness: DeviceId,
	},
	/// A reveal.
	#[serde(rename_all = "camelCase")]
	Reveal {
		/// The window of the beacon.
		window: WindowIndex,
		/// Who beaconed.
		beaconer: DeviceId,
	},
}
