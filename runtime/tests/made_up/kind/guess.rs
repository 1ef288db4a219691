//! The report of the kind, why one is refused, and why one that was taken earns nothing.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use groma_core::{
	CollectorIndex, DeviceId, WindowIndex,
	protocol::STATEMENT_DELAY_MAX,
	statement::{Report, ReportKey},
	words::{Hash, Signature},
};
use groma_traits::standing::Unfit;
use scale_info::TypeInfo;
use sp_runtime::transaction_validity::{InvalidTransaction, TransactionValidityError};

/// The series of [`Guess`].
pub const GUESSES: u8 = 255;
/// The most guesses in a bundle.
pub(crate) const GUESSES_PER_BUNDLE_MAX: u32 = 16;

const GUESS: &[u8] = b"groma/made-up-guess/1";

/// A device's guess of the toss that settles the challenges of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Guess {
	/// The window in which the device was drawn.
	pub window: WindowIndex,
	/// Who guesses.
	pub device: DeviceId,
	/// What it guesses.
	pub is_heads: bool,
	/// The collector that the device handed it to; 0 for none.
	pub collector: CollectorIndex,
	/// The signature of the device's session key over [`Self::signed_bytes`].
	pub signature: Signature,
}

impl Guess {
	/// What the device's session key signs.
	pub fn signed_bytes(challenge: &Hash, is_heads: bool, collector: CollectorIndex) -> Vec<u8> {
		[GUESS, &challenge[..], &[u8::from(is_heads)][..], &collector.to_le_bytes()[..]].concat()
	}
}

impl Report for Guess {
	const SERIES: u8 = GUESSES;
	const DELAY_MAX: WindowIndex = STATEMENT_DELAY_MAX;

	fn key(&self) -> ReportKey {
		let Self { window, device, .. } = *self;
		ReportKey { series: Self::SERIES, window, subject: device, author: device }
	}
}

/// Why a guess is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
	/// The window is not one whose guesses are taken now.
	WindowClosed,
	/// There is no such device.
	UnknownDevice,
	/// The network of the device proves something else.
	OtherKind,
	/// The device is not drawn in the window.
	NotChallenged,
	/// The device cannot take part.
	NotFit(Unfit),
	/// The device guessed before.
	AlreadyKnown,
	/// The signature is not the session key's.
	BadSignature,
}

impl Refusal {
	/// What a transaction is that is refused for it.
	pub(crate) fn invalid(self) -> TransactionValidityError {
		let invalid = match self {
			Self::WindowClosed | Self::AlreadyKnown => InvalidTransaction::Stale,
			Self::BadSignature => InvalidTransaction::BadProof,
			Self::UnknownDevice => InvalidTransaction::Custom(0),
			Self::OtherKind => InvalidTransaction::Custom(1),
			Self::NotChallenged => InvalidTransaction::Custom(2),
			Self::NotFit(_) => InvalidTransaction::Custom(3),
		};
		invalid.into()
	}
}

/// Why a guess that was taken earned nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
	/// It was wrong.
	WrongGuess = 0,
	/// The device was not fit to take part when it was settled.
	Unfit = 1,
	/// No block had room to settle it in its window.
	NeverSettled = 2,
}

/// How many reasons there are.
pub(crate) const REASONS: usize = 3;
