//! The store on disk, dropped and opened again after every step.

use std::{
	fs,
	os::unix::fs::{PermissionsExt, symlink},
	path::Path,
};

use groma_client::{
	evidence::DoubleBeacon,
	report::EncodedReport,
	store::{
		Airtime, BeaconCounts, BeaconState, EVIDENCE_MAX, EvidenceCounts, EvidenceState,
		RefusalCount, ReportCounts, ReportState, Store, StoreError, Summary,
	},
};
use groma_core::{
	api::Refusal,
	payload::Observation,
	statement::{Report, Reveal, Statement},
	words::Signature,
};

const REVEAL: Reveal = Reveal { window: 5, beaconer: 1, signature: Signature([9; 64]) };
const STATEMENT: Statement = Statement {
	window: 5,
	beaconer: 1,
	observation: Observation {
		witness: 2,
		collector: 0,
		rssi_deci_dbm: -1_480,
		snr_deci_db: -205,
		commitment: [1, 2, 3, 4, 5, 6, 7, 8],
	},
	signature: Signature([8; 64]),
};

const EVIDENCE: DoubleBeacon =
	DoubleBeacon { window: 5, device: 1, signatures: [Signature([6; 64]), Signature([7; 64])] };

/// A directory whose store is opened again for every step.
struct Disk(tempfile::TempDir);

impl Disk {
	fn new() -> Self {
		Self(tempfile::tempdir().expect("a directory"))
	}

	fn open(&self) -> Store {
		Store::open(&self.0.path().join("store.db")).expect("opened")
	}
}

/// Whether a store holds nothing.
fn is_empty(summary: &Summary) -> bool {
	let has_no_reports = summary.reports.values().all(|it| *it == ReportCounts::default());
	has_no_reports && *summary == Summary { reports: summary.reports.clone(), ..Summary::default() }
}

#[test]
fn answer_is_found_after_a_crash_at_every_step() {
	let disk = Disk::new();
	assert!(!disk.open().has_answered(1, 5).expect("readable"));
	assert!(disk.open().commit_beacon(&REVEAL, 1_000).expect("kept"));
	assert!(disk.open().has_answered(1, 5).expect("readable"));
	assert!(!disk.open().commit_beacon(&REVEAL, 2_000).expect("known"));
	disk.open().spend_airtime(1, 5, 431_104).expect("kept");
	disk.open().spend_airtime(1, 5, 431_104).expect("kept");
	let spent = Airtime { window: 5, committed_at_ms: 1_000, airtime_us: 862_208 };
	for (window, unix_ms) in [(5, 1_001), (6, 1_000)] {
		assert_eq!(disk.open().airtime_since(1, window, unix_ms).expect("readable"), [spent]);
	}
	assert_eq!(disk.open().airtime_since(1, 6, 1_001).expect("readable"), []);
	disk.open().set_beacon_state(1, 5, BeaconState::Transmitted).expect("kept");
	let beacons = BeaconCounts { transmitted: 1, ..BeaconCounts::default() };
	assert_eq!(disk.open().summary().expect("readable").beacons, beacons);
	assert_eq!(disk.open().waiting_reveals().expect("readable"), [(REVEAL, true)]);
}

#[test]
fn statement_and_its_reveal_are_found_after_a_crash_at_every_step() {
	let disk = Disk::new();
	assert!(disk.open().keep_statement(&STATEMENT, &REVEAL.signature).expect("kept"));
	assert!(!disk.open().keep_statement(&STATEMENT, &Signature([0; 64])).expect("known"));
	assert_eq!(disk.open().open_reports().expect("readable"), [EncodedReport::from(STATEMENT)]);
	assert_eq!(disk.open().waiting_reveals().expect("readable"), [(REVEAL, false)]);
	disk.open().set_state(STATEMENT.key(), ReportState::Settled).expect("kept");
	assert!(disk.open().open_reports().expect("readable").is_empty());
	disk.open().set_state(REVEAL.key(), ReportState::Open).expect("kept");
	assert_eq!(disk.open().open_reports().expect("readable"), [EncodedReport::from(REVEAL)]);
	assert_eq!(disk.open().waiting_reveals().expect("readable"), []);
	let refused = ReportState::Refused(Refusal::NothingToReveal.into());
	disk.open().set_state(REVEAL.key(), refused).expect("kept");
	let summary = disk.open().summary().expect("readable");
	assert_eq!(summary.reports["reveals"], ReportCounts { refused: 1, ..ReportCounts::default() });
	let refusal = RefusalCount { reason: "nothingToReveal".to_owned(), count: 1 };
	assert_eq!(summary.refusals, [refusal]);
}

