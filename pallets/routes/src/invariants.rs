//! What holds in every state.

use alloc::{collections::BTreeMap, vec::Vec};

use frame_support::{ensure, traits::fungible::InspectHold};
use groma_core::{money::Balance, route::AddressRange};
use groma_stored::Stored;
use sp_runtime::TryRuntimeError;

use crate::{Allotments, Config, HoldReason, JoinEuis, Offers, Pallet, PayerRecord, Payers};

/// Deposits by account.
type Deposits<T> = BTreeMap<<T as frame_system::Config>::AccountId, Balance>;

impl<T: Config> Pallet<T> {
	/// Checks every invariant of the README.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_payers()?;
		Self::check_allotments()?;
		Self::check_join_euis()?;
		Self::check_offers()
	}

	fn check_payers() -> Result<(), TryRuntimeError> {
		let mut deposits = Deposits::<T>::new();
		for payer in Payers::<T>::iter_keys() {
			let Ok(record) = Self::payer(&payer) else { continue };
			ensure!(!record.is_empty(), "a payer has an entry of nothing");
			Self::check_lists(&payer, &record)?;
			if let Some(held) = record.route {
				ensure!(held.route.endpoint.reach().is_ok(), "a route leads nowhere");
				ensure!(held.route.has_proper_copies(), "a route has no proper number of copies");
				ensure!(held.route.has_proper_key(), "a route has a key that proves nothing");
				deposits.insert(payer, held.deposit);
			}
		}
		Self::check_on_hold(HoldReason::Route, &deposits)
	}

	/// What a payer has says that it is the payer's.
	fn check_lists(payer: &T::AccountId, record: &PayerRecord) -> Result<(), TryRuntimeError> {
		for range in &record.ranges {
			match Self::allotment(range.last) {
				Stored::Value(known) => ensure!(
					known.payer == *payer && known.first == range.first,
					"a payer has addresses of another one"
				),
				Stored::Absent => return Err("a payer has addresses that are not allotted".into()),
				Stored::Undecodable => (),
			}
		}
		for join_eui in &record.join_euis {
			let Ok(claims) = Self::claims(*join_eui) else { continue };
			let of_payer = claims.iter().filter(|claim| claim.payer == *payer);
			ensure!(of_payer.count() == 1, "a payer has a JoinEUI that it did not claim once");
		}
		Ok(())
	}

	fn check_allotments() -> Result<(), TryRuntimeError> {
		let mut before: Option<AddressRange> = None;
		for last in Allotments::<T>::iter_keys() {
			let Stored::Value(allotment) = Self::allotment(last) else { continue };
			let range = AddressRange { first: allotment.first, last };
			ensure!(range.is_within_a_block(), "addresses of more than one NetID are one range");
			// The keys come in ascending order.
			let is_apart = before.is_none_or(|before| before.last < range.first);
			ensure!(is_apart, "an address has two payers");
			before = Some(range);
			let Ok(record) = Self::payer(&allotment.payer) else { continue };
			ensure!(record.ranges.contains(&range), "addresses are missing in the list of a payer");
		}
		Ok(())
	}

	fn check_join_euis() -> Result<(), TryRuntimeError> {
		let mut deposits = Deposits::<T>::new();
		for join_eui in JoinEuis::<T>::iter_keys() {
			let Ok(claims) = Self::claims(join_eui) else { continue };
			ensure!(!claims.is_empty(), "a JoinEUI has an entry without payers");
			for claim in claims {
				let sum = deposits.entry(claim.payer.clone()).or_default();
				*sum = sum.saturating_add(claim.deposit);
				let Ok(record) = Self::payer(&claim.payer) else { continue };
				let is_listed = record.join_euis.contains(&join_eui);
				ensure!(is_listed, "a JoinEUI is missing in the list of a payer");
			}
		}
		Self::check_on_hold(HoldReason::JoinEui, &deposits)
	}

	fn check_offers() -> Result<(), TryRuntimeError> {
		let mut deposits = Deposits::<T>::new();
		for device in Offers::<T>::iter_keys() {
			let Ok(offers) = Self::offers_at(device) else { continue };
			ensure!(!offers.is_empty(), "a device has an entry without offers");
			let mut services: Vec<u8> = offers.iter().map(|known| known.offer.service).collect();
			services.sort_unstable();
			services.dedup();
			ensure!(services.len() == offers.len(), "a device has two offers of one service");
			for record in offers {
				ensure!(record.offer.endpoint.reach().is_ok(), "an offer leads nowhere");
				let sum = deposits.entry(record.owner).or_default();
				*sum = sum.saturating_add(record.deposit);
			}
		}
		Self::check_on_hold(HoldReason::Offer, &deposits)
	}

	fn check_on_hold(reason: HoldReason, deposits: &Deposits<T>) -> Result<(), TryRuntimeError> {
		let reason = reason.into();
		for (account, deposit) in deposits {
			let on_hold = T::Currency::balance_on_hold(&reason, account);
			ensure!(on_hold == *deposit, "deposits on hold are not those of the state");
		}
		Ok(())
	}
}
