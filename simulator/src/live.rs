//! A field that runs against a node: the client with all its gateways, their packet forwarders, the
//! cheats, and what comes of it.

use std::{
	collections::BTreeMap,
	io,
	sync::{Arc, PoisonError},
	time::{Duration, Instant},
};

use groma_client::{
	chain::{At, BlockRef, Chain, ChainError, RpcChain},
	owner::{Owner, OwnerError},
	shutdown::{self, Shutdown},
	store::StoreError,
};
use groma_core::{
	EpochIndex,
	api::{EpochInfo, WindowInfo},
	money::Balance,
};
use groma_device::server::ServerError;
use tokio::time::{MissedTickBehavior, interval};

use crate::{
	air::AirCount,
	behaviour::Behaviour,
	census::{Census, Group},
	chronicle::Chronicle,
	claims::{self, Claimed},
	field::{Field, FieldError, FieldSpec},
	owners::{Accounts, OwnersError},
	screen::Screen,
	stage::Stage,
	summary,
};

/// How often what is shown is brought up to date.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// When nothing was paid for so long, nothing will be.
const PATIENCE: Duration = Duration::from_secs(600);

/// What to run.
#[derive(Clone, Debug)]
pub struct Simulation {
	/// The node's JSON-RPC.
	pub url: String,
	/// The account that funds the owners and triggers claims.
	pub funder: String,
	/// The field.
	pub spec: FieldSpec,
	/// How many of its honest devices sign a second beacon for every challenge.
	pub doublers: usize,
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
pub(crate) struct Status {
	/// The number of the best block.
	pub(crate) best: u32,
	/// Its window.
	pub(crate) window: WindowInfo,
	pub(crate) finalized: BlockRef,
	pub(crate) epoch: Option<EpochInfo>,
	pub(crate) air: AirCount,
	/// Why statements and reveals were refused before they came on chain, and how often.
	pub(crate) refusals: Vec<(String, u64)>,
	pub(crate) chronicle: Chronicle,
	pub(crate) census: Census,
	pub(crate) claimed: Vec<Claimed>,
}

impl Status {
	/// How many plancks were claimed so far.
	pub(crate) fn claimed_total(&self) -> Balance {
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
		let begun = tokio::select! {
			biased;
			() = shutdown.requested() => None,
			show = self.begin(field, stop) => Some(show?),
		};
		let Some(mut show) = begun else {
			println!("stopped before the field began");
			return Ok(());
		};
		// Whoever stops the simulation may stop the node as well: that is no failure then.
		let outcome = tokio::select! {
			biased;
			() = shutdown.requested() => {
				show.screen.close();
				println!("{}", show.summary());
				println!("stopped");
				Ok(())
			},
			outcome = show.run() => outcome,
		};
		trigger.fire();
		outcome
	}

	/// Gets the devices on chain and starts everything.
	async fn begin(self, field: Arc<Field>, stop: Shutdown) -> Result<Show, SimulationError> {
		let url = self.url.clone();
		let chain = Arc::new(RpcChain::new(vec![url], 1, Arc::default()));
		let client = Owner::connect(&self.url).await?;
		let funder = Arc::new(Owner::open(&self.funder)?);
		let accounts = Accounts { chain: chain.clone(), client, funder };
		println!("registering the devices, which takes a few blocks");
		let names = accounts.settle(&field).await?;
		let mut stage = Stage::new(field, chain, names, stop)?;
		stage.start_client(&self.url, accounts.funder.clone()).await?;
		stage.start_cheats();
		stage.start_doublers(self.doublers);
		stage.start_chronicle(&accounts);
		let status = stage.first_status().await?;
		Ok(Show { stage, accounts, is_once: self.is_once, status, screen: Screen::new() })
	}
}

/// The simulation as it goes on.
struct Show {
	stage: Stage,
	accounts: Accounts,
	is_once: bool,
	status: Status,
	screen: Screen,
}

impl Show {
	/// Runs until a part of it fails or, if that is asked for, until the first claims are paid.
	async fn run(&mut self) -> Result<(), SimulationError> {
		let began = Instant::now();
		let mut claimed_until = self.status.last_epoch();
		let mut tick = interval(LOOK_EVERY);
		tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
		loop {
			tokio::select! {
				failure = self.stage.failure() => return Err(failure),
				_ = tick.tick() => {},
			}
			match self.update().await {
				// A node that is gone for good shows in the chronicle, which ends.
				Err(SimulationError::Chain(error)) if error.is_retryable() => {
					tracing::debug!(target: "simulator::live", %error, "nothing new");
				}
				outcome => outcome?,
			}
			self.screen.show(&self.status);
			if self.status.last_epoch() > claimed_until {
				claimed_until = self.status.last_epoch();
				if let Some(claimed) = self.claim().await? {
					self.screen.note(&claimed.to_string());
					if self.is_once {
						self.screen.close();
						return self.conclude(&claimed);
					}
				}
			}
			if self.is_once && began.elapsed() > PATIENCE {
				self.screen.close();
				return Err(SimulationError::Unpaid(summary::why_unpaid(&self.status)));
			}
		}
	}

	/// Asks the chain what is new; about every device only when a window has begun.
	async fn update(&mut self) -> Result<(), SimulationError> {
		let (Stage { chain, names, .. }, status) = (&self.stage, &mut self.status);
		let window = chain.window(At::Best).await?;
		if window.index != status.window.index || status.census.0.is_empty() {
			status.census = Census::take(chain, names).await?;
		}
		self.stage.window.send_replace(window.index);
		status.window = window;
		status.best = chain.best_number().await?;
		status.finalized = chain.finalized().await?;
		status.epoch = chain.call("RewardsApi_epoch", (), At::Best).await?;
		status.air = self.stage.air.count();
		status.refusals = self.stage.refusals()?;
		status.chronicle = self.stage.chronicle.borrow().clone();
		Ok(())
	}

	/// Claims for every device to which something is owed; `None` if nothing is.
	async fn claim(&mut self) -> Result<Option<Claimed>, SimulationError> {
		let (Stage { chain, names, .. }, status) = (&self.stage, &mut self.status);
		let Some(epoch) = status.last_epoch() else { return Ok(None) };
		status.census = Census::take(chain, names).await?;
		let devices: Vec<_> = status.census.owed().map(|(device, _)| device).collect();
		let claimed = claims::claim(&self.accounts, &devices, epoch).await?;
		status.claimed.extend(claimed.clone());
		status.census = Census::take(chain, names).await?;
		Ok(claimed)
	}

	/// Tells what came of it; its last line says what was claimed.
	fn conclude(&self, claimed: &Claimed) -> Result<(), SimulationError> {
		println!("{}", self.summary());
		let groups = self.groups();
		match groups.iter().find(|(behaviour, group)| group.breaks(behaviour.verdict())) {
			Some((behaviour, _)) => Err(SimulationError::CheatEarned(*behaviour)),
			None => {
				println!("{claimed}");
				Ok(())
			}
		}
	}

	fn summary(&self) -> String {
		let attempts = self.stage.attempts.lock().unwrap_or_else(PoisonError::into_inner);
		summary::of_run(&self.status, &self.groups(), &attempts)
	}

	/// What the members of each behaviour did and earned.
	fn groups(&self) -> BTreeMap<Behaviour, Group> {
		let paid = |device| {
			let payments = self.status.claimed.iter().flat_map(|claimed| &claimed.payments);
			payments.filter(|(to, _)| *to == device).map(|(_, amount)| *amount).sum()
		};
		self.status.census.by_behaviour(&self.stage.field, paid)
	}
}
