//! Follows the chain: which window it is, when that window began on the monotonic clock, and what
//! the chain knows about the devices of the process. Everyone else looks at its [`View`].
//!
//! The window is what as many nodes as are required agree on. One endpoint says how far the chain
//! is, within what the others admit: they are asked again every ten blocks.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use groma_core::{WindowIndex, api::WindowInfo, words::Hash};
use tokio::sync::watch;
use tracing::{debug, info, warn};

use crate::{
	chain::{Agreed, At, BlockRef, Chain, ChainError, Heads, Source, contradiction},
	clock::Clock,
	metrics::Metrics,
	outage::Outage,
	registration::{Identity, Registration},
	shutdown::Shutdown,
	store::{Store, StoreError},
};

/// How many best blocks are remembered with the moment at which they were seen.
const SIGHTINGS_MAX: usize = 512;
/// After how many blocks the nodes are asked again what they agree on.
const ASK_EVERY_BLOCKS: u32 = 10;
/// How far the heads of an endpoint may be from those that the others have, in blocks: a minute,
/// since what they have is a few seconds old.
const APART_MAX: u32 = 10;
/// How often the nodes are asked at once when too few of them are in the window of the endpoint.
const ATTEMPTS_MAX: usize = 3;
/// How long all of that may take before the endpoint is followed without the others. One that
/// accepts a question and does not answer takes as long as it is given.
const ATTEMPTS_PATIENCE: Duration = Duration::from_secs(4);
/// How long to wait after no endpoint answered, or too few have finalized a window.
const PAUSE: Duration = Duration::from_secs(1);

/// The chain at a moment.
#[derive(Clone, Debug)]
pub struct View {
	/// The hash of block 0.
	pub genesis: Hash,
	/// The heads. The last finalized block lies in the window, so that what is not known after it
	/// is not known in the window.
	pub heads: Heads,
	/// The window that is finalized, as nodes agree.
	pub window: WindowInfo,
	/// The last finalized block of it that they agreed on, a minute old at most while they do.
	pub agreed: BlockRef,
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
	pub(crate) fn block_time(&self) -> Duration {
		Duration::from_millis(self.window.duration_ms) / self.window.blocks.max(1)
	}

	/// When the window is expected to end, on [`Clock::now`].
	pub fn ends_at(&self) -> Duration {
		self.began_at + Duration::from_millis(self.window.duration_ms)
	}

	/// The first block after `window`, for this window and those that follow at its length.
	pub(crate) fn end_of(&self, window: WindowIndex) -> u32 {
		let windows = window.saturating_sub(self.window.index).saturating_add(1);
		self.window.first_block.saturating_add(self.window.blocks.saturating_mul(windows))
	}

	/// Whether a block lies in the window.
	fn holds(&self, block: u32) -> bool {
		(self.window.first_block..self.end_of(self.window.index)).contains(&block)
	}

	/// The state after the last finalized block of one endpoint. Others may not have it: only for
	/// questions whose answers count if enough nodes give them.
	pub fn finalized(&self) -> At {
		At::Block(self.heads.finalized.hash)
	}

