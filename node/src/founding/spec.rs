//! The chain specification that an input without faults makes.

use groma_core::{
	emission::DAY_MS,
	money::{GENESIS_SUPPLY, GRM},
	protocol::SLOT_MS,
};
use groma_runtime::{
	BlockNumber,
	genesis::{Founders, treasury_account},
};
use sc_chain_spec::ChainSpec as _;
use sc_service::ChainType;

use super::{
	input::{Allocation, Input, Treasury},
	state, votes,
};
use crate::chain_spec::{self, ChainSpec};

/// Blocks of a day.
const DAY_BLOCKS: BlockNumber = (DAY_MS / SLOT_MS) as BlockNumber;

/// The specification, as nodes read it, and as its file has it.
pub(super) struct Founded {
	pub(super) spec: ChainSpec,
	pub(super) json: String,
}

/// Has the runtime build the genesis, and looks at what it made.
pub(super) fn found(input: &Input) -> Result<Founded, String> {
	let chain = input.chain.as_ref().ok_or("the input does not say how the chain is called")?;
	let bootnodes = chain.bootnodes.iter().map(|(_, node)| node.clone()).collect();
	let patch = founders(input).patch();
	let json = chain_spec::founded(&chain.name, &chain.id, bootnodes, patch)?.as_json(true)?;
	let spec = ChainSpec::from_json_bytes(json.clone().into_bytes())?;
	let state = spec.as_storage_builder().build_storage()?;
	state::ensure_founded(&state, &ChainType::Live).map_err(|error| error.to_string())?;
	let issuance = state::issuance(&state);
	if issuance != GENESIS_SUPPLY {
		return Err(format!("its genesis issues {issuance} plancks, not {GENESIS_SUPPLY}"));
	}
	Ok(Founded { spec, json })
}

/// What the genesis has beyond the preset.
fn founders(input: &Input) -> Founders {
	let plancks = |grm: u128| grm.saturating_mul(GRM);
	let allocations = input.allocations.iter();
	let mut balances: Vec<_> =
		allocations.clone().map(|it| (it.account.clone(), plancks(it.grm))).collect();
	let given = plancks(votes::given(&input.allocations));
	let treasury = match input.treasury {
		Treasury::Rest => GENESIS_SUPPLY.saturating_sub(given),
		Treasury::Grm(grm) => plancks(grm),
	};
	balances.push((treasury_account(), treasury));
	let vesting = allocations.filter_map(|Allocation { account, vesting, .. }| {
		let vesting = vesting.as_ref()?;
		let (begin, length) = (blocks(vesting.starts_after_days), blocks(vesting.lasts_days));
		Some((account.clone(), begin, length, plancks(vesting.free_grm)))
	});
	let validators = input.validators.iter();
	let feeders =
		validators.clone().filter_map(|it| Some((it.account.clone(), it.feeder.clone()?)));
	Founders {
		vesting: vesting.collect(),
		feeders: feeders.collect(),
		validators: validators.map(|it| (it.account.clone(), it.keys.clone())).collect(),
		fellows: input.fellows.iter().map(|it| (it.account.clone(), it.rank)).collect(),
		balances,
	}
}

fn blocks(days: u32) -> BlockNumber {
	days.saturating_mul(DAY_BLOCKS)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::founding::fixture::{account, input};

	#[test]
	fn founders_have_what_the_input_says() {
		let founders = founders(&input());
		let sum: u128 = founders.balances.iter().map(|(_, balance)| balance).sum();
		assert_eq!(sum, GENESIS_SUPPLY);
		assert_eq!(founders.balances.len(), 9);
		assert_eq!(founders.balances[8], (treasury_account(), 162_000_000 * GRM));
		let days = (30 * 14_400, 700 * 14_400);
		assert_eq!(founders.vesting, [(account(8), days.0, days.1, 4_000_000 * GRM)]);
		assert_eq!(founders.validators.len(), 4);
		assert_eq!(founders.feeders, [(account(1), account(40))]);
		assert_eq!(founders.fellows, [5, 6, 7].map(|number| (account(number), 3)));
	}

	#[test]
	fn specification_is_the_same_for_every_founder() {
		let (first, second) = (found(&input()), found(&input()));
		let (first, second) = (first.expect("it is founded"), second.expect("it is founded"));
		assert!(first.json == second.json, "two runs make different files");
		let spec = first.spec;
		assert_eq!((spec.name(), spec.id()), ("Test", "test_chain"));
		assert_eq!(spec.protocol_id(), Some("test_chain"));
		assert_eq!(spec.chain_type(), ChainType::Live);
	}
}
