//! A copy of all routes and offers, by which a gateway finds who buys a packet without asking the
//! chain about each.
//!
//! ```text
//!  finalized block ──▶ versions ──differ──▶ all pages as of that block ──▶ tables ──▶ look-ups
//!                         └──the same──▶ nothing is read
//! ```
//!
//! A list whose number of changes differs from that of the copy is read again as a whole, however
//! many changes lie between: no change is missed, and none is applied twice. One node is asked, and
//! believed: use your own.

use std::collections::{BTreeMap, BTreeSet};

use groma_core::{
	DeviceId,
	api::{OfferInfo, RouteInfo, RouteVersions},
	protocol::PAYERS_PER_JOIN_EUI_MAX,
	words::{DevAddr, JoinEui},
};

use crate::chain::{AccountId, At, BlockRef, ChainError, Listed, RpcChain};

/// After how many blocks offers are read again although none changed: an hour in production. A
/// device that is sold or removed, and new terms of its network, make an offer that is not current
/// of one that was.
const OFFERS_AGE_BLOCKS_MAX: u32 = 600;

/// What was read again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Renewed {
	/// Whether routes were.
	pub routes: bool,
	/// Whether offers were.
	pub offers: bool,
}

/// The copy.
#[derive(Debug, Default)]
pub struct Mirror {
	/// The last block that was followed.
	block: Option<BlockRef>,
	routes: Routes,
	offers: Offers,
}

/// Payers, and what of a packet leads to them.
#[derive(Debug, Default)]
struct Routes {
	version: Option<u64>,
	payers: BTreeMap<AccountId, RouteInfo<AccountId>>,
	/// The payer of every range, by the last address, with the first one.
	ranges: BTreeMap<DevAddr, (DevAddr, AccountId)>,
	/// The payers of every JoinEUI.
	joins: BTreeMap<JoinEui, BTreeSet<AccountId>>,
}

/// What devices sell.
#[derive(Debug, Default)]
struct Offers {
	version: Option<u64>,
	/// The number of the block of which they are.
	block: u32,
	devices: BTreeMap<DeviceId, Vec<OfferInfo<AccountId>>>,
}

impl Mirror {
	/// A copy of what the chain lists after a block.
	pub async fn read(chain: &RpcChain, block: BlockRef) -> Result<Self, ChainError> {
		let mut mirror = Self::default();
		mirror.follow(chain, block).await?;
		Ok(mirror)
	}

	/// Follows to a finalized block: reads again what changed since the one before. One that is
	/// not after the last is ignored. On an error the copy stays as it is, and the next block
	/// makes up for it.
	///
	/// As long as the chain cannot read its numbers of changes it takes no change, so lists are
	/// read once and then kept.
	pub async fn follow(
		&mut self,
		chain: &RpcChain,
		block: BlockRef,
	) -> Result<Renewed, ChainError> {
		if self.block.is_some_and(|last| block.number <= last.number) {
			return Ok(Renewed::default());
		}
		let at = At::Block(block.hash);
		let versions = chain.route_versions(at).await?;
		let due = self.due(versions, block.number);
		let routes = match due.routes {
			true => Some(chain.routes(at).await?),
			false => None,
		};
		let offers = match due.offers {
			true => Some(chain.offers(at).await?),
			false => None,
		};
		if let Some(listed) = routes {
			self.routes = Routes::of(listed);
		}
		if let Some(listed) = offers {
			self.offers = Offers::of(listed, block.number);
		}
		self.block = Some(block);
		Ok(due)
	}

	/// What has to be read as of a block with these numbers of changes.
	fn due(&self, versions: Option<RouteVersions>, block: u32) -> Renewed {
		if self.block.is_none() {
			return Renewed { routes: true, offers: true };
		}
		let age = block.saturating_sub(self.offers.block);
		Renewed {
			routes: self.routes.version != versions.map(|versions| versions.routes),
			offers: self.offers.version != versions.map(|versions| versions.offers)
				|| age >= OFFERS_AGE_BLOCKS_MAX,
		}
	}

	/// The last block that was followed; `None` before the first.
	pub fn block(&self) -> Option<BlockRef> {
		self.block
	}

	/// How often routes changed until then; `None` if the chain cannot read it.
	pub fn routes_version(&self) -> Option<u64> {
		self.routes.version
	}

	/// All payers, by account.
	pub fn payers(&self) -> impl Iterator<Item = &RouteInfo<AccountId>> {
		self.routes.payers.values()
	}

	/// Who buys data packets of this address. Its route is absent as long as it has set none.
	pub fn payer_of(&self, address: DevAddr) -> Option<&RouteInfo<AccountId>> {
		// Ranges have no address in common, so it lies in the first that does not end before it.
		let (_, (first, payer)) = self.routes.ranges.range(address..).next()?;
		self.routes.payers.get(payer).filter(|_| *first <= address)
	}

