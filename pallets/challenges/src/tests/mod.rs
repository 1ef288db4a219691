//! Tests by behaviour.

mod lane;
mod own_calls;
mod windows;

use crate::mock::*;
