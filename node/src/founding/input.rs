//! What a chain is founded with, as a file says it (TOML).

use codec::DecodeAll;
use groma_runtime::SessionKeys;
use sc_network::config::MultiaddrWithPeerId;
use serde::{Deserialize, de::DeserializeOwned};
use sp_core::bytes::from_hex;
use toml::{Table, Value};

use super::fault::{Fault, LINES_MAX, Place};
use crate::types::AccountId;

/// What a chain is founded with. Only what could be read is here.
#[derive(Debug, Default)]
pub(super) struct Input {
	pub(super) chain: Option<Chain>,
	pub(super) treasury: Treasury,
	pub(super) validators: Vec<Validator>,
	pub(super) allocations: Vec<Allocation>,
	pub(super) fellows: Vec<Fellow>,
}

/// How the chain is called, and where nodes find others.
#[derive(Clone, Debug)]
pub(super) struct Chain {
	/// The name that people read.
	pub(super) name: String,
	/// The id, which names the folder of the database and the network's protocols.
	pub(super) id: String,
	pub(super) bootnodes: Vec<(Place, MultiaddrWithPeerId)>,
}

/// What the treasury has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Treasury {
	/// What no one else has.
	#[default]
	Rest,
	/// So many GRM.
	Grm(u128),
}

/// A validator of the first set.
#[derive(Clone, Debug)]
pub(super) struct Validator {
	pub(super) place: Place,
	pub(super) account: AccountId,
	pub(super) keys: SessionKeys,
	/// The signatures of the keys over the account.
	pub(super) proof: Vec<u8>,
	/// The account that sends prices for it.
	pub(super) feeder: Option<AccountId>,
}

/// What an account has.
#[derive(Clone, Debug)]
pub(super) struct Allocation {
	pub(super) place: Place,
	pub(super) account: AccountId,
	pub(super) grm: u128,
	/// Without it all is free.
	pub(super) vesting: Option<Vesting>,
}

/// How an allocation vests: in equal parts of every block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Vesting {
	/// GRM that are free from the beginning.
	pub(super) free_grm: u128,
	/// Days until it begins.
	pub(super) starts_after_days: u32,
	/// Days from then until all has vested.
	pub(super) lasts_days: u32,
}

