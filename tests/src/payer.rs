//! Commands of the payer's client.

use anyhow::Result;
use serde_json::Value;

use crate::{
	binary,
	client::{document_of_program, run_program},
};

/// Runs a command to its end: its exit code, and all that it printed.
///
/// # Errors
///
/// If the binary does not exist or cannot be run.
pub async fn run_to_end(arguments: &[&str]) -> Result<(Option<i32>, String)> {
	run_program(binary::payer()?, arguments).await
}

/// Runs a command to its end and returns the JSON document that it prints.
///
/// # Errors
///
/// If it fails, or prints something else.
pub async fn document_of(arguments: &[&str]) -> Result<Value> {
	document_of_program(binary::payer()?, arguments).await
}
