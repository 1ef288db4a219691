//! What subscribers receive.

use groma_core::{DeviceId, WindowIndex};
use serde::Serialize;

/// A report that has just come into the pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Arrival {
	/// The number of its series.
	pub(super) series: u8,
	/// The name of its series.
	pub(super) name: &'static str,
	/// The window of the challenge.
	pub(super) window: WindowIndex,
	/// The challenged device.
	pub(super) subject: DeviceId,
	/// The device that reports.
	pub(super) author: DeviceId,
}
