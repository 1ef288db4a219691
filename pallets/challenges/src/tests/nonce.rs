use codec::{Decode, Encode};
use frame_support::{
	dispatch::DispatchInfo,
	pallet_prelude::{InvalidTransaction, TransactionSource, TransactionValidityError},
};
use scale_info::{MetaType, TypeInfo};
use sp_runtime::traits::{DispatchTransaction, TransactionExtension};

use super::*;
use crate::CheckNonce;

type Inner = frame_system::CheckNonce<Test>;

/// The signer, whose account exists.
const SIGNER: u64 = 1;

fn remark(text: &str) -> RuntimeCall {
	frame_system::Call::remark { remark: text.into() }.into()
}

fn set_nonce(nonce: u32) {
	frame_system::Account::<Test>::mutate(SIGNER, |account| {
		account.providers = 1;
		account.nonce = nonce;
	});
}

fn verdict(
	text: &str,
	nonce: u32,
	source: TransactionSource,
) -> Result<(), TransactionValidityError> {
	let info = DispatchInfo::default();
	CheckNonce::<Test>::from(nonce)
		.validate_only(RuntimeOrigin::signed(SIGNER), &remark(text), &info, 10, source, 0)
		.map(drop)
}

#[test]
fn nonce_of_evidence_is_at_most_three_ahead() {
	ExtBuilder.build_and_execute(|| {
		set_nonce(5);
		let too_early = Err(InvalidTransaction::Future.into());
		let too_late = Err(InvalidTransaction::Stale.into());
		for source in [TransactionSource::External, TransactionSource::InBlock] {
			for nonce in 5..=8 {
				assert_eq!(verdict("A", nonce, source), Ok(()), "{nonce}");
			}
			for nonce in [9, 1_000, u32::MAX] {
				assert_eq!(verdict("a", nonce, source), too_early, "{nonce}");
				assert_eq!(verdict("", nonce, source), Ok(()), "{nonce}");
			}
			assert_eq!(verdict("A", 4, source), too_late);
		}
		set_nonce(u32::MAX);
		assert_eq!(verdict("A", u32::MAX, TransactionSource::External), Ok(()));
	});
}

#[test]
fn tags_and_effect_are_those_of_the_sdk() {
	ExtBuilder.build_and_execute(|| {
		set_nonce(5);
		let (info, call) = (DispatchInfo::default(), remark("A"));
		let signed = || RuntimeOrigin::signed(SIGNER);
		let ours = CheckNonce::<Test>::from(6)
			.validate_only(signed(), &call, &info, 10, TransactionSource::External, 0)
			.expect("valid");
		let theirs = Inner::from(6)
			.validate_only(signed(), &call, &info, 10, TransactionSource::External, 0)
			.expect("valid");
		assert_eq!(ours.0, theirs.0);
		CheckNonce::<Test>::from(5)
			.validate_and_prepare(signed(), &call, &info, 10, 0)
			.expect("valid");
		assert_eq!(System::account_nonce(SIGNER), 6);
	});
}

#[test]
fn bytes_name_and_type_are_those_of_the_sdk() {
	for nonce in [0, 63, 64, 1 << 14, 1 << 30, u32::MAX] {
		let bytes = Inner::from(nonce).encode();
		assert_eq!(CheckNonce::<Test>::from(nonce).encode(), bytes);
		let decoded = CheckNonce::<Test>::decode(&mut &bytes[..]).expect("it decodes");
		assert_eq!(decoded, CheckNonce::from(nonce));
	}
	type Extension<E> = <E as TransactionExtension<RuntimeCall>>::Implicit;
	assert_eq!(
		<CheckNonce<Test> as TransactionExtension<RuntimeCall>>::IDENTIFIER,
		<Inner as TransactionExtension<RuntimeCall>>::IDENTIFIER,
	);
	assert_eq!(MetaType::new::<CheckNonce<Test>>(), MetaType::new::<Inner>());
	assert_eq!(CheckNonce::<Test>::type_info(), Inner::type_info());
	assert_eq!(MetaType::new::<Extension<CheckNonce<Test>>>(), MetaType::new::<Extension<Inner>>());
}
