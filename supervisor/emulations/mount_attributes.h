/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* struct mount_attr of mount_setattr(2), and what mount(2) has for it. */
#ifndef GVTRACE_MOUNT_ATTRIBUTES_H
#define GVTRACE_MOUNT_ATTRIBUTES_H

#include <linux/mount.h>

#include "emulation.h"

/*
 * Reads the attributes of a mount_setattr call and checks them and the call's flags as Linux does (fs/namespace.c,
 * build_mount_kattr()). 1 with *ret_attr, 0 when nothing is to be changed, or -errno. Id-mapped mounts are refused
 * with EINVAL, as by a file system that has none.
 */
int mount_attributes_read(struct stop *stop, struct mount_attr *ret_attr) MUST_CHECK;

/* MS_ flags of mount(2) that are set (of MOUNT_ATTR_ bits). */
uint64_t mount_attributes_to_flags(uint64_t attributes);

/*
 * The MS_ flags that a mount is to have: those that it has now, without clear, with set. It is the one of /proc/TID/name
 * ("fd/5", "root/tmp"). 0 or -errno.
 */
int mount_attributes_flags(struct stop *stop, const char *name, uint64_t set, uint64_t clear,
	uint64_t *ret_flags) MUST_CHECK;

#endif
