//! How a validator stands, in lines and in JSON.

use std::fmt::Write;

use groma_core::{
	api::{EraInfo, ValidatorInfo, ValidatorKeyInfo},
	money::Balance,
};
use serde::Serialize;

use crate::{collector_status::grm, guard, types::AccountId};

/// In how many sessions a key that was registered just now is used.
const ROTATION_SESSIONS: u32 = 2;

/// A session key, and whether the node has it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Held {
	#[serde(flatten)]
	pub(super) key: ValidatorKeyInfo,
	/// Absent if the node does not say.
	pub(super) is_in_keystore: Option<bool>,
}

impl Held {
	/// Whether the node says that it has the key.
	pub(super) fn is_here(&self) -> bool {
		self.is_in_keystore == Some(true)
	}
}

/// What a node sees of the votes of a validator.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Signing {
	/// The round that is voted on.
	pub(super) round: u32,
	/// Whether the validator's vote in it has arrived.
	pub(super) has_voted: bool,
}

/// All there is to know of a validator.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Standing {
	validator: ValidatorInfo<AccountId>,
	/// Absent if the chain cannot read its clock.
	era: Option<EraInfo>,
	keys: Vec<Held>,
	/// In how many sessions all registered keys are in use; absent if the account does not
	/// validate, or has none.
	sessions_until_keys_are_used: Option<u32>,
	signing: Option<Signing>,
	/// What the guard of the node recorded. Absent if the node has none of the keys, guards
	/// nothing, or does not say.
	guard: Option<guard::Summary>,
}

impl Standing {
	/// What the chain and a node say of an account.
	pub(super) fn new(
		validator: ValidatorInfo<AccountId>,
		era: Option<EraInfo>,
		keys: Vec<Held>,
		signing: Option<Signing>,
		guard: Option<guard::Summary>,
	) -> Self {
		let sessions_until_keys_are_used = sessions_until_used(&validator.keys);
		Self { validator, era, keys, sessions_until_keys_are_used, signing, guard }
	}

	/// The same as JSON.
	pub(super) fn json(&self) -> String {
		let text = serde_json::to_string_pretty(self);
		text.unwrap_or_else(|error| format!("{{\"error\": \"{error}\"}}"))
	}

	/// The same in lines.
	pub(super) fn text(&self) -> String {
		let mut lines = vec![("account", self.validator.account.to_string())];
		lines.extend(self.of_the_set());
		lines.extend(self.of_the_guard());
		lines.extend(self.of_the_stake());
		let mut text = String::new();
		for (name, value) in lines {
			// Writing to a string never fails.
			let _ = writeln!(text, "{name:<17}{value}");
		}
		for held in &self.keys {
			let _ = writeln!(text, "{:<17}{}", "key", line_of(held));
		}
		for advice in self.advice() {
			let _ = writeln!(text, "\n{advice}");
		}
		text
	}

	fn of_the_set(&self) -> Vec<(&'static str, String)> {
		let info = &self.validator;
		let clock = self.era.as_ref().map_or("cannot be read".into(), |era| {
			format!("{}, in session {}", era.active, era.session)
		});
		let elected = match (&self.era, info.is_elected) {
			(Some(EraInfo { next: None, .. }), None) => "not elected yet".into(),
			(_, elected) => answer(elected),
		};
		let mut lines = vec![
			("era", clock),
			("in the set", answer(Some(info.is_active))),
			("in the next set", elected),
			("candidate", answer(info.is_candidate)),
			("disabled", answer(Some(info.is_disabled))),
			("barred", answer(Some(info.is_barred))),
			("points", format!("{} in this epoch", info.points)),
		];
		if let Some(Signing { round, has_voted }) = &self.signing {
			let seen = if *has_voted { "seen in" } else { "not seen so far in" };
			lines.push(("vote", format!("{seen} round {round}")));
		}
		lines
	}

	fn of_the_guard(&self) -> Vec<(&'static str, String)> {
		let Some(guard) = &self.guard else {
			let none = ("guard", "none: the node does not run as a validator".into());
			return self.keys.iter().any(Held::is_here).then_some(none).into_iter().collect();
		};
		let last_vote = guard.last_vote.as_ref().map_or("none".into(), ToString::to_string);
		let last_block = guard.last_block.as_ref().map_or("none".into(), ToString::to_string);
		let mut lines = vec![
			("guard", guard.path.display().to_string()),
			("last vote", last_vote),
			("last own block", last_block),
		];
		lines.extend(guard.hidden_until.as_ref().map(|it| ("no vote until", it.to_string())));
		lines
	}