/// A member of the fellowship.
#[derive(Clone, Debug)]
pub(super) struct Fellow {
	pub(super) place: Place,
	pub(super) account: AccountId,
	pub(super) rank: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawChain {
	name: String,
	id: String,
	#[serde(default)]
	bootnodes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawValidator {
	account: String,
	keys: String,
	proof: String,
	feeder: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAllocation {
	account: String,
	grm: u64,
	vesting: Option<RawVesting>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawVesting {
	#[serde(default)]
	free_grm: u64,
	#[serde(default)]
	starts_after_days: u32,
	lasts_days: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFellow {
	account: String,
	rank: u16,
}

/// Reads an input, with a fault for each part that cannot be read. An error if nothing can.
pub(super) fn parse(text: &str) -> Result<(Input, Vec<Fault>), Fault> {
	if text.lines().count() > LINES_MAX {
		return Err(Fault::TooManyLines);
	}
	let table = toml::from_str::<Table>(text).map_err(|error| Fault::NoToml {
		line: line_of(text, error.span().map_or(0, |span| span.start)),
		reason: one_line(error.message()),
	})?;
	let mut reader = Reader::default();
	let input = reader.input(table);
	Ok((input, reader.faults))
}

/// The line, counted from 1, of a place in a text.
fn line_of(text: &str, offset: usize) -> usize {
	let before = text.as_bytes().iter().take(offset);
	before.filter(|byte| **byte == b'\n').count().saturating_add(1)
}

/// A text without the ends of its lines.
fn one_line(text: &str) -> String {
	text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Reads the parts of an input and keeps what is wrong with them.
#[derive(Default)]
struct Reader {
	faults: Vec<Fault>,
}

impl Reader {
	fn input(&mut self, mut table: Table) -> Input {
		let input = Input {
			chain: self.chain(&mut table),
			treasury: self.treasury(&mut table),
			validators: self.list(&mut table, "validators", Place::Validator, Self::validator),
			allocations: self.list(&mut table, "allocations", Place::Allocation, Self::allocation),
			fellows: self.list(&mut table, "fellows", Place::Fellow, Self::fellow),
		};
		self.faults.extend(table.into_iter().map(|(part, _)| Fault::UnknownPart(part)));
		input
	}

	fn chain(&mut self, table: &mut Table) -> Option<Chain> {
		let Some(chain) = table.remove("chain") else {
			self.part("chain", "it is missing");
			return None;
		};
		match chain.try_into::<RawChain>() {
			Ok(RawChain { name, id, bootnodes }) => {
				Some(Chain { name, id, bootnodes: self.bootnodes(bootnodes) })
			}
			Err(error) => {
				self.part("chain", error.message());
				None
			}
		}
	}

	fn bootnodes(&mut self, texts: Vec<String>) -> Vec<(Place, MultiaddrWithPeerId)> {
		let mut bootnodes = Vec::new();
		for (index, text) in texts.into_iter().enumerate() {
			let place = Place::Bootnode(index.saturating_add(1));
			match text.parse::<MultiaddrWithPeerId>() {
				Ok(bootnode) => bootnodes.push((place, bootnode)),
				Err(error) => {
					let reason = one_line(&error.to_string());
					self.faults.push(Fault::NoBootnode { place, reason });
				}
			}
		}
		bootnodes
	}

	fn treasury(&mut self, table: &mut Table) -> Treasury {
		match table.remove("treasury") {
			Some(Value::String(text)) if text == "rest" => Treasury::Rest,
			Some(Value::Integer(grm)) if grm >= 0 => Treasury::Grm(grm.unsigned_abs().into()),
			Some(_) => {
				self.part("treasury", "it is \"rest\", or a whole number of GRM");
				Treasury::Rest
			}
			None => {
				let reason = "it is missing: write \"rest\", or how many GRM it has, before the first \
				              line in brackets";
				self.part("treasury", reason);
				Treasury::Rest
			}
		}
	}

	/// The entries of a list, which may be missing.
	fn list<Raw: DeserializeOwned, Entry>(
		&mut self,
		table: &mut Table,
		part: &'static str,
		place: fn(usize) -> Place,
		read: fn(&mut Self, Place, Raw) -> Option<Entry>,
	) -> Vec<Entry> {
		let items = match table.remove(part) {
			None => return Vec::new(),
			Some(Value::Array(items)) => items,
			Some(_) => {
				self.part(part, &format!("it is a list: begin each entry with `[[{part}]]`"));
				return Vec::new();
			}
		};
		let mut entries = Vec::new();
		for (index, item) in items.into_iter().enumerate() {
			let place = place(index.saturating_add(1));
			match item.try_into::<Raw>() {
				Ok(raw) => entries.extend(read(self, place, raw)),
				Err(error) => {
					let reason = one_line(error.message());
					self.faults.push(Fault::Entry { place, reason });
				}
			}
		}
		entries
	}

	fn validator(&mut self, place: Place, raw: RawValidator) -> Option<Validator> {
		let account = self.account(place, "account", &raw.account);
		let keys = from_hex(&raw.keys).ok();
		let keys = keys.and_then(|bytes| SessionKeys::decode_all(&mut &bytes[..]).ok());
		if keys.is_none() {
			self.faults.push(Fault::NoBytes { place, field: "keys" });
		}
		let proof = from_hex(&raw.proof).ok();
		if proof.is_none() {
			self.faults.push(Fault::NoBytes { place, field: "proof" });
		}
		let feeder = match raw.feeder {
			Some(text) => Some(self.account(place, "feeder", &text)?),
			None => None,
		};
		Some(Validator { place, account: account?, keys: keys?, proof: proof?, feeder })
	}

	fn allocation(&mut self, place: Place, raw: RawAllocation) -> Option<Allocation> {
		let account = self.account(place, "account", &raw.account)?;
		let vesting = raw.vesting.map(|raw| Vesting {
			free_grm: raw.free_grm.into(),
			starts_after_days: raw.starts_after_days,
			lasts_days: raw.lasts_days,
		});
		Some(Allocation { place, account, grm: raw.grm.into(), vesting })
	}

	fn fellow(&mut self, place: Place, raw: RawFellow) -> Option<Fellow> {
		let account = self.account(place, "account", &raw.account)?;
		Some(Fellow { place, account, rank: raw.rank })
	}

	fn account(&mut self, place: Place, field: &'static str, text: &str) -> Option<AccountId> {
		let account = text.parse::<AccountId>().ok();
		if account.is_none() {
			self.faults.push(Fault::NoAccount { place, field });
		}
		account
	}

	fn part(&mut self, part: &'static str, reason: &str) {
		self.faults.push(Fault::Part { part, reason: one_line(reason) });
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::founding::fixture::{account, text};

	fn faults(text: &str) -> Vec<Fault> {
		parse(text).expect("it is TOML").1
	}

	#[test]
	fn input_is_read_as_it_is_written() {
		let (input, faults) = parse(&text()).expect("it is TOML");
		assert_eq!(faults, []);
		let chain = input.chain.expect("it was read");
		assert_eq!((chain.name.as_str(), chain.id.as_str()), ("Test", "test_chain"));
		assert_eq!((input.validators.len(), input.allocations.len()), (4, 8));
		assert_eq!(input.fellows.len(), 3);
		assert_eq!(input.treasury, Treasury::Rest);
		let vesting = Vesting { free_grm: 4_000_000, starts_after_days: 30, lasts_days: 700 };
		assert_eq!(input.allocations[7].vesting, Some(vesting));
		assert_eq!(input.validators[0].feeder, Some(account(40)));
	}

	#[test]
	fn a_million_lines_are_one_fault() {
		assert_eq!(parse(&"a\n".repeat(1_000_000)).err(), Some(Fault::TooManyLines));
	}

	#[test]
	fn what_is_no_toml_is_named_with_its_line() {
		let twice = "treasury = \"rest\"\n\ntreasury = 5\n";
		let fault = parse(twice).expect_err("the key is there twice");
		assert!(matches!(&fault, Fault::NoToml { line: 3, .. }), "{fault}");
		assert!(fault.to_string().contains("duplicate"), "{fault}");
	}

	#[test]
	fn every_part_that_is_missing_or_unknown_is_named() {
		let found = faults("[[allocation]]\ngrm = 5\n");
		let said: Vec<String> = found.iter().map(Fault::to_string).collect();
		assert_eq!(said.len(), 3, "{said:?}");
		for part in ["`chain`", "`treasury`", "`allocation` is no part"] {
			assert!(said.iter().any(|it| it.starts_with(part)), "{part}: {said:?}");
		}
	}

	#[test]
	fn every_entry_that_cannot_be_read_is_named() {
		let bad = text()
			.replacen("grm = 4000000", "grm = -5", 1)
			.replacen("grm = 4000000", "grm = 4.5", 1)
			.replacen("rank = 3", "rang = 3", 1);
		let said: Vec<String> = faults(&bad).iter().map(Fault::to_string).collect();
		assert_eq!(said.len(), 3, "{said:?}");
		for place in ["allocation 1: ", "allocation 2: ", "fellow 1: "] {
			assert!(said.iter().any(|it| it.starts_with(place)), "{place}: {said:?}");
		}
	}

	#[test]
	fn fields_that_are_no_account_or_key_are_all_named() {
		let bad = "treasury = \"rest\"\n[chain]\nname = \"a\"\nid = \"a\"\nbootnodes = [\"a\"]\n\
		           [[validators]]\naccount = \"5a\"\nkeys = \"0x00\"\nproof = \"zz\"\n";
		let place = Place::Validator(1);
		let found = faults(bad);
		for fault in [
			Fault::NoAccount { place, field: "account" },
			Fault::NoBytes { place, field: "keys" },
			Fault::NoBytes { place, field: "proof" },
		] {
			assert!(found.contains(&fault), "{fault}: {found:?}");
		}
		let is_bootnode = |it: &Fault| matches!(it, Fault::NoBootnode { .. });
		assert_eq!((found.len(), found.iter().filter(|it| is_bootnode(it)).count()), (4, 1));
	}
}
