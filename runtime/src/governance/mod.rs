//! How the chain governs itself: referenda, the fellowship, the treasury.
//!
//! | file | what it holds |
//! |---|---|
//! | [`origins`] | what referenda speak with, and who may do what |
//! | [`tracks`] | how long each kind of referendum takes, and what it has to win |
//! | [`agendas`] | when referenda are enacted |
//! | [`votes`] | referenda and conviction voting |
//! | [`votable`] | balances as votes see them, and as the treasury does |
//! | [`ranks`] | ranks of the fellowship, and its instances of pallets |
//! | [`fellowship`] | the ranked collective, its referenda, and the whitelist |
//! | [`treasury`] | spends, bounties, and the meter on what leaves the treasury |
//! | [`safety`] | safe mode and paused calls |
//! | [`upgrades`] | who authorizes a new runtime, and how its migrations run |

pub mod agendas;
pub mod fellowship;
pub mod origins;
pub mod ranks;
pub mod safety;
pub mod tracks;
pub mod treasury;
pub mod upgrades;
pub mod votable;
pub mod votes;
