//! What reads with the state of a chain: calls, transactions and the functions behind JSON-RPC.
//!
//! The chain is a development chain natively in memory, in its first block, with the market that
//! [`super::market`] founds. What a case does to the state is taken back. A call that fails must
//! have changed nothing before that.

use std::{
	any::Any,
	cell::RefCell,
	panic::{self, AssertUnwindSafe},
};

use anyhow::{Context, anyhow};
use codec::{Compact, Decode, DecodeLimit, Encode};
use frame_metadata::{RuntimeMetadata, RuntimeMetadataPrefixed, v16::RuntimeMetadataV16};
use frame_support::traits::{Bounded, schedule::DispatchTime};
use frame_system::RawOrigin;
use groma_core::{
	api::methods,
	money::GRM,
	payload::Observation,
	statement::{Reveal, Statement},
	words::Signature,
};
use groma_runtime::{
	AccountId, Hash, OriginCaller, Runtime, RuntimeCall, RuntimeGenesisConfig, RuntimeOrigin,
	SignedPayload, System, UncheckedExtrinsic, apis::api, genesis::development,
	governance::origins::Origin, transactions::extension,
};
use pallet_stake::Purpose;
use sc_chain_spec::json_merge;
use scale_info::TypeDef;
use sp_core::{Pair, sr25519, storage::StateVersion};
use sp_io::TestExternalities;
use sp_runtime::{
	ApplyExtrinsicResult, BuildStorage, Digest, MultiSignature, OpaqueExtrinsic,
	generic::Era,
	traits::Dispatchable,
	transaction_validity::{TransactionSource, TransactionValidity},
};

use super::{
	market::{CHANNEL, Market},
	outcome::Outcome,
};
use crate::{native::ask, transactions::authorized};

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
	functions: Vec<Function>,
	calls: Vec<[u8; 2]>,
	/// An account with funds, to which the market belongs.
	pair: sr25519::Pair,
	market: Market,
}

/// A function of a runtime API.
#[derive(Clone)]
struct Function {
	name: String,
	/// Whether its arguments begin with a transaction.
	takes_transaction: bool,
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
		let pair = sr25519::Pair::from_string("//Alice", None)
			.map_err(|error| anyhow!("there is no account: {error:?}"))?;
		let mut state = TestExternalities::new(storage);
		let market = state.execute_with(|| {
			System::initialize(&1, &Hash::zero(), &Digest::default());
			Market::found(pair.public().into())
		})?;
		state.commit_all().map_err(|error| anyhow!("the state cannot be kept: {error}"))?;
		let metadata = state.execute_with(metadata)?;
		Ok(Self { functions: functions(&metadata), calls: calls(&metadata), state, pair, market })
	}

	fn account(&self) -> AccountId {
		self.pair.public().into()
	}

	/// Calls that are more than zeros.
	fn known_calls(&self) -> Vec<RuntimeCall> {
		let mut calls = known_calls(self.account());
		calls.extend(self.market.calls());
		calls
	}

	/// A question to the function with this name.
	fn question(&self, name: &str, arguments: &[u8]) -> anyhow::Result<Vec<u8>> {
		let place = self.functions.iter().position(|function| function.name == name);
		let place = place.with_context(|| format!("the runtime has no {name}"))?;
		let number = u8::try_from(place).context("a byte names each function")?;
		Ok([&[number][..], arguments].concat())
	}
}

fn metadata() -> anyhow::Result<RuntimeMetadataV16> {
	let bytes = Runtime::metadata_at_version(16).context("the runtime has metadata")?;
	match RuntimeMetadataPrefixed::decode(&mut &bytes[..])?.1 {
		RuntimeMetadata::V16(metadata) => Ok(metadata),
		other => Err(anyhow!("the metadata is of version {}", other.version())),
	}
}

