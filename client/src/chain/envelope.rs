//! How a device's own call is wrapped: a general transaction (version 5) without signer, which the
//! runtime authorizes by what the call itself proves.
//!
//! Of the metadata, which is large, only these few bytes are kept per runtime version.

use std::sync::Arc;

use codec::{Decode, Encode};
use groma_core::{
	payload::Observation,
	words::{Hash, Signature},
};
use subxt::{
	OfflineClient, SubstrateConfig,
	client::OfflineClientAtBlockImpl,
	config::{
		DefaultExtrinsicParamsBuilder,
		substrate::{H256, SpecVersionForRange},
	},
	metadata::Metadata,
	tx::{self, TransactionsClient},
	utils::{AccountId32, MultiSignature},
};

use crate::parcel::{Parcel, Reveal, Statement};

const PALLET: &str = "ProofOfCoverage";
const STATEMENT_CALL: &str = "submit_own_statement";
const REVEAL_CALL: &str = "submit_own_reveal";

/// Parcels that stand for all others when the metadata is checked.
const STATEMENT: Parcel = Parcel::Statement(Statement {
	window: 0,
	beaconer: 0,
	observation: Observation { witness: 0, rssi_deci_dbm: 0, snr_deci_db: 0, commitment: [0; 8] },
	signature: Signature([0; 64]),
});
const REVEAL: Parcel =
	Parcel::Reveal(Reveal { window: 0, beaconer: 0, signature: Signature([0; 64]) });

type Transactions = TransactionsClient<SubstrateConfig, OfflineClientAtBlockImpl<SubstrateConfig>>;

/// A runtime's version numbers, as transactions name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RuntimeVersion {
	pub(super) spec: u32,
	pub(super) transaction: u32,
}

pub(super) struct Envelope {
	pub(super) version: RuntimeVersion,
	/// Everything of a general transaction that comes before the call.
	head: Vec<u8>,
	statement_call: [u8; 2],
	reveal_call: [u8; 2],
}

impl Envelope {
	pub(super) fn new(
		metadata: Metadata,
		version: RuntimeVersion,
		genesis: Hash,
	) -> Result<Self, String> {
		let statement_call = call_index(&metadata, STATEMENT_CALL)?;
		let reveal_call = call_index(&metadata, REVEAL_CALL)?;
		let config = SubstrateConfig::builder()
			.set_genesis_hash(H256(genesis))
			.set_metadata_for_spec_versions([(version.spec, Arc::new(metadata))])
			.set_spec_version_for_block_ranges([SpecVersionForRange {
				block_range: 0..u64::MAX,
				spec_version: version.spec,
				transaction_version: version.transaction,
			}])
			.build();
		let client =
			OfflineClient::new_with_config(config).at_block(0u64).map_err(|e| e.to_string())?;
		let transactions = client.tx();
		for (call, parcel) in [(statement_call, STATEMENT), (reveal_call, REVEAL)] {
			// The metadata has to understand what will be sent, to the last byte.
			transactions
				.from_call_data_bytes(&[&call, &parcel.arguments()[..]].concat())
				.map_err(|error| error.to_string())?;
		}
		Ok(Self { version, head: head(&transactions)?, statement_call, reveal_call })
	}

	/// The transaction that carries a parcel.
	pub(super) fn wrap(&self, parcel: &Parcel) -> Vec<u8> {
		let call = match parcel {
			Parcel::Statement(_) => self.statement_call,
			Parcel::Reveal(_) => self.reveal_call,
		};
		// A vector's encoding begins with its length, as an extrinsic's does.
		[&self.head[..], &call, &parcel.arguments()].concat().encode()
	}
}

/// The indices of a coverage call.
fn call_index(metadata: &Metadata, call: &str) -> Result<[u8; 2], String> {
	let pallet =
		metadata.pallet_by_name(PALLET).ok_or_else(|| format!("it has no pallet {PALLET}"))?;
	let variant = pallet
		.call_variant_by_name(call)
		.ok_or_else(|| format!("it has no call {PALLET}.{call}"))?;
	Ok([pallet.call_index(), variant.index])
}

/// What precedes the call: the version and the values of all extensions. It is read off a transaction
/// with a known call, so that the order and the types of the extensions are the metadata's.
fn head(transactions: &Transactions) -> Result<Vec<u8>, String> {
	let remark = tx::dynamic("System", "remark", (Vec::<u8>::new(),));
	let call = transactions.call_data(&remark).map_err(|error| error.to_string())?;
	let params = DefaultExtrinsicParamsBuilder::<SubstrateConfig>::new().immortal().build();
	let transaction = transactions
		.create_v5_signable_offline(&remark, params)
		// No extension of this runtime carries a signature, so these zeros go nowhere.
		.and_then(|mut signable| {
			signable.sign_with_account_and_signature(
				&AccountId32([0; 32]),
				&MultiSignature::Sr25519([0; 64]),
			)
		})
		.map_err(|error| error.to_string())?;
	let inner = Vec::<u8>::decode(&mut transaction.encoded()).map_err(|error| error.to_string())?;
	inner
		.strip_suffix(&call[..])
		.map(<[u8]>::to_vec)
		.ok_or_else(|| "its transactions do not end in the call".to_owned())
}
