# SPDX-License-Identifier: LGPL-2.1-or-later
# Reads what tests/bench/inside has written (one file for each environment), for table.awk and chart.awk, whose
# report() it calls at the end. What they use:
#   n_environments, environments[i], facts[environment, name], cannot[environment, test, tool]
#   median(environment, test, tool), low(...), high(...): the median and the quartiles, "" without samples
#   ratio(environment, test, tool, other_test, other_tool): the median of the ratios of each round

BEGIN {
	FS = "\t"
	n_tools = split("native gvtrace proot strace", tools, " ")
	title["native"] = "no tracer"
	title["gvtrace"] = "gvtrace"
	title["proot"] = "PRoot"
	title["strace"] = "strace"
	n_tests = split("open fake getppid spawn runc", tests, " ")
	title["open"] = "open and close, no rule matches"
	title["fake"] = "open and close of a fake file"
	title["getppid"] = "getppid, which no rule names"
	title["getppid-default"] = "getppid, default profile"
	title["getppid-filtered"] = "getppid, a seccomp filter of three instructions, nobody traces"
	title["open-stops"] = "open and close, no rule matches, each call stops (`--no-fast-path`)"
	title["open-floor"] = "open and close, a tracer that only waits and lets go"
	title["open-floor-one"] = title["open-floor"] ", one processor"
	title["open-one"] = "open and close, no rule matches, one processor"
	title["open-stops-one"] = "open and close, no rule matches, each call stops (`--no-fast-path`), one processor"
	title["fake-one"] = "open and close of a fake file, one processor"
	title["spawn"] = "fork, exec and wait"
	title["runc"] = "`runc run`, default profile"
	title["runc-floor"] = "`runc run`, a tracer that only waits and lets go"
	title["ctr"] = "`ctr run` by containerd, default profile"
	title["pod"] = "a pod of one container by CRI, until it runs, default profile"
	title["ctr-floor"] = "`ctr run`, a tracer that only waits and lets go"
	title["pod-floor"] = "a pod by CRI, a tracer that only waits and lets go"
	title["api"] = "API server and kine, until ready, default profile"
}

$1 == "fact" && $2 == "environment" { environments[++n_environments] = environment = $3 }
$1 == "fact" { facts[environment, $2] = $3 }
$1 == "cannot" { cannot[environment, $2, $3] = $4 }
$1 == "sample" {
	key = environment SUBSEP $2 SUBSEP $3
	samples[key, ++n_samples[key]] = $5
	by_round[key, $4] = $5
	if ($4 > last_round) last_round = $4
}

END { report() }

# sorts numbers[1..n]
function sort(numbers, n, i, j, number) {
	for (i = 2; i <= n; i++) {
		number = numbers[i]
		for (j = i - 1; j > 0 && numbers[j] > number; j--) numbers[j + 1] = numbers[j]
		numbers[j + 1] = number
	}
}

# the value below which a part (0 to 1) of the sorted numbers lies
function quantile(numbers, n, part, place, below) {
	if (n == 0) return ""
	place = 1 + (n - 1) * part
	below = int(place)
	if (below >= n) return numbers[n]
	return numbers[below] + (place - below) * (numbers[below + 1] - numbers[below])
}

function quantile_of(environment, test, tool, part, key, i, numbers) {
	key = environment SUBSEP test SUBSEP tool
	for (i = 1; i <= n_samples[key]; i++) numbers[i] = samples[key, i] + 0
	sort(numbers, n_samples[key] + 0)
	return quantile(numbers, n_samples[key] + 0, part)
}
function median(environment, test, tool) { return quantile_of(environment, test, tool, 0.5) }
function low(environment, test, tool) { return quantile_of(environment, test, tool, 0.25) }
function high(environment, test, tool) { return quantile_of(environment, test, tool, 0.75) }

function ratio(environment, test, tool, other_test, other_tool, key, other, round, n, numbers) {
	key = environment SUBSEP test SUBSEP tool
	other = environment SUBSEP other_test SUBSEP other_tool
	for (round = 1; round <= last_round; round++)
		if ((key, round) in by_round && by_round[other, round] > 0)
			numbers[++n] = by_round[key, round] / by_round[other, round]
	sort(numbers, n + 0)
	return quantile(numbers, n + 0, 0.5)
}

# nanoseconds as a person reads them
function duration(ns) {
	if (ns == "") return "-"
	if (ns < 1000) return sprintf("%.0f ns", ns)
	if (ns < 10000) return sprintf("%.1f µs", ns / 1000)
	if (ns < 1000000) return sprintf("%.0f µs", ns / 1000)
	if (ns < 10000000) return sprintf("%.1f ms", ns / 1000000)
	return sprintf("%.0f ms", ns / 1000000)
}

function times(number) {
	if (number == "") return "-"
	return sprintf(number < 10 ? "%.2fx" : "%.0fx", number)
}

# "gVisor 2024, platform systrap" for gvisor-2024-systrap
function environment_title(environment, words) {
	if (environment == "linux") return "Linux"
	split(environment, words, "-")
	return "gVisor " words[2] ", platform " words[3]
}
