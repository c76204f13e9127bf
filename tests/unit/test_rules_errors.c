/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_rules gvtrace_util gvtrace_abi */
/* Every way for a rule file to be wrong, and what is said about it. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "document.h"
#include "load.h"
#include "rules_fixture.h"

#define R "[rule r]\n"
#define STAT R "do = stat\npath = /proc\n"
#define RETURN R "do = return\nerror = ENOSYS\n"
#define COMMON_KEYS ", why, needs, enabled, syscall, path, program, arg0 to arg5, stack, do)"
#define TEN "1234567890"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static const struct {
	const char *text;
	const char *error; /* "line:column: text" */
} rows[] = {
	/* --- shape --- */
	{ "[rule r\n", "1:1: a section without its \"]\"" },
	{ "  [rule r ; why]\n",
		"1:10: a rule's name is of letters, digits, \"-\", \"_\" and \".\"" },
	{ "[rule]\n", "1:6: a rule needs a name: [rule NAME]" },
	{ "[rule \"r\"]\n", "1:7: a rule's name is of letters, digits, \"-\", \"_\" and \".\"" },
	{ "[rule " TEN TEN TEN TEN "123456789]\n", "1:55: a rule's name is of at most 48 bytes" },
	{ "[rule r] do = stat\n", "1:10: text behind the section's \"]\"" },
	{ "[profil]\n", "1:2: unknown section [profil] (known: [profile], [rule NAME], "
			"[sysctl]). Did you mean \"profile\"?" },
	{ "\n[Rule r]\n", "2:2: unknown section [Rule r] (known: [profile], [rule NAME], "
			  "[sysctl]). Did you mean \"rule\"?" },
	{ "[port-start]\n", "1:2: unknown section [port-start] (known: [profile], [rule NAME], "
			    "[sysctl])" },
	{ "do = stat\n", "1:1: key \"do\" before the first section; known: [profile], "
			 "[rule NAME], [sysctl]" },
	{ R "\tdo stat\n", "2:2: expected \"key = value\" or \"[section]\"" },
	{ R "do ; = stat\n", "2:1: expected \"key = value\" or \"[section]\"" },
	{ R "do\n\nfoo = stat\n", "2:1: expected \"key = value\" or \"[section]\"" },
	{ R "do: stat\n", "2:3: expected \"key = value\", found \":\"" },
	{ R "do: a = b\n", "2:3: expected \"key = value\", found \":\"" },
	{ R "= stat\n", "2:1: no key before \"=\"" },
	{ R "do = st\x01t\n", "2:8: a byte that is no text: 0x01" },
	{ R "why = " HUNDRED HUNDRED "\n",
		"2:197: the line is 206 bytes long; at most 196 can be read" },
	{ STAT "[rule r]\n", "4:1: rule \"r\": a second time in this file (first in line 1)" },
	{ RETURN "syscall = keyctl\n[profile]\n",
		"5:1: [profile] is the first section, and there is one at most" },
	{ "[profile]\n[profile]\n",
		"2:1: [profile] is the first section, and there is one at most" },
	/* --- [profile] --- */
	{ "[profile]\nsumary = x\n", "2:1: [profile]: unknown key \"sumary\" (known: summary, "
				     "include). Did you mean \"summary\"?" },
	{ "[profile]\nsummary = x\nsummary = y\n",
		"3:1: [profile]: key \"summary\" a second time (first in line 2)" },
	{ "[profile]\ninclude =\n", "2:10: [profile]: include: no value" },
	{ "[profile]\ninclude = conatiners.ini\n",
		"2:11: include conatiners.ini: No such file or directory. Did you mean "
		"\"containers\"?" },
	{ "[profile]\ninclude = /proc\n", "2:11: include /proc: a folder, not a file" },
	{ "[profile]\ninclude = /dev/null\n",
		"2:11: include /dev/null: a device or a socket, not a file" },
	/* --- [sysctl] --- */
	{ "[sysctl]\nx.y = 1\nunknown = 1\n", "3:1: [sysctl]: no sysctl \"unknown\"" },
	{ "[sysctl]\nunknown = 1 # x\n",
		"2:1: [sysctl]: no sysctl \"unknown\" (\"#\" begins no comment here; \";\" does)" },
	{ "[sysctl]\nx.y = bad\n", "2:7: [sysctl]: x.y takes no \"bad\"" },
	/* --- keys of a rule --- */
	{ R, "1:1: rule \"r\": no \"do = EMULATION\": a rule says what to do" },
	{ R "why = because\n", "1:1: rule \"r\": no \"do = EMULATION\": a rule says what to do" },
	{ R "doo = stat\n",
		"2:1: rule \"r\": unknown key \"doo\" (known: why, needs, enabled, "
		"syscall, path, program, arg0 to arg5, stack, do). Did you mean \"do\"?" },
	{ R "enabled = no\n", "1:1: rule \"r\": no rule of this name was read before, and there "
			      "is no \"do = EMULATION\"" },
	{ R "enabled = no\nenabled = yes\n",
		"3:1: rule \"r\": key \"enabled\" a second time (first in line 2)" },
	{ R "do = stats\n",
		"2:6: rule \"r\": unknown emulation \"stats\" (known: fake, stat, mount-options, "
		"return, namespace, openat2, redirect, file, join-pid, clone-parent, kernel-version, cpu-times, mount-id, mount-later, mount-move, controlling-terminal, mount-setattr, mount-type, cgroup-file, "
		"cgroup-removal, cgroup-root, kmsg, termios2, umount, upper-folder, user-namespace, netlink-drop, netlink-link, netlink-prefix-route, default-route, pass, log). Did you mean \"stat\"?" },
	{ STAT "st_inoo = 1\n", "4:1: rule \"r\": unknown key \"st_inoo\" for do = stat (known: "
				"st_ino, st_dev, mode" COMMON_KEYS ". Did you mean \"st_ino\"?" },
	{ STAT "  sycall = stat\n",
		"4:3: rule \"r\": unknown key \"sycall\" for do = stat (known: "
		"st_ino, st_dev, mode" COMMON_KEYS ". Did you mean \"syscall\"?" },
	{ R "do = pass\nsyscall = stat\nvalue = 1\n",
		"4:1: rule \"r\": unknown key \"value\" for do = pass (known: why, needs, enabled, "
		"syscall, path, program, arg0 to arg5, stack, do)" },
	{ STAT "path = /proc\n", "4:1: rule \"r\": key \"path\" a second time (first in line 3)" },
	{ STAT "mode = 1\nmode = 1\n",
		"5:1: rule \"r\": key \"mode\" a second time (first in line 4)" },
	{ R "do = stat\npath =\n", "3:7: rule \"r\": path: no value" },
	{ R "do =\n",
		"2:5: rule \"r\": unknown emulation \"\" (known: fake, stat, mount-options, "
		"return, namespace, openat2, redirect, file, join-pid, clone-parent, kernel-version, cpu-times, mount-id, mount-later, mount-move, controlling-terminal, mount-setattr, mount-type, cgroup-file, "
		"cgroup-removal, cgroup-root, kmsg, termios2, umount, upper-folder, user-namespace, netlink-drop, netlink-link, netlink-prefix-route, default-route, pass, log)" },
	{ STAT "enabled = true\n",
		"4:11: rule \"r\": enabled: expected yes or no, found \"true\"" },
	{ STAT "enabled = yes # for now\n",
		"4:11: rule \"r\": enabled: expected yes or no, found \"yes # for now\" (\"#\" "
		"begins no comment here; \";\" does)" },
	{ STAT "stack = 1\n", "4:9: rule \"r\": stack: expected yes or no, found \"1\"" },
	{ STAT "needs = keyctl-refusd\n", "4:9: rule \"r\": needs: unknown probe "
					  "\"keyctl-refusd\", near to keyctl-refused" },
	/* --- syscall --- */
	{ STAT "syscall = stat, oepnat\n",
		"4:17: rule \"r\": unknown system call \"oepnat\". Did you mean \"openat\"?" },
	{ STAT "syscall = zzzzzzzzz\n", "4:11: rule \"r\": unknown system call \"zzzzzzzzz\"" },
	{ RETURN "syscall = none\n", "4:11: rule \"r\": syscall: no call is left" },
	{ RETURN, "1:1: rule \"r\": says nothing about when: give syscall, path, program or arg0 "
		  "to arg5" },
	/* --- path, program --- */
	{ R "do = stat\n", "1:1: rule \"r\": do = stat needs \"path = GLOB\"" },
	{ R "do = stat\npath = proc\n",
		"3:8: rule \"r\": path: \"proc\" can match nothing: a path begins with \"/\"" },
	{ R "do = stat\npath = /proc/\n", "3:8: rule \"r\": path: \"/proc/\" can match nothing: a "
					  "path never ends in \"/\"" },
	{ R "do = stat\npath = /a/../b\n", "3:8: rule \"r\": path: \"/a/../b\" can match nothing: "
					   "a path never holds \".\" or \"..\"" },
	{ R "do = stat\npath = /a[b\n",
		"3:8: rule \"r\": path: \"/a[b\" can match nothing: \"[\" without its \"]\"" },
	{ STAT "program = bin/runc\n",
		"4:11: rule \"r\": program: \"bin/runc\" can match nothing: neither a path from "
		"\"/\" on nor a single name" },
	{ STAT "program = cat, ls\n",
		"4:14: rule \"r\": program: one glob; another one needs a rule of its own "
		"(\"\\,\" is a \",\" of the name)" },
	{ R "do = stat\npath = /etc/hosts /etc/passwd\n",
		"3:18: rule \"r\": path: one glob; another one needs a rule of its own "
		"(\"\\ \" is a \" \" of the name)" },
	{ R "do = stat\npath = /a\\,/b,/c\n",
		"3:14: rule \"r\": path: one glob; another one needs a rule of its own "
		"(\"\\,\" is a \",\" of the name)" },
	{ R "do = stat\npath = \"/a\"\n",
		"3:8: rule \"r\": path: \"\"/a\"\" can match nothing: a path begins with \"/\", "
		"and values have no quotes" },
	{ RETURN "program = \"cat\"\n",
		"4:11: rule \"r\": program: values have no quotes (\"\\\"\" is a \" of the name)" },
	{ RETURN "program = 'my cat'\n",
		"4:11: rule \"r\": program: values have no quotes (\"\\'\" is a ' of the name)" },
	{ RETURN "path = /proc\nsyscall = uname\n",
		"4:8: rule \"r\": path: none of the rule's system calls has a "
		"path or a descriptor" },
	{ STAT "syscall = uname,openat\n",
		"4:11: rule \"r\": do = stat does nothing in these calls (it acts in "
		"stat lstat fstat newfstatat statx)" },
	/* --- arguments --- */
	{ RETURN "syscall = socket\narg0 = AF_ALG, AF_VSOCK\n",
		"5:14: rule \"r\": arg0: one value; another one needs a rule of its own" },
	{ RETURN "syscall = socket\narg0 = AF_ALG 16\n",
		"5:14: rule \"r\": arg0: one value; another one needs a rule of its own" },
	{ RETURN "syscall = keyctl\narg0 = KEYCTL_JION_SESSION_KEYRING\n",
		"5:8: rule \"r\": arg0: unknown constant \"KEYCTL_JION_SESSION_KEYRING\". Did you "
		"mean \"KEYCTL_JOIN_SESSION_KEYRING\"?" },
	{ RETURN "syscall = clone\narg0 = CLONE_NEWNS & CLONE_NEWNS | CLONE_NEWXYZ1234567\n",
		"5:36: rule \"r\": arg0: unknown constant \"CLONE_NEWXYZ1234567\" (its number does as well)" },
	{ RETURN "syscall = kill\narg1 = SIGTREM\n",
		"5:8: rule \"r\": arg1: unknown constant \"SIGTREM\". Did you mean \"SIGTERM\"?" },
	{ RETURN "syscall = clone\narg0 = CLONE_NEWNS &\n",
		"5:21: rule \"r\": arg0: a number or a constant is missing" },
	{ RETURN "syscall = clone\narg0 = 1 & 2\n", "5:11: rule \"r\": arg0: never holds: the "
						    "value has bits that are not in the mask" },
	{ RETURN "syscall = clone\narg0 = 0x10000000000000000\n",
		"5:8: rule \"r\": arg0: 0x10000000000000000 does not fit 64 bits" },
	{ RETURN "syscall = clone\narg0 = 08\n",
		"5:8: rule \"r\": arg0: \"08\" is not a number (0x is hexadecimal, 0 octal)" },
	{ RETURN "syscall = clone\narg0 = 1x\n", "5:8: rule \"r\": arg0: \"1x\" is not a number" },
	{ RETURN "path = /proc/sys/** # all of it\n",
		"4:21: rule \"r\": path: here \"#\" begins no comment: behind a value that is \";\" "
		"(and \"\\#\" is a \"#\" of the path)" },
	{ RETURN "path = /proc/a#b/** # all of it\n",
		"4:21: rule \"r\": path: here \"#\" begins no comment: behind a value that is \";\" "
		"(and \"\\#\" is a \"#\" of the path)" },
	{ RETURN "program = runc\t#\n",
		"4:16: rule \"r\": program: here \"#\" begins no comment: behind "
		"a value that is \";\" (and \"\\#\" is a \"#\" of the path)" },
	{ RETURN "syscall = close\narg3 = 1\n",
		"5:1: rule \"r\": none of the rule's system calls has an arg3" },
	{ RETURN "syscall = close\narg6 = 1\n",
		"5:1: rule \"r\": unknown key \"arg6\" for do = "
		"return (known: value, error, when" COMMON_KEYS ". Did you mean "
		"\"arg0\"?" },
	/* --- the emulation's own --- */
	{ R "do = redirect\npath = /a\n",
		"1:1: rule \"r\": do = redirect needs \"to = ...\": the path" },
	{ R "syscall = keyctl\ndo = return\nerror = ENOSIS\n",
		"4:9: rule \"r\": unknown error \"ENOSIS\". Did you mean \"ENOSYS\"?" },
	{ R "syscall = keyctl\ndo = return\n",
		"1:1: rule \"r\": do = return refuses its options: Invalid argument" },
};

