//! What every test agrees on: the chain's windows, blocks and devices.

use std::{sync::Arc, time::Duration};

use groma_core::{
	DeviceId, WindowIndex,
	api::{DeviceStatus, WindowInfo},
	payload,
	words::Hash,
};
use tokio::sync::watch;

use crate::{
	chain::{AccountId, BlockRef, Heads},
	follower::{View, ViewReceiver},
	keys::{DeviceKey, SoftKey},
	registration::Registration,
	store::Store,
};

/// The hash of block 0 of the test's chain.
pub const GENESIS: Hash = [7; 32];
/// The length of a window in blocks.
pub const BLOCKS: u32 = 50;
/// The length of a window in ms.
pub const WINDOW_MS: u64 = 300_000;

/// The window of a test: window w starts at block 50 w.
pub fn window(index: WindowIndex) -> WindowInfo {
	WindowInfo {
		index,
		first_block: index * BLOCKS,
		blocks: BLOCKS,
		duration_ms: WINDOW_MS,
		started_at_ms: 0,
		seed: [index as u8; 32],
	}
}

/// The id of a challenge of the test's chain.
pub fn challenge_id(device: DeviceId, index: WindowIndex) -> Hash {
	payload::challenge_id(&GENESIS, &window(index).seed, device)
}

/// The session key of a device.
pub fn key(device: DeviceId) -> SoftKey {
	SoftKey::from_secret(&secret(device))
}

/// The secret of that key.
pub fn secret(device: DeviceId) -> [u8; 32] {
	[device as u8 + 1; 32]
}

/// A view of window `index` at its block `offset`, in which `devices` are registered gateways.
pub fn view(index: WindowIndex, offset: u32, devices: &[DeviceId], now: Duration) -> View {
	let block = index * BLOCKS + offset;
	let info = window(index);
	View {
		genesis: GENESIS,
		heads: heads(block),
		previous: index.checked_sub(1).map(window),
		began_at: now.saturating_sub(Duration::from_millis(WINDOW_MS) / BLOCKS * offset),
		registrations: devices.iter().map(|device| Some(registration(*device))).collect(),
		window: info,
	}
}

/// A device that the chain knows and that takes part.
pub fn registration(device: DeviceId) -> Registration {
	Registration {
		device,
		network: 0,
		owner: AccountId::from([device as u8; 32]),
		session_key: key(device).public(),
		status: DeviceStatus::Active,
		eligible_from: Some(0),
		duty_cycle_ppm: 10_000,
	}
}

/// Heads of a chain whose last block is finalized at once.
pub fn heads(block: u32) -> Heads {
	Heads { best: block, finalized: BlockRef { number: block, hash: hash(block) } }
}

/// The hash of a block of the test's chain names its number.
pub fn hash(block: u32) -> Hash {
	let mut hash = [0; 32];
	hash[..4].copy_from_slice(&block.to_le_bytes());
	hash
}

/// Shows views to actors.
pub fn views(first: View) -> (watch::Sender<Option<Arc<View>>>, ViewReceiver) {
	let (sender, mut receiver) = watch::channel(Some(Arc::new(first)));
	receiver.mark_changed();
	(sender, receiver)
}

/// A store in memory.
pub fn store() -> Arc<Store> {
	Arc::new(Store::in_memory().expect("a store in memory"))
}

/// Waits until a condition holds; panics after ten seconds.
pub async fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
	let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
	while !condition() {
		assert!(tokio::time::Instant::now() < deadline, "never: {what}");
		tokio::time::sleep(Duration::from_millis(5)).await;
	}
}
