//! Where payers want the packets of their devices, and what devices sell, as the chain lists it.

use codec::{Decode, Encode};
use groma_core::{
	DeviceId,
	api::{OfferInfo, OfferPage, RouteInfo, RoutePage, RouteVersions, methods},
	protocol::LIST_LENGTH_MAX,
};

use super::{AccountId, At, ChainError, RpcChain};

/// The most pages of which a list is read, 262,144 payers or devices: a node that never ends is
/// left alone.
const PAGES_MAX: usize = 1_024;
/// How often a list is read whose pages do not belong together.
const ATTEMPTS_MAX: usize = 3;

/// All of a list, as of one block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed<T> {
	/// How often anything of it changed; `None` if the chain cannot read it.
	pub version: Option<u64>,
	/// The entries, in an order that means nothing.
	pub entries: Vec<T>,
}

/// A page of a list, whatever it lists.
struct Page<T, K> {
	version: Option<u64>,
	entries: Vec<T>,
	next: Option<K>,
}

impl<A> From<RoutePage<A>> for Page<RouteInfo<A>, A> {
	fn from(page: RoutePage<A>) -> Self {
		Self { version: page.version, entries: page.routes, next: page.next }
	}
}

impl<A> From<OfferPage<A>> for Page<OfferInfo<A>, DeviceId> {
	fn from(page: OfferPage<A>) -> Self {
		Self { version: page.version, entries: page.offers, next: page.next }
	}
}

impl RpcChain {
	/// How often routes and offers changed; `None` if the chain cannot read it. Then it takes no
	/// change either.
	pub async fn route_versions(&self, at: At) -> Result<Option<RouteVersions>, ChainError> {
		self.call(methods::ROUTE_VERSIONS, (), at).await
	}

	/// A payer, and which packets it buys; `None` if it has no route, no addresses and no JoinEUI.
	pub async fn route(
		&self,
		payer: AccountId,
		at: At,
	) -> Result<Option<RouteInfo<AccountId>>, ChainError> {
		self.call(methods::ROUTE, payer, at).await
	}

	/// All payers, and which packets they buy. Ask at a block: at [`At::Best`] pages may be of
	/// several blocks, which only their versions tell.
	pub async fn routes(&self, at: At) -> Result<Listed<RouteInfo<AccountId>>, ChainError> {
		self.list::<RoutePage<AccountId>, RouteInfo<AccountId>, AccountId>(methods::ROUTES, at)
			.await
	}

	/// All offers of devices. What [`Self::routes`] says of pages holds here too.
	pub async fn offers(&self, at: At) -> Result<Listed<OfferInfo<AccountId>>, ChainError> {
		self.list::<OfferPage<AccountId>, OfferInfo<AccountId>, DeviceId>(methods::OFFERS, at).await
	}

	/// A list whose pages all have one version. Pages of different versions are read again from the
	/// first one on.
	async fn list<P, T, K>(&self, api: &'static str, at: At) -> Result<Listed<T>, ChainError>
	where
		P: Decode + Into<Page<T, K>>,
		K: Encode + PartialEq,
	{
		for _ in 0..ATTEMPTS_MAX {
			if let Some(listed) = self.pages_of_one_version::<P, T, K>(api, at).await? {
				return Ok(listed);
			}
		}
		Err(self.unfit_pages(api, "they changed while they were read"))
	}

	/// All pages; `None` if one is of another version than those before it.
	async fn pages_of_one_version<P, T, K>(
		&self,
		api: &'static str,
		at: At,
	) -> Result<Option<Listed<T>>, ChainError>
	where
		P: Decode + Into<Page<T, K>>,
		K: Encode + PartialEq,
	{
		let mut after: Option<K> = None;
		let mut listed: Option<Listed<T>> = None;
		for _ in 0..PAGES_MAX {
			let answer: P = self.call(api, (&after, LIST_LENGTH_MAX), at).await?;
			let page: Page<T, K> = answer.into();
			let Page { version, entries, next } = page;
			match &mut listed {
				None => listed = Some(Listed { version, entries }),
				Some(listed) if listed.version == version => listed.entries.extend(entries),
				Some(_) => return Ok(None),
			}
			if next.is_none() {
				return Ok(listed);
			}
			if next == after {
				return Err(self.unfit_pages(api, "one names itself as the next"));
			}
			after = next;
		}
		Err(self.unfit_pages(api, "there is no last one"))
	}

	/// That the endpoint that answers now lists what cannot be.
	fn unfit_pages(&self, list: &'static str, reason: &'static str) -> ChainError {
		ChainError::UnfitPages { endpoint: self.endpoint_name().to_owned(), list, reason }
	}
}

#[cfg(test)]
pub(crate) mod tests {
	use std::sync::{Arc, Mutex};

