//! What packet forwarders answer to a frame to transmit. One that answers has the frame: unless it
//! names an error, the frame goes out.

use super::{
	cause::Cause,
	json::{self, Member},
};
use crate::radio::Mac;

/// The most characters of a reason that are kept.
const REASON_LENGTH_MAX: usize = 40;

/// Whether a packet forwarder transmits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
	Accepted,
	Busy(String),
	PowerRefused,
	ChannelRefused,
}

/// The JSON of an answer, as far as it has one; `None` if it speaks for another gateway than the
/// one to which the frame went. Some answers lack the gateway's id.
pub(super) fn json_of(answer: &[u8], gateway: Mac) -> Option<&[u8]> {
	if let Some(json) = answer.strip_prefix(&gateway.0) {
		return Some(json);
	}
	let is_without_id = answer.len() < gateway.0.len() || answer.starts_with(b"{");
	is_without_id.then(|| if answer.starts_with(b"{") { answer } else { &[] })
}

/// What an answer says, and what is wrong with it. A warning, such as of a lower power, means that
/// the frame is transmitted.
pub(super) fn verdict(json: &[u8]) -> (Verdict, Option<Cause>) {
	let json = trimmed(json);
	if json.is_empty() {
		return (Verdict::Accepted, None);
	}
	if !json.starts_with(b"{") {
		return (Verdict::Accepted, Some(Cause::UnreadableAnswer));
	}
	let mut error = None;
	for member in json::members(json) {
		let Member::Named(name, value) = member else { continue };
		match (&*name, value.first()) {
			(b"txpk_ack", Some(b'{')) => note_errors(value, &mut error),
			// One answer in a list, as frames are reported.
			(b"txpk_ack", Some(b'[')) => {
				json::elements(value).for_each(|answer| note_errors(answer, &mut error));
			}
			(b"txpk_ack", _) => note_error(b"error", value, &mut error),
			(name, _) => note_error(name, value, &mut error),
		}
	}
	let cause = json::value_length(json).is_none().then_some(Cause::UnreadableAnswer);
	(error.map_or(Verdict::Accepted, of_error), cause)
}

/// Without spaces, and without the zeros that end the texts of some packet forwarders.
fn trimmed(mut json: &[u8]) -> &[u8] {
	while let Some(rest) = json.strip_suffix(&[0]) {
		json = rest;
	}
	json.trim_ascii()
}

/// Takes the error that a member of an object names, if one does.
fn note_errors(object: &[u8], error: &mut Option<String>) {
	for member in json::members(object) {
		if let Member::Named(name, value) = member {
			note_error(&name, value, error);
		}
	}
}

/// Takes the error that a member names, if it does.
fn note_error(name: &[u8], value: &[u8], error: &mut Option<String>) {
	if !matches!(name, b"error" | b"errno") {
		return;
	}
	let named = match (json::text(value), json::number(value).value()) {
		(_, Some(0.0)) => None,
		(Some(text), _) => Some(text.trim().to_owned()),
		(None, Some(number)) => Some(number.to_string()),
		(None, None) => None,
	};
	*error = named.filter(|name| !is_consent(name)).or(error.take());
}

fn is_consent(name: &str) -> bool {
	["", "NONE", "OK", "NULL", "SUCCESS", "NO_ERROR"]
		.iter()
		.any(|consent| name.eq_ignore_ascii_case(consent))
}

