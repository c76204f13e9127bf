/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_supervisor */
/* The helper's walk along a path finds what the kernel's finds; and answers are those of the plain calls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "lookup_helper.h"

static char folder[] = "/tmp/gvtrace-lookup.XXXXXX";
static int root;
static struct lookup_shared shared;

static const struct {
	const char *name, *target; /* target NULL: a folder, "": a file */
} tree[] = {
	{ "a", NULL },
	{ "a/b", NULL },
	{ "a/b/file", "" },
	{ "a/b/up", "../.." },
	{ "a/out", "../../../../../a/b" },
	{ "absolute", "/a/b" },
	{ "relative", "a//b/" },
	{ "to-link", "relative/file" },
	{ "loop", "loop" },
	{ "loop-a", "loop-b/x" },
	{ "loop-b", "loop-a/x" },
	{ "dangling", "nothing/at/all" },
	{ "dot", "." },
	{ "top", "/" },
};

static const char *const paths[] = { "", ".", "..", "a", "a/", "a/.", "a/..", "a/../..", "a/b/file",
	"a/b/file/", "a/b/file/.", "a/b/file/..", "a/b/up", "a/b/up/a/b/up/a/b/file", "a/out",
	"a/out/file", "absolute", "absolute/", "absolute/file", "relative", "relative/",
	"relative/file", "to-link", "to-link/", "to-link/x", "loop", "loop/", "loop/x", "loop-a",
	"dangling", "dangling/", "dangling/x", "nothing", "nothing/", "nothing/x", "dot",
	"dot/dot/a", "top", "top/", "top/a/b/up/top/absolute/file", "a//b///file",
	"absolute/../../a/../top/../a" };

static int set_up(void **state)
{
	if (!mkdtemp(folder))
		return -1;
	root = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < ARRAY_SIZE(tree); i++) {
		const char *target = tree[i].target;
		int r = target ? *target ? symlinkat(target, root, tree[i].name)
					 : mknodat(root, tree[i].name, S_IFREG | 0644, 0)
			       : mkdirat(root, tree[i].name, 0755);
		if (r)
			return -1;
	}
	lookup_share(&shared);
	return 0;
}

static int tear_down(void **state)
{
	for (size_t i = ARRAY_SIZE(tree); i-- > 0;)
		unlinkat(root, tree[i].name, tree[i].target ? 0 : AT_REMOVEDIR);
	close(root);
	return rmdir(folder);
}

static void check_same(int a, int b, const char *path, int flags)
{
	struct stat of_a, of_b;

	if (MIN(a, 0) != MIN(b, 0))
		print_error("%s, flags %#x: %d, not %d\n", path, flags, a, b);
	assert_int_equal(MIN(a, 0), MIN(b, 0));
	if (a < 0)
		return;
	assert_int_equal(fstat(a, &of_a), 0);
	assert_int_equal(fstat(b, &of_b), 0);
	if (of_a.st_ino != of_b.st_ino)
		print_error("%s, flags %#x: another file\n", path, flags);
	assert_true(of_a.st_ino == of_b.st_ino && of_a.st_dev == of_b.st_dev);
	close(a);
	close(b);
}

static const int all_flags[] = { 0, O_NOFOLLOW, O_DIRECTORY, O_DIRECTORY | O_NOFOLLOW };

static void walks_as_the_kernel(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		for (size_t k = 0; k < ARRAY_SIZE(all_flags); k++) {
			int flags = all_flags[k];
			int fd = lookup_openat2(
				root, *paths[i] ? paths[i] : ".", O_PATH | flags, RESOLVE_IN_ROOT);

			if (fd == -ENOSYS || fd == -EINVAL)
				skip();
			check_same(lookup_walk(root, paths[i], flags), fd, paths[i], flags);
		}
}

/* With whatever the kernel has in its cache. */
static void opens_as_the_kernel(void **state)
{
	if (!lookup_is_careful())
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		for (size_t k = 0; k < ARRAY_SIZE(all_flags); k++) {
			int flags = O_PATH | all_flags[k];
			int fd = lookup_openat2(
				root, *paths[i] ? paths[i] : ".", flags, RESOLVE_IN_ROOT);

			check_same(lookup_open(root, paths[i], flags), fd, paths[i], flags);
		}
}

