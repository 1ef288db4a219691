#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

mod activity;
mod api;
mod authorize;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod bundlers;
mod cost;
mod density;
mod evidence;
mod evidence_calls_impl;
#[cfg(any(feature = "try-runtime", test))]
mod invariants;
mod judge;
#[cfg(test)]
mod mock;
mod own_statements;
mod pruning;
mod regions;
mod reveals;
mod standing;
mod statements;
#[cfg(test)]
mod tests;
mod types;
mod weights;

pub use bundlers::{PairBundler, RevealBundler, StatementBundler, reveals_max, statements_fit};
pub use density::{CellCount, CellPosition, Neighbourhood};
pub use own_statements::OwnCounts;
pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

use frame_support::traits::OriginTrait;

/// Any origin of the runtime without the filters that come with it.
type CallerOf<T> = <<T as frame_system::Config>::RuntimeOrigin as OriginTrait>::PalletsOrigin;

#[frame_support::pallet]
pub mod pallet {
	use alloc::{boxed::Box, collections::BTreeMap, vec::Vec};

	use frame_support::{pallet_prelude::*, traits::OriginTrait};
	use frame_system::pallet_prelude::*;
	use groma_core::{
		DeviceId, NetworkId, RegionId, WindowIndex,
		place::Cell,
		region::RegionPlan,
		statement::{Reveal, Statement, StatementGroup},
		words::Signature,
	};
	use groma_paged_map::{Page, PageId, PagedMap};
	use groma_traits::{
		Collectors, DeviceOffences, Devices, Networks, Provisions, Standstill, SupplyRewards,
		Windows,
	};

	use crate::{
		CallerOf, density::Neighbourhood, own_statements::OwnCounts, reveals::Effort,
		statements::Taking, types::*, weights::WeightInfo,
	};

	/// The storage version of the code.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// What the pallet needs of the runtime.
	#[pallet::config]
	pub trait Config:
		frame_system::Config<RuntimeEvent: From<Event<Self>>, RuntimeCall: From<Call<Self>>>
	{
		/// The origin that sets region plans: a referendum's. They decide what is legal on the air.
		type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Which window it is, and who is challenged in it.
		type Windows: Windows;

		/// Whether the chain stands still: then nothing is pruned.
		type Standstill: Standstill;

		/// Which networks exist, and on which terms.
		type Networks: Networks;

		/// The devices.
		type Devices: Devices<Self::AccountId>;

		/// Whether stake stands behind a device.
		type Provisions: Provisions<Self::AccountId>;

		/// Who is notified of devices that cheated.
		type Offences: DeviceOffences<Self::AccountId>;

		/// What settled work is reported to.
		type Rewards: SupplyRewards<Self::AccountId>;

		/// Who is credited for the statements that count.
		type Collectors: Collectors;

		/// The most groups of statements, or reveals, in a bundle. Its worst case has to fit a
		/// block. Suggested: 64.
		#[pallet::constant]
		type MaxGroupsPerBundle: Get<u32>;

		/// What benchmarks need of other pallets.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: groma_traits::DevicesBenchmarkHelper<Self::AccountId>
			+ groma_traits::WindowsBenchmarkHelper
			+ groma_traits::SupplyRewardsBenchmarkHelper
			+ groma_traits::CollectorsBenchmarkHelper;

		/// Measured weights.
		type WeightInfo: WeightInfo;
	}

	// Windows are counted and the chain gives ids, so users choose no keys. Bounded by the number
	// of challenges of three windows plus what pruning has not reached yet; each needs a registered
	// device.
	/// Challenges about which statements were made and that are not settled yet.
	#[pallet::storage]
	pub(crate) type Challenges<T: Config> =
		StorageDoubleMap<_, Identity, WindowIndex, Identity, DeviceId, Challenge>;

	// Windows are counted and the chain gives ids, so users choose no keys. Bounded by one value of
	// 16 bytes per sixteen devices and window, of three windows plus what pruning has not reached
	// yet, and only for devices that make calls themselves.
	/// How many statements about beacons of a window each device brought itself, sixteen devices to
	/// a value: the count of a device stands at the last four bits of its id.
	#[pallet::storage]
	pub(crate) type OwnStatements<T> =
		StorageDoubleMap<_, Identity, WindowIndex, Identity, PageId, OwnCounts>;

