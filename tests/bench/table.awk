# SPDX-License-Identifier: LGPL-2.1-or-later
# The report of tests/bench/run in Markdown. Runs after results.awk.

BEGIN {
	n_rows = split("open open-stops open-floor open-one open-stops-one open-floor-one fake fake-one getppid getppid-default getppid-filtered spawn runc runc-floor ctr ctr-floor pod pod-floor api asleep-10 asleep-5000", rows, " ")
	title["asleep-10"] = "open and close, each call stops, 10 threads asleep"
	title["asleep-5000"] = "open and close, each call stops, 5,000 threads asleep"
	# what the other tools do is measured once
	others_of["open-stops"] = "open"
	others_of["getppid-default"] = "getppid"
	others_of["open-stops-one"] = "open-one"
}

function cell(environment, test, tool, value) {
	value = median(environment, test, tool)
	if (value == "") return ((environment, test, tool) in cannot) ? "cannot" : "-"
	return sprintf("%s (%s to %s)", duration(value), duration(low(environment, test, tool)),
		duration(high(environment, test, tool)))
}

function goal_row(what, number, text, limit, verdict) {
	verdict = number == "" ? "not measured" : number <= limit ? "yes" : "**no**"
	printf "| %s | %s | %s |\n", what, number == "" ? "-" : text, verdict
}
function goal_ratio(what, limit, environment, test, tool, other_test, other_tool, number) {
	number = ratio(environment, test, tool, other_test, other_tool)
	goal_row(what, number, times(number), limit)
}

function floor_ratio(limit, e, test) {
	if (is_measured(e, test "-floor"))
		goal_ratio("the same of a tracer that only waits, asleep, and lets go", limit,
			e, test "-floor", "native", test, "native")
}

function goals(e, kib, is_linux) {
	is_linux = e == "linux"
	print "| goal | measured | met |"
	print "|---|---|---|"
	goal_ratio("open and close that match no rule: at most 0.5x PRoot's", 0.5, e, "open", "gvtrace", "open", "proot")
	goal_ratio("open and close that match no rule: at most 0.5x strace's", 0.5, e, "open", "gvtrace", "open", "strace")
	goal_ratio("the same where each call stops (`--no-fast-path`): at most 0.5x PRoot's", 0.5, e, "open-stops", "gvtrace", "open", "proot")
	goal_ratio("the same where each call stops: at most 0.5x strace's", 0.5, e, "open-stops", "gvtrace", "open", "strace")
	goal_ratio("the same of a tracer that only waits, asleep, and lets go", 0.5, e, "open-floor", "native", "open", "strace")
	goal_ratio("a call that no rule names, default profile: at most 1.05x native", 1.05, e, "getppid-default", "gvtrace", "getppid", "native")
	goal_ratio("the same with the one rule that the rows above have", 1.05, e, "getppid", "gvtrace", "getppid", "native")
	goal_ratio("the same where the least of all filters is loaded and nobody traces: what seccomp itself costs", 1.05,
		e, "getppid-filtered", "native", "getppid", "native")
	goal_ratio("open and close of a fake file: at most PRoot's of a bound one", 1, e, "fake", "gvtrace", "fake", "proot")
	goal_ratio("`runc run`: at most " (is_linux ? "1.15" : "1.5") "x native", is_linux ? 1.15 : 1.5,
		e, "runc", "gvtrace", "runc", "native")
	floor_ratio(1.5, e, "runc")
	if (is_measured(e, "ctr"))
		goal_ratio("`ctr run`: at most 1.3x native", 1.3, e, "ctr", "gvtrace", "ctr", "native")
	floor_ratio(1.3, e, "ctr")
	if (is_measured(e, "pod"))
		goal_ratio("a pod by CRI: at most 1.3x native", 1.3, e, "pod", "gvtrace", "pod", "native")
	floor_ratio(1.3, e, "pod")
	if (is_measured(e, "api"))
		goal_ratio("API server until ready: at most 1.3x native", 1.3, e, "api", "gvtrace", "api", "native")
	kib = median(e, "memory", "gvtrace")
	goal_row("resident memory with 1,000 tracees: at most 16 MiB", kib, sprintf("%.1f MiB", kib / 1024), 16384)
	goal_ratio("a stop of open and close with 5,000 threads asleep: as with 10 (at most 1.1x)", 1.1,
		e, "asleep-5000", "gvtrace", "asleep-10", "gvtrace")
	print ""
}

function cost_row(e, test, i, line) {
	line = "| " title[test] " |"
	for (i = 1; i <= n_tools; i++) line = line " " cell(e, test, tools[i]) " |"
	print line
}

function costs(e, t, i, line, kib) {
	line = "| |"
	for (i = 1; i <= n_tools; i++) line = line " " title[tools[i]] " |"
	print line
	print "|---|---|---|---|---|"
	for (t = 1; t <= n_rows; t++)
		if (is_measured(e, rows[t])) cost_row(e, rows[t])
	line = "| resident memory, 1,000 processes |"
	for (i = 1; i <= n_tools; i++) {
		kib = median(e, "memory", tools[i])
		line = line (kib == "" ? " - |" : sprintf(" %.1f MiB |", kib / 1024))
	}
	print line
	print ""
}

function is_measured(e, test, i) {
	for (i = 1; i <= n_tools; i++)
		if (median(e, test, tools[i]) != "") return 1
	return 0
}

