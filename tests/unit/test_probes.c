/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_probes gvtrace_util */
/* How questions are asked and reported, with experiments made for the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "experiments.h"
#include "fakeprocsys_stub.h"
#include "probe.h"
#include "util.h"

enum { LONG_MS = 20000 };

/* Shared with the children. */
static struct shared {
	int runs;
	pid_t child, grandchild;
	char folder[PROBE_FOLDER_MAX];
} * shared;

static const struct probe *find(const char *name)
{
	for (const struct probe *probe = probes; probe->name; probe++)
		if (strcmp(probe->name, name) == 0)
			return probe;
	fail_msg("no probe %s", name);
	return NULL;
}

/* Test experiments. */

static int ask_yes(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	shared->runs++;
	return probe_say(evidence, 1, "asked with %s", argument ? argument : "nothing");
}

static int ask_no(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	return probe_say(evidence, 0, "all well");
}

static int ask_too_much(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	memset(evidence, 'x', PROBE_EVIDENCE_MAX);
	return 7;
}

static int ask_segv(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	raise(SIGSEGV);
	return 1;
}

static int ask_exit(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	_exit(3);
}

static int ask_hang_with_descendants(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	shared->child = getpid();
	if (probe_folder_make(shared->folder) < 0)
		_exit(4);
	pid_t grandchild = fork();
	if (grandchild != 0)
		shared->grandchild = grandchild;
	for (;;)
		pause();
}

static int ask_leave_descendants(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	pid_t grandchild = fork();
	if (grandchild == 0)
		for (;;)
			pause();
	shared->grandchild = grandchild;
	return probe_say(evidence, 1, "left one behind");
}

static int ask_move_away(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	umask(0123);
	if (chdir("/proc") < 0 || close(STDIN_FILENO) < 0)
		return probe_say(evidence, 1, "cannot");
	return probe_say(evidence, 0, "moved");
}

static int ask_where_it_is(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	char folder[256];
	mode_t mask = umask(022);
	return probe_say(evidence, mask == 022, "mask %03o, %s, standard input is %s", mask,
		getcwd(folder, sizeof(folder)) && strcmp(folder, "/proc") ? "here" : "away",
		access("/dev/stdin", F_OK) == 0 ? "open" : "closed");
}

static int own;

/* As one that finds a lock of malloc taken: it works only alone. What it does there to its memory is nobody else's. */
static int ask_only_alone(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	shared->runs++;
	if (getpid() != getpgrp())
		abort();
	own = 1;
	return probe_say(evidence, 1, "alone");
}

