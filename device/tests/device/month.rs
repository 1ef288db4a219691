//! Honest devices whose machines and nodes do what machines and nodes do: clocks are minutes off,
//! processes restart, stores are lost, keys run twice, chains fork, the second node is behind the
//! first, frames and reports come twice. Yet no device ever signs what it is slashed for: two
//! different signatures of its key that are both valid for one challenge.

use std::{
	collections::{BTreeMap, BTreeSet},
	sync::{Arc, atomic::Ordering},
	time::Duration,
};

use groma_client::{
	clock::Clock,
	evidence::is_beacon_signed,
	follower::View,
	keys::DeviceKey,
	shutdown::{self, Trigger},
	store::Store,
};
use groma_core::{
	DeviceId, WindowIndex,
	api::WindowInfo,
	frame::Beacon,
	protocol::{DAY_WINDOWS, INTERVAL_WINDOWS},
	statement::Reveal,
	words::Signature,
};
use groma_device::{
	actors::{
		beaconer::{Beaconer, Tools},
		revealer::Revealer,
	},
	metrics::Metrics,
};
use groma_lora::radio::{RadioError, Reception};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tokio::sync::{mpsc, watch};

use crate::fakes::{
	BLOCKS, FakeChain, FakeRadio, GATHERED, Sent, SkewedClock, WINDOW_MS, challenge_id,
	client_metrics, gateways, key, mac, metrics, reception, second_beacon, start_delivery,
	start_witness, store, view, views,
};

const DEVICES: [DeviceId; 8] = [1, 2, 3, 4, 5, 6, 7, 8];
/// What the wall clocks show at first if they are right, in ms since the Unix epoch.
const FOUNDED_MS: u64 = 1_800_000_000_000;
/// How far wall clocks are off at most, and how far off a machine takes the beginning of a window.
const WALL_CLOCK_OFF_MS: u64 = 600_000;
const BEGINNING_OFF_MS: u64 = 240_000;

/// How many days are lived through. The long run is `GROMA_DAYS=30 scripts/test groma-device`.
fn days() -> u32 {
	std::env::var("GROMA_DAYS").ok().and_then(|days| days.parse().ok()).unwrap_or(3)
}

/// What happens to a device in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
	/// Nothing.
	None,
	/// Its process restarts in the middle of the window.
	Restart,
	/// It restarts without what it had on disk.
	LostStore,
	/// A copy of its machine runs as well, with a disk of its own.
	TwoProcesses,
	/// Its node is on a fork with another seed until the middle of the window.
	Fork,
	/// The same, and after that it restarts without what it had on disk.
	ForkAndLostStore,
	/// The node that it asks first is in the window before until the middle of the window.
	Behind,
	/// Its packet forwarder does not say what became of two frames.
	Unacknowledged,
}

const FAULTS: [Fault; 8] = [
	Fault::None,
	Fault::Restart,
	Fault::LostStore,
	Fault::TwoProcesses,
	Fault::Fork,
	Fault::ForkAndLostStore,
	Fault::Behind,
	Fault::Unacknowledged,
];

impl Fault {
	fn is_fork(self) -> bool {
		matches!(self, Self::Fork | Self::ForkAndLostStore)
	}

	fn loses_the_store(self) -> bool {
		matches!(self, Self::LostStore | Self::ForkAndLostStore)
	}
}

/// A running client.
struct Process {
	/// The client stops when it is dropped.
	_stop: Trigger,
	views: watch::Sender<Option<Arc<View>>>,
	receptions: mpsc::Sender<Reception>,
	sent: mpsc::UnboundedReceiver<Sent>,
}

/// A device with its disk and its clocks.
struct Machine {
	device: DeviceId,
	store: Arc<Store>,
	clock: Arc<SkewedClock>,
	/// How far it is off in the present window when it takes the window to begin, in ms.
	early_ms: u64,
	late_ms: u64,
	processes: Vec<Process>,
	/// What clients that were stopped had transmitted.
	left: Vec<Beacon>,
}

