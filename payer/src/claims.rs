//! Claims of vouchers. Anyone may bring them: what they pay is owed to the owners of the devices.

use std::fmt;

use async_trait::async_trait;
use groma_client::{
	amount::Amount,
	chain::{At, RpcChain, VoucherAnswers},
	owner::{Connection, Owner, OwnerError, PreparedCall, Receipt},
};
use groma_core::{
	ChannelId, DeviceId,
	api::{Code, VoucherAnswer},
	money::{Balance, Credits},
	protocol::VOUCHERS_PER_CLAIM_MAX,
	voucher::{Voucher, VoucherReason},
};
use serde::Serialize;
use subxt::{SubstrateConfig, extrinsics::ExtrinsicEvents};

use crate::{
	calls::SERVICE,
	events,
	voucher::{SignedVoucher, newest},
};

/// The fields of the event of a voucher that was paid: channel, device, credits, units; and basis,
/// value, what the owner is owed, and what is left for validators, in plancks.
type VoucherPaid = (ChannelId, DeviceId, Credits, u64, [Balance; 4]);

/// A voucher that was paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Payment {
	/// For which device.
	pub device: DeviceId,
	/// Credits that were burned.
	#[serde(serialize_with = "crate::decimal")]
	pub credits: Credits,
	/// Units that the voucher adds.
	#[serde(serialize_with = "crate::decimal")]
	pub units: u64,
	/// What had been burned for the credits.
	pub basis: Amount,
	/// What the device's owner is owed for it.
	pub paid: Amount,
}

/// A voucher that was not paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
	/// For which device.
	pub device: DeviceId,
	/// Why.
	pub reason: Code<VoucherReason>,
}

/// What one claim did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Payout {
	/// What was paid.
	pub payments: Vec<Payment>,
	/// What was not.
	pub refusals: Vec<Refusal>,
	/// The bond that was burned, if the channel promised more than it held.
	pub burned: Option<Amount>,
	/// The fee.
	pub fee: Amount,
}

/// Where vouchers are brought.
#[async_trait]
pub trait Counter: Sync {
	/// What would become of vouchers of a channel.
	async fn check(
		&self,
		channel: ChannelId,
		vouchers: &[Voucher],
	) -> Result<VoucherAnswers, OwnerError>;

	/// The credits that are left in a channel; `None` if it is gone.
	async fn credits_left(&self, channel: ChannelId) -> Result<Option<Credits>, OwnerError>;

	/// Claims vouchers of a channel, and returns once that is finalized.
	async fn claim(&self, channel: ChannelId, vouchers: Vec<Voucher>)
	-> Result<Payout, OwnerError>;
}

/// The chain, on which an account claims.
pub struct ChainCounter<'a> {
	/// For questions.
	pub chain: &'a RpcChain,
	/// For claims.
	pub client: &'a Connection,
	/// Who signs and pays the fee.
	pub owner: &'a Owner,
}

#[async_trait]
impl Counter for ChainCounter<'_> {
	async fn check(
		&self,
		channel: ChannelId,
		vouchers: &[Voucher],
	) -> Result<VoucherAnswers, OwnerError> {
		Ok(self.chain.check_vouchers(channel, vouchers, At::Best).await?)
	}

	async fn credits_left(&self, channel: ChannelId) -> Result<Option<Credits>, OwnerError> {
		let found = self.chain.channel(channel, At::Best).await?;
		Ok(found.map(|channel| channel.credits))
	}

	async fn claim(
		&self,
		channel: ChannelId,
		vouchers: Vec<Voucher>,
	) -> Result<Payout, OwnerError> {
		let arguments = (channel, vouchers);
		let call = PreparedCall::new(self.client, SERVICE, "claim_vouchers", arguments).await?;
		let events = self.owner.submit(self.client, &call).await?;
		Payout::of(&events).map_err(OwnerError::after_success)
	}
}

