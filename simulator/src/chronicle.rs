//! What the finalized chain has recorded since the field began, read from the events of its blocks.

use codec::{Decode, DecodeAll};
use groma_client::{chain::AccountId, shutdown::Shutdown};
use groma_core::{DeviceId, EpochIndex, NetworkId, money::Balance};
use serde::Serialize;
use subxt::{OnlineClient, SubstrateConfig, events::Events};
use tokio::sync::watch;

/// How many items of a kind the chain took and refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Count {
	/// Items that brought something new.
	pub(crate) taken: u64,
	/// Items that came too late, twice, undrawn or when others filled the challenge.
	pub(crate) refused: u64,
	/// Items with a wrong signature, and malformed ones.
	pub(crate) bad: u64,
}

/// What has been recorded so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Chronicle {
	/// Statements.
	pub(crate) statements: Count,
	/// Reveals; each one taken settles a challenge.
	pub(crate) reveals: Count,
	/// Epochs closed, in order: which, and how many plancks were minted for it.
	pub(crate) epochs: Vec<(EpochIndex, Balance)>,
	/// Payments to owners of devices: which device, and how many plancks.
	pub(crate) payments: Vec<(DeviceId, Balance)>,
	/// Devices that were banned.
	pub(crate) bans: u64,
	/// Plancks of stake that were taken for it and burned.
	pub(crate) stake_burned: Balance,
	/// Plancks of stake that were taken for it and went to who reported it.
	pub(crate) stake_rewarded: Balance,
}

/// Who brought items, and what became of them: the fields of both events of coverage.
type Bundle = (Option<AccountId>, (u32, u32, u32));

/// Whose stake was taken for an offence of a device: the index of what it stood behind, which
/// network's devices, what was burned of it, what went to the reporter, and who that is.
type Slashed = (AccountId, (u8, NetworkId), Balance, Balance, AccountId);

impl Count {
	fn add(&mut self, (taken, refused, bad): (u32, u32, u32)) {
		self.taken += u64::from(taken);
		self.refused += u64::from(refused);
		self.bad += u64::from(bad);
	}
}

impl Chronicle {
	/// Records the events of a block. Events of other kinds are passed over, and so is one that
	/// this build can't read.
	fn record(&mut self, block: u64, events: &Events<SubstrateConfig>) {
		for event in events.iter().flatten() {
			let known =
				self.note(event.pallet_name(), event.event_name(), &mut event.field_bytes());
			if let Err(error) = known {
				tracing::warn!(
					target: "simulator::chronicle", block, %error,
					"cannot read {}.{}", event.pallet_name(), event.event_name()
				);
			}
		}
	}

	fn note(&mut self, pallet: &str, event: &str, fields: &mut &[u8]) -> Result<(), codec::Error> {
		match (pallet, event) {
			("ProofOfCoverage", "StatementsSubmitted") => {
				self.statements.add(Bundle::decode_all(fields)?.1);
			}
			("ProofOfCoverage", "RevealsSubmitted") => {
				self.reveals.add(Bundle::decode_all(fields)?.1);
			}
			("ProofOfCoverage", "DoubleBeaconProven") => self.bans += 1,
			("Stake", "Slashed") => {
				let (_, _, burned, rewarded, _) = Slashed::decode_all(fields)?;
				self.stake_burned = self.stake_burned.saturating_add(burned);
				self.stake_rewarded = self.stake_rewarded.saturating_add(rewarded);
			}
			("Emission", "EpochClosed") => {
				let (epoch, _emitted, minted, _for_validators, _reminted) =
					<(EpochIndex, Balance, Balance, Balance, Balance)>::decode_all(fields)?;
				self.epochs.push((epoch, minted));
			}
			("Rewards", "Paid") => {
				let (device, _payee, amount) = <(DeviceId, AccountId, Balance)>::decode(fields)?;
				self.payments.push((device, amount));
			}
			_ => {}
		}
		Ok(())
	}
}

/// Reads the finalized blocks and shows every state of the chronicle, until it is to stop or the
/// node is gone.
pub(crate) async fn follow(
	client: OnlineClient<SubstrateConfig>,
	chronicle: watch::Sender<Chronicle>,
	mut shutdown: Shutdown,
) -> Result<(), subxt::Error> {
	let mut blocks = client.stream_blocks().await?;
	loop {
		let block = tokio::select! {
			() = shutdown.requested() => return Ok(()),
			block = blocks.next() => match block {
				Some(block) => block?,
				None => return Ok(()),
			},
		};
		let events = block.at().await?.events().fetch().await?;
		chronicle.send_modify(|chronicle| chronicle.record(block.number(), &events));
	}
}

#[cfg(test)]
mod tests {
	use codec::Encode;

	use super::*;

	#[test]
	fn events_add_up() {
		let mut chronicle = Chronicle::default();
		let bundle: Bundle = (None, (3, 2, 1));
		let paid = (7u32, [1u8; 32], 5u128).encode();
		let slashed = ([1u8; 32], (0u8, 0u16), 95u128, 5u128, [2u8; 32]).encode();
		for (pallet, event, fields) in [
			("ProofOfCoverage", "StatementsSubmitted", bundle.encode()),
			("ProofOfCoverage", "StatementsSubmitted", bundle.encode()),
			("ProofOfCoverage", "RevealsSubmitted", bundle.encode()),
			("Emission", "EpochClosed", (9u32, 100u128, 60u128, 7u128, 5u128).encode()),
			("Rewards", "Paid", paid.clone()),
			("Rewards", "Paid", paid),
			("Stake", "Slashed", slashed.clone()),
			("ProofOfCoverage", "DoubleBeaconProven", vec![]),
			("Stake", "Slashed", slashed),
			("Balances", "Transfer", vec![0xFF]),
		] {
			chronicle.note(pallet, event, &mut &fields[..]).expect("readable");
		}
		assert_eq!(chronicle.statements, Count { taken: 6, refused: 4, bad: 2 });
		assert_eq!(chronicle.reveals.taken, 3);
		assert_eq!(chronicle.epochs, [(9, 60)]);
		assert_eq!(chronicle.payments, [(7, 5); 2]);
		let taken = (chronicle.bans, chronicle.stake_burned, chronicle.stake_rewarded);
		assert_eq!(taken, (1, 190, 10));
	}

	#[test]
	fn event_is_refused_when_its_fields_do_not_fit() {
		let mut chronicle = Chronicle::default();
		assert!(chronicle.note("Emission", "EpochClosed", &mut &[0u8; 3][..]).is_err());
	}
}
