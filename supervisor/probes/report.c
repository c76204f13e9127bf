/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What --probe prints. */
#include "probe.h"

#include "experiments.h"
#include "util.h"

enum { RULES_MAX = 512, EVIDENCE_WIDTH_MAX = 76 };

struct report {
	FILE *out;
	void (*rules_of)(const char *needs, char *ret, size_t size, void *data);
	void *data;
	int name_width, evidence_width;
	bool printing; /* false: only the widths are measured */
};

static void print_row(const struct report *report, const char *name, const char *answer,
	const char *evidence, const char *rules)
{
	/* No blanks at the end of a line. */
	fprintf(report->out, "%-*s  %-6s  %-*s%s%s\n", report->name_width, name, answer,
		*rules ? report->evidence_width : 0, evidence, *rules ? "  " : "", rules);
}

static void add_row(struct report *report, const char *name, const char *answer,
	const char *evidence, const char *rules)
{
	if (report->printing) {
		print_row(report, name, answer, evidence, rules);
		return;
	}
	report->name_width = MAX(report->name_width, (int)strlen(name));
	report->evidence_width =
		MAX(report->evidence_width, MIN((int)strlen(evidence), EVIDENCE_WIDTH_MAX));
}

static void report_answer(struct report *report, const struct probe *probe, const char *argument)
{
	char needs[PROBE_EVIDENCE_MAX], rules[RULES_MAX] = "";
	/* "!" in front, and a name behind it that can also stand alone. */
	snprintf(needs, sizeof(needs), "!%s%s%s", probe->name, argument ? " " : "",
		argument ? argument : "");
	struct probe_answer answer = probe_ask_one(probe, argument);
	if (report->rules_of)
		report->rules_of(
			answer.yes ? needs + 1 : needs, rules, sizeof(rules), report->data);
	add_row(report, needs + 1, answer.yes ? "yes" : "no", answer.evidence, rules);
}

static void report_probe(struct report *report, const struct probe *probe)
{
	if (!probe->takes) {
		report_answer(report, probe, NULL);
		return;
	}
	const char *argument = probe_asked_argument(probe, 0);
	if (!argument) {
		char evidence[PROBE_EVIDENCE_MAX];
		snprintf(evidence, sizeof(evidence), "not asked: takes %s", probe->takes);
		add_row(report, probe->name, "-", evidence, "");
	}
	for (size_t index = 0; argument; argument = probe_asked_argument(probe, ++index))
		report_answer(report, probe, argument);
}

static void ask_at_once(void)
{
	size_t n = 0, length = 0;
	while (probes[length].name)
		length++;
	cleanup_free const char **needs = calloc(length + 1, sizeof(*needs));
	if (!needs) /* then one by one */
		return;
	for (const struct probe *probe = probes; probe->name; probe++)
		if (!probe->takes)
			needs[n++] = probe->name;
	probe_ask_all(needs, n);
}

void probe_report(FILE *out,
	void (*rules_of)(const char *needs, char *ret, size_t size, void *data), void *data)
{
	struct report report = { .out = out, .rules_of = rules_of, .data = data };
	ask_at_once();
	for (int pass = 0; pass < 2; pass++) {
		report.printing = pass == 1;
		add_row(&report, "PROBE", "LACKS", "SEEN", "ARMS");
		for (const struct probe *probe = probes; probe->name; probe++)
			report_probe(&report, probe);
	}
}
