/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* do = cgroup-removal: a plain folder goes with its files, but not with folders in it; a group in use is busy. */
#include "case.h"

#include <sys/stat.h>

static char folder[64];

static const char *below(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void make_file(const char *name)
{
	int fd = open(below(name), O_CREAT | O_WRONLY, 0600);

	CHECK(fd >= 0);
	close(fd);
}

static void groups(const char *root)
{
	snprintf(folder, sizeof(folder), "%s/cgroup-removal.%d", root, (int)getpid());
	if (mkdir(folder, 0755))
		return;
	CHECK(mkdir(below("inner"), 0755) == 0);
	CHECK_FAILS(rmdir(folder), EBUSY);
	CHECK(rmdir(below("inner")) == 0);
	CHECK(rmdir(folder) == 0);
	CHECK_FAILS(rmdir(folder), ENOENT);
}

int main(void)
{
	snprintf(folder, sizeof(folder), "/tmp/cgroup-removal.%d", (int)getpid());
	CHECK(mkdir(folder, 0755) == 0);
	CHECK(mkdir(below("group"), 0755) == 0);
	make_file("group/tasks");
	make_file("group/cgroup.procs");
	CHECK_FAILS(rmdir(folder), EBUSY);
	CHECK_FAILS(unlinkat(AT_FDCWD, below("group"), 0), EISDIR);
	CHECK(unlinkat(AT_FDCWD, below("group"), AT_REMOVEDIR) == 0);
	CHECK_FAILS(access(below("group"), F_OK), ENOENT);

	int fd = open(folder, O_PATH | O_DIRECTORY);
	CHECK(mkdirat(fd, "group", 0755) == 0);
	make_file("group/tasks");
	CHECK(unlinkat(fd, "group", AT_REMOVEDIR) == 0);
	CHECK_FAILS(unlinkat(fd, "group", AT_REMOVEDIR), ENOENT);
	CHECK(rmdir(folder) == 0);

	groups("/sys/fs/cgroup/memory");
	groups("/sys/fs/cgroup");
	return success();
}