fn functions(metadata: &RuntimeMetadataV16) -> Vec<Function> {
	let is_transaction = |id: u32| {
		let path = metadata.types.resolve(id).map(|of| &of.path);
		path.and_then(|path| path.segments.last()).is_some_and(|name| name == "UncheckedExtrinsic")
	};
	let open = metadata.apis.iter().filter(|api| !OF_NODES.contains(&&api.name[..]));
	let functions = open.flat_map(|api| api.methods.iter().map(move |method| (api, method)));
	functions
		.map(|(api, method)| Function {
			name: format!("{}_{}", api.name, method.name),
			takes_transaction: method.inputs.first().is_some_and(|it| is_transaction(it.ty.id)),
		})
		.collect()
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
/// call opens a separate one, as it does in a block.
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
		let known = chain.known_calls();
		cases.extend(known.iter().map(|call| [vec![0], call.encode()].concat()));
		Ok(cases)
	})
}

/// Calls that anyone, or a validator, may send. Zeros alone are refused early.
fn known_calls(to: AccountId) -> Vec<RuntimeCall> {
	use pallet_stake::Call as Stake;
	use pallet_validators::Call as Validators;
	let remark = RuntimeCall::from(frame_system::Call::remark { remark: vec![1, 2, 3] });
	let proposal = RuntimeCall::Referenda(pallet_referenda::Call::submit {
		proposal_origin: Box::new(OriginCaller::from(Origin::Signal)),
		proposal: Bounded::Inline(remark.encode().try_into().unwrap_or_default()),
		enactment_moment: DispatchTime::After(0),
	});
	let (validating, amount) = (Purpose::Validating, GRM);
	vec![
		remark,
		proposal,
		Stake::<Runtime>::provision { purpose: Purpose::Devices(0), amount }.into(),
		Stake::<Runtime>::provision { purpose: validating, amount }.into(),
		Stake::<Runtime>::thaw { purpose: validating, amount }.into(),
		Stake::<Runtime>::set_open { is_open: true }.into(),
		Stake::<Runtime>::delegate { operator: to.clone(), amount: 100 * GRM }.into(),
		Stake::<Runtime>::undelegate { operator: to.clone(), amount: None }.into(),
		Validators::<Runtime>::declare { displaces: Some(to.clone()) }.into(),
		Validators::<Runtime>::resign {}.into(),
		Validators::<Runtime>::apply_slash { era: 0, validator: to.clone() }.into(),
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
		Err(error) => panic!("{error:#}"),
	}
}

/// Transactions of an account and of a device, without their length: every call that zeros are
/// arguments of, and known ones.
pub(super) fn transaction_cases() -> anyhow::Result<Vec<Vec<u8>>> {
	with(|chain| {
		let (pair, account) = (chain.pair.clone(), chain.account());
		let mut calls = chain.known_calls();
		calls.extend(chain.calls.iter().filter_map(call_of_zeros));
		chain.state.execute_with(|| {
			let mut cases = Vec::new();
			for call in calls {
				cases.push(without_length(&authorized(call.clone())));
				cases.push(without_length(&UncheckedExtrinsic::new_bare(call.clone())));
				let payload = SignedPayload::new(call, extension(0, Era::Immortal, 0))
					.map_err(|error| anyhow!("nothing can be signed: {error:?}"))?;
				let signature =
					MultiSignature::Sr25519(payload.using_encoded(|bytes| pair.sign(bytes)));
				let (call, extension, _) = payload.deconstruct();
				let from = account.clone().into();
				let signed = UncheckedExtrinsic::new_signed(call, from, signature, extension);
				cases.push(without_length(&signed));
			}
			Ok(cases)
		})
	})
}

/// A call with arguments of zeros, if it has such arguments.
fn call_of_zeros(number: &[u8; 2]) -> Option<RuntimeCall> {
	let bytes = [&number[..], &[0; ARGUMENTS_LENGTH]].concat();
	RuntimeCall::decode_with_depth_limit(DEPTH_MAX, &mut &bytes[..]).ok()
}

