//! Migrations of what the pallet stores, by the version that they lead to. The runtime lists those
//! that its next upgrade needs.

pub mod v1;
