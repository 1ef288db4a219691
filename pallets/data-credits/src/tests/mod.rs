mod accounts;
mod conservation;
mod operators;
mod unreadable;
