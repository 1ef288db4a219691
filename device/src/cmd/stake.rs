//! `groma-device provision`, `thaw` and `withdraw`.

use std::fmt;

use clap::Args;
use groma_client::{
	amount::Amount,
	chain::{AccountId, At, ChainError, RpcChain},
	logging,
	owner::{Owner, Purpose, Receipt, StakeChange},
};
use groma_core::{
	NetworkId, WindowIndex,
	api::{ProvisionInfo, RaiseInfo, ThawingInfo},
	protocol::FIRST_NETWORK,
};
use serde::Serialize;

use super::{
	arguments::{EndpointArgument, OutputArgument, SettingsArgument},
	confirm::ConfirmArgument,
	error::CommandError,
	signer::SignerArguments,
	values,
};

/// Sets GRM aside behind the owner's devices of a network.
///
/// A device takes part in proofs only if stake covers it: each full stake per device covers one, in
/// the order of the owner's list. The GRM stays in the owner's account, on hold, and still votes. A
/// device that is proven to cheat costs it.
#[derive(Debug, Args)]
pub(super) struct ProvisionCommand {
	/// How many GRM, such as 50.
	#[arg(value_name = "GRM", value_parser = values::amount)]
	amount: Amount,
	#[command(flatten)]
	stake: StakeArguments,
}

/// Begins to let stake go that stands behind the owner's devices of a network.
///
/// It covers no device from now on, and can be withdrawn when it has thawed: until then evidence of
/// what devices did before can take it.
#[derive(Debug, Args)]
pub(super) struct ThawCommand {
	/// How many GRM, such as 50.
	#[arg(value_name = "GRM", value_parser = values::amount, required_unless_present = "all")]
	amount: Option<Amount>,
	/// All that is active.
	#[arg(long, conflicts_with = "amount")]
	all: bool,
	#[command(flatten)]
	stake: StakeArguments,
}

/// Releases stake that has thawed.
#[derive(Debug, Args)]
pub(super) struct WithdrawCommand {
	#[command(flatten)]
	stake: StakeArguments,
}

/// What the commands about stake have in common.
#[derive(Debug, Args)]
struct StakeArguments {
	/// The network whose devices it stands behind; 0 is lorawan.
	#[arg(long, default_value_t = FIRST_NETWORK)]
	network: NetworkId,
	#[command(flatten)]
	signer: SignerArguments,
	#[command(flatten)]
	confirm: ConfirmArgument,
	#[command(flatten)]
	output: OutputArgument,
	#[command(flatten)]
	endpoint: EndpointArgument,
	#[command(flatten)]
	settings: SettingsArgument,
}

/// A change that was made. What `--json` prints; amounts are plancks as decimal text.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Staked {
	/// What it was.
	change: &'static str,
	/// Who signed and paid.
	signer: AccountId,
	/// The fee.
	fee: Amount,
	/// What stands behind the owner's devices now; `None` if no node answered after the change.
	provision: Option<ProvisionInfo<AccountId>>,
}

/// An owner's stake that is about to change.
struct Subject {
	chain: RpcChain,
	owner: Owner,
	/// What stands behind its devices on the finalized chain.
	provision: ProvisionInfo<AccountId>,
}

impl ProvisionCommand {
	pub(super) async fn execute(self) -> Result<(), CommandError> {
		let amount = set_aside(self.amount)?;
		let subject = self.stake.open().await?;
		if is_gone(&subject.provision) {
			return Err(CommandError::Input(unknown_network(self.stake.network)));
		}
		self.stake.carry_out(&subject, "provision", StakeChange::Provision(amount.0)).await
	}
}

impl ThawCommand {
	pub(super) async fn execute(self) -> Result<(), CommandError> {
		let subject = self.stake.open().await?;
		let amount = thawed(&subject.provision, self.amount.filter(|_| !self.all))?;
		self.stake.confirm.ask(&consequence(&subject.provision, amount))?;
		self.stake.carry_out(&subject, "thaw", StakeChange::Thaw(amount.0)).await
	}
}