#[test]
fn statement_names_another_collector_and_says_nothing_else() {
	let disk = Disk::new();
	assert!(!disk.open().name_collector(&STATEMENT).expect("nothing is kept"));
	disk.open().keep_statement(&STATEMENT, &REVEAL.signature).expect("kept");
	let observation = Observation { collector: 7, ..STATEMENT.observation };
	let named = Statement { observation, signature: Signature([1; 64]), ..STATEMENT };
	assert!(disk.open().name_collector(&named).expect("kept"));
	assert_eq!(disk.open().open_reports().expect("readable"), [EncodedReport::from(named)]);
	let observation = Observation { commitment: [9; 8], collector: 8, ..STATEMENT.observation };
	let other = Statement { observation, ..named };
	assert!(!disk.open().name_collector(&other).expect("readable"));
	assert_eq!(disk.open().statements_about(5).expect("readable"), [named]);
	assert_eq!(disk.open().waiting_reveals().expect("readable"), [(REVEAL, false)]);
	disk.open().set_state(named.key(), ReportState::Settled).expect("kept");
	assert!(!disk.open().name_collector(&STATEMENT).expect("it is settled"));
	assert_eq!(disk.open().statements_about(5).expect("readable"), [named]);
}

#[test]
fn evidence_is_found_after_a_crash_at_every_step() {
	let disk = Disk::new();
	assert!(disk.open().keep_evidence(&EVIDENCE).expect("kept"));
	assert_eq!(disk.open().open_evidence().expect("readable"), [EVIDENCE]);
	// One is enough to ban a device.
	assert!(!disk.open().keep_evidence(&EVIDENCE).expect("known"));
	assert!(!disk.open().keep_evidence(&DoubleBeacon { window: 6, ..EVIDENCE }).expect("known"));
	disk.open().prune(1_000, u64::MAX >> 1).expect("pruned");
	assert_eq!(disk.open().open_evidence().expect("readable"), [EVIDENCE]);
	disk.open().set_evidence_state(&EVIDENCE, EvidenceState::Banned).expect("kept");
	assert_eq!(disk.open().open_evidence().expect("readable"), []);
	assert!(!disk.open().keep_evidence(&DoubleBeacon { window: 6, ..EVIDENCE }).expect("known"));
	disk.open().prune(6, 0).expect("pruned");
	assert!(is_empty(&disk.open().summary().expect("readable")));
}

#[test]
fn void_evidence_makes_room_for_better() {
	let disk = Disk::new();
	assert!(disk.open().keep_evidence(&EVIDENCE).expect("kept"));
	disk.open().set_evidence_state(&EVIDENCE, EvidenceState::Void).expect("kept");
	let better = DoubleBeacon { window: 6, ..EVIDENCE };
	assert!(disk.open().keep_evidence(&better).expect("kept"));
	assert_eq!(disk.open().open_evidence().expect("readable"), [better]);
}

#[test]
fn evidence_is_bounded() {
	let store = Store::in_memory().expect("a store");
	for device in 0..EVIDENCE_MAX {
		assert!(store.keep_evidence(&DoubleBeacon { device, ..EVIDENCE }).expect("kept"));
	}
	let further = DoubleBeacon { device: EVIDENCE_MAX, ..EVIDENCE };
	assert!(!store.keep_evidence(&further).expect("no room"));
	assert_eq!(
		store.summary().expect("readable").evidence,
		EvidenceCounts { open: EVIDENCE_MAX, ..EvidenceCounts::default() }
	);
}

