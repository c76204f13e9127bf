/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The helper's side: the thread's memory, which the supervisor reads for it. */
#include <sys/socket.h>

#include "backtrace_internal.h"
#include "util.h"

enum { CACHED_BLOCKS = 1024 /* a power of two */ };

static int supervisor;

static struct cached_block {
	bool used;
	uint64_t address;
	struct backtrace_block block;
} cache[CACHED_BLOCKS];

static const struct backtrace_block *cached(uint64_t address)
{
	struct cached_block *entry = &cache[address / BACKTRACE_BLOCK_BYTES % CACHED_BLOCKS];
	static struct backtrace_request request = { .kind = BACKTRACE_READ };

	if (entry->used && entry->address == address)
		return &entry->block;
	entry->used = true;
	entry->address = request.address = address;
	if (send(supervisor, &request, BACKTRACE_READ_BYTES, MSG_NOSIGNAL) < 0 ||
		recv(supervisor, &entry->block, sizeof(entry->block), 0) != sizeof(entry->block))
		_exit(1);
	return &entry->block;
}

int backtrace_read(uint64_t address, void *ret_data, size_t length)
{
	char *out = ret_data;

	while (length > 0) {
		size_t skip = address % BACKTRACE_BLOCK_BYTES;
		size_t take = MIN(length, BACKTRACE_BLOCK_BYTES - skip);
		const struct backtrace_block *block = cached(address - skip);

		if (block->error)
			return block->error;
		memcpy(out, block->bytes + skip, take);
		out += take;
		address += take;
		length -= take;
	}
	return 0;
}

void backtrace_read_from(int socket)
{
	supervisor = socket;
}