static void test_each_error(void **state)
{
	size_t wrong = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct rule_set *set = rules_create();
		struct rule_error error = { 0 };
		char seen[760], expected[500];
		int r;

		r = rules_load_text(
			set, "x.ini", rows[i].text, strlen(rows[i].text), &fixture_context, &error);
		snprintf(expected, sizeof(expected), "x.ini:%s", rows[i].error);
		snprintf(seen, sizeof(seen), "%s:%d:%d: %s", error.file ? error.file : "(nowhere)",
			error.line, error.column, error.text);
		if (r >= 0 || strcmp(seen, expected) != 0) {
			print_error("row %zu:\n%s%s, but expected\n%s\n", i, rows[i].text, seen,
				expected);
			wrong++;
		}
		/* The same without anybody who listens. */
		rules_destroy(set);
		set = rules_create();
		assert_int_equal(rules_load_text(set, "x.ini", rows[i].text, strlen(rows[i].text),
					 &fixture_context, NULL),
			r);
		rules_destroy(set);
	}
	assert_int_equal(wrong, 0);
}

/* Every row is found as well when its lines end as in other systems, or the file has a byte order mark. */
static void test_other_line_ends(void **state)
{
	static const char text[] = "\xef\xbb\xbf[rule r]\r\ndo = stats\r\n";
	struct rule_set *set = rules_create();
	struct rule_error error = { 0 };

	assert_int_equal(
		rules_load_text(set, "x.ini", text, strlen(text), &fixture_context, &error),
		-EINVAL);
	assert_int_equal(error.line, 2);
	assert_int_equal(error.column, 6);
	rules_destroy(set);
}