#[test]
fn own_beacon_stays_own_when_another_gateway_hears_it() {
	let disk = Disk::new();
	disk.open().commit_beacon(&REVEAL, 0).expect("kept");
	disk.open().keep_statement(&STATEMENT, &REVEAL.signature).expect("kept");
	assert_eq!(disk.open().waiting_reveals().expect("readable"), [(REVEAL, true)]);
}

#[test]
fn windows_are_forgotten_when_they_are_pruned() {
	let disk = Disk::new();
	disk.open().commit_beacon(&REVEAL, 0).expect("kept");
	disk.open().keep_statement(&STATEMENT, &REVEAL.signature).expect("kept");
	let always = i64::MAX as u64;
	// What is on its way stays.
	disk.open().prune(6, always).expect("pruned");
	assert_eq!(disk.open().open_reports().expect("readable"), [EncodedReport::from(STATEMENT)]);
	assert_eq!(disk.open().waiting_reveals().expect("readable"), [(REVEAL, true)]);
	disk.open().set_state(STATEMENT.key(), ReportState::Settled).expect("kept");
	disk.open().set_state(REVEAL.key(), ReportState::Expired).expect("kept");
	disk.open().prune(5, always).expect("pruned");
	let kept = disk.open().summary().expect("readable");
	let (settled, expired) = (kept.reports["statements"].settled, kept.reports["reveals"].expired);
	assert_eq!((settled, expired), (1, 1));
	disk.open().prune(6, always).expect("pruned");
	assert!(is_empty(&disk.open().summary().expect("readable")));
}

/// A moment of 2027, in ms.
const NOW_MS: u64 = 1_800_000_000_000;
const DAY_MS: u64 = 86_400_000;

#[test]
fn answer_is_kept_when_a_false_window_would_have_it_forgotten() {
	let disk = Disk::new();
	disk.open().commit_beacon(&REVEAL, NOW_MS).expect("kept");
	disk.open().prune(u32::MAX, NOW_MS + 2 * DAY_MS).expect("pruned");
	assert!(disk.open().has_answered(1, 5).expect("readable"));
	// While the beacon is not revealed, the answer shows that it is this process's own.
	let later = NOW_MS + 2 * DAY_MS + 1;
	disk.open().prune(u32::MAX, later).expect("pruned");
	assert!(disk.open().has_answered(1, 5).expect("readable"));
	disk.open().set_state(REVEAL.key(), ReportState::Expired).expect("kept");
	// A clock that starts in 1970 says nothing about what is old.
	disk.open().prune(u32::MAX, 120_000).expect("pruned");
	assert!(disk.open().has_answered(1, 5).expect("readable"));
	disk.open().prune(u32::MAX, later).expect("pruned");
	assert!(!disk.open().has_answered(1, 5).expect("readable"));
}

#[test]
fn answer_is_forgotten_with_its_window_when_the_clock_was_in_another_century() {
	for committed_at_ms in [5, 4_102_444_800_000] {
		let disk = Disk::new();
		disk.open().commit_beacon(&REVEAL, committed_at_ms).expect("kept");
		disk.open().set_state(REVEAL.key(), ReportState::Settled).expect("kept");
		disk.open().prune(5, NOW_MS).expect("pruned");
		assert!(disk.open().has_answered(1, 5).expect("readable"), "{committed_at_ms}");
		disk.open().prune(6, NOW_MS).expect("pruned");
		assert!(!disk.open().has_answered(1, 5).expect("readable"), "{committed_at_ms}");
	}
}

#[test]
fn store_is_refused_when_it_belongs_to_another_chain() {
	let disk = Disk::new();
	disk.open().bind(&[1; 32]).expect("bound");
	disk.open().bind(&[1; 32]).expect("the same");
	assert!(matches!(disk.open().bind(&[2; 32]), Err(StoreError::OtherChain)));
}