	/// The state after a block that enough nodes have, so that they can be compared.
	pub fn agreed(&self) -> At {
		At::Block(self.agreed.hash)
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
	store: Arc<Store>,
	devices: Arc<[Identity]>,
	views: watch::Sender<Option<Arc<View>>>,
	/// The last window that was agreed on, in this run or before.
	last: Option<WindowInfo>,
	/// When the nodes were last asked what they agree on, and the best block that they named.
	asked: Option<(Duration, u32)>,
	/// When they last did not agree, if they have not since.
	disagreed_at: Option<Duration>,
	/// Whether the last heads that were compared with the others' were far behind theirs.
	was_behind: bool,
	/// Best blocks by number, and when they were seen.
	sightings: VecDeque<(u32, Duration)>,
	/// The time since the chain made the last block that was seen, if that failed.
	outage: Outage,
	/// The time since nodes agreed, if they no longer do.
	disagreement: Outage,
	metrics: Arc<Metrics>,
}

impl Follower {
	/// A follower that begins where the store says that it was, and where its views appear.
	pub fn new(
		chain: Arc<dyn Chain>,
		clock: Arc<dyn Clock>,
		store: Arc<Store>,
		devices: Arc<[Identity]>,
		metrics: Arc<Metrics>,
	) -> Result<(Self, ViewReceiver), StoreError> {
		let (views, receiver) = watch::channel(None);
		let follower = Self {
			chain,
			clock,
			last: store.last_window()?,
			store,
			devices,
			views,
			asked: None,
			disagreed_at: None,
			was_behind: false,
			sightings: VecDeque::with_capacity(SIGHTINGS_MAX),
			outage: Outage::default(),
			disagreement: Outage::default(),
			metrics,
		};
		Ok((follower, receiver))
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
					target: "client::chain", %error, lasting_s = lasting.as_secs(),
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
		let now = self.clock.now();
		let before = self.views.borrow().clone();
		let view = match before {
			None => self.look(heads, now, None).await?,
			Some(before) if !self.is_due(&before, &heads, now) => self.advance(&before, heads, now),
			Some(before) => match self.look(heads, now, Some(&before)).await {
				Ok(view) => {
					self.disagreed_at = None;
					if let Some(lasted) = self.disagreement.ends(now) {
						info!(
							target: "client::chain", window = view.window.index,
							lasted_s = lasted.as_secs(), "the nodes agree again"
						);
					}
					view
				}
				Err(error) => {
					// The question took its time, during which the endpoint was not followed.
					self.disagreed_at = Some(self.clock.now());
					if let Some(lasting) = self.disagreement.goes_on(now) {
						warn!(
							target: "client::chain", %error, window = before.window.index,
							lasting_s = lasting.as_secs(), "too few nodes agree: the window stays as it is"
						);
					}
					self.advance(&before, heads, now)
				}
			},
		};
		self.sight(view.heads.best, now);
		self.metrics.best_block.set(view.heads.best.into());
		self.metrics.finalized_block.set(view.heads.finalized.number.into());
		self.views.send_replace(Some(Arc::new(view)));
		Ok(())
	}

	/// Whether the nodes are to be asked what they agree on: where the window is unknown, after ten
	/// blocks, and after the time of ten blocks, since an endpoint may keep blocks back. When the
	/// window should be over, and while they do not agree, they are asked once a block.
	fn is_due(&self, view: &View, heads: &Heads, now: Duration) -> bool {
		let block_time = view.block_time();
		let since = |at: Duration| now.saturating_sub(at);
		if self.disagreed_at.is_some_and(|at| since(at) < block_time) {
			return false;
		}
		let Some((at, best)) = self.asked else { return true };
		!view.holds(heads.finalized.number)
			|| heads.best >= best.saturating_add(ASK_EVERY_BLOCKS)
			|| since(at) >= block_time.saturating_mul(ASK_EVERY_BLOCKS)
			|| (now >= view.ends_at() && since(at) >= block_time)
	}

	/// The view after further blocks of its window, as far as an endpoint can be believed without
	/// the others: they can have made no more blocks than there was time for.
	fn advance(&self, view: &View, heads: Heads, now: Duration) -> View {
		let (at, best) = self.asked.unwrap_or((now, view.heads.best));
		let block_ms = view.block_time().as_millis().max(1);
		let passed = now.saturating_sub(at).as_millis() / block_ms;
		let passed = u32::try_from(passed).unwrap_or(u32::MAX);
		let finalized = match view.holds(heads.finalized.number) {
			true => heads.finalized,
			false => view.heads.finalized,
		};
		let best = heads.best.min(best.saturating_add(passed).saturating_add(APART_MAX));
		View { heads: Heads { best, finalized }, ..view.clone() }
	}

	/// Remembers when a best block was first seen. A reorganisation forgets what it replaced.
	fn sight(&mut self, best: u32, now: Duration) {
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
			info!(target: "client::chain", block = best, lasted_s = lasted.as_secs(), "the chain goes on");
		}
	}

	/// Asks the nodes what they agree on, and the chain for everything that may differ in another
	/// window.
	async fn look(
		&mut self,
		heads: Heads,
		now: Duration,
		before: Option<&View>,
	) -> Result<View, ChainError> {
		let genesis = self.chain.genesis().await?;
		let Agreed { window, heads: agreed } = self.agreed(&heads).await?;
		self.expect_continuation(&window, before.is_none())?;
		self.asked = Some((now, agreed.best));
		let heads = match self.believed(heads, &window, agreed).await {
			// One endpoint that lags a little keeps no one from a window that others have begun.
			heads if heads.finalized.number < window.first_block => agreed,
			heads => heads,
		};
		if let Some(before) = before.filter(|before| window.index < before.window.index) {
			let (finalized, first_block) = (agreed.finalized.number, before.window.first_block);
			return Err(ChainError::Behind { finalized, first_block });
		}
		if let Some(before) = before.filter(|before| before.window.index == window.index) {
			debug!(target: "client::chain", window = window.index, "window continues");
			return Ok(View { heads, window, agreed: agreed.finalized, ..before.clone() });
		}
		self.sight(heads.best.max(agreed.best), now);
		let known: Arc<[Option<Registration>]> = match before {
			Some(before) => before.registrations.clone(),
			None => Arc::new([]),
		};
		let registrations = self.registrations(At::Block(agreed.finalized.hash), known).await?;
		info!(target: "client::chain", window = window.index, block = heads.finalized.number, "window");
		self.metrics.window.set(window.index.into());
		let previous = self.last.replace(window.clone());
		if let Err(error) = self.store.keep_window(&window) {
			warn!(target: "client::chain", window = window.index, %error, "the window is not kept");
		}
		Ok(View {
			genesis,
			heads,
			began_at: self.beginning(&window),
			previous: previous.filter(|previous| previous.index != window.index),
			registrations,
			window,
			agreed: agreed.finalized,
		})
	}