/* The longest line is read to its last byte, here with an indent that does not count. */
static void test_longest_line(void **state)
{
	char text[400] = "\t\twhy = ";
	struct document document;
	const struct entry *entry;
	struct rule_error error;
	char file[500];

	memset(text + 8, 'x', RULE_LINE_MAX - 6);
	text[2 + RULE_LINE_MAX - 1] = 'y';
	snprintf(file, sizeof(file), "[rule r]\n%s\ndo = stat\n", text);
	assert_int_equal(document_parse(&document, "x.ini", file, strlen(file), &error), 0);
	assert_int_equal(document.n_sections, 1);
	entry = section_find(&document.sections[0], "why");
	assert_int_equal(strlen(entry->value), RULE_LINE_MAX - 6);
	assert_int_equal(entry->value[RULE_LINE_MAX - 7], 'y');
	assert_int_equal(entry->value_column, 9);
	assert_string_equal(section_find(&document.sections[0], "do")->value, "stat");
	document_finish(&document);
	/* A comment may be as long as it likes. */
	snprintf(file, sizeof(file), "[rule r]\n;%0300d\ndo = stat\n", 1);
	assert_int_equal(document_parse(&document, "x.ini", file, strlen(file), &error), 0);
	assert_string_equal(section_find(&document.sections[0], "do")->value, "stat");
	document_finish(&document);
}

