//! What a process takes of the machine, by `/proc`.

use std::{
	fs,
	time::{Duration, Instant},
};

use anyhow::Context;

/// The kernel counts processor time in hundredths of a second for programs, whatever its own clock.
const TICK: Duration = Duration::from_millis(10);

/// What a process took until a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
	/// The moment.
	at: Instant,
	/// Processor time since it started, of all its threads.
	cpu: Duration,
	/// Bytes of memory that are resident.
	pub(crate) resident: u64,
	/// The most that ever were.
	pub(crate) resident_peak: u64,
}

impl Usage {
	/// What the process took until now.
	pub(crate) fn of(process: u32) -> anyhow::Result<Self> {
		let read = |name: &str| {
			let path = format!("/proc/{process}/{name}");
			fs::read_to_string(&path).with_context(|| format!("{path} cannot be read"))
		};
		let status = read("status")?;
		let stat = read("stat")?;
		Ok(Self {
			at: Instant::now(),
			cpu: cpu(&stat).context("the kernel gives no processor time")?,
			resident: bytes(&status, "VmRSS").context("the kernel gives no resident memory")?,
			resident_peak: bytes(&status, "VmHWM").context("the kernel gives no peak of memory")?,
		})
	}

	/// Processor time and time that passed since an earlier moment.
	pub(crate) fn since(&self, before: &Self) -> (Duration, Duration) {
		(self.cpu.saturating_sub(before.cpu), self.at.saturating_duration_since(before.at))
	}
}

/// Time in user mode and in the kernel, from the 14th and 15th field. The second is a name in
/// parentheses, which may hold anything.
fn cpu(stat: &str) -> Option<Duration> {
	let (_, fields) = stat.rsplit_once(')')?;
	let mut ticks = fields.split_whitespace().skip(11).map(str::parse::<u32>);
	let (user, system) = (ticks.next()?.ok()?, ticks.next()?.ok()?);
	Some(TICK * user.checked_add(system)?)
}

/// A line such as `VmRSS:     1234 kB`, where a kB is 1,024 bytes.
fn bytes(status: &str, name: &str) -> Option<u64> {
	let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
	let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
	kibibytes.checked_mul(1_024)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn processor_time_is_found_behind_any_name() {
		let stat =
			"42 (a) b (c) S 1 42 42 0 -1 4194304 500 0 3 0 150 50 7 8 20 0 1 0 1000 9999 300";
		assert_eq!(cpu(stat), Some(Duration::from_secs(2)));
		assert_eq!(cpu("42 (name"), None);
	}

	#[test]
	fn memory_is_reported_in_bytes() {
		let status = "Name:\tx\nVmHWM:\t    3000 kB\nVmRSS:\t    2000 kB\nRssAnon:\t 1 kB\n";
		assert_eq!(bytes(status, "VmRSS"), Some(2_048_000));
		assert_eq!(bytes(status, "VmHWM"), Some(3_072_000));
		assert_eq!(bytes(status, "VmSwap"), None);
	}

	#[test]
	fn own_usage_can_be_measured() {
		let before = Usage::of(std::process::id()).expect("this is Linux");
		let after = Usage::of(std::process::id()).expect("this is Linux");
		assert!(after.resident > 0 && after.resident_peak >= after.resident);
		assert!(after.since(&before).0 <= Duration::from_secs(60));
	}
}
