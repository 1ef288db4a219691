//! A field that runs against a node: the client with all its gateways, their packet forwarders, the
//! cheats, and what comes of it.

use std::{
	collections::BTreeMap,
	io,
	sync::{Arc, PoisonError},
	time::{Duration, Instant},
};

use groma_core::{
	DeviceId, EpochIndex, WindowIndex,
	api::{EpochInfo, WindowInfo},
	money::Balance,
};
use tokio::{
	net::UdpSocket,
	sync::watch,
	task::JoinSet,
	time::{MissedTickBehavior, interval},
};

use super::{
	air::{Air, AirCount},
	behaviour::Behaviour,
	census::{Census, Group},
	chronicle::{self, Chronicle},
	claims::{self, Claimed},
	field::{Field, FieldError, FieldSpec},
	forwarder::{Forwarder, ForwarderSettings},
	impostor,
	owners::{Accounts, OwnersError},
	rogue::{self, AttemptCounts, Rogues},
	screen::Screen,
	summary,
};
use crate::{
	chain::{At, BlockRef, Chain, ChainError, RpcChain},
	clock::SystemClock,
	delivery::Policy,
	fleet::Gateway,
	keys::SoftKey,
	metrics::Metrics,
	owner::{Owner, OwnerError},
	radio::Mac,
	server::{Server, ServerError},
	shutdown::{self, Shutdown},
	store::{Store, StoreError},
};

/// How often what is shown is brought up to date.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The time between two keep-alives of a packet forwarder.
const KEEPALIVE: Duration = Duration::from_secs(5);
/// When nothing was paid for so long, nothing will be.
const PATIENCE: Duration = Duration::from_secs(600);
/// For how many windows the client remembers what is settled.
const HISTORY_WINDOWS: u32 = 32;

/// What to run.
#[derive(Clone, Debug)]
pub struct Simulation {
	/// The node's JSON-RPC.
	pub url: String,
	/// The account that funds the owners and triggers claims.
	pub funder: String,
	/// The field.
	pub spec: FieldSpec,
	/// Whether to end after the first paid claims.
	pub is_once: bool,
}