	/// What devices did, as far as settled challenges change it.
	pub(crate) type Activities<T> = PagedMap<ActivityPages<T>, Activity>;

	// Users choose no device ids, here and below. One entry per device that ever took part.
	/// What devices did, sixteen to a value. The key is the id without its last four bits, the
	/// highest byte first; these bits stand before each entry.
	#[pallet::storage]
	pub(crate) type ActivityPages<T> = StorageMap<_, Identity, PageId, Page<Activity>>;

	// One value of bounded size per device to which a reason ever applied.
	/// How often each reason applied to each device.
	#[pallet::storage]
	pub(crate) type Reasons<T> = StorageMap<_, Identity, DeviceId, ReasonCounts>;

	// Owners choose their cells, hence Blake2. At most two values per counted device, with five
	// counts.
	/// The counts of cells that hold devices, together with those of their neighbours: in the value
	/// of a cell of resolution 8 those of resolutions 8 to 10 within it, in one of resolution 4
	/// those of 4 and 5. Which cell a count is of is given by the digits of its H3 index that
	/// follow those of the key's cell.
	#[pallet::storage]
	pub(crate) type Neighbourhoods<T> =
		StorageMap<_, Blake2_128Concat, (NetworkId, Cell), Neighbourhood>;

	/// How devices transmit in each region of a network.
	// Both keys are chosen by governance; a region id is one byte, so a network has at most 256
	// plans.
	#[pallet::storage]
	pub(crate) type RegionPlans<T> = StorageDoubleMap<
		_,
		Twox64Concat,
		NetworkId,
		Twox64Concat,
		RegionId,
		RegionPlan,
		OptionQuery,
	>;

	/// The oldest window that may hold challenges, or counts of own statements.
	#[pallet::storage]
	pub(crate) type PruneCursor<T> = StorageValue<_, WindowIndex>;

