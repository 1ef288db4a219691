//! Recomputes every payout of an epoch, and compares.

use std::collections::{BTreeMap, BTreeSet};

use groma_core::{
	ChannelId, DeviceId, EpochIndex, NetworkId,
	api::DemandInfo,
	lot::{HeldLot, Lot},
	money::{Balance, Claim, Credits},
	protocol::PAYEES_PER_CLAIM,
	units::Units,
};

use super::{
	archive::Archive,
	deeds::Deed,
	error::AuditError,
	report::{Difference, Report},
	span::Span,
};

/// A channel as a block found it, or as it was opened in that block.
struct Channel {
	network: NetworkId,
	lot: HeldLot,
}

/// What is recomputed so far.
struct Books<'a, A> {
	archive: &'a A,
	epoch: EpochIndex,
	span: Span,
	report: Report,
	/// What devices come to be owed from one settlement to the next, in plancks.
	earned: BTreeMap<DeviceId, Balance>,
	/// What is claimed for them meanwhile, in plancks.
	claimed: BTreeMap<DeviceId, Balance>,
	/// What customers paid in the epoch, by network.
	demand: BTreeMap<NetworkId, DemandInfo>,
	/// What validators got to divide of that when the epoch was closed, in plancks.
	divided: Balance,
}

/// Recomputes every payout of an epoch, supply and demand, and compares with what lies on chain.
pub async fn audit(archive: &impl Archive, epoch: EpochIndex) -> Result<Report, AuditError> {
	let span = Span::of(archive, epoch).await?;
	let report = Report {
		epoch,
		first_block: span.before.saturating_add(1),
		last_block: span.last,
		settled_in: span.settled,
		..Report::default()
	};
	let mut books = Books {
		archive,
		epoch,
		span,
		report,
		earned: BTreeMap::new(),
		claimed: BTreeMap::new(),
		demand: BTreeMap::new(),
		divided: 0,
	};
	let first = span.before.min(span.settled_before).saturating_add(1);
	for (block, deeds) in archive.deeds(first, span.settled).await? {
		books.note_block(block, &deeds).await?;
	}
	books.note_work().await?;
	books.compare_demand().await?;
	books.compare_for_validators();
	books.compare_devices().await?;
	books.report.devices = books.earned.values().filter(|earned| **earned > 0).count() as u32;
	Ok(books.report)
}

