/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What stat(2), statx(2) and statfs(2) say of a file of the fake tree: what procfs says of its own. */
#ifndef GVTRACE_FAKE_STAT_H
#define GVTRACE_FAKE_STAT_H

#include "emulation.h"
#include "fakeprocsys.h"

/* Whether the call is stat(2) or one of its kin; and the descriptor that it is about, -1 where it asks by name. */
bool fake_stat_is(const struct stop *stop);
int fake_stat_fd(struct stop *stop);

/* An inode number for the path: the same each time, and none of procfs' low ones. */
uint64_t fake_inode(const char *path);

/* The device number of the procfs that the program sees as /proc; ours, if it sees none there. */
dev_t fake_proc_device(struct stop *stop);

/* Write the answer to the program's buffer: 0, -EFAULT or -ESRCH. */
int fake_stat(struct stop *stop, const char *path, const struct sysctl_node *node, dev_t device,
	uint64_t address);
int fake_statx(struct stop *stop, const char *path, const struct sysctl_node *node, dev_t device,
	uint64_t address);
int fake_statfs(struct stop *stop, uint64_t address);

/* fstatfs(2) of a descriptor: the magic of procfs for a fake file's, else VERDICT_NEXT. */
enum verdict fake_fstatfs_enter(struct stop *stop);

/* stx_mnt_id of the program's own /proc, in the form that a statx(2) asks for, where the kernel has it (Linux 5.8; the
 * other form 6.8): runc and youki compare it. Fills in that field, and adds to the mask. */
void fake_statx_mount(struct stop *stop, struct statx *stx);

#endif
