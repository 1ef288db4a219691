//! A node's off-chain worker that brings on chain what devices handed to the node.
//!
//! It runs after every new best block, possibly several times at once. A lock in the off-chain
//! storage admits one run at a time; a logbook next to it holds what was submitted, and is written
//! *before* an extrinsic is handed to the pool, so that a restart in between costs time but never
//! submits twice.

use codec::Encode;
use frame_system::{
	offchain::{Account, CreateSignedTransaction, Signer, SubmitTransaction},
	pallet_prelude::BlockNumberFor,
};
use groma_traits::Standstill;
use sp_core::offchain::Duration;
use sp_runtime::{
	SaturatedConversion,
	offchain::storage_lock::{StorageLock, Time},
	traits::Get,
};

use crate::{
	bundles::{Bundle, Bundlers, Due},
	logbook::{OpenLogbook, Overtaken, SignedFor, Submission},
	pallet::{Config, Pallet},
	pool::LOG_TARGET,
};

type RuntimeCallOf<T> = <T as frame_system::Config>::RuntimeCall;

/// Where a run of the worker keeps others out, in the off-chain storage of its node.
pub const LOCK_KEY: &[u8] = b"groma/collector/3/lock";
/// After this time the lock of a run that died is void. A run takes much less.
const LOCK_MS: u64 = 30_000;
/// After so many runs that the transaction pool ended, the operator is warned. It may refuse a
/// bundle once or twice when it has not yet dropped the one before with the same nonce.
const REFUSED_RUNS_MAX: u32 = 3;

/// Why a run ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Idle {
	/// The keystore holds no collector key: this node does not collect.
	NoKey,
	/// The chain stands still: it takes no report.
	StandsStill,
	/// Another run is at work.
	Locked,
	/// Another run wrote the logbook in the meantime.
	Overtaken,
	/// The collector's account does not exist on chain.
	Unfunded,
	/// The extrinsic could not be signed.
	NotSigned,
	/// The transaction pool did not take the extrinsic, in so many runs in a row.
	PoolRefused(u32),
}

impl From<Overtaken> for Idle {
	fn from(_: Overtaken) -> Self {
		Self::Overtaken
	}
}

/// Runs the collector after block `now`.
pub(crate) fn run<T: Config>(now: BlockNumberFor<T>) {
	match collect::<T>() {
		Ok(0) | Err(Idle::NoKey | Idle::StandsStill | Idle::Locked | Idle::Overtaken) => (),
		Ok(extrinsics) => {
			log::debug!(target: LOG_TARGET, "[{now:?}] submitted {extrinsics} bundles");
		}
		Err(Idle::Unfunded) => log::warn!(
			target: LOG_TARGET,
			"[{now:?}] the collector's account holds nothing: send it some GRM, it pays the fee before it \
			is refunded",
		),
		Err(Idle::NotSigned) => {
			log::error!(target: LOG_TARGET, "[{now:?}] could not sign with the collector's key");
		}
		Err(Idle::PoolRefused(runs)) if runs < REFUSED_RUNS_MAX => {
			log::debug!(target: LOG_TARGET, "[{now:?}] the pool refused a bundle");
		}
		Err(Idle::PoolRefused(_)) => log::warn!(
			target: LOG_TARGET,
			"[{now:?}] the pool refused a bundle: is the collector's account short of GRM, or used by \
			someone else?",
		),
	}
}

/// Submits what is due, and says how many bundles that was.
pub(crate) fn collect<T: Config>() -> Result<u32, Idle> {
	let signer = Signer::<T, T::CollectorCrypto>::any_account();
	let account = signer.accounts_from_keys().next().ok_or(Idle::NoKey)?;
	if T::Standstill::now() {
		return Err(Idle::StandsStill);
	}
	let mut lock = StorageLock::<Time>::with_deadline(LOCK_KEY, Duration::from_millis(LOCK_MS));
	let _guard = lock.try_lock().map_err(|_| Idle::Locked)?;
	let on_chain = frame_system::Account::<T>::get(&account.id);
	if on_chain.providers == 0 && on_chain.sufficients == 0 {
		return Err(Idle::Unfunded);
	}
	let mut logbook = OpenLogbook::open(&account.id);
	let next = on_chain.nonce.saturated_into::<u64>();
	logbook.book.forget_before(block_now::<T>());
	logbook.book.forget_other_versions(present_versions::<T>());
	logbook.book.forget_stale(next, T::Bundlers::is_open);
	let collector = account.id.using_encoded(sp_io::hashing::blake2_256);
	let mut submitted = 0u32;
	for due in T::Bundlers::due(&collector) {
		submitted = submitted.saturating_add(submit_all(&mut logbook, &account, next, due)?);
	}
	logbook.save()?;
	Ok(submitted)
}

/// Submits bundle after bundle of a series while there is more, as far as extrinsics may wait for
/// their inclusion.
fn submit_all<T: Config>(
	logbook: &mut OpenLogbook,
	account: &Account<T>,
	on_chain_nonce: u64,
	due: Due<RuntimeCallOf<T>>,
) -> Result<u32, Idle> {
	let mut submitted = 0u32;
	while let Some(nonce) = logbook.book.next_nonce(on_chain_nonce) {
		let in_flight = logbook.book.reports();
		let mut position = logbook.book.position(due.series);
		let bundle = due.next(&mut position, &in_flight, Pallet::<T>::bundle_room());
		logbook.book.set_position(due.series, position);
		let Some(bundle) = bundle else { break };
		let is_full = bundle.is_full;
		submit(logbook, account, nonce, bundle)?;
		submitted = submitted.saturating_add(1);
		if !is_full {
			break;
		}
	}
	Ok(submitted)
}

/// The number of the present block.
fn block_now<T: Config>() -> u32 {
	frame_system::Pallet::<T>::block_number().saturated_into::<u32>()
}

/// What the present runtime takes signatures for.
fn present_versions<T: Config>() -> SignedFor {
	let version = T::Version::get();
	SignedFor { spec: version.spec_version, transaction: version.transaction_version }
}

/// Signs a bundle, notes it, and hands it to the pool.
fn submit<T: Config>(
	logbook: &mut OpenLogbook,
	account: &Account<T>,
	nonce: u64,
	bundle: Bundle<RuntimeCallOf<T>>,
) -> Result<(), Idle> {
	let extrinsic =
		<T as CreateSignedTransaction<RuntimeCallOf<T>>>::create_signed_transaction::<
			T::CollectorCrypto,
		>(bundle.call.into(), account.public.clone(), account.id.clone(), nonce.saturated_into())
		.ok_or(Idle::NotSigned)?;
	logbook.book.submissions.push(Submission {
		nonce,
		hash: extrinsic.using_encoded(sp_io::hashing::blake2_256),
		submitted_at: block_now::<T>(),
		signed_for: present_versions::<T>(),
		reports: bundle.reports,
	});
	logbook.save()?;
	if SubmitTransaction::<T, RuntimeCallOf<T>>::submit_transaction(extrinsic).is_err() {
		logbook.book.submissions.pop();
		let runs = logbook.book.refused_runs.saturating_add(1);
		logbook.book.refused_runs = runs;
		logbook.save()?;
		return Err(Idle::PoolRefused(runs));
	}
	logbook.book.refused_runs = 0;
	Ok(())
}