impl WithdrawCommand {
	pub(super) async fn execute(self) -> Result<(), CommandError> {
		let subject = self.stake.open().await?;
		if subject.provision.withdrawable == 0 {
			return Err(CommandError::Input(nothing_due(&subject.provision)));
		}
		self.stake.carry_out(&subject, "withdraw", StakeChange::Withdraw).await
	}
}

impl StakeArguments {
	/// Reads what stands behind the owner's devices.
	async fn open(&self) -> Result<Subject, CommandError> {
		logging::start("warn");
		let owner = self.signer.open()?;
		let chain = self.endpoint.chain(&self.settings)?;
		let provision = finalized(&chain, owner.principal(), self.network).await?;
		let provision =
			provision.ok_or_else(|| CommandError::Input(unknown_network(self.network)))?;
		Ok(Subject { chain, owner, provision })
	}

	/// Says what is signed, signs it, and prints what came of it.
	async fn carry_out(
		&self,
		subject: &Subject,
		change: &'static str,
		call: StakeChange,
	) -> Result<(), CommandError> {
		let Subject { chain, owner, .. } = subject;
		let client = owner.connect(chain.url()).await?;
		let call = call.call(&client, Purpose::Devices(self.network)).await?;
		let estimate = Amount(owner.fee(&client, &call).await?);
		let (principal, signer) = (owner.principal(), owner.account());
		eprintln!(
			"signing: {change} for network {} of {principal}, by {signer}, for a fee of at most {estimate}",
			self.network
		);
		let events = owner.submit(&client, &call).await?;
		let Receipt { fee, .. } = Receipt::of(&events).map_err(|error| {
			CommandError::Partly(format!("{change} is done, but its cost is not known: {error}"))
		})?;
		// It is done and paid, whatever is not known of it: the command does not fail any more.
		let provision = match finalized(chain, principal, self.network).await {
			Ok(provision) => provision,
			Err(error) => {
				eprintln!("{change} is done, but what stands now is not known: {error}");
				None
			}
		};
		self.output.print(&Staked { change, signer, fee, provision })
	}
}

/// What the finalized chain knows of an owner's stake.
async fn finalized(
	chain: &RpcChain,
	owner: AccountId,
	network: NetworkId,
) -> Result<Option<ProvisionInfo<AccountId>>, ChainError> {
	let at = At::Block(chain.finalized().await?.hash);
	chain.provision(owner, network, at).await
}

/// How much is set aside: nothing would cost a fee and cover nothing.
fn set_aside(asked: Amount) -> Result<Amount, CommandError> {
	match asked {
		Amount(0) => Err(CommandError::Input("0 GRM cover nothing: nothing was signed".to_owned())),
		amount => Ok(amount),
	}
}

/// Whether stake is left of a network that is gone: it covers nothing, and can be let go.
fn is_gone(provision: &ProvisionInfo<AccountId>) -> bool {
	provision.stake_per_device == 0
}

fn unknown_network(network: NetworkId) -> String {
	format!(
		"the chain has no network {network}, or cannot read it or the provision: correct --network"
	)
}

/// How much thaws: what is asked for, or all. Refuses what the chain would refuse for a fee.
fn thawed(
	provision: &ProvisionInfo<AccountId>,
	asked: Option<Amount>,
) -> Result<Amount, CommandError> {
	let active = Amount(provision.active);
	match asked.unwrap_or(active) {
		Amount(0) => Err(CommandError::Input("there is nothing to thaw".to_owned())),
		amount if amount > active => {
			Err(CommandError::Input(format!("only {active} are active: thaw them with --all")))
		}
		amount => Ok(amount),
	}
}