impl Payout {
	/// What a claim did, according to its events.
	fn of(events: &ExtrinsicEvents<SubstrateConfig>) -> Result<Self, OwnerError> {
		let paid = events::all::<VoucherPaid>(events, SERVICE, "VoucherPaid")?;
		let refused = events::all::<(ChannelId, DeviceId, Code<VoucherReason>)>(
			events,
			SERVICE,
			"VoucherRefused",
		)?;
		let burned = events::all::<(ChannelId, Balance)>(events, SERVICE, "ChannelOverdrawn")?;
		Ok(Self {
			payments: paid
				.into_iter()
				.map(|(_, device, credits, units, [basis, _value, paid, _for_validators])| {
					let (basis, paid) = (Amount(basis), Amount(paid));
					Payment { device, credits, units, basis, paid }
				})
				.collect(),
			refusals: refused
				.into_iter()
				.map(|(_, device, reason)| Refusal { device, reason })
				.collect(),
			burned: burned.first().map(|(_, bond)| Amount(*bond)),
			fee: Receipt::of(events)?.fee,
		})
	}
}

/// What became of up to 256 vouchers of a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Batch {
	/// The channel.
	pub channel: ChannelId,
	/// What was paid.
	pub payments: Vec<Payment>,
	/// What was not.
	pub refusals: Vec<Refusal>,
	/// The bond that was burned, if the channel promised more than it held.
	pub bond_burned: Option<Amount>,
	/// The fee.
	pub fee: Amount,
	/// Why nothing of it was claimed, if that is not a matter of single vouchers.
	pub fault: Option<String>,
	/// Vouchers that were not tried, since the claims stopped or failed before they were on chain.
	pub not_tried: usize,
}

impl Batch {
	fn of_nothing(channel: ChannelId) -> Self {
		Self {
			channel,
			payments: Vec::new(),
			refusals: Vec::new(),
			bond_burned: None,
			fee: Amount(0),
			fault: None,
			not_tried: 0,
		}
	}

	/// Nothing of it was claimed. A call that failed in a block has cost its fee all the same.
	fn fail(&mut self, error: &OwnerError) {
		self.fault = Some(error.to_string());
		if let OwnerError::Failed { fee, .. } = error {
			self.fee.0 = self.fee.0.saturating_add(fee.0);
		}
	}

	fn add(&mut self, payout: Payout) {
		self.payments.extend(payout.payments);
		self.refusals.extend(payout.refusals);
		self.bond_burned = self.bond_burned.or(payout.burned);
		self.fee.0 = self.fee.0.saturating_add(payout.fee.0);
	}
}

/// What became of vouchers. What `--json` prints of a claim.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VoucherClaims {
	/// Batch by batch.
	pub batches: Vec<Batch>,
	/// What owners are owed for them in all.
	pub paid: Amount,
	/// Credits that were burned in all.
	#[serde(serialize_with = "crate::decimal")]
	pub credits: u128,
	/// Units that were paid in all.
	#[serde(serialize_with = "crate::decimal")]
	pub units: u128,
	/// All fees.
	pub fees: Amount,
	/// Why the claims stopped before their end, if they did.
	#[serde(serialize_with = "as_text")]
	pub stopped: Option<OwnerError>,
}

fn as_text<S: serde::Serializer>(
	error: &Option<OwnerError>,
	serializer: S,
) -> Result<S::Ok, S::Error> {
	error.as_ref().map(ToString::to_string).serialize(serializer)
}

impl VoucherClaims {
	/// How many vouchers were paid.
	pub fn paid_count(&self) -> usize {
		self.batches.iter().map(|batch| batch.payments.len()).sum()
	}

	/// How many batches or vouchers failed. What was claimed before did not.
	pub fn failed_count(&self) -> usize {
		let failed = |batch: &Batch| {
			let refused = batch
				.refusals
				.iter()
				.filter(|refusal| refusal.reason != VoucherReason::NothingNew)
				.count();
			refused + usize::from(batch.fault.is_some())
		};
		self.batches.iter().map(failed).sum()
	}