impl Machine {
	fn new(device: DeviceId) -> Self {
		Self {
			device,
			store: store(),
			clock: SkewedClock::new(FOUNDED_MS),
			early_ms: 0,
			late_ms: 0,
			processes: Vec::new(),
			left: Vec::new(),
		}
	}

	/// Sets its clocks for a window.
	fn set_clocks(&mut self, window: WindowIndex, random: &mut ChaCha8Rng) {
		let right_ms = FOUNDED_MS + u64::from(window) * WINDOW_MS;
		let shown_ms = right_ms - WALL_CLOCK_OFF_MS + random.gen_range(0..=2 * WALL_CLOCK_OFF_MS);
		self.clock.unix_ms.store(shown_ms, Ordering::Relaxed);
		self.early_ms = random.gen_range(0..=BEGINNING_OFF_MS);
		self.late_ms = random.gen_range(0..=BEGINNING_OFF_MS);
	}

	/// What it sees of a window at one of its blocks.
	fn view(&self, window: WindowIndex, offset: u32) -> View {
		let right = view(window, offset, &[self.device], self.clock.now());
		let early = right.began_at.saturating_sub(Duration::from_millis(self.early_ms));
		View { began_at: early + Duration::from_millis(self.late_ms), ..right }
	}

	/// Shows something to the running client, or starts one.
	fn show(&mut self, shown: View, world: &World) {
		match self.processes.first() {
			Some(process) => drop(process.views.send_replace(Some(Arc::new(shown)))),
			None => self.start(shown, &self.store.clone(), world, Vec::new()),
		}
	}

	/// Starts one client more.
	fn start(&mut self, first: View, store: &Arc<Store>, world: &World, outcomes: Vec<RadioError>) {
		let World { chain, metrics } = world;
		let device = self.device;
		let clock: Arc<dyn Clock> = self.clock.clone();
		let (radio, sent) = FakeRadio::new(clock.clone(), outcomes);
		let (views, receiver) = views(first);
		let (stop, shutdown) = shutdown::channel();
		let of_client = client_metrics();
		let (seen, asked) = (receiver.clone(), shutdown.clone());
		let receptions =
			start_witness(chain, store, metrics, &of_client, &[device], seen, asked.clone());
		let sender =
			start_delivery(chain, store, &of_client, true, receiver.clone(), asked.clone());
		let revealer = Revealer::new(store.clone(), of_client, sender, receiver.clone());
		tokio::spawn(revealer.run(asked));
		let (chain, store, metrics) = (chain.clone(), store.clone(), metrics.clone());
		let tools = Tools { chain, clock, radio, store, metrics };
		tokio::spawn(Beaconer::new(tools, gateways(&[device]), receiver).run(shutdown));
		self.processes.push(Process { _stop: stop, views, receptions, sent });
	}

	/// Begins a window.
	fn begin(&mut self, window: WindowIndex, fault: Fault, world: &World) {
		let now = self.view(window, 0);
		match fault {
			Fault::Fork | Fault::ForkAndLostStore => self.show(forked(now), world),
			Fault::Behind => {
				let before = self.view(window.saturating_sub(1), BLOCKS - 1);
				self.show(before, world);
			}
			Fault::TwoProcesses => {
				self.show(now.clone(), world);
				self.start(now, &store(), world, Vec::new());
			}
			Fault::Unacknowledged => {
				let silence = vec![RadioError::NotAcknowledged(mac(self.device)); 2];
				self.stop_all_but(0);
				self.start(now, &self.store.clone(), world, silence);
			}
			Fault::None | Fault::Restart | Fault::LostStore => self.show(now, world),
		}
	}

	/// Goes on in the middle of a window.
	fn go_on(&mut self, window: WindowIndex, fault: Fault, world: &World) {
		if fault.loses_the_store() {
			self.store = store();
		}
		if fault == Fault::Restart || fault.loses_the_store() {
			self.stop_all_but(0);
		}
		let now = self.view(window, BLOCKS / 2);
		self.show(now, world);
	}

