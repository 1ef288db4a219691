//! Follows the chain: which window it is, when that window began on the monotonic clock, and what
//! the chain knows about the devices of the process. Everyone else looks at its [`View`].

use std::{collections::VecDeque, sync::Arc, time::Duration};

use groma_core::{WindowIndex, api::WindowInfo, words::Hash};
use tokio::sync::watch;
use tracing::{debug, info, warn};

use crate::{
	chain::{At, Chain, ChainError, Heads},
	clock::Clock,
	metrics::Metrics,
	outage::Outage,
	registration::{Identity, Registration},
	shutdown::Shutdown,
};

/// How many best blocks are remembered with the moment at which they were seen.
const SIGHTINGS_MAX: usize = 512;
/// No window lasts longer: a week of blocks every 6 s.
const BLOCKS_MAX: u32 = 100_800;
/// No block takes longer, in ms.
const BLOCK_MS_MAX: u64 = 600_000;
/// How long to wait after no endpoint answered.
const PAUSE: Duration = Duration::from_secs(1);

/// The chain at a moment.
#[derive(Clone, Debug)]
pub struct View {
	/// The hash of block 0.
	pub genesis: Hash,
	/// The heads.
	pub heads: Heads,
	/// The window of the last finalized block.
	pub window: WindowInfo,
	/// The window before, if it was followed.
	pub previous: Option<WindowInfo>,
	/// When the window began, on [`Clock::now`].
	pub began_at: Duration,
	/// For every device of the process in their order, what the chain knows of it; `None` if
	/// nothing.
	pub registrations: Arc<[Option<Registration>]>,
}

impl View {
	/// The seed of a window; `None` unless it is the present one or the one before.
	pub fn seed(&self, window: WindowIndex) -> Option<Hash> {
		[Some(&self.window), self.previous.as_ref()]
			.into_iter()
			.flatten()
			.find(|info| info.index == window)
			.map(|info| info.seed)
	}

	/// The time between two blocks in this window.
	pub fn block_time(&self) -> Duration {
		Duration::from_millis(self.window.duration_ms) / self.window.blocks.max(1)
	}

	/// When the window is expected to end, on [`Clock::now`].
	pub fn ends_at(&self) -> Duration {
		self.began_at + Duration::from_millis(self.window.duration_ms)
	}

	/// The first block after `window`, for this window and those that follow at its length.
	pub fn end_of(&self, window: WindowIndex) -> u32 {
		let windows = window.saturating_sub(self.window.index).saturating_add(1);
		self.window.first_block.saturating_add(self.window.blocks.saturating_mul(windows))
	}

	/// The state after the last finalized block.
	pub fn finalized(&self) -> At {
		At::Block(self.heads.finalized.hash)
	}
}

/// Receives every new [`View`]; `None` until the chain has answered once.
pub type ViewReceiver = watch::Receiver<Option<Arc<View>>>;

/// The newest [`View`] as soon as there is one that was not looked at; `None` if there will be none
/// any more. It may be dropped and called again.
pub async fn next_view(views: &mut ViewReceiver) -> Option<Arc<View>> {
	loop {
		views.changed().await.ok()?;
		let view = views.borrow_and_update().clone();
		if view.is_some() {
			return view;
		}
	}
}

/// The [`next_view`]; `None` also if the process is to stop before.
pub async fn next_view_unless_stopped(
	views: &mut ViewReceiver,
	shutdown: &mut Shutdown,
) -> Option<Arc<View>> {
	tokio::select! {
		() = shutdown.requested() => None,
		view = next_view(views) => view,
	}
}

/// The follower.
pub struct Follower {
	chain: Arc<dyn Chain>,
	clock: Arc<dyn Clock>,
	devices: Arc<[Identity]>,
	views: watch::Sender<Option<Arc<View>>>,
	/// Best blocks by number, and when they were seen.
	sightings: VecDeque<(u32, Duration)>,
	/// The time since the chain made the last block that was seen, if that failed.
	outage: Outage,
	metrics: Arc<Metrics>,
}

impl Follower {
	/// A follower, and where its views appear.
	pub fn new(
		chain: Arc<dyn Chain>,
		clock: Arc<dyn Clock>,
		devices: Arc<[Identity]>,
		metrics: Arc<Metrics>,
	) -> (Self, ViewReceiver) {
		let (views, receiver) = watch::channel(None);
		let sightings = VecDeque::with_capacity(SIGHTINGS_MAX);
		let outage = Outage::default();
		(Self { chain, clock, devices, views, sightings, outage, metrics }, receiver)
	}

	/// Follows until the process is to stop.
	pub async fn run(mut self, mut shutdown: Shutdown) {
		loop {
			let followed = tokio::select! {
				() = shutdown.requested() => return,
				followed = self.follow() => followed,
			};
			let Err(error) = followed else { continue };
			if let Some(lasting) = self.outage.goes_on(self.clock.now()) {
				warn!(
					target: "device::chain", %error, lasting_s = lasting.as_secs(),
					"no news of the chain; what is to be said is kept until it can be"
				);
			}
			tokio::select! {
				() = shutdown.requested() => return,
				() = tokio::time::sleep(PAUSE) => {},
			}
		}
	}

