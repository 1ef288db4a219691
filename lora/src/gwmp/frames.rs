//! What the body of a PUSH_DATA holds: frames that a gateway received. They are read one by one, so
//! that a broken one costs no other, and neither does a status that is no JSON.

use super::{
	cause::Cause,
	datagram,
	json::{self, Member, Number},
};
use crate::radio::{Mac, Reception};

/// The most bytes of one frame's JSON. One with sixteen antennas takes half of it.
const FRAME_LENGTH_MAX: usize = 8_192;
/// The most bytes that a LoRa frame carries.
const PAYLOAD_MAX: usize = 255;
/// Frames of one datagram that may be broken: the rest of a worse one is not read.
const BROKEN_MAX: usize = 64;
/// The CRC status of a frame that was received as it was sent.
const CRC_OK: f64 = 1.0;
/// Frequencies are in MHz; some packet forwarders write kHz, which is always more than this.
const MEGAHERTZ_MAX: f64 = 1e4;
/// Others write Hz, which is always more than this.
const KILOHERTZ_MAX: f64 = 1e7;
/// The name of a list of frames. A text in JSON cannot hold it with its quotes, because these would
/// be escaped.
const LIST: &[u8] = b"rxpk";
/// The name of what every frame has, and no other object.
const PAYLOAD: &[u8] = b"data";

/// Why a frame is no reception although nothing is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Skipped {
	/// Its CRC is wrong or absent.
	BadCrc,
	/// It is not of LoRa.
	OtherModulation,
	/// It is empty, as what noise leaves in some concentrators.
	Empty,
}

impl Skipped {
	/// All of them.
	pub const ALL: [Self; 3] = [Self::BadCrc, Self::OtherModulation, Self::Empty];

	/// The name in metrics and `docs/forwarders.md`.
	pub fn label(self) -> &'static str {
		match self {
			Self::BadCrc => "bad_crc",
			Self::OtherModulation => "other_modulation",
			Self::Empty => "empty",
		}
	}
}

/// Why something in a PUSH_DATA is no reception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LeftOut {
	Skipped(Skipped),
	Unreadable(Cause),
}

/// What a PUSH_DATA holds, one frame at a time.
pub(super) struct Frames<'a> {
	gateway: Mac,
	body: &'a [u8],
	place: Place,
	/// Frames that were broken so far.
	broken: usize,
}

/// Where the reader is in the body.
#[derive(Clone, Copy, Debug)]
enum Place {
	/// At the beginning.
	Start,
	/// Outside of a list of frames, from this byte on.
	Outside(usize),
	/// In a list of frames.
	List(usize),
	/// Behind a frame that does not end: whether in the list or not is unknown.
	Lost(usize),
}

impl<'a> Frames<'a> {
	pub(super) fn new(gateway: Mac, body: &'a [u8]) -> Self {
		Self { gateway, body, place: Place::Start, broken: 0 }
	}

	/// Looks for the next list of frames.
	fn enter(&mut self, from: usize) -> Option<Result<Reception, LeftOut>> {
		let rest = self.body.get(from..)?;
		let name_end = from + json::find_name(rest, LIST)?.end;
		let value = self.body.get(name_end..)?.trim_ascii_start();
		let Some(value) = value.strip_prefix(b":").map(<[u8]>::trim_ascii_start) else {
			// It is a text of that content.
			self.place = Place::Outside(name_end);
			return None;
		};
		let at = self.body.len() - value.len();
		match value.first() {
			Some(b'[') => self.place = Place::List(at + 1),
			// One frame without a list around it.
			Some(b'{') => self.place = Place::List(at),
			_ if value.starts_with(b"null") => self.place = Place::Outside(at),
			_ => {
				self.place = Place::Outside(at);
				return Some(Err(LeftOut::Unreadable(Cause::NotJson)));
			}
		}
		None
	}

