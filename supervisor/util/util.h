/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Small things that every folder uses. Nothing here prints or ends the process. */
#ifndef GVTRACE_UTIL_H
#define GVTRACE_UTIL_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))
#define MUST_CHECK __attribute__((warn_unused_result))

static inline void cleanup_freep(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_closep(const int *fd)
{
	if (*fd >= 0) {
		int saved = errno;
		close(*fd);
		errno = saved;
	}
}

#define cleanup_free __attribute__((cleanup(cleanup_freep)))
#define cleanup_close __attribute__((cleanup(cleanup_closep)))

/* Hands an owned pointer on: `return steal(&text);` leaves NULL for cleanup_free. */
#define steal(pp)                            \
	({                                   \
		__auto_type stolen_ = *(pp); \
		*(pp) = NULL;                \
		stolen_;                     \
	})

/* The same for a descriptor: leaves -1. */
static inline int steal_fd(int *fd)
{
	int stolen = *fd;

	*fd = -1;
	return stolen;
}

#endif