	/// Waits for the next heads and shows what they mean.
	async fn follow(&mut self) -> Result<(), ChainError> {
		let heads = self.chain.next_heads().await?;
		self.sight(heads.best);
		self.metrics.best_block.set(heads.best.into());
		self.metrics.finalized_block.set(heads.finalized.number.into());
		let before = self.views.borrow().clone();
		let view = match before {
			Some(view) if heads.finalized.number < view.end_of(view.window.index) => {
				View { heads, ..View::clone(&view) }
			}
			before => self.look(heads, before).await?,
		};
		self.views.send_replace(Some(Arc::new(view)));
		Ok(())
	}

	/// Remembers when a best block was first seen. A reorganisation forgets what it replaced.
	fn sight(&mut self, best: u32) {
		let now = self.clock.now();
		if self.sightings.back().is_some_and(|(number, _)| *number == best) {
			return;
		}
		while self.sightings.back().is_some_and(|(number, _)| *number >= best) {
			self.sightings.pop_back();
		}
		if self.sightings.len() == SIGHTINGS_MAX {
			self.sightings.pop_front();
		}
		self.sightings.push_back((best, now));
		if let Some(lasted) = self.outage.ends(now) {
			info!(target: "device::chain", block = best, lasted_s = lasted.as_secs(), "the chain goes on");
		}
	}

	/// Asks the chain for everything that may differ in another window.
	async fn look(&self, heads: Heads, before: Option<Arc<View>>) -> Result<View, ChainError> {
		let genesis = self.chain.genesis().await?;
		let at = At::Block(heads.finalized.hash);
		let window = self.chain.window(at).await?;
		if let Err(reason) = check_window(&window, &heads, before.as_deref()) {
			self.chain.change_over().await;
			return Err(ChainError::Implausible(reason));
		}
		let old = before.as_ref().map(|view| &view.window);
		if old.is_some_and(|old| old.index == window.index) {
			// The window lasts longer than expected.
			debug!(target: "device::chain", window = window.index, "window continues");
		} else {
			info!(target: "device::chain", window = window.index, block = heads.finalized.number, "window");
		}
		self.metrics.window.set(window.index.into());
		Ok(View {
			genesis,
			heads,
			began_at: self.beginning(&window),
			previous: match before {
				Some(view) if view.window.index != window.index => Some(view.window.clone()),
				Some(view) => view.previous.clone(),
				None => None,
			},
			registrations: self.registrations(at, before_registrations(&self.views)).await?,
			window,
		})
	}

	/// When a window began: from the oldest sighting of one of its blocks, at the pace of its
	/// blocks. The wall clock has no part in it.
	fn beginning(&self, window: &WindowInfo) -> Duration {
		let block_time = Duration::from_millis(window.duration_ms) / window.blocks.max(1);
		let sighting = self
			.sightings
			.iter()
			.find(|(number, _)| *number >= window.first_block)
			.or(self.sightings.back())
			.copied();
		let (number, moment) = sighting.unwrap_or((window.first_block, self.clock.now()));
		// The first block is seen one block time after the window began.
		let passed = number.saturating_sub(window.first_block).saturating_add(1);
		moment.saturating_sub(block_time.saturating_mul(passed))
	}

	async fn registrations(
		&self,
		at: At,
		before: Arc<[Option<Registration>]>,
	) -> Result<Arc<[Option<Registration>]>, ChainError> {
		let mut registrations = Vec::with_capacity(self.devices.len());
		for (index, device) in self.devices.iter().enumerate() {
			let known = before.get(index).and_then(Option::as_ref);
			let found = self.registration(device, known, at).await?;
			match (known, &found) {
				(None, Some(registration)) => info!(
					target: "device::chain", gateway = %device.label,
					device = registration.device, status = ?registration.status, "registered"
				),
				(_, None) => warn!(
					target: "device::chain", gateway = %device.label,
					key = %hex::encode(device.key.public()),
					"the chain does not know this key: run `groma-device onboard`"
				),
				_ => {}
			}
			registrations.push(found);
		}
		let onboarded = registrations.iter().flatten().count();
		self.metrics.gateways_onboarded.set(onboarded as u64);
		Ok(registrations.into())
	}

