//! Where referenda are put on the agenda of the scheduler: to be enacted, or looked at again.
//!
//! The pallet of referenda ignores a refusal: a referendum that was approved would never be
//! enacted. So a block whose agenda is full gives way to the next ones, and an event says if that
//! does not help. And the pallet names a task by the number of the referendum alone, which both
//! kinds of referenda count from 0: those of the fellowship get other names here.

use codec::DecodeLimit;
use frame_support::{
	MAX_EXTRINSIC_DEPTH,
	dispatch::GetDispatchInfo,
	traits::{
		Bounded,
		schedule::{
			DispatchTime, Period, Priority,
			v3::{Anon, Named, TaskName},
		},
	},
};
use sp_runtime::{DispatchError, traits::Hash};

use super::origins::pallet::{Event, Pallet as Origins};
use crate::{
	BlockNumber, OriginCaller, Runtime, RuntimeCall, Scheduler,
	constants::{BLOCK_COMPUTE, SCHEDULED_RATIO},
};

type Hashing = <Runtime as frame_system::Config>::Hashing;
/// A call, or the name of its preimage.
pub type BoundedCall = Bounded<RuntimeCall, Hashing>;
/// A block, and a place in its agenda.
type Address = pallet_scheduler::TaskAddress<BlockNumber>;

/// Whether the scheduler can ever make a call, as far as the proposal shows it. One that holds the
/// call itself, in up to 128 bytes, shows all. One that names a preimage shows nothing: that may
/// come later, and be millions of bytes long.
pub fn may_be_enacted(proposal: &BoundedCall) -> bool {
	let Bounded::Inline(bytes) = proposal else { return true };
	RuntimeCall::decode_with_depth_limit(MAX_EXTRINSIC_DEPTH, &mut &bytes[..]).is_ok_and(|call| {
		call.get_dispatch_info().call_weight.all_lte(SCHEDULED_RATIO * BLOCK_COMPUTE)
	})
}

/// Blocks that are tried, beginning with the one that is wanted.
const BLOCKS_TRIED: u32 = 16;

/// The agendas as one kind of referenda sees them.
pub struct Agendas<const KIND: u8>;

/// Those of public referenda, whose tasks have the names that wallets look for.
pub type PublicAgendas = Agendas<0>;
/// Those of the fellowship's referenda.
pub type FellowshipAgendas = Agendas<1>;

impl<const KIND: u8> Agendas<KIND> {
	/// What the scheduler calls a task.
	fn name(id: TaskName) -> TaskName {
		if KIND == 0 { id } else { Hashing::hash_of(&(KIND, id)).into() }
	}
}

/// Schedules something in the wanted block, or in the next one whose agenda has room.
fn where_there_is_room(
	when: DispatchTime<BlockNumber>,
	schedule: impl Fn(DispatchTime<BlockNumber>) -> Result<Address, DispatchError>,
) -> Result<Address, DispatchError> {
	let DispatchTime::At(due) = when else { return schedule(when) };
	let mut outcome = Err(DispatchError::Exhausted);
	for later in 0..BLOCKS_TRIED {
		outcome = schedule(DispatchTime::At(due.saturating_add(later)));
		if !matches!(outcome, Err(DispatchError::Exhausted)) {
			break;
		}
	}
	outcome.inspect_err(|error| {
		Origins::<Runtime>::deposit_event(Event::NotScheduled { due, error: *error })
	})
}

impl<const KIND: u8> Anon<BlockNumber, RuntimeCall, OriginCaller> for Agendas<KIND> {
	type Address = Address;
	type Hasher = Hashing;

	fn schedule(
		when: DispatchTime<BlockNumber>,
		maybe_periodic: Option<Period<BlockNumber>>,
		priority: Priority,
		origin: OriginCaller,
		call: BoundedCall,
	) -> Result<Address, DispatchError> {
		where_there_is_room(when, |when| {
			let (origin, call) = (origin.clone(), call.clone());
			<Scheduler as Anon<_, _, _>>::schedule(when, maybe_periodic, priority, origin, call)
		})
	}

	fn cancel(address: Address) -> Result<(), DispatchError> {
		<Scheduler as Anon<BlockNumber, RuntimeCall, OriginCaller>>::cancel(address)
	}

	fn reschedule(
		address: Address,
		when: DispatchTime<BlockNumber>,
	) -> Result<Address, DispatchError> {
		<Scheduler as Anon<BlockNumber, RuntimeCall, OriginCaller>>::reschedule(address, when)
	}

	fn next_dispatch_time(address: Address) -> Result<BlockNumber, DispatchError> {
		<Scheduler as Anon<BlockNumber, RuntimeCall, OriginCaller>>::next_dispatch_time(address)
	}
}

impl<const KIND: u8> Named<BlockNumber, RuntimeCall, OriginCaller> for Agendas<KIND> {
	type Address = Address;
	type Hasher = Hashing;

	fn schedule_named(
		id: TaskName,
		when: DispatchTime<BlockNumber>,
		maybe_periodic: Option<Period<BlockNumber>>,
		priority: Priority,
		origin: OriginCaller,
		call: BoundedCall,
	) -> Result<Address, DispatchError> {
		let name = Self::name(id);
		where_there_is_room(when, |when| {
			let (origin, call) = (origin.clone(), call.clone());
			<Scheduler as Named<_, _, _>>::schedule_named(
				name,
				when,
				maybe_periodic,
				priority,
				origin,
				call,
			)
		})
	}

	fn cancel_named(id: TaskName) -> Result<(), DispatchError> {
		let name = Self::name(id);
		<Scheduler as Named<BlockNumber, RuntimeCall, OriginCaller>>::cancel_named(name)
	}

	fn reschedule_named(
		id: TaskName,
		when: DispatchTime<BlockNumber>,
	) -> Result<Address, DispatchError> {
		let name = Self::name(id);
		<Scheduler as Named<BlockNumber, RuntimeCall, OriginCaller>>::reschedule_named(name, when)
	}

	fn next_dispatch_time(id: TaskName) -> Result<BlockNumber, DispatchError> {
		let name = Self::name(id);
		<Scheduler as Named<BlockNumber, RuntimeCall, OriginCaller>>::next_dispatch_time(name)
	}
}
