/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private to lookup*.c: what the helper is asked, and its answers. */
#ifndef GVTRACE_LOOKUP_HELPER_H
#define GVTRACE_LOOKUP_HELPER_H

#include "lookup.h"
#include <limits.h>
#include <linux/openat2.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/vfs.h>

enum lookup_what {
	LOOKUP_OPEN,
	LOOKUP_LINK,
	LOOKUP_REOPEN,
	LOOKUP_STATFS,
	LOOKUP_READ,
	LOOKUP_NAME,
	LOOKUP_DEVICE,
};

enum { LOOKUP_SLOW_MAX = 16 };

/* With it comes one descriptor, of the place that is asked about. */
struct lookup_request {
	enum lookup_what what;
	int flags;
	char path[PATH_MAX]; /* sent up to its NUL */
};

struct lookup_answer {
	int64_t result; /* 0, a length, or -errno. With 0 of an open comes a descriptor */
	bool slept; /* it had to wait for the file system, and not for a processor only */
	bool is_file;
	dev_t device;
	int64_t type; /* of the file system */
	union {
		struct statfs fs;
		char text[LOOKUP_TEXT_BYTES];
	};
};

/*
 * Memory in common: what is not to be asked, 0 for nothing; and what is being asked. That are file systems, by their device
 * numbers; in gVisor, where even that number cannot be had without waiting, folders, by a hash of their paths.
 */
struct lookup_shared {
	uint64_t slow[LOOKUP_SLOW_MAX];
	volatile uint64_t asked; /* 0: one that answers always, or none yet */
};

/* Whether the kernel has RESOLVE_CACHED. */
bool lookup_has_cached(void);
/* As if it had not. For tests. */
void lookup_use_no_cache(void);

/* As if in a gVisor where a tracee has mounted FUSE. For tests. */
void lookup_use_helper_only(void);

/* Of what is open. Not to be called by the supervisor where the kernel has no RESOLVE_CACHED. 0: not known. */
dev_t lookup_device_unasked(int place);
bool lookup_is_memfd(int place);

/* What is asked if place is, whose path is where. */
uint64_t lookup_identity(int place, const char *where);

/* openat2(2); its descriptor or -errno. */
int lookup_openat2(int root, const char *path, int flags, uint64_t resolve);

/* A message with at most one descriptor; it is the caller's. The length, or -errno. */
ssize_t lookup_send(int socket, const void *data, size_t length, int fd);
ssize_t lookup_receive(int socket, void *ret_data, size_t size, int *ret_fd);

/* As openat2(2) with RESOLVE_IN_ROOT and O_PATH, a name at a time. flags: O_DIRECTORY, O_NOFOLLOW. A descriptor or -errno; -ETIMEDOUT
 * where a file system would have to be asked that is not to be. */
int lookup_walk(int root, const char *path, int flags);
void lookup_share(struct lookup_shared *memory);

/* lookup_first_name() in a folder that is open for reading; closes it. */
int lookup_list_first(int fd, char *ret_name, bool *ret_is_file, int64_t *ret_type);

/* The helper's whole life. */
void lookup_help(int socket, void *shared);

#endif
