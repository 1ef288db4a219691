//! Random sequences of openings, claims, closings and passing time against every invariant.

use frame_support::weights::Weight;
use groma_core::{DeviceId, money::Credits};
use groma_fakes::put_device;
use proptest::prelude::*;

use crate::{ChannelOrder, WeightInfo, mock::*};

#[derive(Clone, Debug)]
enum Action {
	Open { credits: Credits, seats: u16, days: u32 },
	Claim { channel: u64, vouchers: Vec<(DeviceId, Credits)> },
	Close { channel: u64 },
	Finish { channel: u64 },
	Windows(u32),
	Price(u64),
	Sell { device: DeviceId, owner: AccountId },
	Payable(bool),
	Idle(u64),
}

fn action() -> impl Strategy<Value = Action> {
	let channel = || 0u64..6;
	let vouchers = proptest::collection::vec((0u32..10, 1u64..2_000), 1..6);
	prop_oneof![
		3 => (1u64..5_000, 1u16..6, 0u32..3)
			.prop_map(|(credits, seats, days)| Action::Open { credits, seats, days }),
		6 => (channel(), vouchers)
			.prop_map(|(channel, vouchers)| Action::Claim { channel, vouchers }),
		1 => channel().prop_map(|channel| Action::Close { channel }),
		2 => channel().prop_map(|channel| Action::Finish { channel }),
		2 => (1u32..400).prop_map(Action::Windows),
		1 => (10_000_000u64..1_000_000_000).prop_map(Action::Price),
		1 => (0u32..9, 11u64..16).prop_map(|(device, owner)| Action::Sell { device, owner }),
		1 => proptest::bool::weighted(0.8).prop_map(Action::Payable),
		2 => (0u64..10).prop_map(Action::Idle),
	]
}

/// Most actions fail in most states, which is the point: the invariants hold all the same.
fn perform(action: Action) {
	let now = CurrentWindow::get();
	begin_block();
	match action {
		Action::Open { credits, seats, days } => {
			let expires = now + 288 + days * 288;
			let _ = open_with(ChannelOrder { seats_max: seats, expires, ..order(credits) });
		}
		Action::Claim { channel, vouchers } => {
			let signed: Vec<_> = vouchers
				.into_iter()
				.map(|(device, credits)| voucher(channel, device, credits, credits))
				.collect();
			let _ = claim(channel, &signed);
		}
		Action::Close { channel } => {
			let _ = close(PAYER, channel);
		}
		Action::Finish { channel } => {
			let _ = finish(channel);
		}
		Action::Windows(windows) => {
			CurrentWindow::set(&(now + windows));
			NowMs::set(&NowMs::get().map(|now_ms| now_ms + u64::from(windows) * 300_000));
		}
		Action::Price(nano_usd) => {
			LastGood::set(&nano_usd);
			EpochMean::set(&nano_usd);
		}
		Action::Sell { device, owner } => put_device(device, device_of(owner, LORAWAN)),
		Action::Payable(is_payable) => IsPayable::set(&is_payable),
		Action::Idle(seats) => {
			let step = <() as WeightInfo>::sweep_seat();
			idle(step.saturating_mul(seats).saturating_add(Weight::from_parts(0, 1)));
		}
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(96))]

	#[test]
	fn nothing_is_lost_or_gained(actions in proptest::collection::vec(action(), 1..120)) {
		ExtBuilder.build().execute_with(|| {
			for action in actions {
				perform(action);
				check();
			}
		});
	}
}