	/// The first of them, and why.
	pub(crate) fn first_failure(&self) -> Option<String> {
		let fault = |batch: &Batch| {
			let fault = batch.fault.as_ref()?;
			Some(format!("channel {}: {fault}", batch.channel))
		};
		let refusal = |batch: &Batch| {
			let is_failure = |refusal: &&Refusal| refusal.reason != VoucherReason::NothingNew;
			let Refusal { device, reason } = batch.refusals.iter().find(is_failure)?;
			let why = reason.explanation();
			Some(format!("channel {}, device {device}: {reason}: {why}", batch.channel))
		};
		self.batches.iter().find_map(|batch| fault(batch).or_else(|| refusal(batch)))
	}

	/// What these claims and later ones of the same vouchers came to. It is stopped if the later
	/// ones are.
	#[must_use]
	pub fn followed_by(mut self, later: Self) -> Self {
		self.stopped = later.stopped;
		for batch in later.batches {
			self.close(batch);
		}
		self
	}

	fn close(&mut self, batch: Batch) {
		for payment in &batch.payments {
			self.paid.0 = self.paid.0.saturating_add(payment.paid.0);
			self.credits = self.credits.saturating_add(payment.credits.into());
			self.units = self.units.saturating_add(payment.units.into());
		}
		self.fees.0 = self.fees.0.saturating_add(batch.fee.0);
		self.batches.push(batch);
	}
}

/// Claims vouchers, the newest of each device, in batches of one channel each. What the chain would
/// refuse is left out, so that it costs nothing. A voucher for which too little is left goes alone
/// and last: it proves that its channel promised more than it holds, which is free. A batch that
/// fails stops no other, unless the chain does not answer, or it is not known what became of it.
pub async fn claim_all(counter: &dyn Counter, vouchers: &[SignedVoucher]) -> VoucherClaims {
	let mut claims = VoucherClaims::default();
	for (channel, vouchers) in newest(vouchers) {
		for vouchers in vouchers.chunks(VOUCHERS_PER_CLAIM_MAX as usize) {
			let mut batch = Batch::of_nothing(channel);
			if claims.stopped.is_some() {
				batch.not_tried = vouchers.len();
			} else {
				match claim_batch(counter, vouchers, &mut batch).await {
					Err(error) if stops(&error) => claims.stopped = Some(error),
					Err(error) => batch.fail(&error),
					Ok(()) => {}
				}
			}
			claims.close(batch);
		}
	}
	claims
}

/// Whether other claims would fare no better, or may be overtaken by this one.
fn stops(error: &OwnerError) -> bool {
	let is_final = matches!(
		error,
		OwnerError::Unsettled { .. } | OwnerError::Unfunded(_) | OwnerError::Unread(_)
	);
	is_final || error.is_retryable()
}

async fn claim_batch(
	counter: &dyn Counter,
	vouchers: &[Voucher],
	batch: &mut Batch,
) -> Result<(), OwnerError> {
	batch.not_tried = vouchers.len();
	let answers = match counter.check(batch.channel, vouchers).await? {
		Ok(answers) if answers.len() == vouchers.len() => answers,
		Ok(_) => {
			let fault = "it answers about another number of vouchers".to_owned();
			return Err(OwnerError::Incompatible(fault));
		}
		Err(refusal) => {
			batch.fault = Some(refusal.explanation().to_owned());
			batch.not_tried = 0;
			return Ok(());
		}
	};
	// A channel that is gone by now refuses the whole claim.
	let mut left = counter.credits_left(batch.channel).await?.unwrap_or(Credits::MAX);
	let mut due = Vec::with_capacity(vouchers.len());
	let mut proofs = Vec::new();
	for (voucher, answer) in vouchers.iter().zip(answers) {
		match answer {
			VoucherAnswer::Pays(pay) if pay.overdraws || pay.credits > left => {
				proofs.push(*voucher);
			}
			VoucherAnswer::Pays(pay) => {
				left = left.saturating_sub(pay.credits);
				due.push(*voucher);
			}
			VoucherAnswer::Refused(reason) => refuse(batch, voucher, reason),
		}
	}
	if !due.is_empty() {
		claim_together(counter, due, batch).await?;
	}
	for proof in proofs {
		if batch.bond_burned.is_some() {
			refuse(batch, &proof, VoucherReason::NothingLeft.into());
		} else {
			claim_together(counter, vec![proof], batch).await?;
		}
	}
	Ok(())
}