static void test_bytes_that_end_nothing(void **state)
{
	static const char text[] = "[rule r]\ndo = st\0t\n";
	struct document document;
	struct rule_error error;

	assert_int_equal(
		document_parse(&document, "x.ini", text, sizeof(text) - 1, &error), -EINVAL);
	assert_string_equal(error.text, "a byte that is no text: 0x00");
	document_finish(&document);
	assert_int_equal(document_parse(&document, "x.ini", "", 0, &error), 0);
	document_finish(&document);
	/* The last line needs no end. */
	assert_int_equal(document_parse(&document, "x.ini", "[sysctl]\na = b", 14, &error), 0);
	assert_string_equal(document.sections[0].entries[0].value, "b");
	document_finish(&document);
}

static void test_command_line(void **state)
{
	struct rule_set *set = rules_create();
	struct rule_error error = { 0 };

	assert_int_equal(rules_load_profile(set, "conatiners", &fixture_context, &error), -EINVAL);
	assert_string_equal(error.file, "command line");
	assert_int_equal(error.line, 0);
	assert_string_equal(error.text,
		"no profile \"conatiners\" (known: containers). Did you mean \"containers\"?");
	assert_int_equal(rules_add_sysctl(set, "a.b", &fixture_context, &error), -EINVAL);
	assert_string_equal(error.text, "\"a.b\": expected NAME=VALUE");
	assert_int_equal(rules_add_sysctl(set, "=1", &fixture_context, &error), -EINVAL);
	assert_int_equal(rules_add_sysctl(set, "a.b=bad", &fixture_context, &error), -EINVAL);
	assert_string_equal(error.text, "a.b=bad: a.b takes no \"bad\"");
	assert_int_equal(rules_load_file(set, "/nowhere/x.ini", &fixture_context, &error), -ENOENT);
	assert_string_equal(error.file, "/nowhere/x.ini");
	assert_string_equal(error.text, "No such file or directory");
	rules_destroy(set);
}

