//! What reads with the state of a chain: calls, transactions and the functions behind JSON-RPC.
//!
//! The chain is a development chain natively in memory, in its first block. What a case does to the
//! state is taken back. A call that fails must have changed nothing before that.

use std::{
	cell::RefCell,
	panic::{self, AssertUnwindSafe},
};

use anyhow::{Context, anyhow};
use codec::{Decode, DecodeLimit, Encode};
use frame_metadata::{RuntimeMetadata, RuntimeMetadataPrefixed, v16::RuntimeMetadataV16};
use frame_system::RawOrigin;
use groma_core::{
	payload::Observation,
	statement::{Reveal, Statement},
	words::Signature,
};
use groma_runtime::{
	AccountId, Executive, Hash, Runtime, RuntimeCall, RuntimeGenesisConfig, RuntimeOrigin,
	SignedPayload, System, UncheckedExtrinsic, apis::api, genesis::development,
	transactions::extension,
};
use sc_chain_spec::json_merge;
use scale_info::TypeDef;
use sp_core::{Pair, sr25519, storage::StateVersion};
use sp_io::TestExternalities;
use sp_runtime::{
	BuildStorage, Digest, MultiSignature, generic::Era, traits::Dispatchable,
	transaction_validity::TransactionSource,
};

use super::outcome::Outcome;
use crate::transactions::authorized;

/// How deep nodes decode transactions.
const DEPTH_MAX: u32 = 256;
/// Zeros behind the number of a call, from which mutations make its arguments.
const ARGUMENTS_LENGTH: usize = 120;
/// Runtime APIs that nodes alone call, with what they made themselves.
const OF_NODES: [&str; 12] = [
	"AuthorityDiscoveryApi",
	"BabeApi",
	"Benchmark",
	"BlockBuilder",
	"Core",
	"GenesisBuilder",
	"GrandpaApi",
	"Metadata",
	"OffchainWorkerApi",
	"SessionKeys",
	"TaggedTransactionQueue",
	"TryRuntime",
];
/// What a runtime API says of arguments that do not decode. In a blob it ends the call and nothing
/// else.
const BAD_ARGUMENTS: &str = "Bad input data provided to";

thread_local! {
	static CHAIN: RefCell<Option<Chain>> = const { RefCell::new(None) };
}

struct Chain {
	state: TestExternalities,
	/// The functions of runtime APIs that anyone may call.
	functions: Vec<String>,
	calls: Vec<[u8; 2]>,
	/// An account with funds.
	pair: sr25519::Pair,
}

/// Uses the chain of this thread.
fn with<R>(act: impl FnOnce(&mut Chain) -> anyhow::Result<R>) -> anyhow::Result<R> {
	CHAIN.with_borrow_mut(|chain| {
		if chain.is_none() {
			*chain = Some(Chain::found()?);
		}
		act(chain.as_mut().context("it was founded")?)
	})
}

impl Chain {
	fn found() -> anyhow::Result<Self> {
		let mut config = serde_json::to_value(RuntimeGenesisConfig::default())?;
		json_merge(&mut config, development());
		let storage = serde_json::from_value::<RuntimeGenesisConfig>(config)?
			.build_storage()
			.map_err(|error| anyhow!("the genesis cannot be built: {error}"))?;
		let mut state = TestExternalities::new(storage);
		state.execute_with(|| System::initialize(&1, &Hash::zero(), &Digest::default()));
		state.commit_all().map_err(|error| anyhow!("the state cannot be kept: {error}"))?;
		let metadata = state.execute_with(metadata)?;
		let pair = sr25519::Pair::from_string("//Alice", None)
			.map_err(|error| anyhow!("there is no account: {error:?}"))?;
		Ok(Self { functions: functions(&metadata), calls: calls(&metadata), state, pair })
	}

	fn account(&self) -> AccountId {
		self.pair.public().into()
	}
}

fn metadata() -> anyhow::Result<RuntimeMetadataV16> {
	let bytes = Runtime::metadata_at_version(16).context("the runtime has metadata")?;
	match RuntimeMetadataPrefixed::decode(&mut &bytes[..])?.1 {
		RuntimeMetadata::V16(metadata) => Ok(metadata),
		other => Err(anyhow!("the metadata is of version {}", other.version())),
	}
}

