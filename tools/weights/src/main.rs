//! Runs the benchmarks of a runtime blob and writes the weights that they give.

use clap::Parser;
use frame_benchmarking_cli::PalletCmd;
use sp_runtime::traits::BlakeTwo256;

/// Measures the weights of pallets. `scripts/weights` calls it with all that it needs.
#[derive(Parser)]
struct Arguments {
	#[command(flatten)]
	pallet: PalletCmd,
}

fn main() -> sc_cli::Result<()> {
	// Otherwise a benchmark that fails would not say why.
	sc_cli::LoggerBuilder::new("warn").init()?;
	Arguments::parse().pallet.run_with_spec::<BlakeTwo256, ()>(None)
}
