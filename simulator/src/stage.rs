//! Everything that runs in a field, and what it shares.

use std::{
	collections::BTreeMap,
	net::{IpAddr, Ipv4Addr, SocketAddr},
	sync::{Arc, PoisonError},
	time::Duration,
};

use groma_client::{
	chain::{At, Chain, RpcChain},
	clock::SystemClock,
	delivery::Policy,
	keys::SoftKey,
	owner::Owner,
	shutdown::Shutdown,
	store::{Store, StoreError},
};
use groma_core::{DeviceId, WindowIndex};
use groma_device::{
	actors::reporter::{Account, OperatorAccount},
	fleet::Gateway,
	server::Server,
};
use groma_lora::{gwmp, radio::Mac};
use tokio::{sync::watch, task::JoinSet};

use crate::{
	air::{Air, AirCount},
	behaviour::Behaviour,
	census::Census,
	chronicle::{self, Chronicle},
	doubler,
	error::SimulationError,
	field::Field,
	forwarder::{Amplifier, Forwarder, ForwarderSettings},
	impostor,
	market::{Customers, Market, Supplier},
	owners::Accounts,
	rogue::{self, AttemptCounts, Rogues},
	status::{Status, Times},
};

/// Any free port on loopback.
const LOOPBACK: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
/// The time between two keep-alives of a packet forwarder.
const KEEPALIVE: Duration = Duration::from_secs(5);
/// For how many windows the client remembers what is settled.
const HISTORY_WINDOWS: u32 = 32;

/// Everything that runs, and what it shares.
pub(crate) struct Stage {
	pub(crate) field: Arc<Field>,
	pub(crate) air: Arc<Air>,
	pub(crate) chain: Arc<RpcChain>,
	pub(crate) names: Vec<Option<DeviceId>>,
	pub(crate) attempts: AttemptCounts,
	/// What the client remembers.
	store: Arc<Store>,
	pub(crate) window: watch::Sender<WindowIndex>,
	pub(crate) chronicle: watch::Sender<Chronicle>,
	pub(crate) market: watch::Sender<Market>,
	actors: JoinSet<Result<(), SimulationError>>,
	stop: Shutdown,
}

impl Stage {
	pub(crate) fn new(
		field: Arc<Field>,
		chain: Arc<RpcChain>,
		names: Vec<Option<DeviceId>>,
		stop: Shutdown,
	) -> Result<Self, StoreError> {
		Ok(Self {
			air: Air::new(field.clone()),
			field,
			chain,
			names,
			attempts: AttemptCounts::default(),
			store: Arc::new(Store::in_memory()?),
			window: watch::Sender::new(0),
			chronicle: watch::Sender::default(),
			market: watch::Sender::default(),
			actors: JoinSet::new(),
			stop,
		})
	}