fn functions(metadata: &RuntimeMetadataV16) -> Vec<String> {
	let open = metadata.apis.iter().filter(|api| !OF_NODES.contains(&&api.name[..]));
	open.flat_map(|api| api.methods.iter().map(|it| format!("{}_{}", api.name, it.name))).collect()
}

fn calls(metadata: &RuntimeMetadataV16) -> Vec<[u8; 2]> {
	let mut calls = Vec::new();
	for pallet in &metadata.pallets {
		let of = pallet.calls.as_ref().and_then(|calls| metadata.types.resolve(calls.ty.id));
		if let Some(TypeDef::Variant(of)) = of.map(|of| &of.type_def) {
			calls.extend(of.variants.iter().map(|variant| [pallet.index, variant.index]));
		}
	}
	calls
}

/// The root of the state as it is now.
fn root() -> Vec<u8> {
	sp_io::storage::root(StateVersion::V1)
}

/// Does something to the state and takes it back. FRAME does not see the transaction, so that a
/// call opens one of its own, as it does in a block.
fn undone<R>(act: impl FnOnce() -> R) -> R {
	sp_io::storage::start_transaction();
	let result = act();
	sp_io::storage::rollback_transaction();
	result
}

/// Every call with arguments of zeros, from each origin: a byte for the origin and the call.
pub(super) fn call_cases() -> anyhow::Result<Vec<Vec<u8>>> {
	let arguments = [0; ARGUMENTS_LENGTH];
	with(|chain| {
		let mut cases = Vec::new();
		for call in &chain.calls {
			cases.extend([0, 1, 2].map(|origin| [&[origin][..], call, &arguments].concat()));
		}
		let known = known_calls(chain.account());
		cases.extend(known.iter().map(|call| [vec![0], call.encode()].concat()));
		Ok(cases)
	})
}

/// Calls that anyone may send.
fn known_calls(to: AccountId) -> Vec<RuntimeCall> {
	let remark = RuntimeCall::from(frame_system::Call::remark { remark: vec![1, 2, 3] });
	vec![
		remark,
		pallet_balances::Call::transfer_keep_alive { dest: to.into(), value: 5 }.into(),
		pallet_proof_of_coverage::Call::submit_own_statement { statement: statement() }.into(),
		pallet_proof_of_coverage::Call::submit_own_reveal { reveal: reveal() }.into(),
	]
}

fn statement() -> Statement {
	let observation = Observation {
		witness: 2,
		collector: 3,
		rssi_deci_dbm: -900,
		snr_deci_db: 50,
		commitment: [1; 8],
	};
	Statement { window: 0, beaconer: 1, observation, signature: Signature([3; 64]) }
}

fn reveal() -> Reveal {
	Reveal { window: 0, beaconer: 1, signature: Signature([3; 64]) }
}

/// Dispatches a call. One that fails has changed nothing.
pub(super) fn read_call(input: &[u8]) -> Outcome {
	let Some((origin, bytes)) = input.split_first() else { return Outcome::Refused };
	let Ok(call) = RuntimeCall::decode_with_depth_limit(DEPTH_MAX, &mut &bytes[..]) else {
		return Outcome::Refused;
	};
	// Only the author of a block sends it, and one that is wrong makes the block invalid.
	if matches!(call, RuntimeCall::Timestamp(_)) {
		return Outcome::Refused;
	}
	let taken = with(|chain| {
		let origin = match origin % 3 {
			0 => RuntimeOrigin::signed(chain.account()),
			1 => RuntimeOrigin::none(),
			_ => RawOrigin::<AccountId>::Authorized.into(),
		};
		Ok(chain.state.execute_with(|| {
			let before = root();
			undone(|| {
				let is_ok = call.dispatch(origin).is_ok();
				assert!(is_ok || root() == before, "a call that failed changed the state");
				is_ok
			})
		}))
	});
	outcome(taken)
}

fn outcome(taken: anyhow::Result<bool>) -> Outcome {
	match taken {
		Ok(true) => Outcome::Read,
		Ok(false) => Outcome::Refused,
		Err(error) => panic!("there is no chain: {error}"),
	}
}

