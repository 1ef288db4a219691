//! Referenda: what is proposed, and who votes. On test chains a day of governance is two blocks.

use anyhow::Result;
use codec::Compact;
use sp_crypto_hashing::blake2_256;

use crate::{
	accounts::{Encoded, keypair},
	node::Node,
	state::entry,
	validators::GRM,
};

/// Who proposes and pays the deposits.
const PROPOSER: &str = "//Charlie";
/// Who votes: 18 % of what support is counted against. `//Dave` and `//Ferdie` are left out: they
/// fund and collect meanwhile.
const VOTERS: [&str; 10] = [
	"//Alice",
	"//Bob",
	"//Charlie",
	"//Eve",
	"//Alice//stash",
	"//Bob//stash",
	"//Charlie//stash",
	"//Dave//stash",
	"//Eve//stash",
	"//Ferdie//stash",
];
/// With how many plancks each votes.
const BALANCE: u128 = 900_000 * GRM;

// What calls are made of, as they encode it.
/// The pallet of the origins of tracks.
const ORIGINS: u8 = 44;
/// A proposal by the hash of its preimage.
const LOOKUP: u8 = 2;
/// So many blocks after the approval.
const AFTER: u8 = 1;
/// A vote with all of a balance.
const STANDARD: u8 = 0;
/// Aye, without conviction.
const AYE: u8 = 0x80;

/// The track of a referendum, as the number of the origin that its call gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Track {
	/// Authorizes code.
	Upgrade = 1,
	/// Creates and changes networks.
	Networks = 4,
}

impl Node {
	/// Notes the preimage of a call, submits it to a track with its deposits, and has all vote aye,
	/// so that it passes before its time is over. Returns once all votes are finalized.
	///
	/// # Errors
	///
	/// If the node does not take one of the transactions, or one fails.
	pub async fn refer(&self, track: Track, proposal: &[u8]) -> Result<()> {
		let count = self.stored::<u32>(&entry("Referenda", "ReferendumCount", &[]), None).await?;
		let index = count.unwrap_or_default();
		let length = u32::try_from(proposal.len())?;
		let lookup = (LOOKUP, blake2_256(proposal), length);
		let submission = ((ORIGINS, track as u8), lookup, (AFTER, 0u32));
		let calls = [
			self.call_of("Preimage", "note_preimage", proposal.to_vec()).await?,
			self.call_of("Referenda", "submit", submission).await?,
			self.call_of("Referenda", "place_decision_deposit", index).await?,
		];
		let batch = self.call_of("Utility", "batch_all", Encoded::calls(&calls)).await?;
		self.submit(&keypair(PROPOSER)?, &batch).await?;
		let aye = (Compact(index), STANDARD, AYE, BALANCE);
		let vote = self.call_of("ConvictionVoting", "vote", aye).await?;
		let signed = |voter: &str| -> Result<_> { Ok((keypair(voter)?, vote.clone())) };
		let votes = VOTERS.into_iter().map(signed).collect::<Result<Vec<_>>>()?;
		self.submit_all(&votes).await
	}
}
