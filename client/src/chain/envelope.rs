//! How a device's own call is wrapped: a general transaction (version 5) without signer, which the
//! runtime authorizes by what the call itself proves.
//!
//! Of the metadata, which is large, only these few bytes are kept per runtime version.

use std::sync::Arc;

use codec::{Decode, Encode};
use groma_core::words::Hash;
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

use crate::{
	report::EncodedReport,
	series::{SERIES, Series},
};

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
	/// For each series of the table, the indices of its call.
	calls: [[u8; 2]; SERIES.len()],
}

impl Envelope {
	pub(super) fn new(
		metadata: Metadata,
		version: RuntimeVersion,
		genesis: Hash,
	) -> Result<Self, String> {
		let mut calls = [[0; 2]; SERIES.len()];
		for (call, series) in calls.iter_mut().zip(SERIES) {
			*call = call_index(&metadata, series)?;
		}
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
		for (call, series) in calls.iter().zip(SERIES) {
			// The metadata has to understand what will be sent, to the last byte.
			let arguments = vec![0; (series.length)()];
			transactions
				.from_call_data_bytes(&[&call[..], &arguments].concat())
				.map_err(|error| error.to_string())?;
		}
		Ok(Self { version, head: head(&transactions)?, calls })
	}

	/// The transaction that carries a report.
	pub(super) fn wrap(&self, report: &EncodedReport) -> Vec<u8> {
		let call = SERIES.iter().zip(&self.calls).find(|(it, _)| it.number == report.series.number);
		let call = call.map_or(&[][..], |(_, call)| call);
		// A vector's encoding begins with its length, as an extrinsic's does.
		[&self.head[..], call, &report.bytes].concat().encode()
	}
}

/// The indices of the call by which a device submits a report of a series.
fn call_index(
	metadata: &Metadata,
	Series { pallet, call, .. }: &Series,
) -> Result<[u8; 2], String> {
	let found =
		metadata.pallet_by_name(pallet).ok_or_else(|| format!("it has no pallet {pallet}"))?;
	let variant = found
		.call_variant_by_name(call)
		.ok_or_else(|| format!("it has no call {pallet}.{call}"))?;
	Ok([found.call_index(), variant.index])
}

/// What precedes the call: the version and the values of all extensions. It is read off a
/// transaction with a known call, so that the order and the types of the extensions are the
/// metadata's.
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
