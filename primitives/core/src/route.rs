//! Where payers want what devices hear, and where devices sell what they measure: endpoints,
//! addresses of LoRaWAN, routes and offers.

use alloc::string::String;
use core::{
	fmt,
	net::{Ipv4Addr, Ipv6Addr},
	ops::RangeInclusive,
};

use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::{
	money::Credits,
	protocol::{ENDPOINT_BYTES_MAX, ROUTE_COPIES_MAX},
	session_key,
	terms::ServiceTerms,
	words::{DevAddr, RouterKey},
};

/// Bits of a device's address below the part that names its network, by the type of the NetID: as
/// in the LoRaWAN Backend Interfaces.
const ADDRESS_BITS: [u32; 8] = [25, 24, 20, 17, 15, 13, 10, 7];
/// The longest label of a host's name.
const LABEL_BYTES_MAX: usize = 63;
/// Last labels of names that mean something in a local network alone. `arpa` is that of
/// `home.arpa`, and no public server has a name below it.
const LOCAL_LABELS: [&str; 5] = ["arpa", "internal", "lan", "local", "localdomain"];

/// Where a server listens, as bytes of `host:port`. What [`Self::reach`] does not refuse is ASCII.
#[derive(Clone, Default, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Endpoint(BoundedVec<u8, ConstU32<ENDPOINT_BYTES_MAX>>);

/// From where an endpoint can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
	/// From everywhere, as far as its text says.
	Public,
	/// From a local network.
	Private,
}

/// Why bytes are no endpoint for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointFault {
	/// They are not `host:port` with a name or an address, IPv6 in brackets, and a port from 1 to
	/// 65,535.
	Malformed,
	/// A client would reach itself, its own link, or no one.
	Unreachable,
}

impl Endpoint {
	/// The endpoint of a text, proper or not; `None` if it is too long.
	pub fn new(text: &str) -> Option<Self> {
		text.as_bytes().to_vec().try_into().ok().map(Self)
	}

	/// The text; `None` if the bytes are none.
	pub fn text(&self) -> Option<&str> {
		core::str::from_utf8(&self.0).ok()
	}

	/// From where it can be reached. A name is judged by its text: to what it resolves, the client
	/// has to judge by [`reach_of_v4`] and [`reach_of_v6`].
	pub fn reach(&self) -> Result<Reach, EndpointFault> {
		let (host, port) =
			self.text().and_then(|text| text.rsplit_once(':')).ok_or(EndpointFault::Malformed)?;
		if !is_port(port) {
			return Err(EndpointFault::Malformed);
		}
		if let Some(address) = host.strip_prefix('[') {
			let address = address.strip_suffix(']').and_then(|text| text.parse().ok());
			return reach_of_v6(address.ok_or(EndpointFault::Malformed)?);
		}
		host.parse().map_or_else(|_| reach_of_name(host), reach_of_v4)
	}
}

/// Whether the digits are a port, written in one way.
fn is_port(digits: &str) -> bool {
	let is_plain = digits.bytes().all(|digit| digit.is_ascii_digit()) && !digits.starts_with('0');
	is_plain && digits.parse::<u16>().is_ok()
}

/// From where a host with this name can be reached, as far as the name says.
fn reach_of_name(host: &str) -> Result<Reach, EndpointFault> {
	if !host.split('.').all(is_label) {
		return Err(EndpointFault::Malformed);
	}
	let last = host.rsplit('.').next().unwrap_or_default();
	let is_any = |labels: &[&str]| labels.iter().any(|label| last.eq_ignore_ascii_case(label));
	match last.as_bytes() {
		// Some resolvers read such names as addresses: 127.1, 2130706433, 0x7f000001.
		[b'0', b'x' | b'X', ..] => Err(EndpointFault::Malformed),
		digits if digits.iter().all(u8::is_ascii_digit) => Err(EndpointFault::Malformed),
		_ if is_any(&["localhost"]) => Err(EndpointFault::Unreachable),
		_ if is_any(&LOCAL_LABELS) || !host.contains('.') => Ok(Reach::Private),
		_ => Ok(Reach::Public),
	}
}

fn is_label(label: &str) -> bool {
	let is_edge = |byte: &u8| byte.is_ascii_alphanumeric();
	let bytes = label.as_bytes();
	bytes.len() <= LABEL_BYTES_MAX
		&& bytes.first().is_some_and(is_edge)
		&& bytes.last().is_some_and(is_edge)
		&& bytes.iter().all(|byte| is_edge(byte) || *byte == b'-')
}