	/// What enough nodes agree on. They are given a moment to follow the endpoint into a window.
	async fn agreed(&self, heads: &Heads) -> Result<Agreed, ChainError> {
		let began = self.clock.now();
		let mut answer = self.chain.agreed().await;
		for _ in 1..ATTEMPTS_MAX {
			let is_final = match &answer {
				Ok(agreed) => {
					let end = agreed.window.first_block.saturating_add(agreed.window.blocks);
					let ahead = heads.finalized.number.abs_diff(agreed.heads.finalized.number);
					heads.finalized.number < end || ahead > APART_MAX
				}
				Err(error) => !matches!(error, ChainError::TooFew { .. }),
			};
			if is_final || self.clock.now().saturating_sub(began) >= ATTEMPTS_PATIENCE {
				break;
			}
			tokio::time::sleep(PAUSE).await;
			answer = self.chain.agreed().await;
		}
		answer
	}

	/// Refuses a window that cannot follow the last one that was agreed on. Before the first view
	/// of a run none is believed that lies before it either.
	fn expect_continuation(&self, window: &WindowInfo, is_first: bool) -> Result<(), ChainError> {
		let Some(last) = &self.last else { return Ok(()) };
		if is_first && window.index < last.index {
			return Err(ChainError::Earlier { window: window.index, known: last.index });
		}
		// A window may turn out to be longer than it was meant to be.
		let (blocks, duration_ms) = match last.index == window.index {
			true => (window.blocks, window.duration_ms),
			false => (last.blocks, last.duration_ms),
		};
		let last = WindowInfo { blocks, duration_ms, ..last.clone() };
		match contradiction(&last, window) {
			None => Ok(()),
			Some(about) => Err(ChainError::Rewritten(about)),
		}
	}

	/// The heads that are believed of the endpoint that reports them. One that is far from the
	/// others is left; into a window that too few have begun none is followed.
	///
	/// Heads that are far behind may have waited on the way, when the connection stalled: the
	/// endpoint is named only if those that it reports again are far behind too.
	async fn believed(&mut self, heads: Heads, window: &WindowInfo, agreed: Heads) -> Heads {
		let is_ahead = heads.best > agreed.best.saturating_add(APART_MAX)
			|| heads.finalized.number > agreed.finalized.number.saturating_add(APART_MAX);
		let is_apart = is_ahead
			|| agreed.best > heads.best.saturating_add(APART_MAX)
			|| agreed.finalized.number > heads.finalized.number.saturating_add(APART_MAX);
		if is_ahead || (is_apart && self.was_behind) {
			self.was_behind = false;
			self.chain.distrust(Source::Heads, "how far the chain is").await;
			return agreed;
		}
		self.was_behind = is_apart;
		if is_apart {
			// The next heads are compared at once.
			self.asked = None;
			self.chain.refresh_heads().await;
			return agreed;
		}
		// The hash of a block on which nodes agreed is theirs, and not that of the endpoint.
		let is_within = heads.finalized.number < window.first_block.saturating_add(window.blocks);
		match is_within && heads.finalized.number != agreed.finalized.number {
			true => heads,
			false => Heads { finalized: agreed.finalized, ..heads },
		}
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
					target: "client::chain", gateway = %device.label,
					device = registration.device, status = ?registration.status, "registered"
				),
				(_, None) => warn!(
					target: "client::chain", gateway = %device.label,
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
			plan,
		}))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::shutdown;

	fn window(index: WindowIndex, first_block: u32) -> WindowInfo {
		WindowInfo {
			index,
			first_block,
			blocks: 50,
			duration_ms: 300_000,
			started_at_ms: 0,
			seed: [0; 32],
			thresholds: Vec::new(),
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
			agreed: heads(block).finalized,
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
}
