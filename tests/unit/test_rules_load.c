/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_rules gvtrace_util gvtrace_abi */
/* Rules as they stand after loading: their parts, files on top of files, whom to trust. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cmocka.h>

#include "load.h"
#include "rules_fixture.h"

struct fixture {
	char folder[32];
	struct rule_set *set;
	struct rule_error error;
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	strcpy(fixture->folder, "/tmp/test_rules_XXXXXX");
	*state = fixture;
	fixture->set = rules_create();
	return mkdtemp(fixture->folder) == NULL || fixture->set == NULL;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	char command[64];

	rules_destroy(fixture->set);
	snprintf(command, sizeof(command), "rm -r %s", fixture->folder);
	free(fixture);
	return system(command);
}

static void full_name(const struct fixture *fixture, const char *name, char ret_name[64])
{
	snprintf(ret_name, 64, "%s/%s", fixture->folder, name);
}

static void write_file(const struct fixture *fixture, const char *name, const char *text)
{
	char file[64];
	FILE *out;

	full_name(fixture, name, file);
	out = fopen(file, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
	assert_int_equal(chmod(file, 0644), 0);
}

static int load(struct fixture *fixture, const char *name)
{
	char file[64];

	full_name(fixture, name, file);
	return rules_load_file(fixture->set, file, &fixture_context, &fixture->error);
}

static void load_ok(struct fixture *fixture, const char *name)
{
	if (load(fixture, name) != 0)
		fail_msg(
			"%s:%d: %s", fixture->error.file, fixture->error.line, fixture->error.text);
}

/* "name emulation, name emulation ..." */
static void assert_rules(const struct fixture *fixture, const char *expected)
{
	char seen[400] = "";

	for (size_t i = 0; i < fixture->set->n_rules; i++) {
		const struct rule *rule = fixture->set->rules[i];
		size_t length = strlen(seen);

		snprintf(seen + length, sizeof(seen) - length, "%s%s %s%s", i ? ", " : "",
			rule->name, rule->emulation->name, rule->enabled ? "" : " off");
	}
	assert_string_equal(seen, expected);
}

static void test_parts_of_a_rule(void **state)
{
	struct fixture *fixture = *state;
	const struct rule *rule;

	write_file(fixture, "a.ini",
		"; a comment\n"
		"# another\n"
		"[profile]\n"
		"summary = what it is for ; and a comment\n"
		"\n"
		"[rule one.2-_]   ; behind it\n"
		"  why     = a = b; c\n"
		"\tneeds   = !  kernel-older-than   5.10\n"
		"syscall = keyctl, clone\n"
		"path    = /a/**\n"
		"program = runc*\n"
		"arg1    = KEYCTL_CLEAR\n"
		"arg0    = CLONE_NEWNS & CLONE_NEWNS\n"
		"arg4    = -1\n"
		"stack   = yes\n"
		"enabled = no\n"
		"do      = return\n"
		"value   = 7\n");
	/* clone and keyctl have no path. */
	assert_int_equal(load(fixture, "a.ini"), -EINVAL);
	write_file(fixture, "b.ini",
		"[profile]\n"
		"summary = what it is for ; and a comment\n"
		"\n"
		"[rule one.2-_]   ; behind it\n"
		"  why     = a = b; c\n"
		"\tneeds   = !  kernel-older-than   5.10\n"
		"syscall = keyctl, clone, fstat\n"
		"path    = /a/**\n"
		"program = runc*\n"
		"arg1    = KEYCTL_CLEAR\n"
		"arg0    = CLONE_NEWNS & CLONE_NEWNS\n"
		"arg4    = -1\n"
		"stack   = yes\n"
		"enabled = no\n"
		"do      = return\n"
		"value   = 7\n");
	load_ok(fixture, "b.ini");
	assert_int_equal(fixture->set->n_rules, 1);
	assert_string_equal(fixture->set->summary, "what it is for");
	rule = fixture->set->rules[0];
	assert_string_equal(rule->name, "one.2-_");
	assert_string_equal(rule->why, "a = b; c");
	assert_string_equal(rule->needs, "!kernel-older-than 5.10");
	assert_int_equal(rule->line, 4);
	assert_non_null(strstr(rule->file, "/b.ini"));
	assert_true(rule->stack);
	assert_false(rule->enabled);
	assert_false(rule->armed);
	assert_true(syscall_set_has(&rule->syscalls, SYS_keyctl));
	assert_true(syscall_set_has(&rule->syscalls, SYS_clone));
	assert_false(syscall_set_has(&rule->syscalls, SYS_openat));
	assert_string_equal(path_glob_text(rule->path), "/a/**");
	assert_string_equal(path_glob_text(rule->program), "runc*");
	assert_ptr_equal(rule->emulation, &fixture_return);
	assert_int_equal(*(uint64_t *)rule->config, 7);
	assert_int_equal(rule->conditions[0].arg, 1);
	assert_true(rule->conditions[0].mask == UINT64_MAX);
	assert_int_equal(rule->conditions[0].value, 7);
	assert_int_equal(rule->conditions[1].arg, 0);
	assert_int_equal(rule->conditions[1].mask, 0x20000);
	assert_int_equal(rule->conditions[1].value, 0x20000);
	/* Programs pass an int -1 with and without its upper half. */
	assert_int_equal(rule->conditions[2].arg, 4);
	assert_true(rule->conditions[2].mask == UINT32_MAX);
	assert_true(rule->conditions[2].value == UINT32_MAX);
	assert_int_equal(rule->conditions[3].arg, -1);
}

