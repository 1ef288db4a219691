//! A transmitter of false beacons in the names of others: those who hear one have to recognize it,
//! and to forget it, before it costs anyone anything.

use std::{sync::Arc, time::Duration};

use groma_client::shutdown::Shutdown;
use groma_core::{
	DeviceId, WindowIndex,
	frame::Beacon,
	radio::{Reception, Transmission},
	words::Signature,
};
use rand::{Rng, RngCore, seq::SliceRandom};
use tokio::sync::watch;

use crate::{
	air::{Air, Frame},
	behaviour::Behaviour,
	field::Field,
	propagation::{Draw, random},
	station::typical_transmission,
	testimony::{Beaconing, Testimony},
};

/// The time between two false beacons.
const EVERY: Duration = Duration::from_secs(3);

/// Transmits from `station`, in the names of `victims`, for the window that `window` shows, until
/// it is to stop.
pub(crate) async fn run(
	air: Arc<Air>,
	station: usize,
	victims: Vec<DeviceId>,
	window: watch::Receiver<WindowIndex>,
	mut shutdown: Shutdown,
) {
	let mut rng = random(station as u64, Draw::Cheat, [0, 0]);
	let region = air.field().stations().get(station).map(|station| station.region);
	let Some(region) = region else { return };
	loop {
		tokio::select! {
			() = shutdown.requested() => return,
			() = tokio::time::sleep(EVERY) => {},
		}
		let Some(victim) = victims.choose(&mut rng) else { return };
		let signature = made_up_signature(&mut rng);
		let payload = Beacon::new(*victim, *window.borrow(), signature).to_bytes().to_vec();
		let Transmission { eirp, frequency_hz, data_rate } =
			typical_transmission(region, rng.gen_range(7..10));
		let frame =
			Frame { payload, frequency_hz, data_rate, eirp, is_inverted: false, has_crc: true };
		air.deliver(station, frame);
	}
}

fn made_up_signature(rng: &mut impl RngCore) -> Signature {
	let mut signature = [0; 64];
	rng.fill_bytes(&mut signature);
	Signature(signature)
}

/// A false beacon of a window, without sockets.
#[derive(Clone, Debug)]
pub struct FalseBeacon {
	/// Which of the window's beacons it is taken for.
	pub(crate) beacon: usize,
	/// What it carries.
	pub(crate) signature: Signature,
	/// The stations that receive it, and how.
	pub receptions: Vec<(usize, Reception)>,
}

impl Field {
	/// What the impostors of the field transmit in a window: each a false beacon in the name of
	/// everyone who beacons.
	pub fn false_beacons(&self, beacons: &[Beaconing]) -> Vec<FalseBeacon> {
		let impostors =
			self.members().iter().filter(|member| member.behaviour == Behaviour::Impostor);
		impostors
			.flat_map(|impostor| {
				beacons.iter().enumerate().map(|(beacon, genuine)| {
					let subjects = [impostor.station as u64, genuine.device.into()];
					let mut rng = random(genuine.window.into(), Draw::Cheat, subjects);
					let signature = made_up_signature(&mut rng);
					let receptions =
						self.hear(impostor.station, &genuine.transmission, rng.next_u64());
					FalseBeacon { beacon, signature, receptions }
				})
			})
			.collect()
	}

	/// What is stated about the false beacons that `is_taken_for_genuine` lets pass, by everyone
	/// who hears them. `names` are the members' names on chain.
	pub fn deceived(
		&self,
		names: &[Option<DeviceId>],
		beacons: &[Beaconing],
		false_beacons: &[FalseBeacon],
		mut is_taken_for_genuine: impl FnMut(&Beaconing, &Signature) -> bool,
	) -> Vec<Testimony> {
		let mut deceived = Vec::new();
		for FalseBeacon { beacon, signature, receptions } in false_beacons {
			let Some(genuine) = beacons.get(*beacon) else { continue };
			if receptions.is_empty() || !is_taken_for_genuine(genuine, signature) {
				continue;
			}
			let stated = self.stated_by_hearers(names, &genuine.challenge, signature, receptions);
			deceived.extend(
				stated
					.into_iter()
					// No one is deceived about its own beacon.
					.filter(|(witness, _)| *witness != genuine.member)
					.map(|(witness, statement)| Testimony { witness, beacon: *beacon, statement }),
			);
		}
		deceived
	}
}

#[cfg(test)]
mod tests {
	use groma_core::payload;

	use super::*;
	use crate::field::FieldSpec;

	#[test]
	fn false_beacons_deceive_those_who_hear_them_when_they_pass() {
		let cheats = vec![Behaviour::Impostor; 2];
		let spec = FieldSpec { devices: 20, cheats, seed: 3, ..FieldSpec::default() };
		let field = Field::new(&spec).expect("a field");
		let names: Vec<_> = (0..20).map(Some).chain([None; 2]).collect();
		let beacons: Vec<_> = (0..20)
			.map(|member| Beaconing {
				member,
				device: member as DeviceId,
				window: 5,
				challenge: [member as u8; 32],
				signature: field.beacon_signature(member, &[member as u8; 32]),
				transmission: typical_transmission(0, 9),
			})
			.collect();
		let false_beacons = field.false_beacons(&beacons);
		assert_eq!(false_beacons.len(), 40);
		assert!(false_beacons.iter().all(|it| it.signature != beacons[it.beacon].signature));

		assert!(field.deceived(&names, &beacons, &false_beacons, |_, _| false).is_empty());
		let deceived = field.deceived(&names, &beacons, &false_beacons, |_, _| true);
		assert!(!deceived.is_empty(), "devices hear an impostor among 20 of them");
		for Testimony { witness, beacon, statement } in deceived {
			assert_ne!(witness, beacon);
			let genuine = payload::commitment(&beacons[beacon].signature, witness as DeviceId);
			assert_ne!(statement.observation.commitment, genuine);
		}
	}
}
