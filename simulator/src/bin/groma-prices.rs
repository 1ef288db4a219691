//! A price server for chains on one machine.

use std::{
	io::{self, Write},
	net::SocketAddr,
	process::ExitCode,
};

use clap::Parser;
use groma_client::{logging, shutdown};
use groma_simulator::prices::{PriceServer, Usd};

/// Serves made-up prices of GRM, for chains on this machine.
///
/// Each source answers `GET /NAME` with `{"grm":{"usd":0.1}}`; name it to a node with
/// `--price-source 'http://ADDRESS/NAME|grm.usd'`. `PUT /NAME?price=0.2&behaviour=lies` changes a
/// source, `PUT /?price=0.2` all of them. A source is `honest`, or it `lies` (a hundred times the
/// price), `hangs`, `trickles`, sends a `page`, `fails`, `redirects` or `floods`.
#[derive(Debug, Parser)]
#[command(name = "groma-prices", version)]
struct Arguments {
	/// Where to listen; port 0 takes any that is free. The address is printed.
	#[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9966")]
	listen: SocketAddr,
	/// The price in USD per GRM.
	#[arg(long, value_name = "USD", default_value = "0.1")]
	price: Usd,
	/// The names of the sources.
	#[arg(long, value_name = "NAME", value_delimiter = ',', default_value = "a,b,c")]
	sources: Vec<String>,
}

fn main() -> ExitCode {
	let arguments = Arguments::parse();
	logging::start("error");
	let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
	match runtime.and_then(|runtime| runtime.block_on(serve(arguments))) {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("groma-prices: {error}");
			ExitCode::FAILURE
		}
	}
}

async fn serve(arguments: Arguments) -> io::Result<()> {
	let Arguments { listen, price, sources } = arguments;
	let server = PriceServer::bind(listen, sources, &price).await.map_err(|error| {
		io::Error::other(format!("cannot listen at {listen} ({error}): choose another --listen"))
	})?;
	println!("serving prices at http://{}", server.address()?);
	io::stdout().flush()?;
	tokio::select! {
		outcome = server.serve() => outcome,
		() = shutdown::signal_received() => Ok(()),
	}
}
