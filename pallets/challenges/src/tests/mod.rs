//! Tests by behaviour.

mod fees;
mod lane;
mod nonce;
mod own_calls;
mod windows;

use crate::mock::*;
