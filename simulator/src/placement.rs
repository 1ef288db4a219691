//! Where the members of a field stand: honest devices on real positions that hear each other,
//! cheats where they serve their purpose.

use std::f64::consts::TAU;

use groma_core::{RegionId, radio::DISTANCE_MAX_M, region};
use rand::{Rng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

use crate::{
	behaviour::Behaviour,
	positions::{self, Position, Town},
	propagation::{Draw, Propagation, random},
	station::{Member, Site, Station, typical_transmission},
};

/// The least distance of two honest devices in metres: links are valid from 300 m on.
const SPACING_M: u64 = 500;
/// How far from the middle of a cluster its devices stand at most, in metres.
const CLUSTER_RADIUS_M: u64 = 20_000;
/// How many others each honest device hears, and is heard by, at least.
const NEIGHBOURS_MIN: usize = 3;
/// How often every group of sites is looked at.
const PASSES: usize = 3;
/// The least distance in metres from every honest device of what should hear none, or be out of
/// reach.
const SECLUDED_M: u64 = DISTANCE_MAX_M + 5_000;
/// How often a place is drawn for a cheat before giving up.
const TRIES: u64 = 2_000;
/// Sites below this are those of the real gateways, by their place in the table.
const MADE_UP_SITES: u32 = 1 << 16;

/// What a field should be. The same specification gives the same field.
#[derive(Clone, Debug, Default)]
pub struct FieldSpec {
	/// How many honest devices.
	pub devices: usize,
	/// The cheats among them, in addition; those of one group behaviour act as one group.
	pub cheats: Vec<Behaviour>,
	/// What everything is drawn from.
	pub seed: u64,
	/// Towns to lay the field out in; without any, it stands where real gateways stand.
	pub towns: Vec<Town>,
	/// How far misplaced devices are from the locations that they assert, in metres; without it,
	/// each by a distance that is drawn.
	pub misplaced_by_m: Option<u32>,
}

/// Why there is no such field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
	/// There are too few positions that hear each other.
	#[error(
		"only {found} of {wanted} devices find a place among the known positions: ask for fewer, or give towns"
	)]
	TooFewPositions {
		/// Devices asked for.
		wanted: usize,
		/// Devices that have a place.
		found: usize,
	},
	/// A cheat finds no place that serves its purpose.
	#[error("no place serves a {0}: try another seed")]
	NoPlaceFor(Behaviour),
}

/// The members of a field and their radios.
pub(crate) fn lay_out(
	spec: &FieldSpec,
	propagation: &Propagation,
) -> Result<(Vec<Member>, Vec<Station>), FieldError> {
	let mut layout = Layout {
		propagation,
		rng: random(spec.seed, Draw::Placement, [0, 0]),
		members: Vec::new(),
		stations: Vec::new(),
		honest: spec.devices,
		misplaced_by_m: spec.misplaced_by_m,
		sites: MADE_UP_SITES,
		owners: 0,
	};
	layout.place_honest(spec.devices, &spec.towns)?;
	for cheat in Behaviour::ALL[1..].iter() {
		let count = spec.cheats.iter().filter(|other| *other == cheat).count();
		layout.place_cheats(*cheat, count)?;
	}
	Ok((layout.members, layout.stations))
}

struct Layout<'a> {
	propagation: &'a Propagation,
	rng: ChaCha8Rng,
	members: Vec<Member>,
	stations: Vec<Station>,
	/// How many of the stations belong to honest devices: the first ones.
	honest: usize,
	/// How far misplaced devices are wrong, in metres.
	misplaced_by_m: Option<u32>,
	/// The next free site number.
	sites: u32,
	/// The next free owner number.
	owners: u32,
}

