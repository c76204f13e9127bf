/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "follow_vectors.h"

#include <sys/syscall.h>

enum { PAGE_BYTES = 4096 };

static uint64_t address_of(const struct iovec *part)
{
	return (uint64_t)part->iov_base;
}

/* No memory of a program's is there. */
static bool is_outside(const struct iovec *part)
{
	uint64_t end;

	return __builtin_add_overflow(address_of(part), part->iov_len, &end) || end > INT64_MAX;
}

static int find_array(struct stop *stop, struct follow_vectors *vectors)
{
	uint64_t n = stop_asked(stop, 2);

	if (n > FOLLOW_VECTORS_MAX)
		return -EINVAL;
	vectors->n = n;
	if (n > 0 &&
		stop_read(stop, stop_asked(stop, 1), vectors->parts, n * sizeof(vectors->parts[0])))
		return -EFAULT;
	for (size_t i = 0; i < n; i++)
		if (vectors->parts[i].iov_len > INT64_MAX)
			return -EINVAL;
	return 0;
}

int follow_vectors_find(struct stop *stop, struct follow_vectors *ret_vectors)
{
	ret_vectors->n = 1;
	ret_vectors->total = 0;
	switch (stop_syscall(stop)) {
	case SYS_read:
	case SYS_pread64:
	case SYS_write:
	case SYS_pwrite64:
		ret_vectors->parts[0] =
			(struct iovec){ (void *)stop_asked(stop, 1), stop_asked(stop, 2) };
		break;
	default: {
		int r = find_array(stop, ret_vectors);
		if (r)
			return r;
	}
	}
	for (size_t i = 0; i < ret_vectors->n; i++) {
		if (is_outside(&ret_vectors->parts[i]))
			return -EFAULT;
		/* The kernel cuts what is too much; which is far more than any file here takes. */
		if (__builtin_add_overflow(
			    ret_vectors->total, ret_vectors->parts[i].iov_len, &ret_vectors->total))
			ret_vectors->total = INT64_MAX;
	}
	ret_vectors->total = MIN(ret_vectors->total, (size_t)INT64_MAX);
	return 0;
}

/* One byte of each page, and the last. */
static int probe(struct stop *stop, uint64_t address, size_t length)
{
	char byte;

	for (size_t at = 0; at < length; at += PAGE_BYTES)
		if (stop_read(stop, address + at, &byte, 1))
			return -EFAULT;
	return length > 0 && stop_read(stop, address + length - 1, &byte, 1) ? -EFAULT : 0;
}

int follow_vectors_read(struct stop *stop, const struct follow_vectors *vectors, char *ret_data,
	size_t size, bool is_whole)
{
	size_t done = 0;

	for (size_t i = 0; i < vectors->n; i++) {
		const struct iovec *part = &vectors->parts[i];
		size_t take = MIN(part->iov_len, size - done);
		if (take > 0 && stop_read(stop, address_of(part), ret_data + done, take))
			return -EFAULT;
		done += take;
		if (is_whole && probe(stop, address_of(part) + take, part->iov_len - take))
			return -EFAULT;
	}
	return 0;
}

int follow_vectors_write(
	struct stop *stop, const struct follow_vectors *vectors, const char *data, size_t length)
{
	for (size_t i = 0; i < vectors->n && length > 0; i++) {
		size_t take = MIN(vectors->parts[i].iov_len, length);
		if (take > 0 && stop_write(stop, address_of(&vectors->parts[i]), data, take))
			return -EFAULT;
		data += take;
		length -= take;
	}
	return 0;
}
