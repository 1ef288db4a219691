//! Governed parameters.

use codec::{Decode, Encode};
use frame_support::{assert_noop, assert_ok, traits::InstanceFilter};
use groma_core::units::Scale;
use groma_runtime::{
	Challenges, Runtime, RuntimeCall, RuntimeOrigin,
	configs::{
		parameters::{RuntimeParameters, WindowBlocks, dynamic_params::challenges},
		tools::ProxyType,
	},
};
use sp_keyring::Sr25519Keyring::{Alice, Bob};
use sp_runtime::DispatchError;

use crate::{
	chain::{Chain, account, as_root},
	field::next_window,
};

fn window_of(blocks: u32) -> RuntimeParameters {
	RuntimeParameters::Challenges(challenges::Parameters::WindowBlocks(
		challenges::WindowBlocks,
		WindowBlocks::new(blocks),
	))
}

#[test]
fn window_keeps_its_length_and_the_next_has_the_new_one_when_a_vote_changes_it() {
	let mut chain = Chain::development();
	let window = next_window(&mut chain);
	chain.with(|| as_root(pallet_parameters::Call::set_parameter { key_value: window_of(20) }));
	assert_eq!(chain.with(|| Challenges::window_info().blocks), 12);
	chain.blocks(11);
	assert_eq!(chain.with(|| Challenges::window_info().index), window);
	chain.blocks(1);
	chain.with(|| {
		let info = Challenges::window_info();
		assert_eq!((info.index, info.blocks), (window + 1, 20));
	});
}

#[test]
fn parameter_is_refused_when_anyone_but_governance_sets_it() {
	Chain::development().with(|| {
		let call = pallet_parameters::Pallet::<Runtime>::set_parameter;
		let origin = RuntimeOrigin::signed(account(Alice));
		assert_noop!(call(origin, window_of(20)), DispatchError::BadOrigin);
	});
}

#[test]
fn call_does_not_decode_when_its_parameter_is_out_of_range() {
	let call: RuntimeCall =
		pallet_parameters::Call::set_parameter { key_value: window_of(2_000) }.into();
	let mut bytes = call.encode();
	assert_eq!(RuntimeCall::decode(&mut &bytes[..]), Ok(call));
	let end = bytes.len();
	bytes[end - 4..].copy_from_slice(&2_001u32.to_le_bytes());
	assert!(RuntimeCall::decode(&mut &bytes[..]).is_err());
}

#[test]
fn emission_split_does_not_decode_when_it_is_not_the_whole() {
	use groma_runtime::configs::parameters::dynamic_params::emission;
	let split = pallet_emission::EmissionSplit::default();
	let parameter =
		RuntimeParameters::Emission(emission::Parameters::Split(emission::Split, Some(split)));
	let mut bytes = parameter.encode();
	assert_eq!(RuntimeParameters::decode(&mut &bytes[..]), Ok(parameter));
	let last = bytes.len() - Scale::ONE.encode().len();
	bytes[last] ^= 1;
	assert!(RuntimeParameters::decode(&mut &bytes[..]).is_err());
}
