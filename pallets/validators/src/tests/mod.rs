//! What candidates, elections, eras, offences and points do, and what stays true when keys change.

mod candidates;
mod chill;
mod election;
mod eras;
mod key_history;
mod keys;
mod offences;
mod pending;
mod points;
mod unreadable;
mod views;
