mod claims;
mod collectors;
mod conservation;
mod epochs;
mod payout_splits;
mod settlement;
mod views;
