/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether single system calls are there. */
#include "experiments.h"

#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include <sched.h>
#include <signal.h>
#include <stdalign.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "clock.h"

int ask_no_openat2(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC };
	cleanup_close int fd = (int)syscall(SYS_openat2, AT_FDCWD, "/", &how, sizeof(how));
	if (fd >= 0)
		return probe_say(evidence, 0, "openat2(\"/\") works");
	return probe_say(evidence, errno == ENOSYS, "openat2(\"/\") = %s", probe_errno_name(errno));
}

int ask_no_copy_file_range(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	syscall(SYS_copy_file_range, -1, NULL, -1, NULL, 0, 0);
	return probe_say(evidence, errno == ENOSYS, "copy_file_range of no descriptor = %s",
		probe_errno_name(errno));
}

int ask_pipe_mode_refused(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return probe_say(evidence, 0, "not asked: pipe2 = %s", probe_errno_name(errno));
	cleanup_close int from = ends[0], to = ends[1];
	if (fchmod(to, 0666) == 0)
		return probe_say(evidence, 0, "fchmod of a pipe works");
	return probe_say(
		evidence, errno == EPERM, "fchmod of a pipe = %s", probe_errno_name(errno));
}

int ask_no_ambient_capabilities(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	int set = prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 0, 0, 0);

	if (set >= 0)
		return probe_say(evidence, 0, "PR_CAP_AMBIENT_IS_SET of CAP_CHOWN = %d", set);
	return probe_say(evidence, errno == EINVAL, "PR_CAP_AMBIENT_IS_SET of CAP_CHOWN = %s",
		probe_errno_name(errno));
}

int ask_no_fsopen(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	/* unknown flags are an invalid argument */
	syscall(SYS_fsopen, "tmpfs", ~0U);
	return probe_say(evidence, errno == ENOSYS, "fsopen with unknown flags = %s",
		probe_errno_name(errno));
}

int ask_no_mount_setattr(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	/* a structure of no bytes is an invalid argument, which is said before anything else is looked at */
	syscall(SYS_mount_setattr, AT_FDCWD, "/", 0, NULL, 0);
	return probe_say(evidence, errno == ENOSYS, "mount_setattr of no structure = %s",
		probe_errno_name(errno));
}

int ask_no_statx_mount_id(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	struct statx stx = { 0 };

	if (syscall(SYS_statx, AT_FDCWD, "/", 0, STATX_MNT_ID, &stx))
		return probe_say(
			evidence, 0, "not asked: statx(\"/\") = %s", probe_errno_name(errno));
	return probe_say(evidence, !(stx.stx_mask & STATX_MNT_ID), "stx_mask of \"/\" is 0x%x",
		stx.stx_mask);
}

/* A process's own executable will do for the file: the clone is of the mount, and gone with its descriptor. */
int ask_open_tree_refuses_files(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC;
	cleanup_close int file = (int)syscall(SYS_open_tree, AT_FDCWD, "/proc/self/exe", flags);
	if (file >= 0)
		return probe_say(evidence, 0, "open_tree of a file works");
	int error = errno;
	cleanup_close int folder = (int)syscall(SYS_open_tree, AT_FDCWD, "/", flags);
	if (folder < 0)
		return probe_say(
			evidence, 0, "not asked: open_tree(\"/\") = %s", probe_errno_name(errno));
	return probe_say(
		evidence, error == ENOTDIR, "open_tree of a file = %s", probe_errno_name(error));
}

/* A name that cannot be read: whoever may join is told so, and has no key afterwards, of which gVisor keeps 200 for good. */
int ask_keyctl_refused(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, (char *)-1) >= 0)
		return probe_say(evidence, 0, "keyctl(KEYCTL_JOIN_SESSION_KEYRING) works");
	/* ENOSYS is an answer that programs know. */
	bool refused = errno != ENOSYS && errno != EFAULT;
	return probe_say(evidence, refused, "keyctl(KEYCTL_JOIN_SESSION_KEYRING, unreadable) = %s",
		probe_errno_name(errno));
}

/* Linux knows no key 0; whoever can revoke none keeps those of processes that have ended. */
int ask_keys_kept(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	if (syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0) < 0 &&
		errno == ENOSYS)
		return probe_say(evidence, 0, "not asked: keyctl(KEYCTL_GET_KEYRING_ID) = ENOSYS");
	if (syscall(SYS_keyctl, KEYCTL_REVOKE, 0) >= 0)
		return probe_say(evidence, 0, "keyctl(KEYCTL_REVOKE, 0) works");
	return probe_say(evidence, errno == ENOSYS, "keyctl(KEYCTL_REVOKE, 0) = %s",
		probe_errno_name(errno));
}