static void test_defaults(void **state)
{
	struct fixture *fixture = *state;
	struct rule **rules;

	write_file(fixture, "a.ini",
		"[rule a]\ndo = stat\npath = /a\n"
		"[rule b]\ndo = fake\npath = /a\n"
		"[rule c]\ndo = log\nprogram = runc\n"
		"[rule d]\ndo = openat2\n"
		"[rule all]\ndo = log\nsyscall = "
		"all\narg0=0\narg1=0\narg2=0\narg3=0\narg4=0\narg5=0\n");
	load_ok(fixture, "a.ini");
	rules = fixture->set->rules;
	assert_true(rules[0]->enabled);
	assert_false(rules[0]->stack);
	assert_null(rules[0]->needs);
	assert_null(rules[0]->program);
	assert_int_equal(rules[0]->conditions[0].arg, -1);
	/* The emulation's own calls; else every call with a path, and no other. */
	assert_true(syscall_set_has(&rules[0]->syscalls, SYS_fstat));
	assert_false(syscall_set_has(&rules[0]->syscalls, SYS_openat));
	for (int i = 1; i <= 2; i++) {
		assert_true(syscall_set_has(&rules[i]->syscalls, SYS_openat));
		assert_true(syscall_set_has(&rules[i]->syscalls, SYS_mount));
		assert_false(syscall_set_has(&rules[i]->syscalls, SYS_fstat));
		assert_false(syscall_set_has(&rules[i]->syscalls, SYS_close));
	}
	assert_true(syscall_set_has(&rules[3]->syscalls, SYS_openat2));
	assert_int_equal(rules[4]->conditions[5].arg, 5);
	assert_int_equal(rules[4]->conditions[6].arg, -1);
}