	/// Reads the object that begins at `at`. `None` if it is no frame, but a part of a broken one.
	fn object(&mut self, at: usize, is_lost: bool) -> Option<Result<Reception, LeftOut>> {
		let rest = self.body.get(at..).unwrap_or_default();
		let rest = rest.get(..FRAME_LENGTH_MAX).unwrap_or(rest);
		let Some(object) = json::value_length(rest).and_then(|length| rest.get(..length)) else {
			self.place = Place::Lost(at + 1);
			return self.count_broken(Cause::BrokenFrame, is_lost, rest);
		};
		let read = reception(self.gateway, object);
		match read {
			Err(LeftOut::Unreadable(cause)) => {
				// If its brackets match by accident, a whole frame may lie within it.
				let may_hold_others = object.iter().skip(1).any(|byte| *byte == b'{');
				self.place = match (is_lost, may_hold_others) {
					(_, true) => Place::Lost(at + 1),
					(true, false) => Place::Lost(at + object.len()),
					(false, false) => Place::List(at + object.len()),
				};
				self.count_broken(cause, is_lost, object)
			}
			read => {
				self.place = Place::List(at + object.len());
				Some(read)
			}
		}
	}

	/// What is lost within a broken frame is no frame unless it has a payload.
	fn count_broken(
		&mut self,
		cause: Cause,
		is_lost: bool,
		object: &[u8],
	) -> Option<Result<Reception, LeftOut>> {
		self.broken += 1;
		if self.broken >= BROKEN_MAX {
			self.place = Place::Outside(self.body.len());
		}
		let has_payload = || json::find_name(object, PAYLOAD).is_some();
		(!is_lost || has_payload()).then_some(Err(LeftOut::Unreadable(cause)))
	}
}

impl Iterator for Frames<'_> {
	type Item = Result<Reception, LeftOut>;

	fn next(&mut self) -> Option<Self::Item> {
		loop {
			let found = match self.place {
				Place::Start => {
					self.place = Place::Outside(0);
					let body = self.body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(self.body);
					(!may_be_json(body.trim_ascii_start()))
						.then_some(Err(LeftOut::Unreadable(Cause::NotJson)))
				}
				Place::Outside(from) => {
					let found = self.enter(from);
					if found.is_none() && matches!(self.place, Place::Outside(same) if same == from)
					{
						return None;
					}
					found
				}
				Place::List(at) | Place::Lost(at) => {
					let is_lost = matches!(self.place, Place::Lost(_));
					match self.body.get(at) {
						None => return None,
						Some(b'{') => self.object(at, is_lost),
						Some(b']') if !is_lost => {
							self.place = Place::Outside(at + 1);
							None
						}
						Some(_) if is_lost => {
							self.place = Place::Lost(at + 1);
							None
						}
						Some(_) => {
							self.place = Place::List(at + 1);
							None
						}
					}
				}
			};
			if found.is_some() {
				return found;
			}
		}
	}
}

/// Whether a body begins as an object of JSON does. One that goes on without a name in quotes may
/// hold frames in a spelling that is not read, unless a list of them is found all the same.
fn may_be_json(body: &[u8]) -> bool {
	let Some(inner) = body.strip_prefix(b"{").map(<[u8]>::trim_ascii_start) else { return false };
	let begins_well = match inner.first() {
		Some(b'"') => json::value_length(inner).is_some(),
		first => first == Some(&b'}'),
	};
	begins_well || json::find_name(inner, LIST).is_some()
}

/// What is read of a frame, in the spelling of either version of the protocol's JSON.
#[derive(Default)]
struct Frame<'a> {
	status: Option<f64>,
	frequency: Option<f64>,
	/// What the only antenna received, or what holds for all.
	signal: Signal,
	/// What each of several antennas received.
	antennas: &'a [u8],
	modulation: Option<&'a [u8]>,
	data_rate: Option<&'a [u8]>,
	payload: Option<&'a [u8]>,
	has_decimal_comma: bool,
}

/// What an antenna received.
#[derive(Clone, Copy, Default)]
struct Signal {
	/// Channel power in dBm.
	rssi: Option<f64>,
	/// Signal power in dBm.
	signal_rssi: Option<f64>,
	/// Signal-to-noise ratio in dB.
	snr: Option<f64>,
}

