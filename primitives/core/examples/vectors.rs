//! Rewrites the golden vectors that this crate computes itself: `cargo run -p groma-core --example
//! vectors`. The tests fail on a difference, so read the diff before you commit it.

#[path = "../tests/golden/mod.rs"]
mod golden;

fn main() -> std::io::Result<()> {
	for file in golden::FILES {
		std::fs::write(golden::path(file.name), golden::render(&(file.compute)()))?;
		println!("{}", file.name);
	}
	Ok(())
}