	/// Who buys requests to join with this JoinEUI, by account: at most eight.
	pub fn payers_of_join(&self, join_eui: JoinEui) -> Vec<&RouteInfo<AccountId>> {
		let payers = self.routes.joins.get(&join_eui).into_iter().flatten();
		// The chain lists no more. A node that does has no one ask hundreds of routers.
		let payers = payers.take(PAYERS_PER_JOIN_EUI_MAX as usize);
		payers.filter_map(|payer| self.routes.payers.get(payer)).collect()
	}

	/// What a device sells. Nothing should be bought by an offer that is not current.
	pub fn offers_of(&self, device: DeviceId) -> &[OfferInfo<AccountId>] {
		self.offers.devices.get(&device).map(Vec::as_slice).unwrap_or_default()
	}
}

impl Routes {
	fn of(listed: Listed<RouteInfo<AccountId>>) -> Self {
		let mut routes = Self { version: listed.version, ..Self::default() };
		for info in listed.entries {
			for range in &info.ranges {
				routes.ranges.insert(range.last, (range.first, info.payer));
			}
			for join_eui in &info.join_euis {
				routes.joins.entry(*join_eui).or_default().insert(info.payer);
			}
			routes.payers.insert(info.payer, info);
		}
		routes
	}
}

impl Offers {
	fn of(listed: Listed<OfferInfo<AccountId>>, block: u32) -> Self {
		let mut devices: BTreeMap<DeviceId, Vec<_>> = BTreeMap::new();
		for info in listed.entries {
			devices.entry(info.device).or_default().push(info);
		}
		Self { version: listed.version, block, devices }
	}
}

#[cfg(test)]
mod tests {
	use groma_core::api::methods;

	use super::*;
	use crate::chain::routes::tests::{Directory, Node, directory, offer, payer};

	const NOTHING: Renewed = Renewed { routes: false, offers: false };
	const BOTH: Renewed = Renewed { routes: true, offers: true };

	fn block(number: u32) -> BlockRef {
		BlockRef { number, hash: [number as u8; 32] }
	}

	/// A node, and what was read of it as of block 1.
	async fn mirror(directory: Directory) -> (Node, RpcChain, Mirror) {
		let node = Node::of(directory);
		let chain = node.chain();
		let mirror = Mirror::read(&chain, block(1)).await.expect("a mirror");
		node.calls();
		(node, chain, mirror)
	}

	/// Sets the numbers of changes.
	fn count(directory: &mut Directory, routes: u64, offers: u64) {
		directory.versions = Some(RouteVersions { routes, offers });
	}

	fn address(number: u32) -> DevAddr {
		DevAddr::from_number(number)
	}

	#[tokio::test]
	async fn packet_is_found_its_payer() {
		let mut listed = directory();
		listed.routes[3].route = None;
		let (_, _, mirror) = mirror(listed).await;
		for (number, expected) in [
			(0x0100_00ff, None),
			(0x0100_0100, Some(1)),
			(0x0100_01ff, Some(1)),
			(0x0100_0200, Some(2)),
			(0x0100_0480, Some(4)),
			(0x0100_05ff, Some(5)),
			(0x0100_0600, None),
			(u32::MAX, None),
		] {
			let found = mirror.payer_of(address(number)).map(|info| info.payer);
			assert_eq!(found, expected.map(|n| AccountId::from([n; 32])), "{number:08x}");
		}
		// Whose addresses they are is known, although it says not where packets go.
		let without = mirror.payer_of(address(0x0100_0480)).expect("a payer");
		assert_eq!(without.route, None);
		assert_eq!(mirror.payers().count(), 5);
		assert_eq!((mirror.routes_version(), mirror.block()), (Some(7), Some(block(1))));
	}

	#[tokio::test]
	async fn request_to_join_is_found_at_most_eight_payers() {
		let join_euis = |n: u8| if n <= 2 { vec![1, 2] } else { vec![2] };
		let routes = (1..=12).map(|n| payer(n, &join_euis(n))).collect();
		let (_, _, mirror) = mirror(Directory { routes, ..directory() }).await;
		let payers = |n: u8| -> Vec<u8> {
			let found = mirror.payers_of_join(JoinEui([n; 8]));
			found.iter().map(|info| info.payer.0[0]).collect()
		};
		assert_eq!(payers(1), [1, 2]);
		// Twelve are more than the chain lists.
		assert_eq!(payers(2), [1, 2, 3, 4, 5, 6, 7, 8]);
		assert!(payers(3).is_empty());
	}