#[test]
fn store_is_refused_when_another_process_has_it() {
	let disk = Disk::new();
	let first = disk.open();
	let second = Store::open(&disk.0.path().join("store.db"));
	assert!(matches!(second, Err(StoreError::InUse(_))));
	let reader = Store::open_to_read(&disk.0.path().join("store.db")).expect("readable");
	assert_eq!(reader.summary().expect("readable").beacons, BeaconCounts::default());
	drop(first);
	disk.open();
}

#[test]
fn store_is_one_under_every_link_that_leads_to_it() {
	let disk = Disk::new();
	let link = disk.0.path().join("link.db");
	symlink("store.db", &link).expect("linked");
	let first = disk.open();
	first.keep_statement(&STATEMENT, &REVEAL.signature).expect("kept");
	assert!(matches!(Store::open(&link), Err(StoreError::InUse(_))));
	drop(first);
	let again = Store::open(&link).expect("opened");
	assert_eq!(again.open_reports().expect("readable"), [EncodedReport::from(STATEMENT)]);
	assert!(matches!(Store::open(&disk.0.path().join("store.db")), Err(StoreError::InUse(_))));
}

#[test]
fn directory_is_no_store() {
	let disk = Disk::new();
	for opened in [Store::open(disk.0.path()), Store::open_to_read(disk.0.path())] {
		let error = opened.err().expect("refused").to_string();
		assert!(error.contains("directory") && error.contains("correct `store.path`"), "{error}");
	}
}

#[test]
fn store_is_for_its_owner_alone() {
	let disk = Disk::new();
	disk.open();
	let mode = disk.0.path().join("store.db").metadata().expect("exists").permissions().mode();
	assert_eq!(mode & 0o777, 0o600);
}

/// A directory with copies of a store's files, in which SQLite can make no shared memory, not even
/// as root: it does not follow links.
fn directory_without_write_access(files: &[(&str, Vec<u8>)]) -> tempfile::TempDir {
	let directory = tempfile::tempdir().expect("a directory");
	for (name, bytes) in files {
		fs::write(directory.path().join(name), bytes).expect("written");
	}
	symlink("/nonexistent", directory.path().join("store.db-shm")).expect("made");
	directory
}

#[test]
fn store_is_summarised_when_its_directory_cannot_be_written() {
	let disk = Disk::new();
	disk.open().keep_statement(&STATEMENT, &REVEAL.signature).expect("kept");
	let database = fs::read(disk.0.path().join("store.db")).expect("readable");
	for files in [
		vec![("store.db", database.clone())],
		vec![("store.db", database), ("store.db-wal", Vec::new())],
	] {
		let directory = directory_without_write_access(&files);
		let path = directory.path().join("store.db");
		assert!(Store::exists(&path).expect("readable"));
		let reader = Store::open_to_read(&path).expect("readable");
		assert_eq!(reader.summary().expect("readable").reports["statements"].open, 1);
	}
}

#[test]
fn store_that_was_cut_off_is_not_summarised_without_what_was_written_last() {
	let disk = Disk::new();
	let store = disk.open();
	store.keep_statement(&STATEMENT, &REVEAL.signature).expect("kept");
	let files = ["store.db", "store.db-wal"];
	let files = files.map(|name| (name, fs::read(disk.0.path().join(name)).expect("readable")));
	let directory = directory_without_write_access(&files);
	let opened = Store::open_to_read(&directory.path().join("store.db"));
	let error = opened.err().expect("refused").to_string();
	assert!(error.contains("store.db-wal") && error.contains("copy both files"), "{error}");
}

#[test]
fn store_that_cannot_be_reached_is_refused_with_what_to_do() {
	let missing = Path::new("/nonexistent/store.db");
	assert!(!Store::exists(missing).expect("known"));
	for opened in [Store::open(missing), Store::open_to_read(missing)] {
		let error = opened.err().expect("refused").to_string();
		assert!(error.contains("`store.path`"), "{error}");
	}
}
