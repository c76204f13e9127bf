/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which namespaces there are. */
#include "experiments.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdalign.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

int probe_enter_namespaces(int flags)
{
	if (unshare(flags) == 0)
		return 0;
	int error = errno;
	if (error == EPERM && unshare(CLONE_NEWUSER | flags) == 0)
		return 0;
	return -error;
}

static void read_identity(char ret_link[64])
{
	ssize_t length = readlink("/proc/self/ns/mnt", ret_link, 63);
	ret_link[MAX(length, 0)] = '\0';
}

/* Of the lane: its processes run one at a time, each begins with this false. */
static __thread bool has_mount_namespace;

void probe_forget_namespaces(void)
{
	has_mount_namespace = false;
}

int probe_enter_mount_namespace(bool *ret_changed)
{
	char before[64], after[64];

	*ret_changed = has_mount_namespace;
	if (has_mount_namespace)
		return 0;
	read_identity(before);
	int error = probe_enter_namespaces(CLONE_NEWNS);
	if (error < 0)
		return error;
	read_identity(after);
	*ret_changed = has_mount_namespace = strcmp(before, after) != 0;
	/* Never in the namespace that others live in: it would stop the propagation of their mounts. */
	if (*ret_changed)
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	return 0;
}

struct attempt {
	int unshare_error, mount_error; /* 0 or -errno */
	bool changed; /* the namespace has another identity than before */
};

/* Leaves a mount with a marked root behind, seen by whoever shares the namespace. */
static struct attempt mount_in_new_namespace(const char *folder, const char *mark)
{
	struct attempt attempt = { 0 };
	attempt.unshare_error = probe_enter_mount_namespace(&attempt.changed);
	if (attempt.unshare_error < 0)
		return attempt;
	if (mount("tmpfs", folder, "tmpfs", 0, "mode=0755") < 0 || mkdir(mark, 0700) < 0)
		attempt.mount_error = -errno;
	return attempt;
}

/* In a process of its own, so that this one stays where it is and can look. 0 or -errno. */
static int attempt_elsewhere(const char *folder, const char *mark, struct attempt *ret_attempt)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	cleanup_close int read_end = ends[0], write_end = ends[1];
	pid_t child = fork();
	if (child < 0)
		return -errno;
	if (child == 0) {
		struct attempt attempt = mount_in_new_namespace(folder, mark);
		_exit(write(write_end, &attempt, sizeof(attempt)) == sizeof(attempt) ? 0 : 1);
	}
	int status;
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (status != 0 ||
		read(read_end, ret_attempt, sizeof(*ret_attempt)) != sizeof(*ret_attempt))
		return -EIO;
	return 0;
}

int ask_no_mount_namespace(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	char folder[PROBE_FOLDER_MAX], mark[PROBE_FOLDER_MAX + 8];
	int error = probe_folder_make(folder);
	if (error < 0)
		return probe_say(evidence, 0, "not asked: no folder to mount on: %s",
			probe_errno_name(-error));
	snprintf(mark, sizeof(mark), "%s/mark", folder);
	struct attempt attempt;
	error = attempt_elsewhere(folder, mark, &attempt);
	bool seen_here = access(mark, F_OK) == 0;
	probe_folder_take_away(folder);

	if (error < 0)
		return probe_say(evidence, 0, "not asked: %s", probe_errno_name(-error));
	switch (-attempt.unshare_error) {
	case 0:
		break;
	case EPERM:
	case ENOMEM:
	case ENOSPC: /* a limit of user namespaces (user_namespaces(7)) */
		return probe_say(evidence, 0, "not asked: unshare(CLONE_NEWNS) = %s",
			probe_errno_name(-attempt.unshare_error));
	default:
		return probe_say(evidence, 1, "unshare(CLONE_NEWNS) = %s",
			probe_errno_name(-attempt.unshare_error));
	}
	if (attempt.mount_error == 0 && !seen_here)
		return probe_say(
			evidence, 0, "a mount made behind unshare(CLONE_NEWNS) stays there");
	/* In a chroot, "/" is no mount that could be made private: the mount comes back by propagation. */
	if (attempt.changed)
		return probe_say(
			evidence, 0, "unshare(CLONE_NEWNS) gives another /proc/self/ns/mnt");
	if (seen_here && !probe_proc_is_there())
		return probe_say(
			evidence, 0, "not asked: no proc filesystem to know a namespace by");
	if (seen_here)
		return probe_say(
			evidence, 1, "a mount made behind unshare(CLONE_NEWNS) is seen outside");
	return probe_say(evidence, probe_proc_is_there(),
		"unshare(CLONE_NEWNS) works, but %s /proc/self/ns/mnt; mount = %s",
		access("/proc/self/ns/mnt", F_OK) == 0 ? "into the same" : "there is no",
		probe_errno_name(-attempt.mount_error));
}

static int wait_to_be_killed(void *data)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
	return 0;
}

int ask_pid_namespace_not_joined(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	alignas(16) static char stack[16384];
	char path[48];
	/* With common memory nothing is copied. */
	pid_t child = clone(
		wait_to_be_killed, stack + sizeof(stack), CLONE_VM | CLONE_NEWPID | SIGCHLD, NULL);

	if (child < 0)
		return probe_say(evidence, 0, "clone(CLONE_NEWPID) = %s: not asked",
			probe_errno_name(errno));
	snprintf(path, sizeof(path), "/proc/%d/ns/pid", child);
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	int open_error = fd < 0 ? errno : 0;
	int error = fd >= 0 && setns(fd, CLONE_NEWPID) ? errno : 0;
	kill(child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	if (open_error)
		return probe_say(evidence, 0, "open(\"/proc/PID/ns/pid\") = %s: not asked",
			probe_errno_name(open_error));
	if (error == 0)
		return probe_say(evidence, 0, "setns(CLONE_NEWPID) works");
	return probe_say(
		evidence, error == EINVAL, "setns(CLONE_NEWPID) = %s", probe_errno_name(error));
}

/* Whether all ids are mapped to themselves: user_namespaces(7). */
static bool all_ids_are_mapped(void)
{
	unsigned inside, outside, count;
	FILE *file = fopen("/proc/self/uid_map", "re");
	bool all = file && fscanf(file, "%u %u %u", &inside, &outside, &count) == 3 &&
		   inside == 0 && outside == 0 && count == UINT32_MAX;
	if (file)
		fclose(file);
	return all;
}

int ask_user_namespace_number(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	/* include/uapi/linux/nsfs.h: the first ones have fixed numbers just below those of all others */
	enum { LOWEST_OF_LINUX = 0xEFFFFFF8 };
	struct stat st;
	if (stat("/proc/self/ns/user", &st) < 0)
		return probe_say(
			evidence, 0, "stat(\"/proc/self/ns/user\") = %s", probe_errno_name(errno));
	if (!all_ids_are_mapped())
		return probe_say(evidence, 0, "/proc/self/uid_map does not map all ids");
	return probe_say(evidence, st.st_ino < LOWEST_OF_LINUX, "/proc/self/ns/user: st_ino %llu",
		(unsigned long long)st.st_ino);
}