static void reads_links(void **state)
{
	char text[PATH_MAX];

	assert_int_equal(lookup_link(root, "/relative", text, sizeof(text)), 5);
	assert_string_equal(text, "a//b/");
	assert_int_equal(lookup_link(root, "relative", text, 4), 3);
	assert_string_equal(text, "a//");
	assert_int_equal(lookup_link(root, "a", text, sizeof(text)), -EINVAL);
	assert_int_equal(lookup_link(root, "a/b/file", text, sizeof(text)), -EINVAL);
	assert_int_equal(lookup_link(root, "nothing", text, sizeof(text)), -ENOENT);
}

static void asks_the_file_system(void **state)
{
	struct statfs fs, plain;
	struct stat status;

	assert_int_equal(fstatfs(root, &plain), 0);
	assert_int_equal(lookup_statfs(root, &fs), 0);
	assert_int_equal(fs.f_type, plain.f_type);
	for (int i = 0; i < 2; i++) {
		int64_t type;

		assert_int_equal(lookup_type(root, &type), 0);
		assert_int_equal(type, plain.f_type);
	}
	assert_int_equal(fstat(root, &status), 0);
	assert_true(lookup_device(root) == status.st_dev);
}

static void reads_files_and_folders(void **state)
{
	const int flags = lookup_flags(O_RDONLY);
	char text[NAME_MAX + 1];
	int64_t type;
	bool is_file;

	int place = lookup_open(root, "a/b/file", flags);
	assert_true(place >= 0);
	assert_int_equal(lookup_read(place, text, sizeof(text)), 0);
	close(place);
	place = lookup_open(root, "a", flags);
	assert_int_equal(lookup_first_name(place, text, &is_file, &type), 0);
	assert_true(strcmp(text, "b") == 0 || strcmp(text, "out") == 0);
	assert_false(is_file);
	close(place);
	place = open("/proc/self/status", flags | O_CLOEXEC);
	assert_true(lookup_read(place, text, sizeof(text)) == sizeof(text) - 1);
	assert_int_equal(strncmp(text, "Name:", 5), 0);
	close(place);
}

/* What is opened for the supervisor to read itself answers. */
static void reopens_what_answers(void **state)
{
	if (!lookup_is_careful())
		skip();
	int memfd = memfd_create("test", MFD_CLOEXEC);
	int fd = lookup_reopen(memfd, O_RDWR);
	assert_true(fd >= 0);
	close(fd);
	close(memfd);
	int place = open("/proc/self/status", O_PATH | O_CLOEXEC);
	fd = lookup_reopen(place, O_RDONLY);
	assert_true(fd >= 0);
	close(fd);
	close(place);
	assert_int_equal(lookup_reopen(root, O_RDONLY), -EPERM);
}

static void asks_no_slow_one(void **state)
{
	if (!lookup_is_careful())
		skip();
	/* Where there is a cache, what is in it is no question. */
	bool has_cache = lookup_has_cached();
	shared.slow[3] = lookup_identity(root, "/");
	int fd = lookup_walk(root, "a/b", 0);
	assert_true(has_cache ? fd >= 0 : fd == -ETIMEDOUT);
	if (fd >= 0)
		close(fd);
	assert_int_equal(lookup_walk(root, "relative", 0), -ETIMEDOUT);
	shared.slow[3] = 0;
	fd = lookup_walk(root, "relative", 0);
	assert_true(fd >= 0);
	close(fd);
	lookup_end();
}

static int without_cache(void **state)
{
	lookup_use_helper_only();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(walks_as_the_kernel),
		cmocka_unit_test(opens_as_the_kernel),
		cmocka_unit_test(reads_links),
		cmocka_unit_test(asks_the_file_system),
		cmocka_unit_test(reads_files_and_folders),
		cmocka_unit_test(reopens_what_answers),
		cmocka_unit_test(asks_no_slow_one),
		cmocka_unit_test_setup(opens_as_the_kernel, without_cache),
		cmocka_unit_test(walks_as_the_kernel),
		cmocka_unit_test(reads_links),
		cmocka_unit_test(asks_the_file_system),
		cmocka_unit_test(reads_files_and_folders),
		cmocka_unit_test(reopens_what_answers),
		cmocka_unit_test(asks_no_slow_one),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
