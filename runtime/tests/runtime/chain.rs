//! A chain in memory: blocks with real pre-digests, inherents and signatures, through the
//! executive.

use codec::{Decode, Encode};
use frame_support::{
	storage::{TransactionOutcome, with_transaction_unchecked},
	traits::UnfilteredDispatchable,
};
use frame_system::offchain::CreateAuthorizedTransaction;
use groma_runtime::{
	AccountId, Babe, Balance, BlockNumber, Executive, Hash, Header, Runtime, RuntimeCall,
	RuntimeEvent, RuntimeGenesisConfig, RuntimeOrigin, SignedPayload, System, TimestampCall,
	UncheckedExtrinsic, genesis, transactions,
};
use serde_json::Value;
use sp_consensus_babe::{
	BABE_ENGINE_ID, Slot,
	digests::{PreDigest, SecondaryVRFPreDigest},
	make_vrf_sign_data,
};
use sp_core::{crypto::VrfSecret, traits::Externalities};
use sp_io::TestExternalities;
use sp_keyring::Sr25519Keyring;
use sp_runtime::{
	ApplyExtrinsicResult, BuildStorage, Digest, DigestItem, DispatchOutcome, MultiSignature,
	generic::Era,
	traits::Header as _,
	transaction_validity::{TransactionSource, TransactionValidity},
};

use crate::ledger::{Ledger, check_holds};

/// The timestamp of the slot before the first block: a day boundary, so that epochs are
/// predictable.
const FOUNDED_MS: u64 = 20_000 * 86_400_000;

/// A chain and its latest block.
pub(crate) struct Chain {
	state: TestExternalities,
	parent: Hash,
	number: BlockNumber,
	slot: u64,
	slot_ms: u64,
	/// What was burned so far.
	ledger: Ledger,
}

/// The genesis configuration of a preset, by name; the default one for `None`.
pub(crate) fn genesis_config(preset: Option<&str>) -> Value {
	let mut config = serde_json::to_value(RuntimeGenesisConfig::default()).expect("it is JSON");
	if let Some(name) = preset {
		let patch = genesis::get_preset(&name.into()).expect("the preset exists");
		merge(&mut config, serde_json::from_slice(&patch).expect("it is JSON"));
	}
	config
}

/// Puts a patch over a genesis configuration.
pub(crate) fn merge(target: &mut Value, patch: Value) {
	match (target, patch) {
		(Value::Object(target), Value::Object(patch)) => {
			for (key, value) in patch {
				merge(target.entry(key).or_insert(Value::Null), value);
			}
		}
		(target, patch) => *target = patch,
	}
}

impl Chain {
	/// The development chain before its first block.
	pub(crate) fn development() -> Self {
		Self::of(genesis_config(Some("development")))
	}

	/// A chain with this genesis before its first block.
	pub(crate) fn of(config: Value) -> Self {
		let config: RuntimeGenesisConfig = serde_json::from_value(config).expect("it is valid");
		let mut state = TestExternalities::new(config.build_storage().expect("it builds"));
		let slot_ms = state.execute_with(pallet_timing::SlotMs::get);
		let slot = FOUNDED_MS / slot_ms;
		Self {
			state,
			parent: Hash::repeat_byte(7),
			number: 0,
			slot,
			slot_ms,
			ledger: Ledger::default(),
		}
	}

	/// Reads or changes the state between two blocks.
	pub(crate) fn with<R>(&mut self, f: impl FnOnce() -> R) -> R {
		self.state.execute_with(f)
	}

	/// Does something between two blocks that burns or mints: its events count as a block's do.
	pub(crate) fn act<R>(&mut self, f: impl FnOnce() -> R) -> R {
		let before = self.events().len();
		let outcome = self.with(f);
		let events = self.events().split_off(before);
		self.ledger.note(&events);
		outcome
	}

	/// The state, to register what a node offers, such as a keystore.
	pub(crate) fn externalities(&mut self) -> &mut TestExternalities {
		&mut self.state
	}

	/// The timestamp of the latest block.
	pub(crate) fn now_ms(&self) -> u64 {
		self.slot * self.slot_ms
	}

	/// The hash of the latest block.
	pub(crate) fn head(&self) -> Hash {
		self.parent
	}

	/// Lets slots pass without blocks.
	pub(crate) fn halt(&mut self, slots: u64) {
		self.slot += slots;
	}

