//! Customers: they mint credits, open a channel each, sign vouchers for a made-up number of packets
//! of honest gateways, and an owner of gateways claims those. One more promises more than its
//! channel holds, and loses its bond. All of it goes through the library of `groma-payer`.

use std::{sync::Arc, time::Duration};

use groma_client::{
	amount::Amount,
	chain::{At, Chain},
	keys::{DeviceKey, SoftKey},
	owner::{Owner, OwnerError},
	shutdown::Shutdown,
};
use groma_core::{
	DeviceId,
	money::{Balance, Credits, GRM, MINT_CREDITS_MIN, Price},
	protocol::BOND_CREDITS_MIN,
	voucher::Seat,
	words::{Hash, SignerKey},
};
use groma_payer::{
	book::{Book, BookError, BookedChannel},
	calls::{ChannelOrder, Minted, Opened, PayerCall, burn_max, expiry},
	claims::{ChainCounter, VoucherClaims, claim_all},
	voucher::{self, SignedVoucher, Signer},
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tokio::{sync::watch, task::JoinSet, time::sleep};

use crate::owners::{Accounts, account_of, retried};

/// The most gateways from which one customer buys.
const GATEWAYS_MAX: usize = 12;
/// The credits of a customer's channel: more than all packets that it buys can cost.
const CHANNEL_CREDITS: Credits = 100_000;
/// The packets that a customer buys of a gateway: no more than it can deliver in a second, since
/// the chain takes no more.
const PACKETS: std::ops::RangeInclusive<u64> = 100..=400;
/// What one of them costs, in credits: one for each 24 bytes.
const CREDITS_PER_PACKET: std::ops::RangeInclusive<u64> = 1..=11;
/// What the customer that overdraws promises to each of its gateways, and for how many packets.
const OVERDRAWN: Seat = Seat { credits: 3_000, units: 300 };
/// The most gateways to which it promises that.
const OVERDRAWN_GATEWAYS_MAX: usize = 3;
/// By how many credits its channel falls short of what it promises.
const SHORTFALL: Credits = 1_000;
/// For how many days channels are opened: the fewest.
const DAYS: u32 = 1;
/// By how many percent the price may rise between two blocks.
const RISE_PERCENT: u32 = 50;
/// What a customer gets for fees and deposits.
const EXPENSES: Balance = 20 * GRM;
/// The pause before the chain is asked again.
const PAUSE: Duration = Duration::from_secs(1);
/// How often a claim is tried whose node does not answer.
const ATTEMPTS: usize = 5;

/// Why a customer does not get on.
#[derive(Debug, thiserror::Error)]
pub enum MarketError {
	/// The chain does not answer.
	#[error(transparent)]
	Chain(#[from] groma_client::chain::ChainError),
	/// They get no GRM.
	#[error("funding the customers: {0}")]
	Funds(OwnerError),
	/// Its transaction fails.
	#[error("customer {customer}, {what}: {source}")]
	Account {
		/// Which.
		customer: usize,
		/// What it was for.
		what: &'static str,
		/// What went wrong.
		source: OwnerError,
	},
	/// Its book does not take a promise.
	#[error("customer {0}: {1}")]
	Book(usize, BookError),
	/// Its channel is not on chain.
	#[error("customer {0} opened a channel that the finalized chain does not know")]
	NoChannel(usize),
	/// What it does was cut off.
	#[error("a customer failed; report the lines before this one")]
	CutOff,
	/// Its vouchers are not paid.
	#[error("the vouchers of customer {0} are not paid as they should be: {1}")]
	Unpaid(usize, String),
}

/// A gateway that sells packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Supplier {
	/// Its id.
	pub(crate) device: DeviceId,
	/// Who owns it, by its number.
	pub(crate) owner: u32,
}

/// What customers did so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Market {
	/// Customers that pay what they promise.
	pub(crate) customers: usize,
	/// Of these and the one that overdraws: who is done.
	pub(crate) done: usize,
	/// Credits that all of them minted.
	pub(crate) credits_minted: u128,
	/// What they burned for them.
	pub(crate) burned: Balance,
	/// What was claimed of those that pay.
	pub(crate) bought: Bought,
	/// What was claimed of the one that overdraws.
	pub(crate) overdrawn: Bought,
	/// The bond that it lost.
	pub(crate) bond_burned: Option<Balance>,
}

/// What was claimed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bought {
	/// Vouchers that were paid.
	pub(crate) vouchers: usize,
	/// Credits that they burned.
	pub(crate) credits: u128,
	/// Units that were delivered for them.
	pub(crate) units: u128,
	/// What owners of gateways are owed for them, in plancks.
	pub(crate) paid: Balance,
}

