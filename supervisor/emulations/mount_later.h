/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a descriptor of do = mount-later stands for, and how it becomes a mount. */
#ifndef GVTRACE_MOUNT_LATER_H
#define GVTRACE_MOUNT_LATER_H

#include "emulation.h"

enum later_kind {
	LATER_CONTEXT, /* of fsopen(2) */
	LATER_CREATED, /* the same, after FSCONFIG_CMD_CREATE */
	LATER_TAKEN, /* the same, after fsmount(2) */
	LATER_MOUNT, /* of fsmount(2) */
	LATER_BIND, /* of open_tree(2): the descriptor is of what is to be bound */
	LATER_PLACED, /* a mount that has got its place: nothing more to be done */
	LATER_KERNELS, /* the kernel's own context, for others to know it by: nothing of do = mount-later */
};

struct later {
	enum later_kind kind;
	bool recursive; /* LATER_BIND with all that is mounted below */
	uint64_t set, clear, propagation; /* as in struct mount_attr */
	char fstype[64], source[2048], options[2048];
};

/* The type of file system that a descriptor is a context of, as fsopen(2) gave it: one of do = mount-later, or one that was
 * noted. NULL: neither. Valid until the next call of stop_fd_data. */
const char *mount_later_fstype(struct stop *stop, uint64_t fd);
/* Notes that fd is the kernel's own context of fstype. */
void mount_later_note_context(struct stop *stop, int fd, const char *fstype);

/* move_mount(2) of such a descriptor, by mount(2). */
enum verdict mount_later_place_enter(struct stop *stop);
enum exit_verdict mount_later_place_exit(struct stop *stop);

#endif