	/// What happened. One event per bundle: everything else can be computed from the extrinsics.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// Statements were submitted.
		#[codec(index = 0)]
		StatementsSubmitted {
			/// Who brought them; `None` if the device itself did.
			collector: Option<T::AccountId>,
			/// What became of them.
			tally: Tally,
		},
		/// Beacon signatures were revealed and their challenges settled.
		#[codec(index = 1)]
		RevealsSubmitted {
			/// Who brought them; `None` if no one signed for it.
			collector: Option<T::AccountId>,
			/// What became of them.
			tally: Tally,
		},
		/// A device was proven to have signed two beacons for one challenge: its key of that window
		/// is banned, and the device with it unless it has another owner since.
		#[codec(index = 2)]
		DoubleBeaconProven {
			/// The device.
			device: DeviceId,
			/// The window of the challenge.
			window: WindowIndex,
			/// Who proved it.
			reporter: T::AccountId,
		},
		/// A device that was no longer heard is not counted in density any more.
		#[codec(index = 3)]
		DeviceExpired {
			/// The device.
			device: DeviceId,
		},
		/// The plan of a region was set or replaced.
		#[codec(index = 4)]
		RegionPlanSet {
			/// The network.
			network: NetworkId,
			/// The region.
			region: RegionId,
			/// The plan until now, if there was one.
			old: Option<Box<RegionPlan>>,
			/// The plan from now on.
			new: Box<RegionPlan>,
			/// Who decided.
			origin: CallerOf<T>,
		},
		/// What is stored of a device's activity does not decode: the device takes no part in a
		/// challenge, and nothing of it is overwritten.
		#[codec(index = 5)]
		ActivityUnreadable {
			/// The device.
			device: DeviceId,
		},
		/// The record of a device does not decode: a bundle brought something of it, which is
		/// refused, and nothing of the record is overwritten.
		#[codec(index = 6)]
		DeviceUnreadable {
			/// The device.
			device: DeviceId,
		},
		/// A network no longer has a plan for a region, and does not serve it.
		#[codec(index = 7)]
		RegionPlanRetired {
			/// The network.
			network: NetworkId,
			/// The region.
			region: RegionId,
			/// The plan until now.
			old: Box<RegionPlan>,
			/// Who decided.
			origin: CallerOf<T>,
		},
	}

	/// Why a call failed.
	#[pallet::error]
	pub enum Error<T> {
		/// The bundle is empty. Submit something.
		#[codec(index = 0)]
		EmptyBundle,
		/// What was authorized can no longer be taken.
		#[codec(index = 1)]
		NotTaken,
		/// Both signatures are the same, so they prove nothing.
		#[codec(index = 2)]
		SameSignature,
		/// The window is too old to be remembered, or still to come.
		#[codec(index = 3)]
		WindowForgotten,
		/// There is no such device.
		#[codec(index = 4)]
		UnknownDevice,
		/// The device was not challenged in the window.
		#[codec(index = 5)]
		NotChallenged,
		/// The device was reported before.
		#[codec(index = 6)]
		AlreadyReported,
		/// A signature is not that of the device's session key in the window.
		#[codec(index = 7)]
		InvalidSignature,
		/// The device is not counted in density.
		#[codec(index = 8)]
		NotCounted,
		/// The device was heard recently. Wait until the span of reciprocity has passed.
		#[codec(index = 9)]
		StillHeard,
		/// No network has this id.
		#[codec(index = 10)]
		UnknownNetwork,
		/// The network proves something else than coverage, so it has no radio regions.
		#[codec(index = 11)]
		OtherProof,
		/// The plan cannot be followed: see `RegionPlan::is_valid`.
		#[codec(index = 12)]
		InvalidRegionPlan,
		/// The counts of the place where the device is counted do not decode. They stay as they
		/// are: try again after the upgrade that mends them.
		#[codec(index = 13)]
		DensityUnreadable,
		/// The plan of the region does not decode. It stays as it is: try again after the upgrade
		/// that mends it.
		#[codec(index = 14)]
		PlanUnreadable,
		/// The network has no plan for the region.
		#[codec(index = 15)]
		NoRegionPlan,
	}

	/// The regions of networks that exist from the first block on.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// The plans of the regions of each network of coverage, by its id.
		pub region_plans: BTreeMap<NetworkId, Vec<RegionPlan>>,
		#[serde(skip)]
		#[allow(missing_docs, reason = "a marker that genesis files never mention")]
		pub _config: PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			for (network, plans) in &self.region_plans {
				for plan in plans {
					// Genesis cannot be built from wrong parameters, and there is no one to report
					// to.
					if let Err(fault) = Pallet::<T>::put_region_plan(*network, plan.clone()) {
						panic!(
							"a region plan of network {network} of the genesis is invalid: {fault:?}"
						);
					}
				}
			}
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_idle(_now: BlockNumberFor<T>, remaining: Weight) -> Weight {
			Self::prune(remaining)
		}

		fn integrity_test() {
			assert!(Page::<Activity>::holds_every_entry(), "an activity is too long for a page");
			let bundle = T::MaxGroupsPerBundle::get();
			assert!(bundle > 0, "MaxGroupsPerBundle is {bundle}, so nothing could be submitted");
			let worst = Effort::worst(bundle).bundle_weight::<T>();
			let normal = T::BlockWeights::get().get(DispatchClass::Normal).max_extrinsic;
			assert!(
				normal.is_none_or(|most| worst.ref_time() <= most.ref_time()),
				"{bundle} reveals (MaxGroupsPerBundle) weigh {worst:?}, an extrinsic at most {normal:?}",
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_now: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Submits statements that devices gave to a collector, in the window of the beacon or the
		/// next. It costs no fee if it brings anything new, at most as much that is refused as
		/// is new, and nothing badly signed or malformed. Credited is the collector that a
		/// statement names, no matter who brings it.
		#[pallet::call_index(0)]
		#[pallet::weight(Taking::worst(
			groups.len() as u32,
			groups.iter().map(|group| group.statements.len() as u32).sum(),
		).weight::<T>())]
		pub fn submit_statements(
			origin: OriginFor<T>,
			groups: BoundedVec<StatementGroup, T::MaxGroupsPerBundle>,
		) -> DispatchResultWithPostInfo {
			let collector = ensure_signed(origin)?;
			ensure!(!groups.is_empty(), Error::<T>::EmptyBundle);
			let (tally, weight) = Self::do_submit_statements(groups.into_inner());
			Self::deposit_event(Event::StatementsSubmitted { collector: Some(collector), tally });
			Ok((Some(weight), tally.fee()).into())
		}

		/// Reveals beacon signatures in the second window after the beacon, and settles their
		/// challenges. It costs no fee on the same terms as [`Pallet::submit_statements`].
		#[pallet::call_index(1)]
		#[pallet::weight(Effort::worst(reveals.len() as u32).bundle_weight::<T>())]
		pub fn submit_reveals(
			origin: OriginFor<T>,
			reveals: BoundedVec<Reveal, T::MaxGroupsPerBundle>,
		) -> DispatchResultWithPostInfo {
			let collector = ensure_signed(origin)?;
			ensure!(!reveals.is_empty(), Error::<T>::EmptyBundle);
			let (tally, effort) = Self::do_submit_reveals(&reveals);
			Self::deposit_event(Event::RevealsSubmitted { collector: Some(collector), tally });
			Ok((Some(effort.bundle_weight::<T>()), tally.fee()).into())
		}

		/// Submits a device's own statement. It needs no account: the statement authorizes itself.
		/// A device has 64 of them for each window, and one takes no place but a free one or that
		/// of a witness that was not heard recently.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::submit_own_statement()
			.saturating_add(T::WeightInfo::rank_records()))]
		#[pallet::authorize(|_source, statement| Self::authorize_own_statement(statement))]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_submit_own_statement()
			.saturating_add(T::WeightInfo::rank_records()))]
		pub fn submit_own_statement(origin: OriginFor<T>, statement: Statement) -> DispatchResult {
			ensure_authorized(origin)?;
			Self::do_submit_own_statement(&statement).map_err(|_| Error::<T>::NotTaken)?;
			Self::deposit_event(Event::StatementsSubmitted {
				collector: None,
				tally: Tally::one(),
			});
			Ok(())
		}

		/// Reveals one beacon signature. It needs no account: the reveal authorizes itself.
		#[pallet::call_index(3)]
		#[pallet::weight(Effort::worst(1).own_weight::<T>())]
		#[pallet::authorize(|_source, reveal| Self::authorize_own_reveal(reveal))]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_submit_own_reveal())]
		pub fn submit_own_reveal(
			origin: OriginFor<T>,
			reveal: Reveal,
		) -> DispatchResultWithPostInfo {
			ensure_authorized(origin)?;
			let effort = Self::do_submit_own_reveal(&reveal).map_err(|_| Error::<T>::NotTaken)?;
			Self::deposit_event(Event::RevealsSubmitted { collector: None, tally: Tally::one() });
			Ok(Some(effort.own_weight::<T>()).into())
		}

		/// Proves that a device signed two different beacons for one challenge: its key is banned,
		/// the owner of that time loses its stake, and the device is banned unless it has another
		/// owner since. Free of charge if it proves it.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::report_double_beacon()
			.saturating_add(T::Devices::ban_weight())
			.saturating_add(T::Offences::offence_weight()))]
		pub fn report_double_beacon(
			origin: OriginFor<T>,
			window: WindowIndex,
			device: DeviceId,
			signature_a: Signature,
			signature_b: Signature,
		) -> DispatchResultWithPostInfo {
			let reporter = ensure_signed(origin)?;
			let signatures = [signature_a, signature_b];
			Self::do_report_double_beacon(&reporter, window, device, signatures)?;
			Ok(Pays::No.into())
		}

		/// No longer counts a device in density that was not heard for the span of reciprocity.
		/// Free of charge if it succeeds.
		#[pallet::call_index(5)]
		pub fn expire_device(origin: OriginFor<T>, device: DeviceId) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::do_expire_device(device)?;
			Ok(Pays::No.into())
		}

		/// Sets or replaces the plan of the region that the plan names. For governance.
		#[pallet::call_index(6)]
		pub fn set_region_plan(
			origin: OriginFor<T>,
			network: NetworkId,
			plan: RegionPlan,
		) -> DispatchResult {
			let caller = origin.caller().clone();
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_set_region_plan(caller, network, plan)
		}

		/// Removes the plan of a region: the network no longer serves it. No device can be placed
		/// there, and those that are there are not challenged. For governance.
		#[pallet::call_index(7)]
		pub fn retire_region_plan(
			origin: OriginFor<T>,
			network: NetworkId,
			region: RegionId,
		) -> DispatchResult {
			let caller = origin.caller().clone();
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_retire_region_plan(caller, network, region)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// How devices transmit in a region of a network; none if the network does not serve the
		/// region.
		pub fn plan(network: NetworkId, region: RegionId) -> Option<RegionPlan> {
			Self::stored_plan(network, region).value()
		}
	}
}
