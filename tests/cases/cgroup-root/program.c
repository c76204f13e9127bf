/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* do = cgroup-root: groups are named from where the mounts begin, in each way of asking, and only for who sees no mount from above. */
#include "case.h"

#include <ctype.h>
#include <linux/magic.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>

static char hierarchy[64]; /* a name of its own: "name=..." */
static char all[] = "/tmp/gvtrace-case.XXXXXX", part[] = "/tmp/gvtrace-case.XXXXXX";
static int all_fd = -1;

/* The group that a file of /proc/PID/cgroup tells of our hierarchy, "" for none. Static memory. */
static const char *group_in(const char *path)
{
	static char group[4096];
	char line[4096];
	FILE *file = fopen(path, "re");

	CHECK(file);
	group[0] = '\0';
	while (fgets(line, sizeof(line), file)) {
		char *own = strstr(line, hierarchy);
		CHECK(strchr(line, '\n'));
		if (own)
			CHECK(sscanf(own + strlen(hierarchy), ":%4095[^\n]", group) == 1);
	}
	CHECK(fclose(file) == 0);
	return group;
}

/* The same of a root in mountinfo, of the mount at path. */
static const char *root_of(const char *path, const char *mountinfo)
{
	static char root[512];
	static char line[8192];
	char point[512];
	FILE *file = fopen(mountinfo, "re");
	bool found = false;

	CHECK(file);
	while (!found && fgets(line, sizeof(line), file))
		found = sscanf(line, "%*d %*d %*s %511s %511s", root, point) == 2 &&
			strcmp(point, path) == 0 && strstr(line, " - cgroup ");
	CHECK(fclose(file) == 0);
	return found ? root : "";
}

static void expect(const char *group)
{
	char path[64];

	CHECK(strcmp(group_in("/proc/self/cgroup"), group) == 0);
	CHECK(strcmp(group_in("/proc/thread-self/cgroup"), group) == 0);
	snprintf(path, sizeof(path), "/proc/%d/cgroup", getpid());
	CHECK(strcmp(group_in(path), group) == 0);
	snprintf(path, sizeof(path), "/proc/self/task/%d/cgroup", getpid());
	CHECK(strcmp(group_in(path), group) == 0);
	CHECK(chdir("/proc/self") == 0);
	CHECK(strcmp(group_in("cgroup"), group) == 0);
	CHECK(chdir("/") == 0);
}

/* What one thread is given is not another's. */
static void *read_mountinfo(void *unused)
{
	for (int i = 0; i < 50; i++) {
		char text[8192];
		int fd = open("/proc/self/mountinfo", O_RDONLY);
		CHECK(fd >= 0 && read(fd, text, sizeof(text)) > 0 && isdigit(*text));
		CHECK(close(fd) == 0);
	}
	return NULL;
}

static void threads_ask(const char *group)
{
	char text[8192];
	pthread_t thread;

	CHECK(pthread_create(&thread, NULL, read_mountinfo, NULL) == 0);
	for (int i = 0; i < 50; i++) {
		int fd = open("/proc/self/cgroup", O_RDONLY);
		CHECK(fd >= 0);
		ssize_t n = read(fd, text, sizeof(text) - 1);
		CHECK(n > 0);
		text[n] = '\0';
		const char *own = strstr(text, hierarchy);
		CHECK(own && own[strlen(hierarchy)] == ':');
		own += strlen(hierarchy) + 1;
		CHECK(strncmp(own, group, strlen(group)) == 0 && own[strlen(group)] == '\n');
		CHECK(close(fd) == 0);
	}
	CHECK(pthread_join(thread, NULL) == 0);
}

static void move_to(const char *group)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/cgroup.procs", group);
	int fd = openat(all_fd, path, O_WRONLY);
	CHECK(fd >= 0 && write(fd, "0", 1) == 1 && close(fd) == 0);
}