/// What follows when so much thaws.
fn consequence(provision: &ProvisionInfo<AccountId>, amount: Amount) -> String {
	let left = provision.active.saturating_sub(amount.0);
	let covered = left.checked_div(provision.stake_per_device).unwrap_or_default();
	format!(
		"{amount} thaw: instead of {} devices of network {}, {covered} are covered and take part in proofs",
		provision.covered_slots, provision.network
	)
}

/// Why there is nothing to withdraw.
fn nothing_due(provision: &ProvisionInfo<AccountId>) -> String {
	match provision.thawing.first() {
		Some(ThawingInfo { due, amount }) => {
			format!("nothing has thawed: {} can be withdrawn from window {due} on", Amount(*amount))
		}
		None => "nothing thaws: begin with `groma-device thaw`".to_owned(),
	}
}

/// The lines that describe an owner's stake. Shared with `groma-device status`.
pub(super) fn describe(provision: &ProvisionInfo<AccountId>) -> String {
	let ProvisionInfo { network, active, stake_per_device, covered_slots, .. } = provision;
	let mut text = if is_gone(provision) {
		format!("network {network} is gone, or cannot be read: {} cover no device", Amount(*active))
	} else {
		format!(
			"network {network}: {} cover {covered_slots} devices, {} each",
			Amount(*active),
			Amount(*stake_per_device)
		)
	};
	for ThawingInfo { due, amount } in &provision.thawing {
		text += &format!("; {} thaw until window {due}", Amount(*amount));
	}
	for warning in warnings(provision) {
		text += &format!("\n  warning   {warning}");
	}
	text
}

/// What an owner should know of its stake.
fn warnings(provision: &ProvisionInfo<AccountId>) -> Vec<String> {
	let mut warnings = Vec::new();
	if is_gone(provision) {
		return warnings;
	}
	if let Some(device) = provision.first_uncovered {
		let missing = provision.missing_for(provision.covered_slots);
		warnings.push(format!(
			"no stake covers device {device} and those after it: they take part in no proof; \
			 `groma-device provision {}` covers it",
			Amount(missing).to_string().trim_end_matches(" GRM")
		));
	}
	if let (Some(RaiseInfo { stake_per_device, window }), Some(covered)) =
		(&provision.raise, provision.covered_after_raise())
	{
		warnings.push(raise_warning(Amount(*stake_per_device), *window, covered));
	}
	warnings
}

/// What an owner should know of the devices in these slots together: that its stake covers fewer of
/// them, and what is missing for all.
pub(super) fn fleet_warning(provision: &ProvisionInfo<AccountId>, slots: &[u32]) -> Option<String> {
	let last = slots.iter().copied().max().filter(|_| !is_gone(provision) && slots.len() > 1)?;
	let missing = Amount(provision.missing_for(last));
	let covered = slots.iter().filter(|slot| **slot < provision.covered_slots).count();
	(covered < slots.len()).then(|| {
		format!(
			"the active stake covers {covered} of these {} devices; `groma-device provision {}` covers all",
			slots.len(),
			missing.to_string().trim_end_matches(" GRM")
		)
	})
}

fn raise_warning(stake: Amount, window: WindowIndex, covered: u32) -> String {
	format!(
		"from window {window} on each device needs {stake}: then the active stake covers {covered}"
	)
}

impl fmt::Display for Staked {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let Self { change, signer, fee, provision } = self;
		writeln!(f, "{change} is done")?;
		if let Some(provision) = provision {
			writeln!(f, "{}", describe(provision))?;
		}
		write!(f, "fee {fee}, paid by {signer}")
	}
}

#[cfg(test)]
mod tests {
	use groma_core::money::GRM;

	use super::*;

	fn provision(active: u128) -> ProvisionInfo<AccountId> {
		ProvisionInfo {
			owner: AccountId::from([3; 32]),
			network: 0,
			active: active * GRM,
			thawing: Vec::new(),
			withdrawable: 0,
			stake_per_device: 50 * GRM,
			covered_slots: (active / 50) as u32,
			first_uncovered: None,
			raise: None,
		}
	}

