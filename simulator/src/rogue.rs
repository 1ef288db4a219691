//! Cheats that are software: they know the chain, and each other, but hear nothing. They hand their
//! forgeries to the node's report pool and, where that refuses, straight to the chain.
//!
//! What a cheat would read from the chain, such as a revealed signature, the field computes, since
//! it holds all keys; it uses nothing that is not public, or among friends, at that moment.

use std::{
	collections::{BTreeMap, VecDeque},
	sync::{Arc, Mutex, PoisonError},
	time::Duration,
};

use groma_client::{
	chain::{At, Chain, ChainError, RpcChain},
	report::EncodedReport,
	shutdown::Shutdown,
};
use groma_core::{
	DeviceId, WindowIndex,
	api::ChallengeInfo,
	payload::{self, Observation},
	protocol::REVEAL_DELAY,
	protocol::STATEMENT_DELAY_MAX,
	radio::Transmission,
	statement::{Reveal, Statement},
};

use crate::{
	behaviour::Behaviour,
	field::{Field, NO_COLLECTOR},
	testimony::{self, Earlier, Lead, Moment},
};

/// Windows after which a beacon signature is public for certain.
const WINDOWS_TO_PUBLICITY: WindowIndex = REVEAL_DELAY + 1;
/// How often the window is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What became of the forgeries of each behaviour.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Attempts {
	/// Forgeries that a node's pool or the chain's transaction pool took: the chain judges them
	/// next.
	pub(crate) taken: u64,
	/// Forgeries that both refused.
	pub(crate) refused: u64,
	/// Why, as the chain says it, and how often.
	pub(crate) refusals: BTreeMap<String, u64>,
}

/// What became of all forgeries, shared with the one who shows it.
pub(crate) type AttemptCounts = Arc<Mutex<BTreeMap<Behaviour, Attempts>>>;

/// A challenge of a member.
#[derive(Clone)]
struct Challenge {
	member: usize,
	device: DeviceId,
	window: WindowIndex,
	info: ChallengeInfo,
}

/// All software cheats of a field.
pub(crate) struct Rogues {
	chain: Arc<RpcChain>,
	field: Arc<Field>,
	/// The members' names on chain.
	names: Vec<Option<DeviceId>>,
	attempts: AttemptCounts,
	/// Challenges of the last windows.
	recent: VecDeque<Challenge>,
}

impl Rogues {
	/// The cheats among the members of a field.
	pub(crate) fn new(
		chain: Arc<RpcChain>,
		field: Arc<Field>,
		names: Vec<Option<DeviceId>>,
		attempts: AttemptCounts,
	) -> Self {
		Self { chain, field, names, attempts, recent: VecDeque::new() }
	}

	/// Cheats until it is to stop.
	pub(crate) async fn run(mut self, mut shutdown: Shutdown) {
		let mut looked_at = None;
		loop {
			tokio::select! {
				() = shutdown.requested() => return,
				() = tokio::time::sleep(LOOK_EVERY) => {},
			}
			let acted = match self.chain.window(At::Best).await {
				Ok(window) if looked_at == Some(window.index) => continue,
				Ok(window) => {
					looked_at = Some(window.index);
					self.act(window.index).await
				}
				Err(error) => Err(error),
			};
			if let Err(error) = acted {
				tracing::debug!(target: "simulator::rogue", %error, "not this time");
			}
		}
	}

	/// Does what there is to do at the start of a window.
	async fn act(&mut self, window: WindowIndex) -> Result<(), ChainError> {
		self.recent.retain(|it| it.window.saturating_add(2 * WINDOWS_TO_PUBLICITY) > window);
		for challenge in self.challenges(window).await? {
			self.recent.push_back(challenge);
		}
		for challenge in self.recent.clone() {
			match window.saturating_sub(challenge.window) {
				0 => self.forge(&challenge, Moment::InTime).await?,
				STATEMENT_DELAY_MAX => self.copy(&challenge).await?,
				REVEAL_DELAY => self.reveal_among_friends(&challenge).await,
				WINDOWS_TO_PUBLICITY => self.forge(&challenge, Moment::AfterReveal).await?,
				_ => {}
			}
		}
		Ok(())
	}

	async fn challenges(&self, window: WindowIndex) -> Result<Vec<Challenge>, ChainError> {
		let mut challenges = Vec::new();
		for (member, name) in self.names.iter().enumerate() {
			let Some(device) = *name else { continue };
			if let Some(info) = self.chain.challenge(device, window, At::Best).await? {
				challenges.push(Challenge { member, device, window, info });
			}
		}
		Ok(challenges)
	}

	/// Lets every cheat but the copyists forge about a challenge.
	async fn forge(&self, challenge: &Challenge, moment: Moment) -> Result<(), ChainError> {
		for (witness, behaviour) in self.forgers(challenge) {
			if (behaviour == Behaviour::Latecomer) == (moment == Moment::AfterReveal) {
				let lead = self.lead(challenge, witness, behaviour, None);
				self.submit(challenge, witness, behaviour, lead).await;
			}
		}
		Ok(())
	}

	/// Lets copyists copy what others have stated on chain.
	async fn copy(&self, challenge: &Challenge) -> Result<(), ChainError> {
		let copyists: Vec<_> = self
			.forgers(challenge)
			.filter(|(_, behaviour)| *behaviour == Behaviour::Copyist)
			.collect();
		if copyists.is_empty() {
			return Ok(());
		}
		let (window, device) = (challenge.window, challenge.device);
		let witnesses = self.chain.witnesses(window, device, At::Best).await?;
		let honest = witnesses.into_iter().find(|witness| {
			!copyists.iter().any(|(member, _)| self.name(*member) == Some(*witness))
		});
		for (witness, behaviour) in copyists {
			let seen = honest.and_then(|honest| self.stated_by(challenge, honest));
			let lead = self.lead(challenge, witness, behaviour, seen);
			self.submit(challenge, witness, behaviour, lead).await;
		}
		Ok(())
	}

