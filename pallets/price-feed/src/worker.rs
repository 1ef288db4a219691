//! A node's off-chain worker that fetches the price and feeds it.
//!
//! It runs after every new best block, possibly several times at once; a lock in the off-chain
//! storage admits one run at a time. It asks its sources in one block of ten, a different one for
//! each feeder, so that the feeds of all are spread over blocks, and sources are not asked more
//! often than once a minute.

use alloc::vec::Vec;

use codec::{Decode, Encode};
use frame_support::traits::Time;
use frame_system::{
	offchain::{Account, CreateSignedTransaction, Signer, SubmitTransaction},
	pallet_prelude::BlockNumberFor,
};
use groma_core::{
	price::Price,
	price_layout::{Source, SourceReport, WorkerReport, lock_key, report_key, sources_key},
	protocol::PRICE_SOURCES_MAX,
};
use groma_traits::{Standstill, Validators};
use sp_core::offchain::Duration;
use sp_runtime::{
	SaturatedConversion,
	offchain::{
		storage::StorageValueRef,
		storage_lock::{StorageLock, Time as LockTime},
	},
};

use crate::{
	pallet::{Call, Config, Pallet},
	sources::{self, Answer, TOTAL_MS},
};

pub(crate) const LOG_TARGET: &str = "groma::price";
/// After this time the lock of a run that died is void.
const LOCK_MS: u64 = 2 * TOTAL_MS;
/// A feeder asks its sources once in this many blocks.
pub(crate) const SPREAD_BLOCKS: u32 = 10;

/// Why a run sent no feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Idle {
	/// The keystore holds no feeder's key: this node does not feed.
	NoKey,
	/// No validator of the present set named any of the keys.
	NotNamed,
	/// The chain stands still.
	Standstill,
	/// It is another feeder's block.
	OthersBlock,
	/// The operator named no sources.
	NoSources,
	/// Another run is at work.
	Locked,
	/// Too few sources gave a price.
	TooFewAnswers,
	/// The chain would not take the price yet.
	NotDue,
	/// The feeder's account does not exist on chain.
	Unfunded,
	/// The feed could not be signed.
	NotSigned,
	/// The transaction pool did not take the feed.
	PoolRefused,
}

/// Runs the worker after block `now`.
pub(crate) fn run<T: Config>(now: BlockNumberFor<T>) {
	match feed::<T>() {
		Ok(price) => log::debug!(target: LOG_TARGET, "[{now:?}] fed {price} USD per GRM"),
		Err(
			Idle::NoKey
			| Idle::NotNamed
			| Idle::Standstill
			| Idle::OthersBlock
			| Idle::Locked
			| Idle::NotDue,
		) => (),
		Err(Idle::NoSources) => log::warn!(
			target: LOG_TARGET,
			"[{now:?}] this node feeds the price and has no sources: start it with `--price-source`",
		),
		Err(Idle::TooFewAnswers) => log::warn!(
			target: LOG_TARGET,
			"[{now:?}] too few sources gave a price: at least two have to, and half of all",
		),
		Err(Idle::Unfunded) => log::warn!(
			target: LOG_TARGET,
			"[{now:?}] the feeder's account holds nothing: send it some GRM, it pays the fee before it \
			 is refunded",
		),
		Err(Idle::NotSigned) => {
			log::error!(target: LOG_TARGET, "[{now:?}] could not sign with the feeder's key");
		}
		Err(Idle::PoolRefused) => log::warn!(
			target: LOG_TARGET,
			"[{now:?}] the pool refused a feed: is the feeder's account short of GRM, or used by \
			 someone else?",
		),
	}
}

