mod claims;
mod conservation;
mod demand;
mod epochs;
mod payout_splits;
mod unreadable;
mod views;
