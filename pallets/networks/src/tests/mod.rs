//! Tests by behaviour.

mod founding;
mod genesis;
mod governance;
mod raises;
mod random_calls;
