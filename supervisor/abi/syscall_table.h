/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private to abi/: the table itself, one file per architecture, syscalls_<arch>.c. */
#ifndef GVTRACE_SYSCALL_TABLE_H
#define GVTRACE_SYSCALL_TABLE_H

#include "syscalls.h"

/* By number; an entry without a name is a number that the architecture does not use. */
extern const struct syscall_info syscall_table[SYSCALL_MAX];

#endif