impl Bought {
	fn add(&mut self, claims: &VoucherClaims) {
		self.vouchers = self.vouchers.saturating_add(claims.paid_count());
		self.credits = self.credits.saturating_add(claims.credits);
		self.units = self.units.saturating_add(claims.units);
		self.paid = self.paid.saturating_add(claims.paid.0);
	}
}

impl Market {
	/// Whether everything was bought that was to be, and the overdrawn channel is closed.
	pub(crate) fn is_done(&self) -> bool {
		self.customers == 0 || self.done > self.customers
	}

	/// What owners of gateways are owed by demand, in plancks.
	pub(crate) fn paid_total(&self) -> Balance {
		self.bought.paid.saturating_add(self.overdrawn.paid)
	}

	/// What customers paid, in one line.
	pub(crate) fn paid_line(&self) -> String {
		let (paid, units) = (Amount(self.bought.paid), self.bought.units);
		format!("paid {paid} for {units} units of {} customers", self.customers)
	}
}

/// Everything that customers need.
#[derive(Clone)]
pub(crate) struct Customers {
	/// The way to the chain, and who sends them GRM.
	pub(crate) accounts: Accounts,
	/// Who sells.
	pub(crate) suppliers: Arc<Vec<Supplier>>,
	/// How many customers pay what they promise; one more overdraws.
	pub(crate) count: usize,
	/// From what their purchases are drawn.
	pub(crate) seed: u64,
	/// What they did, for others to see.
	pub(crate) market: watch::Sender<Market>,
}

impl Customers {
	/// Has them buy, and then waits until the simulation is to stop.
	pub(crate) async fn run(self, mut stop: Shutdown) -> Result<(), MarketError> {
		tokio::select! {
			() = stop.requested() => return Ok(()),
			outcome = self.buy() => outcome?,
		}
		stop.requested().await;
		Ok(())
	}

	async fn buy(&self) -> Result<(), MarketError> {
		let price = self.price().await?;
		let purchases = Purchase::drawn(&self.suppliers, self.count, self.seed);
		let funds = |purchase: &Purchase| {
			let credits = purchase.credits.max(MINT_CREDITS_MIN);
			let needed = price.burn_for(credits.saturating_add(2 * BOND_CREDITS_MIN));
			// The price may fall until the credits are minted.
			needed.saturating_mul(4).saturating_add(EXPENSES)
		};
		let mut amounts = Vec::with_capacity(purchases.len());
		for purchase in &purchases {
			let customer = account(purchase.customer).map_err(purchase.failed("its key"))?;
			amounts.push((customer.account(), funds(purchase)));
		}
		self.accounts.send(&amounts).await.map_err(MarketError::Funds)?;
		let mut running = JoinSet::new();
		for purchase in purchases {
			let customers = self.clone();
			running.spawn(async move { purchase.carry_out(&customers).await });
		}
		while let Some(outcome) = running.join_next().await {
			outcome.map_err(|_| MarketError::CutOff)??;
		}
		Ok(())
	}

	/// The price at which credits are minted, once there is one.
	async fn price(&self) -> Result<Price, MarketError> {
		loop {
			match self.accounts.chain.price(At::Best).await {
				Ok(info) => {
					if let Some(price) = info.and_then(|info| info.mint) {
						return Ok(price);
					}
				}
				Err(error) if error.is_retryable() => {}
				Err(error) => return Err(error.into()),
			}
			sleep(PAUSE).await;
		}
	}
}

/// What a customer buys.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Purchase {
	/// Who, by its number.
	customer: usize,
	/// The credits of its channel.
	credits: Credits,
	/// What it promises, and to whom.
	promises: Vec<(Supplier, Seat)>,
	/// Whether that is more than the channel holds.
	overdraws: bool,
}

impl Purchase {
	/// What so many customers buy of these gateways, and what the one promises that overdraws.
	fn drawn(suppliers: &[Supplier], count: usize, seed: u64) -> Vec<Self> {
		let mut random = ChaCha8Rng::seed_from_u64(seed);
		let mut purchases = Vec::with_capacity(count.saturating_add(1));
		for customer in 0..count {
			let mut promises = Vec::new();
			for supplier in suppliers_of(suppliers, customer, GATEWAYS_MAX) {
				let units = random.gen_range(PACKETS);
				let credits = units.saturating_mul(random.gen_range(CREDITS_PER_PACKET));
				promises.push((supplier, Seat { credits, units }));
			}
			let credits = CHANNEL_CREDITS;
			purchases.push(Self { customer, credits, promises, overdraws: false });
		}
		let sellers = suppliers_of(suppliers, count, OVERDRAWN_GATEWAYS_MAX);
		let promises: Vec<_> = sellers.map(|supplier| (supplier, OVERDRAWN)).collect();
		let promised = OVERDRAWN.credits.saturating_mul(promises.len() as u64);
		let credits = promised.saturating_sub(SHORTFALL);
		purchases.push(Self { customer: count, credits, promises, overdraws: true });
		purchases
	}

