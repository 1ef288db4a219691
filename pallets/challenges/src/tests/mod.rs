//! Tests by behaviour.

mod lane;
mod nonce;
mod own_calls;
mod windows;

use crate::mock::*;
