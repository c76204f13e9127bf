/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether single system calls are there. */
#include "experiments.h"

#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

int ask_no_openat2(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC };
	if (syscall(SYS_openat2, AT_FDCWD, "/", &how, sizeof(how)) >= 0)
		return probe_say(evidence, 0, "openat2(\"/\") works");
	return probe_say(evidence, errno == ENOSYS, "openat2(\"/\") = %s", probe_errno_name(errno));
}

int ask_keyctl_refused(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) >= 0)
		return probe_say(evidence, 0, "keyctl(KEYCTL_JOIN_SESSION_KEYRING) works");
	/* ENOSYS is an answer that programs know. A spent quota is the user's state, not the kernel's lack. */
	bool refused = errno != ENOSYS && errno != EDQUOT && errno != ENOMEM;
	return probe_say(evidence, refused, "keyctl(KEYCTL_JOIN_SESSION_KEYRING) = %s",
		probe_errno_name(errno));
}

int ask_clone_parent_ignored(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	int ends[2];
	pid_t parent = 0;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return probe_say(evidence, 0, "pipe2 = %s: not asked", probe_errno_name(errno));
	cleanup_close int read_end = ends[0], write_end = ends[1];
	pid_t child = fork();
	if (child == 0) {
		/* Its child tells who its parent is: this process, or the one before. */
		if (syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0) != 0)
			_exit(0);
		parent = getppid();
		_exit(write(write_end, &parent, sizeof(parent)) == sizeof(parent) ? 0 : 1);
	}
	close(steal_fd(&write_end));
	ssize_t n = child < 0 ? -1 : read(read_end, &parent, sizeof(parent));
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	if (n != sizeof(parent))
		return probe_say(evidence, 0, "clone(CLONE_PARENT) failed: not asked");
	return probe_say(evidence, parent != getpid(), "clone(CLONE_PARENT) made a child of %s",
		parent == getpid() ? "the parent" : "the caller");
}
