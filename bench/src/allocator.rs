//! The allocator of the benchmarks: that of `groma-node`. It can count what a piece of work takes.

use std::{
	alloc::{GlobalAlloc, Layout},
	cell::Cell,
};

use tikv_jemallocator::Jemalloc;

/// Jemalloc, counting while [`measured`] runs on a thread.
pub(crate) struct Counting;

/// Bytes that a piece of work holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
	/// The most at once.
	pub(crate) peak: i64,
	/// When it is over; negative if it freed what was there before.
	pub(crate) at_end: i64,
}

thread_local! {
	/// What the piece of work that runs on this thread holds, if one is measured.
	static HELD: Cell<Option<Held>> = const { Cell::new(None) };
}

/// Does a piece of work on this thread; what comes of it, and the memory that it held.
pub(crate) fn measured<T>(work: impl FnOnce() -> T) -> (T, Held) {
	HELD.set(Some(Held::default()));
	let outcome = work();
	(outcome, HELD.take().unwrap_or_default())
}

fn note(bytes: i64) {
	if let Some(mut held) = HELD.get() {
		held.at_end += bytes;
		held.peak = held.peak.max(held.at_end);
		HELD.set(Some(held));
	}
}

// SAFETY: every call goes to jemalloc as it is. Counting neither allocates nor panics: the cell
// needs no destructor, so it is there as long as its thread.
unsafe impl GlobalAlloc for Counting {
	unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
		note(layout.size() as i64);
		// SAFETY: the caller keeps the same contract.
		unsafe { Jemalloc.alloc(layout) }
	}

	unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
		note(layout.size() as i64);
		// SAFETY: the caller keeps the same contract.
		unsafe { Jemalloc.alloc_zeroed(layout) }
	}

	unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
		note(-(layout.size() as i64));
		// SAFETY: the caller keeps the same contract.
		unsafe { Jemalloc.dealloc(pointer, layout) }
	}

	unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
		// If the block moves, there are two for a moment.
		note(new_size as i64);
		// SAFETY: the caller keeps the same contract.
		let moved = unsafe { Jemalloc.realloc(pointer, layout, new_size) };
		note(-(layout.size() as i64));
		moved
	}
}

#[cfg(test)]
mod tests {
	use std::hint::black_box;

	use super::*;

	/// A block of so many bytes that the compiler does not leave out.
	fn block(bytes: usize) -> Vec<u8> {
		black_box(Vec::with_capacity(bytes))
	}

	#[test]
	fn what_is_held_at_once_and_at_the_end_is_counted() {
		let (kept, held) = measured(|| {
			drop(block(1_000));
			block(100)
		});
		assert_eq!(held, Held { peak: 1_000, at_end: 100 });
		let ((), held) = measured(|| drop(kept));
		assert_eq!(held, Held { peak: 0, at_end: -100 });
	}

	#[test]
	fn block_that_grows_counts_twice_while_it_may_move() {
		let (_grown, held) = measured(|| {
			let mut bytes = block(100);
			bytes.reserve_exact(300);
			bytes
		});
		assert_eq!(held, Held { peak: 400, at_end: 300 });
	}

	#[test]
	fn other_threads_and_other_times_are_not_counted() {
		let ((), held) = measured(|| {
			let thread = std::thread::spawn(|| drop(block(1_000_000)));
			thread.join().expect("no panic");
		});
		assert!(held.peak < 1_000_000, "{held:?}");
		drop(block(1_000));
		assert_eq!(measured(|| ()).1, Held::default());
	}
}
