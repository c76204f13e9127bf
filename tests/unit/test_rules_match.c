/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_rules gvtrace_util gvtrace_abi */
/* Arming, and which rule a call meets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

#include <cmocka.h>

#include "describe.h"
#include "load.h"
#include "rules_fixture.h"

static const char text[] =
	"[rule exception]\ndo = pass\npath = /proc/sys/kernel/shm*\n"
	"[rule look]\ndo = log\nsyscall = openat rename fstat\npath = /proc/**\n"
	"[rule fake]\ndo = fake\npath = /proc/sys/**\n"
	"[rule keys]\ndo = return\nsyscall = keyctl\narg0 = KEYCTL_CLEAR\narg1 = 4&4\nerror = "
	"ENOSYS\n"
	"[rule runc]\ndo = return\nsyscall = prctl\nprogram = runc\nvalue = 0\n"
	"[rule shim]\ndo = return\nsyscall = prctl\nprogram = /usr/*/containerd-shim*\nvalue = 0\n"
	"[rule minus]\ndo = return\nsyscall = wait4\narg0 = -1\nvalue = 0\n"
	"[rule both]\ndo = log\nsyscall = rename linkat mount\npath = /x/*\n"
	"[rule off]\ndo = log\nsyscall = getppid\nenabled = no\n"
	"[rule linux]\ndo = log\nsyscall = getppid\nneeds = no-openat2\n"
	"[rule sandbox]\ndo = log\nsyscall = getppid getpid\nneeds = !no-openat2\n"
	"[rule sandbox2]\ndo = log\nsyscall = getppid\nneeds = ! no-openat2\n";

struct call {
	const char *paths[SYSCALL_ARGS];
	const char *program;
	size_t asked_paths, asked_programs;
};

static const char *path_of(void *data, int arg, const struct rule *rule)
{
	struct call *call = data;

	call->asked_paths++;
	assert_non_null(rule->path);
	return call->paths[arg];
}

static const char *program_of(void *data)
{
	struct call *call = data;

	call->asked_programs++;
	return call->program ? call->program : "";
}

static char asked[200];

static int holds(const char *needs, void *data)
{
	strcat(asked, needs);
	strcat(asked, ";");
	assert_ptr_equal(data, asked);
	return needs[0] == '!';
}

static int set_up(void **state)
{
	struct rule_set *set = rules_create();
	struct rule_error error;

	*state = set;
	asked[0] = '\0';
	if (rules_load_text(set, "x.ini", text, strlen(text), &fixture_context, &error) < 0)
		fail_msg("%d: %s", error.line, error.text);
	return rules_arm(set, holds, asked);
}

static int tear_down(void **state)
{
	rules_destroy(*state);
	return 0;
}

/* All rules that the call meets, one after the other: "name mask, ...". */
static void assert_matches(const struct rule_set *set, long nr, const uint64_t *args,
	struct call *call, const char *expected)
{
	static const uint64_t none[SYSCALL_ARGS];
	struct match_query query = { nr, args ? args : none, call, path_of, program_of };
	char seen[200] = "";
	size_t cursor = 0;
	unsigned mask = 99;
	const struct rule *rule;

	while ((rule = rules_match(set, &query, &cursor, &mask)) != NULL) {
		size_t length = strlen(seen);

		snprintf(seen + length, sizeof(seen) - length, "%s%s %u", length ? ", " : "",
			rule->name, mask);
	}
	assert_string_equal(seen, expected);
	assert_int_equal(mask, 0);
}

static void test_paths(void **state)
{
	struct call shm = { .paths = { NULL, "/proc/sys/kernel/shmmax" } };
	struct call panic = { .paths = { NULL, "/proc/sys/kernel/panic" } };
	struct call stat = { .paths = { NULL, "/proc/stat" } };
	struct call elsewhere = { .paths = { NULL, "/etc/passwd" } };
	struct call nowhere = { .paths = { NULL, NULL } };

	assert_matches(*state, SYS_openat, NULL, &shm, "exception 2, look 2, fake 2");
	assert_matches(*state, SYS_openat, NULL, &panic, "look 2, fake 2");
	assert_matches(*state, SYS_openat, NULL, &stat, "look 2");
	assert_matches(*state, SYS_openat, NULL, &elsewhere, "");
	assert_matches(*state, SYS_openat, NULL, &nowhere, "");
	/* Only the argument that is a path is asked for, once for each rule with a path. */
	assert_int_equal(elsewhere.asked_paths, 3);
	/* newfstatat is none of look's calls. */
	assert_matches(*state, SYS_newfstatat, NULL, &panic, "fake 2");
}

