//! What calls did, read from their events.

use codec::DecodeAll;
use groma_client::owner::OwnerError;
use subxt::{SubstrateConfig, extrinsics::ExtrinsicEvents};

/// The fields of every event of this name, in order.
pub(crate) fn all<E: DecodeAll>(
	events: &ExtrinsicEvents<SubstrateConfig>,
	pallet: &str,
	name: &str,
) -> Result<Vec<E>, OwnerError> {
	let mut found = Vec::new();
	for event in events.iter() {
		let event = event.map_err(|error| OwnerError::Incompatible(error.to_string()))?;
		if (event.pallet_name(), event.event_name()) == (pallet, name) {
			let fields = E::decode_all(&mut event.field_bytes())
				.map_err(|error| OwnerError::Incompatible(error.to_string()))?;
			found.push(fields);
		}
	}
	Ok(found)
}

/// The fields of the first event of this name, without which the call cannot have succeeded.
pub(crate) fn one<E: DecodeAll>(
	events: &ExtrinsicEvents<SubstrateConfig>,
	pallet: &str,
	name: &str,
) -> Result<E, OwnerError> {
	all(events, pallet, name)?
		.into_iter()
		.next()
		.ok_or_else(|| OwnerError::Incompatible(format!("no event {pallet}.{name}")))
}
