/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What sockets know. */
#include "experiments.h"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

int ask_siocsifflags_missing(const char *argument, char evidence[PROBE_EVIDENCE_MAX])
{
	bool own_network = probe_enter_namespaces(CLONE_NEWNET) == 0;
	cleanup_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return probe_say(
			evidence, 0, "not asked: socket(AF_INET) = %s", probe_errno_name(errno));
	struct ifreq request = { .ifr_name = "lo" };
	if (ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		return probe_say(evidence, 0, "not asked: ioctl(SIOCGIFFLAGS, lo) = %s",
			probe_errno_name(errno));
	/* In a network that is not ours, the flags are set to what they are: this changes nothing. */
	if (own_network)
		request.ifr_flags |= IFF_UP | IFF_RUNNING;
	const char *asked = own_network ? "lo up" : "lo as it is";
	if (ioctl(fd, SIOCSIFFLAGS, &request) == 0)
		return probe_say(evidence, 0, "ioctl(SIOCSIFFLAGS, %s) works", asked);
	return probe_say(evidence, errno == ENOTTY, "ioctl(SIOCSIFFLAGS, %s) = %s", asked,
		probe_errno_name(errno));
}