enum { STACK_BYTES = 16384 };

struct family {
	pid_t sibling; /* of its maker, or a child of it */
	pid_t told; /* who its maker's child says that its parent is; 0: it said nothing */
	alignas(16) char child_stack[STACK_BYTES], grandchild_stack[STACK_BYTES];
};

static int tell_parent(void *data)
{
	struct family *family = data;
	family->told = getppid();
	return 0;
}

/* Others of its parent's children are not taken; nor is it one of them, perhaps. */
static void wait_for(pid_t child)
{
	while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
}

static int make_sibling(void *data)
{
	struct family *family = data;
	family->sibling = clone(tell_parent, family->grandchild_stack + STACK_BYTES,
		CLONE_VM | CLONE_VFORK | CLONE_PARENT | SIGCHLD, family);
	wait_for(family->sibling);
	return 0;
}

int ask_clone_parent_ignored(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	/* Not fork(2): with common memory nothing is copied, and the answer needs no pipe. */
	static struct family family;
	family.told = family.sibling = 0;
	pid_t child = clone(make_sibling, family.child_stack + STACK_BYTES,
		CLONE_VM | CLONE_VFORK | SIGCHLD, &family);
	if (child < 0)
		return probe_say(evidence, 0, "clone = %s: not asked", probe_errno_name(errno));
	wait_for(child);
	wait_for(family.sibling);
	if (!family.told)
		return probe_say(evidence, 0, "clone(CLONE_PARENT) failed: not asked");
	return probe_say(evidence, family.told != getpid(),
		"clone(CLONE_PARENT) made a child of %s",
		family.told == getpid() ? "the parent" : "the caller");
}

static struct {
	char path[PROBE_FOLDER_MAX + 8];
	int alarms, reader;
} fifo;

/* The third signal lets the other end come, so that the open ends in any case. */
static void on_alarm(int number)
{
	if (++fifo.alarms == 3)
		fifo.reader = open(fifo.path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

/* fifo(7): open waits for the other end; signal(7): it is restarted after a handler with SA_RESTART. 0 or -errno. */
static int open_while_signals_come(int every_us)
{
	struct sigaction action = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	struct itimerval often = { { 0, every_us }, { 0, every_us } }, never = { 0 };
	sigset_t alarm;
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	fifo.alarms = 0;
	fifo.reader = -1;
	if (sigaction(SIGALRM, &action, NULL) < 0 || sigprocmask(SIG_UNBLOCK, &alarm, NULL) < 0 ||
		setitimer(ITIMER_REAL, &often, NULL) < 0)
		return -errno;
	int fd = open(fifo.path, O_WRONLY | O_CLOEXEC), error = fd < 0 ? -errno : 0;
	setitimer(ITIMER_REAL, &never, NULL);
	if (fd >= 0)
		close(fd);
	if (fifo.reader >= 0)
		close(fifo.reader);
	return error;
}

/* On a busy machine three signals may come before the open does: they then come more slowly. */
static int open_with_patience(void)
{
	enum { QUICK_US = 200, SLOW_US = 2000, LATE_US = 500 };
	int64_t start = clock_ns(CLOCK_MONOTONIC);
	int error = open_while_signals_come(QUICK_US);
	if (error == 0 && clock_ns(CLOCK_MONOTONIC) - start > (3 * QUICK_US + LATE_US) * NS_PER_US)
		error = open_while_signals_come(SLOW_US);
	return error;
}

int ask_fifo_open_not_restarted(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	char folder[PROBE_FOLDER_MAX];
	int error = probe_folder_make(folder);
	if (error < 0)
		return probe_say(
			evidence, 0, "not asked: no folder for it: %s", probe_errno_name(-error));
	snprintf(fifo.path, sizeof(fifo.path), "%s/fifo", folder);
	int made = mkfifo(fifo.path, 0600) < 0 ? -errno : 0;
	if (made == 0)
		error = open_with_patience();
	unlink(fifo.path);
	probe_folder_take_away(folder);
	if (made < 0)
		return probe_say(evidence, 0, "not asked: mkfifo = %s", probe_errno_name(-made));
	if (error == 0)
		return probe_say(evidence, 0, "open of a FIFO goes on after SIGALRM");
	return probe_say(evidence, error == -EINTR, "open of a FIFO, SIGALRM with SA_RESTART: %s",
		probe_errno_name(-error));
}
