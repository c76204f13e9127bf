/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_probes gvtrace_util */
/* Which experiments are made at the same time, and in which process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/mman.h>
#include <time.h>

#include "experiments.h"
#include "fakeprocsys_stub.h"
#include "probe.h"
#include "util.h"

enum { LONG_MS = 20000 };

/* Shared with the children, also with a copy of this process. */
static int *runs;

/* Whether the other one of two comes to be asked while this one waits. */
static int ask_meeting(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	__atomic_fetch_add(runs, 1, __ATOMIC_SEQ_CST);
	for (int i = 0; i < 2000 && __atomic_load_n(runs, __ATOMIC_SEQ_CST) < 2; i++)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	return probe_say(evidence, __atomic_load_n(runs, __ATOMIC_SEQ_CST) >= 2, "met");
}

static int ask_nothing(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	return probe_say(evidence, 0, "nothing");
}

static void two_are_asked_at_a_time(void **state)
{
	static const struct probe first = { "first", "?", .ask = ask_meeting },
				  second = { "second", "?", .ask = ask_meeting },
				  other = { "other", "?", .ask = ask_nothing };
	struct probe_question questions[] = { { &first, NULL, { 0 } }, { &second, NULL, { 0 } },
		{ &other, NULL, { 0 } }, { &other, NULL, { 0 } }, { &other, NULL, { 0 } } };
	*runs = 0;
	probe_run_all(questions, ARRAY_SIZE(questions), LONG_MS);
	for (size_t i = 0; i < ARRAY_SIZE(questions); i++)
		assert_string_equal(questions[i].answer.evidence, i < 2 ? "met" : "nothing");
	assert_true(questions[0].answer.yes && questions[1].answer.yes);
}

/* Alone of its probe, and in order. */
static int ask_in_turn(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	static int inside;
	int others = __atomic_fetch_add(&inside, 1, __ATOMIC_SEQ_CST);
	nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
	__atomic_fetch_sub(&inside, 1, __ATOMIC_SEQ_CST);
	return probe_say(evidence, others, "%d before %s", (*runs)++, argument);
}

static void those_of_one_probe_are_asked_in_turn(void **state)
{
	static const struct probe in_turn = { "turns", "?", .ask = ask_in_turn },
				  shared_process = { "turns", "?", .ask = ask_in_turn,
					  .changes_nothing = true };
	static const char *const arguments[] = { "0", "1", "2", "3", "4", "5" };
	for (int shares = 0; shares < 2; shares++) {
		struct probe_question questions[ARRAY_SIZE(arguments)];
		*runs = 0;
		for (size_t i = 0; i < ARRAY_SIZE(arguments); i++)
			questions[i] = (struct probe_question){ shares ? &shared_process : &in_turn,
				arguments[i], { 0 } };
		probe_run_all(questions, ARRAY_SIZE(arguments), LONG_MS);
		for (size_t i = 0; i < ARRAY_SIZE(arguments); i++) {
			char expected[32];
			snprintf(expected, sizeof(expected), "%zu before %zu", i, i);
			assert_string_equal(questions[i].answer.evidence, expected);
			assert_int_equal(questions[i].answer.yes, 0);
		}
	}
}

static int ask_once_alone(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	(*runs)++;
	if (!probe_is_alone())
		return getpid() == getpgrp() ? PROBE_NOT_ALONE : 0;
	return probe_say(evidence, getpid() != getpgrp(), "alone");
}

static int ask_never_alone(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	(*runs)++;
	return probe_say(evidence, getpid() == getpgrp() && !probe_is_alone(), "with others");
}

static int ask_killed_with_others(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	if (!probe_is_alone())
		raise(SIGKILL);
	return probe_say(evidence, 1, "it is alone then");
}

static void what_changes_late_is_asked_with_others_first(void **state)
{
	static const struct probe late = { "late", "?", .changes_late = true,
		.ask = ask_once_alone },
				  never = { "never", "?", .changes_late = true,
					  .ask = ask_never_alone },
				  killed = { "killed", "?", .changes_late = true,
					  .ask = ask_killed_with_others };
	struct probe_question questions[] = { { &late, "it", { 0 } }, { &never, "it", { 0 } },
		{ &killed, "it", { 0 } }, { &late, "it", { 0 } } };
	*runs = 0;
	probe_run_all(questions, ARRAY_SIZE(questions), LONG_MS);
	assert_int_equal(*runs, 5);
	assert_string_equal(questions[0].answer.evidence, "alone");
	assert_string_equal(questions[1].answer.evidence, "with others");
	assert_string_equal(questions[2].answer.evidence, "it is alone then");
	assert_string_equal(questions[3].answer.evidence, "alone");
	for (size_t i = 0; i < ARRAY_SIZE(questions); i++)
		assert_int_equal(questions[i].answer.yes, 1);
}

static int ask_whose_process(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	if (!probe_is_alone())
		return PROBE_NOT_ALONE;
	return probe_say(evidence, 1, "%d", getpid());
}

static int ask_killed_alone(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	if (!probe_is_alone())
		return PROBE_NOT_ALONE;
	raise(SIGSEGV);
	return 1;
}

/* A process for several; if one dies, those before it are answered, and those after it have another one. */
static void some_are_alone_together(void **state)
{
	enum { KILLED = 2, N = 4 /* few: one child asks them */ };
	struct probe asked[N];
	struct probe_question questions[N];
	for (int dies = 0; dies < 2; dies++) {
		for (size_t i = 0; i < N; i++) {
			asked[i] = (struct probe){ "joins", "?", .changes_late = true,
				.joins_others = true,
				.ask = dies && i == KILLED ? ask_killed_alone : ask_whose_process };
			questions[i] = (struct probe_question){ &asked[i], NULL, { 0 } };
		}
		probe_run_all(questions, N, LONG_MS);
		for (size_t i = 0; i < N; i++)
			assert_int_equal(questions[i].answer.yes, !(dies && i == KILLED));
		assert_string_equal(questions[0].answer.evidence, questions[1].answer.evidence);
		bool is_same =
			strcmp(questions[1].answer.evidence, questions[3].answer.evidence) == 0;
		assert_int_equal(is_same, !dies);
		if (dies)
			assert_string_equal(questions[KILLED].answer.evidence,
				"the experiment was killed by SIGSEGV");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_are_asked_at_a_time),
		cmocka_unit_test(those_of_one_probe_are_asked_in_turn),
		cmocka_unit_test(what_changes_late_is_asked_with_others_first),
		cmocka_unit_test(some_are_alone_together),
	};
	runs = mmap(NULL, sizeof(*runs), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (runs == MAP_FAILED)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
