# What a build needs of the machine. Source it after console.sh; it defines functions only.
# shellcheck shell=bash

# ensure_toolchain: finds the Rust toolchain, its wasm target, the compilers, protoc, OpenSSL and CA
# certificates, and installs what is missing where that is possible without asking.
ensure_toolchain() {
	ensure_packages
	ensure_rust
}

# ensure_packages: everything that a build needs of the system's package manager.
ensure_packages() {
	local missing=()
	command -v cc >/dev/null && command -v c++ >/dev/null || missing+=(build-essential)
	command -v clang++ >/dev/null || missing+=(clang)
	command -v make >/dev/null || missing+=(make)
	command -v perl >/dev/null || missing+=(perl)
	command -v curl >/dev/null || missing+=(curl)
	command -v protoc >/dev/null || missing+=(protobuf-compiler)
	command -v pkg-config >/dev/null || missing+=(pkg-config)
	pkg-config --exists openssl 2>/dev/null || missing+=(libssl-dev)
	has_certificates || missing+=(ca-certificates)
	install_packages "${missing[@]}"
}

# ensure_check_tools: what scripts/checks needs besides a build's tools.
ensure_check_tools() {
	local missing=()
	command -v python3 >/dev/null || missing+=(python3)
	python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
	install_packages "${missing[@]}"
	python3 -c 'import tomllib' 2>/dev/null ||
		fail "the checks need Python 3.11 or newer, this is $(python3 --version): install one."
}

# pinned_tool PACKAGE: the folder with the programs of a package of PyPI, of the version and with
# the hashes in scripts/lib/PACKAGE.txt. It is installed once, into a folder of its version that
# appears only once it is complete.
pinned_tool() {
	local package="$1" version folder
	version="$(sed -n "s/^$package==\([0-9.]*\).*/\1/p" "scripts/lib/$package.txt")"
	folder="$HOME/.cache/groma/tools/$package-$version"
	if [ ! -d "$folder" ]; then
		ensure_check_tools
		say "installing $package $version in $folder"
		rm -rf "$folder.new"
		mkdir -p "$(dirname "$folder")"
		python3 -m venv "$folder.new"
		"$folder.new/bin/python3" -m pip install --quiet --disable-pip-version-check \
			--require-hashes --only-binary :all: --requirement "scripts/lib/$package.txt" >&2 ||
			fail "pip could not install $package $version: see above. It needs PyPI, or a mirror" \
				"that pip's settings name."
		mv "$folder.new" "$folder"
	fi
	printf '%s\n' "$folder/bin"
}

# npm_packages FOLDER: the folder with the packages of FOLDER/package-lock.json, which is installed
# once. It has the name of FOLDER and the lock file's hash in its name, and appears only once it is
# complete.
npm_packages() {
	local source="$1" name folder
	name="$(basename "$source")"
	folder="$HOME/.cache/groma/tools/$name-$(sha256sum "$source/package-lock.json" | cut -c 1-16)"
	if [ ! -d "$folder" ]; then
		say "installing the packages of $source in $folder"
		rm -rf "$folder.new"
		mkdir -p "$folder.new"
		# All of it: a package may lie in a folder below.
		cp -r "$source/." "$folder.new"
		npm ci --prefix "$folder.new" >&2 ||
			fail "npm could not install them: see above. It needs the npm registry, or a mirror" \
				"that npm's settings name."
		mv "$folder.new" "$folder"
	fi
	printf '%s\n' "$folder"
}

# ensure_node_js: what tests need that are written for Node.js.
ensure_node_js() {
	local missing=()
	command -v node >/dev/null || missing+=(nodejs)
	command -v npm >/dev/null || missing+=(npm)
	install_packages "${missing[@]}"
}

