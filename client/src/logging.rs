//! Logs of a program.

use std::{
	env,
	io::{IsTerminal, stderr},
	str::FromStr,
};

use tracing_subscriber::{
	filter::{LevelFilter, Targets},
	fmt,
	prelude::*,
};

/// The environment variable that overrides which lines are logged.
const VARIABLE: &str = "RUST_LOG";

/// Which lines are logged: those up to a level, and other levels by target, such as
/// `info,device::witness=debug`.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter(Targets);

/// A text that is no [`Filter`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
	"`{0}` does not say what to log: write error, warn, info, debug or trace, also by target, such as \
	 `info,device::witness=debug`"
)]
pub struct NotAFilter(String);

impl Default for Filter {
	fn default() -> Self {
		Self(Targets::new().with_default(LevelFilter::INFO))
	}
}

impl FromStr for Filter {
	type Err = NotAFilter;

	fn from_str(text: &str) -> Result<Self, NotAFilter> {
		let level = |level: &str| match level.trim() {
			"" => Err(NotAFilter(text.to_owned())),
			level => level.parse::<LevelFilter>().map_err(|_| NotAFilter(text.to_owned())),
		};
		text.split(',')
			.try_fold(Targets::new(), |targets, directive| match directive.split_once('=') {
				Some((target, named)) => Ok(targets.with_target(target.trim(), level(named)?)),
				None => Ok(targets.with_default(level(directive)?)),
			})
			.map(Self)
	}
}

/// Starts logging to the standard error output, in colour on a terminal. `RUST_LOG` overrides the
/// filter unless it is empty; one that says nothing is reported and ignored.
pub fn start(filter: &str) {
	let (Filter(targets), error) = choose(filter, env::var(VARIABLE).ok().as_deref());
	if let Some(error) = error {
		eprintln!("{VARIABLE} is ignored: {error}");
	}
	let lines = fmt::layer().with_ansi(stderr().is_terminal()).with_writer(stderr);
	tracing_subscriber::registry().with(lines).with(targets).init();
}

/// The filter that holds, and what is wrong with the one of the environment.
fn choose(filter: &str, overriding: Option<&str>) -> (Filter, Option<NotAFilter>) {
	let overriding = overriding.filter(|text| !text.trim().is_empty()).map(Filter::from_str);
	match overriding {
		Some(Ok(overriding)) => (overriding, None),
		other => (filter.parse().unwrap_or_default(), other.and_then(Result::err)),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn filter(text: &str) -> Filter {
		text.parse().expect(text)
	}

	#[test]
	fn filter_is_a_level_and_levels_by_target() {
		assert_eq!(filter("info"), Filter::default());
		let Filter(targets) = filter("warn, device::witness = debug,device=off");
		assert!(targets.would_enable("device::witness", &tracing::Level::DEBUG));
		assert!(!targets.would_enable("device::beacon", &tracing::Level::ERROR));
		assert!(targets.would_enable("jsonrpsee", &tracing::Level::WARN));
		assert!(!targets.would_enable("jsonrpsee", &tracing::Level::INFO));
	}

	#[test]
	fn filter_is_refused_when_it_names_no_level() {
		for text in ["", "inof", "info,", "device::witness", "device=loud", "device=", "a=b=c"] {
			let error = text.parse::<Filter>().expect_err(text).to_string();
			assert!(error.starts_with(&format!("`{text}` ")), "{error}");
			assert!(error.contains("info,device::witness=debug") && !error.contains('\n'));
		}
	}

	#[test]
	fn environment_overrides_the_filter_unless_it_is_empty_or_wrong() {
		assert_eq!(choose("warn", None), (filter("warn"), None));
		assert_eq!(choose("warn", Some("")), (filter("warn"), None));
		assert_eq!(choose("warn", Some("  ")), (filter("warn"), None));
		assert_eq!(choose("warn", Some("debug")), (filter("debug"), None));
		let (chosen, error) = choose("warn", Some("inof"));
		assert_eq!(chosen, filter("warn"));
		assert!(error.is_some());
	}
}