	fn failed(&self, what: &'static str) -> impl Fn(OwnerError) -> MarketError + use<> {
		let customer = self.customer;
		move |source| MarketError::Account { customer, what, source }
	}

	/// Buys everything, and has an owner of gateways claim it.
	async fn carry_out(self, customers: &Customers) -> Result<(), MarketError> {
		let payer = account(self.customer).map_err(self.failed("its key"))?;
		self.mint(customers, &payer).await?;
		let key = SoftKey::generate();
		let opened = self.open(customers, &payer, SignerKey(key.public().0)).await?;
		let vouchers = self.vouchers(customers, key, &opened).await?;
		let claims = self.claim(customers, &vouchers).await?;
		let bond = claims.batches.iter().find_map(|batch| batch.bond_burned);
		if self.overdraws != bond.is_some() || (!self.overdraws && claims.failed_count() > 0) {
			return Err(MarketError::Unpaid(self.customer, claims.to_string()));
		}
		customers.market.send_modify(|market| {
			market.done = market.done.saturating_add(1);
			match bond {
				Some(bond) => {
					market.overdrawn.add(&claims);
					market.bond_burned = Some(bond.0);
				}
				None => market.bought.add(&claims),
			}
		});
		Ok(())
	}

	async fn mint(&self, customers: &Customers, payer: &Owner) -> Result<(), MarketError> {
		let failed = self.failed("minting credits");
		let credits = self.credits.max(MINT_CREDITS_MIN);
		let price = customers.price().await?;
		let call = PayerCall::Mint { credits, burn_max: burn_max(price, credits, RISE_PERCENT) };
		let accounts = &customers.accounts;
		let call = retried(|| call.prepare(&accounts.client)).await.map_err(&failed)?;
		let events = accounts.submit(payer, &call).await.map_err(&failed)?;
		let minted = Minted::of(&events).map_err(&failed)?;
		customers.market.send_modify(|market| {
			market.credits_minted = market.credits_minted.saturating_add(minted.credits.into());
			market.burned = market.burned.saturating_add(minted.burned.0);
		});
		Ok(())
	}

	async fn open(
		&self,
		customers: &Customers,
		payer: &Owner,
		signer: SignerKey,
	) -> Result<Opened, MarketError> {
		let failed = self.failed("opening a channel");
		let accounts = &customers.accounts;
		let order = ChannelOrder {
			network: accounts.network,
			service: 0,
			credits: self.credits,
			seats_max: GATEWAYS_MAX as u16,
			signer,
			expires: expiry(accounts.chain.window(At::Best).await?.index, DAYS),
		};
		let call = PayerCall::Open { payer: payer.account(), order };
		let call = retried(|| call.prepare(&accounts.client)).await.map_err(&failed)?;
		let events = accounts.submit(payer, &call).await.map_err(&failed)?;
		Opened::of(&events).map_err(&failed)
	}

	/// Signs the vouchers of all promises: first for the half of each, then for all of it.
	async fn vouchers(
		&self,
		customers: &Customers,
		key: SoftKey,
		opened: &Opened,
	) -> Result<Vec<SignedVoucher>, MarketError> {
		let (chain, channel) = (&customers.accounts.chain, opened.channel);
		let genesis = chain.genesis().await?;
		if self.overdraws {
			return Ok(self.signed_without_a_book(&key, &genesis, channel));
		}
		let finalized = At::Block(chain.finalized().await?.hash);
		let found = chain.channel(channel, finalized).await?;
		let terms = found.ok_or(MarketError::NoChannel(self.customer))?.service;
		let seats_max = GATEWAYS_MAX as u16;
		let record = BookedChannel { credits: opened.credits, seats_max, terms };
		let failed = |error| MarketError::Book(self.customer, error);
		let book = Book::in_memory().map_err(failed)?;
		book.add_channel(&genesis, channel, &record, &[]).map_err(failed)?;
		let signer = Signer { key: Arc::new(key), book: Arc::new(book), genesis };
		let mut vouchers = Vec::with_capacity(2 * self.promises.len());
		for (supplier, total) in &self.promises {
			let per_unit = total.credits / total.units.max(1);
			let units = total.units / 2;
			let half = Seat { credits: units.saturating_mul(per_unit), units };
			for total in [half, *total] {
				vouchers.push(signer.sign(channel, supplier.device, &total).map_err(failed)?);
			}
		}
		Ok(vouchers)
	}