# install_packages NAME...: installs Debian packages as root; says what to do where that is not
# possible.
install_packages() {
	[ $# -gt 0 ] || return 0
	if ! command -v apt-get >/dev/null; then
		fail "these are missing: $* (names of Debian packages). Install them with this system's" \
			"package manager and run this again."
	fi
	if [ "$(id -u)" -ne 0 ]; then
		fail "these packages are missing: $*. Run \`sudo apt-get install $*\` and then this again."
	fi
	say "installing $*"
	export DEBIAN_FRONTEND=noninteractive
	if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@"; } >&2; then
		fail "apt-get could not install $*: see above, install them and run this again."
	fi
}

# has_certificates: whether TLS connections can be verified. Without certificates, off-chain workers
# do not start.
has_certificates() {
	[ -n "${SSL_CERT_FILE:-}" ] || [ -s /etc/ssl/certs/ca-certificates.crt ] ||
		[ -s /etc/pki/tls/certs/ca-bundle.crt ] || [ -s /etc/ssl/cert.pem ]
}

# ensure_rust: the toolchain that rust-toolchain.toml names, with its wasm target.
ensure_rust() {
	local toolchain target
	if ! command -v cargo >/dev/null && [ -f "$HOME/.cargo/env" ]; then
		# shellcheck disable=SC1091 # rustup writes this file, the source tree does not have it.
		. "$HOME/.cargo/env"
	fi
	command -v cargo >/dev/null ||
		fail "Rust is missing. Install rustup (https://rustup.rs), open a new shell and run this" \
			"again."
	toolchain="$(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml)"
	target="$(sed -n 's/^targets = \["\(.*\)"\]/\1/p' rust-toolchain.toml)"
	if ! command -v rustup >/dev/null; then
		rustc --version | grep -q "rustc $toolchain" ||
			fail "this needs Rust $toolchain, and rustup to choose it: install rustup" \
				"(https://rustup.rs)."
		return
	fi
	if ! rustup toolchain list | grep -q "^$toolchain"; then
		say "installing Rust $toolchain"
		rustup toolchain install "$toolchain" --profile minimal --component rustfmt,clippy >&2 ||
			fail "rustup could not install Rust $toolchain: see above."
	fi
	if ! rustup target list --toolchain "$toolchain" --installed | grep -qx "$target"; then
		say "installing the target $target for Rust $toolchain"
		rustup target add --toolchain "$toolchain" "$target" >&2 ||
			fail "rustup could not install the target $target: see above."
	fi
}

# use_target_dir: one build folder for all scripts, outside of the source tree.
use_target_dir() {
	export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$HOME/.cache/groma/target}"
	mkdir -p "$CARGO_TARGET_DIR" || fail "cannot create the build folder $CARGO_TARGET_DIR."
}

# need_disk GIGABYTES DIRECTORY PURPOSE: refuses to start where the disk would fill up.
need_disk() {
	local free_kb
	free_kb="$(df -Pk "$2" | awk 'NR == 2 { print $4 }')"
	if [ "$free_kb" -lt $(($1 * 1024 * 1024)) ]; then
		fail "$2 has $((free_kb / 1024 / 1024)) GB free, $3 needs $1 GB. Free some space, or" \
			"set CARGO_TARGET_DIR to a folder on another disk."
	fi
}

# need_disk_to_build: refuses to start a build where the disk would fill up. A first build takes
# about 6 GB and its crates 2 GB, and tests need some.
need_disk_to_build() {
	if [ -x "$CARGO_TARGET_DIR/release/groma-node" ]; then
		need_disk 3 "$CARGO_TARGET_DIR" "bringing the build up to date"
	else
		need_disk 12 "$CARGO_TARGET_DIR" "a first build"
	fi
}

# build_release: builds everything in release mode, and explains a failure. All scripts build the
# same selection: with another one, cargo would compile dependencies once more with other features.
build_release() {
	# A node that was built without its runtime starts no chain.
	unset SKIP_WASM_BUILD
	if ! cargo build --release --locked --workspace --all-targets >&2; then
		fail "the build did not finish: see above. What is built so far is kept: run this again" \
			"to go on. If the same error comes back from a file below $CARGO_TARGET_DIR, an" \
			"earlier build was cut off while it wrote that file: remove the folder and run this" \
			"again."
	fi
	say "the blob of the runtime has SHA-256 $(blob_hash)"
}

# blob_hash: the SHA-256 of the runtime's blob as it was built last, which all tests run and every
# profile ships.
blob_hash() {
	local folder="$CARGO_TARGET_DIR/release/wbuild/groma-runtime"
	sha256sum "$folder/groma_runtime.compact.compressed.wasm" |
		cut -d ' ' -f 1
}

# build_gateway_client: builds the device client as its owners run it: alone, without the features
# that other programs of the workspace need of shared crates, optimized as a whole and for size.
build_gateway_client() {
	if ! cargo build --profile gateway --locked -p groma-device >&2; then
		fail "the client was not built: see above."
	fi
}
