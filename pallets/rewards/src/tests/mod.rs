mod claims;
mod conservation;
mod epochs;
mod payout_splits;
mod settlement;
mod views;