fn without_length(transaction: &UncheckedExtrinsic) -> Vec<u8> {
	let bytes = transaction.encode();
	let mut rest = &bytes[..];
	match Compact::<u32>::decode(&mut rest) {
		Ok(_) => rest.to_vec(),
		Err(_) => bytes,
	}
}

/// Validates a transaction as the pool does, and applies it as the author of a block does.
///
/// To a node a transaction is bytes, whose length it knows before the runtime sees them. So the
/// length that the runtime reads is always the right one. That matters, as it reserves as many
/// bytes before it reads them.
pub(super) fn read_transaction(input: &[u8]) -> Outcome {
	let bytes = OpaqueExtrinsic::from_blob(input.to_vec()).encode();
	let decoded = UncheckedExtrinsic::decode_with_depth_limit(DEPTH_MAX, &mut &bytes[..]);
	let Ok(transaction) = decoded else { return Outcome::Refused };
	if matches!(transaction.function, RuntimeCall::Timestamp(_)) {
		return Outcome::Refused;
	}
	let question = [TransactionSource::External.encode(), bytes.clone(), Hash::zero().encode()];
	let taken = with(|chain| {
		chain.state.execute_with(|| {
			let validity: TransactionValidity =
				undone(|| ask("TaggedTransactionQueue_validate_transaction", &question.concat()))?;
			let applied: ApplyExtrinsicResult =
				undone(|| ask("BlockBuilder_apply_extrinsic", &bytes))?;
			anyhow::Ok(validity.is_ok() && applied.is_ok())
		})
	});
	outcome(taken)
}

/// A function, by its place in the list, and arguments: zeros, and vouchers for the one that checks
/// them.
pub(super) fn question_cases() -> anyhow::Result<Vec<Vec<u8>>> {
	with(|chain| {
		let count = u8::try_from(chain.functions.len()).context("a byte names each function")?;
		let of_zeros = |number: u8| {
			[0, 2, 4, 6, 8, 10, 36, 40, 72, 88, 92]
				.map(|length| [vec![number], vec![0; length]].concat())
		};
		let mut cases: Vec<_> = (0..count).flat_map(of_zeros).collect();
		for vouchers in chain.market.claims() {
			let arguments = (CHANNEL, vouchers).encode();
			cases.push(chain.question(methods::CHECK_VOUCHERS, &arguments)?);
		}
		Ok(cases)
	})
}

/// Asks a function of a runtime API, as JSON-RPC and light clients do. It changes nothing.
pub(super) fn read_question(input: &[u8]) -> Outcome {
	let Some((number, arguments)) = input.split_first() else { return Outcome::Refused };
	let taken = with(|chain| {
		let place = usize::from(*number) % chain.functions.len().max(1);
		let function = chain.functions.get(place).context("there are functions")?;
		if function.takes_transaction && claims_too_much(arguments) {
			return Ok(false);
		}
		let state = &mut chain.state;
		Ok(state.execute_with(|| {
			let ask = || api::dispatch(&function.name, arguments);
			match undone(|| panic::catch_unwind(AssertUnwindSafe(ask))) {
				Ok(answer) => {
					assert!(answer.is_some(), "the runtime has no {}", function.name);
					true
				}
				Err(payload) if is_about_arguments(&*payload) => false,
				Err(payload) => panic::resume_unwind(payload),
			}
		}))
	});
	outcome(taken)
}

/// Whether a transaction claims more bytes than there are. It cannot be decoded, but what tries
/// reserves as many bytes first: natively all of them. The allocator of a blob refuses more than
/// 32 MiB, which ends the call as well.
fn claims_too_much(transaction: &[u8]) -> bool {
	let mut rest = transaction;
	Compact::<u32>::decode(&mut rest).is_ok_and(|claimed| claimed.0 as usize > rest.len())
}

