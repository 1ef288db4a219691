//! `groma-payer route`.

use std::fmt;

use clap::{Args, Subcommand};
use groma_client::{chain::AccountId, mirror::Mirror};
use groma_core::{
	api::RouteInfo,
	protocol::ROUTE_COPIES_MAX,
	route::{Endpoint, Route},
	words::RouterKey,
};
use serde::Serialize;

use super::{
	arguments::{CallArguments, NodeArgument, OutputArgument, PayerArgument, finalized, outcome},
	error::CommandError,
	values,
};
use crate::calls::{PayerCall, Routed};

/// Says where gateways bring the packets of a payer's devices, and shows where others' go.
///
/// A payer gets the data packets of its addresses, which governance allots. It buys the requests to
/// join that name its JoinEUIs: `groma-payer join-eui`.
#[derive(Debug, Args)]
pub(super) struct RouteCommand {
	#[command(subcommand)]
	action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
	/// Says where the router listens, or changes it. A deposit is held for the first route.
	Set(SetArguments),
	/// Removes the route and returns its deposit. Addresses and JoinEUIs stay.
	Remove {
		#[command(flatten)]
		call: CallArguments,
	},
	/// Shows the route, the addresses and the JoinEUIs of one payer.
	Show {
		#[command(flatten)]
		payer: PayerArgument,
		#[command(flatten)]
		node: NodeArgument,
		#[command(flatten)]
		output: OutputArgument,
	},
	/// Shows those of all payers.
	List {
		#[command(flatten)]
		node: NodeArgument,
		#[command(flatten)]
		output: OutputArgument,
	},
}

#[derive(Debug, Args)]
struct SetArguments {
	/// Where the router listens, such as `router.example.com:9000`.
	#[arg(value_name = "HOST:PORT", value_parser = values::endpoint)]
	router: Endpoint,
	/// The ed25519 key by which gateways know the router; `key generate` makes one.
	#[arg(long, value_name = "HEX", value_parser = values::router_key)]
	router_key: RouterKey,
	/// How many copies of a packet it buys, each of another gateway.
	#[arg(long, default_value_t = 1)]
	#[arg(value_parser = clap::value_parser!(u8).range(1..=i64::from(ROUTE_COPIES_MAX)))]
	copies: u8,
	/// The payer whose packets they are, if the account is its operator.
	#[arg(long, value_name = "ADDRESS", value_parser = values::address)]
	payer: Option<AccountId>,
	#[command(flatten)]
	call: CallArguments,
}

/// All payers that the chain lists.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Routes {
	/// The last finalized block, of which the rest is.
	finalized_block: u32,
	/// How often anything about routes changed; `None` if the chain cannot read it.
	version: Option<u64>,
	/// The payers, by account.
	payers: Vec<Shown>,
}

/// A payer, and which packets it buys.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Shown(RouteInfo<AccountId>);

impl RouteCommand {
	pub(super) async fn execute(self) -> Result<(), CommandError> {
		match self.action {
			Action::Set(arguments) => set(arguments).await,
			Action::Remove { call } => remove(call).await,
			Action::Show { payer, node, output } => {
				let (payer, chain) = (payer.account()?, node.chain()?);
				let found = chain.route(payer, finalized(&chain).await?).await?;
				output.print(&Shown(found.unwrap_or(RouteInfo {
					payer,
					route: None,
					ranges: Vec::new(),
					join_euis: Vec::new(),
				})))
			}
			Action::List { node, output } => {
				let chain = node.chain()?;
				let block = chain.finalized().await?;
				let mirror = Mirror::read(&chain, block).await?;
				output.print(&Routes {
					finalized_block: block.number,
					version: mirror.routes_version(),
					payers: mirror.payers().cloned().map(Shown).collect(),
				})
			}
		}
	}
}

/// Says where the packets of a payer go.
async fn set(arguments: SetArguments) -> Result<(), CommandError> {
	let SetArguments { router, router_key, copies, payer, call: arguments } = arguments;
	let desk = arguments.open().await?;
	let payer = payer.unwrap_or_else(|| desk.owner.principal());
	let route = Route { endpoint: router, router_key, copies };
	let what = format!("route of {payer} to {}", InWords(&route));
	let events = desk.carry_out(&PayerCall::SetRoute { payer, route }, &what).await?;
	arguments.output.print(&outcome(&what, &events, Routed::set)?)
}

