//! The types that everything else is made of.

use sp_runtime::{
	MultiAddress, MultiSignature, generic,
	traits::{BlakeTwo256, IdentifyAccount, Verify},
};

/// A block's number.
pub type BlockNumber = u32;
/// A signature of an account.
pub type Signature = MultiSignature;
/// An account: the public key of its signer, or the hash of one.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
/// How many transactions an account has signed.
pub type Nonce = u32;
/// A hash of chain data.
pub type Hash = sp_core::H256;
/// How calls name accounts.
pub type Address = MultiAddress<AccountId, ()>;
/// A block header.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
