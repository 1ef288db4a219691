//! Values of arguments, each refused with what to write instead.

pub(super) use groma_client::console::address;
use groma_client::{
	amount::{Amount, NotAnAmount},
	owner::region_name,
};
use groma_core::{RegionId, region, words::Signature};

/// What an antenna's gain lies between, in dBi.
const GAIN_DBI: std::ops::RangeInclusive<f64> = -30.0..=30.0;
/// What the height of an antenna above ground lies between, in metres.
const ELEVATION_M: std::ops::RangeInclusive<f64> = -500.0..=9_000.0;

/// A number.
pub(super) fn decimal(text: &str) -> Result<f64, String> {
	match text.parse::<f64>() {
		Ok(number) if number.is_finite() => Ok(number),
		_ if text.contains(',') => {
			Err(format!("write a decimal point, {}", text.replace(',', ".")))
		}
		_ => Err("write a number, such as 52.52".to_owned()),
	}
}

/// An antenna's gain, in tenths of a dBi.
pub(super) fn gain(text: &str) -> Result<i16, String> {
	let gain = decimal(text)?;
	match GAIN_DBI.contains(&gain) {
		true => Ok((gain * 10.0).round() as i16),
		false => Err("a gain lies between -30 and 30 dBi".to_owned()),
	}
}

/// A height above ground, in metres.
pub(super) fn elevation(text: &str) -> Result<i16, String> {
	if text.contains(',') {
		// It may stand for decimals or for thousands.
		return Err("write whole metres without a comma, such as 12".to_owned());
	}
	let elevation = decimal(text)?;
	if elevation.fract() != 0.0 {
		return Err(format!("write whole metres, {}", elevation.round()));
	}
	match ELEVATION_M.contains(&elevation) {
		true => Ok(elevation as i16),
		false => Err("the height above ground lies between -500 and 9000 metres".to_owned()),
	}
}

/// A radio region.
pub(super) fn region(text: &str) -> Result<RegionId, String> {
	let known = [region::EU868, region::US915];
	let name = text.to_lowercase();
	let named = known.into_iter().find(|id| region_name(*id) == Some(name.as_str()));
	named
		.or_else(|| text.parse().ok())
		.ok_or_else(|| "write eu868, us915, or the number of another region of the network".into())
}

/// An amount of GRM.
pub(super) fn amount(text: &str) -> Result<Amount, String> {
	text.parse().map_err(|error: NotAnAmount| error.to_string())
}

/// A signature.
pub(super) fn signature(text: &str) -> Result<Signature, String> {
	let mut bytes = [0; 64];
	hex::decode_to_slice(text.trim_start_matches("0x"), &mut bytes)
		.map_err(|_| "write a signature of 64 bytes as 128 hexadecimal digits".to_owned())?;
	Ok(Signature(bytes))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn decimal_comma_is_named() {
		assert_eq!(decimal("-52.52"), Ok(-52.52));
		assert_eq!(decimal("52,52"), Err("write a decimal point, 52.52".to_owned()));
		for text in ["", "NaN", "inf", "north", "1e999"] {
			assert_eq!(decimal(text), Err("write a number, such as 52.52".to_owned()), "{text}");
		}
	}

	#[test]
	fn elevation_is_in_whole_metres_on_earth() {
		assert_eq!(elevation("12"), Ok(12));
		assert_eq!(elevation("-3"), Ok(-3));
		assert_eq!(elevation("12.5"), Err("write whole metres, 13".to_owned()));
		for text in ["12,5", "40,000", "1,200"] {
			assert!(elevation(text).expect_err("refused").contains("without a comma"), "{text}");
		}
		for text in ["40000", "-40000", "9001"] {
			assert!(elevation(text).expect_err("refused").contains("9000 metres"), "{text}");
		}
	}

	#[test]
	fn gain_is_rounded_to_tenths_within_its_bounds() {
		assert_eq!(gain("2.15"), Ok(22));
		assert_eq!(gain("-1"), Ok(-10));
		assert!(gain("2,15").expect_err("refused").contains("2.15"));
		assert!(gain("31").is_err());
	}

	#[test]
	fn region_is_a_name_or_a_number() {
		assert_eq!(region("EU868"), Ok(region::EU868));
		assert_eq!(region("us915"), Ok(region::US915));
		assert_eq!(region("7"), Ok(7));
		for text in ["as923", "256", "-1", ""] {
			assert!(region(text).expect_err("refused").contains("eu868, us915"), "{text}");
		}
	}

	#[test]
	fn amount_is_in_grm() {
		assert_eq!(amount("1.5"), Ok(Amount(1_500_000_000_000)));
		assert!(amount("1,5").expect_err("refused").contains("such as 1.5"));
	}

	#[test]
	fn signature_has_64_bytes() {
		let digits = "ab".repeat(64);
		assert_eq!(signature(&digits), Ok(Signature([0xAB; 64])));
		assert_eq!(signature(&format!("0x{digits}")), Ok(Signature([0xAB; 64])));
		assert!(signature(&digits[2..]).is_err());
	}
}
