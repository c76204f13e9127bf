/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake_permission.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "proc_status.h"

enum { STATUS_BYTES = 2048 };

/* /proc/TID/status of the thread, whose ids are those of our user namespace, or "". */
static void read_status(struct stop *stop, char ret_text[STATUS_BYTES])
{
	cleanup_close int fd = stop_open_proc(stop, "status", O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, ret_text, STATUS_BYTES - 1);

	ret_text[n > 0 ? n : 0] = '\0';
}

/* The effective one of the ids in a line "Uid" or "Gid"; -1: it is not known. */
static long effective_id(const char *status, const char *name)
{
	const char *line = proc_status_find(status, name);
	unsigned real, effective;

	return line && sscanf(line, "%u %u", &real, &effective) == 2 ? (long)effective : -1;
}

static bool is_in_group_0(const char *status)
{
	const char *groups = proc_status_find(status, "Groups");
	unsigned group;
	int n;

	if (effective_id(status, "Gid") == 0)
		return true;
	for (; groups && sscanf(groups, "%*[ \t]%u%n", &group, &n) == 1; groups += n)
		if (group == 0)
			return true;
	return false;
}

/* A process's uid_map as we see it; its length, or -1. */
static ssize_t read_map(int fd, char ret_text[STATUS_BYTES])
{
	return fd < 0 ? -1 : read(fd, ret_text, STATUS_BYTES);
}

/* The number in the link ns/user would say it, but gVisor (2022 to 2026) makes up a new one at each look. */
static bool is_in_own_user_namespace(struct stop *stop)
{
	char its[STATUS_BYTES], ours[STATUS_BYTES];
	cleanup_close int its_fd = stop_open_proc(stop, "uid_map", O_RDONLY);
	cleanup_close int our_fd = open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC);
	ssize_t its_length = read_map(its_fd, its), our_length = read_map(our_fd, ours);

	if (its_length < 0 || our_length < 0)
		return false;
	return its_length != our_length || memcmp(its, ours, (size_t)our_length) != 0;
}

static bool is_owner(struct stop *stop, const char *status)
{
	return effective_id(status, "Uid") == 0 || is_in_own_user_namespace(stop);
}

/* bit: S_IROTH or S_IWOTH. */
static bool may(struct stop *stop, mode_t mode, mode_t bit)
{
	char status[STATUS_BYTES];
	mode_t set = mode & (bit | bit << 3 | bit << 6);

	/* Most files are the same to everybody, and nothing is asked for them. */
	if (set == 0 || set == (bit | bit << 3 | bit << 6))
		return set;
	read_status(stop, status);
	if (is_owner(stop, status))
		return mode & bit << 6;
	return mode & (is_in_group_0(status) ? bit << 3 : bit);
}

bool fake_may_read(struct stop *stop, const struct sysctl_node *node)
{
	return may(stop, node->mode, S_IROTH);
}

bool fake_may_write(struct stop *stop, const struct sysctl_node *node)
{
	return may(stop, node->mode, S_IWOTH);
}

bool fake_may_set(struct stop *stop, const struct sysctl_node *node)
{
	char status[STATUS_BYTES];

	read_status(stop, status);
	return (node->mode & S_IWUSR) && is_owner(stop, status);
}