	use groma_core::{
		route::{AddressRange, Endpoint, Offer, Route},
		words::{DevAddr, JoinEui, RouterKey},
	};
	use subxt::rpcs::{
		Error, UserError,
		client::{RawRpcFuture, RawRpcSubscription, RawValue, RpcClient, RpcClientT},
	};

	use super::*;
	use crate::{
		chain::wire::{HexBytes, to_hex},
		metrics::Metrics,
	};

	/// What a node of a test's making says. Payers are read in the order of the list.
	#[derive(Clone, Debug, Default)]
	pub(crate) struct Directory {
		/// The numbers of changes; `None` as long as they cannot be read.
		pub(crate) versions: Option<RouteVersions>,
		pub(crate) routes: Vec<RouteInfo<AccountId>>,
		pub(crate) offers: Vec<OfferInfo<AccountId>>,
		/// Entries on a page, in place of what is asked for.
		pub(crate) page: usize,
		/// After how many pages of routes each further one counts as a change.
		pub(crate) restless_after: Option<usize>,
		/// Whether every page names one that follows.
		pub(crate) is_endless: bool,
		/// The APIs that were called, in order.
		pub(crate) calls: Vec<String>,
	}

	/// The node, whose directory a test changes.
	#[derive(Clone)]
	pub(crate) struct Node(Arc<Mutex<Directory>>);

	impl Directory {
		fn answer(&mut self, api: &str, arguments: &[u8]) -> Vec<u8> {
			self.calls.push(api.to_owned());
			match api {
				methods::ROUTE_VERSIONS => self.versions.encode(),
				methods::ROUTES => {
					let read = self.calls.iter().filter(|call| *call == api).count();
					if let Some(versions) = &mut self.versions
						&& self.restless_after.is_some_and(|pages| read > pages)
					{
						versions.routes += 1;
					}
					let (after, limit) = <(Option<AccountId>, u32)>::decode(&mut &arguments[..])
						.expect("where to go on, and how far");
					assert_eq!(limit, LIST_LENGTH_MAX);
					let (routes, next) = self.cut(&self.routes, after, |route| route.payer);
					let version = self.versions.map(|versions| versions.routes);
					RoutePage { version, routes, next }.encode()
				}
				methods::OFFERS => {
					let (after, limit) = <(Option<DeviceId>, u32)>::decode(&mut &arguments[..])
						.expect("where to go on, and how far");
					assert_eq!(limit, LIST_LENGTH_MAX);
					let (offers, next) = self.cut(&self.offers, after, |offer| offer.device);
					let version = self.versions.map(|versions| versions.offers);
					OfferPage { version, offers, next }.encode()
				}
				_ => panic!("{api} is not asked for"),
			}
		}

		/// The entries after one, as many as a page has, and the last of them if more follow.
		fn cut<T: Clone, K: PartialEq>(
			&self,
			entries: &[T],
			after: Option<K>,
			key: impl Fn(&T) -> K,
		) -> (Vec<T>, Option<K>) {
			let place = |after: K| entries.iter().position(|entry| key(entry) == after);
			let first = after.and_then(place).map_or(0, |place| place + 1);
			let listed: Vec<T> = entries.iter().skip(first).take(self.page).cloned().collect();
			let is_last = first + listed.len() >= entries.len() && !self.is_endless;
			let next = listed.last().map(&key).filter(|_| !is_last);
			(listed, next)
		}
	}

	impl RpcClientT for Node {
		fn request_raw<'a>(
			&'a self,
			method: &'a str,
			params: Option<Box<RawValue>>,
		) -> RawRpcFuture<'a, Box<RawValue>> {
			Box::pin(async move {
				assert_eq!(method, "state_call");
				let params = params.expect("a call has arguments");
				let (api, HexBytes(arguments), at): (String, HexBytes, String) =
					serde_json::from_str(params.get()).expect("a name, bytes and a block");
				assert_eq!(at.len(), 66, "a block is named: {at}");
				let answer = self.0.lock().expect("a directory").answer(&api, &arguments);
				RawValue::from_string(format!("\"{}\"", to_hex(&answer)))
					.map_err(Error::Deserialization)
			})
		}

