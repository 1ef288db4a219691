//! The runtime natively, on the state around: by the functions of its APIs, as nodes use it. They
//! are compiled with the runtime; what is generic in it would be compiled once more for each crate
//! that calls it.

use anyhow::Context;
use codec::Decode;
use groma_runtime::apis::api;

/// What a function of a runtime API answers.
pub(crate) fn ask<Answer: Decode>(function: &str, arguments: &[u8]) -> anyhow::Result<Answer> {
	let answer = api::dispatch(function, arguments);
	let answer = answer.with_context(|| format!("the runtime has no {function}"))?;
	Answer::decode(&mut &answer[..]).with_context(|| format!("what {function} answers"))
}

#[cfg(test)]
mod tests {
	use sp_state_machine::BasicExternalities;

	use super::*;

	#[test]
	fn function_answers_or_is_named() {
		BasicExternalities::new_empty().execute_with(|| {
			let layout: u32 = ask("ReportPoolApi_layout", &[]).expect("an answer");
			assert_eq!(layout, groma_core::pool_layout::LAYOUT);
			let error = ask::<u32>("ReportPoolApi_weather", &[]).expect_err("no such function");
			assert!(error.to_string().contains("ReportPoolApi_weather"), "{error}");
			// An answer of another type is none.
			assert!(ask::<[u64; 4]>("ReportPoolApi_layout", &[]).is_err());
		});
	}
}