static void assert_printed(const struct rule_error *error, bool caret, const char *expected)
{
	char *text;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	rule_error_print(out, error, caret);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

static void test_print(void **state)
{
	char name[] = "/tmp/test_rules_XXXXXX", expected[200];
	int fd = mkstemp(name);
	static const char text[] = "[rule r]\n\td\xc3\xb6 = stats\nlast";
	struct rule_error error = { .file = name, .line = 2, .column = 8, .text = "what" };

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	snprintf(expected, sizeof(expected), "%s:2:8: what\n", name);
	assert_printed(&error, false, expected);
	snprintf(expected, sizeof(expected), "%s:2:8: what\n  \td\xc3\xb6 = stats\n  \t     ^\n",
		name);
	assert_printed(&error, true, expected);
	/* One behind the end is where something is missing. */
	error.line = 3;
	error.column = 5;
	snprintf(expected, sizeof(expected), "%s:3:5: what\n  last\n      ^\n", name);
	assert_printed(&error, true, expected);
	/* A file that changed meanwhile. */
	error.column = 50;
	snprintf(expected, sizeof(expected), "%s:3:50: what\n", name);
	assert_printed(&error, true, expected);
	error.line = 50;
	snprintf(expected, sizeof(expected), "%s:50:50: what\n", name);
	assert_printed(&error, true, expected);
	unlink(name);
	assert_printed(&error, true, expected);
	/* A byte order mark is no column. */
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_int_equal(write(fd, "\xef\xbb\xbf[x", 5), 5);
	close(fd);
	error.line = error.column = 1;
	snprintf(expected, sizeof(expected), "%s:1:1: what\n  [x\n  ^\n", name);
	assert_printed(&error, true, expected);
	unlink(name);
	error = (struct rule_error){ .file = "command line", .text = "what" };
	assert_printed(&error, true, "gvtrace: command line: what\n");
	error = (struct rule_error){
		.file = "<built-in>/containers.ini", .line = 5, .column = 1, .text = "what"
	};
	assert_printed(&error, true, "<built-in>/containers.ini:5:1: what\n  [profile]\n  ^\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_error),
		cmocka_unit_test(test_other_line_ends),
		cmocka_unit_test(test_longest_line),
		cmocka_unit_test(test_bytes_that_end_nothing),
		cmocka_unit_test(test_command_line),
		cmocka_unit_test(test_print),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
