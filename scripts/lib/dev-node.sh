# A development chain on this machine. Source it after console.sh; it defines functions only.
# shellcheck shell=bash

# is_port_free PORT: whether nothing listens on this port of loopback.
is_port_free() {
	! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# start_dev_node BINARY DIRECTORY PORT [ARGUMENT ...]: starts one validator whose state lives in
# DIRECTORY and whose JSON-RPC listens on loopback, with the keys of a collector and of a feeder.
# Sets node_pid. The log is DIRECTORY/node.log.
start_dev_node() {
	local binary="$1" directory="$2" port="$3"
	shift 3
	is_port_free "$port" ||
		fail "port $port is in use: stop what listens there, or choose another with --rpc-port."
	# A collector is an ordinary funded account, other than the one that funds the field.
	"$binary" key insert --chain dev --base-path "$directory" --scheme sr25519 --suri //Ferdie \
		--key-type coll >&2 || fail "the node does not take a collector's key: see above."
	# The genesis of the development chain names this feeder.
	"$binary" key insert --chain dev --base-path "$directory" --scheme sr25519 \
		--suri //Alice//stash --key-type pric >&2 ||
		fail "the node does not take a feeder's key: see above."
	"$binary" --dev --base-path "$directory" --database paritydb \
		--no-mdns --no-prometheus --no-telemetry \
		--listen-addr /ip4/127.0.0.1/tcp/0 --rpc-port "$port" "$@" \
		>"$directory/node.log" 2>&1 &
	node_pid=$!
	wait_for_node "$directory/node.log"
}

# start_price_server BINARY DIRECTORY: starts a price server of three sources on a free port of
# loopback. Sets prices_pid, and price_sources to the arguments that name the sources to a node.
start_price_server() {
	local binary="$1" log="$2/prices.log" waited=0 address name
	"$binary" --listen 127.0.0.1:0 --sources a,b,c >"$log" 2>&1 &
	prices_pid=$!
	until grep -q 'serving prices at http' "$log"; do
		kill -0 "$prices_pid" 2>/dev/null || fail "the price server stopped: $(cat "$log")"
		[ "$waited" -lt 100 ] || fail "the price server does not start: $(cat "$log")"
		sleep 0.1
		waited=$((waited + 1))
	done
	address="$(sed -n 's/^serving prices at //p' "$log")"
	price_sources=()
	for name in a b c; do
		price_sources+=(--price-source "$address/$name|grm.usd")
	done
}

# wait_for_node LOG: returns once blocks are made and JSON-RPC listens. A node whose port was taken
# meanwhile stops.
wait_for_node() {
	local log="$1" waited=0
	touch "$log"
	until grep -q 'Imported #[1-9]' "$log" && grep -q 'Running JSON-RPC server' "$log"; do
		kill -0 "$node_pid" 2>/dev/null || fail "the node stopped. Its last words:
$(tail -n 15 "$log")"
		[ "$waited" -lt 90 ] || fail "the node made no block within 90 s. Its last words:
$(tail -n 15 "$log")"
		sleep 1
		waited=$((waited + 1))
	done
}

# stop_process PID: asks a process to stop, waits up to 20 s, then ends it.
stop_process() {
	local pid="$1" waited=0
	kill -TERM "$pid" 2>/dev/null || return 0
	while kill -0 "$pid" 2>/dev/null; do
		if [ "$waited" -ge 200 ]; then
			kill -KILL "$pid" 2>/dev/null || true
			break
		fi
		sleep 0.1
		waited=$((waited + 1))
	done
	wait "$pid" 2>/dev/null || true
}