/* All mounts of control groups but the part, which others keep. */
static void unmount_all(void)
{
	static char line[8192];
	char point[512];

	for (bool more = true; more;) {
		FILE *file = fopen("/proc/self/mountinfo", "re");
		CHECK(file);
		more = false;
		while (!more && fgets(line, sizeof(line), file))
			more = strstr(line, " - cgroup") &&
			       sscanf(line, "%*d %*d %*s %*s %511s", point) == 1 &&
			       strcmp(point, part) != 0;
		CHECK(fclose(file) == 0);
		CHECK(!more || umount2(point, MNT_DETACH) == 0);
	}
}

/* gVisor puts no child into a hierarchy that was mounted later and has no controllers. */
static void child_asks(void)
{
	char path[64];
	int status;
	pid_t child = fork();

	CHECK(child >= 0);
	if (child == 0) {
		snprintf(path, sizeof(path), "/proc/%d/cgroup", getppid());
		CHECK(strcmp(group_in(path), "/inner") == 0);
		const char *own = group_in("/proc/self/cgroup");
		CHECK(strcmp(own, "/inner") == 0 || (in_sandbox() && !*own));
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child && status == 0);
}

/* Linux keeps a hierarchy that is unmounted before its groups are really gone, which is some time after they were removed. */
static void forget_hierarchy(const char *options)
{
	for (int i = 1; i < 200 && *group_in("/proc/self/cgroup"); i++) {
		usleep(10000);
		if (i % 40 == 0 && mount("none", all, "cgroup", 0, options) == 0) {
			usleep(100000);
			CHECK(umount2(all, 0) == 0);
		}
	}
}

int main(void)
{
	char options[80];
	struct statfs fs;

	snprintf(hierarchy, sizeof(hierarchy), "name=gvtrace-case-%d", getpid());
	snprintf(options, sizeof(options), "none,%s", hierarchy);
	CHECK(mkdtemp(all) && mkdtemp(part));
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
		mount("none", all, "cgroup", 0, options)) {
		rmdir(all);
		rmdir(part);
		skip("no mount of control groups of version 1");
	}
	all_fd = open(all, O_RDONLY | O_DIRECTORY);
	CHECK(all_fd >= 0 && mkdirat(all_fd, "outer", 0755) == 0);
	CHECK(mkdirat(all_fd, "outer/inner", 0755) == 0 && mkdirat(all_fd, "outer2", 0755) == 0);

	/* Who sees groups from further above finds itself by the longer name. */
	move_to("outer");
	expect("/outer");
	CHECK(strcmp(root_of(all, "/proc/self/mountinfo"), "/") == 0);

	/* Then only the part is mounted. */
	char path[128];
	snprintf(path, sizeof(path), "%s/outer", all);
	CHECK(mount(path, part, NULL, MS_BIND, NULL) == 0);
	unmount_all();
	CHECK(strcmp(root_of(part, "/proc/self/mountinfo"), "/") == 0);
	CHECK(strcmp(root_of(part, "/proc/thread-self/mountinfo"), "/") == 0);
	expect("/");
	move_to("outer/inner");
	expect("/inner");
	threads_ask("/inner");
	child_asks();
	/* Another group, whose name only begins so. */
	move_to("outer2");
	expect("/outer2");
	move_to(".");
	expect("/");

	int fd = open("/proc/self/cgroup", O_RDONLY);
	CHECK(fd >= 0 && fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC && close(fd) == 0);
	CHECK_FAILS(open("/proc/self/cgroup/", O_RDONLY), ENOTDIR);

	CHECK(unlinkat(all_fd, "outer/inner", AT_REMOVEDIR) == 0);
	CHECK(unlinkat(all_fd, "outer2", AT_REMOVEDIR) == 0);
	CHECK(umount2(part, MNT_DETACH) == 0);
	CHECK(unlinkat(all_fd, "outer", AT_REMOVEDIR) == 0);
	usleep(100000);
	CHECK(close(all_fd) == 0);
	forget_hierarchy(options);
	CHECK(rmdir(all) == 0 && rmdir(part) == 0);
	return success();
}