/// Transactions of an account and of a device.
pub(super) fn transaction_cases() -> anyhow::Result<Vec<Vec<u8>>> {
	with(|chain| {
		let (pair, account) = (chain.pair.clone(), chain.account());
		chain.state.execute_with(|| {
			let mut cases = Vec::new();
			for call in known_calls(account.clone()) {
				cases.push(authorized(call.clone()).encode());
				cases.push(UncheckedExtrinsic::new_bare(call.clone()).encode());
				let payload = SignedPayload::new(call, extension(0, Era::Immortal, 0))
					.map_err(|error| anyhow!("nothing can be signed: {error:?}"))?;
				let signature =
					MultiSignature::Sr25519(payload.using_encoded(|bytes| pair.sign(bytes)));
				let (call, extension, _) = payload.deconstruct();
				let from = account.clone().into();
				let signed = UncheckedExtrinsic::new_signed(call, from, signature, extension);
				cases.push(signed.encode());
			}
			Ok(cases)
		})
	})
}

/// Validates a transaction as the pool does, and applies it as the author of a block does.
pub(super) fn read_transaction(input: &[u8]) -> Outcome {
	let decoded = UncheckedExtrinsic::decode_with_depth_limit(DEPTH_MAX, &mut &input[..]);
	let Ok(transaction) = decoded else { return Outcome::Refused };
	if matches!(transaction.function, RuntimeCall::Timestamp(_)) {
		return Outcome::Refused;
	}
	let taken = with(|chain| {
		Ok(chain.state.execute_with(|| {
			let (source, parent) = (TransactionSource::External, Hash::zero());
			let is_valid = undone(|| {
				Executive::validate_transaction(source, transaction.clone(), parent).is_ok()
			});
			let is_included = undone(|| Executive::apply_extrinsic(transaction).is_ok());
			is_valid && is_included
		}))
	});
	outcome(taken)
}

/// A function, by its place in the list, and arguments of zeros.
pub(super) fn question_cases() -> anyhow::Result<Vec<Vec<u8>>> {
	with(|chain| {
		let count = u8::try_from(chain.functions.len()).context("a byte names each function")?;
		let cases = |number: u8| {
			[0, 2, 4, 6, 8, 10, 36, 40, 72, 88, 92]
				.map(|length| [vec![number], vec![0; length]].concat())
		};
		Ok((0..count).flat_map(cases).collect())
	})
}

/// Asks a function of a runtime API, as JSON-RPC and light clients do. It changes nothing.
pub(super) fn read_question(input: &[u8]) -> Outcome {
	let Some((number, arguments)) = input.split_first() else { return Outcome::Refused };
	let taken = with(|chain| {
		let place = usize::from(*number) % chain.functions.len().max(1);
		let function = chain.functions.get(place).context("there are functions")?;
		let state = &mut chain.state;
		Ok(state.execute_with(|| {
			let ask = || api::dispatch(function, arguments);
			match undone(|| panic::catch_unwind(AssertUnwindSafe(ask))) {
				Ok(answer) => {
					assert!(answer.is_some(), "the runtime has no {function}");
					true
				}
				Err(payload) => {
					let said = payload.downcast_ref::<String>().map_or("", String::as_str);
					if !said.starts_with(BAD_ARGUMENTS) {
						panic::resume_unwind(payload);
					}
					false
				}
			}
		}))
	});
	outcome(taken)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn every_call_is_a_case_from_every_origin() {
		let cases = call_cases().expect("cases");
		let calls = with(|chain| Ok(chain.calls.clone())).expect("a chain");
		assert!(calls.len() > 80, "{}", calls.len());
		for call in calls {
			for origin in 0..3 {
				assert!(cases.iter().any(|case| case[..3] == [origin, call[0], call[1]]));
			}
		}
	}

	#[test]
	fn functions_behind_json_rpc_are_asked() {
		let functions = with(|chain| Ok(chain.functions.clone())).expect("a chain");
		for name in groma_core::api::methods::ALL {
			assert!(functions.iter().any(|function| function == name), "{name}");
		}
		assert!(functions.len() < 256, "{}", functions.len());
	}

	#[test]
	fn what_a_case_does_is_undone() {
		let state_of = || with(|chain| Ok(chain.state.execute_with(root))).expect("a chain");
		let before = state_of();
		let cases = transaction_cases().expect("cases");
		assert!(cases.iter().any(|case| read_transaction(case) == Outcome::Read));
		let cases = call_cases().expect("cases");
		assert!(cases.iter().any(|case| read_call(case) == Outcome::Read));
		assert_eq!(state_of(), before);
	}
}