static void test_later_stands_on_top(void **state)
{
	struct fixture *fixture = *state;

	write_file(fixture, "base.ini",
		"[profile]\nsummary = base\n"
		"[rule a]\ndo = log\nsyscall = stat\n"
		"[rule b]\ndo = log\nsyscall = stat\n"
		"[rule c]\ndo = log\nsyscall = stat\n"
		"[sysctl]\nx.a = 1\nx.b = 1\n");
	write_file(fixture, "top.ini",
		"[profile]\ninclude = base.ini\n"
		"[rule x]\ndo = log\nsyscall = stat\n"
		"[rule b]\ndo = pass\nsyscall = stat\n"
		"[rule y]\ndo = log\nsyscall = stat\n"
		"[sysctl]\nx.b = 2\nx.c = 2\nx.c = 3\n");
	load_ok(fixture, "top.ini");
	assert_rules(fixture, "x log, y log, a log, b pass, c log");
	assert_string_equal(fixture->set->summary, "base");
	assert_int_equal(fixture->set->n_sysctls, 3);
	assert_string_equal(fixture->set->sysctls[0].name, "x.a");
	assert_string_equal(fixture->set->sysctls[1].name, "x.b");
	assert_string_equal(fixture->set->sysctls[1].value, "2");
	assert_int_equal(fixture->set->sysctls[1].line, 13);
	assert_int_equal(fixture->set->sysctls[1].column, 7);
	assert_non_null(strstr(fixture->set->sysctls[1].file, "top.ini"));
	assert_string_equal(fixture->set->sysctls[2].value, "3");
	/* Another file on top; the command line on top of all. */
	write_file(fixture, "user.ini",
		"[profile]\nsummary = mine\n[rule z]\ndo = pass\nsyscall = "
		"stat\n[rule x]\ndo = pass\nsyscall = stat\n");
	load_ok(fixture, "user.ini");
	assert_rules(fixture, "z pass, x pass, y log, a log, b pass, c log");
	assert_string_equal(fixture->set->summary, "mine");
	assert_int_equal(
		rules_add_sysctl(fixture->set, "x.a=9 8=7", &fixture_context, &fixture->error), 0);
	assert_int_equal(fixture->set->n_sysctls, 3);
	/* Behind all others, lest another spelling of the name stands between. */
	assert_string_equal(fixture->set->sysctls[2].name, "x.a");
	assert_string_equal(fixture->set->sysctls[2].value, "9 8=7");
	assert_string_equal(fixture->set->sysctls[2].file, "command line");
}

static void test_switch(void **state)
{
	struct fixture *fixture = *state;

	write_file(fixture, "a.ini",
		"[profile]\ninclude = base.ini\n"
		"[rule proc-sys]\nwhy = not here\nenabled = no\n"
		"[rule mine]\ndo = log\nsyscall = stat\nenabled = no\n");
	write_file(fixture, "base.ini",
		"[rule proc-sys]\ndo = fake\npath = /proc/sys/**\nwhy = all lack it\n"
		"[rule b]\ndo = log\nsyscall = stat\n");
	load_ok(fixture, "a.ini");
	assert_rules(fixture, "mine log off, proc-sys fake off, b log");
	/* The place stays that of the rule itself. */
	assert_non_null(strstr(fixture->set->rules[1]->file, "base.ini"));
	assert_string_equal(fixture->set->rules[1]->why, "not here");
	write_file(fixture, "b.ini", "[rule mine]\nenabled = yes\n");
	load_ok(fixture, "b.ini");
	assert_true(fixture->set->rules[0]->enabled);
	/* Where a reason is not given again, the one before stays. */
	write_file(fixture, "d.ini", "[rule proc-sys]\nenabled = yes\n");
	load_ok(fixture, "d.ini");
	assert_string_equal(fixture->set->rules[1]->why, "not here");
	write_file(fixture, "c.ini", "[rule proc_sys]\nenabled = no\n");
	assert_int_equal(load(fixture, "c.ini"), -EINVAL);
	assert_string_equal(fixture->error.text,
		"rule \"proc_sys\": no rule of this name was read before, and there is no \"do = "
		"EMULATION\". Did you mean \"proc-sys\"?");
}

