//! The Groma node.
fn main() {}