fn refuse(batch: &mut Batch, voucher: &Voucher, reason: Code<VoucherReason>) {
	batch.refusals.push(Refusal { device: voucher.device, reason });
	batch.not_tried = batch.not_tried.saturating_sub(1);
}

/// Brings vouchers in one claim.
async fn claim_together(
	counter: &dyn Counter,
	vouchers: Vec<Voucher>,
	batch: &mut Batch,
) -> Result<(), OwnerError> {
	let count = vouchers.len();
	let claimed = counter.claim(batch.channel, vouchers).await;
	// Those that stop what follows have not been on chain, except where no one knows, or no one can
	// read what came of them.
	let is_tried = match &claimed {
		Ok(_) | Err(OwnerError::Unsettled { .. } | OwnerError::Unread(_)) => true,
		Err(error) => !stops(error),
	};
	if is_tried {
		batch.not_tried = batch.not_tried.saturating_sub(count);
	}
	batch.add(claimed?);
	Ok(())
}

impl fmt::Display for VoucherClaims {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		for batch in &self.batches {
			write!(f, "{batch}")?;
		}
		if let Some(error) = &self.stopped {
			writeln!(f, "stopped: {error}")?;
		}
		let Self { paid, credits, units, fees, .. } = self;
		write!(
			f,
			"in all {paid} owed to owners for {credits} credits and {units} units, by {} vouchers, for fees of \
			 {fees}",
			self.paid_count()
		)
	}
}

impl fmt::Display for Batch {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let channel = self.channel;
		for Payment { device, credits, units, paid, .. } in &self.payments {
			writeln!(
				f,
				"channel {channel}, device {device}: {paid} for {credits} credits and {units} units"
			)?;
		}
		for Refusal { device, reason } in &self.refusals {
			let explanation = reason.explanation();
			writeln!(f, "channel {channel}, device {device}: not paid, {reason}: {explanation}")?;
		}
		if let Some(bond) = self.bond_burned {
			writeln!(
				f,
				"channel {channel} promised more than it held: it is gone, and its bond of {bond} was burned"
			)?;
		}
		if let Some(fault) = &self.fault {
			writeln!(f, "channel {channel}: not claimed: {fault}")?;
		}
		match self.not_tried {
			0 => Ok(()),
			count => writeln!(f, "channel {channel}: {count} vouchers were not tried"),
		}
	}
}

#[cfg(test)]
mod tests {
	use std::{
		collections::BTreeMap,
		sync::{Mutex, PoisonError},
	};

	use groma_client::chain::AccountId;
	use groma_core::{
		api::{ClaimRefusal, VoucherPay},
		words::Signature,
	};

	use super::*;

	/// A chain that pays one planck for each credit.
	#[derive(Default)]
	struct FakeCounter {
		/// Devices that are refused when they are checked.
		refused: BTreeMap<DeviceId, VoucherReason>,
		/// Devices whose vouchers promise more than is left.
		overdrawing: Vec<DeviceId>,
		/// Credits that are left in every channel; `None` if no one knows.
		left: Option<Credits>,
		/// Channels that take no vouchers.
		ended: Vec<ChannelId>,
		/// Channels whose claims fail, and how.
		failing: BTreeMap<ChannelId, fn() -> OwnerError>,
		/// The sizes of claims that were made.
		claims: Mutex<Vec<(ChannelId, usize)>>,
	}

	impl FakeCounter {
		fn claimed(&self) -> Vec<(ChannelId, usize)> {
			self.claims.lock().unwrap_or_else(PoisonError::into_inner).clone()
		}
	}

	#[async_trait]
	impl Counter for FakeCounter {
		async fn check(
			&self,
			channel: ChannelId,
			vouchers: &[Voucher],
		) -> Result<VoucherAnswers, OwnerError> {
			if self.ended.contains(&channel) {
				return Ok(Err(ClaimRefusal::GraceIsOver.into()));
			}
			let answer = |voucher: &Voucher| match self.refused.get(&voucher.device) {
				Some(reason) => VoucherAnswer::Refused((*reason).into()),
				None => VoucherAnswer::Pays(VoucherPay {
					owner: AccountId::from([1; 32]),
					credits: voucher.credits,
					units: voucher.units,
					basis: 0,
					value: 0,
					paid: 0,
					takes_seat: true,
					overdraws: self.overdrawing.contains(&voucher.device),
				}),
			};
			Ok(Ok(vouchers.iter().map(answer).collect()))
		}