/* One that is needed by two is read once: what the first put on top of it stays. */
static void test_diamond(void **state)
{
	struct fixture *fixture = *state;
	size_t n_rules;

	write_file(fixture, "base.ini", "[rule a]\ndo = log\nsyscall = stat\n");
	write_file(fixture, "b.ini",
		"[profile]\ninclude = base.ini\n"
		"[rule a]\ndo = pass\nsyscall = stat\n");
	write_file(fixture, "c.ini",
		"[profile]\ninclude = ./base.ini\ninclude = containers\n"
		"[rule c]\ndo = log\nsyscall = stat\n");
	write_file(fixture, "d.ini",
		"[profile]\ninclude = b.ini\ninclude = c.ini\n"
		"include = containers.ini\n");
	load_ok(fixture, "d.ini");
	n_rules = fixture->set->n_rules;
	assert_true(n_rules > 2);
	assert_string_equal(fixture->set->rules[0]->name, "c");
	assert_string_equal(fixture->set->rules[n_rules - 1]->name, "a");
	assert_ptr_equal(fixture->set->rules[n_rules - 1]->emulation, &fixture_pass);
	load_ok(fixture, "base.ini");
	assert_ptr_equal(fixture->set->rules[n_rules - 1]->emulation, &fixture_pass);
	assert_int_equal(
		rules_load_profile(fixture->set, "containers", &fixture_context, &fixture->error),
		0);
	assert_int_equal(fixture->set->n_rules, n_rules);
}

static void test_cycles(void **state)
{
	struct fixture *fixture = *state;

	write_file(fixture, "a.ini", "[profile]\ninclude = b.ini\n");
	write_file(fixture, "b.ini", "[profile]\n\ninclude = c.ini\n");
	write_file(fixture, "c.ini", "[profile]\n\n\ninclude = ./a.ini\n");
	assert_int_equal(load(fixture, "a.ini"), -EINVAL);
	assert_non_null(strstr(fixture->error.file, "c.ini"));
	assert_int_equal(fixture->error.line, 4);
	assert_int_equal(fixture->error.column, 11);
	assert_non_null(
		strstr(fixture->error.text, "include ./a.ini: includes itself (by way of: "));
	/* In the order of reading. */
	const char *b = strstr(fixture->error.text, "b.ini"),
		   *c = strstr(fixture->error.text, "c.ini");
	assert_true(b && c && b < c);
}

static void test_itself(void **state)
{
	struct fixture *fixture = *state;

	write_file(fixture, "a.ini", "[profile]\ninclude = a.ini\n");
	assert_int_equal(load(fixture, "a.ini"), -EINVAL);
	assert_non_null(strstr(fixture->error.text, "includes itself"));
	assert_null(strstr(fixture->error.text, "by way of"));
}

static void test_depth(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < 20; i++) {
		char name[16], text[64];

		snprintf(name, sizeof(name), "%d.ini", i);
		snprintf(text, sizeof(text), "[profile]\ninclude = %d.ini\n", i + 1);
		write_file(fixture, name, text);
	}
	assert_int_equal(load(fixture, "0.ini"), -EINVAL);
	assert_string_equal(fixture->error.text, "include 17.ini: more than 16 files deep");
}

static void test_error_in_an_included_file(void **state)
{
	struct fixture *fixture = *state;

	write_file(fixture, "a.ini", "[profile]\ninclude = b.ini\n");
	write_file(fixture, "b.ini", "\n[rule r]\ndo = nothing\n");
	assert_int_equal(load(fixture, "a.ini"), -EINVAL);
	assert_non_null(strstr(fixture->error.file, "b.ini"));
	assert_int_equal(fixture->error.line, 3);
}

/* A shipped profile goes by its name; a file of that name by "./". */
static void test_file_with_a_shipped_name(void **state)
{
	struct fixture *fixture = *state;

	write_file(fixture, "containers.ini", "[rule mine]\ndo = log\nsyscall = stat\n");
	write_file(fixture, "a.ini", "[profile]\ninclude = ./containers.ini\n");
	load_ok(fixture, "a.ini");
	assert_rules(fixture, "mine log");
}

