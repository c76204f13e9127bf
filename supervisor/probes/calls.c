/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether single system calls are there. */
#include "experiments.h"

#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

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