	/// Reveals the beacon of a member of a fleet: no one else knows it.
	async fn reveal_among_friends(&self, challenge: &Challenge) {
		if self.behaviour(challenge.member) != Some(Behaviour::Fleet) {
			return;
		}
		let reveal = Reveal {
			window: challenge.window,
			beaconer: challenge.device,
			signature: self.field.beacon_signature(challenge.member, &challenge.info.id),
		};
		self.hand_in(Behaviour::Fleet, reveal.into()).await;
	}

	async fn submit(
		&self,
		challenge: &Challenge,
		witness: usize,
		behaviour: Behaviour,
		lead: Option<Lead>,
	) {
		let (Some(lead), Some(name)) = (lead, self.name(witness)) else { return };
		let key = self.field.session_key(witness);
		for forged in testimony::forge(behaviour, &key, name, &lead) {
			let statement = Statement {
				window: challenge.window,
				beaconer: challenge.device,
				observation: forged.observation,
				signature: forged.signature,
			};
			self.hand_in(behaviour, statement.into()).await;
		}
	}

	async fn hand_in(&self, behaviour: Behaviour, report: EncodedReport) {
		let mut outcome = self.chain.hand_in(&report, 0).await;
		if let Err(error) = outcome {
			tracing::debug!(target: "simulator::rogue", %behaviour, %error, "the pool refuses");
			outcome = self.chain.submit_own(&report).await;
		}
		if let Err(error) = &outcome {
			tracing::debug!(target: "simulator::rogue", %behaviour, %error, "the chain refuses");
		}
		let refusal = match outcome {
			Ok(()) => None,
			Err(_) => Some(self.chain.check(&report, At::Best).await),
		};
		let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
		let attempts = attempts.entry(behaviour).or_default();
		match refusal {
			None => attempts.taken += 1,
			Some(verdict) => {
				attempts.refused += 1;
				// The pool has further reasons: then the chain would have taken it.
				if let Ok(Err(refusal)) = verdict {
					*attempts.refusals.entry(refusal.to_string()).or_default() += 1;
				}
			}
		}
	}

	/// What a cheat knows of a challenge; `None` if it has no place.
	fn lead(
		&self,
		challenge: &Challenge,
		witness: usize,
		behaviour: Behaviour,
		seen: Option<Observation>,
	) -> Option<Lead> {
		let are_friends = matches!(behaviour, Behaviour::Fleet | Behaviour::Sister)
			&& self.behaviour(challenge.member) == Some(behaviour);
		let knows = are_friends || behaviour == Behaviour::Latecomer;
		let earlier = self
			.recent
			.iter()
			.find(|it| it.device == challenge.device && it.window < challenge.window)
			.map(|it| Earlier {
				challenge: it.info.id,
				signature: self.field.beacon_signature(it.member, &it.info.id),
			});
		let transmission = transmission(&challenge.info);
		Some(Lead {
			collector: NO_COLLECTOR,
			challenge: challenge.info.id,
			signature: knows
				.then(|| self.field.beacon_signature(challenge.member, &challenge.info.id)),
			earlier,
			seen,
			plausible: self.field.made_up_reception(witness, challenge.member, &transmission)?,
		})
	}

	/// A statement like the one that an honest witness has on chain.
	fn stated_by(&self, challenge: &Challenge, witness: DeviceId) -> Option<Observation> {
		let member = self.names.iter().position(|name| *name == Some(witness))?;
		let transmission = transmission(&challenge.info);
		let reception = self.field.made_up_reception(member, challenge.member, &transmission)?;
		let signature = self.field.beacon_signature(challenge.member, &challenge.info.id);
		Some(Observation {
			witness,
			collector: NO_COLLECTOR,
			rssi_deci_dbm: reception.rssi_deci_dbm,
			snr_deci_db: reception.snr_deci_db,
			commitment: payload::commitment(&signature, witness),
		})
	}

	/// The software cheats, except the one that is challenged itself. Sisters are among them, since
	/// an honest client doesn't even try to witness for a device of the same owner.
	fn forgers(&self, challenge: &Challenge) -> impl Iterator<Item = (usize, Behaviour)> {
		let challenged = challenge.member;
		let members = self.field.members().iter().enumerate();
		members
			.filter(move |(index, _)| *index != challenged)
			.map(|(index, member)| (index, member.behaviour))
			.filter(|(_, behaviour)| forges(*behaviour))
	}

	fn behaviour(&self, member: usize) -> Option<Behaviour> {
		self.field.members().get(member).map(|member| member.behaviour)
	}

	fn name(&self, member: usize) -> Option<DeviceId> {
		self.names.get(member).copied().flatten()
	}
}

/// Whether there is anything for software to do.
pub(crate) fn forges(behaviour: Behaviour) -> bool {
	behaviour.forges() || behaviour == Behaviour::Sister
}

fn transmission(challenge: &ChallengeInfo) -> Transmission {
	Transmission {
		eirp: challenge.eirp_centi_dbm.into(),
		frequency_hz: challenge.frequency_hz,
		data_rate: challenge.data_rate,
	}
}