/// From where a host with this address can be reached.
pub fn reach_of_v4(address: Ipv4Addr) -> Result<Reach, EndpointFault> {
	match address.octets() {
		// This host, loopback, the own link, and from 224 on groups and what is reserved.
		[0 | 127 | 224..=255, ..] | [169, 254, ..] => Err(EndpointFault::Unreachable),
		[10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] => Ok(Reach::Private),
		// For protocols within a network, and for measurements: no public server has them.
		[192, 0, 0, _] | [198, 18..=19, ..] => Ok(Reach::Private),
		_ => Ok(Reach::Public),
	}
}

/// From where a host with this address can be reached. One that stands for an address of version 4
/// is judged as that.
pub fn reach_of_v6(address: Ipv6Addr) -> Result<Reach, EndpointFault> {
	match address.segments() {
		// Unspecified, loopback and IPv4-compatible; IPv4-mapped; translated by NAT64; 6to4.
		[0, 0, 0, 0, 0, 0 | 0xffff, high, low]
		| [0x64, 0xff9b, 0, 0, 0, 0, high, low]
		| [0x2002, high, low, ..] => {
			let [[a, b], [c, d]] = [high, low].map(u16::to_be_bytes);
			reach_of_v4(Ipv4Addr::new(a, b, c, d))
		}
		// The own link, and groups.
		[0xfe80..=0xfebf | 0xff00..=0xffff, ..] => Err(EndpointFault::Unreachable),
		// Local addresses, and what a local NAT64 translates.
		[0xfc00..=0xfdff | 0xfec0..=0xfeff, ..] | [0x64, 0xff9b, 1, ..] => Ok(Reach::Private),
		_ => Ok(Reach::Public),
	}
}

impl fmt::Display for Endpoint {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		f.write_str(self.text().unwrap_or_default())
	}
}

impl fmt::Debug for Endpoint {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		fmt::Debug::fmt(self.text().unwrap_or_default(), f)
	}
}

impl Serialize for Endpoint {
	fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.collect_str(self)
	}
}

impl<'de> Deserialize<'de> for Endpoint {
	fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		let text = String::deserialize(deserializer)?;
		Self::new(&text).ok_or_else(|| {
			D::Error::custom(format_args!("an endpoint has at most {ENDPOINT_BYTES_MAX} bytes"))
		})
	}
}

/// What a payer says about the router that buys for it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Route {
	/// Where the router listens.
	pub endpoint: Endpoint,
	/// The ed25519 key by which a gateway knows that it talks to that router.
	pub router_key: RouterKey,
	/// How many copies of a packet it buys, each of another gateway: 1 to [`ROUTE_COPIES_MAX`].
	pub copies: u8,
}

impl Route {
	/// Whether so many copies can be bought.
	pub fn has_proper_copies(&self) -> bool {
		(1..=ROUTE_COPIES_MAX).contains(&self.copies)
	}

	/// Whether the key can prove anything.
	pub fn has_proper_key(&self) -> bool {
		session_key::is_acceptable(&self.router_key.0)
	}
}

/// What a device sells.
#[derive(Clone, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Offer {
	/// The service, by its place in the terms of the device's network.
	pub service: u8,
	/// Where customers reach the device.
	pub endpoint: Endpoint,
	/// Credits per unit, within the least and the most of the service.
	pub credits_per_unit: Credits,
	/// Units per second that it can deliver: 1 to the most of the service.
	pub units_per_second: u64,
}

impl Offer {
	/// Whether the price is within the terms of its service.
	pub fn has_proper_price(&self, terms: &ServiceTerms) -> bool {
		(terms.credits_per_unit_min..=terms.credits_per_unit_max).contains(&self.credits_per_unit)
	}

	/// Whether the capacity is within the terms of its service.
	pub fn has_proper_capacity(&self, terms: &ServiceTerms) -> bool {
		(1..=terms.units_per_device_second_max).contains(&self.units_per_second)
	}
}

impl DevAddr {
	/// The address of this number.
	pub fn from_number(number: u32) -> Self {
		Self(number.to_be_bytes())
	}

	/// The number of the address.
	pub fn number(self) -> u32 {
		u32::from_be_bytes(self.0)
	}