/// Whether a panic says that the arguments of a function do not decode. What it says is one text
/// if the function has no arguments, and put together if it has.
fn is_about_arguments(payload: &(dyn Any + Send)) -> bool {
	let said = payload.downcast_ref::<String>().map(String::as_str);
	let said = said.or_else(|| payload.downcast_ref::<&str>().copied());
	said.is_some_and(|said| said.starts_with(BAD_ARGUMENTS))
}

#[cfg(test)]
mod tests {
	use frame_support::dispatch::Pays;
	use groma_core::{
		api::{ClaimRefusal, Code, VoucherAnswer},
		money::{Balance, Credits},
		voucher::Voucher,
	};
	use groma_runtime::{Emission, MeteredService};

	use super::*;
	use crate::{
		allocator::measured,
		fuzz::market::{CREDITS, STEP, claim},
	};

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
	fn known_calls_reach_beyond_what_zeros_do() {
		let account = with(|chain| Ok(chain.account())).expect("a chain");
		let taken = known_calls(account).into_iter().filter(|call| {
			let case = [vec![0], call.encode()].concat();
			read_call(&case) == Outcome::Read
		});
		let taken = taken.count();
		assert!(taken >= 5, "{taken}: a remark, a transfer, a proposal, stake, a pool that opens");
	}

	#[test]
	fn every_call_of_the_market_is_a_case_and_taken() {
		let cases = call_cases().expect("cases");
		for call in with(|chain| Ok(chain.market.calls())).expect("a chain") {
			let case = [vec![0], call.encode()].concat();
			assert!(cases.contains(&case), "{call:?}");
			assert_eq!(read_call(&case), Outcome::Read, "{call:?}");
		}
	}

	fn claims() -> [Vec<Voucher>; 3] {
		with(|chain| Ok(chain.market.claims())).expect("a chain")
	}

	/// What a claim comes to: whether it has a fee, the credits that are left in the channel, if
	/// that is still there, and the plancks that it burns.
	fn claimed(vouchers: Vec<Voucher>) -> (Pays, Option<Credits>, Balance) {
		let claimed = with(|chain| {
			let origin = RuntimeOrigin::signed(chain.account());
			Ok(chain.state.execute_with(|| {
				undone(|| {
					let before = Emission::burned();
					let taken = claim(vouchers).dispatch(origin).expect("it is taken");
					let left = MeteredService::channel(CHANNEL).map(|it| it.lot.credits());
					(taken.pays_fee, left, Emission::burned() - before)
				})
			}))
		});
		claimed.expect("a chain")
	}

	#[test]
	fn claims_are_paid_and_the_one_that_overdraws_ends_the_channel() {
		let bond = with(|chain| {
			let channel = chain.state.execute_with(|| MeteredService::channel(CHANNEL));
			Ok(channel.context("it is open")?.bond)
		});
		let bond = bond.expect("a channel");
		let [more, both, overdrawn] = claims().map(claimed);
		assert_eq!(more, (Pays::Yes, Some(CREDITS - 2 * STEP), 0));
		assert_eq!(both, (Pays::Yes, Some(CREDITS - 3 * STEP), 0));
		assert!(bond > 0);
		assert_eq!(overdrawn, (Pays::No, None, bond));
	}

	#[test]
	fn vouchers_are_checked_behind_json_rpc() {
		type Answers = Result<Vec<VoucherAnswer<AccountId>>, Code<ClaimRefusal>>;
		let cases = question_cases().expect("cases");
		for (vouchers, is_overdrawn) in claims().into_iter().zip([false, false, true]) {
			let arguments = (CHANNEL, vouchers).encode();
			let case = question(methods::CHECK_VOUCHERS, &arguments);
			assert!(cases.contains(&case));
			assert_eq!(read_question(&case), Outcome::Read);
			let answers = with(|chain| {
				chain.state.execute_with(|| ask::<Answers>(methods::CHECK_VOUCHERS, &arguments))
			});
			for answer in answers.expect("an answer").expect("the channel takes vouchers") {
				let VoucherAnswer::Pays(pay) = answer else { panic!("{answer:?}") };
				assert_eq!(pay.overdraws, is_overdrawn);
			}
		}
	}