fn of_error(name: String) -> Verdict {
	match name.to_ascii_uppercase().as_str() {
		"TX_POWER" => Verdict::PowerRefused,
		"TX_FREQ" => Verdict::ChannelRefused,
		// It goes to the log.
		_ => Verdict::Busy(
			name.chars().filter(|it| !it.is_control()).take(REASON_LENGTH_MAX).collect(),
		),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	const GATEWAY: Mac = Mac([1, 2, 3, 4, 5, 6, 7, 8]);

	#[test]
	fn answer_without_an_error_is_consent() {
		for json in [
			"",
			"\0",
			" \r\n\0\0",
			"{}",
			r#"{"txpk_ack":null}"#,
			r#"{"txpk_ack":{}}"#,
			r#"{"txpk_ack":{"error":null}}"#,
			r#"{"txpk_ack":{"error":""}}"#,
			r#"{"txpk_ack":{"error":"NONE"}}"#,
			r#"{"txpk_ack":{"error":"none","tmst":27182}}"#,
			r#"{"txpk_ack":{"error":0}}"#,
			r#"{"txpk_ack":{"error":"Success"}}"#,
			r#"{"txpk_ack":{"error":"NO_ERROR"}}"#,
			r#"{"txpk_ack":{"error":false}}"#,
			r#"{"txpk_ack":[{"error":"NONE"}]}"#,
			r#"{"txpk_ack":[]}"#,
			r#"{"txpk_ack":{"warn":"TX_POWER","value":14}}"#,
			r#"{"errno":0}"#,
			r#"{"error":"NONE"}"#,
		] {
			assert_eq!(verdict(json.as_bytes()), (Verdict::Accepted, None), "{json}");
		}
	}

	#[test]
	fn errors_are_told_apart() {
		let busy = |reason: &str| Verdict::Busy(reason.to_owned());
		for (json, expected) in [
			(r#"{"txpk_ack":{"error":"TX_POWER"}}"#, Verdict::PowerRefused),
			(r#"{"txpk_ack":{"error":"tx_power "}}"#, Verdict::PowerRefused),
			(r#"{"txpk_ack":{"error":"TX\u005fPOWER"}}"#, Verdict::PowerRefused),
			(r#"{"\u0074xpk_ack":{"err\u006fr":"TX_POWER"}}"#, Verdict::PowerRefused),
			(r#"{"error":"TX_POWER"}"#, Verdict::PowerRefused),
			(r#"{"txpk_ack":"TX_POWER"}"#, Verdict::PowerRefused),
			(r#"{"txpk_ack":[{"error":"TX_POWER"}]}"#, Verdict::PowerRefused),
			(r#"{"txpk_ack":{"error":"TX_FREQ"}}"#, Verdict::ChannelRefused),
			(r#"{"txpk_ack":{"error":"COLLISION_PACKET"}}"#, busy("COLLISION_PACKET")),
			(r#"{"txpk_ack":{"error":"TOO_LATE","error":null}}"#, busy("TOO_LATE")),
			(r#"{"txpk_ack":{"error":"UNKNOWN"}}"#, busy("UNKNOWN")),
			(r#"{"errno":5}"#, busy("5")),
		] {
			assert_eq!(verdict(json.as_bytes()), (expected, None), "{json}");
		}
	}

	#[test]
	fn unreadable_answer_is_consent_unless_it_names_an_error() {
		let unreadable = Some(Cause::UnreadableAnswer);
		assert_eq!(verdict(b"OK"), (Verdict::Accepted, unreadable));
		assert_eq!(verdict(br#"{"txpk_ack":{"error":"NONE"#), (Verdict::Accepted, unreadable));
		let refused = verdict(br#"{"txpk_ack":{"error":"TX_POWER""#);
		assert_eq!(refused, (Verdict::PowerRefused, unreadable));
	}

	#[test]
	fn answer_belongs_to_its_gateway() {
		let with_id = |json: &[u8]| [&GATEWAY.0, json].concat();
		assert_eq!(json_of(&with_id(b"{}"), GATEWAY), Some(&b"{}"[..]));
		assert_eq!(json_of(&with_id(b""), GATEWAY), Some(&b""[..]));
		assert_eq!(json_of(b"", GATEWAY), Some(&b""[..]));
		assert_eq!(json_of(&GATEWAY.0[..5], GATEWAY), Some(&b""[..]));
		assert_eq!(json_of(b"{\"errno\":0}", GATEWAY), Some(&b"{\"errno\":0}"[..]));
		assert_eq!(json_of(&[9; 8], GATEWAY), None);
	}

	#[test]
	fn reason_in_the_log_is_short_and_printable() {
		let json = format!(r#"{{"error":"a\u001b[1m{}"}}"#, "b".repeat(500));
		let (Verdict::Busy(reason), None) = verdict(json.as_bytes()) else { panic!("no reason") };
		assert!(reason.len() == REASON_LENGTH_MAX && reason.starts_with("a[1mb"), "{reason}");
	}

	proptest! {
		#[test]
		fn random_answers_never_panic(bytes: Vec<u8>, text in "[{}\\[\\]\":,a-z_0]{0,40}") {
			let _ = verdict(&bytes);
			let _ = verdict(text.as_bytes());
			let _ = json_of(&bytes, GATEWAY);
		}
	}
}
