# SPDX-License-Identifier: LGPL-2.1-or-later
# How the parts of the suite count what was tried. Sourced by tests/run and, through tests/e2e/lib.sh, by the scripts there.
# shellcheck shell=bash

passed=0 failed=0 skipped=0

# verdict passed|failed|skipped TEXT [NUMBER]: tell of it, and count it, as NUMBER if it stands for several
verdict() {
	case $1 in
	passed) passed=$((passed + ${3:-1})) && printf '  ok    %s\n' "$2" ;;
	failed) failed=$((failed + ${3:-1})) && printf '  FAIL  %s\n' "$2" ;;
	skipped) skipped=$((skipped + ${3:-1})) && printf '  SKIP  %s\n' "$2" ;;
	esac
}

# verdicts [NAME]: the closing line. Fails if something has failed
verdicts() {
	printf '%s%d passed, %d failed, %d skipped\n' "${1:+$1: }" "$passed" "$failed" "$skipped"
	[ "$failed" = 0 ]
}

# add_verdicts FILE: counts what a part of the suite says in its last line of that form; fails if there is none
add_verdicts() {
	local line
	line=$(grep -E '^([a-z0-9-]+: )?[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$1" | tail -n 1)
	[[ $line =~ ([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]] || return 1
	passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2])) skipped=$((skipped + BASH_REMATCH[3]))
}
