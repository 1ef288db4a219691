//! The settings file: TOML, documented by `settings.example.toml`. Environment variables override
//! it.

use std::{
	fs::{self, File},
	io,
	net::{IpAddr, SocketAddr},
	os::unix::fs::FileTypeExt,
	path::{Path, PathBuf},
	sync::Arc,
};

use groma_client::{
	delivery::Policy,
	endpoints::{self, EndpointError},
	keys::{self, KeyError},
	logging::{Filter, NotAFilter},
	short_text::{self, NotText},
};
use groma_core::protocol::{REVEAL_DELAY, WINDOWS_KEPT};
use groma_lora::radio::Mac;
use serde::Deserialize;
use toml::{Table, Value};

use crate::{
	complaint::{self, Complaint, NOT_A_LIST},
	fleet::Gateway,
};

/// The most bytes in the settings file.
const LENGTH_MAX: u64 = 1_048_576;
/// A statement is settled, or too late, so many windows after its own.
const HISTORY_WINDOWS_MIN: u32 = REVEAL_DELAY + 2;
const _: () = assert!(HISTORY_WINDOWS_MIN == 4, "the refusal of less names this number");
/// What the names of overriding environment variables begin with.
const PREFIX: &str = "GROMA_DEVICE_";
/// What separates a table from its key in such a name.
const SEPARATOR: &str = "__";

/// What overriding variables of all settings would be called with one underscore in the middle.
/// Names that only begin like these are of others: Kubernetes names the ports of services so.
const SINGLE_UNDERSCORE: [&str; 10] = [
	"CHAIN_ENDPOINTS",
	"CHAIN_AGREEING_ENDPOINTS",
	"CHAIN_ALLOW_PLAINTEXT",
	"CHAIN_OWN_TRANSACTIONS",
	"RADIO_LISTEN",
	"STORE_PATH",
	"STORE_HISTORY_WINDOWS",
	"EVIDENCE_ACCOUNT",
	"METRICS_LISTEN",
	"LOG_FILTER",
];

/// The settings of a process.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
	/// The chain.
	#[serde(default)]
	pub chain: ChainSettings,
	/// The packet forwarders.
	#[serde(default)]
	pub radio: RadioSettings,
	/// What is kept on disk.
	#[serde(default)]
	pub store: StoreSettings,
	/// What is done about devices that cheat.
	#[serde(default)]
	pub evidence: EvidenceSettings,
	/// The Prometheus endpoint.
	#[serde(default)]
	pub metrics: MetricsSettings,
	/// Logs.
	#[serde(default)]
	pub log: LogSettings,
	/// The gateways.
	#[serde(default)]
	pub gateway: Vec<GatewaySettings>,
}

/// The chain.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ChainSettings {
	/// Nodes, in the order in which they are tried.
	pub endpoints: Vec<String>,
	/// How many of them have to agree before anything about a window is believed.
	pub agreeing_endpoints: usize,
	/// Whether endpoints on other machines may be reached without encryption.
	pub allow_plaintext: bool,
	/// Whether the device may submit statements and reveals itself when no node does.
	pub own_transactions: bool,
}

impl Default for ChainSettings {
	fn default() -> Self {
		Self {
			endpoints: vec!["ws://127.0.0.1:9944".to_owned()],
			agreeing_endpoints: 2,
			allow_plaintext: false,
			own_transactions: true,
		}
	}
}

/// The packet forwarders.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RadioSettings {
	/// Where packet forwarders send their datagrams.
	pub listen: SocketAddr,
}

impl Default for RadioSettings {
	fn default() -> Self {
		Self { listen: SocketAddr::from(([127, 0, 0, 1], 1680)) }
	}
}

/// What is kept on disk.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreSettings {
	/// The database file.
	pub path: PathBuf,
	/// How many windows settled things are kept for `status` to show.
	pub history_windows: u32,
}

impl Default for StoreSettings {
	fn default() -> Self {
		Self { path: "/var/lib/groma-device/store.db".into(), history_windows: WINDOWS_KEPT }
	}
}

/// What is done about devices that cheat.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EvidenceSettings {
	/// The URI of the account that reports them; without it nothing is reported.
	pub account: Option<String>,
}

