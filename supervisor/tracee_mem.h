/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory of a stopped thread: process_vm_readv(2) and process_vm_writev(2) where the kernel has them
 * and lets us, else PTRACE_PEEKDATA and PTRACE_POKEDATA word by word (gVisor of 2022 has only these).
 */
#ifndef GVTRACE_TRACEE_MEM_H
#define GVTRACE_TRACEE_MEM_H

#include "util.h"
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* All or nothing: 0, -EFAULT, or -ESRCH. */
int tracee_mem_read(pid_t tid, uint64_t address, void *ret_data, size_t length) MUST_CHECK;
/* May have written a part when it returns -EFAULT. */
int tracee_mem_write(pid_t tid, uint64_t address, const void *data, size_t length) MUST_CHECK;
/* The same word by word, by PTRACE_POKEDATA alone, which Linux and gVisor also let write where the thread itself may not. */
int tracee_mem_poke(pid_t tid, uint64_t address, const void *data, size_t length) MUST_CHECK;

/*
 * Reads up to and with a NUL, at most size bytes, page by page, so that a string that ends right before
 * an unmapped page is read whole. Returns the string's length, -EFAULT, -ENAMETOOLONG or -ESRCH.
 */
ssize_t tracee_mem_read_string(pid_t tid, uint64_t address, char *ret_text, size_t size) MUST_CHECK;

/* From now on only PEEK and POKE (for the test of that way). */
void tracee_mem_use_peek_only(void);

#endif
