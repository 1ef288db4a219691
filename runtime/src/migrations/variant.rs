//! Migrations that good and bad upgrades bring, for tests: the state says which one runs.
//!
//! They are in the list of one blob, which is built next to the one that ships and never instead of
//! it (docs/design/0046). What they migrate are notes that a test writes into the state before the
//! upgrade, so that a chain loses nothing of its own when one of them fails.

use codec::{Decode, DecodeAll, Encode};
use frame_support::{
	Identity,
	migrations::{MigrationId, SteppedMigration, SteppedMigrationError},
	storage::unhashed,
	storage_alias,
	weights::{Weight, WeightMeter},
};
use pallet_device_registry::migrations::v1::PagesWithVersion;

use crate::Runtime;

/// Where the state says which migration runs: a [`Choice`].
pub const CHOICE_KEY: &[u8] = b":groma:variant";

/// At which note [`Choice::FailsHalfWay`] fails.
pub const FAILS_AT: u32 = 2_500;

/// How many notes a step takes at most, so that few of them take several blocks.
pub const NOTES_PER_STEP: u32 = 1_000;

/// The bound of [`Choice::NeverEnds`], in steps.
const ENDLESS_STEPS: u32 = 40;
/// The bound of the others.
const MAX_STEPS: u32 = 120;

/// What the upgrade brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Choice {
	/// Nothing to migrate.
	#[codec(index = 0)]
	Nothing,
	/// Notes of four bytes become notes of eight.
	#[codec(index = 1)]
	Notes,
	/// Pages of devices get their version.
	#[codec(index = 2)]
	Pages,
	/// The same as of notes until [`FAILS_AT`].
	#[codec(index = 3)]
	FailsHalfWay,
	/// Steps that lead nowhere.
	#[codec(index = 4)]
	NeverEnds,
	/// A step that asks for more than a block has.
	#[codec(index = 5)]
	TakesTooMuch,
	/// A step that panics.
	#[codec(index = 6)]
	Panics,
}

/// Notes as they are after the upgrade, by number with the highest byte first.
#[storage_alias]
pub type Notes = StorageMap<Variant, Identity, [u8; 4], u64>;

/// The last note or page that was looked at.
type Cursor = [u8; 4];
type Step = Result<Option<Cursor>, SteppedMigrationError>;

/// The migration that the state chooses.
pub struct Chosen;

impl SteppedMigration for Chosen {
	type Cursor = Cursor;
	type Identifier = MigrationId<7>;

	fn id() -> Self::Identifier {
		MigrationId { pallet_id: *b"variant", version_from: 0, version_to: 1 }
	}

	fn max_steps() -> Option<u32> {
		Some(if choice() == Choice::NeverEnds { ENDLESS_STEPS } else { MAX_STEPS })
	}

	#[allow(clippy::panic, reason = "a runtime that panics is one of the upgrades to live through")]
	fn step(cursor: Option<Cursor>, meter: &mut WeightMeter) -> Step {
		match choice() {
			Choice::Nothing => Ok(None),
			Choice::Notes => widen(cursor, meter, None),
			Choice::Pages => give_versions(cursor, meter),
			Choice::FailsHalfWay => widen(cursor, meter, Some(FAILS_AT)),
			Choice::NeverEnds => Ok(Some(Cursor::default())),
			Choice::TakesTooMuch => {
				Err(SteppedMigrationError::InsufficientWeight { required: Weight::MAX })
			}
			Choice::Panics => panic!("the state chose a runtime that panics"),
		}
	}
}

fn choice() -> Choice {
	unhashed::get(CHOICE_KEY).unwrap_or(Choice::Nothing)
}

/// Widens notes as far as the weight reaches, up to one that fails.
fn widen(cursor: Option<Cursor>, meter: &mut WeightMeter, fails_at: Option<u32>) -> Step {
	let required = <Runtime as frame_system::Config>::DbWeight::get().reads_writes(2, 1);
	if !meter.can_consume(required) {
		return Err(SteppedMigrationError::InsufficientWeight { required });
	}
	let mut last = cursor;
	for _ in 0..NOTES_PER_STEP {
		if meter.try_consume(required).is_err() {
			break;
		}
		let note = match last {
			Some(last) => Notes::iter_keys_from(Notes::hashed_key_for(last)).next(),
			None => Notes::iter_keys().next(),
		};
		let Some(note) = note else { return Ok(None) };
		if fails_at.is_some_and(|fails_at| u32::from_be_bytes(note) >= fails_at) {
			return Err(SteppedMigrationError::Failed);
		}
		// One of eight bytes was widened before.
		let found = unhashed::get_raw(&Notes::hashed_key_for(note)).unwrap_or_default();
		if let Ok(narrow) = u32::decode_all(&mut &found[..]) {
			Notes::insert(note, u64::from(narrow));
		}
		last = Some(note);
	}
	Ok(last)
}

/// A step of the worked example.
fn give_versions(cursor: Option<Cursor>, meter: &mut WeightMeter) -> Step {
	type Pages = PagesWithVersion<Runtime>;
	let page = cursor
		.map(|bytes| <Pages as SteppedMigration>::Cursor::decode(&mut &bytes[..]))
		.transpose()
		.map_err(|_| SteppedMigrationError::InvalidCursor)?;
	let next = Pages::step(page, meter)?;
	next.map(|page| Cursor::decode(&mut &page.encode()[..]))
		.transpose()
		.map_err(|_| SteppedMigrationError::InvalidCursor)
}
