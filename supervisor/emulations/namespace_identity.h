/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which namespace a thread is in, as a number: the one in the link /proc/TID/ns/KIND. */
#ifndef GVTRACE_NAMESPACE_IDENTITY_H
#define GVTRACE_NAMESPACE_IDENTITY_H

#include "fakeprocsys.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Finds out for which kinds the numbers tell namespaces apart at all: two processes that are in the same ones
 * must have the same. In gVisor of 2022 each process has a number of its own, and so has each for the user
 * namespace in 2024. sibling is a process in the same namespaces as this one.
 */
void namespace_identity_init(pid_t sibling);

bool namespace_identity_tells(enum sysctl_scope scope);

/* 0: the kernel has no such link, or its numbers tell nothing; then there is one namespace for all. */
uint64_t namespace_identity(pid_t tid, enum sysctl_scope scope);

/* "net" for SCOPE_NET; NULL for SCOPE_SYSTEM. */
const char *namespace_kind(enum sysctl_scope scope);

#endif
