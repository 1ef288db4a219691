//! What happens to the whole chain at times.

use frame_support::traits::UnfilteredDispatchable;
use groma_core::{
	money::{Balance, GRM},
	price::Price,
	protocol::GRACE_WINDOWS_MIN,
	route::AddressRange,
	words::DevAddr,
};
use groma_runtime::{
	AccountId, Balances, Emission, RuntimeCall, RuntimeOrigin, Stake, Validators,
	configs::parameters::{RuntimeParameters, dynamic_params::channels},
	constants::EXISTENTIAL_DEPOSIT,
};
use groma_traits::{Backing, DeviceOffences, Eras, Offence};
use sp_keyring::Sr25519Keyring::{Alice, AliceStash, Bob, Ferdie, One};

use super::{ACCOUNTS, Market};
use crate::{
	chain::{account, as_root, signed},
	field::{LORAWAN, WINDOW_BLOCKS},
	money::fee_of,
	safety::full_name,
	services::set_kappa,
};

/// Quiet blocks that pass at times: sixty windows, so that channels come to their end.
const QUIET_BLOCKS: u32 = 60 * WINDOW_BLOCKS;

impl Market {
	/// Hours without customers, a halt, a vote, another price, dust, an offence, safe mode, and
	/// mostly nothing.
	pub(super) fn happen(&mut self) {
		match self.numbers.below(1_000) {
			0 => self.pass_quietly(),
			1..=5 => {
				self.chain.halt(1 + self.numbers.below(40));
				self.tally.halts += 1;
			}
			6..=25 => self.vote(),
			26..=75 => {
				let price = Price::clamp(20_000_000 + self.numbers.below(480_000_000));
				let feed = pallet_price_feed::Call::feed { price };
				let feed = self.chain.with(|| signed(AliceStash, feed, 0, 0));
				self.chain.block(vec![feed]);
				self.note_what_is_new();
			}
			76..=79 => self.leave_dust(),
			80..=82 => self.slash(),
			83 => self.stand_still(),
			_ => {}
		}
	}

	/// An account is given something, and gives away so much that too little is left to stay.
	fn leave_dust(&mut self) {
		let gift: RuntimeCall =
			pallet_balances::Call::transfer_keep_alive { dest: account(One).into(), value: GRM }
				.into();
		let gift = self.sign(Alice, gift, 0, 0);
		self.include(vec![gift]);
		let give = |value: Balance| -> RuntimeCall {
			pallet_balances::Call::transfer_allow_death { dest: account(Bob).into(), value }.into()
		};
		let value = self.chain.with(|| {
			let free = Balances::free_balance(account(One));
			free.saturating_sub(fee_of(One, give(free)) + EXISTENTIAL_DEPOSIT / 2)
		});
		let give = self.sign(One, give(value), 0, 0);
		self.include(vec![give]);
	}

	/// An owner of devices, or who validates, loses stake for an offence.
	fn slash(&mut self) {
		let burned = self.chain.with(Emission::burned);
		let reporter = account(Ferdie);
		if self.numbers.below(2) == 0 {
			let owner = account(self.numbers.one_of(&ACCOUNTS));
			self.chain.act(|| {
				let offence = Offence::DoubleBeacon;
				<Stake as DeviceOffences<AccountId>>::on_offence(
					0, LORAWAN, &owner, &reporter, offence,
				);
			});
		} else {
			self.chain.act(|| {
				let era = <Validators as Eras>::active();
				let _slashed = <Stake as Backing<AccountId>>::slash(
					&account(Alice),
					era,
					10 * GRM,
					Some(&reporter),
				);
			});
		}
		self.tally.slashed += self.chain.with(Emission::burned) - burned;
	}

	/// Safe mode for some blocks: epochs stay open, and most of what accounts send is refused.
	fn stand_still(&mut self) {
		self.chain.with(|| as_root(pallet_safe_mode::Call::force_enter {}));
		for _ in 0..1 + self.numbers.below(8) {
			self.step();
			self.chain.check();
		}
		self.chain.with(|| as_root(pallet_safe_mode::Call::force_exit {}));
		self.tally.standstills += 1;
	}

	/// Blocks without transactions, in which epochs close and hooks have all the time they want.
	fn pass_quietly(&mut self) {
		for _ in 0..QUIET_BLOCKS {
			self.chain.block(vec![]);
			self.note_what_is_new();
		}
	}

	/// A vote passes. What it decides may be refused, and then changes nothing.
	fn vote(&mut self) {
		use pallet_networks::Call::{close_network, halt_network, open_network};
		let network = self.numbers.one_of(&self.networks);
		let call: RuntimeCall = match self.numbers.below(14) {
			0 | 1 => {
				let percent = self.numbers.below(101) as u32;
				self.tally.votes_on_kappa += 1;
				return set_kappa(&mut self.chain, percent);
			}
			2 => {
				let percent = self.numbers.below(120) as u32;
				let (key, value) = (channels::BondPercent, Some(percent));
				parameter(channels::Parameters::BondPercent(key, value))
			}
			3 => {
				let windows = GRACE_WINDOWS_MIN - 20 + self.numbers.below(100) as u32;
				let (key, value) = (channels::GraceWindows, Some(windows));
				parameter(channels::Parameters::GraceWindows(key, value))
			}
			4 => halt_network { network }.into(),
			5 => close_network { network }.into(),
			6 | 7 => open_network { network }.into(),
			8 | 9 => self.allot(),
			10 | 11 => self.approve_spend(),
			12 => {
				let who = account(self.numbers.one_of(&ACCOUNTS)).into();
				RuntimeCall::FellowshipCollective(pallet_ranked_collective::Call::add_member {
					who,
				})
			}
			_ => self.stop_or_resume_offers(),
		};
		self.note_call(&call);
		let outcome = self.chain.with(|| call.dispatch_bypass_filter(RuntimeOrigin::root()));
		self.tally.votes += usize::from(outcome.is_ok());
	}

	/// The treasury is to pay someone.
	fn approve_spend(&mut self) -> RuntimeCall {
		let amount = Balance::from(1 + self.numbers.below(1_000)) * GRM;
		let beneficiary = Box::new(account(self.numbers.one_of(&ACCOUNTS)));
		RuntimeCall::Treasury(pallet_treasury::Call::spend {
			asset_kind: Box::new(()),
			amount,
			beneficiary,
			valid_from: None,
		})
	}

	/// Stops a call, or lets it pass again.
	fn stop_or_resume_offers(&mut self) -> RuntimeCall {
		let name = full_name("Routes.remove_offer");
		RuntimeCall::TxPause(match self.numbers.below(2) {
			0 => pallet_tx_pause::Call::pause { full_name: name },
			_ => pallet_tx_pause::Call::unpause { ident: name },
		})
	}

	/// Gives a payer one of four ranges of addresses, or takes it back.
	fn allot(&mut self) -> RuntimeCall {
		let payer = account(self.numbers.one_of(&ACCOUNTS));
		let first = 0xFC00_0400 + 0x400 * self.numbers.below(4) as u32;
		let range = AddressRange {
			first: DevAddr::from_number(first),
			last: DevAddr::from_number(first + 0x3FF),
		};
		match self.numbers.below(2) {
			0 => pallet_routes::Call::take_back_addresses { payer, range }.into(),
			_ => pallet_routes::Call::allot_addresses { payer, range }.into(),
		}
	}
}

/// What a vote calls that sets a parameter of channels.
fn parameter(parameter: channels::Parameters) -> RuntimeCall {
	let parameter = RuntimeParameters::Channels(parameter);
	pallet_governed_parameters::Call::set_parameter { parameter }.into()
}