/// Of the same name the last that can be read counts.
fn take(place: &mut Option<f64>, number: Number, has_decimal_comma: &mut bool) {
	*has_decimal_comma |= number == Number::DecimalComma;
	*place = number.value().or(*place);
}

impl<'a> Frame<'a> {
	fn read(object: &'a [u8]) -> Self {
		let mut frame = Self::default();
		for member in json::members(object) {
			let (name, value) = match member {
				Member::Named(name, value) => (name, value),
				Member::Stray(part) => {
					frame.has_decimal_comma |= is_fraction(part);
					continue;
				}
			};
			let comma = &mut frame.has_decimal_comma;
			match &*name {
				b"stat" => take(&mut frame.status, json::number(value), comma),
				b"freq" => take(&mut frame.frequency, json::number(value), comma),
				b"rsig" if value.starts_with(b"[") || value.starts_with(b"{") => {
					frame.antennas = value;
				}
				b"modu" if value.starts_with(b"\"") => frame.modulation = Some(value),
				b"datr" => frame.data_rate = Some(value),
				b"data" if value.starts_with(b"\"") => frame.payload = Some(value),
				name => frame.signal.take(name, value, comma),
			}
		}
		frame
	}

	/// Whether the frame is of LoRa. Where its modulation is not named, its data rate shows it:
	/// that of FSK is a number.
	fn is_lora(&self) -> bool {
		let is_named = |value: &[u8]| {
			json::text(value).is_some_and(|name| name.trim().eq_ignore_ascii_case(datagram::LORA))
		};
		match self.modulation {
			Some(name) => is_named(name),
			None => self.data_rate.is_none_or(|rate| json::number(rate) == Number::Absent),
		}
	}

	/// The strength and the signal-to-noise ratio: the frame's own, or those of the best antenna.
	/// What an antenna does not say, the frame may.
	fn levels(&mut self) -> Option<(f64, f64)> {
		if let Some(levels) = self.signal.levels() {
			return Some(levels);
		}
		let mut best: Option<(f64, f64)> = None;
		for antenna in json::elements(self.antennas) {
			let mut signal = self.signal;
			for member in json::members(antenna) {
				match member {
					Member::Named(name, value) => {
						signal.take(&name, value, &mut self.has_decimal_comma);
					}
					Member::Stray(part) => self.has_decimal_comma |= is_fraction(part),
				}
			}
			let levels = signal.levels();
			if levels.is_some_and(|(_, snr)| best.is_none_or(|(_, before)| snr > before)) {
				best = levels;
			}
		}
		best
	}
}

impl Signal {
	fn take(&mut self, name: &[u8], value: &[u8], comma: &mut bool) {
		match name {
			b"rssi" | b"rssic" => take(&mut self.rssi, json::number(value), comma),
			b"rssis" => take(&mut self.signal_rssi, json::number(value), comma),
			b"lsnr" => take(&mut self.snr, json::number(value), comma),
			_ => {}
		}
	}

	fn levels(self) -> Option<(f64, f64)> {
		self.rssi.or(self.signal_rssi).zip(self.snr)
	}
}

/// Whether a part without a name is what stands behind a decimal comma.
fn is_fraction(part: &[u8]) -> bool {
	part.iter().all(u8::is_ascii_digit)
}

