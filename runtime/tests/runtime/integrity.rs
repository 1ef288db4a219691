//! Shares of blocks that governance keeps to: of scheduled calls, of migrations, and of agendas.

use frame_support::{
	assert_ok,
	migrations::{SteppedMigration, SteppedMigrationError},
	traits::{
		Bounded, Get, StorePreimage,
		schedule::{
			DispatchTime,
			v3::{Anon, Named},
		},
	},
	weights::{Weight, WeightMeter},
};
use frame_system::RawOrigin;
use groma_runtime::{
	BlockNumber, OriginCaller, Preimage, Runtime, RuntimeCall, RuntimeEvent, Scheduler, System,
	constants::BLOCK_COMPUTE,
	governance::{
		agendas::{FellowshipAgendas, PublicAgendas},
		origins::pallet::Event::NotScheduled,
		upgrades::{MIGRATION_BLOCKS_MAX, Migrations, blocks_max},
	},
};
use pallet_migrations::{Cursor, MigrationCursor};
use pallet_scheduler::Agenda;
use sp_runtime::{DispatchError, traits::BlakeTwo256};

use crate::chain::Chain;

/// A migration that may take this number of steps; without an end if it is 0.
struct Steps<const MAX: u32>;

impl<const MAX: u32> SteppedMigration for Steps<MAX> {
	type Cursor = u32;
	type Identifier = [u8; 4];

	fn id() -> Self::Identifier {
		MAX.to_le_bytes()
	}

	fn max_steps() -> Option<u32> {
		(MAX > 0).then_some(MAX)
	}

	fn step(_: Option<u32>, _: &mut WeightMeter) -> Result<Option<u32>, SteppedMigrationError> {
		Ok(None)
	}
}

#[test]
fn migrations_end_and_take_no_more_blocks_together_than_they_may() {
	assert!(blocks_max::<Migrations>().is_some_and(|blocks| blocks <= MIGRATION_BLOCKS_MAX));
	assert_eq!(blocks_max::<(Steps<10>, Steps<20>)>(), Some(34));
	assert_eq!(blocks_max::<(Steps<10>, Steps<0>)>(), None);
	assert_eq!(blocks_max::<(Steps<{ u32::MAX }>, Steps<1>)>(), None);
}

#[test]
fn migrations_leave_a_quarter_of_a_block_to_what_blocks_need() {
	Chain::development().with(|| {
		let share = <Runtime as pallet_migrations::Config>::MaxServiceWeight::get();
		assert!(share.ref_time() > 0);
		assert!(share.ref_time() <= BLOCK_COMPUTE.ref_time() / 4 * 3, "{share:?}");
	});
}

#[test]
fn scheduled_calls_take_a_quarter_of_a_block_at_most_and_nothing_during_a_migration() {
	Chain::development().with(|| {
		let share = || <Runtime as pallet_scheduler::Config>::MaximumWeight::get();
		assert!(share().ref_time() > 0);
		assert!(share().ref_time() <= BLOCK_COMPUTE.ref_time() / 4, "{:?}", share());
		Cursor::<Runtime>::set(Some(MigrationCursor::Stuck));
		assert_eq!(share(), Weight::zero());
	});
}

fn remark() -> Bounded<RuntimeCall, BlakeTwo256> {
	let call = RuntimeCall::System(frame_system::Call::remark { remark: vec![1] });
	Preimage::bound(call).expect("it can be stored")
}

/// What the scheduler answers when a referendum of one kind asks for a task of this name.
fn name<A>(id: u8, block: BlockNumber) -> Result<A::Address, DispatchError>
where
	A: Named<BlockNumber, RuntimeCall, OriginCaller, Hasher = BlakeTwo256>,
{
	let at = DispatchTime::At(block);
	A::schedule_named([id; 32], at, None, 63, RawOrigin::Root.into(), remark())
}

/// What the scheduler answers to an alarm of a referendum.
fn alarm<A>(block: BlockNumber) -> Result<A::Address, DispatchError>
where
	A: Anon<BlockNumber, RuntimeCall, OriginCaller, Hasher = BlakeTwo256>,
{
	A::schedule(DispatchTime::At(block), None, 128, RawOrigin::Root.into(), remark())
}

#[test]
fn referenda_of_both_kinds_are_enacted_when_they_have_the_same_number() {
	let mut chain = Chain::development();
	chain.blocks(1);
	chain.with(|| {
		assert_ok!(name::<PublicAgendas>(7, 10));
		assert_ok!(name::<FellowshipAgendas>(7, 10));
		assert!(name::<PublicAgendas>(7, 10).is_err());
		assert!(name::<FellowshipAgendas>(7, 10).is_err());
		assert_eq!(Agenda::<Runtime>::get(10).len(), 2);
	});
}

#[test]
fn what_finds_a_full_agenda_is_put_on_the_next_one_and_an_event_says_if_there_is_none() {
	let mut chain = Chain::development();
	chain.blocks(1);
	chain.with(|| {
		let most = <Runtime as pallet_scheduler::Config>::MaxScheduledPerBlock::get();
		for _ in 0..most {
			assert_ok!(alarm::<Scheduler>(50));
		}
		assert_eq!(alarm::<PublicAgendas>(50), Ok((51, 0)));
		assert_eq!(name::<PublicAgendas>(1, 50), Ok((51, 1)));
		let full = Agenda::<Runtime>::get(50);
		(51..66).for_each(|block| Agenda::<Runtime>::insert(block, full.clone()));
		assert_eq!(name::<FellowshipAgendas>(2, 50), Err(DispatchError::Exhausted));
		let event = NotScheduled { due: 50, error: DispatchError::Exhausted };
		System::assert_last_event(RuntimeEvent::Origins(event));
	});
}

#[test]
fn what_was_due_during_a_migration_follows_it() {
	let mut chain = Chain::development();
	chain.blocks(2);
	chain.with(|| {
		assert_ok!(name::<PublicAgendas>(1, 3));
		Cursor::<Runtime>::set(Some(MigrationCursor::Stuck));
	});
	chain.blocks(3);
	assert_eq!(chain.with(|| Agenda::<Runtime>::get(3).len()), 1);
	chain.with(Cursor::<Runtime>::kill);
	// If the session changes in the next block, it is the one after that.
	chain.blocks(2);
	assert_eq!(chain.with(|| Agenda::<Runtime>::get(3).len()), 0);
}
