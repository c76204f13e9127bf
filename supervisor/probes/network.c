/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What sockets know. */
#include "experiments.h"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* Sets lo's flags to what they are, which changes nothing: 0, or the errno of the call that *ret_what names. */
static int set_flags(const char **ret_what)
{
	struct ifreq request = { .ifr_name = "lo" };
	cleanup_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	*ret_what = "socket(AF_INET)";
	if (fd < 0)
		return errno;
	*ret_what = "ioctl(SIOCGIFFLAGS, lo)";
	if (ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		return errno;
	*ret_what = NULL;
	return ioctl(fd, SIOCSIFFLAGS, &request) < 0 ? errno : 0;
}

int ask_siocsifflags_missing(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	const char *what;
	int error = set_flags(&what);

	if (error == EPERM && !probe_is_alone())
		return PROBE_NOT_ALONE;
	if (error == EPERM && probe_enter_namespaces(CLONE_NEWNET) == 0)
		error = set_flags(&what);
	if (error && what)
		return probe_say(evidence, 0, "not asked: %s = %s", what, probe_errno_name(error));
	return probe_say(evidence, error == ENOTTY, "ioctl(SIOCSIFFLAGS, lo) %s%s",
		error ? "= " : "works", error ? probe_errno_name(error) : "");
}