impl<A: Archive> Books<'_, A> {
	/// Counts what happened in a block, and recomputes what its vouchers paid.
	async fn note_block(&mut self, block: u32, deeds: &[Deed]) -> Result<(), AuditError> {
		let mut channels = BTreeMap::new();
		for deed in deeds {
			match *deed {
				Deed::Opened { channel, network, credits, basis } => {
					channels.insert(channel, Channel { network, lot: lot(credits, basis) });
				}
				Deed::Voucher { channel, .. } => {
					let found = match channels.remove(&channel) {
						Some(found) => Some(found),
						None => self.channel_before(channel, block).await?,
					};
					let Some(mut found) = found else {
						self.differ(format!("block {block}: channel {channel}, that paid"), 1, 0);
						continue;
					};
					self.note_voucher(block, deed, &mut found).await?;
					channels.insert(channel, found);
				}
				Deed::Paid { device, amount } => {
					if self.is_between_settlements(block) {
						add(&mut self.claimed, device, amount);
					}
				}
				Deed::EpochClosed { epoch, for_validators } => {
					if epoch == self.epoch {
						self.divided = for_validators;
					}
				}
			}
		}
		Ok(())
	}

	/// Recomputes what a voucher paid out of a channel.
	async fn note_voucher(
		&mut self,
		block: u32,
		deed: &Deed,
		channel: &mut Channel,
	) -> Result<(), AuditError> {
		let &Deed::Voucher {
			channel: id,
			device,
			credits,
			units,
			basis,
			value,
			paid,
			for_validators,
		} = deed
		else {
			return Ok(());
		};
		let about = |what| format!("block {block}, channel {id}, device {device}: {what}");
		let Some(taken) = channel.lot.take(credits) else {
			let left = channel.lot.credits();
			self.differ(about("credits, of those that were left"), left.into(), credits.into());
			return Ok(());
		};
		let (_, computed) = taken.spend();
		let on_chain = Claim { value, paid, for_validators };
		let claim = self.claim(block, channel.network, (credits, computed), on_chain).await?;
		self.compare(about("basis"), computed, basis);
		self.compare(about("value"), claim.value, value);
		self.compare(about("paid"), claim.paid, paid);
		self.compare(about("for validators"), claim.for_validators, for_validators);
		if self.is_between_settlements(block) {
			add(&mut self.earned, device, claim.paid);
		}
		if self.is_in_epoch(block) {
			self.report.vouchers = self.report.vouchers.saturating_add(1);
			self.report.demand.0 = self.report.demand.0.saturating_add(claim.paid);
			let left = &mut self.report.for_validators.0;
			*left = left.saturating_add(claim.for_validators);
			let epoch = self.epoch;
			let sum = self.demand.entry(channel.network).or_insert_with(|| nothing(epoch));
			sum.credits = sum.credits.saturating_add(credits.into());
			sum.units = sum.units.saturating_add(units.into());
			sum.basis = sum.basis.saturating_add(computed);
			sum.value = sum.value.saturating_add(claim.value);
			sum.paid = sum.paid.saturating_add(claim.paid);
			sum.for_validators = sum.for_validators.saturating_add(claim.for_validators);
		}
		Ok(())
	}

	/// What a claim comes to by the price and the shares of a block. They may change within it,
	/// before or after the claim: so those of the block before count as well.
	async fn claim(
		&self,
		block: u32,
		network: NetworkId,
		(credits, basis): (Credits, Balance),
		on_chain: Claim,
	) -> Result<Claim, AuditError> {
		let mut computed = None;
		for at in [block, block.saturating_sub(1)] {
			let terms = self.archive.terms(network, at).await?;
			let price = self.archive.epoch_mean(at).await?;
			let Some((terms, price)) = terms.zip(price) else { continue };
			let claim = terms.shares.claim(credits, basis, price);
			if claim == on_chain {
				return Ok(claim);
			}
			computed.get_or_insert(claim);
		}
		Ok(computed.unwrap_or(Claim { value: 0, paid: 0, for_validators: 0 }))
	}

	async fn channel_before(
		&self,
		channel: ChannelId,
		block: u32,
	) -> Result<Option<Channel>, AuditError> {
		let found = self.archive.channel(channel, block.saturating_sub(1)).await?;
		Ok(found.map(|it| Channel { network: it.network, lot: lot(it.credits, it.basis) }))
	}

	/// Recomputes how each network was settled, and what the work of each device earned.
	async fn note_work(&mut self) -> Result<(), AuditError> {
		let mut work: BTreeMap<NetworkId, BTreeMap<DeviceId, Units>> = BTreeMap::new();
		for (device, network) in self.archive.devices(self.span.last).await? {
			let Some(network) = network else { continue };
			let of_network = work.entry(network).or_default();
			let rewards = self.archive.rewards(device, self.span.last).await?;
			if rewards.open_epoch == Some(self.epoch) {
				of_network.insert(device, rewards.open_units);
			}
		}
		for (network, devices) in work {
			self.note_network(network, &devices).await?;
		}
		Ok(())
	}

	async fn note_network(
		&mut self,
		network: NetworkId,
		devices: &BTreeMap<DeviceId, Units>,
	) -> Result<(), AuditError> {
		let epoch = self.epoch;
		let about = |what| format!("network {network}, epoch {epoch}: {what}");
		let units = devices.values().fold(Units::ZERO, |sum, units| sum.saturating_add(*units));
		let settled = self.archive.network_epoch(network, epoch, self.span.settled).await?;
		let Some(record) = settled else {
			self.compare(about("units that were settled"), units.0.into(), 0);
			return Ok(());
		};
		let mut computed = None;
		for at in [self.span.settled, self.span.settled.saturating_sub(1)] {
			let Some(terms) = self.archive.terms(network, at).await? else { continue };
			let settled = terms.settle(epoch, units);
			let is_so = (settled.pool, settled.per_unit, settled.device_cap)
				== (record.pool, record.per_unit, record.device_cap);
			if is_so || computed.is_none() {
				computed = Some(settled);
			}
			if is_so {
				break;
			}
		}
		let Some(computed) = computed else {
			self.differ(about("terms on which it was settled"), 1, 0);
			return Ok(());
		};
		self.compare(about("units"), units.0.into(), record.units.0.into());
		self.compare(about("pool"), computed.pool, record.pool);
		self.compare(about("plancks per unit"), computed.per_unit, record.per_unit);
		self.compare(about("most plancks of a device"), computed.device_cap, record.device_cap);
		for (device, units) in devices {
			// Each is folded as if it were the first.
			let mut fresh = computed;
			let reward = fresh.fold(*units).reward;
			self.report.supply.0 = self.report.supply.0.saturating_add(reward);
			add(&mut self.earned, *device, reward);
		}
		Ok(())
	}

	/// Compares the sums of what customers paid.
	async fn compare_demand(&mut self) -> Result<(), AuditError> {
		let known = self.archive.networks_with_demand(self.epoch, self.span.settled).await?;
		let networks: BTreeSet<NetworkId> =
			known.iter().chain(self.demand.keys()).copied().collect();
		for network in networks {
			let record = self.archive.demand(network, self.epoch, self.span.settled).await?;
			let record = record.unwrap_or_else(|| nothing(self.epoch));
			let sum = self.demand.get(&network).copied().unwrap_or_else(|| nothing(self.epoch));
			for (what, computed, on_chain) in [
				("credits", sum.credits, record.credits),
				("units", sum.units, record.units),
				("basis", sum.basis, record.basis),
				("value", sum.value, record.value),
				("paid", sum.paid, record.paid),
				("for validators", sum.for_validators, record.for_validators),
			] {
				let about = format!("network {network}, epoch {}: demand, {what}", self.epoch);
				self.compare(about, computed, on_chain);
			}
		}
		Ok(())
	}

	/// Compares what validators got to divide with what the claims of all networks left for them.
	fn compare_for_validators(&mut self) {
		let about = format!("epoch {}: demand of all networks, for validators", self.epoch);
		self.compare(about, self.report.for_validators.0, self.divided);
	}

	/// Compares what each device owes and was paid out with what it earned.
	async fn compare_devices(&mut self) -> Result<(), AuditError> {
		let Span { settled_before, settled, .. } = self.span;
		let mut devices: BTreeSet<DeviceId> =
			self.archive.devices(settled_before).await?.into_keys().collect();
		devices.extend(self.archive.devices(settled).await?.into_keys());
		devices.extend(self.earned.keys().chain(self.claimed.keys()));
		for device in devices {
			let before = self.archive.rewards(device, settled_before).await?;
			let after = self.archive.rewards(device, settled).await?;
			let is_cut = |owed: usize| owed >= PAYEES_PER_CLAIM as usize;
			if is_cut(before.owed.len()) || is_cut(after.owed.len()) {
				self.report.not_compared.push(device);
				continue;
			}
			let of = |map: &BTreeMap<DeviceId, Balance>| map.get(&device).copied().unwrap_or(0);
			let computed = before.owed_total().saturating_add(of(&self.earned));
			let on_chain = after.owed_total().saturating_add(of(&self.claimed));
			let about = format!(
				"device {device}: owed after block {settled_before} and earned, or owed after block \
				 {settled} and claimed"
			);
			self.compare(about, computed, on_chain);
		}
		Ok(())
	}

	fn is_in_epoch(&self, block: u32) -> bool {
		(self.span.before.saturating_add(1)..=self.span.last).contains(&block)
	}

	fn is_between_settlements(&self, block: u32) -> bool {
		(self.span.settled_before.saturating_add(1)..=self.span.settled).contains(&block)
	}

	fn compare(&mut self, about: String, computed: u128, on_chain: u128) {
		if computed != on_chain {
			self.differ(about, computed, on_chain);
		}
	}

	fn differ(&mut self, about: String, computed: u128, on_chain: u128) {
		self.report.differences.push(Difference { about, computed, on_chain });
	}
}

/// The lot of a channel, as the chain says that it is.
fn lot(credits: Credits, basis: Balance) -> HeldLot {
	HeldLot::from(Lot::new(credits, basis))
}

fn nothing(epoch: EpochIndex) -> DemandInfo {
	DemandInfo {
		network: 0,
		epoch,
		credits: 0,
		units: 0,
		basis: 0,
		value: 0,
		paid: 0,
		for_validators: 0,
	}
}

fn add(sums: &mut BTreeMap<DeviceId, Balance>, device: DeviceId, amount: Balance) {
	let sum = sums.entry(device).or_default();
	*sum = sum.saturating_add(amount);
}
