# SPDX-License-Identifier: LGPL-2.1-or-later
# What the scripts of this folder share. Sourced by bash scripts that have done `set -euo pipefail`.
# shellcheck shell=bash

e2e=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source_dir=$(cd "$e2e/../.." && pwd)
cache=${GVTRACE_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/gvtrace}
export e2e source_dir cache
# shellcheck source=../verdict.sh
. "$source_dir/tests/verdict.sh"

# The environments that the tests know: a real gVisor by its year and platform (v2: systrap, with version 2 of control
# groups), and this machine's own kernel.
gvisor_environments="gvisor-2024-systrap gvisor-2024-ptrace gvisor-2022-ptrace gvisor-2026-systrap gvisor-2026-ptrace"
all_environments="linux $gvisor_environments gvisor-2026-v2"
export gvisor_environments all_environments

say() { printf '%s\n' "$*"; }
note() { printf '%s\n' "$*" >&2; }
die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 125
}

# print the script's own leading comment (after the licence line) and leave
usage() {
	sed -n '3,/^[^#]/{s/^# \{0,1\}//p;}' "$0"
	exit 0
}
bad_usage() {
	(usage) >&2
	exit 2
}

need_root() {
	[ "$(id -u)" = 0 ] || die "needs root: gVisor sandboxes, mounts and chroots are made"
}

# follow_lines LABEL: read a program's output; tell every ten seconds where it is, also while it says nothing
follow_lines() {
	local label=$1 line="" started=$SECONDS next=$((SECONDS + 10)) code
	while :; do
		code=0
		IFS= read -r -t 2 line || code=$?
		[ "$code" = 0 ] || [ "$code" -gt 128 ] || return 0
		if [ "$SECONDS" -ge "$next" ]; then
			next=$((SECONDS + 10))
			note "    $label: $((SECONDS - started)) s${line:+, ${line:0:90}}"
		fi
	done
}

# environment_facts ENVIRONMENT: prints "PART-OF-RUNSC PART-OF-ROOT PLATFORM FLAGS...", - where there is none
environment_facts() {
	case $1 in
	linux) echo "- root-trixie -" ;;
	gvisor-2024-systrap) echo "root-trixie root-trixie systrap --overlay2=root:memory" ;;
	gvisor-2024-ptrace) echo "root-trixie root-trixie ptrace --overlay2=root:memory" ;;
	gvisor-2022-ptrace) echo "root-bookworm root-bookworm ptrace --cgroupfs" ;;
	gvisor-2026-systrap) echo "runsc-2026 root-trixie systrap --overlay2=root:memory" ;;
	gvisor-2026-ptrace) echo "runsc-2026 root-trixie ptrace --overlay2=root:memory" ;;
	gvisor-2026-v2) echo "runsc-2026 root-trixie systrap --overlay2=root:memory --in-sandbox-cgroup=v2" ;;
	*) return 1 ;;
	esac
}

# environment_parts ENVIRONMENT: the parts that it needs (tests/e2e/parts)
environment_parts() {
	environment_facts "$1" | awk '{ if ($1 != "-" && $1 != $2) print $1; print $2 }'
}

# gvtrace_binary: prints the path of the binary under test; fails if it is not built
gvtrace_binary() {
	local binary=${GVTRACE:-$source_dir/build/static/supervisor/gvtrace}
	[ -x "$binary" ] || return 1
	readlink -f "$binary"
}
