/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the tests of the tree share. */
#ifndef GVTRACE_TEST_FAKEPROCSYS_WORLD_H
#define GVTRACE_TEST_FAKEPROCSYS_WORLD_H

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "fakeprocsys.h"
#include "util.h"

/* A folder that stands for /proc/PID, and a viewer in namespaces that this process is not in. */
struct world {
	struct fakeprocsys *tree;
	struct sysctl_viewer viewer;
	char folder[64];
};

static inline void set_interfaces(const struct world *world, const char *names)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/net/dev", world->folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs("Inter-|   Receive                                                |  Transmit\n"
	      " face |bytes    packets errs drop fifo frame compressed multicast|bytes    "
	      "packets\n",
		file);
	for (const char *at = names; *at != '\0';) {
		size_t length = strcspn(at, " ");

		fprintf(file, "%6.*s:    3193      29    0    0    0     0          0         0\n",
			(int)length, at);
		at += length + (at[length] == ' ');
	}
	fclose(file);
}

static inline int setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	char path[128];

	strcpy(world->folder, "/tmp/test_fakeprocsys.XXXXXX");
	assert_non_null(mkdtemp(world->folder));
	snprintf(path, sizeof(path), "%s/net", world->folder);
	assert_int_equal(mkdir(path, 0755), 0);
	world->tree = fakeprocsys_create();
	assert_non_null(world->tree);
	world->viewer = (struct sysctl_viewer){ { 0, 1, 2, 3, 4 }, open(world->folder, O_RDONLY) };
	set_interfaces(world, "lo eth0 eth0.100");
	*state = world;
	return 0;
}

static inline int remove_one(const char *path, const struct stat *stat, int type, struct FTW *at)
{
	return remove(path);
}

static inline int teardown(void **state)
{
	struct world *world = *state;

	close(world->viewer.proc_fd);
	nftw(world->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	fakeprocsys_destroy(world->tree);
	free(world);
	return 0;
}

/* 0 or -errno. */
static inline int write_text(struct world *world, const char *path, const char *text)
{
	uint64_t offset = 0;
	ssize_t n =
		fakeprocsys_write(world->tree, path, &world->viewer, &offset, text, strlen(text));

	return n < 0 ? (int)n : 0;
}

static inline void assert_reads(struct world *world, const char *path, const char *expected)
{
	char content[SYSCTL_VALUE_MAX];
	ssize_t length = fakeprocsys_read(world->tree, path, &world->viewer, content);

	if (length < 0)
		fail_msg("%s: %zd", path, length);
	assert_int_equal(length, strlen(content));
	if (strcmp(content, expected) != 0)
		fail_msg("%s: \"%s\", not \"%s\"", path, content, expected);
}

#define WORLD_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

#endif