fn reception(gateway: Mac, object: &[u8]) -> Result<Reception, LeftOut> {
	let mut frame = Frame::read(object);
	let levels = frame.levels();
	if frame.has_decimal_comma {
		return Err(LeftOut::Unreadable(Cause::DecimalComma));
	}
	if !frame.is_lora() {
		return Err(LeftOut::Skipped(Skipped::OtherModulation));
	}
	// The status of some frames cannot be read. Beacons carry a signature, which proves more.
	if frame.status.is_some_and(|status| status != CRC_OK) {
		return Err(LeftOut::Skipped(Skipped::BadCrc));
	}
	let payload = frame
		.payload
		.and_then(json::text)
		.and_then(|text| datagram::from_base64(&text).ok())
		.filter(|payload| payload.len() <= PAYLOAD_MAX)
		.ok_or(LeftOut::Unreadable(Cause::NoPayload))?;
	if payload.is_empty() {
		return Err(LeftOut::Skipped(Skipped::Empty));
	}
	let (rssi, snr) = levels.ok_or(LeftOut::Unreadable(Cause::NoLevel))?;
	Ok(Reception {
		gateway,
		payload,
		frequency_hz: frame.frequency.map(hertz),
		rssi_deci_dbm: tenths(rssi),
		snr_deci_db: tenths(snr),
	})
}

fn hertz(frequency: f64) -> u32 {
	if frequency > KILOHERTZ_MAX {
		frequency as u32
	} else if frequency > MEGAHERTZ_MAX {
		(frequency * 1e3).round() as u32
	} else {
		datagram::hertz(frequency)
	}
}

