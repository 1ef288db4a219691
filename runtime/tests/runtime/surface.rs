//! What clients depend on: names, numbers, weights.

use codec::{Decode, Encode};
use frame_metadata::{RuntimeMetadata, RuntimeMetadataPrefixed};
use frame_support::{
	dispatch::{DispatchClass, DispatchInfo, GetDispatchInfo, Pays},
	view_functions::{ViewFunctionDispatchError, ViewFunctionId},
};
use groma_core::{
	NetworkId,
	api::{TransactionTrack, methods},
	price::Price,
	statement::Reveal,
	terms::NetworkTerms,
	words::Signature,
};
use groma_runtime::{Runtime, RuntimeCall, VERSION, constants::BlockWeights, transactions};
use pallet_device_registry::LocationClaim;
use pallet_networks::NetworkRecord;
use scale_info::TypeDef;
use sp_consensus_babe::{AllowedSlots, digests::NextConfigDescriptor};
use sp_keyring::Sr25519Keyring::Alice;

use crate::{
	chain::{Chain, authorized, signed},
	field::{LORAWAN, cell, reveal_bundle},
};

/// A call: its pallet, its name, and the two numbers by which transactions name it.
pub(crate) struct Entry {
	pallet: String,
	pallet_index: u8,
	call: String,
	call_index: u8,
}

impl Entry {
	/// Pallet and name.
	pub(crate) fn name(&self) -> String {
		format!("{}.{}", self.pallet, self.call)
	}

	/// The call with some arguments.
	pub(crate) fn some_call(&self) -> Option<RuntimeCall> {
		zero_call(self).or_else(|| named_call(&self.name()))
	}
}

/// Every call of the runtime, by number.
pub(crate) fn calls() -> Vec<Entry> {
	// Some constants of the metadata are read from storage.
	let RuntimeMetadata::V14(metadata) = Chain::development().with(Runtime::metadata).1 else {
		panic!("the metadata is of version 14");
	};
	let mut entries = Vec::new();
	for pallet in metadata.pallets {
		let Some(calls) = pallet.calls else { continue };
		let calls = metadata.types.resolve(calls.ty.id).expect("the type is registered");
		let TypeDef::Variant(variants) = &calls.type_def else { panic!("calls are variants") };
		entries.extend(variants.variants.iter().map(|variant| Entry {
			pallet: pallet.name.clone(),
			pallet_index: pallet.index,
			call: variant.name.clone(),
			call_index: variant.index,
		}));
	}
	entries
}

/// The call whose arguments are all zero, where zero bytes mean anything.
fn zero_call(entry: &Entry) -> Option<RuntimeCall> {
	let mut bytes = vec![0; 4096];
	bytes[0] = entry.pallet_index;
	bytes[1] = entry.call_index;
	RuntimeCall::decode(&mut &bytes[..]).ok()
}

#[test]
fn runtime_has_its_name_and_prefix() {
	assert_eq!(VERSION.spec_name, "groma");
	assert_eq!(VERSION.system_version, 1);
	assert_eq!(<Runtime as frame_system::Config>::SS58Prefix::get(), 42);
}

#[test]
fn every_call_has_a_weight_that_fits_a_block() {
	let limit = BlockWeights::get();
	let (mut unseen, mut weightless, mut too_heavy) = (Vec::new(), Vec::new(), Vec::new());
	for entry in calls() {
		let name = entry.name();
		let Some(call) = entry.some_call() else {
			unseen.push(name);
			continue;
		};
		let info = Chain::development().with(|| call.get_dispatch_info());
		let class = limit.get(info.class);
		let most = class.max_extrinsic.or(class.max_total).unwrap_or(limit.max_block);
		if info.call_weight.ref_time() == 0 {
			weightless.push(name);
		} else if !info.call_weight.all_lte(most) {
			too_heavy.push(name);
		}
	}
	assert_eq!(weightless, CALLS_WITH_STATED_WEIGHT);
	assert!(too_heavy.is_empty(), "{too_heavy:?} never fit a block");
	assert!(unseen.is_empty(), "{unseen:?} were not weighed: add them to `named_call`");
}

/// Calls that may use what a block keeps for operational ones: feeds, code that was authorized, and
/// what Root alone may do.
const OPERATIONAL: [&str; 11] = [
	"PriceFeed.feed",
	"System.apply_authorized_upgrade",
	"System.authorize_upgrade",
	"System.authorize_upgrade_without_checks",
	"System.kill_prefix",
	"System.kill_storage",
	"System.set_code",
	"System.set_code_without_checks",
	"System.set_heap_pages",
	"System.set_storage",
	"Treasury.remove_approval",
];

/// The calls with something in common, by name.
fn calls_with(is_meant: impl Fn(&DispatchInfo) -> bool) -> Vec<String> {
	let calls = calls();
	Chain::development().with(|| {
		let meant = calls.iter().filter(|entry| {
			let call = entry.some_call().expect("`named_call` knows it");
			is_meant(&call.get_dispatch_info())
		});
		let mut names: Vec<_> = meant.map(Entry::name).collect();
		names.sort();
		names
	})
}

#[test]
fn no_call_is_free_before_it_succeeds_and_few_are_operational() {
	assert_eq!(calls_with(|info| info.pays_fee == Pays::No), Vec::<String>::new());
	assert_eq!(calls_with(|info| info.class == DispatchClass::Operational), OPERATIONAL);
	assert_eq!(calls_with(|info| info.class == DispatchClass::Mandatory), ["Timestamp.set"]);
}

