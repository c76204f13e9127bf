/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The seccomp filter: which system calls stop. Made with libseccomp before the command starts, loaded by
 * the command's process itself, inherited by all its descendants.
 */
#ifndef GVTRACE_FILTER_H
#define GVTRACE_FILTER_H

#include "emulation.h"
#include "syscalls.h"
#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>

/* What SECCOMP_RET_TRACE of our filters carries; the program's own filters may use others. */
enum { FILTER_TRACE_DATA = 0x6776, FILTER_TRACE_FOREIGN = 0x6777 };

/* USERFAULTFD_IOC_NEW of linux/userfaultfd.h (Linux 6.1): ioctl(2) of /dev/userfaultfd that does what userfaultfd(2) does. */
enum { FILTER_USERFAULTFD_NEW = 0xAA00 };

struct filter;

/* NULL: no memory. filter_destroy accepts NULL. */
struct filter *filter_create(void);
void filter_destroy(struct filter *filter);

/* The call stops where all conditions (ended by arg -1; NULL: none) hold. Several conditions for one
 * call: each set of them is enough. 0, -ENOMEM, or -EINVAL for a number that this machine has not. */
int filter_add(struct filter *filter, long nr, const struct arg_condition *conditions) MUST_CHECK;
/* Each call stops that the table of system calls does not know, x32's numbers excepted. */
void filter_stop_unknown(struct filter *filter);
/* The call fails with this errno, without a stop, whatever is added later. */
int filter_refuse(struct filter *filter, long nr, int error) MUST_CHECK;

/*
 * 32-bit and x32 calls pass, but for these few: exec, and mounts that may be of FUSE (see lookup_notice()), stop with
 * FILTER_TRACE_FOREIGN, also where 64-bit code makes a 32-bit call, whose registers look like those of another
 * call. userfaultfd(2) and clone3(2) are not there (ENOSYS), and CLONE_UNTRACED is refused (EPERM). Once, as the last. 0 or -errno.
 */
int filter_add_foreign(struct filter *filter) MUST_CHECK;

/* These calls, which stop for their rules, pass where they are made in the gate (fast_path_code.h). Before it is compiled. */
void filter_allow_gate(struct filter *filter, const struct syscall_set *calls);

/* Nothing was added. */
bool filter_is_empty(const struct filter *filter);

/* Makes the BPF program. It is owned by the filter. 0 or -errno. */
int filter_compile(struct filter *filter, const struct sock_fprog **ret_program) MUST_CHECK;

/*
 * Loads a compiled program into the calling thread: as root without no_new_privs, so that setuid programs
 * stay what they are; else with it (seccomp(2): EACCES without CAP_SYS_ADMIN). 0 or -errno.
 */
int filter_load(const struct sock_fprog *program, bool *ret_no_new_privs) MUST_CHECK;
/* The flags of seccomp(2) that this kernel took at the last filter_load(), for whoever loads one otherwise. */
unsigned filter_flags(void);

#endif
