//! The cases that the tables show.

/// What the hand has, in thousandths of what support counts against.
pub(super) const OWN: [u32; 3] = [200, 330, 510];
/// How many percent of all other GRM vote against it, at conviction 1.
pub(super) const TURNOUT: [u32; 3] = [5, 20, 60];
/// The conviction of the hand, in tenths: none, 1 and 6.
pub(super) const CONVICTION_TENTHS: [u32; 3] = [1, 10, 60];