	/// Stops clients until this number is left.
	fn stop_all_but(&mut self, count: usize) {
		self.left = self.take_frames();
		self.processes.truncate(count);
	}

	/// Takes the frames that its clients transmitted.
	fn take_frames(&mut self) -> Vec<Beacon> {
		let mut frames = std::mem::take(&mut self.left);
		for process in &mut self.processes {
			while let Ok((_, _, transmission)) = process.sent.try_recv() {
				frames.push(Beacon::from_bytes(&transmission.payload).expect("a beacon"));
			}
		}
		frames
	}
}

/// The same window on a fork, where another author gave it another seed.
fn forked(of: View) -> View {
	let seed = of.window.seed.map(|byte| !byte);
	View { window: WindowInfo { seed, ..of.window.clone() }, ..of }
}

/// What all machines share.
struct World {
	chain: Arc<FakeChain>,
	metrics: Arc<Metrics>,
}

/// What everyone could learn of the signatures of devices.
#[derive(Default)]
struct Public {
	signatures: BTreeMap<(DeviceId, WindowIndex), BTreeSet<[u8; 64]>>,
	frames: usize,
}

impl Public {
	fn note(&mut self, device: DeviceId, window: WindowIndex, signature: Signature) {
		self.signatures.entry((device, window)).or_default().insert(signature.0);
	}

	/// For how many challenges a device can be slashed.
	fn slashes(&self) -> usize {
		let is_evidence = |(challenged, signatures): (&(DeviceId, WindowIndex), &BTreeSet<_>)| {
			let (device, window) = *challenged;
			let (public, challenge) = (key(device).public(), challenge_id(device, window));
			let is_valid = |it: &&[u8; 64]| is_beacon_signed(&public, &challenge, &Signature(**it));
			signatures.iter().filter(is_valid).count() > 1
		};
		self.signatures.iter().filter(|it| is_evidence(*it)).count()
	}

	/// Challenges for which a device signed more than once, for whatever seed.
	fn signed_twice(&self) -> usize {
		self.signatures.values().filter(|signatures| signatures.len() > 1).count()
	}
}

/// Devices that hear each other.
struct Field {
	world: World,
	machines: Vec<Machine>,
	random: ChaCha8Rng,
	public: Public,
	/// How often each fault happened to a challenged device.
	faults: BTreeMap<Fault, u32>,
	challenges: usize,
	/// A device that is no honest one: it signs every challenge once more.
	doubler: Option<DeviceId>,
}

impl Field {
	fn new(seed: u64, doubler: Option<DeviceId>) -> Self {
		Self {
			world: World { chain: FakeChain::new(&DEVICES, BLOCKS), metrics: metrics() },
			machines: DEVICES.map(Machine::new).into(),
			random: ChaCha8Rng::seed_from_u64(seed),
			public: Public::default(),
			faults: BTreeMap::new(),
			challenges: 0,
			doubler,
		}
	}

	/// What happens to each device in a window, and whether it is challenged.
	fn plan(&mut self) -> Vec<(Fault, bool)> {
		let mut plan: Vec<_> = DEVICES
			.iter()
			.map(|_| match self.random.gen_ratio(1, INTERVAL_WINDOWS) {
				true => (FAULTS[self.random.gen_range(0..FAULTS.len())], true),
				false => (Fault::None, false),
			})
			.collect();
		// Clients that follow the same nodes are on the same fork.
		let is_forked = plan.iter().any(|(fault, _)| fault.is_fork());
		for (fault, _) in plan.iter_mut().filter(|(_, is_challenged)| is_forked && !is_challenged) {
			if self.random.gen_ratio(1, 2) {
				*fault = Fault::Fork;
			}
		}
		plan
	}

