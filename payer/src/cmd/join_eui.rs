//! `groma-payer join-eui`.

use std::fmt;

use clap::{Args, Subcommand};
use groma_client::{chain::AccountId, mirror::Mirror};
use groma_core::{
	api::RouteInfo,
	protocol::{JOIN_EUIS_PER_PAYER_MAX, PAYERS_PER_JOIN_EUI_MAX},
	words::JoinEui,
};

use super::{
	arguments::{CallArguments, outcome},
	error::CommandError,
	values,
};
use crate::calls::{Joined, PayerCall};

/// Adds or removes a JoinEUI: gateways bring requests to join that name it.
///
/// Up to eight payers share a JoinEUI, and all of them are asked. Data packets are found by
/// addresses, not by it.
#[derive(Debug, Args)]
pub(super) struct JoinEuiCommand {
	#[command(subcommand)]
	action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
	/// Adds a JoinEUI. A deposit is held, which doubles with every payer that has it already.
	Add(ChangeArguments),
	/// Removes a JoinEUI and returns its deposit.
	Remove(ChangeArguments),
}

#[derive(Debug, Args)]
struct ChangeArguments {
	/// The JoinEUI, such as 70b3d57ed0000001.
	#[arg(value_name = "HEX", value_parser = values::join_eui)]
	join_eui: JoinEui,
	#[command(flatten)]
	call: CallArguments,
}

impl JoinEuiCommand {
	pub(super) async fn execute(self) -> Result<(), CommandError> {
		match self.action {
			Action::Add(arguments) => add(arguments).await,
			Action::Remove(arguments) => remove(arguments).await,
		}
	}
}

async fn add(arguments: ChangeArguments) -> Result<(), CommandError> {
	let ChangeArguments { join_eui, call } = arguments;
	let desk = call.open().await?;
	let payer = desk.owner.principal();
	let mirror = Mirror::read(&desk.chain, desk.chain.finalized().await?).await?;
	let own = mirror.payers().find(|info| info.payer == payer);
	let others = mirror.payers_of_join(join_eui);
	if let Some(statement) = question(join_eui, own, &others)? {
		call.confirm.ask(&statement)?;
	}
	let what = format!("JoinEUI {join_eui}");
	let events = desk.carry_out(&PayerCall::ClaimJoinEui(join_eui), &what).await?;
	call.output.print(&outcome(&what, &events, Joined::claimed)?)
}

async fn remove(arguments: ChangeArguments) -> Result<(), CommandError> {
	let ChangeArguments { join_eui, call } = arguments;
	let desk = call.open().await?;
	let payer = desk.owner.principal();
	let known = desk.chain.route(payer, desk.finalized().await?).await?;
	if known.is_none_or(|known| !known.join_euis.contains(&join_eui)) {
		return Err(CommandError::Input(format!(
			"{payer} has no JoinEUI {join_eui}: nothing was signed"
		)));
	}
	let what = format!("removal of JoinEUI {join_eui}");
	let events = desk.carry_out(&PayerCall::ReleaseJoinEui(join_eui), &what).await?;
	call.output.print(&outcome(&what, &events, Joined::released)?)
}

/// What has to be confirmed before a payer adds a JoinEUI that others have; an error if it cannot.
fn question(
	join_eui: JoinEui,
	own: Option<&RouteInfo<AccountId>>,
	sharers: &[&RouteInfo<AccountId>],
) -> Result<Option<String>, CommandError> {
	let refuse = |fault: String| Err(CommandError::Input(format!("{fault}: nothing was signed")));
	if let Some(own) = own {
		if own.join_euis.contains(&join_eui) {
			return refuse(format!("{} has JoinEUI {join_eui} already", own.payer));
		}
		if own.join_euis.len() >= JOIN_EUIS_PER_PAYER_MAX as usize {
			return refuse(format!(
				"{} has {JOIN_EUIS_PER_PAYER_MAX} JoinEUIs, the most of a payer; remove one",
				own.payer
			));
		}
	}
	let count = u32::try_from(sharers.len()).unwrap_or(u32::MAX);
	match count {
		0 => Ok(None),
		PAYERS_PER_JOIN_EUI_MAX.. => refuse(format!(
			"{count} payers have JoinEUI {join_eui}, the most that share one; one of them has to remove it, or a \
			 referendum does"
		)),
		_ => Ok(Some(format!(
			"JoinEUI {join_eui} has {count} of at most {PAYERS_PER_JOIN_EUI_MAX} payers already, so that the deposit \
			 is {} times that of the first",
			2u32.saturating_pow(count)
		))),
	}
}

impl fmt::Display for Joined {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let Self { payer, join_eui, deposit, .. } = self;
		match deposit {
			Some(deposit) => write!(
				f,
				"{payer} buys requests to join of JoinEUI {join_eui}, for a deposit of {deposit}"
			),
			None => write!(f, "{payer} has no JoinEUI {join_eui} any longer"),
		}
	}
}

#[cfg(test)]
mod tests {
	use groma_client::amount::Amount;
	use groma_core::money::GRM;

	use super::*;

	const SHARED: JoinEui = JoinEui([1; 8]);

	fn payer(n: u8, join_euis: Vec<JoinEui>) -> RouteInfo<AccountId> {
		let payer = AccountId::from([n; 32]);
		RouteInfo { payer, route: None, ranges: Vec::new(), join_euis }
	}

	#[test]
	fn deposit_is_asked_about_when_others_have_the_join_eui() {
		let other = payer(1, vec![SHARED]);
		let asked = |count: usize| question(SHARED, None, &vec![&other; count]);
		assert_eq!(asked(0).expect("free"), None);
		for (count, part) in [(1, "deposit is 2 times"), (7, "deposit is 128 times")] {
			let text = asked(count).expect("room").expect("a question");
			assert!(text.contains(part) && !text.ends_with('.'), "{text}");
		}
		let full = asked(8).expect_err("full").to_string();
		assert!(full.contains("8 payers have JoinEUI 0x0101010101010101"), "{full}");
	}

	#[test]
	fn join_eui_is_refused_when_the_payer_has_it_or_has_too_many() {
		let own = payer(1, vec![SHARED]);
		let refusal = question(SHARED, Some(&own), &[&own]).expect_err("twice").to_string();
		assert!(refusal.contains("already: nothing was signed"), "{refusal}");
		let join_euis = (0..64).map(|n| JoinEui([n + 100; 8])).collect();
		let refusal = question(SHARED, Some(&payer(1, join_euis)), &[]).expect_err("too many");
		assert!(refusal.to_string().contains("has 64 JoinEUIs"), "{refusal}");
	}

	#[test]
	fn change_says_what_is_on_hold() {
		let payer = AccountId::from([1; 32]);
		let added = Joined { payer, join_eui: SHARED, deposit: Some(Amount(10 * GRM)), version: 1 };
		assert!(added.to_string().ends_with("for a deposit of 10 GRM"), "{added}");
		let removed = Joined { deposit: None, ..added };
		assert!(removed.to_string().ends_with("any longer"), "{removed}");
	}
}