static void test_descriptors(void **state)
{
	struct call call = { .paths = { "/proc/self" } };

	assert_matches(*state, SYS_fstat, NULL, &call, "look 1");
	assert_int_equal(call.asked_paths, 1);
}

static void test_two_paths(void **state)
{
	struct call both = { .paths = { "/x/a", "/x/b" } };
	struct call second = { .paths = { "/y/a", "/x/b" } };
	struct call at = { .paths = { "/no", "/x/a", "/no", "/x/b" } };

	assert_matches(*state, SYS_rename, NULL, &both, "both 3");
	assert_matches(*state, SYS_rename, NULL, &second, "both 2");
	assert_matches(*state, SYS_linkat, NULL, &at, "both 10");
}

static void test_arguments(void **state)
{
	static const struct {
		uint64_t args[SYSCALL_ARGS];
		const char *expected;
	} rows[] = {
		{ { 7, 4 }, "keys 0" },
		{ { 7, 0xffff }, "keys 0" },
		{ { 7, 3 }, "" },
		{ { 8, 4 }, "" },
		{ { UINT64_C(7) << 32, 4 }, "" },
	};
	struct call call = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_matches(*state, SYS_keyctl, rows[i].args, &call, rows[i].expected);
	assert_matches(*state, SYS_wait4, (uint64_t[6]){ UINT64_MAX }, &call, "minus 0");
	assert_matches(*state, SYS_wait4, (uint64_t[6]){ UINT32_MAX }, &call, "minus 0");
	assert_matches(*state, SYS_wait4, (uint64_t[6]){ 1 }, &call, "");
	assert_int_equal(call.asked_paths, 0);
	assert_int_equal(call.asked_programs, 0);
}

static void test_programs(void **state)
{
	struct call runc = { .program = "/usr/bin/runc" };
	struct call other = { .program = "/usr/bin/runc2" };
	struct call shim = { .program = "/usr/bin/containerd-shim-runc-v2" };
	struct call gone = { .program = "" };

	assert_matches(*state, SYS_prctl, NULL, &runc, "runc 0");
	assert_matches(*state, SYS_prctl, NULL, &other, "");
	assert_matches(*state, SYS_prctl, NULL, &shim, "shim 0");
	assert_matches(*state, SYS_prctl, NULL, &gone, "");
	assert_int_equal(runc.asked_programs, 2);
}

static void test_numbers_without_rules(void **state)
{
	struct call call = { .paths = { "/proc", "/proc" } };

	assert_matches(*state, SYS_read, NULL, &call, "");
	assert_matches(*state, -1, NULL, &call, "");
	assert_matches(*state, 100000, NULL, &call, "");
	assert_matches(*state, SYSCALL_MAX - 1, NULL, &call, "");
	assert_int_equal(call.asked_paths, 0);
}

static void test_arm(void **state)
{
	struct rule_set *set = *state;
	struct call call = { 0 };

	/* Each question once, however it is spelt, and none for what is off. */
	assert_string_equal(asked, "no-openat2;!no-openat2;");
	assert_matches(set, SYS_getppid, NULL, &call, "sandbox 0, sandbox2 0");
	assert_matches(set, SYS_getpid, NULL, &call, "sandbox 0");
	assert_null(set->by_syscall[SYS_read]);
	for (size_t i = 0; i < set->n_rules; i++) {
		const struct rule *rule = set->rules[i];

		assert_int_equal(rule->armed,
			strcmp(rule->name, "off") != 0 && strcmp(rule->name, "linux") != 0);
	}
	/* Again, after a change. */
	asked[0] = '\0';
	set->rules[set->n_rules - 1]->enabled = false;
	assert_int_equal(rules_arm(set, holds, asked), 0);
	assert_matches(set, SYS_getppid, NULL, &call, "sandbox 0");
}

static int never(const char *needs, void *data)
{
	return 0;
}

