//! The whole runtime, natively: its surface, its presets, and stories that run through real blocks.

mod chain;
mod coverage;
mod field;
mod governed;
mod ledger;
mod money;
mod presets;
mod sessions;
mod surface;