	fn of_the_stake(&self) -> Vec<(&'static str, String)> {
		let info = &self.validator;
		let shown = |amount: Option<Balance>| amount.map_or("cannot be read".into(), grm);
		let backing = info.backing.as_ref();
		let least = self.era.as_ref().map(|era| era.own_stake_min);
		let mut pending = shown(info.pending_slash);
		if let Some(eras) = backing.map(|it| &it.pending).filter(|eras| !eras.is_empty()) {
			let eras: Vec<_> = eras.iter().map(u32::to_string).collect();
			let _ = write!(pending, ", for what it did in the eras {}", eras.join(", "));
		}
		vec![
			("own stake", shown(backing.map(|it| it.own))),
			("least own stake", shown(least)),
			("delegated", shown(backing.map(|it| it.delegated))),
			("owed", shown(backing.map(|it| it.owed))),
			("pending slash", pending),
		]
	}

	/// What the operator should know or do.
	fn advice(&self) -> Vec<String> {
		let info = &self.validator;
		let mut advice = Vec::new();
		if self.keys.iter().any(|held| held.is_in_keystore == Some(false)) {
			advice.push(
				"The node lacks session keys: with them absent it makes no blocks or does not vote. \
				 Insert them,\nor make and register new ones by `groma-node key session`."
					.into(),
			);
		}
		match self.sessions_until_keys_are_used {
			Some(sessions @ 1..) => advice.push(format!(
				"The registered keys are used {}: keep the present ones until then.",
				if sessions > 1 { "in two sessions" } else { "from the next session on" },
			)),
			_ if !info.has_keys => advice.push(
				"It has no session keys: `groma-node key session` makes them, and shows the call."
					.into(),
			),
			_ => {}
		}
		if self.guard.as_ref().is_some_and(|guard| guard.hidden_until.is_some()) {
			advice.push(
				"It does not vote, since it may have voted before: docs/runbooks/guard-refused.md."
					.into(),
			);
		}
		if info.is_barred {
			advice.push(
				"It was reported for an offence, and is out of the next election. Declare it a \
				 candidate again\nafterwards."
					.into(),
			);
		} else if info.is_candidate == Some(false) && info.has_keys {
			advice.push(
				"It is no candidate: it never was, resigned, authored nothing in an era, or was \
				 reported.\nValidators.declare(None) makes it one."
					.into(),
			);
		}
		if info.is_disabled || info.pending_slash.is_some_and(|amount| amount > 0) {
			advice.push(
				"docs/runbooks/validator-slashed.md says what to do about an offence.".into(),
			);
		}
		advice.extend(self.advice_on_stake());
		advice
	}

	fn advice_on_stake(&self) -> Option<String> {
		let own = self.validator.backing.as_ref()?.own;
		let least = self.era.as_ref()?.own_stake_min;
		let is_short = self.validator.has_keys && own < least;
		is_short.then(|| {
			let missing = grm(least.saturating_sub(own));
			format!(
				"Its own stake lacks {missing} for the next election: \
				 Stake.provision(Validating, amount)."
			)
		})
	}
}

/// In how many sessions all registered keys of a validator are in use; `None` if it has none, or is
/// in no set.
fn sessions_until_used(keys: &[ValidatorKeyInfo]) -> Option<u32> {
	if !keys.iter().any(|key| key.is_present || key.is_planned) {
		return None;
	}
	let registered = keys.iter().filter(|key| key.is_registered);
	registered
		.map(|key| match (key.is_present, key.is_planned) {
			(true, _) => 0,
			(false, true) => 1,
			(false, false) => ROTATION_SESSIONS,
		})
		.max()
}