	#[test]
	fn stake_is_shown_and_written() {
		let staked = Staked {
			change: "provision",
			signer: AccountId::from([4; 32]),
			fee: Amount(GRM / 100),
			provision: Some(provision(120)),
		};
		let text = staked.to_string();
		assert!(text.contains("network 0: 120 GRM cover 2 devices, 50 GRM each\n"), "{text}");
		assert!(text.contains("fee 0.01 GRM, paid by 5"), "{text}");
		let json = serde_json::to_value(&staked).expect("JSON");
		assert_eq!(json["provision"]["active"], "120000000000000");
	}

	#[test]
	fn uncovered_device_and_raise_are_warned_of() {
		let mut info = provision(120);
		assert!(warnings(&info).is_empty());
		info.first_uncovered = Some(7);
		info.raise = Some(RaiseInfo { stake_per_device: 70 * GRM, window: 2_020 });
		let warnings = warnings(&info);
		assert!(warnings[0].contains("device 7") && warnings[0].contains("provision 30`"));
		assert!(warnings[1].contains("window 2020") && warnings[1].ends_with("covers 1"));
	}

	#[test]
	fn fleet_that_stake_does_not_cover_is_warned_of() {
		let mut info = provision(120);
		let text = fleet_warning(&info, &[0, 4, 1]).expect("one is not covered");
		assert!(text.contains("covers 2 of these 3 devices"), "{text}");
		assert!(text.contains("`groma-device provision 130` covers all"), "{text}");
		for covered in [&[0, 1][..], &[7], &[]] {
			assert_eq!(fleet_warning(&info, covered), None, "{covered:?}");
		}
		info.stake_per_device = 0;
		assert_eq!(fleet_warning(&info, &[0, 4, 1]), None, "the network is gone");
	}

	#[test]
	fn nothing_is_signed_to_set_nothing_aside() {
		assert_eq!(set_aside(Amount(1)).ok(), Some(Amount(1)));
		let error = set_aside(Amount(0)).expect_err("refused");
		assert!(matches!(&error, CommandError::Input(text) if text.contains("nothing was signed")));
		assert_eq!(error.exit_code(), 1);
	}

	#[test]
	fn stake_of_a_network_that_is_gone_is_shown_and_thaws() {
		let mut info = provision(120);
		(info.stake_per_device, info.covered_slots) = (0, 0);
		info.first_uncovered = Some(7);
		let text = describe(&info);
		assert_eq!(text, "network 0 is gone, or cannot be read: 120 GRM cover no device");
		assert_eq!(thawed(&info, None).ok(), Some(Amount(120 * GRM)));
		assert!(consequence(&info, Amount(GRM)).contains("instead of 0 devices"));
	}

	#[test]
	fn all_thaws_or_what_is_asked_for_but_no_more_than_is_active() {
		let info = provision(120);
		assert_eq!(thawed(&info, None).ok(), Some(Amount(120 * GRM)));
		assert_eq!(thawed(&info, Some(Amount(5))).ok(), Some(Amount(5)));
		for (info, asked) in
			[(&info, Some(Amount(121 * GRM))), (&info, Some(Amount(0))), (&provision(0), None)]
		{
			assert!(matches!(thawed(info, asked), Err(CommandError::Input(_))));
		}
		let text = consequence(&info, Amount(30 * GRM));
		assert!(
			text.starts_with("30 GRM thaw: instead of 2 devices of network 0, 1 are"),
			"{text}"
		);
	}

	#[test]
	fn withdrawing_too_early_names_the_window() {
		let mut info = provision(120);
		assert!(nothing_due(&info).contains("`groma-device thaw`"));
		info.thawing = vec![ThawingInfo { due: 2_023, amount: GRM }];
		assert!(nothing_due(&info).contains("1 GRM can be withdrawn from window 2023 on"));
	}
}