#[test]
fn metadata_has_every_version_that_clients_ask_for() {
	Chain::development().with(|| {
		let versions = Runtime::metadata_versions();
		for version in [14, 15, 16] {
			assert!(versions.contains(&version), "{versions:?}");
			assert_eq!(metadata_of(version).version(), version);
		}
	});
}

fn metadata_of(version: u32) -> RuntimeMetadata {
	let bytes = Runtime::metadata_at_version(version).expect("the version is known");
	RuntimeMetadataPrefixed::decode(&mut &bytes[..]).expect("it is metadata").1
}

#[test]
fn names_of_runtime_apis_are_those_that_clients_know() {
	Chain::development().with(|| {
		let RuntimeMetadata::V16(metadata) = metadata_of(16) else { panic!("it is of version 16") };
		let served: Vec<String> = metadata
			.apis
			.iter()
			.flat_map(|api| api.methods.iter().map(|it| format!("{}_{}", api.name, it.name)))
			.collect();
		for method in methods::ALL {
			assert!(served.iter().any(|name| name == method), "{method} is not among {served:?}");
		}
	});
}

#[test]
fn view_function_answers_by_the_id_that_the_metadata_names() {
	Chain::development().with(|| {
		let RuntimeMetadata::V16(metadata) = metadata_of(16) else { panic!("it is of version 16") };
		let networks = metadata.pallets.iter().find(|pallet| pallet.name == "Networks");
		let views = &networks.expect("the pallet is there").view_functions;
		let view = views.iter().find(|view| view.name == "network").expect("it has the function");
		let ask = |id: [u8; 32], input: Vec<u8>| {
			let id = ViewFunctionId::decode(&mut &id[..]).expect("an id has 32 bytes");
			Runtime::execute_view_function(id, input)
		};
		let answer = |network: NetworkId| {
			let answer = ask(view.id, network.encode()).expect("it is answered");
			Option::<NetworkRecord>::decode(&mut &answer[..]).expect("it is a record")
		};
		assert_eq!(answer(LORAWAN).map(|record| record.name.to_vec()), Some(b"lorawan".to_vec()));
		assert_eq!(answer(NetworkId::MAX), None);
		let unknown = ask([7; 32], vec![]);
		assert!(matches!(unknown, Err(ViewFunctionDispatchError::NotFound(_))), "{unknown:?}");
		let truncated = ask(view.id, vec![]);
		assert!(matches!(truncated, Err(ViewFunctionDispatchError::Codec)), "{truncated:?}");
	});
}

/// Root says what these weigh.
const CALLS_WITH_STATED_WEIGHT: &[&str] = &["Utility.with_weight"];

/// Calls with an argument for which zero bytes mean nothing.
fn named_call(name: &str) -> Option<RuntimeCall> {
	Some(match name {
		"Babe.plan_config_change" => pallet_babe::Call::plan_config_change {
			config: NextConfigDescriptor::V1 {
				c: (1, 4),
				allowed_slots: AllowedSlots::PrimaryAndSecondaryVRFSlots,
			},
		}
		.into(),
		"Networks.create_network" => pallet_networks::Call::create_network {
			name: Default::default(),
			terms: NetworkTerms::default(),
		}
		.into(),
		"Networks.update_terms" => {
			pallet_networks::Call::update_terms { network: 0, terms: NetworkTerms::default() }
				.into()
		}
		"Networks.found_network" => pallet_networks::Call::found_network {
			name: Default::default(),
			terms: NetworkTerms::default(),
		}
		.into(),
		"Networks.update_founded_terms" => pallet_networks::Call::update_founded_terms {
			network: 0,
			terms: NetworkTerms::default(),
		}
		.into(),
		"PriceFeed.feed" => pallet_price_feed::Call::feed { price: Price::MIN }.into(),
		"DeviceRegistry.assert_location" => pallet_device_registry::Call::assert_location {
			device: 0,
			location: LocationClaim {
				cell: cell(0.0, 0.0),
				region: 0,
				gain_deci_dbi: 0,
				elevation_m: 0,
			},
		}
		.into(),
		_ => return None,
	})
}

#[test]
fn transactions_belong_to_the_track_of_their_call() {
	Chain::development().with(|| {
		let bundle = reveal_bundle(vec![]);
		let batch = pallet_utility::Call::batch { calls: vec![bundle.clone()] };
		let reveal = Reveal { window: 0, beaconer: 0, signature: Signature([0; 64]) };
		let own = pallet_proof_of_coverage::Call::submit_own_reveal { reveal };
		let remark = frame_system::Call::remark { remark: vec![] };
		let operational = pallet_price_feed::Call::feed { price: Price::MIN };
		for (transaction, track) in [
			(signed(Alice, bundle, 0, 0), TransactionTrack::Bundle),
			(authorized(own), TransactionTrack::OwnCall),
			(signed(Alice, batch, 0, 0), TransactionTrack::Ordinary),
			(signed(Alice, remark, 0, 0), TransactionTrack::Ordinary),
			(signed(Alice, operational, 0, 0), TransactionTrack::Ordinary),
		] {
			assert_eq!(transactions::track(&transaction), track, "{:?}", transaction.function);
		}
	});
}
