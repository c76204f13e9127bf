/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tracee_mem.h"

#include <stdbool.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

#include "mem_thread.h"

enum { PAGE_BYTES = 4096, FIRST_READ_BYTES = 256 };

/* Set at the first ENOSYS or EPERM that PEEK then does not share. */
static bool peek_only;

void tracee_mem_use_peek_only(void)
{
	peek_only = true;
}

static int peek(pid_t tid, uint64_t address, void *ret_data, size_t length)
{
	char *out = ret_data;

	while (length > 0) {
		uint64_t word_address = address & ~(sizeof(long) - 1);
		size_t skip = address - word_address, take = MIN(sizeof(long) - skip, length);

		errno = 0;
		long word = ptrace(PTRACE_PEEKDATA, tid, word_address, NULL);
		if (errno)
			return errno == ESRCH ? -ESRCH : -EFAULT;
		memcpy(out, (char *)&word + skip, take);
		out += take;
		address += take;
		length -= take;
	}
	return 0;
}

int tracee_mem_poke(pid_t tid, uint64_t address, const void *data, size_t length)
{
	const char *in = data;

	while (length > 0) {
		uint64_t word_address = address & ~(sizeof(long) - 1);
		size_t skip = address - word_address, take = MIN(sizeof(long) - skip, length);
		long word = 0;

		if (take < sizeof(long)) {
			int r = peek(tid, word_address, &word, sizeof(word));
			if (r)
				return r;
		}
		memcpy((char *)&word + skip, in, take);
		if (ptrace(PTRACE_POKEDATA, tid, word_address, word))
			return errno == ESRCH ? -ESRCH : -EFAULT;
		in += take;
		address += take;
		length -= take;
	}
	return 0;
}

static bool must_peek(int error)
{
	if (error == ENOSYS) {
		peek_only = true;
		return true;
	}
	/* Refused for this one process (a user namespace, a non-dumpable program): PEEK may still do. */
	return error == EPERM;
}

/* process_vm_readv(2) or process_vm_writev(2): the bytes, or -errno. */
static ssize_t transfer(bool writes, pid_t tid, void *data, uint64_t address, size_t length)
{
	struct iovec local = { data, length }, remote = { (void *)address, length };

	if (mem_thread_is_used())
		return mem_thread_transfer(writes, tid, data, address, length);
	ssize_t n = writes ? process_vm_writev(tid, &local, 1, &remote, 1, 0)
			   : process_vm_readv(tid, &local, 1, &remote, 1, 0);
	return n < 0 ? -errno : n;
}

int tracee_mem_read(pid_t tid, uint64_t address, void *ret_data, size_t length)
{
	if (!peek_only) {
		ssize_t n = transfer(false, tid, ret_data, address, length);

		if (n == (ssize_t)length)
			return 0;
		if (n >= 0 || !must_peek((int)-n))
			return n == -ESRCH ? -ESRCH : -EFAULT;
	}
	return peek(tid, address, ret_data, length);
}

int tracee_mem_write(pid_t tid, uint64_t address, const void *data, size_t length)
{
	if (!peek_only) {
		ssize_t n = transfer(true, tid, (void *)data, address, length);

		if (n == (ssize_t)length)
			return 0;
		if (n >= 0 || !must_peek((int)-n))
			return n == -ESRCH ? -ESRCH : -EFAULT;
	}
	return tracee_mem_poke(tid, address, data, length);
}

ssize_t tracee_mem_read_string(pid_t tid, uint64_t address, char *ret_text, size_t size)
{
	size_t done = 0, chunk = FIRST_READ_BYTES;

	while (done < size) {
		/* Never past the page that holds the next byte: the one after it may not be mapped. */
		size_t to_page_end = PAGE_BYTES - ((address + done) & (PAGE_BYTES - 1));
		size_t length = MIN(MIN(chunk, to_page_end), size - done);
		int r = tracee_mem_read(tid, address + done, ret_text + done, length);

		if (r)
			return r;
		char *end = memchr(ret_text + done, '\0', length);
		if (end)
			return end - ret_text;
		done += length;
		chunk = PAGE_BYTES;
	}
	return -ENAMETOOLONG;
}
