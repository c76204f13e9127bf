/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_fakeprocsys */
/* The same files, modes and values as the kernel's own /proc/sys, and files that refuse. */
#include "fakeprocsys_linux.h"

#include <sys/mount.h>

/* "<if>" is lo here; false if the kernel has no such file. */
static bool kernel_has(const struct entry *entry, char path[SYSCTL_PATH_MAX], struct stat *ret_stat)
{
	const char *at = strstr(entry->path, "<if>");

	if (at)
		snprintf(path, SYSCTL_PATH_MAX, "%.*slo%s", (int)(at - entry->path), entry->path,
			at + 4);
	else
		snprintf(path, SYSCTL_PATH_MAX, "%s", entry->path);
	return stat(kernel_path(path), ret_stat) == 0;
}

static void test_this_kernel_lacks_nothing(void **state)
{
	enum kernel_file how = KERNEL_FILE_WORKS;
	const char *lacking;

	skip_unless_possible();
	lacking = fakeprocsys_first_lacking(&how);
	if (lacking)
		fail_msg("%s: %d", lacking, how);
}

/* The values of all files that may be written, a line each; on the heap. */
static char *all_values(void)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	for (size_t i = 0; i < catalogue_length; i++) {
		char path[SYSCTL_PATH_MAX], value[SYSCTL_VALUE_MAX];
		struct stat stat;

		if (!kernel_has(&catalogue[i], path, &stat) || !(stat.st_mode & 0222) ||
			strcmp(path, "kernel/ns_last_pid") == 0)
			continue;
		kernel_read(path, value);
		fprintf(file, "%s %s", path, value);
	}
	fclose(file);
	return text;
}

static void test_same_files(void **state)
{
	cleanup_free char *before = NULL, *after = NULL;
	size_t n_there = 0;

	skip_unless_possible();
	before = all_values();
	for (size_t i = 0; i < catalogue_length; i++) {
		const struct entry *entry = &catalogue[i];
		char path[SYSCTL_PATH_MAX];
		struct sysctl_node node;
		struct stat stat;

		if (!kernel_has(entry, path, &stat)) {
			if (!(entry->flags & OPTIONAL))
				fail_msg("%s: not optional, but this kernel lacks it", path);
			continue;
		}
		n_there++;
		node = fakeprocsys_lookup(tree, path, &viewer);
		assert_int_equal(node.kind, SYSCTL_FILE);
		/* What there is only once is read-only in all network namespaces but the first. */
		if (node.mode != (stat.st_mode & 0777) &&
			!(node.scope == SCOPE_SYSTEM && strncmp(path, "net/", 4) == 0 &&
				(node.mode & 0444) == (stat.st_mode & 0777)))
			fail_msg("%s: mode %o, the kernel's is %o", path, node.mode,
				stat.st_mode & 0777);
		assert_int_equal(fakeprocsys_kernel_file(tree, path, false), KERNEL_FILE_WORKS);
		/* user/ also wants CAP_SYS_RESOURCE, which a root in a container may not have. */
		if (fakeprocsys_kernel_file(tree, path, true) != KERNEL_FILE_WORKS &&
			access(kernel_path(path), W_OK) == 0)
			fail_msg("%s: cannot be written back", path);
	}
	print_message("%zu of %zu files are there\n", n_there, catalogue_length);
	assert_true(n_there > 200);
	/* Nothing that was written back changed a neighbour, as vm/overcommit_kbytes would. */
	after = all_values();
	assert_string_equal(before, after);
}

static void test_same_values(void **state)
{
	skip_unless_possible();
	for (size_t i = 0; i < catalogue_length; i++) {
		const struct entry *entry = &catalogue[i];
		char path[SYSCTL_PATH_MAX], text[SYSCTL_VALUE_MAX], ours[SYSCTL_VALUE_MAX],
			again[SYSCTL_VALUE_MAX];
		struct stat stat;

		if (!kernel_has(entry, path, &stat) || !(stat.st_mode & 0444) ||
			entry->grammar.kind == GRAMMAR_UUID ||
			entry->grammar.kind == GRAMMAR_BOOT_ID)
			continue;
		assert_true(fakeprocsys_read(tree, path, &viewer, ours) > 0);
		kernel_read(path, text);
		/* Counters go on counting between the two reads. */
		if (entry->mode & 0222 && !(entry->flags & NO_WRITE_BACK))
			assert_string_equal(ours, text);
		text[strcspn(text, "\n")] = '\0';
		if (grammar_check(&entry->grammar, text, NULL, text, again) < 0)
			fail_msg("%s: own value \"%s\" refused", path, text);
		if (strcmp(again, text) != 0)
			fail_msg("%s: \"%s\" became \"%s\"", path, text, again);
	}
}

/* Files that behave as those of other kernels do, mounted over this one's. */
static void test_files_that_refuse(void **state)
{
	static const struct {
		const char *path, *mounted;
		enum kernel_file reading, writing;
	} rows[] = {
		{ "kernel/shmmax", "/dev/full", KERNEL_FILE_WORKS, KERNEL_FILE_NOT_WRITABLE },
		{ "kernel/shmall", "/dev/null", KERNEL_FILE_WORKS, KERNEL_FILE_WORKS },
		{ "kernel/msgmax", "/proc/self/mem", KERNEL_FILE_NOT_READABLE,
			KERNEL_FILE_NOT_READABLE },
		/* Its write would do something, so it is not tried. */
		{ "kernel/shm_rmid_forced", "/dev/full", KERNEL_FILE_WORKS, KERNEL_FILE_WORKS },
		/* Nobody may write it on Linux, so that it refuses is right. */
		{ "kernel/cap_last_cap", "/dev/full", KERNEL_FILE_WORKS, KERNEL_FILE_WORKS },
		{ "kernel/msgmnb", NULL, KERNEL_FILE_WORKS, KERNEL_FILE_NOT_WRITABLE },
	};
	struct fakeprocsys *fresh;
	enum kernel_file how;

	enter_own_namespaces();
	fresh = fakeprocsys_create();
	assert_non_null(fresh);
	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *path = kernel_path(rows[i].path);

		assert_int_equal(
			mount(rows[i].mounted ? rows[i].mounted : path, path, NULL, MS_BIND, NULL),
			0);
		if (!rows[i].mounted)
			assert_int_equal(
				mount(NULL, path, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL), 0);
		if (fakeprocsys_kernel_file(fresh, rows[i].path, false) != rows[i].reading ||
			fakeprocsys_kernel_file(fresh, rows[i].path, true) != rows[i].writing)
			fail_msg("%s under %s", rows[i].path, rows[i].mounted);
	}
	/* Of these a node stack needs it most. */
	assert_string_equal(fakeprocsys_first_lacking(&how), "kernel/shmmax");
	assert_int_equal(how, KERNEL_FILE_NOT_WRITABLE);
	fakeprocsys_destroy(fresh);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_this_kernel_lacks_nothing),
		cmocka_unit_test(test_same_files),
		cmocka_unit_test(test_same_values),
		cmocka_unit_test(test_files_that_refuse),
	};

	return cmocka_run_group_tests(tests, start, end);
}
