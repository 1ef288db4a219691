//! What the end-to-end tests are written with: real node processes, each with its own directory,
//! log and ports, that end with the test.
//!
//! | module | what it holds |
//! |---|---|
//! | [`accounts`] | calls that accounts sign |
//! | [`binary`] | where the binaries are |
//! | [`client`] | the device client: how it is started, listened to, stopped |
//! | [`guide`] | commands that documents name |
//! | [`devices`] | the devices of a chain, and what they did |
//! | [`governance`] | referenda: what is proposed, and who votes |
//! | [`killing`] | validators that are killed, and how they vote |
//! | [`node`] | one node: how it is started, killed, asked |
//! | [`network`] | two validators and a full node of the local testnet |
//! | [`patience`] | waiting for something to become true |
//! | [`payer`] | commands of the payer's client |
//! | [`prices`] | the price server |
//! | [`specification`] | chains whose genesis is not that of their preset |
//! | [`state`] | what stands in the state of a block |
//! | [`upgrades`] | code that replaces the runtime |
//! | [`validators`] | four validators with short eras, and what there is to ask about validators |

pub mod accounts;
pub mod binary;
pub mod client;
pub mod devices;
pub mod forwarder;
pub mod governance;
pub mod guide;
pub mod killing;
pub mod network;
pub mod node;
pub mod patience;
pub mod payer;
pub mod prices;
pub mod specification;
pub mod state;
pub mod upgrades;
pub mod validators;
