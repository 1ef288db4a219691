//! The transaction pool: two pools of the SDK behind one handle, one for evidence and one for
//! everything else. Rank decides within each; neither takes room from the other.
//!
//! | file | what it knows |
//! |---|---|
//! | `tracks.rs` | how the runtime is asked to which pool a transaction belongs |
//! | `two_pools.rs` | the handle, which the node uses as its one pool |
//! | `in_turn.rs` | what waits in both, for the author of a block |
//! | `own_calls.rs` | how many of the evidence are devices' own calls |
//! | `metrics.rs` | the SDK's metrics, by pool |

mod in_turn;
mod metrics;
mod own_calls;
#[cfg(test)]
mod tests;
mod tracks;
mod two_pools;

use std::sync::Arc;

use sc_service::{Configuration, TaskManager};
use sc_transaction_pool::{Builder, TransactionPoolHandle};
use substrate_prometheus_endpoint::PrometheusError;

use crate::types::{Block, FullClient};
use own_calls::OwnCalls;
use two_pools::TwoPools;

/// The transaction pool of a node.
pub(crate) type FullPool = TwoPools<TransactionPoolHandle<Block, FullClient>, Arc<FullClient>>;

/// Builds the pool. The options of the configuration are those of each of the two pools;
/// `own_calls_max` bounds the devices' own calls that wait.
pub(crate) fn build(
	config: &Configuration,
	client: &Arc<FullClient>,
	task_manager: &TaskManager,
	own_calls_max: usize,
) -> Result<FullPool, PrometheusError> {
	let build = |track: &str| {
		let registry = metrics::of_track(config.prometheus_registry(), track)?;
		let spawner = task_manager.spawn_essential_handle();
		Ok::<_, PrometheusError>(
			Builder::new(spawner, client.clone(), config.role.is_authority().into())
				.with_options(config.transaction_pool.clone())
				.with_prometheus(registry.as_ref())
				.build(),
		)
	};
	Ok(TwoPools {
		evidence: build("evidence")?,
		ordinary: build("ordinary")?,
		tracks: client.clone(),
		own_calls: OwnCalls::new(own_calls_max),
		spawner: Box::new(task_manager.spawn_handle()),
	})
}
