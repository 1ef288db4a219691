//! What happens in a history: prices, customers, and a coalition of payers, devices and
//! validators.

use groma_core::{
	DeviceId,
	money::{Balance, Credits},
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Payers: the first two are honest, the others belong to the coalition.
pub(crate) const PAYERS: usize = 4;
/// The first payer of the coalition.
pub(crate) const COALITION: usize = 2;
/// Devices: the first half belongs to the coalition. Honest payers pay them too.
pub(crate) const DEVICES: DeviceId = 8;

/// Something that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
	/// GRM has another price, in nano-USD.
	Price { nano_usd: u64 },
	/// An epoch closes: its mean is the present price.
	EpochCloses,
	/// A payer buys credits.
	Mint { payer: usize, credits: Credits },
	/// A payer opens a channel with a part of its credits.
	Open { payer: usize, permille: u64 },
	/// A payer pays a device with a part of what is left of one of its channels; one credit at 0.
	Pay { payer: usize, channel: usize, device: DeviceId, permille: u64 },
	/// A payer closes one of its channels and takes back what is left.
	Refund { payer: usize, channel: usize },
	/// The coalition buys credits for the first honest payer's account: possible only under a rule
	/// that the chain has not.
	#[cfg_attr(not(test), allow(dead_code, reason = "only tests break the rules"))]
	Give { credits: Credits },
}

impl Action {
	/// Whether the coalition does it.
	pub(crate) fn is_of_coalition(&self) -> bool {
		match self {
			Self::Price { .. } | Self::EpochCloses => false,
			Self::Mint { payer, .. }
			| Self::Open { payer, .. }
			| Self::Pay { payer, .. }
			| Self::Refund { payer, .. } => *payer >= COALITION,
			Self::Give { .. } => true,
		}
	}
}

/// What happens, and who validates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct History {
	/// What happens, in order.
	pub(crate) actions: Vec<Action>,
	/// The part of all points of validators that a validator of the coalition has in each epoch, in
	/// percent.
	pub(crate) points_percent: u64,
}

impl History {
	/// A history of up to 40 actions after a first price. In a third of them the coalition has no
	/// validator, in a third it has all points.
	pub(crate) fn random(seed: u64) -> Self {
		let mut random = ChaCha8Rng::seed_from_u64(seed);
		let mut nano_usd = 100_000_000;
		let mut actions = vec![Action::Price { nano_usd }, Action::EpochCloses];
		for payer in 0..PAYERS {
			actions.push(mint(&mut random, payer));
		}
		for _ in 0..random.gen_range(10..40) {
			actions.push(action(&mut random, &mut nano_usd));
		}
		let points_percent = match random.gen_range(0..3) {
			0 => 0,
			1 => 100,
			_ => random.gen_range(1..100),
		};
		Self { actions, points_percent }
	}

	/// The most plancks by which rounding changes what the validator of the coalition gets: one in
	/// each epoch, the last of which closes after all actions.
	pub(crate) fn rounding(&self) -> Balance {
		if self.points_percent == 0 {
			return 0;
		}
		let closes = self.actions.iter().filter(|it| **it == Action::EpochCloses).count();
		closes as Balance + 1
	}
}

fn mint(random: &mut ChaCha8Rng, payer: usize) -> Action {
	let credits = 10u64.pow(random.gen_range(4..7)) * random.gen_range(1..10);
	Action::Mint { payer, credits }
}

fn action(random: &mut ChaCha8Rng, nano_usd: &mut u64) -> Action {
	let (payer, channel) = (random.gen_range(0..PAYERS), random.gen_range(0..3));
	match random.gen_range(0..12) {
		0 | 1 => {
			*nano_usd = next_price(random, *nano_usd);
			Action::Price { nano_usd: *nano_usd }
		}
		2 => Action::EpochCloses,
		3 => mint(random, payer),
		4 | 5 => Action::Open { payer, permille: random.gen_range(1..=1_000) },
		6 => Action::Refund { payer, channel },
		_ => {
			let device = random.gen_range(0..DEVICES);
			Action::Pay { payer, channel, device, permille: random.gen_range(0..=1_000) }
		}
	}
}

/// Mostly a step of up to 20 %, at times a jump of up to two powers of ten.
fn next_price(random: &mut ChaCha8Rng, nano_usd: u64) -> u64 {
	let factor = if random.gen_range(0..3) == 0 {
		10f64.powf(random.gen_range(-2.0..2.0))
	} else {
		random.gen_range(0.8..1.2)
	};
	((nano_usd as f64 * factor) as u64).clamp(1_000, 1_000_000_000_000_000)
}