/// The Prometheus endpoint.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MetricsSettings {
	/// Where it listens; none is served without it.
	pub listen: Option<SocketAddr>,
}

/// Logs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogSettings {
	/// A filter of `tracing`, such as `info` or `info,device::witness=debug`.
	pub filter: String,
}

impl Default for LogSettings {
	fn default() -> Self {
		Self { filter: "info".to_owned() }
	}
}

/// A gateway.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewaySettings {
	/// By which its packet forwarder names it.
	pub mac: Mac,
	/// The only host from which its packet forwarder may speak; any may without it.
	pub address: Option<IpAddr>,
	/// The URI of its session key.
	pub key: String,
	/// What the antenna adds less what the cable takes, in dB.
	#[serde(default)]
	pub antenna_gain_db: f32,
	/// The most that the radio can transmit, in dBm.
	#[serde(default = "power_dbm_max")]
	pub power_dbm_max: u8,
}

fn power_dbm_max() -> u8 {
	27
}

/// Why the settings cannot be used. None of these passes by waiting.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
	/// The file cannot be read.
	#[error("{path}: {source}; {}", advice(.source))]
	File {
		/// Which file.
		path: PathBuf,
		/// What the system says.
		source: io::Error,
	},
	/// There is a pipe, of which opening waits for a writer.
	#[error("{0} is a pipe: write the settings into a file, and name it with --settings")]
	Pipe(PathBuf),
	/// The file is too long, or not text.
	#[error("{0} {1}; write it like `settings.example.toml`")]
	NotText(PathBuf, NotText),
	/// The file is not TOML, or has a setting that does not exist or does not fit.
	#[error("{path}: {complaint}")]
	Content {
		/// Which file.
		path: PathBuf,
		/// Where and what.
		complaint: Complaint,
	},
	/// An environment variable has a value that does not fit.
	#[error("{name}: {reason}; correct this environment variable, or remove it")]
	Overriding {
		/// Which variable.
		name: String,
		/// What the reader of TOML says.
		reason: String,
	},
	/// An environment variable names no table, or is no text.
	#[error(
		"{0}: no such setting, or no text; write {PREFIX}TABLE{SEPARATOR}KEY, such as {PREFIX}RADIO{SEPARATOR}LISTEN"
	)]
	Variable(String),
	/// The endpoints cannot be used.
	#[error("`chain.endpoints`: {0}")]
	Endpoints(#[from] EndpointError),
	/// What is to be logged is not said.
	#[error("`log.filter`: {0}")]
	Filter(#[from] NotAFilter),
	/// A setting is out of range.
	#[error("{0}")]
	Range(&'static str),
	/// Two gateways have the same session key.
	#[error(
		"gateways {0} and {1} have one session key, and a key names one device: give each its own, \
		 `groma-device key generate` makes one"
	)]
	SameKey(Mac, Mac),
	/// Two gateways have the same id.
	#[error("two gateways have the id {0}: every `[[gateway]]` needs its own")]
	Duplicate(Mac),
	/// A key cannot be used.
	#[error("the key of gateway {gateway}: {source}")]
	Key {
		/// Whose key.
		gateway: Mac,
		/// Why not.
		source: KeyError,
	},
}

/// What to do about a file that cannot be read.
fn advice(error: &io::Error) -> &'static str {
	match error.kind() {
		io::ErrorKind::NotFound => {
			"copy `settings.example.toml` there, or name another with --settings"
		}
		io::ErrorKind::PermissionDenied => {
			"let the user who runs this read it and enter its directory, or name another with --settings"
		}
		io::ErrorKind::IsADirectory => "name the file in it with --settings",
		_ => "name another with --settings",
	}
}

impl Settings {
	/// Reads the file at `path`, overridden by the environment of the process.
	pub fn load(path: &Path) -> Result<Self, SettingsError> {
		if fs::metadata(path).is_ok_and(|found| found.file_type().is_fifo()) {
			return Err(SettingsError::Pipe(path.to_owned()));
		}
		let text = File::open(path)
			.and_then(|file| short_text::read(file, LENGTH_MAX))
			.map_err(|source| SettingsError::File { path: path.to_owned(), source })?
			.map_err(|fault| SettingsError::NotText(path.to_owned(), fault))?;
		let settings = Self::read(&text, path, &variables()?)?;
		settings.check()?;
		Ok(settings)
	}