	/// Makes a block in the next slot with these transactions, and returns what became of each.
	pub(crate) fn block(
		&mut self,
		transactions: Vec<UncheckedExtrinsic>,
	) -> Vec<ApplyExtrinsicResult> {
		self.number += 1;
		self.slot += 1;
		let (number, slot, parent) = (self.number, self.slot, self.parent);
		let timestamp = UncheckedExtrinsic::new_bare(RuntimeCall::Timestamp(TimestampCall::set {
			now: slot * self.slot_ms,
		}));
		let (header, results) = self.state.execute_with(|| {
			let digest = Digest { logs: vec![pre_digest(slot.into())] };
			let header = Header::new(number, Hash::zero(), Hash::zero(), parent, digest);
			Executive::initialize_block(&header);
			Executive::apply_extrinsic(timestamp)
				.expect("the timestamp is valid")
				.expect("the timestamp is set");
			let results = transactions.into_iter().map(apply).collect();
			(Executive::finalize_block(), results)
		});
		self.parent = header.hash();
		self.state.commit_all().expect("the state can be committed");
		let events = self.events();
		self.ledger.note(&events);
		results
	}

	/// Makes a block in the next slot with these transactions as a node does: by functions of the
	/// runtime's API, which `execute` runs, and returns what became of each. A block that cannot be
	/// made leaves the chain as it is, and the error says why.
	pub(crate) fn block_by(
		&mut self,
		execute: &Execute<'_>,
		transactions: Vec<UncheckedExtrinsic>,
	) -> Result<Vec<ApplyExtrinsicResult>, String> {
		let (number, slot, parent) = (self.number + 1, self.slot + 1, self.parent);
		let header = self.with(|| {
			let digest = Digest { logs: vec![pre_digest(slot.into())] };
			Header::new(number, Hash::zero(), Hash::zero(), parent, digest)
		});
		let timestamp = UncheckedExtrinsic::new_bare(RuntimeCall::Timestamp(TimestampCall::set {
			now: slot * self.slot_ms,
		}));
		let extrinsics: Vec<_> = [timestamp].into_iter().chain(transactions).collect();
		self.state.commit_all().expect("the state can be committed");
		let made = make_block(&mut self.state.ext(), execute, &header, &extrinsics);
		if made.is_err() {
			// A runtime that panics leaves its changes, in transactions that no one ends.
			self.state.reset_overlay();
		}
		let (header, mut results) = made?;
		results.remove(0).expect("the timestamp is valid").expect("the timestamp is set");
		(self.number, self.slot, self.parent) = (number, slot, header.hash());
		self.state.commit_all().expect("the state can be committed");
		let events = self.events();
		self.ledger.note(&events);
		Ok(results)
	}

	/// Makes `count` blocks without transactions.
	pub(crate) fn blocks(&mut self, count: u32) {
		for _ in 0..count {
			self.block(Vec::new());
		}
	}

	/// Makes a block with one signed call and returns its outcome.
	pub(crate) fn submit(
		&mut self,
		signer: Sr25519Keyring,
		call: impl Into<RuntimeCall>,
	) -> DispatchOutcome {
		let transaction = self.with(|| signed(signer, call, 0, 0));
		self.include(transaction)
	}

	/// Makes a block with one transaction and returns its outcome. A block in which the session
	/// changes takes none: then it is the next one.
	pub(crate) fn include(&mut self, transaction: UncheckedExtrinsic) -> DispatchOutcome {
		let outcome = match self.block(vec![transaction.clone()]).remove(0) {
			Err(error) if error.exhausted_resources() => self.block(vec![transaction]).remove(0),
			outcome => outcome,
		};
		outcome.expect("the transaction is included")
	}

	/// What the transaction pool would say.
	pub(crate) fn validate(&mut self, transaction: UncheckedExtrinsic) -> TransactionValidity {
		let parent = self.parent;
		self.with(|| {
			// The pool validates on a separate state.
			with_transaction_unchecked(|| {
				TransactionOutcome::Rollback(Executive::validate_transaction(
					TransactionSource::External,
					transaction,
					parent,
				))
			})
		})
	}

	/// Checks the books, and with the feature `try-runtime` the invariants of every pallet.
	pub(crate) fn check(&mut self) {
		// The first block came one slot after the founding.
		let started_ms = FOUNDED_MS + self.slot_ms;
		self.state.execute_with(|| {
			self.ledger.check(started_ms);
			check_holds();
		});
		#[cfg(feature = "try-runtime")]
		{
			use frame_support::traits::{TryState, TryStateSelect};
			let number = self.number;
			self.with(|| {
				groma_runtime::AllPalletsWithSystem::try_state(number, TryStateSelect::All)
					.expect("the invariants hold");
			});
		}
	}