/// A key with what is known of it.
fn line_of(held: &Held) -> String {
	let ValidatorKeyInfo { kind, key, is_present, is_planned, is_registered } = &held.key;
	let uses = [
		(is_present, "in use"),
		(is_planned, "in the next session"),
		(is_registered, "registered"),
	];
	let uses: Vec<_> = uses.into_iter().filter(|(is, _)| **is).map(|(_, name)| name).collect();
	let place = match held.is_in_keystore {
		Some(true) => "in the keystore",
		Some(false) => "NOT in the keystore",
		None => "the node does not say whether it has it",
	};
	format!("{kind} {key}  {}; {place}", uses.join(", "))
}

fn answer(is: Option<bool>) -> String {
	match is {
		Some(true) => "yes".into(),
		Some(false) => "no".into(),
		None => "cannot be read".into(),
	}
}

#[cfg(test)]
mod tests {
	use groma_core::{
		api::{BackingInfo, KeyKind},
		money::GRM,
		units::Scale,
		words::SessionKey,
	};
	use serde_json::{Value, json};

	use super::*;

	fn key(number: u8, uses: [bool; 3]) -> ValidatorKeyInfo {
		let [is_present, is_planned, is_registered] = uses;
		let (kind, key) = (KeyKind(*b"babe"), SessionKey([number; 32]));
		ValidatorKeyInfo { kind, key, is_present, is_planned, is_registered }
	}

	fn backing(own: Balance, pending: Vec<u32>) -> BackingInfo {
		BackingInfo {
			own,
			thawing: vec![],
			withdrawable: 0,
			delegated: 5 * GRM,
			delegations: 1,
			is_open: true,
			commission: Scale::from_percent(5),
			next_commission: None,
			owed: GRM / 2,
			pending,
			yields: vec![],
		}
	}

	fn validator(keys: Vec<ValidatorKeyInfo>) -> ValidatorInfo<AccountId> {
		ValidatorInfo {
			account: AccountId::new([7; 32]),
			has_keys: !keys.is_empty(),
			is_candidate: Some(true),
			is_active: true,
			is_elected: None,
			is_disabled: false,
			points: 3_000,
			backing: Some(backing(10_000 * GRM, vec![])),
			is_barred: false,
			pending_slash: Some(0),
			keys,
		}
	}

	fn era() -> EraInfo {
		EraInfo {
			active: 3,
			session: 80,
			end: 96,
			next: None,
			oldest: 0,
			validators: 4,
			stake: Some(0),
			seats: 100,
			own_stake_min: 10_000 * GRM,
			candidates: Some(4),
			unsettled: Some(0),
			recent_yield: 0,
		}
	}

	fn standing(validator: ValidatorInfo<AccountId>, has_keys: Option<bool>) -> Standing {
		let held = |key: &ValidatorKeyInfo| Held { key: key.clone(), is_in_keystore: has_keys };
		let keys = validator.keys.iter().map(held).collect();
		let signing = Some(Signing { round: 812, has_voted: true });
		let guard = (has_keys == Some(true)).then(|| guard(Value::Null));
		Standing::new(validator, Some(era()), keys, signing, guard)
	}

	/// What a guard recorded, with the key for votes hidden until then.
	fn guard(hidden_until: Value) -> guard::Summary {
		let hash = format!("0x{}", "01".repeat(32));
		let guard = json!({
			"path": "/data/signing-guard",
			"lastVote": {
				"round": { "set": 2, "number": 811 },
				"key": "5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu",
				"kind": "prevote",
				"target": { "hash": hash, "number": 30 },
			},
			"lastBlock": { "slot": 4, "hash": hash },
			"hiddenUntil": hidden_until,
		});
		serde_json::from_value(guard).expect("it is what nodes answer")
	}

	#[test]
	fn validator_that_is_well_needs_nothing() {
		let text = standing(validator(vec![key(1, [true; 3])]), Some(true)).text();
		for line in [
			"era              3, in session 80",
			"in the set       yes",
			"in the next set  not elected yet",
			"barred           no",
			"points           3000 in this epoch",
			"vote             seen in round 812",
			"guard            /data/signing-guard",
			"own stake        10000.000 GRM",
			"owed             0.500 GRM",
			"pending slash    0.000 GRM",
		] {
			assert!(text.lines().any(|found| found == line), "{line}: {text}");
		}
		let last = text.lines().last().expect("there are lines");
		assert!(last.starts_with("key              babe 0x0101"), "{text}");
		assert!(
			last.ends_with("  in use, in the next session, registered; in the keystore"),
			"{text}"
		);
	}