	/// Reads the text of the file at `path`, overridden by environment variables.
	fn read(
		text: &str,
		path: &Path,
		variables: &[(String, String)],
	) -> Result<Self, SettingsError> {
		let content = |error: toml::de::Error| SettingsError::Content {
			path: path.to_owned(),
			complaint: Complaint::about(text, &error),
		};
		let table: Table = text.parse().map_err(content)?;
		let with = |variables: &[(String, String)]| {
			let mut table = table.clone();
			for (name, value) in variables {
				override_with(&mut table, name, value)?;
			}
			Ok::<_, SettingsError>(table.try_into::<Self>())
		};
		let error = match with(variables)? {
			Ok(settings) => return Ok(settings),
			Err(error) => error,
		};
		// What was overridden has no place in the file. If the file alone is wrong, that comes
		// first.
		toml::from_str::<Self>(text).map_err(content)?;
		for variable in variables {
			if let Err(error) = with(std::slice::from_ref(variable))? {
				let reason = match complaint::wants_list(error.message()) {
					true => NOT_A_LIST.to_owned(),
					false => error.message().trim().replace('\n', ", "),
				};
				let name = variable.0.clone();
				return Err(SettingsError::Overriding { name, reason });
			}
		}
		Err(content(error))
	}

	/// The gateways with their keys. Two with one key would answer each challenge twice, and state
	/// two things about one beacon.
	pub fn gateways(&self) -> Result<Arc<[Gateway]>, SettingsError> {
		let mut gateways: Vec<Gateway> = Vec::with_capacity(self.gateway.len());
		for it in &self.gateway {
			let key = keys::open(&it.key)
				.map_err(|source| SettingsError::Key { gateway: it.mac, source })?;
			let public = key.public();
			if let Some(other) = gateways.iter().find(|other| other.key.public() == public) {
				return Err(SettingsError::SameKey(other.mac, it.mac));
			}
			gateways.push(Gateway {
				mac: it.mac,
				address: it.address,
				key,
				antenna_gain_deci_db: (it.antenna_gain_db * 10.0).round() as i16,
				power_dbm_max: it.power_dbm_max,
			});
		}
		Ok(gateways.into())
	}

	/// How reports are to be delivered.
	pub(crate) fn policy(&self) -> Policy {
		Policy {
			own_transactions: self.chain.own_transactions,
			history_windows: self.store.history_windows,
		}
	}

	fn check(&self) -> Result<(), SettingsError> {
		self.log.filter.parse::<Filter>()?;
		endpoints::check(&self.chain.endpoints, self.chain.allow_plaintext)?;
		if self.chain.agreeing_endpoints == 0 {
			return Err(SettingsError::Range("`chain.agreeing_endpoints` is at least 1"));
		}
		if self.store.history_windows < HISTORY_WINDOWS_MIN {
			return Err(SettingsError::Range("`store.history_windows` is at least 4"));
		}
		for (index, gateway) in self.gateway.iter().enumerate() {
			if self.gateway[..index].iter().any(|other| other.mac == gateway.mac) {
				return Err(SettingsError::Duplicate(gateway.mac));
			}
			if !(-30.0..=30.0).contains(&gateway.antenna_gain_db) {
				return Err(SettingsError::Range("`antenna_gain_db` lies between -30 and 30"));
			}
		}
		Ok(())
	}
}

/// The environment variables that override settings.
fn variables() -> Result<Vec<(String, String)>, SettingsError> {
	// Variables of others may hold anything, also what is not text.
	let ours = std::env::vars_os().filter_map(|(name, value)| {
		let name = name.to_str().filter(|name| name.starts_with(PREFIX))?;
		Some((name.to_owned(), value))
	});
	let texts = ours.map(|(name, value)| match value.into_string() {
		Ok(value) => Ok((name, value)),
		Err(_) => Err(SettingsError::Variable(name)),
	});
	texts.collect()
}

