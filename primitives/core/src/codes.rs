//! One macro for enums whose variants have pinned numbers, names and explanations.

/// Makes an enum of codes. Each code has a number that is never given to another, a name for
/// clients, which it also has in JSON, and an explanation for people, which is its documentation.
///
/// Codes without anything else come first: their numbers start at 0 and are dense, but for the
/// indices of codes that carry a reason of another enum. Those come after `with`: the number of the
/// reason counts from the base of its code.
macro_rules! codes {
	(
		$(#[doc = $about:literal])+
		$enum:ident {
			$($(#[doc = $doc:literal])+ $variant:ident = $number:literal, $name:literal;)+
		}
		$(with {
			$(
				$(#[doc = $carrier_doc:literal])+
				$carrier:ident($reason:ty) = $index:literal, $carrier_name:literal, from $base:literal;
			)+
		})?
	) => {
		$(#[doc = $about])+
		#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
		#[derive(codec::Encode, codec::Decode, codec::DecodeWithMemTracking, codec::MaxEncodedLen, scale_info::TypeInfo)]
		#[derive(serde::Serialize, serde::Deserialize)]
		#[repr(u8)]
		pub enum $enum {
			$($(#[doc = $doc])+ #[codec(index = $number)] #[serde(rename = $name)] $variant = $number,)+
			$($(
				$(#[doc = $carrier_doc])+ #[codec(index = $index)] #[serde(rename = $carrier_name)]
				$carrier($reason) = $index,
			)+)?
		}

		impl $enum {
			/// Every code that carries nothing, in the order of the numbers.
			pub const ALL: &'static [Self] = &[$(Self::$variant),+];

			/// The number.
			pub const fn number(self) -> u8 {
				match self {
					$(Self::$variant => $number,)+
					$($(Self::$carrier(reason) => $base + reason.number(),)+)?
				}
			}

			/// The name.
			pub const fn name(self) -> &'static str {
				match self {
					$(Self::$variant => $name,)+
					$($(Self::$carrier(_) => $carrier_name,)+)?
				}
			}

			/// What it means, for people.
			pub fn explanation(self) -> &'static str {
				match self {
					$(Self::$variant => concat!($($doc),+).trim_ascii(),)+
					$($(Self::$carrier(reason) => reason.explanation(),)+)?
				}
			}
		}

		impl crate::api::Code<$enum> {
			/// The number.
			pub const fn number(self) -> u8 {
				match self {
					Self::Known(code) => code.number(),
					Self::Unknown(number) => number,
				}
			}

			/// The name; `unknown` if it is not known here.
			pub const fn name(self) -> &'static str {
				match self {
					Self::Known(code) => code.name(),
					Self::Unknown(_) => "unknown",
				}
			}

			/// What it means, for people.
			pub fn explanation(self) -> &'static str {
				match self {
					Self::Known(code) => code.explanation(),
					Self::Unknown(_) => "It is of a later version of the chain: update this program.",
				}
			}
		}

		impl crate::api::Coded for $enum {
			$(
				fn read<I: codec::Input>(
					index: u8,
					input: &mut I,
				) -> Result<crate::api::Code<Self>, codec::Error> {
					use crate::api::Code;
					match index {
						$(
							// Of a reason that is unknown here it is the number that counts.
							$index => {
								let number = input.read_byte()?;
								let reason = <$reason>::ALL.get(usize::from(number)).copied();
								let unknown = Code::Unknown(number.saturating_add($base));
								Ok(reason.map_or(unknown, |reason| Code::Known(Self::$carrier(reason))))
							}
						)+
						index => {
							let known = Self::ALL.iter().find(|code| code.number() == index);
							Ok(known.map_or(Code::Unknown(index), |code| Code::Known(*code)))
						}
					}
				}
			)?
		}

		/// The name, and after it the name of the reason that the code carries.
		impl core::fmt::Display for $enum {
			fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
				match self {
					$(Self::$variant => f.write_str($name),)+
					$($(Self::$carrier(reason) => write!(f, concat!($carrier_name, ": {}"), reason),)+)?
				}
			}
		}
	};
}

pub(crate) use codes;
