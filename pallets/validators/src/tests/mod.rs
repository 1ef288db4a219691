//! What candidates, elections, eras and points do, and what stays true when keys change.

mod candidates;
mod chill;
mod election;
mod eras;
mod keys;
mod points;
mod unreadable;
mod views;