impl Layout<'_> {
	fn place_honest(&mut self, wanted: usize, towns: &[Town]) -> Result<(), FieldError> {
		let gateways = positions::gateways();
		let mut groups: Vec<Group> = if towns.is_empty() {
			gateways.iter().copied().map(Group::Gateways).collect()
		} else {
			towns.iter().copied().map(Group::Town).collect()
		};
		groups.shuffle(&mut self.rng);
		// Devices that were too few for a separate cluster find a place in one of the others
		// later.
		for group in groups.iter().cycle().take(PASSES * groups.len()) {
			if self.stations.len() == wanted {
				break;
			}
			let sites = self.sites_of(group, &gateways);
			for station in self.cluster(&sites, wanted - self.stations.len()) {
				self.join_own_owner(Behaviour::Honest, station.position, station);
			}
		}
		match self.stations.len() {
			found if found < wanted => Err(FieldError::TooFewPositions { wanted, found }),
			_ => Ok(()),
		}
	}

	/// The sites of a group, nearest to its middle first.
	fn sites_of(&mut self, group: &Group, gateways: &[Position]) -> Vec<Site> {
		match group {
			Group::Gateways(centre) => around(*centre, gateways)
				.into_iter()
				.map(|(number, position)| Site { number, position, region: region::EU868 })
				.collect(),
			Group::Town(town) => {
				let model = gateways.choose(&mut self.rng).copied().unwrap_or(town.centre);
				let near: Vec<_> =
					around(model, gateways).into_iter().map(|(_, near)| near).collect();
				positions::transplant(model, &near, town.centre)
					.into_iter()
					.map(|position| self.site(position, town.region))
					.collect()
			}
		}
	}

	/// Up to `wanted` of the sites, nearest to the first one first, each of which hears enough of
	/// the others or of those that were placed before.
	fn cluster(&self, sites: &[Site], wanted: usize) -> Vec<Station> {
		let Some(middle) = sites.first().and_then(|site| site.position.vector()) else {
			return Vec::new();
		};
		let placed: Vec<_> = self
			.stations
			.iter()
			.filter(|station| station.vector.separation(middle).metres() <= 2 * CLUSTER_RADIUS_M)
			.cloned()
			.collect();
		let mut cluster = Vec::<Station>::new();
		for station in sites.iter().filter_map(|site| Station::on(site, Behaviour::Honest)) {
			if cluster.len() == wanted {
				break;
			}
			let is_spaced = placed
				.iter()
				.chain(&cluster)
				.all(|other| other.vector.separation(station.vector).metres() >= SPACING_M);
			let enough = cluster.len().div_ceil(2).min(NEIGHBOURS_MIN);
			let neighbours =
				self.neighbours(&station, &cluster) + self.neighbours(&station, &placed);
			if is_spaced && neighbours >= enough {
				cluster.push(station);
			}
		}
		self.without_lonely(cluster, &placed)
	}

	/// Leaves out stations with too few neighbours until every one that stays has enough.
	fn without_lonely(&self, mut cluster: Vec<Station>, placed: &[Station]) -> Vec<Station> {
		let enough = NEIGHBOURS_MIN.min(self.honest.saturating_sub(1));
		loop {
			let whole = cluster.clone();
			cluster.retain(|station| {
				self.neighbours(station, &whole) + self.neighbours(station, placed) >= enough
			});
			if cluster.len() == whole.len() {
				return cluster;
			}
		}
	}

	/// How many of `others` the station hears and is heard by, at the shortest-reaching data rate.
	fn neighbours(&self, station: &Station, others: &[Station]) -> usize {
		let transmission = typical_transmission(station.region, 7);
		others
			.iter()
			.filter(|other| other.site != station.site && other.region == station.region)
			.filter(|other| {
				let separation = station.vector.separation(other.vector);
				let sites = (station.site, other.site);
				self.propagation.is_mutual(sites, separation, &transmission)
			})
			.count()
	}

	fn place_cheats(&mut self, cheat: Behaviour, count: usize) -> Result<(), FieldError> {
		let failure = FieldError::NoPlaceFor(cheat);
		let placed = match cheat {
			_ if count == 0 => Some(()),
			Behaviour::Sister => self.place_secluded(cheat, count, true),
			Behaviour::Fleet => self.place_secluded(cheat, count, false),
			Behaviour::Voices => self.place_voices(count),
			Behaviour::Squatter => (0..count).try_for_each(|_| self.place_squatter()),
			_ => (0..count).try_for_each(|_| self.place_near(cheat)),
		};
		placed.ok_or(failure)
	}

	/// A cheat in the middle of honest devices, at its true place or with one that it makes up.
	fn place_near(&mut self, cheat: Behaviour) -> Option<()> {
		let station = self.station_near(cheat)?;
		let position = station.position;
		let asserted = match cheat {
			Behaviour::Stranger => self.secluded_position()?,
			Behaviour::Misplaced => {
				// Drawn in any case, so that the same field results whatever the distance.
				let drawn = 1_000.0 * 100f64.powf(self.rng.r#gen());
				let metres = self.misplaced_by_m.map_or(drawn, f64::from);
				position.moved(metres, self.rng.gen_range(0.0..TAU))
			}
			_ => position,
		};
		self.join_own_owner(cheat, asserted, station);
		Some(())
	}

	/// Devices far from everyone else, a kilometre or more from each other: of one owner and with
	/// radios that reach each other, or of several owners and without radios.
	fn place_secluded(&mut self, cheat: Behaviour, count: usize, is_one_owner: bool) -> Option<()> {
		let centre = self.secluded_position()?;
		let owner = self.owners;
		let mut group = Vec::<Station>::new();
		for _ in 0..count {
			let station = (0..TRIES).find_map(|_| {
				let spread = 2_000.0 * (count as f64).sqrt();
				let offset = self.rng.gen_range(0.0..spread);
				let position = centre.moved(offset, self.rng.gen_range(0.0..TAU));
				let station = self.station_at(position, self.region_of_field(), cheat)?;
				let is_spaced = group
					.iter()
					.all(|other| other.vector.separation(station.vector).metres() >= 1_000);
				let wanted = if cheat.radio().hears { group.len().min(1) } else { 0 };
				(is_spaced && self.neighbours(&station, &group) >= wanted).then_some(station)
			})?;
			group.push(station.clone());
			if !is_one_owner {
				self.join_own_owner(cheat, station.position, station);
				continue;
			}
			self.join(cheat, owner, station.position, station);
		}
		self.owners = self.owners.max(owner + 1);
		Some(())
	}

	/// One radio among honest devices, and around it the asserted locations of all who speak
	/// through it.
	fn place_voices(&mut self, count: usize) -> Option<()> {
		let station = self.station_near(Behaviour::Voices)?;
		let centre = station.position;
		let index = self.stations.len();
		self.stations.push(station);
		for _ in 0..count {
			let metres = self.rng.gen_range(400.0..4_000.0);
			let asserted = centre.moved(metres, self.rng.gen_range(0.0..TAU)).cell()?;
			let owner = self.new_owner();
			self.members.push(Member {
				behaviour: Behaviour::Voices,
				station: index,
				owner,
				asserted,
			});
		}
		Some(())
	}

	/// A dead device in the very cell of an honest one.
	fn place_squatter(&mut self) -> Option<()> {
		let anchor = self.anchor()?;
		let station = self.station_at(anchor.position, anchor.region, Behaviour::Squatter)?;
		self.join_own_owner(Behaviour::Squatter, anchor.position, station);
		Some(())
	}

	/// A station near an honest device; if it uses radio, one that would earn if it were honest.
	fn station_near(&mut self, cheat: Behaviour) -> Option<Station> {
		let uses_radio = cheat.radio().hears || cheat.radio().transmits;
		(0..TRIES).find_map(|_| {
			let anchor = self.anchor()?;
			let metres = self.rng.gen_range(500.0..3_000.0);
			let position = anchor.position.moved(metres, self.rng.gen_range(0.0..TAU));
			let station = self.station_at(position, anchor.region, cheat)?;
			let honest = self.stations.get(..self.honest)?;
			let is_spaced =
				honest.iter().all(|other| other.vector.separation(station.vector).metres() >= 400);
			let wanted = if uses_radio { NEIGHBOURS_MIN.min(honest.len()) } else { 0 };
			(is_spaced && self.neighbours(&station, honest) >= wanted).then_some(station)
		})
	}

	fn station_at(
		&mut self,
		position: Position,
		region: RegionId,
		cheat: Behaviour,
	) -> Option<Station> {
		Station::on(&self.site(position, region), cheat)
	}

	/// A new site.
	fn site(&mut self, position: Position, region: RegionId) -> Site {
		self.sites = self.sites.wrapping_add(1);
		Site { number: self.sites, position, region }
	}

	/// A point out of reach of every honest device, and of whatever else is in the field.
	fn secluded_position(&mut self) -> Option<Position> {
		(0..TRIES).find_map(|_| {
			let anchor = self.anchor()?;
			let metres = self.rng.gen_range(150_000.0..900_000.0);
			let position = anchor.position.moved(metres, self.rng.gen_range(0.0..TAU));
			let vector = position.vector()?;
			let is_secluded = self
				.stations
				.iter()
				.all(|station| station.vector.separation(vector).metres() >= SECLUDED_M);
			is_secluded.then_some(position)
		})
	}

	/// Some honest device's radio.
	fn anchor(&mut self) -> Option<Station> {
		self.stations.get(..self.honest)?.choose(&mut self.rng).cloned()
	}

	fn region_of_field(&self) -> RegionId {
		self.stations.first().map_or(region::EU868, |station| station.region)
	}

	fn new_owner(&mut self) -> u32 {
		self.owners += 1;
		self.owners - 1
	}

	fn join_own_owner(&mut self, behaviour: Behaviour, asserted: Position, station: Station) {
		let owner = self.new_owner();
		self.join(behaviour, owner, asserted, station);
	}

	fn join(&mut self, behaviour: Behaviour, owner: u32, asserted: Position, station: Station) {
		// A position that lies on the globe has a cell; every position here comes from one that
		// does.
		if let Some(asserted) = asserted.cell() {
			let index = self.stations.len();
			self.stations.push(station);
			self.members.push(Member { behaviour, station: index, owner, asserted });
		}
	}
}

/// Sites that belong together.
enum Group {
	/// The real gateways around one of them.
	Gateways(Position),
	/// A town.
	Town(Town),
}

/// The positions within a cluster's radius of `centre` with their indices, nearest first.
fn around(centre: Position, positions: &[Position]) -> Vec<(u32, Position)> {
	let mut near: Vec<_> = positions
		.iter()
		.zip(0u32..)
		.filter_map(|(position, index)| Some((centre.metres_to(*position)?, index, *position)))
		.filter(|(metres, ..)| *metres <= CLUSTER_RADIUS_M)
		.collect();
	near.sort_by_key(|(metres, index, _)| (*metres, *index));
	near.into_iter().map(|(_, index, position)| (index, position)).collect()
}