/* A killed process that nobody waits for is soon reaped by init. */
static bool is_gone(pid_t pid)
{
	for (int i = 0; i < 1000; i++) {
		char path[64], line[256] = "";
		snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
		FILE *file = fopen(path, "r");
		if (!file)
			return true;
		bool read = fgets(line, sizeof(line), file);
		fclose(file);
		char *state = strrchr(line, ')');
		if (read && state && (state[2] == 'Z' || state[2] == 'X'))
			return true;
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
	return false;
}

static void every_end_of_a_child_is_an_answer(void **state)
{
	static const struct {
		int (*ask)(const char *, char[PROBE_EVIDENCE_MAX]);
		int yes;
		const char *evidence;
	} rows[] = {
		{ ask_yes, 1, "asked with nothing" },
		{ ask_no, 0, "all well" },
		{ ask_segv, 0, "the experiment was killed by SIGSEGV" },
		{ ask_exit, 0, "the experiment ended without an answer (exit code 3)" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct probe probe = { "test", "?", .ask = rows[i].ask };
		struct probe_answer answer = probe_run(&probe, NULL, LONG_MS);
		assert_string_equal(answer.evidence, rows[i].evidence);
		assert_int_equal(answer.yes, rows[i].yes);
	}
}

struct row {
	int (*ask)(const char *, char[PROBE_EVIDENCE_MAX]);
	int yes;
	const char *evidence;
};

static void ask_rows(const struct row *rows, size_t n, int timeout_ms)
{
	struct probe asked[8];
	struct probe_question questions[8];
	assert_true(n <= ARRAY_SIZE(asked));
	for (size_t i = 0; i < n; i++) {
		asked[i] = (struct probe){ "test", "?", .ask = rows[i].ask };
		questions[i] = (struct probe_question){ &asked[i], "it", { 7, "nothing" } };
	}
	probe_run_all(questions, n, timeout_ms);
	for (size_t i = 0; i < n; i++) {
		assert_string_equal(questions[i].answer.evidence, rows[i].evidence);
		assert_int_equal(questions[i].answer.yes, rows[i].yes);
	}
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void questions_asked_together_have_their_own_answers(void **state)
{
	static const struct row rows[] = {
		{ ask_yes, 1, "asked with it" },
		{ ask_segv, 0, "the experiment was killed by SIGSEGV" },
		{ ask_no, 0, "all well" },
		{ ask_only_alone, 1, "alone" },
		{ ask_exit, 0, "the experiment ended without an answer (exit code 3)" },
		{ ask_yes, 1, "asked with it" },
		{ ask_exit, 0, "the experiment ended without an answer (exit code 3)" },
	};
	for (size_t n = 0; n <= ARRAY_SIZE(rows); n++) {
		shared->runs = own = 0;
		ask_rows(rows, n, LONG_MS);
		assert_int_equal(own, 0);
		/* What died is asked twice, and nothing else. */
		assert_int_equal(shared->runs, (n > 0) + 2 * (n > 3) + (n > 5));
	}
}

static void experiments_do_not_see_what_the_one_before_did(void **state)
{
	static const struct row rows[] = {
		{ ask_where_it_is, 1, "mask 022, here, standard input is open" },
		{ ask_move_away, 0, "moved" },
		{ ask_where_it_is, 1, "mask 022, here, standard input is open" },
	};
	int null_fd = open("/dev/null", O_RDONLY), saved = dup(STDIN_FILENO);
	dup2(null_fd, STDIN_FILENO);
	mode_t mask = umask(022);
	ask_rows(rows, ARRAY_SIZE(rows), LONG_MS);
	umask(mask);
	dup2(saved, STDIN_FILENO);
	close(saved);
	close(null_fd);
}

static void one_that_hangs_among_others_costs_its_time_once(void **state)
{
	static const struct row rows[] = {
		{ ask_yes, 1, "asked with it" },
		{ ask_hang_with_descendants, 0, "no answer within 300 ms: killed" },
		{ ask_no, 0, "all well" },
		{ ask_leave_descendants, 1, "left one behind" },
		{ ask_yes, 1, "asked with it" },
	};
	struct timespec start, end;
	clock_gettime(CLOCK_MONOTONIC, &start);
	shared->child = 0;
	ask_rows(rows, 3, 300);
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_true(end.tv_sec - start.tv_sec < 5);
	assert_int_not_equal(shared->child, 0);
	assert_true(is_gone(shared->child));
	assert_true(is_gone(shared->grandchild));
	assert_int_equal(access(shared->folder, F_OK), -1);
	ask_rows(rows + 2, 3, LONG_MS);
	assert_true(is_gone(shared->grandchild));
}

static void what_is_asked_together_is_kept(void **state)
{
	static const char *const needs[] = { "kernel-older-than 997.0", "no-such-probe",
		"!kernel-older-than   997.0", "kernel-older-than 0.3", "kernel-older-than 997.0" };
	size_t times = 0;
	for (int i = 0; i < 2; i++)
		probe_ask_all(needs, ARRAY_SIZE(needs));
	const char *argument;
	for (size_t i = 0; (argument = probe_asked_argument(find("kernel-older-than"), i)); i++)
		times += strcmp(argument, "997.0") == 0;
	assert_int_equal(times, 1);
	assert_int_equal(probe_ask(needs[0]).yes, 1);
	assert_int_equal(probe_ask(needs[2]).yes, 0);
	assert_int_equal(probe_ask(needs[3]).yes, 0);
	probe_ask_all(NULL, 0);
}

static void a_strange_answer_is_bounded(void **state)
{
	struct probe probe = { "test", "?", .ask = ask_too_much };
	struct probe_answer answer = probe_run(&probe, NULL, LONG_MS);
	assert_int_equal(strlen(answer.evidence), PROBE_EVIDENCE_MAX - 1);
	assert_int_equal(answer.yes, 0);
}

static void a_hanging_experiment_leaves_nothing(void **state)
{
	struct probe probe = { "test", "?", .ask = ask_hang_with_descendants };
	struct timespec start, end;
	clock_gettime(CLOCK_MONOTONIC, &start);
	struct probe_answer answer = probe_run(&probe, NULL, 300);
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_string_equal(answer.evidence, "no answer within 300 ms: killed");
	assert_int_equal(answer.yes, 0);
	assert_true(end.tv_sec - start.tv_sec < 5);
	assert_int_not_equal(shared->child, 0);
	assert_int_not_equal(shared->grandchild, 0);
	assert_int_equal(waitpid(shared->child, NULL, WNOHANG), -1); /* reaped already */
	assert_true(is_gone(shared->grandchild));
	assert_string_not_equal(shared->folder, "");
	assert_int_equal(access(shared->folder, F_OK), -1);
}

static void an_answering_experiment_leaves_no_process(void **state)
{
	struct probe probe = { "test", "?", .ask = ask_leave_descendants };
	assert_int_equal(probe_run(&probe, NULL, LONG_MS).yes, 1);
	assert_true(is_gone(shared->grandchild));
}

static void an_experiment_dies_with_its_asker(void **state)
{
	shared->child = 0;
	pid_t asker = fork();
	if (asker == 0) {
		struct probe probe = { "test", "?", .ask = ask_hang_with_descendants };
		probe_run(&probe, NULL, LONG_MS);
		_exit(0);
	}
	for (int i = 0; i < 5000 && !__atomic_load_n(&shared->child, __ATOMIC_ACQUIRE); i++)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	pid_t child = shared->child;
	assert_int_not_equal(child, 0);
	nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
	kill(asker, SIGKILL);
	waitpid(asker, NULL, 0);
	assert_true(is_gone(child));
	/* What only a killed asker leaves: the experiment's own descendants and folder. */
	kill(shared->grandchild, SIGKILL);
	probe_folder_remove(child);
}

static void an_ignored_sigchld_does_no_harm(void **state)
{
	struct probe good = { "test", "?", .ask = ask_yes }, bad = { "test", "?", .ask = ask_segv };
	signal(SIGCHLD, SIG_IGN);
	struct probe_answer answer = probe_run(&good, NULL, LONG_MS);
	struct probe_answer crash = probe_run(&bad, NULL, LONG_MS);
	signal(SIGCHLD, SIG_DFL);
	assert_int_equal(answer.yes, 1);
	assert_string_equal(crash.evidence, "the experiment ended without an answer");
}

static void what_the_asker_does_with_signals_is_not_inherited(void **state)
{
	struct probe probe = { "test", "?", .ask = ask_segv };
	struct sigaction before, ignore = { .sa_handler = SIG_IGN };
	sigset_t segv, mask;
	sigemptyset(&segv);
	sigaddset(&segv, SIGSEGV);
	sigaction(SIGSEGV, &ignore, &before);
	struct probe_answer ignored = probe_run(&probe, NULL, LONG_MS);
	sigprocmask(SIG_BLOCK, &segv, &mask);
	struct probe_answer blocked = probe_run(&probe, NULL, LONG_MS);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	sigaction(SIGSEGV, &before, NULL);
	assert_string_equal(ignored.evidence, "the experiment was killed by SIGSEGV");
	assert_string_equal(blocked.evidence, "the experiment was killed by SIGSEGV");
}

static void an_answer_is_kept(void **state)
{
	static const struct probe probe = { "test", "?", .takes = "x", .ask = ask_yes };
	static const struct probe other = { "other", "?", .takes = "x", .ask = ask_no };
	shared->runs = 0;
	for (int i = 0; i < 3; i++) {
		assert_string_equal(probe_ask_one(&probe, "a").evidence, "asked with a");
		assert_string_equal(probe_ask_one(&probe, "b").evidence, "asked with b");
		assert_string_equal(probe_ask_one(&probe, NULL).evidence, "asked with nothing");
		assert_string_equal(probe_ask_one(&other, "a").evidence, "all well");
	}
	assert_int_equal(shared->runs, 3);
}

static void needs_turn_an_answer(void **state)
{
	struct probe_answer plain = probe_ask("kernel-older-than 999.0");
	struct probe_answer turned = probe_ask("!kernel-older-than 999.0");
	assert_int_equal(plain.yes, 1);
	assert_int_equal(turned.yes, 0);
	assert_string_equal(plain.evidence, turned.evidence);
	assert_int_equal(probe_ask("kernel-older-than 0.1").yes, 0);
	assert_int_equal(probe_ask("!kernel-older-than 0.1").yes, 1);
	assert_int_equal(probe_ask("!no-such-probe").yes, 0);
	assert_string_equal(probe_ask("no-such-probe").evidence, probe_check("no-such-probe"));
}

static void name_rules(const char *needs, char *ret, size_t size, void *data)
{
	if (probe_needs_equal(needs, data))
		snprintf(ret, size, "one two");
}

static void the_report_has_a_line_per_question(void **state)
{
	cleanup_free char *text = NULL;
	size_t size = 0, lines = 0, rows = 0;
	char armed[] = "kernel-older-than 998.0";
	assert_int_equal(probe_ask(armed).yes, 1);
	FILE *out = open_memstream(&text, &size);
	probe_report(out, name_rules, armed);
	fclose(out);
	assert_non_null(strstr(text, "PROBE"));
	assert_null(strstr(text, " \n"));
	for (const struct probe *probe = probes; probe->name; probe++) {
		assert_non_null(strstr(text, probe->name));
		rows += probe->takes ? 0 : 1;
	}
	/* One that takes an argument has a line for each that was asked for, or one without an answer. */
	for (const struct probe *probe = probes; probe->name; probe++) {
		size_t asked = 0;
		while (probe->takes && probe_asked_argument(probe, asked))
			asked++;
		rows += probe->takes && !asked ? 1 : asked;
	}
	for (const char *at = text; *at; at++)
		lines += *at == '\n';
	assert_int_equal(lines, rows + 1);
	/* The rule stands behind its own question, and only there, below the heading. */
	char *row = strstr(text, "\nkernel-older-than 998.0 "), *rule = strstr(text, "one two\n");
	assert_non_null(row);
	assert_non_null(rule);
	assert_ptr_equal(strchr(row + 1, '\n'), rule + strlen("one two"));
	assert_null(strstr(rule + 1, "one two"));
	assert_int_equal(rule - row - 1, strstr(text, "ARMS") - text);
}

static void a_rule_that_needs_the_opposite_is_armed_by_no(void **state)
{
	static const struct {
		char needs[32];
		bool armed;
	} rows[] = {
		{ "!kernel-older-than 0.2", true },
		{ "kernel-older-than 0.2", false },
		{ "!kernel-older-than 998.1", false },
		{ "kernel-older-than 998.1", true },
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_free char *text = NULL;
		size_t size = 0;
		char needs[32];
		strcpy(needs, rows[i].needs);
		probe_ask(needs);
		FILE *out = open_memstream(&text, &size);
		probe_report(out, name_rules, needs);
		fclose(out);
		assert_int_equal(strstr(text, "one two") != NULL, rows[i].armed);
	}
}

static void the_documentation_has_every_probe(void **state)
{
	char text[65536], row[256];
	FILE *file = fopen(TEST_SOURCE_DIR "/docs/probes.md", "r");
	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	for (const struct probe *probe = probes; probe->name; probe++) {
		/* "NAME", or "NAME WHAT-IT-TAKES" */
		snprintf(row, sizeof(row), "\n| `%s%s", probe->name, probe->takes ? " " : "` |");
		char *at = strstr(text, row);
		size_t taken = at ? strspn(at + strlen(row), "ABCDEFGHIJKLMNOPQRSTUVWXYZ") : 0;
		snprintf(row, sizeof(row), "\n| `%s%s%.*s` | %s |", probe->name,
			probe->takes ? " " : "", probe->takes ? (int)taken : 0,
			at ? at + strlen(probe->name) + 5 : "", probe->question);
		if (!at || strncmp(at, row, strlen(row)) != 0)
			fail_msg("docs/probes.md lacks the row %s", row + 1);
	}
}

int main(void)
{
	shared = mmap(
		NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 1;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_end_of_a_child_is_an_answer),
		cmocka_unit_test(questions_asked_together_have_their_own_answers),
		cmocka_unit_test(experiments_do_not_see_what_the_one_before_did),
		cmocka_unit_test(one_that_hangs_among_others_costs_its_time_once),
		cmocka_unit_test(what_is_asked_together_is_kept),
		cmocka_unit_test(a_strange_answer_is_bounded),
		cmocka_unit_test(a_hanging_experiment_leaves_nothing),
		cmocka_unit_test(an_answering_experiment_leaves_no_process),
		cmocka_unit_test(an_experiment_dies_with_its_asker),
		cmocka_unit_test(an_ignored_sigchld_does_no_harm),
		cmocka_unit_test(what_the_asker_does_with_signals_is_not_inherited),
		cmocka_unit_test(an_answer_is_kept),
		cmocka_unit_test(needs_turn_an_answer),
		cmocka_unit_test(the_report_has_a_line_per_question),
		cmocka_unit_test(a_rule_that_needs_the_opposite_is_armed_by_no),
		cmocka_unit_test(the_documentation_has_every_probe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
