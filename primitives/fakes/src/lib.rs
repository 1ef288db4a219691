//! Fakes of the traits in `groma-traits`, for the tests and benchmarks of pallets.
//!
//! In a mock one type, [`Fakes`], stands for all pallets but the one under test:
//!
//! ```ignore
//! type Fakes = groma_fakes::Fakes<Test>;
//!
//! impl pallet_challenges::Config for Test {
//!     type Networks = Fakes;
//!     type Devices = Fakes;
//!     type Time = Fakes;
//! }
//! ```
//!
//! What it answers lies in storage: parameters with defaults that tests change, and maps that mocks
//! fill. So every test begins with the same state, and a call that fails changes none of it. A
//! trait that deals with calls of the runtime, such as `Bundler`, has its fake in the mock.
//!
//! Pallets depend on this crate by `[dev-dependencies]` alone: no other build has a fake in it. It
//! is a crate and not a feature of `groma-traits`, since cargo would compile the traits, and all
//! above them, once with the feature for tests and once without it for the node.

mod backing;
mod credits;
mod devices;
mod emission;
mod networks;
mod prices;
mod rewards;
mod stake;
mod standstill;
mod validators;
mod windows;

use core::marker::PhantomData;

use groma_core::{WindowIndex, place::Cell};
use sp_runtime::AccountId32;

pub use backing::{
	ActiveEra, CountedEra, ErasAreUnreadable, Pending, Rewarded, SlashCalls, StakeOf,
	UnreadableOperators, WithoutKeys, back_operator,
};
pub use credits::{
	BooksAreUnreadable, BurnedLots, CreditLots, FeesCharged, FeesInGrm, HasGrm, IsPayable,
	OperatorLimit, OperatorsOf, Payments, give_credits,
};
pub use devices::{
	ActiveCount, Banned, BannedKeys, DeviceViews, FakeLookup, HasDevices, LetGo, MayLetGo,
	UnreadableDevices, alter_device, new_device, place_at, present_view, put_device,
};
pub use emission::{
	Burned, ClaimedBases, ClockIsUnreadable, EmissionIsUnreadable, Epoch, FIRST_EPOCH,
	FirstOpenEpoch, ForValidators, Forgone, HOUR_MS, Minted, Reminted, START_MS, pot,
};
pub use networks::{LeastStake, Network, NetworkMap, alter_network, put_network};
pub use prices::{EpochMean, LastGood, MintPrice, PriceIsUnreadable};
pub use rewards::{Collected, Folded, NotedUnits, Payees, Works};
pub use stake::{CoveredDevices, Offences, Uncovered};
pub use standstill::StandsStill;
pub use validators::{FedMs, Present, Session, set_validators};
pub use windows::{CurrentWindow, FirstBlock, NowMs, WindowBlocks};

/// All pallets of the runtime `T` but the one under test. Emission is paid in `Currency`.
pub struct Fakes<T, Currency = ()>(PhantomData<(T, Currency)>);

/// The window in which tests begin.
pub const START: WindowIndex = 100;

/// The account with this number.
pub fn account(n: u8) -> AccountId32 {
	AccountId32::new([n; 32])
}

/// The cell of resolution 12 at a point of the globe, in degrees.
pub fn cell_at(latitude: f64, longitude: f64) -> Cell {
	Cell::from_degrees(latitude, longitude, 12).expect("it is a point of the globe")
}
