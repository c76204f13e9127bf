# SPDX-License-Identifier: LGPL-2.1-or-later
# Jobs side by side: most of a test in a sandbox is waiting. Sourced by tests/run, which has made the folder build/logs.
#
# A job is a command that prints what it does and closes with a line "N passed, N failed, N skipped". It starts when the parts
# that it needs (tests/e2e/parts) are made or cannot be made. Never two heavy ones run at the same time, and those that are to have
# the machine for themselves come last. What a job prints goes to build/logs/NAME.log, and is shown in one piece when it has ended.
# shellcheck shell=bash

declare -A job_title=() job_weight=() job_parts=() job_command=() job_pid=() job_began=()
jobs_waiting=() jobs_running=() parts_wanted=() parts_pid=""
settled=build/logs/parts

# job NAME light|heavy|alone PARTS TITLE COMMAND...
job() {
	local name=$1
	job_weight[$name]=$2 job_parts[$name]=$3 job_title[$name]=$4
	shift 4
	job_command[$name]=$(printf '%q ' "$@")
	jobs_waiting+=("$name")
}

# in_group COMMAND...: with a process group of its own, that ends as a whole: by TERM, and with this script
in_group() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	exec setsid setpriv --pdeathsig TERM bash -c '
		trap "trap : TERM; kill -TERM 0; exit 143" TERM
		"$@" &
		wait "$!"' bash "$@" </dev/null
}

# start_parts PART...: makes them in the background, one after the other
start_parts() {
	rm -rf "$settled"
	mkdir -p "$settled"
	parts_wanted=("$@")
	(in_group tests/e2e/parts --background "$settled" "$@") >build/logs/parts.log 2>&1 &
	parts_pid=$!
}

# show_parts: tells of the parts that have been made, or not, since the last call
show_parts() {
	local part waiting=() running=no
	! kill -0 "$parts_pid" 2>/dev/null || running=yes
	for part in "${parts_wanted[@]}"; do
		if [ -e "$settled/$part" ]; then
			[ "$(<"$settled/$part")" = "" ] || printf -- '-- %s (%d s)\n' "$(<"$settled/$part")" $((SECONDS - started))
		elif [ "$running" = no ]; then
			echo "$part: not made, its maker has ended" >"$settled/$part"
			waiting+=("$part")
		else
			waiting+=("$part")
		fi
	done
	parts_wanted=("${waiting[@]}")
}

# is_settled PARTS: whether what is to be had of them can be had now
is_settled() {
	local part
	for part in $1; do [[ " ${parts_wanted[*]} " != *" $part "* ]] || return 1; done
}

start_job() { # NAME
	local name=$1 one left=()
	for one in "${jobs_waiting[@]}"; do [ "$one" = "$name" ] || left+=("$one"); done
	jobs_waiting=("${left[@]}")
	jobs_running+=("$name")
	job_began[$name]=$SECONDS
	printf -- '-- %s: begins (%d s)\n' "$name" $((SECONDS - started))
	# shellcheck disable=SC2086 # quoted words
	(
		export GVTRACE_PARTS=made # what could not be made is not tried again by each test
		eval "in_group ${job_command[$name]}"
	) >"build/logs/$name.log" 2>&1 &
	job_pid[$name]=$!
}

# start_jobs LANES: as many as may run now
start_jobs() {
	local name one heavy=no others=no
	for one in "${jobs_running[@]}"; do
		case ${job_weight[$one]} in
		heavy) heavy=yes ;;
		alone) return 0 ;;
		esac
	done
	for one in "${jobs_waiting[@]}"; do [ "${job_weight[$one]}" = alone ] || others=yes; done
	for name in "${jobs_waiting[@]}"; do
		[ "${#jobs_running[@]}" -lt "$1" ] || return 0
		is_settled "${job_parts[$name]}" || continue
		case ${job_weight[$name]} in
		heavy) [ "$heavy" = no ] || continue ;;
		alone)
			[ "$others" = no ] && [ "${#jobs_running[@]}" = 0 ] || continue
			start_job "$name"
			return 0
			;;
		esac
		[ "${job_weight[$name]}" = light ] || heavy=yes
		start_job "$name"
	done
}

end_job() { # NAME
	local name=$1 one left=() code=0
	wait "${job_pid[$name]}" || code=$?
	for one in "${jobs_running[@]}"; do [ "$one" = "$name" ] || left+=("$one"); done
	jobs_running=("${left[@]}")
	stage "${job_title[$name]} [$name, $((SECONDS - job_began[$name])) s]"
	cat "build/logs/$name.log"
	judge_job "$name" "$code"
}

# skip_jobs WHY: those that have not begun
skip_jobs() {
	local name
	for name in "${jobs_waiting[@]}"; do verdict skipped "$name: $1"; done
	jobs_waiting=()
}

# run_jobs LANES [MINUTES]: all jobs that can begin within so many minutes; calls judge_job NAME STATUS for each that has ended
run_jobs() {
	local name told=$SECONDS
	while [ "${#jobs_waiting[@]}" -gt 0 ] || [ "${#jobs_running[@]}" -gt 0 ]; do
		show_parts
		[ -z "${2-}" ] || [ $((SECONDS - started)) -lt $(($2 * 60)) ] || skip_jobs "not begun within $2 minutes"
		start_jobs "$1"
		for name in "${jobs_running[@]}"; do
			kill -0 "${job_pid[$name]}" 2>/dev/null || end_job "$name"
		done
		if [ $((SECONDS - told)) -ge 60 ]; then
			told=$SECONDS
			printf -- '-- running: %s; waiting: %s; to be made: %s (%d s)\n' "${jobs_running[*]:-none}" "${#jobs_waiting[@]}" \
				"${parts_wanted[*]:-no part}" $((SECONDS - started))
		fi
		sleep 0.3
	done
}

# stop_jobs: what still runs, with all that it has begun
stop_jobs() {
	local name pids=()
	for name in "${jobs_running[@]}"; do pids+=("${job_pid[$name]}"); done
	[ -z "$parts_pid" ] || pids+=("$parts_pid")
	[ "${#pids[@]}" -gt 0 ] || return 0
	kill -TERM "${pids[@]}" 2>/dev/null
	wait "${pids[@]}" 2>/dev/null
}