/// A level in tenths; what does not fit is clipped.
fn tenths(level: f64) -> i16 {
	(level * 10.0).round() as i16
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;
	use semtech_udp::{SerializablePacket, push_data as peer};

	const GATEWAY: Mac = Mac([1, 2, 3, 4, 5, 6, 7, 8]);
	const LORA: &str = r#"{"tmst":1,"chan":2,"rfch":0,"freq":868.1,"stat":1,"modu":"LORA","datr":"SF7BW125",
		"codr":"4/5","lsnr":-7.25,"rssi":-103,"size":3,"data":"4AEC"}"#;
	const FSK: &str = r#"{"tmst":1,"chan":8,"rfch":0,"freq":868.8,"stat":1,"modu":"FSK","datr":50000,
		"rssi":-75,"size":3,"data":"4AEC"}"#;

	fn read(body: &[u8]) -> Vec<Result<Reception, LeftOut>> {
		Frames::new(GATEWAY, body).collect()
	}

	/// What is left out of a list of frames, and how many are read.
	fn left_out(frames: &str) -> (Vec<LeftOut>, usize) {
		let all = read(format!(r#"{{"rxpk":[{frames}]}}"#).as_bytes());
		let read = all.iter().filter(|frame| frame.is_ok()).count();
		(all.into_iter().filter_map(Result::err).collect(), read)
	}

	fn one(frame: &str) -> Reception {
		let mut all = read(format!(r#"{{"rxpk":[{frame}]}}"#).as_bytes());
		assert_eq!(all.len(), 1, "{frame}");
		all.remove(0).expect(frame)
	}

	fn levels(frame: &str) -> (i16, i16) {
		let reception = one(frame);
		(reception.rssi_deci_dbm, reception.snr_deci_db)
	}

	#[test]
	fn frame_keeps_tenths_of_a_decibel() {
		let heard = one(LORA);
		assert_eq!((heard.rssi_deci_dbm, heard.snr_deci_db), (-1_030, -73));
		assert_eq!(heard.payload, [0xE0, 1, 2]);
		assert_eq!(heard.frequency_hz, Some(868_100_000));
	}

	#[test]
	fn frames_that_are_no_receptions_are_told_apart() {
		let skipped = |reason| (vec![LeftOut::Skipped(reason)], 0);
		for status in ["-1", "0", "\"-1\""] {
			let frame = LORA.replace("\"stat\":1", &format!("\"stat\":{status}"));
			assert_eq!(left_out(&frame), skipped(Skipped::BadCrc), "{status}");
		}
		for modulation in ["\"FSK\"", "\"LR-FHSS\"", "\"\""] {
			let frame = LORA.replace("\"LORA\"", modulation);
			assert_eq!(left_out(&frame), skipped(Skipped::OtherModulation), "{modulation}");
		}
		assert_eq!(left_out(FSK), skipped(Skipped::OtherModulation));
		let nameless = FSK.replace("\"modu\":\"FSK\",", "");
		assert_eq!(left_out(&nameless), skipped(Skipped::OtherModulation));
		let empty = LORA.replace("4AEC", "");
		assert_eq!(left_out(&empty), skipped(Skipped::Empty));
	}

	#[test]
	fn frames_that_cannot_be_read_have_a_cause() {
		for (from, to, cause) in [
			("\"rssi\":-103,", "", Cause::NoLevel),
			("-7.25", "null", Cause::NoLevel),
			("-7.25", "-nan", Cause::NoLevel),
			("-7.25", "\"-7,25\"", Cause::DecimalComma),
			("-7.25", "-7,25", Cause::DecimalComma),
			("868.1", "868,1", Cause::DecimalComma),
			("\"4AEC\"", "null", Cause::NoPayload),
			("4AEC", "4A!C", Cause::NoPayload),
			("\"data\"", "\"dat\"", Cause::NoPayload),
			("\"4AEC\"}", "\"4AEC", Cause::BrokenFrame),
			("-7.25", "[-7.25", Cause::BrokenFrame),
		] {
			let frame = LORA.replace(from, to);
			assert_ne!(frame, LORA);
			assert_eq!(left_out(&frame), (vec![LeftOut::Unreadable(cause)], 0), "{frame}");
		}
		let long = LORA.replace("4AEC", &"4AEC".repeat(86));
		assert_eq!(left_out(&long), (vec![LeftOut::Unreadable(Cause::NoPayload)], 0));
	}

	#[test]
	fn frame_is_read_when_members_are_odd() {
		for (from, to) in [
			("\"stat\":1,", ""),
			("\"stat\":1", "\"stat\":\"1\""),
			("\"stat\":1", "\"stat\":?"),
			("\"LORA\"", "\"LoRa\""),
			("\"modu\":\"LORA\",", ""),
			("\"modu\":\"LORA\"", "\"modu\":null"),
			("\"size\":3,", ""),
			("\"size\":3", "\"size\":77"),
			("-103", "\"-103\""),
			("-103", "-103.0"),
			("-103", "-103,\"rssi\":null"),
			("-103", "12,\"rssi\":-103"),
			("\"rssi\":-103", "\"rssis\":-103"),
			("4/5", "4\\/5"),
			("4AEC", "4\\u0041EC"),
			("\"tmst\":1", "\"tmst\":-nan"),
			("\"tmst\":1", "\"time\":\"bare\ttab\""),
			("\"tmst\":1", "\"meta\":{\"name\":\"}\\\"{\"},\"rsig\":null"),
			(":", " : "),
			("SF7BW125", "SF\u{e9}BW12"),
		] {
			let frame = LORA.replace(from, to);
			assert_ne!(frame, LORA);
			let heard = one(&frame);
			assert_eq!((heard.rssi_deci_dbm, heard.snr_deci_db), (-1_030, -73), "{frame}");
			assert_eq!(heard.payload, [0xE0, 1, 2], "{frame}");
		}
	}

	#[test]
	fn frequency_is_read_in_every_unit_or_not_known() {
		for (written, frequency) in [
			("868.099975", Some(868_099_975)),
			("868100000", Some(868_100_000)),
			("868100", Some(868_100_000)),
			("868099.975", Some(868_099_975)),
			("433.175", Some(433_175_000)),
			("2403", Some(2_403_000_000)),
			("2403000", Some(2_403_000_000)),
			("\"868.1\"", Some(868_100_000)),
			("null", None),
		] {
			assert_eq!(one(&LORA.replace("868.1", written)).frequency_hz, frequency, "{written}");
		}
	}

	#[test]
	fn frame_of_several_antennas_is_taken_from_the_best() {
		let several = |signals: &str| {
			format!(
				r#"{{"jver":2,"tmst":1,"freq":868.5,"stat":1,"modu":"LORA","datr":"SF12BW125",
				"data":"4AEC","rsig":[{signals}]}}"#
			)
		};
		for (signals, expected) in [
			(
				r#"{"ant":0,"lsnr":-3.5,"rssic":-120},{"ant":1,"lsnr":7.8,"rssic":-103}"#,
				(-1_030, 78),
			),
			(
				r#"{"ant":0,"lsnr":null,"rssic":-120},{"ant":1,"lsnr":7.8,"rssic":-103}"#,
				(-1_030, 78),
			),
			(r#"null,{"ant":1,"lsnr":"7.8","rssis":-103},{}"#, (-1_030, 78)),
			(r#"{"ant":0,"lsnr":-3.5,"rssic":-120},{"ant":1,"lsnr":7.8}"#, (-1_200, -35)),
			(r#"{"lsnr":-3.5,"rssic":-120},{"lsnr":-nan,"rssic":1}"#, (-1_200, -35)),
		] {
			assert_eq!(levels(&several(signals)), expected, "{signals}");
		}
		let unreadable = left_out(&several(r#"{"ant":0},{"ant":1,"lsnr":1}"#));
		assert_eq!(unreadable, (vec![LeftOut::Unreadable(Cause::NoLevel)], 0));
		let alone = several(r#"{"rssic":-90,"lsnr":1}"#).replace(['[', ']'], "");
		let alone = left_out(&alone);
		assert_eq!(alone, (vec![], 1));
		let shared = several(r#"{"rssic":-90}"#).replace("\"stat\"", "\"lsnr\":5,\"stat\"");
		assert_eq!(levels(&shared), (-900, 50));
	}

	#[test]
	fn broken_frame_costs_no_other() {
		let cut = LORA.trim_end_matches("\"4AEC\"}");
		for broken in [
			"{\"tmst\":1,\"stat\":?",
			"{\"a\":[",
			"{\"a\":\"",
			"{{{{",
			"\"",
			"}",
			"{\"rsig\":[{\"ant\":0},",
			cut,
		] {
			for frames in [format!("{broken}{LORA}"), format!("{LORA},{broken},{LORA}")] {
				let (_, read) = left_out(&frames);
				assert_eq!(read, frames.matches("4AEC").count(), "{frames}");
			}
		}
		let (left, read) = left_out(&format!("{{}},{LORA},{cut}"));
		let causes = [Cause::NoPayload, Cause::BrokenFrame].map(LeftOut::Unreadable);
		assert_eq!((left.as_slice(), read), (&causes[..], 1));
	}

	#[test]
	fn frames_are_found_wherever_their_list_is() {
		for (body, read_of_it) in [
			(format!(r#"{{"rxpk":[{LORA}],"rxpk":[{LORA}]}}"#), 2),
			(format!(r#"{{"stat":{{"desc":"12" antenna"}},"rxpk":[{LORA}]}}"#), 1),
			(format!("{{\"stat\":{{\"desc\":\"cut off}},\n\"rxpk\" : [{LORA}]"), 1),
			(format!(r#"{{"rxpk":[{LORA}],"stat":{{"desc":"the "big" roof"#), 1),
			(format!("{{\"rxpk\":[{LORA}]}}\0\u{7f}}}]"), 1),
			(format!("\u{feff}\r\n{{\"rxpk\":[{LORA}]}}\r\n"), 1),
			(format!(r#"{{"rxpk":{LORA}}}"#), 1),
			(format!(r#"{{"a":"rxpk","rxpk":[{LORA}]}}"#), 1),
			(format!(r#"{{"\u0072xp\u006B":[{LORA}]}}"#), 1),
			(format!(r#"{{"rxpk":[{}]}}"#, LORA.replace("data", r"d\u0061ta")), 1),
			(r#"{"rxpk":null,"stat":{"rxnb":2}}"#.to_owned(), 0),
			(r#"{"rxpk":[],"stat":{"rxnb":2}}"#.to_owned(), 0),
			(r#"{"stat":{"time":"2026-01-01 00:00:00 GMT","rxnb":1}}"#.to_owned(), 0),
			("{}".to_owned(), 0),
		] {
			let all = read(body.as_bytes());
			assert!(all.iter().all(Result::is_ok), "{body}: {all:?}");
			assert_eq!(all.len(), read_of_it, "{body}");
		}
	}

	#[test]
	fn body_without_json_is_said_once() {
		let not_json = [Err(LeftOut::Unreadable(Cause::NotJson))];
		for body in ["", "\0", "hello", "{\"rxpk\":12}", "{\"rxpk\":\"none\"}"] {
			assert_eq!(read(body.as_bytes()), not_json, "{body}");
		}
		let whole = format!(r#"{{"rxpk":[{LORA}]}}"#);
		for body in [
			whole.replace('"', "'"),
			whole.replace('"', "\\\""),
			whole.replace('"', ""),
			"{".to_owned(),
			"{\"rxp".to_owned(),
		] {
			assert_eq!(read(body.as_bytes()), not_json, "{body}");
		}
	}

	#[test]
	fn body_of_64_kib_is_read() {
		let count = 65_000 / (LORA.len() + 1);
		let json = format!(r#"{{"rxpk":[{}]}}"#, vec![LORA; count].join(","));
		assert!(json.len() > 64_000);
		assert_eq!(read(json.as_bytes()).iter().filter(|frame| frame.is_ok()).count(), count);
	}

	#[test]
	fn body_full_of_broken_frames_is_given_up() {
		let quotes = format!("{{\"rxpk\":[{}", "{\"\\\"{".repeat(13_000));
		assert_eq!(read(quotes.as_bytes()), [Err(LeftOut::Unreadable(Cause::BrokenFrame))]);
		let empty = format!("{{\"rxpk\":[{}]}}", vec!["{}"; 20_000].join(","));
		assert_eq!(read(empty.as_bytes()).len(), BROKEN_MAX);
	}

	#[test]
	fn frame_of_another_implementation_is_read() {
		let rxpk = peer::RxPk::V1(peer::RxPkV1 {
			chan: 0,
			codr: Some(semtech_udp::CodingRate::_4_5),
			data: vec![0xE0, 1, 2],
			datr: semtech_udp::DataRate::new(
				semtech_udp::SpreadingFactor::_9,
				semtech_udp::Bandwidth::_125KHz,
			),
			freq: 868.1,
			lsnr: -2.5,
			modu: semtech_udp::Modulation::LORA,
			rfch: 0,
			rssi: -103,
			rssis: None,
			size: 3,
			stat: peer::CRC::OK,
			tmst: 1,
			time: None,
		});
		let mut buffer = [0; 1_024];
		let packet = peer::Packet::from_rxpk(GATEWAY.0.into(), rxpk);
		let length = packet.serialize(&mut buffer).expect("it fits") as usize;
		let contents = crate::gwmp::read(&buffer[..length]);
		assert_eq!((contents.receptions.len(), contents.causes.len()), (1, 0));
		let heard = &contents.receptions[0];
		assert_eq!((heard.rssi_deci_dbm, heard.snr_deci_db), (-1_030, -25));
		assert_eq!(heard.payload, [0xE0, 1, 2]);
	}

	proptest! {
		#[test]
		fn random_bytes_never_panic(bytes: Vec<u8>) {
			read(&bytes);
			read(&[b"{\"rxpk\":[", &bytes[..]].concat());
		}

		#[test]
		fn random_json_like_text_never_panics(text in "[{}\\[\\]\",:\\\\a1 ]{0,60}") {
			read(format!("{{\"rxpk\":[{text}{LORA}{text}]}}").as_bytes());
		}

		#[test]
		fn frames_before_a_cut_are_read(length in 0usize..600) {
			let whole = format!(r#"{{"rxpk":[{LORA},{FSK},{LORA}]}}"#);
			let part = &whole.as_bytes()[..length.min(whole.len())];
			let heard = read(part).iter().filter(|frame| frame.is_ok()).count();
			let first = r#"{"rxpk":["#.len() + LORA.len();
			let last = whole.len() - 2;
			prop_assert_eq!(heard, usize::from(part.len() >= first) + usize::from(part.len() >= last));
		}
	}
}
