//! What a device hands to the chain: statements and reveals.

use codec::Encode;
use groma_core::{DeviceId, WindowIndex, statement::Report};

pub use groma_core::statement::{Reveal, Statement};

/// Either of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parcel {
	/// A statement, taken while the current window is its own or the next.
	Statement(Statement),
	/// A reveal, taken while the current window is the second after its own.
	Reveal(Reveal),
}

impl Parcel {
	/// The window of the beacon.
	pub fn window(&self) -> WindowIndex {
		match self {
			Self::Statement(statement) => statement.window,
			Self::Reveal(reveal) => reveal.window,
		}
	}

	/// The last window in which the chain takes it.
	pub fn last_window(&self) -> WindowIndex {
		match self {
			Self::Statement(statement) => statement.last_window(),
			Self::Reveal(reveal) => reveal.last_window(),
		}
	}

	/// The arguments of the chain's call and of the runtime API that checks it: its SCALE encoding.
	pub fn arguments(&self) -> Vec<u8> {
		match self {
			Self::Statement(statement) => statement.encode(),
			Self::Reveal(reveal) => reveal.encode(),
		}
	}

	/// The word for it in logs and metrics.
	pub fn kind(&self) -> &'static str {
		match self {
			Self::Statement(_) => "statement",
			Self::Reveal(_) => "reveal",
		}
	}

	/// What tells it from every other parcel.
	pub fn key(&self) -> ParcelKey {
		match self {
			Self::Statement(s) => ParcelKey::Statement {
				witness: s.observation.witness,
				beaconer: s.beaconer,
				window: s.window,
			},
			Self::Reveal(r) => ParcelKey::Reveal { beaconer: r.beaconer, window: r.window },
		}
	}
}

/// What tells a parcel from every other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ParcelKey {
	/// A witness states once about a beacon.
	Statement {
		/// Who heard.
		witness: DeviceId,
		/// Who beaconed.
		beaconer: DeviceId,
		/// The window of the beacon.
		window: WindowIndex,
	},
	/// A beacon is revealed once.
	Reveal {
		/// Who beaconed.
		beaconer: DeviceId,
		/// The window of the beacon.
		window: WindowIndex,
	},
}
