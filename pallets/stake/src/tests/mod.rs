mod conservation;
mod coverage;
mod offences;
mod provisions;
mod thawing;
mod unreadable;
