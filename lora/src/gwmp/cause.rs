//! What is wrong with what packet forwarders send, and what to do about it.

/// Why a datagram, or something in it, cannot be read or is not taken as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Cause {
	/// It is not of the protocol, or ends within its header.
	NotGwmp,
	/// It is of another version of the protocol than 1 and 2.
	OtherVersion,
	/// It is of version 1, in which no answer says whether a frame is transmitted.
	VersionOne,
	/// It is of a gateway that is not served.
	UnknownGateway,
	/// The settings name another address of its gateway.
	ForeignAddress,
	/// Two addresses ask for the frames of one gateway.
	SecondAddress,
	/// The packet forwarder asks for frames less often than once a minute.
	RareKeepAlive,
	/// It holds no JSON, or no list of frames where there should be one.
	NotJson,
	/// A frame is cut off, or its brackets and quotes do not match.
	BrokenFrame,
	/// Numbers have a decimal comma.
	DecimalComma,
	/// A frame comes without its strength or its signal-to-noise ratio.
	NoLevel,
	/// A frame comes without bytes that can be read.
	NoPayload,
	/// The answer to a frame to transmit is of another kind than TX_ACK.
	AnswerKind,
	/// The answer to a frame to transmit is no JSON.
	UnreadableAnswer,
	/// An answer to no frame that was sent, or not from where the frame went.
	UnexpectedAnswer,
}

impl Cause {
	/// All of them.
	pub const ALL: [Self; 15] = [
		Self::NotGwmp,
		Self::OtherVersion,
		Self::VersionOne,
		Self::UnknownGateway,
		Self::ForeignAddress,
		Self::SecondAddress,
		Self::RareKeepAlive,
		Self::NotJson,
		Self::BrokenFrame,
		Self::DecimalComma,
		Self::NoLevel,
		Self::NoPayload,
		Self::AnswerKind,
		Self::UnreadableAnswer,
		Self::UnexpectedAnswer,
	];

	/// The name in metrics, logs and `docs/forwarders.md`.
	pub fn label(self) -> &'static str {
		match self {
			Self::NotGwmp => "not_gwmp",
			Self::OtherVersion => "other_version",
			Self::VersionOne => "version_one",
			Self::UnknownGateway => "unknown_gateway",
			Self::ForeignAddress => "foreign_address",
			Self::SecondAddress => "second_address",
			Self::RareKeepAlive => "rare_keep_alive",
			Self::NotJson => "not_json",
			Self::BrokenFrame => "broken_frame",
			Self::DecimalComma => "decimal_comma",
			Self::NoLevel => "no_level",
			Self::NoPayload => "no_payload",
			Self::AnswerKind => "answer_kind",
			Self::UnreadableAnswer => "unreadable_answer",
			Self::UnexpectedAnswer => "unexpected_answer",
		}
	}

	/// What is wrong and what to do, for the owner of the gateway.
	pub fn advice(self) -> &'static str {
		match self {
			Self::NotGwmp => {
				"a datagram is not of the Semtech UDP protocol: something else sends to `radio.listen`"
			}
			Self::OtherVersion => {
				"a packet forwarder speaks a version of the Semtech UDP protocol other than 1 and 2: \
				 install one that speaks version 2"
			}
			Self::VersionOne => {
				"the packet forwarder speaks version 1 of its protocol: it is served, but does not say \
				 whether it transmits; update it"
			}
			Self::UnknownGateway => {
				"a packet forwarder speaks for a gateway that is not in the settings: add a \
				 `[[gateway]]`, or correct `gateway_ID` in the packet forwarder's settings"
			}
			Self::ForeignAddress => {
				"a datagram of the gateway does not come from its `address` in the settings and is \
				 ignored: correct `address`, or find who else uses the gateway's id"
			}
			Self::SecondAddress => {
				"a second address asks for the frames of the gateway; the first keeps them until it is \
				 silent for a minute: if these are two gateways, give each its own `gateway_ID`"
			}
			Self::RareKeepAlive => {
				"the packet forwarder asks for frames less than once a minute: set its \
				 `keepalive_interval` to 10"
			}
			Self::NotJson => {
				"what the packet forwarder sends is no JSON: its frames are not read; update or \
				 reinstall it"
			}
			Self::BrokenFrame => {
				"the packet forwarder sends frames that are cut off or no JSON: they are not read, \
				 others in the same datagram are; update it"
			}
			Self::DecimalComma => {
				"the packet forwarder writes numbers with a decimal comma: its frames are not read; start \
				 it with `LC_NUMERIC=C`, and write decimal points in its settings"
			}
			Self::NoLevel => {
				"the packet forwarder sends frames without `rssi` or `lsnr`: they are not read; update it"
			}
			Self::NoPayload => {
				"the packet forwarder sends frames whose `data` is missing, longer than 255 bytes or no \
				 base64: they are not read; update it"
			}
			Self::AnswerKind => {
				"the packet forwarder answers a frame to transmit with a datagram other than TX_ACK: it is \
				 taken for one; update the packet forwarder"
			}
			Self::UnreadableAnswer => {
				"the packet forwarder answers a frame to transmit with what is no JSON: it is taken for \
				 consent; update the packet forwarder"
			}
			Self::UnexpectedAnswer => {
				"an answer to a frame that was not sent, or not from where it went, is ignored: find who \
				 else uses the gateway's id"
			}
		}
	}
}

#[cfg(test)]
mod tests {
	use std::collections::HashSet;

	use super::*;

	#[test]
	fn every_cause_has_a_place_a_name_and_an_advice() {
		for (index, cause) in Cause::ALL.into_iter().enumerate() {
			assert_eq!(cause as usize, index);
			assert!(cause.label().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'));
		}
		let names: HashSet<_> = Cause::ALL.into_iter().map(Cause::label).collect();
		let advice: HashSet<_> = Cause::ALL.into_iter().map(Cause::advice).collect();
		assert_eq!((names.len(), advice.len()), (Cause::ALL.len(), Cause::ALL.len()));
	}
}
