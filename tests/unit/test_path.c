/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_util */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "path.h"
#include "util.h"

static void test_join(void **state)
{
	static const struct {
		const char *base, *path, *expected;
	} rows[] = {
		{ "/", "a", "/a" },
		{ "/", "", "/" },
		{ "/proc", "sys/kernel", "/proc/sys/kernel" },
		{ "/proc/", "./sys//kernel/", "/proc/sys/kernel" },
		{ "/a/b", "..", "/a" },
		{ "/a/b", "../..", "/" },
		{ "/a/b", "../../../c", "/c" },
		{ "/a//b/./c/..", ".", "/a/b" },
		{ "/a", "/x/../y", "/y" },
		{ "not looked at", "/y", "/y" },
		{ "/a", "...", "/a/..." },
		{ "/a", "..b/.c", "/a/..b/.c" },
		{ "/a", "/", "/" },
		{ "/a", "//", "/" },
	};
	char path[PATH_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int length = path_join(rows[i].base, rows[i].path, path, sizeof(path));

		assert_int_equal(length, strlen(rows[i].expected));
		assert_string_equal(path, rows[i].expected);
	}
}

static void test_join_too_long(void **state)
{
	char path[6];

	assert_int_equal(path_join("/", "abcd", path, sizeof(path)), 5);
	assert_int_equal(path_join("/", "abcde", path, sizeof(path)), -ENAMETOOLONG);
	assert_int_equal(path_join("/abc", "d", path, sizeof(path)), -ENAMETOOLONG);
	/* Too long on the way, although not at the end. */
	assert_int_equal(path_join("/abc", "../d", path, sizeof(path)), 2);
	assert_int_equal(path_join("/", "", path, 1), -ENAMETOOLONG);
	assert_int_equal(path_join("/", "", path, 2), 1);
}

static void test_last_name(void **state)
{
	static const struct {
		const char *path, *name;
	} rows[] = { { "/a/bc", "bc" }, { "/a/bc//", "bc" }, { "bc", "bc" }, { "/", "" },
		{ "", "" }, { "///", "" } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t length;
		const char *name = path_last_name(rows[i].path, &length);

		assert_int_equal(length, strlen(rows[i].name));
		assert_memory_equal(name, rows[i].name, length);
	}
}

static void test_names(void **state)
{
	char path[8] = "/";

	assert_true(path_is_name("self/fd", 4, "self"));
	assert_false(path_is_name("self/fd", 3, "self"));
	assert_false(path_is_name("self/fd", 7, "self"));
	assert_true(path_has_dot_dot(".."));
	assert_true(path_has_dot_dot("a/../b"));
	assert_true(path_has_dot_dot("/a/.."));
	assert_false(path_has_dot_dot("a../..b/...//."));

	assert_int_equal(path_push(path, sizeof(path), "abc/", 3), 0);
	assert_string_equal(path, "/abc");
	assert_int_equal(path_push(path, sizeof(path), "def", 3), -ENAMETOOLONG);
	assert_string_equal(path, "/abc");
	assert_int_equal(path_push(path, sizeof(path), "de", 2), 0);
	assert_string_equal(path, "/abc/de");
	path_pop(path);
	assert_string_equal(path, "/abc");
	path_pop(path);
	assert_string_equal(path, "/");
	path_pop(path);
	assert_string_equal(path, "/");
}

