/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The memory of a call of the families of read(2) and write(2), looked at as the kernel looks at it (lib/iov_iter.c, Linux 6.18). */
#ifndef GVTRACE_FOLLOW_VECTORS_H
#define GVTRACE_FOLLOW_VECTORS_H

#include "stop.h"
#include <sys/uio.h>

enum { FOLLOW_VECTORS_MAX = 1024 /* UIO_MAXIOV */ };

struct follow_vectors {
	struct iovec parts[FOLLOW_VECTORS_MAX];
	size_t n;
	size_t total; /* bytes; no more than INT64_MAX */
};

/* Where the call reads or writes. 0, or the -errno that it fails with before it is asked what the descriptor is of: -EINVAL, -EFAULT. */
int follow_vectors_find(struct stop *stop, struct follow_vectors *ret_vectors);

/*
 * What a write writes: the first up to size bytes are put at ret_data. is_whole: of what is behind them, which the caller bounds, it is
 * seen that it is there. 0, or -EFAULT if some cannot be read.
 */
int follow_vectors_read(struct stop *stop, const struct follow_vectors *vectors, char *ret_data,
	size_t size, bool is_whole);

/* Puts what a read gives into the program's memory; length: no more than total. 0, or -EFAULT if some cannot be written. */
int follow_vectors_write(
	struct stop *stop, const struct follow_vectors *vectors, const char *data, size_t length);

#endif