	/// Lives through a window.
	async fn live_window(&mut self, window: WindowIndex) {
		let plan = self.plan();
		self.world.chain.go_to(window * BLOCKS);
		for (machine, (fault, is_challenged)) in self.machines.iter_mut().zip(&plan) {
			machine.set_clocks(window, &mut self.random);
			if *is_challenged {
				self.world.chain.script().challenged.insert((machine.device, window));
				*self.faults.entry(*fault).or_default() += 1;
				self.challenges += 1;
			}
			machine.begin(window, *fault, &self.world);
		}
		let half = Duration::from_millis(WINDOW_MS / 2);
		tokio::time::sleep(half - GATHERED).await;
		self.air(window).await;
		self.world.chain.go_to(window * BLOCKS + BLOCKS / 2);
		for (machine, (fault, _)) in self.machines.iter_mut().zip(&plan) {
			machine.go_on(window, *fault, &self.world);
		}
		tokio::time::sleep(half - GATHERED).await;
		self.air(window).await;
		// A machine runs once from now on.
		self.machines.iter_mut().for_each(|machine| machine.stop_all_but(1));
	}

	/// Delivers what was transmitted, every frame twice, and waits until it is dealt with.
	async fn air(&mut self, window: WindowIndex) {
		let mut frames: Vec<_> = self.machines.iter_mut().flat_map(Machine::take_frames).collect();
		self.public.frames += frames.len();
		let of_doubler: Vec<_> =
			frames.iter().filter(|frame| Some(frame.device) == self.doubler).copied().collect();
		frames.extend(of_doubler.iter().map(|it| second_beacon(it.device, it.window(window))));
		for frame in &frames {
			self.public.note(frame.device, frame.window(window), frame.signature);
			for machine in self.machines.iter().filter(|it| it.device != frame.device) {
				for process in machine.processes.iter().chain(&machine.processes) {
					let heard = reception(machine.device, frame);
					process.receptions.send(heard).await.expect("the witness runs");
				}
			}
		}
		tokio::time::sleep(GATHERED).await;
	}

	/// Lives through a number of windows, and a few more, in which what is left is revealed.
	async fn live(&mut self, windows: WindowIndex) {
		for window in 1..=windows {
			self.live_window(window).await;
		}
		for window in windows + 1..=windows + 3 {
			self.world.chain.go_to(window * BLOCKS);
			for machine in &mut self.machines {
				machine.begin(window, Fault::None, &self.world);
			}
			tokio::time::sleep(Duration::from_millis(WINDOW_MS)).await;
		}
		let script = self.world.chain.script();
		let handed_in = script.handed_in.iter().map(|(_, report)| report);
		for reveal in handed_in.chain(&script.own).filter_map(|it| it.decode::<Reveal>()) {
			self.public.note(reveal.beaconer, reveal.window, reveal.signature);
		}
	}
}

#[tokio::test(start_paused = true)]
async fn honest_devices_are_never_slashed_whatever_their_machines_and_nodes_do() {
	let mut field = Field::new(1, None);
	field.live(days() * DAY_WINDOWS).await;
	assert_eq!(field.public.slashes(), 0);
	assert_eq!(field.world.metrics.evidence_found.get(), 0);

	// They were busy, and all of it happened to them.
	assert_eq!(field.faults.len(), FAULTS.len(), "{:?}", field.faults);
	let (frames, challenges) = (field.public.frames, field.challenges);
	assert!(frames > challenges, "{frames} frames of {challenges} challenges");
	let stated = field.world.metrics.statements.get();
	assert!(stated > challenges as u64, "{stated} statements about {challenges} challenges");
	assert!(field.public.signed_twice() > 0, "no device signed on two forks");
	assert!(field.world.metrics.beacons_forged.get() > 0, "no one heard a beacon of a fork");
}

#[tokio::test(start_paused = true)]
async fn device_that_signs_challenges_twice_is_slashed_in_the_same_field() {
	let mut field = Field::new(2, Some(DEVICES[0]));
	field.live(2 * DAY_WINDOWS).await;
	assert!(field.public.slashes() > 0);
	assert!(field.world.metrics.evidence_found.get() > 0);
}
