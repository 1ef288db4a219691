//! Where the keystore of a node is.

use std::path::PathBuf;

use sc_cli::{KeystoreParams, SubstrateCli};
use sc_service::{BasePath, ChainSpec, config::KeystoreConfig};

/// Where the keystore of a node is.
#[derive(Debug, clap::Args)]
pub(crate) struct Place {
	/// The chain of the node: `dev`, `local`, or the path of a chain specification; `production` is
	/// the public chain before it is founded.
	#[arg(long, value_name = "CHAIN")]
	chain: String,

	/// The base path of the node.
	#[arg(long, short = 'd', value_name = "PATH")]
	base_path: Option<PathBuf>,

	/// Where in it the keystore is, and its password.
	#[command(flatten)]
	keystore: KeystoreParams,
}

impl Place {
	/// The specification of the chain.
	pub(super) fn spec(&self, cli: &impl SubstrateCli) -> sc_cli::Result<Box<dyn ChainSpec>> {
		Ok(cli.load_spec(&self.chain)?)
	}

	/// The directory of the keystore, and how it is opened.
	pub(super) fn keystore<C: SubstrateCli>(
		&self,
		spec: &dyn ChainSpec,
	) -> sc_cli::Result<(PathBuf, KeystoreConfig)> {
		let base = match &self.base_path {
			Some(path) => BasePath::new(path.clone()),
			None => BasePath::from_project("", "", &C::executable_name()),
		};
		let config = self.keystore.keystore_config(&base.config_dir(spec.id()))?;
		let path = match &config {
			KeystoreConfig::Path { path, .. } => path.clone(),
			KeystoreConfig::InMemory => {
				return Err(sc_cli::Error::Input("a keystore in memory is not kept".into()));
			}
		};
		Ok((path, config))
	}
}
