/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who may read and write a file of the fake tree, as sysctl_perm() of the kernel decides (fs/proc/proc_sysctl.c, Linux 6.18). */
#ifndef GVTRACE_FAKE_PERMISSION_H
#define GVTRACE_FAKE_PERMISSION_H

#include "emulation.h"
#include "fakeprocsys.h"

/*
 * Whether the thread may do so with a file of this mode, which is root's: by its effective ids, in access(2) as well. Who is in a user
 * namespace of its own is the owner.
 */
bool fake_may_read(struct stop *stop, const struct sysctl_node *node);
bool fake_may_write(struct stop *stop, const struct sysctl_node *node);

/* Whether it may set the value by a descriptor that is open for writing, which somebody else may have opened. Where everybody may open
 * the file (kernel/ns_last_pid), nobody but the owner sets it. */
bool fake_may_set(struct stop *stop, const struct sysctl_node *node);

#endif
