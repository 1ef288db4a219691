//! How long the largest migration holds a chain up: the pages of a million devices are migrated in
//! the real wasm runtime, on ParityDB, storage root and commit included.
//!
//! The migration is the worked example of the blob that tests upgrade to (docs/design/0046), which
//! gives pages their version. So the pages of a populated chain lose theirs before.

mod pages;

use std::{
	path::Path,
	time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use frame_support::storage::storage_prefix;
use groma_runtime::{
	Block, Runtime,
	governance::upgrades::{MIGRATION_BLOCKS_MAX, MigrationWeight},
};
use groma_tests::binary;
use indicatif::ProgressBar;
use pallet_device_registry::{Config, WeightInfo};
use sp_core::storage::{Storage, well_known_keys::CODE};

use crate::{
	receipts::{self, Chain, ChainsFolder, copy_files, copy_populated, genesis, micros},
	report::Report,
};
use pages::Pages;

type Weights = <Runtime as Config>::WeightInfo;

/// Where the state says what the code migrates, and that it migrates pages of devices.
const CHOICE: (&[u8], &[u8]) = (b":groma:variant", &[2]);
const PS_PER_US: f64 = 1e6;
const PS_PER_S: f64 = 1e12;

/// Options of the benchmark.
#[derive(clap::Args)]
pub(crate) struct Arguments {
	/// Devices of the chain: a power of ten from 100 on. It is the one that `receipts` populates.
	#[arg(long, default_value_t = 1_000_000, value_name = "N")]
	devices: u32,
	#[command(flatten)]
	folder: ChainsFolder,
}

/// Measures and reports.
pub(crate) fn run(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
	let path = binary::variant()?;
	let code = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
	let progress = receipts::progress_bar(arguments.devices);
	let directory = arguments.folder.path()?;
	Upgrade::measured(arguments.devices, &directory, code, &progress)?.report(report)
}

/// What an upgrade took whose migration is over.
struct Upgrade {
	/// What was migrated.
	pages: Pages,
	/// From the first question to the new code until the answer.
	compilation: Duration,
	/// The blocks of the migration.
	imports: Vec<Import>,
}

/// What a block took.
struct Import {
	/// From the block at hand until it is in the database.
	whole: Duration,
	/// Processor time of executing it, hooks and storage root included.
	execution: Duration,
}

impl Upgrade {
	/// Upgrades a copy of a chain of this many devices, which is populated unless `directory` holds
	/// it.
	fn measured(
		devices: u32,
		directory: &Path,
		code: Vec<u8>,
		progress: &ProgressBar,
	) -> anyhow::Result<Self> {
		let genesis = genesis::storage()?;
		let authoring = copy_populated(devices, directory, &genesis, progress)?;
		progress.set_message("preparing");
		let pages = prepare(authoring.path(), &genesis, code)?;
		// The node that imports has seen none of the blocks. They are authored before, so that
		// nothing else is at work while it does.
		let importing = tempfile::tempdir_in(directory)?;
		copy_files(authoring.path(), importing.path())?;
		progress.set_message("authoring");
		let blocks = author_migration(authoring.path(), &genesis)?;
		progress.set_message("importing");
		progress.set_length(blocks.len() as u64);
		progress.set_position(0);
		let chain = Chain::open(importing.path(), genesis)?;
		let asked = Instant::now();
		chain.window()?;
		let compilation = asked.elapsed();
		let mut imports = Vec::new();
		for block in blocks {
			let started = Instant::now();
			let execution = chain.execute(block)?;
			imports.push(Import { whole: started.elapsed(), execution });
			progress.inc(1);
		}
		pages.expect_restored_in(&Pages::of(&chain)?)?;
		Ok(Self { pages, compilation, imports })
	}

	fn report(&self, report: &mut Report) -> anyhow::Result<()> {
		let slowest = |of: fn(&Import) -> Duration| {
			self.imports.iter().map(of).max().unwrap_or_default().as_secs_f64()
		};
		let total: Duration = self.imports.iter().map(|import| import.whole).sum();
		let pages = self.pages.count() as f64;
		report.figure("migration_blocks", self.imports.len() as f64, "blocks");
		report.figure("pages_migrated", pages, "");
		report.figure("entries_migrated", f64::from(self.pages.entries()?), "");
		report.figure("bytes_migrated", self.pages.bytes() as f64, "bytes");
		report.figure("slowest_import", slowest(|import| import.whole), "s");
		report.figure("slowest_execution", slowest(|import| import.execution), "s");
		report.figure("import_per_page", micros(total) / pages, "us");
		let page_weight = Weights::migrate_page().ref_time() as f64;
		report.figure("weight_per_page", page_weight / PS_PER_US, "us");
		let block_weight = MigrationWeight::get().ref_time() as f64;
		report.figure("weight_per_block", block_weight / PS_PER_S, "s");
		report.figure("compilation", self.compilation.as_secs_f64(), "s");
		Ok(())
	}
}

/// Takes the version from all pages of a chain and sets the code that gives it to them: the pages
/// as they were.
fn prepare(path: &Path, genesis: &Storage, code: Vec<u8>) -> anyhow::Result<Pages> {
	let chain = Chain::open(path, genesis.clone())?;
	let pages = Pages::of(&chain)?;
	let mut entries = pages.without_version();
	entries.push((CODE.to_vec(), code));
	entries.push((CHOICE.0.to_vec(), CHOICE.1.to_vec()));
	chain.overwrite(entries)?;
	Ok(pages)
}

/// Authors blocks until the migration is over.
fn author_migration(path: &Path, genesis: &Storage) -> anyhow::Result<Vec<Block>> {
	let chain = Chain::open(path, genesis.clone())?;
	let cursor = storage_prefix(b"MultiBlockMigrations", b"Cursor");
	let mut blocks = Vec::new();
	loop {
		blocks.push(chain.author(Vec::new())?);
		if chain.entries(&cursor)?.is_empty() {
			return Ok(blocks);
		}
		ensure!(blocks.len() < MIGRATION_BLOCKS_MAX as usize, "the migration never ends");
	}
}

#[cfg(test)]
mod tests {
	use codec::Encode;
	use groma_runtime::{
		migrations::variant::{CHOICE_KEY, Choice},
		variant_blob,
	};

	use super::*;
	use crate::bounds::Bounds;

	#[test]
	fn code_migrates_pages_when_the_state_says_so() {
		assert_eq!(CHOICE, (CHOICE_KEY, &Choice::Pages.encode()[..]));
	}

	#[test]
	fn pages_of_a_small_chain_are_migrated_and_all_figures_with_bounds_are_reported() {
		let directory = tempfile::tempdir().expect("a folder");
		let code = variant_blob::WASM_BINARY.expect("the blob was built").to_vec();
		let upgrade = Upgrade::measured(100, directory.path(), code, &ProgressBar::hidden())
			.expect("it runs");
		let mut report = Report::new("upgrade");
		upgrade.report(&mut report).expect("the pages are counted");
		assert_eq!(report.value("entries_migrated"), Some(100.0));
		assert_eq!(report.value("migration_blocks"), Some(1.0));
		assert!(report.value("pages_migrated") > Some(1.0));
		let bounds = Bounds::parse(include_str!("../../bounds.toml")).expect("valid");
		let mut missed: Vec<_> =
			bounds.missed_by(&report).iter().map(ToString::to_string).collect();
		// What only a large chain can reach.
		missed.retain(|miss| !miss.starts_with("upgrade.entries_migrated is 100,"));
		missed.retain(|miss| !miss.starts_with("upgrade.migration_blocks is 1,"));
		assert_eq!(missed, Vec::<String>::new());
	}
}
