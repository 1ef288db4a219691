# How scripts speak. Source it; it defines functions only.
# shellcheck shell=bash

# say TEXT...: what is being done now.
say() {
	printf '==> %s\n' "$*" >&2
}

# fail TEXT...: why it cannot go on, and what to do.
fail() {
	printf 'error: %s\n' "$*" >&2
	exit 1
}

# usage_error TEXT...: the command line was wrong.
usage_error() {
	printf '%s; see %s --help\n' "$*" "$(basename "$0")" >&2
	exit 2
}

# value_of NAME VALUE: refuses an option without a value.
value_of() {
	[ -n "$2" ] || usage_error "$1 needs a value"
}

# whole_number NAME VALUE: refuses anything but digits.
whole_number() {
	case "$2" in
	'' | *[!0-9]*) usage_error "$1 needs a whole number, not \`$2\`" ;;
	esac
}