static void test_whom_to_trust(void **state)
{
	struct fixture *fixture = *state;
	char file[64];

	if (geteuid() != 0)
		skip();
	write_file(fixture, "a.ini", "[rule mine]\ndo = log\nsyscall = stat\n");
	write_file(fixture, "b.ini", "[profile]\ninclude = a.ini\n");
	full_name(fixture, "a.ini", file);
	assert_int_equal(chmod(file, 0664), 0);
	assert_int_equal(load(fixture, "a.ini"), -EPERM);
	assert_string_equal(fixture->error.text,
		"refused while running as root: others may write it "
		"(mode 0664; chmod go-w)");
	assert_int_equal(fixture->error.line, 0);
	assert_int_equal(load(fixture, "b.ini"), -EPERM);
	assert_int_equal(fixture->error.line, 2);
	assert_int_equal(chmod(file, 0646), 0);
	assert_int_equal(load(fixture, "a.ini"), -EPERM);
	assert_int_equal(chmod(file, 0644), 0);
	assert_int_equal(chown(file, 1234, 0), 0);
	assert_int_equal(load(fixture, "a.ini"), -EPERM);
	assert_string_equal(fixture->error.text,
		"refused while running as root: it belongs to user 1234, who may change it");
	assert_int_equal(chown(file, 0, 1234), 0);
	load_ok(fixture, "a.ini");
}

static void test_not_files(void **state)
{
	struct fixture *fixture = *state;
	char file[64];

	assert_int_equal(load(fixture, "."), -EISDIR);
	full_name(fixture, "big", file);
	write_file(fixture, "big", "; a comment");
	assert_int_equal(truncate(file, (1 << 20) + 1), 0);
	assert_int_equal(load(fixture, "big"), -EFBIG);
	/* Holes are no text, but as many bytes can be read. */
	assert_int_equal(truncate(file, 1 << 20), 0);
	assert_int_equal(load(fixture, "big"), -EINVAL);
	assert_int_equal(fixture->error.line, 1);
	assert_int_equal(fixture->error.column, 12);
}

/* Around the sizes at which the buffer grows, the last line is still read. */
static void test_sizes(void **state)
{
	struct fixture *fixture = *state;

	for (int size = 4080; size < 4100; size++) {
		char *text = NULL, name[16];

		assert_true(asprintf(&text, ";%0*d\n[sysctl]\nx.%d = 1", size, 1, size) > 0);
		snprintf(name, sizeof(name), "%d.ini", size);
		write_file(fixture, name, text);
		free(text);
		load_ok(fixture, name);
	}
	assert_int_equal(fixture->set->n_sysctls, 20);
}

static void test_pipe(void **state)
{
	struct fixture *fixture = *state;
	static const char text[] = "[rule mine]\ndo = log\nsyscall = stat\n";
	char name[32];
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], text, strlen(text)), strlen(text));
	close(fds[1]);
	snprintf(name, sizeof(name), "/dev/fd/%d", fds[0]);
	assert_int_equal(rules_load_file(fixture->set, name, &fixture_context, &fixture->error), 0);
	assert_rules(fixture, "mine log");
	close(fds[0]);
}

/* Tables of the caller may be missing. */
static void test_no_checks(void **state)
{
	struct fixture *fixture = *state;
	static const struct rules_context context = { .emulations = fixture_emulations };
	static const char text[] =
		"[rule r]\ndo = log\nsyscall = stat\nneeds = x\n[sysctl]\ny = z\n";

	assert_int_equal(
		rules_load_text(fixture->set, "x", text, strlen(text), &context, &fixture->error),
		0);
	assert_int_equal(rules_add_sysctl(fixture->set, "q=", &context, &fixture->error), 0);
	assert_string_equal(fixture->set->sysctls[1].value, "");
	rules_destroy(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_parts_of_a_rule),
		TEST(test_defaults),
		TEST(test_later_stands_on_top),
		TEST(test_switch),
		TEST(test_diamond),
		TEST(test_cycles),
		TEST(test_itself),
		TEST(test_depth),
		TEST(test_error_in_an_included_file),
		TEST(test_file_with_a_shipped_name),
		TEST(test_whom_to_trust),
		TEST(test_not_files),
		TEST(test_sizes),
		TEST(test_pipe),
		TEST(test_no_checks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
