/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What devices there are, and what they know. */
#include "experiments.h"

#include <fcntl.h>
#include <sys/ioctl.h>

int ask_no_kmsg(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	/* Not its driver's open, which takes Linux 60 us: it looks for the oldest line. */
	cleanup_close int fd = open("/dev/kmsg", O_PATH | O_CLOEXEC);

	if (fd >= 0)
		return probe_say(evidence, 0, "/dev/kmsg is there");
	if (errno == ENOENT && access("/dev/null", F_OK))
		return probe_say(evidence, 0, "not asked: no devices in /dev");
	return probe_say(
		evidence, errno == ENOENT, "open(\"/dev/kmsg\") = %s", probe_errno_name(errno));
}

int ask_no_controlling_terminal(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	cleanup_close int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		return probe_say(evidence, 0, "open(\"/dev/tty\") works");
	return probe_say(
		evidence, errno == EIO, "open(\"/dev/tty\") = %s", probe_errno_name(errno));
}

/* Both requests fill a buffer that is larger than what they write: 36 bytes, and 44. */
int ask_no_tcgets2(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	const unsigned long tcgets = 0x5401, tcgets2 = 0x802c542a;
	char buffer[256];
	cleanup_close int fd = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return probe_say(evidence, 0, "not asked: open(\"/dev/ptmx\") = %s",
			probe_errno_name(errno));
	if (ioctl(fd, tcgets, buffer) < 0)
		return probe_say(
			evidence, 0, "not asked: ioctl(TCGETS) = %s", probe_errno_name(errno));
	if (ioctl(fd, tcgets2, buffer) == 0)
		return probe_say(evidence, 0, "ioctl(TCGETS2) works");
	return probe_say(evidence, errno == ENOTTY, "ioctl(TCGETS2) = %s", probe_errno_name(errno));
}
