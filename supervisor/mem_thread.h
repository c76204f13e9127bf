/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory of a tracee that may not be there: of a mapping of a file whose server does not answer (FUSE, NFS), or registered
 * with userfaultfd(2). Who reads such a page waits until somebody fills it in, perhaps a tracee, which would wait for the
 * supervisor; and only death ends that wait (Linux 6.18). So from the moment on that there may be such memory, it is read and
 * written by a thread, which is left to its fate when it takes too long.
 */
#ifndef GVTRACE_MEM_THREAD_H
#define GVTRACE_MEM_THREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* There may be such memory from now on. */
void mem_thread_use(void);
bool mem_thread_is_used(void);

/*
 * process_vm_readv(2), or with writes process_vm_writev(2), of one range. Returns the bytes, or -errno; -EFAULT also when there was no
 * answer within 100 ms, or two of this process, or sixteen in all, are still being waited for. A write may then still happen later.
 */
ssize_t mem_thread_transfer(bool writes, pid_t tid, void *data, uint64_t address, size_t length);

#endif
