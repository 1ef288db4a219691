//! Limits of a block, money, spans of time.

use frame_support::{
	dispatch::DispatchClass,
	parameter_types,
	weights::{
		Weight,
		constants::{BlockExecutionWeight, ExtrinsicBaseWeight, WEIGHT_REF_TIME_PER_SECOND},
	},
};
use frame_system::limits;
use groma_core::{
	money::{GRM, MILLI_GRM},
	price::Price,
};
use sp_runtime::Perbill;

use crate::{Balance, BlockNumber};

/// The prefix of addresses: the generic one of Substrate chains.
pub const SS58_PREFIX: u16 = 42;

/// The most compute that a block may need. A slot lasts 6 s: 3 s leave an importing node half a
/// slot for the network. The shorter slots of test presets run the same limit, so that every block
/// of the production chain fits there too; their blocks are far from full.
pub const BLOCK_COMPUTE: Weight =
	Weight::from_parts(WEIGHT_REF_TIME_PER_SECOND.saturating_mul(3), u64::MAX);

/// What ordinary transactions may fill of a block. Operational ones and session changes keep the
/// rest.
pub const NORMAL_RATIO: Perbill = Perbill::from_percent(85);

/// What scheduled calls may take of a block. A call that weighs more is never enacted.
pub const SCHEDULED_RATIO: Perbill = Perbill::from_percent(25);

/// The most bytes of a block: 8 MiB. A settled challenge with eight witnesses brings some 720 bytes
/// to the chain, so that 1,000 of them in one block, and as many transfers next to them, still fit.
/// Twice this stays below the 16 MiB that one network response may have.
pub const BLOCK_BYTES: u32 = 8 * 1024 * 1024;

/// The most bytes of a header: a BABE epoch change announces every authority of the next epoch.
pub const HEADER_BYTES: u32 = 1024 * 1024;

/// The share of [`BLOCK_COMPUTE`] that initialising an average block takes.
const INITIALISATION_RATIO: Perbill = Perbill::from_percent(5);

parameter_types! {
	/// Limits of compute, by class.
	pub BlockWeights: limits::BlockWeights = limits::BlockWeights::builder()
		.base_block(BlockExecutionWeight::get())
		.for_class(DispatchClass::all(), |class| {
			class.base_extrinsic = ExtrinsicBaseWeight::get();
		})
		.for_class(DispatchClass::Normal, |class| {
			class.max_total = Some(NORMAL_RATIO * BLOCK_COMPUTE);
		})
		.for_class(DispatchClass::Operational, |class| {
			class.max_total = Some(BLOCK_COMPUTE);
			class.reserved = Some(BLOCK_COMPUTE.saturating_sub(NORMAL_RATIO * BLOCK_COMPUTE));
		})
		.avg_block_initialization(INITIALISATION_RATIO)
		.build_or_panic();
	/// Limits of length, by class.
	pub BlockLength: limits::BlockLength = limits::BlockLength::builder()
		.max_length(BLOCK_BYTES)
		.modify_max_length_for_class(DispatchClass::Normal, |max| {
			*max = NORMAL_RATIO * BLOCK_BYTES;
		})
		.max_header_size(HEADER_BYTES)
		.build();
}

/// How many block hashes the state keeps: the longest life of a mortal transaction, in blocks.
pub const BLOCK_HASHES: BlockNumber = 4096;

/// The least that an account holds: 0.01 GRM.
pub const EXISTENTIAL_DEPOSIT: Balance = 10 * MILLI_GRM;

/// The price of GRM at which a fee is what [`FEE_PER_PICOSECOND`] and [`FEE_PER_BYTE`] say: $0.10.
/// At another price it is worth as much in USD, within [`FEE_FACTOR_MAX`].
pub const FEE_PRICE: Price = Price::clamp(100_000_000);

/// A fee in GRM is at most this many times the fee at [`FEE_PRICE`], and at least that fee divided
/// by this: a price that is wrong by more makes the chain neither free nor unusable.
pub const FEE_FACTOR_MAX: u64 = 100;

/// The fee of a picosecond of compute at [`FEE_PRICE`], in plancks: an empty transaction costs some
/// 0.001 GRM, a block full of them 26 GRM.
pub const FEE_PER_PICOSECOND: Balance = 10;

/// The fee of a byte at [`FEE_PRICE`], in plancks: 0.000001 GRM.
pub const FEE_PER_BYTE: Balance = 1_000_000;

/// The deposit for `items` storage items with `bytes` bytes: what the state keeps has a price.
pub const fn deposit(items: u32, bytes: u32) -> Balance {
	items as Balance * GRM / 10 + bytes as Balance * MILLI_GRM
}

/// The most validators: of a set of genesis, and of those who earn in one epoch.
pub const VALIDATORS_MAX: u32 = 1_000;

/// The most seats that a vote can give validators. Three sets of other members fit into an epoch.
pub const VALIDATOR_SEATS_MAX: u32 = 300;

/// The most candidates for them.
pub const CANDIDATES_MAX: u32 = 1_000;

const _: () = assert!(3 * VALIDATOR_SEATS_MAX <= VALIDATORS_MAX, "everyone in three sets earns");
const _: () = assert!(VALIDATOR_SEATS_MAX <= CANDIDATES_MAX, "all seats can be filled");
