//! A chain, clocks and logs that do what a test says.

mod actors;
mod chain;
mod clock;
mod log;
mod node;
mod world;

pub use self::{
	actors::start_delivery,
	chain::{FakeChain, Script},
	clock::SkewedClock,
	log::Log,
	node::{FakeNode, Lie, three_nodes},
	world::*,
};