	#[tokio::test]
	async fn nothing_is_read_when_nothing_changed() {
		let (node, chain, mut mirror) = mirror(directory()).await;
		assert_eq!(mirror.follow(&chain, block(2)).await, Ok(NOTHING));
		assert_eq!(node.calls(), [methods::ROUTE_VERSIONS]);
		// A block that is not after the last one is not asked about.
		assert_eq!(mirror.follow(&chain, block(2)).await, Ok(NOTHING));
		assert_eq!(mirror.follow(&chain, block(1)).await, Ok(NOTHING));
		assert!(node.calls().is_empty());
		assert_eq!(mirror.block(), Some(block(2)));
	}

	#[tokio::test]
	async fn only_the_list_that_changed_is_read_again() {
		let (node, chain, mut mirror) = mirror(directory()).await;
		node.change(|directory| {
			count(directory, 8, 3);
			directory.routes.remove(0);
		});
		let renewed = mirror.follow(&chain, block(2)).await;
		assert_eq!(renewed, Ok(Renewed { routes: true, offers: false }));
		assert!(mirror.payer_of(address(0x0100_0100)).is_none());
		assert!(mirror.payers_of_join(JoinEui([1; 8])).is_empty());

		node.change(|directory| {
			count(directory, 8, 4);
			directory.offers.push(offer(11, 1));
		});
		let renewed = mirror.follow(&chain, block(3)).await;
		assert_eq!(renewed, Ok(Renewed { routes: false, offers: true }));
		assert_eq!(mirror.offers_of(11), [offer(11, 0), offer(11, 1)]);
		assert!(mirror.offers_of(14).is_empty());
	}

	#[tokio::test]
	async fn nothing_is_missed_when_versions_jump() {
		let (node, chain, mut mirror) = mirror(directory()).await;
		// Blocks that were not followed made forty changes.
		node.change(|directory| {
			count(directory, 37, 13);
			directory.routes = vec![payer(9, &[1, 9])];
			directory.offers.clear();
		});
		assert_eq!(mirror.follow(&chain, block(90)).await, Ok(BOTH));
		assert_eq!(mirror.payers().cloned().collect::<Vec<_>>(), [payer(9, &[1, 9])]);
		assert_eq!(mirror.payers_of_join(JoinEui([1; 8])), [&payer(9, &[1, 9])]);
		assert!(mirror.payer_of(address(0x0100_0100)).is_none());
		assert!(mirror.offers_of(11).is_empty());
		assert_eq!(mirror.routes_version(), Some(37));
	}

	#[tokio::test]
	async fn copy_stays_as_it_is_when_pages_change_while_they_are_read() {
		let (node, chain, mut mirror) = mirror(directory()).await;
		node.change(|directory| {
			count(directory, 8, 4);
			directory.routes.remove(0);
			directory.offers.clear();
			directory.restless_after = Some(0);
		});
		let error = mirror.follow(&chain, block(2)).await.expect_err("it never rests");
		assert!(matches!(error, ChainError::UnfitPages { .. }), "{error}");
		assert_eq!((mirror.payers().count(), mirror.block()), (5, Some(block(1))));
		assert_eq!(mirror.offers_of(11), [offer(11, 0)]);

		// The next block makes up for it.
		node.change(|directory| directory.restless_after = None);
		assert_eq!(mirror.follow(&chain, block(3)).await, Ok(BOTH));
		assert_eq!(mirror.payers().count(), 4);
	}

	#[tokio::test]
	async fn lists_are_read_once_as_long_as_their_version_does_not_decode() {
		let (node, chain, mut mirror) = mirror(directory()).await;
		node.change(|directory| directory.versions = None);
		assert_eq!(mirror.follow(&chain, block(2)).await, Ok(BOTH));
		assert_eq!((mirror.routes_version(), mirror.payers().count()), (None, 5));
		assert_eq!(mirror.follow(&chain, block(3)).await, Ok(NOTHING));

		// An upgrade mends it.
		node.change(|directory| count(directory, 7, 3));
		assert_eq!(mirror.follow(&chain, block(4)).await, Ok(BOTH));
		assert_eq!(mirror.routes_version(), Some(7));
		assert_eq!(mirror.follow(&chain, block(5)).await, Ok(NOTHING));
	}

	#[tokio::test]
	async fn offers_are_read_again_after_an_hour() {
		let (node, chain, mut mirror) = mirror(directory()).await;
		// The device is sold, which is no change of its offer.
		node.change(|directory| directory.offers[0].is_current = false);
		let last = block(OFFERS_AGE_BLOCKS_MAX);
		assert_eq!(mirror.follow(&chain, last).await, Ok(NOTHING));
		assert!(mirror.offers_of(11)[0].is_current);
		let renewed = mirror.follow(&chain, block(OFFERS_AGE_BLOCKS_MAX + 1)).await;
		assert_eq!(renewed, Ok(Renewed { routes: false, offers: true }));
		assert!(!mirror.offers_of(11)[0].is_current);
	}
}