/// Asks the sources and feeds what they say, if it is this feeder's block and the chain would take
/// it.
pub(crate) fn feed<T: Config>() -> Result<Price, Idle> {
	let (account, validator) = named_account::<T>()?;
	if T::Standstill::now() {
		return Err(Idle::Standstill);
	}
	let block = frame_system::Pallet::<T>::block_number().saturated_into::<u32>();
	if !is_block_of(&account.id, block) {
		return Err(Idle::OthersBlock);
	}
	let sources = sources();
	if sources.is_empty() {
		return Err(Idle::NoSources);
	}
	let key = lock_key();
	let mut lock = StorageLock::<LockTime>::with_deadline(&key, Duration::from_millis(LOCK_MS));
	let _guard = lock.try_lock().map_err(|_| Idle::Locked)?;
	let answers = sources::ask(&sources);
	let price = sources::agree(&answers);
	let mut report = note_answers(answers, price);
	let fed = price
		.ok_or(Idle::TooFewAnswers)
		.and_then(|price| submit_if_due::<T>(&account, &validator, price));
	match fed {
		Ok(_) => report.feeds = report.feeds.saturating_add(1),
		Err(Idle::PoolRefused) => report.refused = report.refused.saturating_add(1),
		Err(_) => (),
	}
	StorageValueRef::persistent(&report_key()).set(&report);
	fed
}

/// The first key of the keystore that a validator of the present set named, and that validator.
fn named_account<T: Config>() -> Result<(Account<T>, T::AccountId), Idle> {
	let signer = Signer::<T, T::FeederCrypto>::any_account();
	let mut accounts = signer.accounts_from_keys().peekable();
	accounts.peek().ok_or(Idle::NoKey)?;
	let present = T::Validators::present();
	accounts
		.find_map(|account| {
			let validator = Pallet::<T>::validator_of(&account.id).value()?;
			present.contains(&validator).then_some((account, validator))
		})
		.ok_or(Idle::NotNamed)
}

/// Whether a feeder asks its sources in a block.
pub(crate) fn is_block_of(account: &impl Encode, block: u32) -> bool {
	let [first, ..] = account.using_encoded(sp_io::hashing::blake2_256);
	block % SPREAD_BLOCKS == u32::from(first) % SPREAD_BLOCKS
}

/// The sources that the node's operator named.
fn sources() -> Vec<Source> {
	let mut sources = read::<Vec<Source>>(&sources_key()).unwrap_or_default();
	sources.truncate(PRICE_SOURCES_MAX);
	sources
}

/// The report with these answers in it.
fn note_answers(answers: Vec<Answer>, price: Option<Price>) -> WorkerReport {
	let mut report = read::<WorkerReport>(&report_key()).unwrap_or_default();
	report.asked_ms = sp_io::offchain::timestamp().unix_millis();
	report.price = price;
	report.sources.resize(answers.len(), SourceReport::default());
	for (source, answer) in report.sources.iter_mut().zip(answers) {
		source.note(answer);
	}
	report
}

/// A value of the off-chain storage, if it can be read.
fn read<V: Decode>(key: &[u8]) -> Option<V> {
	StorageValueRef::persistent(key).get::<V>().unwrap_or_else(|_| {
		log::warn!(target: LOG_TARGET, "a value of the price worker is unreadable: leaving it out");
		None
	})
}

/// Signs a feed and hands it to the pool, if the chain would take it.
fn submit_if_due<T: Config>(
	account: &Account<T>,
	validator: &T::AccountId,
	price: Price,
) -> Result<Price, Idle> {
	let now_ms = T::Time::now();
	let feeds = Pallet::<T>::feeds().ok_or(Idle::NotDue)?;
	let last = feeds.iter().find(|feed| feed.validator == *validator);
	if last.is_some_and(|last| !last.admits(price, now_ms)) {
		return Err(Idle::NotDue);
	}
	let on_chain = frame_system::Account::<T>::get(&account.id);
	if on_chain.providers == 0 && on_chain.sufficients == 0 {
		return Err(Idle::Unfunded);
	}
	let call = Call::<T>::feed { price };
	let extrinsic = <T as CreateSignedTransaction<Call<T>>>::create_signed_transaction::<
		T::FeederCrypto,
	>(call.into(), account.public.clone(), account.id.clone(), on_chain.nonce)
	.ok_or(Idle::NotSigned)?;
	SubmitTransaction::<T, Call<T>>::submit_transaction(extrinsic)
		.map_err(|()| Idle::PoolRefused)?;
	Ok(price)
}