	#[test]
	fn functions_behind_json_rpc_are_asked() {
		let functions = with(|chain| Ok(chain.functions.clone())).expect("a chain");
		for name in methods::ALL {
			assert!(functions.iter().any(|function| function.name == *name), "{name}");
		}
		assert!(functions.len() < 256, "{}", functions.len());
	}

	/// A question to the function with this name.
	fn question(name: &str, arguments: &[u8]) -> Vec<u8> {
		with(|chain| chain.question(name, arguments)).expect("a function")
	}

	#[test]
	fn arguments_are_refused_when_they_do_not_decode() {
		// Of these two functions the first has no arguments, so that any are too many.
		for (name, length) in [("ChallengesApi_window", 1), ("ChallengesApi_seed", 0)] {
			assert_eq!(
				read_question(&question(name, &vec![1; length])),
				Outcome::Refused,
				"{name}"
			);
		}
		assert_eq!(read_question(&question("ChallengesApi_window", &[])), Outcome::Read);
	}

	#[test]
	fn panic_that_is_not_about_arguments_is_none_of_their_fault() {
		assert!(!is_about_arguments(&"a balance is Bad input data provided to nothing"));
		assert!(!is_about_arguments(&7_u32));
		assert!(is_about_arguments(&"Bad input data provided to window: nothing"));
		assert!(is_about_arguments(&String::from("Bad input data provided to seed: nothing")));
	}

	#[test]
	fn transaction_is_not_decoded_when_it_claims_bytes_that_are_not_there() {
		let transaction = known_transaction().encode();
		let length = 92_u32.to_le_bytes();
		for name in ["TransactionPaymentApi_query_info", "ChallengesApi_track"] {
			let whole = question(name, &[&transaction[..], &length].concat());
			assert_eq!(read_question(&whole), Outcome::Read, "{name}");
			let body = without_length(&known_transaction());
			let claiming = [Compact(877_000_000_u32).encode(), body, length.to_vec()].concat();
			let claiming = question(name, &claiming);
			let (outcome, held) = measured(|| read_question(&claiming));
			assert_eq!(outcome, Outcome::Refused, "{name}");
			assert!(held.peak < 1 << 20, "{name}: {held:?}");
		}
	}

	fn known_transaction() -> UncheckedExtrinsic {
		authorized(known_calls([1; 32].into()).remove(0))
	}

	#[test]
	fn transactions_have_the_length_that_nodes_know() {
		let body = without_length(&known_transaction());
		assert_eq!(OpaqueExtrinsic::from_blob(body.clone()).encode(), known_transaction().encode());
		let claiming = [Compact(877_000_000_u32).encode(), body].concat();
		// What a stranger sends is no transaction to a node if it claims more than it has.
		assert!(OpaqueExtrinsic::try_from_encoded_extrinsic(&claiming).is_err());
		let (outcome, held) = measured(|| read_transaction(&claiming));
		assert_eq!(outcome, Outcome::Refused);
		assert!(held.peak < 1 << 20, "{held:?}");
	}

	#[test]
	fn every_call_of_zeros_is_a_transaction() {
		let (calls, cases) = with(|chain| Ok(chain.calls.clone()))
			.and_then(|calls| Ok((calls, transaction_cases()?)))
			.expect("a chain");
		let named: Vec<_> = calls.iter().filter_map(call_of_zeros).collect();
		assert!(named.len() > calls.len() / 2, "{} of {}", named.len(), calls.len());
		for call in named {
			let bare = without_length(&UncheckedExtrinsic::new_bare(call.clone()));
			assert!(cases.contains(&bare), "{call:?}");
		}
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
