//! Session keys of validators: what each is for, whose it is, and when it was used.

use alloc::{string::String, vec::Vec};
use core::{fmt, str};

use codec::{Decode, Encode};
use scale_info::TypeInfo;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::words::SessionKey;

/// What a session key of a validator is for: the four letters of its type in keystores.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode, TypeInfo)]
pub struct KeyKind(pub [u8; 4]);

impl fmt::Display for KeyKind {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		let Self(letters) = self;
		match str::from_utf8(letters) {
			Ok(letters) => f.write_str(letters),
			Err(_) => crate::text::write_hexadecimal(letters, f),
		}
	}
}

impl fmt::Debug for KeyKind {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		fmt::Display::fmt(self, f)
	}
}

impl Serialize for KeyKind {
	fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.collect_str(self)
	}
}

impl<'de> Deserialize<'de> for KeyKind {
	fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		let text = String::deserialize(deserializer)?;
		let letters: Result<[u8; 4], _> = text.as_bytes().try_into();
		letters.map(Self).map_err(|_| D::Error::custom("not the four letters of a kind of key"))
	}
}

/// A session key of a validator.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ValidatorKeyInfo {
	/// What it is for.
	pub kind: KeyKind,
	/// The key.
	pub key: SessionKey,
	/// Whether the validator uses it in the present session.
	pub is_present: bool,
	/// Whether the validator uses it in the next session.
	pub is_planned: bool,
	/// Whether it is registered: the validator uses it from the session after the next one on, if
	/// it validates then.
	pub is_registered: bool,
}

/// Whose a session key is, and was.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(
	rename_all = "camelCase",
	bound(serialize = "AccountId: Serialize", deserialize = "AccountId: Deserialize<'de>")
)]
pub struct SessionKeyInfo<AccountId> {
	/// Who registered it.
	pub registered: Option<AccountId>,
	/// Who uses it in the next session.
	pub planned: Option<AccountId>,
	/// Who uses it in the present session.
	pub present: Option<AccountId>,
	/// Its uses of which an offence can be proven, from the first on. Keys by which validators
	/// find each other prove nothing, and have none.
	pub uses: Vec<KeyUseInfo<AccountId>>,
}

impl<AccountId> SessionKeyInfo<AccountId> {
	/// Whether the chain knows the key at all: it is registered, a session has it, or an offence
	/// with it can be proven.
	pub fn is_named(&self) -> bool {
		let is_of_someone =
			self.registered.is_some() || self.planned.is_some() || self.present.is_some();
		is_of_someone || !self.uses.is_empty()
	}

	/// Who works with it: now, in the next session, or as soon as it validates.
	pub fn holder(&self) -> Option<&AccountId> {
		self.present.as_ref().or(self.planned.as_ref()).or(self.registered.as_ref())
	}
}

/// That a validator used a session key.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo, Serialize, Deserialize)]
#[serde(
	rename_all = "camelCase",
	bound(serialize = "AccountId: Serialize", deserialize = "AccountId: Deserialize<'de>")
)]
pub struct KeyUseInfo<AccountId> {
	/// The validator.
	pub validator: AccountId,
	/// The first session of the use.
	pub first: u32,
	/// The last one; absent if it uses the key now.
	pub last: Option<u32>,
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn kind_is_four_letters_in_json() {
		let kind = KeyKind(*b"babe");
		assert_eq!(serde_json::to_value(kind).expect("it is JSON"), "babe");
		assert_eq!(serde_json::from_str::<KeyKind>("\"babe\"").expect("it reads"), kind);
		for other in ["\"bab\"", "\"babes\"", "\"\"", "7", "null", "[98, 97, 98, 101]"] {
			assert!(serde_json::from_str::<KeyKind>(other).is_err(), "{other}");
		}
		assert_eq!(KeyKind([255, 0, 1, 2]).to_string(), "0xff000102");
	}

	#[test]
	fn key_is_named_by_who_has_it_and_by_what_can_be_proven() {
		let none = SessionKeyInfo { registered: None, planned: None, present: None, uses: vec![] };
		assert!(!none.is_named() && none.holder().is_none());
		let registered = SessionKeyInfo { registered: Some(1), ..none.clone() };
		let planned = SessionKeyInfo { planned: Some(2), ..registered.clone() };
		let present = SessionKeyInfo { present: Some(3), ..planned.clone() };
		for (info, holder) in [(&registered, 1), (&planned, 2), (&present, 3)] {
			assert!(info.is_named());
			assert_eq!(info.holder(), Some(&holder));
		}
		let past = KeyUseInfo { validator: 4, first: 3, last: Some(5) };
		let used = SessionKeyInfo { uses: vec![past], ..none };
		assert!(used.is_named() && used.holder().is_none());
	}
}
