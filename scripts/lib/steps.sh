# A run of several steps that ends in a summary. Source it after console.sh; it defines functions
# only.
# shellcheck shell=bash

# begin_steps: starts the record. Sets steps_log, which holds everything that the steps print.
begin_steps() {
	steps_log="$(mktemp "${TMPDIR:-/tmp}/groma-steps.XXXXXX")"
	steps_failed=()
	steps_report=""
	trap 'rm -f "$steps_log"' EXIT
}

# step NAME COMMAND...: runs a command, shows what it prints, and remembers how it went.
step() {
	local name="$1" begin="$SECONDS" outcome="ok"
	shift
	say "$name"
	if ! "$@" 2>&1 | tee -a "$steps_log"; then
		outcome="FAILED"
		steps_failed+=("$name")
	fi
	steps_report+="$(printf '  %-6s %5d s  %s' "$outcome" $((SECONDS - begin)) "$name")"$'\n'
}

# end_steps: prints the summary; its last line is `N passed, N failed`, summed over all tests. Fails
# if a step or a test did.
end_steps() {
	local passed failed
	read -r passed failed < <(count_tests)
	printf '\n%s' "$steps_report"
	if [ ${#steps_failed[@]} -gt 0 ]; then
		printf 'failed: %s\n' "${steps_failed[@]}"
	fi
	printf '%s passed, %s failed\n' "$passed" "$failed"
	[ ${#steps_failed[@]} -eq 0 ] && [ "$failed" -eq 0 ]
}

# count_tests: the sums of passed and failed tests over the lines in which cargo says them.
count_tests() {
	awk '/^test result:/ {
		for (field = 2; field <= NF; field++) {
			if ($field ~ /^passed/) passed += $(field - 1)
			if ($field ~ /^failed/) failed += $(field - 1)
		}
	} END { print passed + 0, failed + 0 }' "$steps_log"
}
