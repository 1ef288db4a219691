mod accounts;
mod conservation;
mod operators;