/* Where a kernel lacks nothing, the default profile is nothing. */
static void test_default_profile(void **state)
{
	struct rule_set *set = rules_create();
	struct rule_error error;

	if (rules_load_profile(set, "containers", &fixture_context, &error) < 0)
		fail_msg("%s:%d: %s", error.file, error.line, error.text);
	assert_true(set->n_rules > 0);
	assert_non_null(set->summary);
	assert_int_equal(rules_arm(set, never, NULL), 0);
	for (size_t nr = 0; nr < SYSCALL_MAX; nr++)
		assert_null(set->by_syscall[nr]);
	for (size_t i = 0; i < set->n_rules; i++) {
		assert_false(set->rules[i]->armed);
		assert_non_null(set->rules[i]->why);
		assert_non_null(set->rules[i]->needs);
	}
	rules_destroy(set);
}

/* An emulation with a default path: it holds for calls that have one, and the others match. */
static void test_default_path(void **state)
{
	static const char rules[] = "[rule version]\ndo = kernel-version\nrelease = 4.19\n"
				    "[rule here]\ndo = kernel-version\nrelease = 4.19\n"
				    "path = /here/*\nsyscall = uname open\n";
	struct rule_set *set = rules_create();
	struct call proc = { .paths = { "/proc/version" } };
	struct call here = { .paths = { "/here/version" } };
	struct call none = { 0 };

	assert_int_equal(
		rules_load_text(set, "x", rules, strlen(rules), &fixture_context, NULL), 0);
	assert_int_equal(rules_arm(set, never, NULL), 0);
	assert_matches(set, SYS_open, NULL, &proc, "version 1");
	assert_matches(set, SYS_open, NULL, &here, "here 1");
	assert_matches(set, SYS_fstatfs, NULL, &proc, "version 1");
	assert_matches(set, SYS_open, NULL, &none, "");
	assert_matches(set, SYS_uname, NULL, &none, "version 0, here 0");
	rules_destroy(set);
}

static void test_list(void **state)
{
	static const char expected[] = "two rules\n"
				       "\n"
				       "RULE  STATE       DO    NEEDS\n"
				       "a     armed       log   -\n"
				       "    because\n"
				       "b     not needed  pass  no-openat2\n"
				       "cc    off         log   -\n";
	static const char rules[] = "[profile]\nsummary = two rules\n"
				    "[rule a]\ndo = log\nsyscall = stat\nwhy = because\n"
				    "[rule b]\ndo = pass\nsyscall = stat\nneeds = no-openat2\n"
				    "[rule cc]\ndo = log\nsyscall = stat\nenabled = no\n";
	struct rule_set *set = rules_create();
	char *listed;
	size_t length;
	FILE *out = open_memstream(&listed, &length);

	assert_int_equal(
		rules_load_text(set, "x", rules, strlen(rules), &fixture_context, NULL), 0);
	assert_int_equal(rules_arm(set, never, NULL), 0);
	rules_list(out, set);
	fclose(out);
	assert_string_equal(listed, expected);
	free(listed);
	rules_destroy(set);
}

static void test_describe(void **state)
{
	char *described;
	size_t length;
	FILE *out = open_memstream(&described, &length);

	rules_describe_emulation(out, &fixture_redirect);
	rules_describe_emulation(out, &fixture_openat2);
	rules_list_emulations(
		out, (const struct emulation *const[]){ &fixture_log, &fixture_fake, NULL });
	fclose(out);
	assert_string_equal(described, "do = redirect\n"
				       "  another path\n"
				       "\n"
				       "system calls, unless the rule has \"syscall =\":\n"
				       "  every call that takes a path\n"
				       "\n"
				       "The rule must have \"path =\".\n"
				       "\n"
				       "options:\n"
				       "  to  the path (required)\n"
				       "do = openat2\n"
				       "  runs openat where the kernel lacks openat2\n"
				       "\n"
				       "system calls, unless the rule has \"syscall =\":\n"
				       "  openat2\n"
				       "\n"
				       "It has no options of its own.\n"
				       "  log   a line in the log\n"
				       "  fake  a file of the fake tree\n");
	free(described);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_paths),
		TEST(test_descriptors),
		TEST(test_two_paths),
		cmocka_unit_test(test_default_path),
		TEST(test_arguments),
		TEST(test_programs),
		TEST(test_numbers_without_rules),
		TEST(test_arm),
		cmocka_unit_test(test_default_profile),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_describe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
