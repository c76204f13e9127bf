/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* do = namespace: a kind of namespace that there is one of, with its link, and that is neither made nor joined. */
#include "case.h"

#include <dirent.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>

static const char *link_of(const char *path)
{
	static char text[128];
	ssize_t n = readlink(path, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static int names_in(const char *folder, const char *name)
{
	DIR *stream = opendir(folder);
	int n = 0;

	CHECK(stream != NULL);
	for (struct dirent *entry; (entry = readdir(stream));)
		n += strcmp(entry->d_name, name) == 0;
	closedir(stream);
	return n;
}

/* No rule is about this one: it tells what the kernel has made. */
static void children_are_as(const char *before)
{
	CHECK(strcmp(link_of("/proc/self/ns/time_for_children"), before) == 0);
}

static void look(const char *name, const char *text, int flag)
{
	char path[64], cut[8] = "", opened[32];
	struct stat status;

	snprintf(path, sizeof(path), "/proc/self/ns/%s", name);
	CHECK(strcmp(link_of(path), text) == 0);
	CHECK(readlink(path, cut, 4) == 4 && strncmp(cut, text, 4) == 0 && cut[4] == '\0');
	CHECK_FAILS(readlink(path, cut, 0), EINVAL);
	CHECK_FAILS(readlink(path, nowhere, 64), EFAULT);
	CHECK(access(path, F_OK) == 0);
	CHECK(lstat(path, &status) == 0 && S_ISLNK(status.st_mode));
	/* Where the kernel has neither, it is the first of the two rules that sees the listing. */
	CHECK(names_in("/proc/self/ns", name) == 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	CHECK(fd >= 0);
	/* It is the network's under another name. gVisor has other texts for what is open. */
	snprintf(opened, sizeof(opened), "/proc/self/fd/%d", fd);
	CHECK(strncmp(link_of(opened), "net:[", 5) == 0 || in_sandbox());
	CHECK(setns(fd, flag) == 0);
	CHECK(close(fd) == 0);
	CHECK(unshare(flag) == 0);
	CHECK(strcmp(link_of(path), text) == 0);
}

static pid_t clone_new(uint64_t flags)
{
	struct clone_args args = { .flags = flags, .exit_signal = SIGCHLD };

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

int main(void)
{
	char before[128];
	int status;

	strcpy(before, link_of("/proc/self/ns/time_for_children"));
	look("time", "time:[4026531834]", CLONE_NEWTIME);
	look("cgroup", "cgroup:[4026531835]", CLONE_NEWCGROUP);
	children_are_as(before);

	/* What else is asked for is made. */
	char uts[128];
	strcpy(uts, link_of("/proc/self/ns/uts"));
	CHECK(unshare(CLONE_NEWTIME | CLONE_NEWUTS) == 0);
	/* gVisor 2022 has no such link. */
	CHECK(strcmp(link_of("/proc/self/ns/uts"), uts) != 0 || in_sandbox());
	children_are_as(before);
	pid_t pid = clone_new(CLONE_NEWTIME | CLONE_NEWCGROUP);
	if (pid == 0) {
		children_are_as(before);
		_exit(0);
	}
	if (pid > 0)
		CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	else
		CHECK(in_sandbox()); /* gVisor's clone3 */
	return success();
}
