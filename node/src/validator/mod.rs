//! What a node does for the operator of a validator: it watches the validator whose session keys it
//! has, stops when another machine has them, too, and says how the validator stands.

mod foreign;
mod halt;
pub(crate) mod own;
mod report;
mod status;
mod watch;

pub(crate) use foreign::{FOREIGN_BLOCK_CODE, ForeignBlock, ForeignBlocks};
pub(crate) use halt::Halt;
pub(crate) use status::ValidatorCommand;
pub(crate) use watch::{PERIOD, ValidatorWatch};