/// Removes the route of the account.
async fn remove(arguments: CallArguments) -> Result<(), CommandError> {
	let desk = arguments.open().await?;
	let payer = desk.owner.principal();
	let known = desk.chain.route(payer, desk.finalized().await?).await?;
	if known.and_then(|known| known.route).is_none() {
		return Err(CommandError::Input(format!("{payer} has no route: nothing was signed")));
	}
	let what = "removal of the route";
	let events = desk.carry_out(&PayerCall::RemoveRoute, what).await?;
	arguments.output.print(&outcome(what, &events, Routed::removed)?)
}

/// A route, as people read it.
struct InWords<'a>(&'a Route);

impl fmt::Display for InWords<'_> {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let Route { endpoint, router_key, copies } = self.0;
		// What a node answers may be anything, and is not written to a terminal.
		match endpoint.reach() {
			Ok(_) => write!(f, "{endpoint}")?,
			Err(_) => f.write_str("an endpoint that no gateway asks")?,
		}
		let plural = if *copies == 1 { "copy" } else { "copies" };
		write!(f, ", key {router_key}, {copies} {plural} of a packet")
	}
}

impl fmt::Display for Routed {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let Self { payer, route, .. } = self;
		match route {
			Some(route) => write!(f, "packets of {payer} go to {}", InWords(route)),
			None => write!(f, "{payer} has no route any longer"),
		}
	}
}

impl fmt::Display for Shown {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let RouteInfo { payer, route, ranges, join_euis } = &self.0;
		writeln!(f, "payer     {payer}")?;
		match route {
			Some(route) => write!(f, "router    {}", InWords(route))?,
			None => f.write_str("router    none: `groma-payer route set` names one")?,
		}
		for range in ranges {
			write!(f, "\naddresses {} to {}", range.first, range.last)?;
		}
		for join_eui in join_euis {
			write!(f, "\nJoinEUI   {join_eui}")?;
		}
		Ok(())
	}
}

impl fmt::Display for Routes {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let Self { finalized_block, payers, .. } = self;
		write!(f, "finalized block {finalized_block}, {} payers", payers.len())?;
		for payer in payers {
			write!(f, "\n\n{payer}")?;
		}
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use groma_core::{
		route::AddressRange,
		words::{DevAddr, JoinEui},
	};

	use super::*;

	fn route(endpoint: &str, copies: u8) -> Route {
		let endpoint = Endpoint::new(endpoint).expect("it is short enough");
		Route { endpoint, router_key: RouterKey([7; 32]), copies }
	}

	fn shown(route: Option<Route>) -> Shown {
		Shown(RouteInfo {
			payer: AccountId::from([1; 32]),
			route,
			ranges: vec![AddressRange {
				first: DevAddr::from_number(0x0100_0000),
				last: DevAddr::from_number(0x0100_ffff),
			}],
			join_euis: vec![JoinEui([0x70; 8])],
		})
	}

	#[test]
	fn routes_are_shown_and_written() {
		let payers = vec![shown(Some(route("router.example.com:9000", 2))), shown(None)];
		let routes = Routes { finalized_block: 9, version: Some(4), payers };
		let text = routes.to_string();
		for part in [
			"finalized block 9, 2 payers",
			"router    router.example.com:9000, key 0x0707",
			"2 copies of a packet",
			"addresses 0x01000000 to 0x0100ffff",
			"JoinEUI   0x7070707070707070",
			"router    none: `groma-payer route set`",
		] {
			assert!(text.contains(part), "{part}: {text}");
		}
		let json = serde_json::to_value(&routes).expect("JSON");
		assert_eq!((&json["finalizedBlock"], &json["version"]), (&9.into(), &4.into()));
		let payer = &json["payers"][0];
		assert_eq!(payer["route"]["endpoint"], "router.example.com:9000");
		assert_eq!(payer["ranges"][0]["last"], "0x0100ffff");
		assert!(json["payers"][1]["route"].is_null());
	}

	#[test]
	fn endpoint_that_is_none_is_not_written_to_the_terminal() {
		let text = shown(Some(route("\u{1b}[2Jrouter.example.com:9000", 1))).to_string();
		assert!(text.contains("router    an endpoint that no gateway asks, key 0x07"), "{text}");
		assert!(text.contains("1 copy of a packet"), "{text}");
	}

	#[test]
	fn change_says_where_packets_go() {
		let payer = AccountId::from([1; 32]);
		let set = Routed { payer, route: Some(route("router.example.com:9000", 1)), version: 1 };
		assert!(set.to_string().contains("go to router.example.com:9000"), "{set}");
		let removed = Routed { route: None, ..set };
		assert!(removed.to_string().ends_with("has no route any longer"), "{removed}");
	}
}