	/// The events of the latest block.
	pub(crate) fn events(&mut self) -> Vec<RuntimeEvent> {
		self.with(|| System::events().into_iter().map(|record| record.event).collect())
	}
}

/// Runs a function of the runtime's API on a state, given its name and its encoded arguments.
pub(crate) type Execute<'a> =
	dyn Fn(&mut dyn Externalities, &str, &[u8]) -> Result<Vec<u8>, String> + 'a;

/// The header of a block with these extrinsics, and what became of each. One that is not included
/// leaves no trace.
fn make_block(
	state: &mut dyn Externalities,
	execute: &Execute<'_>,
	header: &Header,
	extrinsics: &[UncheckedExtrinsic],
) -> Result<(Header, Vec<ApplyExtrinsicResult>), String> {
	execute(state, "Core_initialize_block", &header.encode())?;
	let mut results = Vec::new();
	for extrinsic in extrinsics {
		state.storage_start_transaction();
		let answer = execute(state, "BlockBuilder_apply_extrinsic", &extrinsic.encode());
		let result = answer.map(|answer| decoded::<ApplyExtrinsicResult>(&answer));
		let ended = match &result {
			Ok(Ok(_)) => state.storage_commit_transaction(),
			_ => state.storage_rollback_transaction(),
		};
		ended.expect("it was begun above");
		results.push(result?);
	}
	let header = execute(state, "BlockBuilder_finalize_block", &[])?;
	Ok((decoded(&header), results))
}

fn decoded<T: Decode>(answer: &[u8]) -> T {
	T::decode(&mut &answer[..]).expect("the runtime answers what its API says")
}

/// Applies a transaction as a block author does: one that is not included leaves no trace.
fn apply(transaction: UncheckedExtrinsic) -> ApplyExtrinsicResult {
	with_transaction_unchecked(|| match Executive::apply_extrinsic(transaction) {
		Ok(outcome) => TransactionOutcome::Commit(Ok(outcome)),
		Err(error) => TransactionOutcome::Rollback(Err(error)),
	})
}

/// A call signed by a well-known account, `ahead` transactions after the last one on chain.
pub(crate) fn signed(
	signer: Sr25519Keyring,
	call: impl Into<RuntimeCall>,
	ahead: u32,
	tip: Balance,
) -> UncheckedExtrinsic {
	let account = signer.to_account_id();
	let nonce = System::account_nonce(&account) + ahead;
	let extension = transactions::extension(nonce, Era::Immortal, tip);
	let payload = SignedPayload::new(call.into(), extension).expect("the implicit data exists");
	let signature = payload.using_encoded(|bytes| MultiSignature::from(signer.sign(bytes)));
	let (call, extension, _) = payload.deconstruct();
	UncheckedExtrinsic::new_signed(call, account.into(), signature, extension)
}

/// A call that authorizes itself.
pub(crate) fn authorized(call: impl Into<RuntimeCall>) -> UncheckedExtrinsic {
	<Runtime as CreateAuthorizedTransaction<RuntimeCall>>::create_authorized_transaction(
		call.into(),
	)
}

/// Dispatches a call as a passed referendum would.
pub(crate) fn as_root(call: impl Into<RuntimeCall>) {
	call.into().dispatch_bypass_filter(RuntimeOrigin::root()).expect("root may");
}

/// The pre-digest of a block that Alice, the first authority, makes in her secondary slot.
fn pre_digest(slot: Slot) -> DigestItem {
	let data = make_vrf_sign_data(&Babe::randomness(), slot, Babe::epoch_index());
	let vrf_signature = Sr25519Keyring::Alice.pair().vrf_sign(&data);
	let authority_index = alice_index();
	let digest = SecondaryVRFPreDigest { authority_index, slot, vrf_signature };
	DigestItem::PreRuntime(BABE_ENGINE_ID, PreDigest::SecondaryVRF(digest).encode())
}

fn alice_index() -> u32 {
	let alice = Sr25519Keyring::Alice.public().into();
	Babe::authorities().iter().position(|(id, _)| *id == alice).expect("she validates") as u32
}

/// The account of a well-known key.
pub(crate) fn account(key: Sr25519Keyring) -> AccountId {
	key.to_account_id()
}