	/// What a payer without a book promises: nothing keeps it from promising too much.
	fn signed_without_a_book(
		&self,
		key: &SoftKey,
		genesis: &Hash,
		channel: u64,
	) -> Vec<SignedVoucher> {
		let sign = |(supplier, total): &(Supplier, Seat)| {
			voucher::sign(key, genesis, channel, supplier.device, total)
		};
		self.promises.iter().map(sign).collect()
	}

	/// Has the owner of the first gateway claim the vouchers of all.
	async fn claim(
		&self,
		customers: &Customers,
		vouchers: &[SignedVoucher],
	) -> Result<VoucherClaims, MarketError> {
		let failed = self.failed("claiming its vouchers");
		let claimant = self.promises.first().map_or(0, |(supplier, _)| supplier.owner);
		let owner = account_of(claimant).map_err(&failed)?;
		let Accounts { chain, client, .. } = &customers.accounts;
		let counter = ChainCounter { chain, client, owner: &owner };
		let mut claims = VoucherClaims::default();
		for _ in 0..ATTEMPTS {
			// What one attempt paid, the next finds paid.
			claims = claims.followed_by(claim_all(&counter, vouchers).await);
			match claims.stopped {
				Some(ref error) if error.is_retryable() => sleep(PAUSE).await,
				Some(error) => return Err(failed(error)),
				None => return Ok(claims),
			}
		}
		match claims.stopped {
			Some(error) => Err(failed(error)),
			None => Ok(claims),
		}
	}
}

/// Those of whom a customer buys: from another one on for each, so that different owners claim.
fn suppliers_of(
	suppliers: &[Supplier],
	customer: usize,
	most: usize,
) -> impl Iterator<Item = Supplier> {
	let count = suppliers.len();
	let from = customer.checked_rem(count).unwrap_or_default();
	suppliers.iter().cycle().skip(from).take(count.min(most)).copied()
}

/// The account of a customer.
fn account(customer: usize) -> Result<Owner, OwnerError> {
	Owner::open(&format!("//Customer//{customer}"))
}

#[cfg(test)]
mod tests {
	use super::*;

	fn suppliers(count: u32) -> Vec<Supplier> {
		(0..count).map(|device| Supplier { device, owner: device / 2 }).collect()
	}

	#[test]
	fn customers_promise_what_their_channels_hold_and_one_promises_more() {
		for gateways in [1, 2, 3, 40] {
			for seed in 0..20 {
				let purchases = Purchase::drawn(&suppliers(gateways), 2, seed);
				assert_eq!(purchases.len(), 3);
				for purchase in purchases {
					let promised: u64 = purchase.promises.iter().map(|(_, it)| it.credits).sum();
					assert_eq!(promised > purchase.credits, purchase.overdraws, "{purchase:?}");
					assert!(!purchase.promises.is_empty());
				}
			}
		}
	}

	#[test]
	fn customers_buy_of_each_gateway_once_and_begin_with_different_ones() {
		let all = suppliers(20);
		let devices = |customer| -> Vec<DeviceId> {
			suppliers_of(&all, customer, GATEWAYS_MAX).map(|it| it.device).collect()
		};
		assert_eq!(devices(0), (0..12).collect::<Vec<_>>());
		assert_eq!(devices(19)[..2], [19, 0]);
		assert_eq!(suppliers_of(&suppliers(2), 7, GATEWAYS_MAX).count(), 2);
		assert_eq!(suppliers_of(&[], 7, GATEWAYS_MAX).count(), 0);
	}

	#[test]
	fn market_is_done_when_everyone_is_and_the_one_that_overdraws() {
		let bought = Bought { vouchers: 2, credits: 60, units: 40, paid: 3 * GRM / 2 };
		let overdrawn = Bought { paid: GRM, ..Bought::default() };
		let market = Market { customers: 2, done: 2, bought, overdrawn, ..Market::default() };
		assert!(!market.is_done());
		assert!(Market { done: 3, ..market.clone() }.is_done());
		assert!(Market::default().is_done(), "without customers");
		assert_eq!(market.paid_line(), "paid 1.5 GRM for 40 units of 2 customers");
		assert_eq!(market.paid_total(), 5 * GRM / 2);
	}
}
