/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "proc_number.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "proc_status.h"

/* gVisor 2022 has no mount namespaces, and gives each process a number of its own in place of its pid namespace's. */
static bool has_namespaces(void)
{
	static int has = -1;

	if (has < 0)
		has = access("/proc/self/ns/mnt", F_OK) == 0;
	return has;
}

static bool same_links(struct stop *stop, long number, const char *name)
{
	char path[64], own[PATH_MAX], its[PATH_MAX];

	snprintf(path, sizeof(path), "../%ld/%s", number, name);
	return stop_read_proc_link(stop, name, own, sizeof(own)) > 0 &&
	       stop_read_proc_link(stop, path, its, sizeof(its)) > 0 && strcmp(own, its) == 0;
}

bool stop_has_our_proc(struct stop *stop)
{
	static dev_t ours;
	struct stat st;

	if (!ours && stat("/proc", &st) == 0)
		ours = st.st_dev;
	return ours && stop_device_of(stop, "root/proc") == ours;
}

static bool has_our_numbers(struct stop *stop)
{
	static char ours[64];
	char its[64];

	if (!has_namespaces())
		return true;
	if (!*ours) {
		ssize_t n = readlink("/proc/self/ns/pid", ours, sizeof(ours) - 1);
		ours[n > 0 ? n : 0] = '\0';
	}
	return stop_read_proc_link(stop, "ns/pid", its, sizeof(its)) > 0 && strcmp(its, ours) == 0;
}

/* Who may look at another process's links: root, and its own user, but for what is not dumpable; that folder then belongs to root. */
static bool same_owner(struct stop *stop, long number)
{
	char path[40];
	struct stat own, its;

	snprintf(path, sizeof(path), "/proc/%d", stop_tid(stop));
	if (stat(path, &own))
		return false;
	snprintf(path, sizeof(path), "/proc/%ld/fd", number);
	return own.st_uid == 0 || (stat(path, &its) == 0 && its.st_uid == own.st_uid);
}

enum proc_number proc_number_is(struct stop *stop, const char *digits)
{
	long number = strtol(digits, NULL, 10);

	if (!has_our_numbers(stop)) {
		/* gVisor (2022 to 2026) does not tell the numbers in a namespace. Programs ask for their own much more often than for others'. */
		long process = proc_status_last_number(stop_tid(stop), "NStgid");
		return process < 0 || number == process ||
				       number == proc_status_last_number(stop_tid(stop), "NSpid")
			       ? PROC_NUMBER_OWN
			       : PROC_NUMBER_OTHER;
	}
	if (number == stop_tgid(stop) || number == stop_tid(stop))
		return PROC_NUMBER_OWN;
	return stop_has_our_proc(stop) && same_owner(stop, number) &&
			       (!has_namespaces() || same_links(stop, number, "ns/mnt")) &&
			       same_links(stop, number, "root")
		       ? PROC_NUMBER_ALIKE
		       : PROC_NUMBER_OTHER;
}
