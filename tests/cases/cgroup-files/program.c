/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* do = cgroup-file: missing files of a new control group are told from those beside them, and only there. */
#include "case.h"

#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/vfs.h>

static char group[256];

static const char *path_of(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", group, name);
	return path;
}

static const char *read_file(const char *name)
{
	int fd = open(path_of(name), O_RDONLY | O_CLOEXEC);

	CHECK(fd >= 0);
	const char *text = text_of(fd);
	close(fd);
	return text;
}

/* A descriptor and the path of it say that it is in the control groups' file system. */
static void its_file_system_is(const char *name, unsigned long magic)
{
	struct statfs fs;
	struct stat st, beside;
	int fd = open(path_of(name), O_RDONLY);

	CHECK(fd >= 0);
	CHECK(fstatfs(fd, &fs) == 0 && (unsigned long)fs.f_type == magic);
	CHECK(statfs(path_of(name), &fs) == 0 && (unsigned long)fs.f_type == magic);
	close(fd);
	CHECK(stat(path_of(name), &st) == 0 && S_ISREG(st.st_mode));
	CHECK(stat(path_of("cgroup.procs"), &beside) == 0 && st.st_dev == beside.st_dev);
}

static unsigned long long number_of(const char *name)
{
	return strtoull(read_file(name), NULL, 10);
}

static void is_written(const char *name, const char *text)
{
	int fd = open(path_of(name), O_WRONLY | O_TRUNC);

	CHECK(fd >= 0);
	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

/* As runc opens it: from the folder of all groups, on whose mount it has to be. */
static void is_on_the_mount(const char *name)
{
	struct open_how how = { .flags = O_RDONLY,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV |
			   RESOLVE_NO_SYMLINKS };
	int root = open("/sys/fs/cgroup", O_PATH | O_DIRECTORY),
	    above = open("/sys", O_PATH | O_DIRECTORY);
	const char *path = path_of(name);

	CHECK(root >= 0 && above >= 0);
	int fd = (int)syscall(
		SYS_openat2, root, path + strlen("/sys/fs/cgroup/"), &how, sizeof(how));
	CHECK(fd >= 0);
	CHECK(close(fd) == 0);
	CHECK_FAILS(syscall(SYS_openat2, above, path + strlen("/sys/"), &how, sizeof(how)), EXDEV);
}

/* What a group uses changes from one look to the next. */
static bool has_used_as_much(void)
{
	for (int i = 0; i < 100; i++) {
		unsigned long long now = number_of("memory.usage_in_bytes");
		if (number_of("memory.max_usage_in_bytes") >= now)
			return true;
	}
	return false;
}

static void version_1(void)
{
	snprintf(group, sizeof(group), "/sys/fs/cgroup/memory/case-%d", getpid());
	CHECK(mkdir(group, 0755) == 0);
	its_file_system_is("memory.stat", CGROUP_SUPER_MAGIC);
	CHECK(strstr(read_file("memory.stat"), "\ntotal_inactive_file 0\n"));
	CHECK(strcmp(read_file("memory.use_hierarchy"), "1\n") == 0);
	CHECK(strcmp(read_file("memory.failcnt"), "0\n") == 0);
	CHECK(has_used_as_much());
	is_written("memory.failcnt", "0");
	CHECK(strcmp(read_file("memory.oom_control"),
		      "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n") == 0);
	CHECK_FAILS(open(path_of("memory.oom_control"), O_WRONLY), EACCES);
	CHECK_FAILS(open(path_of("memory.stat"), O_WRONLY), EACCES);
	CHECK_FAILS(open(path_of("cpuacct.usage_percpu"), O_RDONLY), ENOENT);
	CHECK_FAILS(open(path_of("memory.oom.group"), O_RDONLY), ENOENT);
	CHECK(rmdir(group) == 0);
	CHECK_FAILS(open(path_of("memory.stat"), O_RDONLY), ENOENT);

	snprintf(group, sizeof(group), "/sys/fs/cgroup/cpuacct");
	if (access(path_of("cpuacct.usage"), F_OK))
		return; /* gVisor 2022: nothing to tell it from */
	its_file_system_is("cpuacct.usage_percpu", CGROUP_SUPER_MAGIC);
	unsigned long long before = number_of("cpuacct.usage"), sum = 0, n = 0;
	char *at = (char *)read_file("cpuacct.usage_percpu");
	for (; *at != '\n'; n++, at++)
		sum += strtoull(at, &at, 10);
	CHECK(n == (unsigned long long)sysconf(_SC_NPROCESSORS_CONF));
	CHECK(sum >= before && sum <= number_of("cpuacct.usage"));
}

static void version_2(void)
{
	snprintf(group, sizeof(group), "/sys/fs/cgroup/case-%d", getpid());
	CHECK(mkdir(group, 0755) == 0);
	its_file_system_is("memory.stat", CGROUP2_SUPER_MAGIC);
	CHECK(strstr(read_file("memory.stat"), "\ninactive_file 0\n"));
	is_on_the_mount("memory.stat");
	is_written("memory.oom.group", "1");
	is_written("memory.swap.max", "0");
	CHECK(strcmp(read_file("memory.swap.current"), "0\n") == 0);
	CHECK_FAILS(open(path_of("memory.failcnt"), O_RDONLY), ENOENT);
	CHECK(rmdir(group) == 0);
}

int main(void)
{
	struct statfs fs;

	/* Where a folder is no control group nothing is made up. */
	CHECK_FAILS(open("/sys/fs/cgroup/no-such-group/memory.stat", O_RDONLY), ENOENT);
	if (!in_sandbox())
		skip("Linux has these files");
	CHECK(statfs("/sys/fs/cgroup", &fs) == 0);
	if (fs.f_type == CGROUP2_SUPER_MAGIC)
		version_2();
	else if (access("/sys/fs/cgroup/memory/memory.usage_in_bytes", F_OK) == 0)
		version_1();
	else
		skip("no control groups here");
	return success();
}
