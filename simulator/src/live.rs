//! A field that runs against a node: the client with all its gateways, their packet forwarders, the
//! cheats, and what comes of it.

use std::{
	collections::BTreeMap,
	sync::{Arc, PoisonError},
	time::{Duration, Instant},
};

use groma_client::{
	chain::{At, Chain, RpcChain},
	owner::Owner,
	shutdown::{self, Shutdown},
};
use groma_core::NetworkId;
use tokio::time::{MissedTickBehavior, interval};

use crate::{
	behaviour::Behaviour,
	census::{Census, Group},
	claims::{self, Claimed},
	error::SimulationError,
	field::{Field, FieldSpec},
	output::Output,
	owners::Accounts,
	screen::Screen,
	stage::Stage,
	status::Status,
	summary::{self, Outcome, Summary},
};

/// How often what is shown is brought up to date.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// When nothing was paid for so long, nothing will be.
const PATIENCE: Duration = Duration::from_secs(600);

/// What to run.
#[derive(Clone, Debug)]
pub(crate) struct Simulation {
	/// The node's JSON-RPC.
	pub(crate) url: String,
	/// The account that funds the owners and triggers claims.
	pub(crate) funder: String,
	/// The field.
	pub(crate) spec: FieldSpec,
	/// The network that its devices serve.
	pub(crate) network: NetworkId,
	/// How many of its honest devices sign a second beacon for every challenge.
	pub(crate) doublers: usize,
	/// How many customers buy packets, besides one that overdraws its channel; if none, no one
	/// does.
	pub(crate) customers: usize,
	/// Whether to end after the first paid claims.
	pub(crate) is_once: bool,
	/// How it answers.
	pub(crate) output: Output,
}

impl Simulation {
	/// Runs until it is to stop or, if that is asked for, until the first claims are paid.
	pub(crate) async fn run(self, mut shutdown: Shutdown) -> Result<(), SimulationError> {
		let field = Arc::new(Field::new(&self.spec)?);
		let output = self.output;
		output.say(&summary::of_field(&field, self.spec.seed));
		let (trigger, stop) = shutdown::channel();
		let begun = tokio::select! {
			biased;
			() = shutdown.requested() => None,
			show = self.begin(field, stop) => Some(show?),
		};
		let Some(mut show) = begun else {
			output.say("stopped before the field began");
			return Ok(output.print(&Summary::of_nothing())?);
		};
		// Who stops the simulation may stop the node as well: that is no failure then.
		let outcome = tokio::select! {
			biased;
			() = shutdown.requested() => {
				show.screen.close();
				show.end(Outcome::Stopped, "stopped")
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
		let funder = Arc::new(Owner::open(&self.funder)?);
		let client = funder.connect(&self.url).await?;
		let network = self.network;
		let accounts = Accounts { chain: chain.clone(), client, funder, network };
		self.output.say(
			"setting stake aside behind the devices, and registering the devices, which takes a few blocks",
		);
		let names = accounts.settle(&field).await?;
		let mut stage = Stage::new(field, chain, names, stop)?;
		stage.start_client(&self.url, accounts.funder.clone()).await?;
		stage.start_cheats();
		stage.start_doublers(self.doublers);
		stage.start_chronicle(&accounts);
		stage.start_customers(self.customers, self.spec.seed, &accounts);
		let status = stage.first_status().await?;
		let screen = Screen::new(self.output);
		let Self { is_once, doublers, output, .. } = self;
		Ok(Show { stage, accounts, is_once, doublers, status, output, screen })
	}
}

/// The simulation as it goes on.
struct Show {
	stage: Stage,
	accounts: Accounts,
	is_once: bool,
	doublers: usize,
	status: Status,
	output: Output,
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
				// A node that stays away shows in the chronicle, which ends.
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
					if self.is_once && self.is_complete() {
						self.screen.close();
						return self.conclude(&claimed);
					}
				}
			}
			if self.is_once && began.elapsed() > PATIENCE {
				self.screen.close();
				let minutes = PATIENCE.as_secs() / 60;
				let reason = summary::why_unpaid(&self.status, self.doublers > 0);
				return Err(SimulationError::Unpaid { minutes, reason });
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
		status.epoch = chain.epoch(At::Best).await?;
		status.price = chain.price(At::Best).await?;
		status.supply = chain.supply(At::Best).await?.ok_or(SimulationError::Books)?;
		status.market = self.stage.market.borrow().clone();
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
		status.supply = chain.supply(At::Best).await?.ok_or(SimulationError::Books)?;
		status.market = self.stage.market.borrow().clone();
		Ok(claimed)
	}

	/// Whether everything happened that a run is to show: proven work is paid, and what customers
	/// bought, and a device that signs two beacons was reported, if one does.
	fn is_complete(&self) -> bool {
		let is_reported = self.doublers == 0 || self.status.chronicle.bans > 0;
		self.status.market.is_done() && self.status.is_supply_claimed() && is_reported
	}

	/// Says what came of it.
	fn conclude(&self, claimed: &Claimed) -> Result<(), SimulationError> {
		let groups = self.groups();
		match groups.iter().find(|(behaviour, group)| group.breaks(behaviour.verdict())) {
			Some((behaviour, _)) => {
				self.end(Outcome::CheatEarned, "a cheat earned")?;
				Err(SimulationError::CheatEarned(*behaviour))
			}
			None => self.end(Outcome::Paid, &self.last_words(claimed)),
		}
	}

	/// What was paid, by customers if there are any, and by the claims; and what two beacons cost.
	fn last_words(&self, claimed: &Claimed) -> String {
		let paid = match self.status.market.customers {
			0 => claimed.to_string(),
			_ => format!("{}\n{claimed}", self.status.market.paid_line()),
		};
		match summary::reported(&self.status.chronicle) {
			Some(reported) => format!("{paid}\n{reported}"),
			None => paid,
		}
	}

	/// Prints the summary, and last words for people.
	fn end(&self, outcome: Outcome, last_words: &str) -> Result<(), SimulationError> {
		let attempts = self.stage.attempts.lock().unwrap_or_else(PoisonError::into_inner);
		let summary = Summary::of(outcome, &self.status, &self.groups(), &attempts);
		self.output.say(&format!("{summary}\n{last_words}"));
		Ok(self.output.print(&summary)?)
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
