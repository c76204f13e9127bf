/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "emulation.h"

/* To add an emulation: its file, and a line here. */
#define EMULATIONS(X)           \
	X(cgroup_file)          \
	X(cgroup_removal)       \
	X(cgroup_root)          \
	X(clone_parent)         \
	X(controlling_terminal) \
	X(cpu_times)            \
	X(default_route)        \
	X(fake)                 \
	X(file)                 \
	X(join_pid)             \
	X(kernel_version)       \
	X(kmsg)                 \
	X(log)                  \
	X(mount_id)             \
	X(mount_later)          \
	X(mount_move)           \
	X(mount_options)        \
	X(mount_setattr)        \
	X(mount_type)           \
	X(namespace)            \
	X(netlink_drop)         \
	X(netlink_link)         \
	X(netlink_prefix_route) \
	X(openat2)              \
	X(pass)                 \
	X(redirect)             \
	X(return )              \
	X(stat)                 \
	X(termios2)             \
	X(umount)               \
	X(upper_folder)         \
	X(user_namespace)

#define DECLARE(name) extern const struct emulation emulation_##name;
#define LIST(name) &emulation_##name,

EMULATIONS(DECLARE)

const struct emulation *const emulations[] = { EMULATIONS(LIST) NULL };
