//! The payer's side of the chain: credits are minted out of GRM, a channel sets some of them aside,
//! the channel's signer promises them to devices by vouchers, and anyone claims those.
//!
//! ```text
//!  GRM ──mint──▶ credits ──open──▶ channel ──claim──▶ owed to the owners of devices
//!                   ▲                 │ ▲
//!                   └────finish───────┘ └─vouchers── signer ──▶ book
//! ```
//!
//! The [`book`] is what keeps a payer's bond: it has what was signed last for every device, is on
//! the disk before a voucher leaves, and refuses what the channel does not hold.
#![warn(missing_docs)]

pub mod book;
pub mod calls;
pub mod claims;
pub mod cmd;
mod events;
pub mod voucher;

// For `serialize_with`.
use groma_client::amount::decimal;