/// Sets what an environment variable names. Those without a table in their name mean something
/// else.
fn override_with(table: &mut Table, name: &str, value: &str) -> Result<(), SettingsError> {
	let Some(path) = name.strip_prefix(PREFIX) else { return Ok(()) };
	let Some((section, key)) = path.split_once(SEPARATOR) else {
		return match SINGLE_UNDERSCORE.contains(&path) {
			true => Err(SettingsError::Variable(name.to_owned())),
			false => Ok(()),
		};
	};
	let section = table.entry(section.to_lowercase()).or_insert_with(|| Table::new().into());
	let Value::Table(section) = section else {
		return Err(SettingsError::Variable(name.to_owned()));
	};
	// `8` is a number and `["a", "b"]` a list, as in the file; anything else is a text without
	// quotes.
	let parsed = format!("value = {value}").parse::<Table>().ok();
	let value = parsed
		.and_then(|mut table| table.remove("value"))
		.unwrap_or_else(|| Value::String(value.to_owned()));
	section.insert(key.to_lowercase(), value);
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;

	fn parse(text: &str, variables: &[(&str, &str)]) -> Result<Settings, String> {
		let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
		let variables: Vec<_> = variables.iter().map(owned).collect();
		let settings = Settings::read(text, Path::new("settings.toml"), &variables)
			.map_err(|error| error.to_string())?;
		settings.check().map_err(|error| error.to_string())?;
		Ok(settings)
	}

	/// What is said of a gateway with these lines.
	fn refusal(gateway: &str) -> String {
		let text = format!("[[gateway]]\n{gateway}\nkey = \"file:key\"\n");
		let error = parse(&text, &[]).expect_err(gateway);
		assert!(!error.contains('\n'), "{error}");
		error
	}

	#[test]
	fn spellings_of_other_countries_and_consoles_are_refused_with_what_to_write() {
		let mac = "mac = \"AA555A0000000101\"";
		for gain in ["2,5", "\"2,5\"", "-0,5 # less the cable"] {
			let error = refusal(&format!("{mac}\nantenna_gain_db = {gain}"));
			let expected = "settings.toml: line 3: write the number with a decimal point";
			assert!(error.starts_with(expected), "{error}");
		}
		for id in ["3338333041005200", "AA555A0000000101", "0000000000000101", "12E4567890123456"] {
			let error = refusal(&format!("mac = {id}"));
			let expected = "settings.toml: line 2: write the gateway id in quotes";
			assert!(error.starts_with(expected), "{error}");
		}
		let error = refusal("mac = \"b8:27:eb:00:00:01\"");
		assert!(
			error.starts_with("settings.toml: line 2: ") && error.contains("six bytes"),
			"{error}"
		);
		for id in ["eui-aa555a0000000101", "0xAA555A0000000101", "AA:55:5A:00:00:00:01:01"] {
			let text = format!("[[gateway]]\nmac = \"{id}\"\nkey = \"file:key\"\n");
			assert_eq!(parse(&text, &[]).expect(id).gateway[0].mac.to_string(), "AA555A0000000101");
		}
	}

	#[test]
	fn names_and_values_are_refused_with_their_line_and_what_there_is() {
		let mac = "mac = \"AA555A0000000101\"";
		let error = refusal(&format!("{mac}\nantena_gain_db = 2.5"));
		assert!(
			error.contains("line 3: there is no setting `antena_gain_db`, expected"),
			"{error}"
		);
		assert!(error.contains("`antenna_gain_db`"), "{error}");
		let error = refusal(&format!("{mac}\npower_dbm_max = 300"));
		assert!(error.contains("line 3: ") && error.contains("300"), "{error}");
		let error = refusal(&format!("{mac}\nkey = \"file:other\""));
		assert!(error.contains("line 4: duplicate key"), "{error}");
		let twice = format!("{mac}\nkey = \"file:a\"\n[[gateway]]\n{mac}");
		let error = refusal(&twice);
		assert!(error.contains("two gateways have the id AA555A0000000101"), "{error}");
		let error = parse("[log]\nfilter = \"inof\"", &[]).expect_err("no level");
		assert!(error.starts_with("`log.filter`: `inof` does not say what to log"), "{error}");
	}

	#[test]
	fn what_should_be_a_list_is_refused_with_how_to_write_it() {
		for header in ["[gateway]", "[ gateway ] # on the roof"] {
			let text = format!("{header}\nmac = \"AA555A0000000101\"\nkey = \"file:key\"\n");
			for text in [text.clone(), text.repeat(2)] {
				let error = parse(&text, &[]).expect_err(header);
				assert!(error.contains("write [[gateway]] in two brackets"), "{error}");
			}
		}
		let text = "[chain]\nendpoints = \"wss://me:secret@a\"\n";
		let variable = [("GROMA_DEVICE_CHAIN__ENDPOINTS", "wss://me:secret@a")];
		for error in [parse(text, &[]), parse("", &variable)].map(|it| it.expect_err("no list")) {
			assert!(error.contains("write a list in brackets"), "{error}");
			assert!(!error.contains("secret"), "{error}");
		}
	}

	#[test]
	fn variable_is_named_when_its_value_does_not_fit() {
		let variables =
			[("GROMA_DEVICE_LOG__FILTER", "warn"), ("GROMA_DEVICE_STORE__HISTORY_WINDOWS", "many")];
		let error = parse("", &variables).expect_err("no number");
		assert!(error.starts_with("GROMA_DEVICE_STORE__HISTORY_WINDOWS: "), "{error}");
		// What is wrong in the file comes first, with its line.
		let error = parse("[radio]\nport = 1", &variables).expect_err("no such setting");
		assert!(error.starts_with("settings.toml: line 2: there is no setting `port`"), "{error}");
	}

	#[test]
	fn gateways_are_refused_when_two_have_one_key() {
		let directory = tempfile::tempdir().expect("a directory");
		let path = |name: &str| directory.path().join(name);
		let uri = |name: &str| format!("file:{}", path(name).display());
		for name in ["a", "b"] {
			keys::generate(&uri(name)).expect("made");
		}
		std::fs::copy(path("a"), path("copy")).expect("copied");
		std::os::unix::fs::symlink(path("a"), path("link")).expect("linked");
		let with = |names: [&str; 2]| {
			let [first, second] = names.map(&uri);
			let text = format!(
				"[[gateway]]\nmac = \"AA555A0000000101\"\nkey = \"{first}\"\n\
				 [[gateway]]\nmac = \"AA555A0000000102\"\nkey = \"{second}\"\n"
			);
			let gateways = parse(&text, &[]).expect("valid").gateways();
			gateways.map(|gateways| gateways.len()).map_err(|error| error.to_string())
		};
		assert_eq!(with(["a", "b"]), Ok(2));
		for second in ["a", "copy", "link"] {
			let error = with(["a", second]).expect_err(second);
			let expected = "gateways AA555A0000000101 and AA555A0000000102 have one session key";
			assert!(error.starts_with(expected) && error.contains("key generate"), "{error}");
		}
	}

	#[test]
	fn example_shows_every_setting_with_its_default() {
		let example = parse(include_str!("../settings.example.toml"), &[]).expect("valid");
		assert_eq!(example.gateway.len(), 1);
		let uncommented = include_str!("../settings.example.toml");
		for key in [
			"endpoints",
			"agreeing_endpoints",
			"allow_plaintext",
			"own_transactions",
			"listen",
			"path",
		] {
			assert!(uncommented.contains(&format!("\n{key} = ")), "{key}");
		}
		let defaults = parse("", &[]).expect("valid");
		assert_eq!(format!("{:?}", example.chain), format!("{:?}", defaults.chain));
		assert_eq!(format!("{:?}", example.radio), format!("{:?}", defaults.radio));
		assert_eq!(format!("{:?}", example.store), format!("{:?}", defaults.store));
		assert_eq!(format!("{:?}", example.log), format!("{:?}", defaults.log));
	}

	#[test]
	fn environment_overrides_the_file() {
		let settings = parse(
			"[radio]\nlisten = \"127.0.0.1:1\"",
			&[
				("GROMA_DEVICE_RADIO__LISTEN", "0.0.0.0:1700"),
				("GROMA_DEVICE_CHAIN__ENDPOINTS", r#"["wss://a", "wss://b"]"#),
				("GROMA_DEVICE_STORE__HISTORY_WINDOWS", "12"),
				("GROMA_DEVICE_SETTINGS", "/etc/groma.toml"),
				("PATH", "/bin"),
			],
		)
		.expect("valid");
		assert_eq!(settings.radio.listen.port(), 1700);
		assert_eq!(settings.chain.endpoints, ["wss://a", "wss://b"]);
		assert_eq!(settings.store.history_windows, 12);
	}

	#[test]
	fn variable_with_one_underscore_in_the_middle_is_refused_with_how_to_write_it() {
		for path in SINGLE_UNDERSCORE {
			let name = format!("{PREFIX}{path}");
			let error = parse("", &[(name.as_str(), "info")]).expect_err(path);
			assert!(error.starts_with(&name) && error.contains("RADIO__LISTEN"), "{error}");
			// With two it names a setting, which this value need not fit.
			let name = format!("{PREFIX}{}", path.replacen('_', SEPARATOR, 1));
			let error = parse("", &[(name.as_str(), "info")]).err().unwrap_or_default();
			assert!(
				!error.contains("unknown field") && !error.contains("no such setting"),
				"{error}"
			);
		}
		for name in ["GROMA_DEVICE_SERVICE_HOST", "GROMA_DEVICE_METRICS_PORT_9616_TCP"] {
			assert!(parse("", &[(name, "10.0.0.1")]).is_ok(), "{name}");
		}
	}

	#[test]
	fn metrics_are_served_only_when_the_settings_say_where() {
		let example = parse(include_str!("../settings.example.toml"), &[]).expect("valid");
		assert!(example.metrics.listen.is_some_and(|address| address.ip().is_loopback()));
		assert!(parse("[metrics]", &[]).expect("valid").metrics.listen.is_none());
	}

	#[test]
	fn any_host_speaks_for_a_gateway_unless_the_settings_name_one() {
		let example = include_str!("../settings.example.toml");
		assert_eq!(parse(example, &[]).expect("valid").gateway[0].address, None);
		let named = parse(&example.replace("# address = ", "address = "), &[]).expect("valid");
		assert_eq!(named.gateway[0].address, Some([127, 0, 0, 1].into()));
		assert!(parse(&example.replace("# address = \"127", "address = \"527"), &[]).is_err());
	}

	#[test]
	fn no_one_reports_unless_the_settings_name_an_account() {
		let example = include_str!("../settings.example.toml");
		assert!(parse(example, &[]).expect("valid").evidence.account.is_none());
		let named = parse(&example.replace("# account = ", "account = "), &[]).expect("valid");
		assert!(named.evidence.account.is_some_and(|uri| uri.starts_with("file:")));
	}

	#[test]
	fn endpoints_are_refused_when_they_cannot_be_relied_on() {
		let with = |endpoints: &str, more: &str| {
			parse(&format!("[chain]\nendpoints = {endpoints}\n{more}"), &[]).map(drop)
		};
		assert_eq!(with(r#"["wss://a:1", "wss://b:1"]"#, ""), Ok(()));
		for (endpoints, reason) in [
			(r#"["wss://a:1", "WSS://a:1/"]"#, "one node"),
			(r#"["http://127.0.0.1:9944"]"#, "no endpoint"),
			(r#"["ws://10.0.0.4:9944"]"#, "allow_plaintext"),
			("[]", "at least one node"),
		] {
			let error = with(endpoints, "").expect_err(endpoints);
			assert!(error.starts_with("`chain.endpoints`: ") && error.contains(reason), "{error}");
		}
		assert_eq!(with(r#"["ws://10.0.0.4:9944"]"#, "allow_plaintext = true"), Ok(()));
	}

	#[test]
	fn settings_are_refused_when_a_name_or_a_value_is_wrong() {
		assert!(parse("[radio]\nlisten_on = \"127.0.0.1:1\"", &[]).is_err());
		assert!(parse("[store]\nhistory_windows = 1", &[]).is_err());
		assert!(parse("", &[("GROMA_DEVICE_RADIO__PORT", "1")]).is_err());
		let gateway = "[[gateway]]\nmac = \"AA555A0000000101\"\nkey = \"file:key\"\n";
		assert!(parse(gateway, &[]).is_ok());
		assert!(parse(&format!("{gateway}{gateway}"), &[]).is_err());
	}
}