	#[test]
	fn registered_keys_are_used_after_so_many_sessions() {
		let (none, new) = (key(3, [false; 3]), key(2, [false, false, true]));
		let old = key(1, [true, true, false]);
		let cases = [
			(vec![], None),
			(vec![new.clone()], None),
			(vec![old.clone(), new.clone()], Some(2)),
			(vec![key(1, [true, false, false]), key(2, [false, true, true])], Some(1)),
			(vec![key(1, [true; 3]), none], Some(0)),
			(vec![old.clone()], None),
			(vec![old, key(4, [true; 3]), new], Some(2)),
		];
		for (keys, sessions) in cases {
			assert_eq!(sessions_until_used(&keys), sessions, "{keys:?}");
		}
	}

	#[test]
	fn operator_is_told_what_is_wrong() {
		let mut ill = validator(vec![key(1, [true, true, false]), key(2, [false, false, true])]);
		ill.is_disabled = true;
		ill.is_barred = true;
		ill.pending_slash = Some(100 * GRM);
		ill.backing = Some(backing(9_000 * GRM, vec![2, 3]));
		let text = standing(ill, Some(false)).text();
		for part in [
			"pending slash    100.000 GRM, for what it did in the eras 2, 3\n",
			"NOT in the keystore\n",
			"The node lacks session keys",
			"The registered keys are used in two sessions",
			"out of the next election",
			"validator-slashed.md",
			"lacks 1000.000 GRM for the next election",
		] {
			assert!(text.contains(part), "{part}: {text}");
		}
	}

	#[test]
	fn stranger_is_shown_without_advice_but_for_keys() {
		let mut stranger = validator(vec![]);
		stranger.is_active = false;
		stranger.is_candidate = Some(false);
		stranger.backing = Some(backing(0, vec![]));
		let text = standing(stranger, None).text();
		for line in ["in the set       no", "candidate        no", "own stake        0.000 GRM"] {
			assert!(text.lines().any(|found| found == line), "{line}: {text}");
		}
		assert!(
			text.ends_with("`groma-node key session` makes them, and shows the call.\n"),
			"{text}"
		);
		assert!(!text.contains("lacks") && !text.contains("guard"), "{text}");
	}

	#[test]
	fn last_records_of_the_guard_are_shown_and_that_it_lets_no_vote_out() {
		let mut standing = standing(validator(vec![key(1, [true; 3])]), Some(true));
		let hash = format!("0x{}", "01".repeat(32));
		let records = format!(
			"\nlast vote        a prevote in round 811 of set 2 for block 30 ({hash})\n\
			 last own block   {hash} of slot 4\n"
		);
		let text = standing.text();
		assert!(text.contains(&records) && !text.contains("no vote until"), "{text}");
		standing.guard = Some(guard(json!("session")));
		let text = standing.text();
		assert!(text.contains("\nno vote until    the next session\n"), "{text}");
		assert!(text.contains("guard-refused.md"), "{text}");
		standing.guard = None;
		let text = standing.text();
		assert!(text.contains("\nguard            none: "), "{text}");
		assert!(!text.contains("last own block"), "{text}");
	}

	#[test]
	fn json_has_the_keys_with_their_places() {
		let parsed = |standing: Standing| -> Value {
			serde_json::from_str(&standing.json()).expect("it is JSON")
		};
		let here = parsed(standing(validator(vec![key(1, [true; 3])]), Some(true)));
		assert_eq!(here["guard"]["lastVote"]["round"]["number"], 811);
		let json = parsed(standing(validator(vec![key(1, [true; 3])]), None));
		assert_eq!(json["keys"][0]["kind"], "babe");
		assert_eq!(json["keys"][0]["isPresent"], true);
		assert!(json["keys"][0]["isInKeystore"].is_null(), "{json}");
		assert_eq!(json["sessionsUntilKeysAreUsed"], 0);
		assert_eq!(json["signing"]["round"], 812);
		assert!(json["guard"].is_null(), "{json}");
		assert_eq!(json["era"]["active"], 3);
		assert_eq!(json["validator"]["pendingSlash"], "0");
	}
}
