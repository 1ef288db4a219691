//! Codes in answers, which may be of a later version than the program that reads them.

use alloc::string::String;
use core::fmt;

use codec::{Decode, Encode, EncodeLike, Error, Input, Output};
use scale_info::{Type, TypeInfo};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A code as an answer carries it: one that is known here, or a number. Its encoding is that of the
/// code alone.
///
/// Lists of codes grow at their end. A client that is older than the runtime reads a code that it
/// does not know as a number, and goes on. So codes that are appended carry nothing, unless the
/// code is the end of the answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Code<T> {
	/// It is known here.
	Known(T),
	/// It is of a later version, and this is its number.
	Unknown(u8),
}

/// Codes that answers carry.
pub trait Coded: Copy + Encode + Decode {
	/// The code whose encoding begins with `index`; what follows is in `input`.
	fn read<I: Input>(index: u8, _input: &mut I) -> Result<Code<Self>, Error> {
		Ok(Self::decode(&mut &[index][..]).map_or(Code::Unknown(index), Code::Known))
	}
}

impl<T> Code<T> {
	/// The code, if it is known here.
	pub fn known(self) -> Option<T> {
		match self {
			Self::Known(code) => Some(code),
			Self::Unknown(_) => None,
		}
	}
}

impl<T> From<T> for Code<T> {
	fn from(code: T) -> Self {
		Self::Known(code)
	}
}

impl<T: PartialEq> PartialEq<T> for Code<T> {
	fn eq(&self, other: &T) -> bool {
		matches!(self, Self::Known(code) if code == other)
	}
}

impl<T: Encode> Encode for Code<T> {
	fn size_hint(&self) -> usize {
		match self {
			Self::Known(code) => code.size_hint(),
			Self::Unknown(_) => 1,
		}
	}

	fn encode_to<W: Output + ?Sized>(&self, to: &mut W) {
		match self {
			Self::Known(code) => code.encode_to(to),
			Self::Unknown(number) => number.encode_to(to),
		}
	}
}

impl<T: Encode> EncodeLike for Code<T> {}

impl<T: Coded> Decode for Code<T> {
	fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
		let index = input.read_byte()?;
		T::read(index, input)
	}
}

/// To programs that read metadata it is the code.
impl<T: TypeInfo + 'static> TypeInfo for Code<T> {
	type Identity = T::Identity;

	fn type_info() -> Type {
		T::type_info()
	}
}

/// The code if it is known, else its number.
impl<T: fmt::Debug> fmt::Debug for Code<T> {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Known(code) => code.fmt(f),
			Self::Unknown(number) => write!(f, "number {number}"),
		}
	}
}

/// The name of the code if it is known, else its number.
impl<T: fmt::Display> fmt::Display for Code<T> {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Known(code) => code.fmt(f),
			Self::Unknown(number) => write!(f, "number {number}, which this version does not know"),
		}
	}
}

/// The code if it is known, else its number.
impl<T: Serialize> Serialize for Code<T> {
	fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		match self {
			Self::Known(code) => code.serialize(serializer),
			Self::Unknown(number) => serializer.serialize_u8(*number),
		}
	}
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Code<T> {
	fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		/// A code that is known, a number, or the name of one that is not known.
		#[derive(Deserialize)]
		#[serde(untagged)]
		enum Text<T> {
			Known(T),
			Number(u8),
			Name(String),
		}
		match Text::<T>::deserialize(deserializer)? {
			Text::Known(code) => Ok(Self::Known(code)),
			Text::Number(number) => Ok(Self::Unknown(number)),
			Text::Name(name) => Err(serde::de::Error::custom(format_args!(
				"`{name}` is no code that is known here"
			))),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		CoverageReason,
		api::{DeviceStatus, Refusal},
	};

	#[test]
	fn known_code_is_encoded_and_shown_as_itself() {
		let code = Code::from(DeviceStatus::Paused);
		assert_eq!(code.encode(), DeviceStatus::Paused.encode());
		assert_eq!(Code::decode(&mut &[1][..]), Ok(code));
		assert_eq!(code, DeviceStatus::Paused);
		let json = serde_json::to_value(code).unwrap();
		assert_eq!(json, "paused");
		assert_eq!(serde_json::from_value::<Code<DeviceStatus>>(json).unwrap(), code);
	}

	#[test]
	fn unknown_code_is_a_number() {
		let code = Code::<DeviceStatus>::decode(&mut &[77][..]).unwrap();
		assert_eq!((code, code.known()), (Code::Unknown(77), None));
		assert_ne!(code, DeviceStatus::Active);
		let json = serde_json::to_value(code).unwrap();
		assert_eq!(json, 77);
		assert_eq!(serde_json::from_value::<Code<DeviceStatus>>(json).unwrap(), code);
		assert_eq!(code.encode(), [77]);
	}

	#[test]
	fn refusal_of_a_later_version_is_a_number() {
		type Answer = Result<(), Code<Refusal>>;
		let read = |bytes: &[u8]| Answer::decode(&mut &bytes[..]).unwrap();
		for known in [
			Refusal::Full,
			Refusal::NotEligible(CoverageReason::TooFar),
			Refusal::BeaconerNotEligible(CoverageReason::TooClose),
		] {
			assert_eq!(read(&Err::<(), _>(known).encode()), Err(Code::Known(known)));
		}
		// A refusal that carries something of its own, and known ones with a later reason.
		assert_eq!(read(&[1, 20, 1, 2, 3]), Err(Code::Unknown(20)));
		assert_eq!(read(&[1, 9, 90]), Err(Code::Unknown(32 + 90)));
		assert_eq!(read(&[1, 10, 255]), Err(Code::Unknown(u8::MAX)));
		let shown = Code::<Refusal>::Unknown(20).to_string();
		assert_eq!(shown, "number 20, which this version does not know");
		assert!(Answer::decode(&mut &[1, 9][..]).is_err(), "it is cut off");
	}
}