function ratios(e, t, i, line, others) {
	print "The same as ratios, gvtrace's cost to the other's:"
	print ""
	print "| | to no tracer | to PRoot | to strace |"
	print "|---|---|---|---|"
	for (t = 1; t <= n_rows; t++) {
		if (!is_measured(e, rows[t])) continue
		others = rows[t] in others_of ? others_of[rows[t]] : rows[t]
		line = "| " title[rows[t]] " |"
		for (i = 1; i <= n_tools; i++)
			if (tools[i] != "gvtrace")
				line = line " " times(ratio(e, rows[t], "gvtrace", others, tools[i])) " |"
		print line
	}
	print ""
}

function failures(e, t, i, found) {
	for (t = 1; t <= n_tests; t++)
		for (i = 1; i <= n_tools; i++)
			if ((e, tests[t], tools[i]) in cannot) {
				if (!found++) print "What cannot be run there, and its last line of errors:\n"
				printf "- %s under %s: `%s`\n", title[tests[t]], title[tools[i]], cannot[e, tests[t], tools[i]]
			}
	if (found) print ""
}

function report(n, e) {
	print "# What gvtrace costs"
	print ""
	print "Written by `tests/bench/run --update-docs` from what it measured; run it to see the numbers of another machine."
	print ""
	print "![bars of the costs below](performance.svg)"
	print ""
	print "A program that times its own loop runs under each tool, one after the other, and again, round after round. A number is the"
	print "median of the rounds, in brackets are the quartiles; a ratio is the median of the ratios within each round. A loop is timed"
	print "without the start of the tool; `runc run` and the tool's start are timed together. All of it runs at the highest priority,"
	print "so that other load counts little. No tracer opens the kernel's own file where the others open a fake one."
	print ""
	print "- gvtrace: a rule for `/proc/sys/**` (`do = fake`, `when = always`) is armed, so that the path of every call that takes one is"
	print "  looked at; `runc run` has the default profile, armed as the kernel needs it"
	print "- each call stops: by default gvtrace's own code in the program looks at a path first, and a call that surely matches no rule does not"
	print "  stop ([the fast path](architecture.md#the-fast-path)); with `--no-fast-path` all calls stop that may. The rows with threads asleep are"
	print "  about the cost of a stop, so they have that option, too"
	print "- PRoot: a folder and a file are bound (`-b`), so that every path is translated; the fake file is the bound one"
	print "- one processor: the program and its tracer are kept on the same one; elsewhere the kernel places them, which is dearer and"
	print "  varies more"
	print "- strace: `-f --seccomp-bpf -e trace=openat -o /dev/null`"
	print "- containerd is Debian 13's with its runc, its state in a tmpfs; the client (ctr, one of CRI) runs under the same gvtrace"
	print "- API server: Kubernetes' own with kine over sqlite in a tmpfs, from the start of both until `/readyz` says ok"
	print "- A Kubernetes node runs in gVisor under gvtrace only, so that nothing is there to compare with: " \
		"[gvisor.md](gvisor.md#a-kubernetes-node) has the seconds until it is Ready, and what the supervisor used of a processor"
	print ""
	print "What is left of these costs is the kernel's:"
	print ""
	print "- With the default profile nothing is armed on a Linux that lacks nothing, and there is no filter. Where there is one,"
	print "  a call that no rule names is answered by the filter from its number alone, an answer that Linux keeps (since 5.11), and the"
	print "  filter asks for no mitigation of speculation: it costs what the least of all filters costs, with nobody tracing."
	print "- A call that does not stop because its text shows that no rule matches costs a look at each byte of its path, and the filter, which"
	print "  reads the call's address and so gives no answer that Linux could keep. The first few of each place in a program stop."
	print "- A stop that no rule matches, as in the rows where each call stops, is four system calls: wait, read registers, read the path, let go."
	print "  A tracer that does nothing has the first and the last. The cheapest way to read the two (PTRACE_GET_SYSCALL_INFO, and pread of"
	print "  /proc/PID/mem) would save 0.9 µs of 12 on one processor."
	print "- On two processors most of a stop is to fall asleep and be woken. gvtrace looks for the next stop for 30 µs before it sleeps, unless"
	print "  that has been in vain lately; the tracer that only waits and lets go sleeps each time. In gVisor, where a look is dear, it sleeps, too."
	print "- In gVisor waitpid looks at all tracees also where it is asked for one: that is what grows with 5,000."
	print ""
	for (n = 1; n <= n_environments; n++) {
		e = environments[n]
		printf "## %s\n\n", environment_title(e)
		printf "%s; %s cores of %s%s, load %s before the start, Linux %s%s. gvtrace %s (%s), PRoot %s (%s), strace %s, runc %s.\n\n",
			facts[e, "date"], facts[e, "cores"], facts[e, "processor"], facts[e, "virtual"] == "yes" ? " in a virtual machine" : "",
			facts[e, "load"], facts[e, "kernel"], e == "linux" ? "" : " (the program sees " facts[e, "kernel-inside"] ")",
			facts[e, "gvtrace"], facts[e, "commit"], facts[e, "proot"], facts[e, "proot-accelerators"],
			facts[e, "strace"], facts[e, "runc"]
		goals(e)
		costs(e)
		ratios(e)
		failures(e)
	}
}