		fn subscribe_raw<'a>(
			&'a self,
			_sub: &'a str,
			_params: Option<Box<RawValue>>,
			_unsub: &'a str,
		) -> RawRpcFuture<'a, RawRpcSubscription> {
			Box::pin(async { Err(UserError::method_not_found().into()) })
		}
	}

	impl Node {
		pub(crate) fn of(directory: Directory) -> Self {
			Self(Arc::new(Mutex::new(directory)))
		}

		/// The chain behind the node.
		pub(crate) fn chain(&self) -> RpcChain {
			let node = ("ws://127.0.0.1:1".to_owned(), RpcClient::new(self.clone()));
			RpcChain::scripted(vec![node], 1, Arc::new(Metrics::default()))
		}

		/// Changes the directory.
		pub(crate) fn change(&self, change: impl FnOnce(&mut Directory)) {
			change(&mut self.0.lock().expect("a directory"));
		}

		/// The APIs that were called since the last look.
		pub(crate) fn calls(&self) -> Vec<String> {
			std::mem::take(&mut self.0.lock().expect("a directory").calls)
		}
	}

	/// Payer `n`, with 256 addresses, and the JoinEUIs of these numbers.
	pub(crate) fn payer(n: u8, join_euis: &[u8]) -> RouteInfo<AccountId> {
		let endpoint = Endpoint::new("router.example.com:9000").expect("it is short enough");
		let first = 0x0100_0000 + 0x100 * u32::from(n);
		RouteInfo {
			payer: AccountId::from([n; 32]),
			route: Some(Route { endpoint, router_key: RouterKey([n; 32]), copies: 1 }),
			ranges: vec![AddressRange {
				first: DevAddr::from_number(first),
				last: DevAddr::from_number(first + 0xff),
			}],
			join_euis: join_euis.iter().map(|n| JoinEui([*n; 8])).collect(),
		}
	}

	/// An offer of a device.
	pub(crate) fn offer(device: DeviceId, service: u8) -> OfferInfo<AccountId> {
		let endpoint = Endpoint::new("gateway.example.com:9001").expect("it is short enough");
		OfferInfo {
			device,
			owner: AccountId::from([9; 32]),
			offer: Offer { service, endpoint, credits_per_unit: 2, units_per_second: 10 },
			is_current: true,
		}
	}

	/// Five payers and three offers, two on a page.
	pub(crate) fn directory() -> Directory {
		Directory {
			versions: Some(RouteVersions { routes: 7, offers: 3 }),
			routes: (1..=5).map(|n| payer(n, &[n])).collect(),
			offers: vec![offer(11, 0), offer(12, 0), offer(13, 1)],
			page: 2,
			..Directory::default()
		}
	}

	const AT: At = At::Block([1; 32]);

	#[tokio::test]
	async fn list_is_read_to_its_last_page() {
		let node = Node::of(directory());
		let chain = node.chain();
		let routes = chain.routes(AT).await.expect("routes");
		assert_eq!((routes.version, routes.entries), (Some(7), directory().routes));
		assert_eq!(node.calls(), [methods::ROUTES; 3]);
		let offers = chain.offers(AT).await.expect("offers");
		assert_eq!((offers.version, offers.entries), (Some(3), directory().offers));
		assert_eq!(node.calls(), [methods::OFFERS; 2]);

		node.change(|directory| directory.routes.clear());
		assert!(chain.routes(AT).await.expect("routes").entries.is_empty());
	}

	#[tokio::test]
	async fn list_is_read_again_when_it_changes_between_two_pages() {
		// From the second page on each is of another version than the one before it.
		let node = Node::of(Directory { restless_after: Some(1), ..directory() });
		let chain = node.chain();
		let error = chain.routes(AT).await.expect_err("it never rests");
		assert!(error.to_string().contains("changed while they were read"), "{error}");
		assert!(error.is_retryable());
		assert_eq!(node.calls(), [methods::ROUTES; 2 * ATTEMPTS_MAX]);

		node.change(|directory| directory.restless_after = None);
		assert_eq!(chain.routes(AT).await.expect("routes").entries, directory().routes);
	}

	#[tokio::test]
	async fn list_without_an_end_is_left() {
		let node = Node::of(Directory { is_endless: true, page: 1, ..directory() });
		let (first, second) = (payer(1, &[]), payer(2, &[]));
		// A page after the last one is empty, and names none.
		assert_eq!(node.chain().routes(AT).await.expect("routes").entries.len(), 5);
		// Two payers that are listed in turn.
		node.change(|directory| directory.routes = vec![first.clone(), second, first]);
		let error = node.chain().routes(AT).await.expect_err("no end");
		assert!(error.to_string().contains("there is no last one"), "{error}");
	}

	#[tokio::test]
	async fn list_without_a_version_is_read() {
		let node = Node::of(Directory { versions: None, ..directory() });
		let routes = node.chain().routes(AT).await.expect("routes");
		assert_eq!((routes.version, routes.entries.len()), (None, 5));
		assert_eq!(node.chain().route_versions(AT).await, Ok(None));
	}
}