	/// Why statements and reveals were refused before they came on chain, most frequent first.
	pub(crate) fn refusals(&self) -> Result<Vec<Times>, StoreError> {
		let mut counts = BTreeMap::<String, u64>::new();
		for refusal in self.store.summary()?.refusals {
			*counts.entry(refusal.reason).or_default() += u64::from(refusal.count);
		}
		for attempts in self.attempts.lock().unwrap_or_else(PoisonError::into_inner).values() {
			for (refusal, count) in &attempts.refusals {
				*counts.entry(refusal.clone()).or_default() += count;
			}
		}
		let counts = counts.into_iter().map(|(reason, count)| Times { reason, count });
		let mut counts: Vec<_> = counts.collect();
		counts.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.reason.cmp(&b.reason)));
		Ok(counts)
	}

	/// Starts one client for all gateways, and a packet forwarder for each.
	pub(crate) async fn start_client(
		&mut self,
		url: &str,
		reporter: Arc<Owner>,
	) -> Result<(), SimulationError> {
		let socket = gwmp::Socket::bind(LOOPBACK)?;
		let address = socket.local_addr()?;
		let served: Vec<usize> = self
			.field
			.members()
			.iter()
			.enumerate()
			.filter(|(_, member)| member.behaviour.is_device() && member.behaviour.radio().hears)
			.map(|(index, _)| index)
			.collect();
		let chain = Arc::new(RpcChain::new(vec![url.to_owned()], 1, Arc::default()));
		let account = OperatorAccount { chain: chain.clone(), owner: reporter };
		let server = Server {
			chain,
			clock: Arc::new(SystemClock::new()),
			store: self.store.clone(),
			gateways: served.iter().map(|member| gateway(&self.field, *member)).collect(),
			socket,
			policy: Policy { own_transactions: true, history_windows: HISTORY_WINDOWS },
			account: Some(Arc::new(account) as Arc<dyn Account>),
			client_metrics: Arc::default(),
			metrics: Arc::default(),
			exporter: None,
		};
		let stop = self.stop.clone();
		self.actors.spawn(async move { Ok(server.run(stop).await?) });
		for member in served {
			let Some(about) = self.field.members().get(member) else { continue };
			let settings = ForwarderSettings {
				server: address,
				mac: mac(member),
				station: about.station,
				behaviour: about.behaviour,
				keepalive: KEEPALIVE,
				amplifier: Amplifier::default(),
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
	pub(crate) fn start_cheats(&mut self) {
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

	/// Starts the second beacons of so many honest devices.
	pub(crate) fn start_doublers(&mut self, count: usize) {
		let members = self.field.members().iter().zip(&self.names).enumerate();
		let honest: Vec<(usize, DeviceId)> = members
			.filter(|(_, (member, _))| member.behaviour == Behaviour::Honest)
			.filter_map(|(index, (_, name))| Some((index, (*name)?)))
			.take(count)
			.collect();
		for (member, device) in honest {
			let (chain, air) = (self.chain.clone(), self.air.clone());
			let (window, stop) = (self.window.subscribe(), self.stop.clone());
			self.actors.spawn(async move {
				doubler::run(chain, air, member, device, window, stop).await;
				Ok(())
			});
		}
	}

	/// Starts so many customers that buy packets of honest devices, and one that overdraws its
	/// channel; none if no one sells.
	pub(crate) fn start_customers(&mut self, count: usize, seed: u64, accounts: &Accounts) {
		let members = self.field.members().iter().zip(&self.names);
		let suppliers: Vec<_> = members
			.filter(|(member, _)| member.behaviour == Behaviour::Honest)
			.filter_map(|(member, name)| Some(Supplier { device: (*name)?, owner: member.owner }))
			.collect();
		if count == 0 || suppliers.is_empty() {
			return;
		}
		// It is known from now on that they have something to do.
		self.market.send_modify(|market| market.customers = count);
		let (accounts, market) = (accounts.clone(), self.market.clone());
		let suppliers = Arc::new(suppliers);
		let customers = Customers { accounts, suppliers, count, seed, market };
		let stop = self.stop.clone();
		self.actors.spawn(async move { Ok(customers.run(stop).await?) });
	}

	pub(crate) fn start_chronicle(&mut self, accounts: &Accounts) {
		let (client, sender) = (accounts.client.clone(), self.chronicle.clone());
		let stop = self.stop.clone();
		self.actors.spawn(async move {
			chronicle::follow(client, sender, stop)
				.await
				.map_err(|error| SimulationError::Blocks(error.to_string()))
		});
	}

	pub(crate) async fn first_status(&self) -> Result<Status, SimulationError> {
		Ok(Status {
			best: self.chain.best_number().await?,
			window: self.chain.window(At::Best).await?,
			finalized: self.chain.finalized().await?,
			epoch: self.chain.epoch(At::Best).await?,
			price: self.chain.price(At::Best).await?,
			supply: self.chain.supply(At::Best).await?.ok_or(SimulationError::Books)?,
			market: Market::default(),
			air: AirCount::default(),
			refusals: Vec::new(),
			chronicle: Chronicle::default(),
			census: Census::default(),
			claimed: Vec::new(),
		})
	}

	/// Waits until a part of the simulation ends, which none does unasked unless it fails.
	pub(crate) async fn failure(&mut self) -> SimulationError {
		match self.actors.join_next().await {
			Some(Ok(Err(error))) => error,
			Some(_) => SimulationError::Failed,
			None => std::future::pending().await,
		}
	}
}

fn gateway(field: &Field, member: usize) -> Gateway {
	Gateway {
		mac: mac(member),
		address: None,
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