	async fn registration(
		&self,
		identity: &Identity,
		known: Option<&Registration>,
		at: At,
	) -> Result<Option<Registration>, ChainError> {
		let key = identity.key.public();
		let id = match known {
			Some(registration) => Some(registration.device),
			None => self.chain.device_by_key(key, at).await?,
		};
		let Some(id) = id else { return Ok(None) };
		let device = self.chain.device(id, at).await?;
		// Before a rotation takes effect the chain knows the next key too, but nothing it signs
		// counts.
		let Some(device) = device.filter(|device| device.session_key == key) else {
			return Ok(None);
		};
		let plan = match &device.location {
			Some(location) => self.chain.region_plan(device.network, location.region, at).await?,
			None => None,
		};
		Ok(Some(Registration {
			device: id,
			network: device.network,
			owner: device.owner,
			session_key: key,
			status: device.status,
			eligible_from: device.location.map(|location| location.eligible_from),
			duty_cycle_ppm: plan.map_or(0, |plan| plan.duty_cycle_ppm),
		}))
	}
}

/// Whether a window can be the one of the last finalized block. One endpoint says so, and what
/// follows from it, such as what is too late, must not follow from a lie.
fn check_window(window: &WindowInfo, heads: &Heads, before: Option<&View>) -> Result<(), String> {
	let block = heads.finalized.number;
	if !(1..=BLOCKS_MAX).contains(&window.blocks) {
		return Err(format!("it lasts {} blocks", window.blocks));
	}
	if window.duration_ms / u64::from(window.blocks) > BLOCK_MS_MAX {
		return Err(format!("it lasts {} ms", window.duration_ms));
	}
	let end = window.first_block.saturating_add(window.blocks);
	if !(window.first_block..end).contains(&block) {
		return Err(format!("blocks {} to {end} do not hold block {block}", window.first_block));
	}
	let Some(before) = before else { return Ok(()) };
	let blocks_passed = block.saturating_sub(before.heads.finalized.number);
	match window.index.checked_sub(before.window.index) {
		Some(windows_passed) if windows_passed <= blocks_passed => Ok(()),
		_ => Err(format!(
			"window {} came {blocks_passed} blocks after window {}",
			window.index, before.window.index
		)),
	}
}

fn before_registrations(views: &watch::Sender<Option<Arc<View>>>) -> Arc<[Option<Registration>]> {
	match &*views.borrow() {
		Some(view) => view.registrations.clone(),
		None => Arc::new([]),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{chain::BlockRef, shutdown};

	fn window(index: WindowIndex, first_block: u32) -> WindowInfo {
		WindowInfo {
			index,
			first_block,
			blocks: 50,
			duration_ms: 300_000,
			started_at_ms: 0,
			seed: [0; 32],
		}
	}

	fn heads(block: u32) -> Heads {
		Heads { best: block, finalized: BlockRef { number: block, hash: [0; 32] } }
	}

	fn view(index: WindowIndex, block: u32) -> View {
		View {
			genesis: [0; 32],
			heads: heads(block),
			window: window(index, 50 * index),
			previous: None,
			began_at: Duration::ZERO,
			registrations: Arc::new([]),
		}
	}

	#[tokio::test]
	async fn view_is_looked_at_once() {
		let (sender, mut views) = watch::channel(None);
		// The chain has not answered, which is nothing to look at.
		sender.send_replace(None);
		let shown = async {
			tokio::task::yield_now().await;
			sender.send_replace(Some(Arc::new(view(9, 460))));
		};
		let ((), seen) = tokio::join!(shown, next_view(&mut views));
		assert_eq!(seen.map(|view| view.window.index), Some(9));
		drop(sender);
		assert!(next_view(&mut views).await.is_none());
	}

	#[tokio::test]
	async fn no_view_is_waited_for_when_the_process_is_to_stop() {
		let (_sender, mut views) = watch::channel(None);
		let (stop, mut shutdown) = shutdown::channel();
		stop.fire();
		assert!(next_view_unless_stopped(&mut views, &mut shutdown).await.is_none());
	}

	#[test]
	fn window_is_plausible_when_it_holds_the_finalized_block() {
		assert!(check_window(&window(9, 450), &heads(450), None).is_ok());
		assert!(check_window(&window(9, 450), &heads(499), None).is_ok());
		assert!(check_window(&window(9, 450), &heads(500), None).is_err());
		assert!(check_window(&window(9, 450), &heads(449), None).is_err());
	}

	#[test]
	fn window_is_refused_when_it_goes_back_or_leaps() {
		let before = view(9, 460);
		assert!(check_window(&window(10, 500), &heads(500), Some(&before)).is_ok());
		assert!(check_window(&window(8, 500), &heads(500), Some(&before)).is_err());
		assert!(check_window(&window(4_000_000_000, 500), &heads(500), Some(&before)).is_err());
	}

	#[test]
	fn window_is_refused_when_its_length_is_absurd() {
		let absurd = [
			WindowInfo { blocks: 0, ..window(9, 450) },
			WindowInfo { blocks: u32::MAX, ..window(9, 450) },
			WindowInfo { duration_ms: u64::MAX, ..window(9, 450) },
		];
		for window in absurd {
			assert!(check_window(&window, &heads(460), None).is_err());
		}
	}
}
