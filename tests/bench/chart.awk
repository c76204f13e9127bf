# SPDX-License-Identifier: LGPL-2.1-or-later
# The bar chart of tests/bench/run as SVG: a column for each environment, a group of bars for each thing measured.
# Bars of one group share a scale that starts at zero; groups differ too much to share one. Runs after results.awk.

function text(x, y, class, words) {
	gsub(/&/, "\\&amp;", words)
	gsub(/</, "\\&lt;", words)
	gsub(/`/, "", words)
	printf "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">%s</text>\n", x, y, class, words
}

function group(environment, test, x, y, i, value, longest, base, width, label) {
	text(x, y + 12, "test", title[test])
	y += 20
	for (i = 1; i <= n_tools; i++) {
		value = median(environment, test, tools[i])
		if (value > longest) longest = value
	}
	base = median(environment, test, "native")
	for (i = 1; i <= n_tools; i++) {
		value = median(environment, test, tools[i])
		text(x + label_width - 6, y + 11, "tool", title[tools[i]])
		if (value == "") {
			text(x + label_width + 4, y + 11, "none", ((environment, test, tools[i]) in cannot) ? "cannot" : "not asked")
		} else {
			width = bar_width * value / longest
			printf "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"13\" class=\"%s\"/>\n",
				x + label_width, y, width < 1 ? 1 : width, tools[i]
			label = duration(value)
			if (tools[i] != "native" && base > 0) label = label ", " times(ratio(environment, test, tools[i], test, "native"))
			text(x + label_width + width + 5, y + 11, "value", label)
		}
		y += 16
	}
}

function report(n, t, x, y, height) {
	label_width = 76
	bar_width = 220
	column_width = label_width + bar_width + 120
	height = 60 + n_tests * 96
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\">\n",
		20 + n_environments * column_width, height, 20 + n_environments * column_width, height
	print "<title>What gvtrace costs beside no tracer, PRoot and strace</title>"
	print "<style>"
	print "text { font: 12px sans-serif; fill: #222 } .environment { font-size: 16px; font-weight: bold }"
	print ".test { font-weight: bold } .tool { text-anchor: end } .none { fill: #777; font-style: italic }"
	print ".native { fill: #9a9a9a } .gvtrace { fill: #0b6e4f } .proot { fill: #c8772e } .strace { fill: #5a6fb0 }"
	print "</style>"
	printf "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n", 20 + n_environments * column_width, height
	for (n = 1; n <= n_environments; n++) {
		x = 20 + (n - 1) * column_width
		text(x, 28, "environment", environment_title(environments[n]))
		for (t = 1; t <= n_tests; t++) group(environments[n], tests[t], x, 46 + (t - 1) * 96)
	}
	print "</svg>"
}