		async fn credits_left(&self, _: ChannelId) -> Result<Option<Credits>, OwnerError> {
			Ok(self.left)
		}

		async fn claim(
			&self,
			channel: ChannelId,
			vouchers: Vec<Voucher>,
		) -> Result<Payout, OwnerError> {
			let mut claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
			claims.push((channel, vouchers.len()));
			if let Some(error) = self.failing.get(&channel) {
				return Err(error());
			}
			let payment = |voucher: Voucher| Payment {
				device: voucher.device,
				credits: voucher.credits,
				units: voucher.units,
				basis: Amount(0),
				paid: Amount(voucher.credits.into()),
			};
			let is_proof = |voucher: &Voucher| self.overdrawing.contains(&voucher.device);
			let burned = vouchers.iter().any(is_proof).then_some(Amount(50));
			let is_free = burned.is_some() && vouchers.len() == 1;
			let fee = Amount(u128::from(!is_free));
			let payments = vouchers.into_iter().map(payment).collect();
			Ok(Payout { payments, burned, fee, ..Payout::default() })
		}
	}

	fn voucher(channel: ChannelId, device: DeviceId, credits: Credits) -> SignedVoucher {
		let signature = Signature([0; 64]);
		SignedVoucher { channel, voucher: Voucher { device, credits, units: credits, signature } }
	}

	#[tokio::test]
	async fn vouchers_go_in_batches_of_one_channel_each() {
		let counter = FakeCounter::default();
		let vouchers: Vec<_> = (0..300)
			.map(|device| voucher(1, device, 2))
			.chain([voucher(2, 1, 5), voucher(2, 1, 7), voucher(2, 1, 6)])
			.collect();
		let claims = claim_all(&counter, &vouchers).await;
		assert_eq!(counter.claimed(), [(1, 256), (1, 44), (2, 1)]);
		assert_eq!((claims.paid, claims.credits, claims.units), (Amount(607), 607, 607));
		assert_eq!((claims.paid_count(), claims.failed_count()), (301, 0));
		assert_eq!(claims.fees, Amount(3));
	}

	#[tokio::test]
	async fn what_the_chain_would_refuse_costs_nothing_and_is_named() {
		let refused = [(1, VoucherReason::NoSeat), (2, VoucherReason::NothingNew)].into();
		let counter = FakeCounter { refused, ended: vec![9], ..FakeCounter::default() };
		let vouchers = [voucher(1, 1, 5), voucher(1, 2, 5), voucher(9, 3, 5)];
		let claims = claim_all(&counter, &vouchers).await;
		assert!(counter.claimed().is_empty());
		assert_eq!((claims.paid_count(), claims.failed_count()), (0, 2));
		let text = claims.to_string();
		assert!(text.contains("device 1: not paid, NoSeat: As many devices"), "{text}");
		assert!(text.contains("channel 9: not claimed: The channel's grace is over"), "{text}");
	}