static void test_glob(void **state)
{
	static const struct {
		const char *glob, *yes, *no; /* paths, with blanks between */
	} rows[] = {
		{ "/", "/", "/a" },
		{ "/proc", "/proc", "/proc2 / /pro /proc/a" },
		{ "/proc/sys/**", "/proc/sys /proc/sys/a /proc/sys/a/b",
			"/proc/sysa /proc /proc/s" },
		{ "/**", "/ /a /a/b", "" },
		{ "/*", "/a /abc", "/ /a/b" },
		{ "/a/*", "/a/b /a/bcd", "/a /a/b/c" },
		{ "/a/*/c", "/a/b/c", "/a/c /a/b/b/c /a/b" },
		{ "/a/**/c", "/a/c /a/b/c /a/b/b/c /a/c/c", "/a /a/bc /a/b/cc /ac" },
		{ "/a/**/c/**", "/a/c /a/c/d /a/x/c/y/z /a/c/x/c", "/a /a/d" },
		{ "/a/**/*.conf", "/a/x.conf /a/b/c/x.conf", "/a/x.confs /a/b/x" },
		{ "/a**b", "/ab /a/b /axx/yb", "/a /axx/bc" },
		{ "/proc/*/ns/*", "/proc/1/ns/net /proc/self/ns/cgroup",
			"/proc/1/task/1/ns/net /proc/ns/net /proc/1/ns" },
		{ "/proc/**/ns/cgroup", "/proc/1/task/1/ns/cgroup /proc/ns/cgroup",
			"/proc/cgroup" },
		{ "/a?c", "/abc", "/a/c /ac /abbc" },
		{ "/[abc]x", "/ax /cx", "/dx /x /axx" },
		{ "/[a-c]", "/a /b /c", "/d /-" },
		{ "/[!a-c]", "/d /-", "/a /b" },
		{ "/[^a]", "/b", "/a" },
		{ "/[]a]", "/] /a", "/b" },
		{ "/[!]]", "/a", "/]" },
		{ "/[a-]", "/a /-", "/b" },
		{ "/[\\]-]", "/] /-", "/\\" },
		{ "/a[!b]c", "/axc", "/a/c /abc" },
		{ "/a[--0]c", "/a-c /a0c", "/a/c" }, /* the range runs over the slash */
		{ "/\\*", "/*", "/a /\\*" },
		{ "/\\[a]", "/[a]", "/a" },
		{ "/a*b*c", "/abc /axbxc /abbcc", "/abcd /acb /a/b/c" },
		{ "/*a", "/a /aa /aba", "/ab" },
		{ "/**/a*/b", "/a/b /x/a/b /x/aa/b /a/a/b", "/a/x/b /b" },
		{ "/\xc3\xb6*", "/\xc3\xb6l", "/o" },
		{ "/a***b", "/ab /a/x/b", "/a" },
		{ "runc", "runc", "runc2 /runc" },
		{ "containerd*", "containerd containerd-shim-runc-v2", "xcontainerd" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *why;
		struct path_glob *glob = path_glob_create(rows[i].glob, true, &why);

		assert_non_null(glob);
		assert_null(why);
		assert_string_equal(path_glob_text(glob), rows[i].glob);
		for (int yes = 0; yes < 2; yes++) {
			char paths[200], *rest = paths, *path;

			snprintf(paths, sizeof(paths), "%s", yes ? rows[i].yes : rows[i].no);
			while ((path = strsep(&rest, " ")) != NULL && path[0] != '\0') {
				size_t length;
				const char *name = path_last_name(path, &length);

				if (path_glob_match(glob, path) != yes)
					fail_msg("%s %s %s", rows[i].glob,
						yes ? "must match" : "must not match", path);
				if (yes && !path_glob_may_end_in(glob, name, length))
					fail_msg("%s may end in %s", rows[i].glob, name);
			}
		}
		path_glob_destroy(glob);
	}
}

static void test_wrong_globs(void **state)
{
	static const struct {
		const char *glob, *why;
		bool name_allowed;
	} rows[] = {
		{ "", "empty" },
		{ "a", "a path begins with \"/\"" },
		{ "a/b", "neither a path from \"/\" on nor a single name", true },
		{ "/a/", "a path never ends in \"/\"" },
		{ "//a", "a path never holds \"//\"" },
		{ "/a//b", "a path never holds \"//\"" },
		{ "/a/./b", "a path never holds \".\" or \"..\"" },
		{ "/a/..", "a path never holds \".\" or \"..\"" },
		{ "/a[b", "\"[\" without its \"]\"" },
		{ "/a[]", "\"[\" without its \"]\"" },
		{ "/a[b-", "\"[\" without its \"]\"" },
		{ "/a[b\\", "\"[\" without its \"]\"" },
		{ "/a[b-\\", "\"[\" without its \"]\"" },
		{ "/a[x/y]", "a [set] cannot hold \"/\"" },
		{ "/a[z-a]", "a range in a [set] runs backwards" },
		{ "/a\\", "a \"\\\" at the end quotes nothing" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *why = NULL;

		assert_null(path_glob_create(rows[i].glob, rows[i].name_allowed, &why));
		assert_string_equal(why, rows[i].why);
	}
	path_glob_destroy(NULL);
}

static void test_may_end_in(void **state)
{
	static const struct {
		const char *glob, *name;
		bool may;
	} rows[] = {
		{ "/proc", "proc", true },
		{ "/proc", "proc2", false },
		{ "/proc/sys/**", "anything", true },
		{ "/proc/*/ns/cgroup", "cgroup", true },
		{ "/proc/*/ns/cgroup", "net", false },
		{ "/a/**/x*.conf", "xy.conf", true },
		{ "/a/**/x*.conf", "y.conf", false },
		{ "/a/b**c", "zzz", true },
		{ "/a/*", "b", true },
		/* These say nothing about the last name of what they mean. */
		{ "/proc", "", true },
		{ "/proc", ".", true },
		{ "/proc", "..", true },
		{ "/proc", "...", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *why;
		struct path_glob *glob = path_glob_create(rows[i].glob, false, &why);

		assert_int_equal(path_glob_may_end_in(glob, rows[i].name, strlen(rows[i].name)),
			rows[i].may);
		path_glob_destroy(glob);
	}
}

/* What the globs mean, as short as it can be said: exponential, and plainly right. */
static bool plain_match(const char *glob, const char *path)
{
	if (strcmp(glob, "/**") == 0)
		return *path == '\0' || *path == '/';
	if (strncmp(glob, "/**/", 4) == 0) {
		for (const char *slash = path; *slash != '\0'; slash++) {
			if (*path == '/' && *slash == '/' && plain_match(glob + 4, slash + 1))
				return true;
		}
		return false;
	}
	if (*glob == '*') {
		bool two = glob[1] == '*';

		for (;; path++) {
			if (plain_match(glob + 1 + two, path))
				return true;
			if (*path == '\0' || (*path == '/' && !two))
				return false;
		}
	}
	if (*glob == '\0' || *path == '\0')
		return *glob == *path;
	return (*glob == *path || (*glob == '?' && *path != '/')) &&
	       plain_match(glob + 1, path + 1);
}

static void random_text(char *ret_text, size_t length, const char *letters)
{
	ret_text[0] = '/';
	for (size_t i = 1; i < length; i++)
		ret_text[i] = letters[(size_t)random() % strlen(letters)];
	ret_text[length] = '\0';
}

static void test_against_plain_match(void **state)
{
	size_t matches = 0, globs = 0;

	srandom(1);
	for (int i = 0; i < 30000; i++) {
		char text[16], path[16];
		const char *why;
		struct path_glob *glob;

		random_text(text, 2 + (size_t)random() % 9, "ab*?/*/");
		/* Three stars in a row are two to one and one to the other. */
		if (strstr(text, "***") != NULL)
			continue;
		glob = path_glob_create(text, false, &why);
		if (glob == NULL)
			continue;
		globs++;
		for (int j = 0; j < 30; j++) {
			bool match;
			size_t length;
			const char *name;

			random_text(path, 2 + (size_t)random() % 9, "aab/");
			if (strstr(path, "//") != NULL || path[strlen(path) - 1] == '/')
				continue;
			match = path_glob_match(glob, path);
			if (match != plain_match(text, path))
				fail_msg("%s and %s: %d", text, path, match);
			name = path_last_name(path, &length);
			if (match && !path_glob_may_end_in(glob, name, length))
				fail_msg("%s may end in %s", text, name);
			matches += match;
		}
		path_glob_destroy(glob);
	}
	assert_true(globs > 3000);
	assert_true(matches > 3000);
}

static void test_time(void **state)
{
	static const char *const globs[] = { "/*a*a*a*a*a*a*a*a*a*a*a*b",
		"/**a**a**a**a**a**a**a**a**a**b", "/**/a/**/a/**/a/**/a/**/a/**/b",
		"/**/*a*a*a*a*a*a*b", "/**a*a**a*a**a*a**a*b" };
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(path) - 1; i++)
		path[i] = i % 100 == 0 ? '/' : 'a';
	path[sizeof(path) - 1] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(globs); i++) {
		const char *why;
		struct path_glob *glob = path_glob_create(globs[i], false, &why);
		clock_t start = clock();

		assert_false(path_glob_match(glob, path));
		/* Milliseconds; an exponential one would take years. */
		assert_true(clock() - start < 2 * CLOCKS_PER_SEC);
		path_glob_destroy(glob);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_join),
		cmocka_unit_test(test_join_too_long),
		cmocka_unit_test(test_last_name),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_glob),
		cmocka_unit_test(test_wrong_globs),
		cmocka_unit_test(test_may_end_in),
		cmocka_unit_test(test_against_plain_match),
		cmocka_unit_test(test_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
