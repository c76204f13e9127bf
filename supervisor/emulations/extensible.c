/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "extensible.h"

enum { BYTES_MAX = 4096 /* of the kernel: a page */ };

int extensible_read(
	struct stop *stop, uint64_t address, uint64_t size, void *ret_data, size_t known)
{
	char rest[64];

	if (size < known)
		return -EINVAL;
	if (size > BYTES_MAX)
		return -E2BIG;
	if (stop_read(stop, address, ret_data, known))
		return -EFAULT;
	for (uint64_t done = known; done < size;) {
		size_t length = MIN(sizeof(rest), size - done);
		if (stop_read(stop, address + done, rest, length))
			return -EFAULT;
		for (size_t i = 0; i < length; i++)
			if (rest[i])
				return -E2BIG;
		done += length;
	}
	return 0;
}