/// Why a simulation ends before its time, or does not begin.
#[derive(Debug, thiserror::Error)]
pub enum SimulationError {
	/// There is no such field.
	#[error(transparent)]
	Field(#[from] FieldError),
	/// The chain does not answer.
	#[error(transparent)]
	Chain(#[from] ChainError),
	/// An account cannot be used.
	#[error(transparent)]
	Owner(#[from] OwnerError),
	/// The devices do not get on chain.
	#[error(transparent)]
	Owners(#[from] OwnersError),
	/// The client's store cannot be used.
	#[error(transparent)]
	Store(#[from] StoreError),
	/// The client failed.
	#[error(transparent)]
	Server(#[from] ServerError),
	/// A socket cannot be opened.
	#[error("a socket on loopback cannot be opened: {0}")]
	Socket(#[from] io::Error),
	/// The node's blocks cannot be read.
	#[error("the node's finalized blocks cannot be read: {0}")]
	Blocks(String),
	/// A part of the simulation ended although nobody asked it to.
	#[error("a part of the simulation failed; report the lines before this one")]
	Failed,
	/// Nothing was paid in time.
	#[error("no coverage was paid within {minutes} minutes: {0}", minutes = PATIENCE.as_secs() / 60)]
	Unpaid(String),
	/// A cheat earned.
	#[error("{0} earned, which the rules should prevent: this is a bug of the chain")]
	CheatEarned(Behaviour),
}

/// What a simulation looks like at a moment.
#[derive(Clone, Debug)]
pub(super) struct Status {
	pub(super) best: WindowInfo,
	pub(super) finalized: BlockRef,
	pub(super) epoch: Option<EpochInfo>,
	pub(super) air: AirCount,
	pub(super) chronicle: Chronicle,
	pub(super) census: Census,
	pub(super) claimed: Vec<Claimed>,
}

impl Status {
	/// How many plancks were claimed so far.
	pub(super) fn claimed_total(&self) -> Balance {
		self.claimed.iter().fold(0, |sum, claimed| sum.saturating_add(claimed.amount))
	}

	/// The last closed epoch.
	fn last_epoch(&self) -> Option<EpochIndex> {
		self.epoch.as_ref()?.last_closed
	}
}

impl Simulation {
	/// Runs until it is to stop or, if that is asked for, until the first claims are paid.
	pub async fn run(self, mut shutdown: Shutdown) -> Result<(), SimulationError> {
		let field = Arc::new(Field::new(&self.spec)?);
		println!("{}", summary::of_field(&field, self.spec.seed));
		let (trigger, stop) = shutdown::channel();
		let mut show = tokio::select! {
			() = shutdown.requested() => return Ok(()),
			show = self.begin(field, stop) => show?,
		};
		let outcome = show.run(shutdown).await;
		trigger.fire();
		outcome
	}

	/// Gets the devices on chain and starts everything.
	async fn begin(self, field: Arc<Field>, stop: Shutdown) -> Result<Show, SimulationError> {
		let metrics = Arc::new(Metrics::default());
		let url = self.url.clone();
		let chain = Arc::new(RpcChain::new(vec![url], 1, Arc::new(Metrics::default())));
		let client = Owner::connect(&self.url).await?;
		let funder = Arc::new(Owner::open(&self.funder)?);
		let accounts = Accounts { chain: chain.clone(), client, funder };
		println!("registering the devices, which takes a few blocks");
		let names = accounts.settle(&field).await?;
		let mut stage = Stage::new(field, chain, names, stop);
		stage.start_client(&self.url, metrics).await?;
		stage.start_cheats();
		stage.start_chronicle(&accounts);
		Ok(Show { stage, accounts, is_once: self.is_once })
	}
}

/// Everything that runs, and what it shares.
struct Stage {
	field: Arc<Field>,
	air: Arc<Air>,
	chain: Arc<RpcChain>,
	names: Vec<Option<DeviceId>>,
	attempts: AttemptCounts,
	window: watch::Sender<WindowIndex>,
	chronicle: watch::Sender<Chronicle>,
	actors: JoinSet<Result<(), SimulationError>>,
	stop: Shutdown,
}

impl Stage {
	fn new(
		field: Arc<Field>,
		chain: Arc<RpcChain>,
		names: Vec<Option<DeviceId>>,
		stop: Shutdown,
	) -> Self {
		Self {
			air: Air::new(field.clone()),
			field,
			chain,
			names,
			attempts: AttemptCounts::default(),
			window: watch::Sender::new(0),
			chronicle: watch::Sender::default(),
			actors: JoinSet::new(),
			stop,
		}
	}

	/// Starts one client for all gateways, and a packet forwarder for each.
	async fn start_client(
		&mut self,
		url: &str,
		metrics: Arc<Metrics>,
	) -> Result<(), SimulationError> {
		let socket = UdpSocket::bind(("127.0.0.1", 0)).await?;
		let address = socket.local_addr()?;
		let served: Vec<usize> = self
			.field
			.members()
			.iter()
			.enumerate()
			.filter(|(_, member)| member.behaviour.is_device() && member.behaviour.radio().hears)
			.map(|(index, _)| index)
			.collect();
		let server = Server {
			chain: Arc::new(RpcChain::new(vec![url.to_owned()], 1, metrics.clone())),
			clock: Arc::new(SystemClock::new()),
			store: Arc::new(Store::in_memory()?),
			gateways: served.iter().map(|member| gateway(&self.field, *member)).collect(),
			socket,
			policy: Policy { own_transactions: true, history_windows: HISTORY_WINDOWS },
			metrics,
			exporter: None,
		};
		let stop = self.stop.clone();
		self.actors.spawn(async move { Ok(server.run(stop).await?) });
		for member in served {
			let Some(about) = self.field.members().get(member) else { continue };
			let settings = ForwarderSettings {
				server: address,
				mac: mac(member).0,
				station: about.station,
				behaviour: about.behaviour,
				keepalive: KEEPALIVE,
			};
			let forwarder = Forwarder::open(settings, self.air.clone()).await?;
			let stop = self.stop.clone();
			self.actors.spawn(async move {
				forwarder.run(stop).await;
				Ok(())
			});
		}
		Ok(())
	}

	/// Starts what cheats without the client.
	fn start_cheats(&mut self) {
		if self.field.members().iter().any(|member| rogue::forges(member.behaviour)) {
			let (chain, field) = (self.chain.clone(), self.field.clone());
			let rogues = Rogues::new(chain, field, self.names.clone(), self.attempts.clone());
			let stop = self.stop.clone();
			self.actors.spawn(async move {
				rogues.run(stop).await;
				Ok(())
			});
		}
		let victims: Vec<_> = self.names.iter().flatten().copied().collect();
		for member in self.field.members().iter() {
			if member.behaviour == Behaviour::Impostor {
				let (air, window) = (self.air.clone(), self.window.subscribe());
				let impostor =
					impostor::run(air, member.station, victims.clone(), window, self.stop.clone());
				self.actors.spawn(async move {
					impostor.await;
					Ok(())
				});
			}
		}
	}

	fn start_chronicle(&mut self, accounts: &Accounts) {
		let (client, sender) = (accounts.client.clone(), self.chronicle.clone());
		let stop = self.stop.clone();
		self.actors.spawn(async move {
			chronicle::follow(client, sender, stop)
				.await
				.map_err(|error| SimulationError::Blocks(error.to_string()))
		});
	}

	/// Waits until a part of the simulation ends, which none does unasked unless it fails.
	async fn failure(&mut self) -> SimulationError {
		match self.actors.join_next().await {
			Some(Ok(Err(error))) => error,
			Some(_) => SimulationError::Failed,
			None => std::future::pending().await,
		}
	}
}

/// The simulation as it goes on.
struct Show {
	stage: Stage,
	accounts: Accounts,
	is_once: bool,
}

impl Show {
	async fn run(&mut self, mut shutdown: Shutdown) -> Result<(), SimulationError> {
		let began = Instant::now();
		let mut screen = Screen::new();
		let mut status = self.first_status().await?;
		let mut claimed_until = status.last_epoch();
		let mut tick = interval(LOOK_EVERY);
		tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
		loop {
			tokio::select! {
				// Whoever stops the simulation may stop the node as well: that is no failure then.
				biased;
				() = shutdown.requested() => {
					screen.close();
					println!("{}", self.summary(&status));
					return Ok(());
				},
				failure = self.stage.failure() => return Err(failure),
				_ = tick.tick() => {},
			}
			match self.update(&mut status).await {
				// A node that is gone for good shows in the chronicle, which ends.
				Err(SimulationError::Chain(error)) if error.is_retryable() => {
					tracing::debug!(target: "simulator::live", %error, "nothing new");
				}
				outcome => outcome?,
			}
			screen.show(&status);
			if status.last_epoch() > claimed_until {
				claimed_until = status.last_epoch();
				if let Some(claimed) = self.claim(&mut status).await? {
					screen.note(&claimed.to_string());
					if self.is_once {
						screen.close();
						return self.conclude(&status, &claimed);
					}
				}
			}
			if self.is_once && began.elapsed() > PATIENCE {
				screen.close();
				return Err(SimulationError::Unpaid(summary::why_unpaid(&status)));
			}
		}
	}

	async fn first_status(&self) -> Result<Status, SimulationError> {
		Ok(Status {
			best: self.stage.chain.window(At::Best).await?,
			finalized: self.stage.chain.finalized().await?,
			epoch: self.stage.chain.call("RewardsApi_epoch", (), At::Best).await?,
			air: AirCount::default(),
			chronicle: Chronicle::default(),
			census: Census::default(),
			claimed: Vec::new(),
		})
	}

	/// Asks the chain what is new; about every device only when a window has begun.
	async fn update(&self, status: &mut Status) -> Result<(), SimulationError> {
		let Stage { chain, names, .. } = &self.stage;
		let window = chain.window(At::Best).await?;
		if window.index != status.best.index || status.census.0.is_empty() {
			status.census = Census::take(chain, names).await?;
		}
		self.stage.window.send_replace(window.index);
		status.best = window;
		status.finalized = chain.finalized().await?;
		status.epoch = chain.call("RewardsApi_epoch", (), At::Best).await?;
		status.air = self.stage.air.count();
		status.chronicle = self.stage.chronicle.borrow().clone();
		Ok(())
	}

	/// Claims for every device to which something is owed; `None` if nothing is.
	async fn claim(&self, status: &mut Status) -> Result<Option<Claimed>, SimulationError> {
		let Some(epoch) = status.last_epoch() else { return Ok(None) };
		status.census = Census::take(&self.stage.chain, &self.stage.names).await?;
		let devices: Vec<_> = status.census.owed().map(|(device, _)| device).collect();
		let claimed = claims::claim(&self.accounts, &devices, epoch).await?;
		status.claimed.extend(claimed.clone());
		status.census = Census::take(&self.stage.chain, &self.stage.names).await?;
		Ok(claimed)
	}

	/// Tells what came of it; its last line says what was claimed.
	fn conclude(&self, status: &Status, claimed: &Claimed) -> Result<(), SimulationError> {
		println!("{}", self.summary(status));
		let groups = self.groups(status);
		match groups.iter().find(|(behaviour, group)| group.breaks(behaviour.verdict())) {
			Some((behaviour, _)) => Err(SimulationError::CheatEarned(*behaviour)),
			None => {
				println!("{claimed}");
				Ok(())
			}
		}
	}

	fn summary(&self, status: &Status) -> String {
		let attempts = self.stage.attempts.lock().unwrap_or_else(PoisonError::into_inner);
		summary::of_run(status, &self.groups(status), &attempts)
	}

	/// What the members of each behaviour did and earned.
	fn groups(&self, status: &Status) -> BTreeMap<Behaviour, Group> {
		let paid = |device| {
			let payments = status.claimed.iter().flat_map(|claimed| &claimed.payments);
			payments.filter(|(to, _)| *to == device).map(|(_, amount)| *amount).sum()
		};
		status.census.by_behaviour(&self.stage.field, paid)
	}
}

fn gateway(field: &Field, member: usize) -> Gateway {
	Gateway {
		mac: mac(member),
		key: Arc::new(SoftKey::from_secret(&field.session_key(member).to_bytes())),
		antenna_gain_deci_db: 0,
		power_dbm_max: 27,
	}
}

/// The identifier of a member's gateway.
fn mac(member: usize) -> Mac {
	let mut bytes = (member as u64).to_be_bytes();
	bytes[0] = 0xF1;
	Mac(bytes)
}