	/// The block of addresses that one NetID has, in which this one lies. `None` if it is none of
	/// LoRaWAN: it begins with eight ones.
	pub fn block(self) -> Option<AddressRange> {
		let number = self.number();
		// As many ones lead it as the type of the NetID says.
		let kind = usize::try_from(number.leading_ones()).ok()?;
		let bits = *ADDRESS_BITS.get(kind)?;
		let inside = 1u32.checked_shl(bits)?.checked_sub(1)?;
		let (first, last) = (number & !inside, number | inside);
		Some(AddressRange { first: Self::from_number(first), last: Self::from_number(last) })
	}
}

/// Addresses of LoRaWAN devices, from the first to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddressRange {
	/// The first address.
	pub first: DevAddr,
	/// The last address, which belongs to the range.
	pub last: DevAddr,
}

impl AddressRange {
	/// The addresses as a range.
	pub fn addresses(self) -> RangeInclusive<DevAddr> {
		self.first..=self.last
	}

	/// Whether two ranges have an address in common.
	pub fn overlaps(self, other: Self) -> bool {
		self.first <= other.last && other.first <= self.last
	}

	/// Whether it has an address, and all of them are of one NetID.
	pub fn is_within_a_block(self) -> bool {
		let block = self.first.block();
		self.first <= self.last && block.is_some_and(|block| self.last <= block.last)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use EndpointFault::{Malformed, Unreachable};
	use proptest::prelude::*;

	fn reach(text: &str) -> Result<Reach, EndpointFault> {
		Endpoint::new(text).expect("it is short enough").reach()
	}

	#[test]
	fn endpoint_is_a_host_and_a_port() {
		for proper in [
			"router.example.com:9000",
			"a.b:1",
			"ROUTER-1.example.com:65535",
			"xn--bcher-kva.example:80",
			"203.0.113.7:443",
			"[2001:db8::7]:443",
		] {
			assert_eq!(reach(proper), Ok(Reach::Public), "{proper}");
		}
		for malformed in [
			"",
			":",
			":80",
			"router.example.com",
			"router.example.com:",
			"router.example.com:0",
			"router.example.com:080",
			"router.example.com:+80",
			"router.example.com:65536",
			"router.example.com:http",
			"router.example.com:80 ",
			" router.example.com:80",
			"rou ter.example.com:80",
			"router.example.com\n:80",
			"router.example.com\0:80",
			"router..example.com:80",
			"router.example.com.:80",
			"-router.example.com:80",
			"router-.example.com:80",
			"rou_ter.example.com:80",
			"http://router.example.com:80",
			"user@router.example.com:80",
			"bücher.example:80",
			"2001:db8::7:443",
			"[2001:db8::7]",
			"[2001:db8::7:443",
			"[fe80::1%eth0]:443",
			"[203.0.113.7]:443",
			"203.0.113.256:443",
			"203.0.113.07:443",
		] {
			assert_eq!(reach(malformed), Err(Malformed), "{malformed:?}");
		}
		let label = "a".repeat(LABEL_BYTES_MAX);
		assert_eq!(reach(&format!("{label}.example:80")), Ok(Reach::Public));
		assert_eq!(reach(&format!("a{label}.example:80")), Err(Malformed));
	}

	#[test]
	fn endpoint_leads_a_client_to_another_machine() {
		for own in [
			"localhost:80",
			"LocalHost:80",
			"router.localhost:80",
			"127.0.0.1:80",
			"127.255.255.255:80",
			"0.0.0.0:80",
			"169.254.1.1:80",
			"224.0.0.1:80",
			"255.255.255.255:80",
			"[::]:80",
			"[::1]:80",
			"[::127.0.0.1]:80",
			"[::ffff:127.0.0.1]:80",
			"[::ffff:169.254.169.254]:80",
			"[64:ff9b::127.0.0.1]:80",
			"[2002:7f00:1::]:80",
			"[fe80::1]:80",
			"[febf::1]:80",
			"[ff02::1]:80",
		] {
			assert_eq!(reach(own), Err(Unreachable), "{own}");
		}
		// What some resolvers read as 127.0.0.1.
		for number in ["127.1:80", "2130706433:80", "0x7f000001:80", "0177.0.0.1:80", "1.0x1:80"] {
			assert_eq!(reach(number), Err(Malformed), "{number}");
		}
	}

	#[test]
	fn endpoint_of_a_local_network_is_private() {
		for private in [
			"10.0.0.1:80",
			"172.16.0.1:80",
			"172.31.255.255:80",
			"192.168.1.1:80",
			"100.64.0.1:80",
			"192.0.0.8:80",
			"198.18.0.1:80",
			"198.19.255.255:80",
			"[::ffff:10.0.0.1]:80",
			"[64:ff9b:1::a00:1]:80",
			"[fc00::1]:80",
			"[fdff::1]:80",
			"[fec0::1]:80",
			"router:80",
			"router.local:80",
			"router.LAN:80",
			"router.home.arpa:80",
		] {
			assert_eq!(reach(private), Ok(Reach::Private), "{private}");
		}
		for public in [
			"172.32.0.1:80",
			"100.128.0.1:80",
			"192.0.1.1:80",
			"192.169.0.1:80",
			"198.17.0.1:80",
			"198.20.0.1:80",
			"[2001:db8::1]:80",
		] {
			assert_eq!(reach(public), Ok(Reach::Public), "{public}");
		}
	}

	#[test]
	fn endpoint_has_at_most_so_many_bytes() {
		assert!(Endpoint::new(&"a".repeat(ENDPOINT_BYTES_MAX as usize)).is_some());
		assert!(Endpoint::new(&"a".repeat(ENDPOINT_BYTES_MAX as usize + 1)).is_none());
		let bytes = Endpoint(vec![0xff; 9].try_into().expect("few"));
		assert_eq!((bytes.text(), bytes.reach()), (None, Err(Malformed)));
	}

	#[test]
	fn block_is_that_of_the_net_id() {
		let block = |number| {
			let block = DevAddr::from_number(number).block()?;
			Some((block.first.number(), block.last.number()))
		};
		for (address, first, last) in [
			// The NetIDs 000000 and 000001, for experiments; 000013; one of each further type.
			(0x0000_0000, 0x0000_0000, 0x01ff_ffff),
			(0x03ff_ffff, 0x0200_0000, 0x03ff_ffff),
			(0x2601_1bda, 0x2600_0000, 0x27ff_ffff),
			(0x8100_0001, 0x8100_0000, 0x81ff_ffff),
			(0xc010_0001, 0xc010_0000, 0xc01f_ffff),
			(0xe002_0001, 0xe002_0000, 0xe003_ffff),
			(0xf000_8001, 0xf000_8000, 0xf000_ffff),
			(0xf800_2001, 0xf800_2000, 0xf800_3fff),
			(0xfc00_0401, 0xfc00_0400, 0xfc00_07ff),
			(0xfe00_0081, 0xfe00_0080, 0xfe00_00ff),
		] {
			assert_eq!(block(address), Some((first, last)), "{address:08x}");
		}
		assert_eq!(block(0xff00_0000), None);
	}

	#[test]
	fn address_reads_as_people_write_it() {
		let range = AddressRange {
			first: DevAddr::from_number(0x2601_1000),
			last: DevAddr::from_number(0x2601_1007),
		};
		let json = serde_json::to_value(range).unwrap();
		assert_eq!(json, serde_json::json!({ "first": "0x26011000", "last": "0x26011007" }));
		assert_eq!(serde_json::from_value::<AddressRange>(json).unwrap(), range);
	}

	proptest! {
		#[test]
		fn any_bytes_are_judged(bytes in proptest::collection::vec(any::<u8>(), 0..128)) {
			let endpoint = Endpoint(bytes.clone().try_into().expect("few"));
			if endpoint.reach().is_ok() {
				prop_assert!(bytes.iter().all(|byte| byte.is_ascii_graphic()));
			}
		}

		#[test]
		fn texts_that_are_nearly_endpoints_are_judged(text in "[a-z0-9.:\\[\\]-]{0,40}:[0-9]{1,6}") {
			if let Ok(reach) = reach(&text) {
				// The standard library reads the port alike.
				let port = text.rsplit(':').next().map(str::parse::<u16>);
				prop_assert!(matches!(port, Some(Ok(1..))), "{} {:?}", text, reach);
			}
		}

		#[test]
		fn blocks_part_all_addresses(number in any::<u32>(), other in any::<u32>()) {
			let blocks = [number, other].map(|number| DevAddr::from_number(number).block());
			if let [Some(one), Some(two)] = blocks {
				prop_assert!(one.is_within_a_block());
				prop_assert!(one.addresses().contains(&DevAddr::from_number(number)));
				prop_assert!(one == two || !one.overlaps(two));
			}
		}

		#[test]
		fn order_of_addresses_is_that_of_numbers(one in any::<u32>(), other in any::<u32>()) {
			let addresses = [one, other].map(DevAddr::from_number);
			prop_assert_eq!(addresses[0].cmp(&addresses[1]), one.cmp(&other));
		}
	}
}
