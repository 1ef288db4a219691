//! What a node needs of its machine before it touches its database: the ports of JSON-RPC, and free
//! disk space.

use std::{
	io,
	net::{SocketAddr, TcpListener},
	path::{self, PathBuf},
};

use sc_service::{Configuration, config::RpcConfiguration};

const MIB: u64 = 1_048_576;

/// What the machine lacks.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Lack {
	/// JSON-RPC cannot have its port.
	#[error(
		"JSON-RPC cannot listen at {address} ({source}): stop what uses the port, such as another node, \
		 or choose another port with --rpc-port; 0 takes any that is free"
	)]
	Port {
		/// Where it should listen.
		address: SocketAddr,
		/// What the system says.
		source: io::Error,
	},
	/// The disk is nearly full.
	#[error(
		"{free_mib} MiB of disk space are free at {path}, less than the {needed_mib} MiB of \
		 --db-storage-threshold, and a full disk damages the database: free space, or move the base path \
		 to a larger disk"
	)]
	Space {
		/// Where the database is.
		path: PathBuf,
		/// What is free, in MiB.
		free_mib: u64,
		/// What has to be free, in MiB.
		needed_mib: u64,
	},
}

impl From<Lack> for sc_cli::Error {
	fn from(lack: Lack) -> Self {
		Self::Application(Box::new(lack))
	}
}

/// Has JSON-RPC listen where it is asked to, or refuses. The SDK would take a random port in the
/// place of one that is taken: then who asks at the usual port speaks to another chain.
pub(crate) fn insist_on_ports(rpc: &mut RpcConfiguration) -> Result<(), Lack> {
	for endpoint in rpc.addr.iter_mut().flatten() {
		endpoint.retry_random_port = false;
		probe(endpoint.listen_addr, endpoint.is_optional)?;
	}
	Ok(())
}

/// Refuses an address that cannot be listened at. An optional one may be missing on this machine,
/// as those of IPv6 are on some, but nothing else may have its port.
fn probe(address: SocketAddr, is_optional: bool) -> Result<(), Lack> {
	match TcpListener::bind(address) {
		Ok(_) => Ok(()),
		Err(error) if is_optional && error.kind() != io::ErrorKind::AddrInUse => Ok(()),
		Err(source) => Err(Lack::Port { address, source }),
	}
}

/// The disk of the database.
#[derive(Debug)]
pub(crate) struct Disk {
	/// Where the database is or will be; `None` if it is not on disk.
	database: Option<PathBuf>,
	/// What has to be free, in MiB; 0 asks for nothing.
	needed_mib: u64,
}

impl Disk {
	/// The disk of a node that needs so much free space.
	pub(crate) fn of(config: &Configuration, needed_mib: u64) -> Self {
		// The folder above a relative path is not among its ancestors.
		let database = config.database.path().and_then(|path| path::absolute(path).ok());
		Self { database, needed_mib }
	}

	/// Refuses a disk with less free space than is needed. What cannot be measured is not refused
	/// here: the storage monitor ends the node then.
	pub(crate) fn check(&self) -> Result<(), Lack> {
		// A database that is still to be made is measured by the folder in which it will be.
		let mut there = self.database.iter().flat_map(|path| path.ancestors());
		let Some(path) = there.find(|path| path.exists()) else { return Ok(()) };
		match fs4::available_space(path).map(|bytes| bytes / MIB) {
			Ok(free_mib) if free_mib < self.needed_mib => {
				Err(Lack::Space { path: path.to_owned(), free_mib, needed_mib: self.needed_mib })
			}
			_ => Ok(()),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn taken_port_is_refused_with_what_to_do() {
		let taken = TcpListener::bind("127.0.0.1:0").expect("a port is free");
		let address = taken.local_addr().expect("bound");
		for is_optional in [false, true] {
			let error = probe(address, is_optional).expect_err("taken").to_string();
			assert!(
				error.contains(&address.to_string()) && error.contains("--rpc-port"),
				"{error}"
			);
		}
		drop(taken);
		assert!(probe(address, false).is_ok());
	}

	#[test]
	fn address_that_the_machine_does_not_have_is_refused_unless_it_is_optional() {
		// An address for documentation.
		let address = SocketAddr::from(([192, 0, 2, 1], 0));
		assert!(probe(address, true).is_ok());
		assert!(matches!(probe(address, false), Err(Lack::Port { .. })));
	}

	#[test]
	fn disk_is_refused_when_less_is_free_than_is_needed() {
		let directory = tempfile::tempdir().expect("a directory");
		let database = Some(directory.path().join("chains/groma_dev/paritydb"));
		let check = |needed_mib| Disk { database: database.clone(), needed_mib }.check();
		assert!(check(0).is_ok() && check(1).is_ok());
		let error = check(u64::MAX).expect_err("no disk is so large").to_string();
		assert!(
			error.contains("--db-storage-threshold") && error.contains("free space"),
			"{error}"
		);
		assert!(Disk { database: None, needed_mib: u64::MAX }.check().is_ok());
	}
}
