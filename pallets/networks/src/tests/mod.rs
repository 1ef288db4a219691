//! Tests by behaviour.

mod founding;
mod genesis;
mod governance;
mod random_calls;
