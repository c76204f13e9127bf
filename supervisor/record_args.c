/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record_args.h"

#include <sys/socket.h>

bool record_args_list(struct stop *stop, uint64_t address, char ret_text[LOG_ARGUMENT_BYTES])
{
	static char bytes[LOG_LIST_WIDTH + 2];
	const char *strings[LOG_LIST_STRINGS];
	size_t used = 0, n = 0;
	uint64_t string;

	/* With its NUL a string takes less here than in the log: where there is no room left here, there is none there. */
	while (used < LOG_LIST_WIDTH && n < LOG_LIST_STRINGS) {
		if (!address ||
			stop_read(stop, address + n * sizeof(string), &string, sizeof(string)))
			return false;
		if (!string)
			break;
		size_t size = LOG_LIST_WIDTH + 1 - used;
		ssize_t length = stop_read_string(stop, string, bytes + used, size);
		if (length < 0 && length != -ENAMETOOLONG)
			return false;
		if (length < 0)
			length = (ssize_t)size;
		bytes[used + (size_t)length] = '\0';
		strings[n++] = bytes + used;
		used += (size_t)length + 1;
	}
	log_format_list(strings, n, ret_text, LOG_ARGUMENT_BYTES);
	return true;
}

bool record_args_socket_address(
	struct stop *stop, uint64_t address, uint64_t length, char ret_text[LOG_ARGUMENT_BYTES])
{
	struct sockaddr_storage any;

	/* The kernel takes an int. */
	length = (uint32_t)length;
	if (!address || length < sizeof(any.ss_family) || length > sizeof(any) ||
		stop_read(stop, address, &any, length))
		return false;
	log_format_socket_address(&any, length, ret_text, LOG_ARGUMENT_BYTES);
	return true;
}
