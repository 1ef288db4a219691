//! What every test agrees on: the chain's windows, blocks and devices.

use std::{sync::Arc, time::Duration};

use groma_core::{
	DeviceId, WindowIndex,
	api::{ChallengeInfo, DeviceStatus, NetworkThreshold, WindowInfo},
	payload,
	region::RegionPlan,
	selection::Selection,
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

/// The window of a test: window w starts at block 50 w, and challenges every device. Whether one
/// can answer is what the chain says.
pub fn window(index: WindowIndex) -> WindowInfo {
	WindowInfo {
		index,
		first_block: index * BLOCKS,
		blocks: BLOCKS,
		duration_ms: WINDOW_MS,
		started_at_ms: 0,
		seed: [index as u8; 32],
		thresholds: vec![NetworkThreshold { network: 0, threshold: u64::MAX }],
	}
}

/// The challenge of a device in a window of the test's chain.
pub fn challenge(device: DeviceId, index: WindowIndex) -> ChallengeInfo {
	let plan = RegionPlan::eu868();
	let slot = Selection::new(&window(index).seed, device)
		.beacon_slot(&plan, WINDOW_MS)
		.expect("the plan has channels");
	ChallengeInfo {
		id: challenge_id(device, index),
		frequency_hz: slot.frequency_hz,
		data_rate: slot.data_rate,
		eirp_centi_dbm: plan.eirp_centi_dbm,
		offset_ms: slot.offset_ms,
	}
}

/// The moment of that challenge, after the beginning of its window.
pub fn moment(device: DeviceId, index: WindowIndex) -> Duration {
	Duration::from_millis(challenge(device, index).offset_ms)
}

/// The first window from `index` on in which the moment of a device's challenge, in seconds, is
/// one that a test needs.
pub fn window_where(
	device: DeviceId,
	index: WindowIndex,
	is_right: impl Fn(u64) -> bool,
) -> WindowIndex {
	(index..=u8::MAX.into())
		.find(|index| is_right(moment(device, *index).as_secs()))
		.expect("there are many windows")
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
		agreed: heads(block).finalized,
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
		status: DeviceStatus::Active.into(),
		eligible_from: Some(0),
		plan: Some(RegionPlan::eu868()),
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