	#[tokio::test]
	async fn batch_that_fails_stops_no_other_unless_the_chain_is_gone() {
		let refuse = || OwnerError::Refused("no".to_owned());
		let vouchers = [voucher(1, 1, 5), voucher(2, 1, 5)];
		let mut counter = FakeCounter::default();
		counter.failing.insert(1, refuse);
		let claims = claim_all(&counter, &vouchers).await;
		assert_eq!((claims.paid_count(), claims.failed_count()), (1, 1));
		assert!(claims.stopped.is_none());
		assert_eq!(claims.fees, Amount(1));

		let mut counter = FakeCounter::default();
		counter.failing.insert(1, || OwnerError::Failed { reason: "no".into(), fee: Amount(5) });
		let claims = claim_all(&counter, &vouchers).await;
		assert_eq!((claims.failed_count(), claims.fees), (1, Amount(6)));

		let mut counter = FakeCounter::default();
		counter.failing.insert(1, || OwnerError::Unreachable("gone".to_owned()));
		let claims = claim_all(&counter, &vouchers).await;
		assert_eq!(counter.claimed(), [(1, 1)]);
		assert_eq!((claims.batches[0].not_tried, claims.batches[1].not_tried), (1, 1));
		assert!(claims.stopped.is_some());
		let json = serde_json::to_value(&claims).expect("JSON");
		assert!(json["stopped"].as_str().is_some_and(|text| text.contains("gone")), "{json}");

		let later = claim_all(&FakeCounter::default(), &vouchers).await;
		let both = claim_all(&FakeCounter::default(), &vouchers[..1]).await.followed_by(later);
		assert_eq!((both.paid, both.paid_count(), both.fees), (Amount(15), 3, Amount(3)));
		let stopped = both.followed_by(claims);
		assert_eq!((stopped.paid_count(), stopped.batches.len()), (3, 5));
		assert!(stopped.stopped.is_some());
	}

	#[tokio::test]
	async fn voucher_that_overdraws_goes_alone_and_last_since_that_is_free() {
		let counter = FakeCounter { overdrawing: vec![1, 3], ..FakeCounter::default() };
		let vouchers: Vec<_> = (1..=4).map(|device| voucher(7, device, 5)).collect();
		let claims = claim_all(&counter, &vouchers).await;
		assert_eq!(counter.claimed(), [(7, 2), (7, 1)]);
		let batch = &claims.batches[0];
		assert_eq!((batch.bond_burned, batch.fee), (Some(Amount(50)), Amount(1)));
		assert_eq!((batch.payments.len(), batch.not_tried), (3, 0));
		let refused = Refusal { device: 3, reason: VoucherReason::NothingLeft.into() };
		assert_eq!(batch.refusals, [refused]);
	}

	#[tokio::test]
	async fn voucher_goes_alone_for_which_those_before_it_leave_too_little() {
		let counter = FakeCounter { left: Some(12), ..FakeCounter::default() };
		let vouchers = [voucher(7, 1, 5), voucher(7, 2, 6), voucher(7, 3, 2), voucher(7, 4, 1)];
		let claims = claim_all(&counter, &vouchers).await;
		assert_eq!(counter.claimed(), [(7, 3), (7, 1)]);
		assert_eq!((claims.paid_count(), claims.batches[0].not_tried), (4, 0));
	}

	#[tokio::test]
	async fn vouchers_of_an_unsettled_claim_do_not_count_as_not_tried() {
		let unsettled =
			|| OwnerError::Unsettled { transaction: "0x1".to_owned(), reason: "gone".to_owned() };
		let mut counter = FakeCounter { overdrawing: vec![2], ..FakeCounter::default() };
		counter.failing.insert(1, unsettled);
		let claims = claim_all(&counter, &[voucher(1, 1, 5), voucher(1, 2, 5)]).await;
		assert_eq!(counter.claimed(), [(1, 1)]);
		assert_eq!(claims.batches[0].not_tried, 1);
		assert!(matches!(claims.stopped, Some(OwnerError::Unsettled { .. })));
	}

	#[tokio::test]
	async fn batch_that_is_claimed_is_not_said_to_have_failed() {
		let mut counter = FakeCounter::default();
		counter.failing.insert(1, || OwnerError::Unread("no event".to_owned()));
		let claims = claim_all(&counter, &[voucher(1, 1, 5), voucher(2, 1, 5)]).await;
		let text = claims.to_string();
		assert!(text.contains("stopped: it is done, but"), "{text}");
		assert!(
			!text.contains("not claimed") && text.contains("1 vouchers were not tried"),
			"{text}"
		);
		assert_eq!((claims.batches[0].not_tried, claims.batches[1].not_tried), (0, 1));
	}

	#[test]
	fn overdrawn_channel_is_named_with_its_bond() {
		let mut batch = Batch::of_nothing(7);
		batch.add(Payout { burned: Some(Amount(1_000_000_000_000)), ..Payout::default() });
		assert!(batch.to_string().contains("its bond of 1 GRM was burned"), "{batch}");
	}
}
