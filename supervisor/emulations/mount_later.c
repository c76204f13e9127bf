/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * do = mount-later: mounts that have no place yet, where the kernel has none. fsopen(2), fsmount(2) and open_tree(2) give
 * descriptors that only stand for what is to be mounted, fsconfig(2) and mount_setattr(2) say how, and move_mount(2) mounts.
 * gVisor of 2024 has none of these calls; in that of 2026 open_tree takes folders only. What a program sees is another
 * thing in one respect: the descriptor leads to nothing before the mount has its place. runc and crun open files by it, and
 * have other ways; youki, which does not, has no other way.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#include "mount_attributes.h"
#include "mount_later.h"

static struct later *later_of(struct stop *stop, uint64_t fd)
{
	struct later *later = stop_fd_data(stop, (int)fd, false, 0);

	return later && later->kind != LATER_KERNELS ? later : NULL;
}

const char *mount_later_fstype(struct stop *stop, uint64_t fd)
{
	const struct later *later = stop_fd_data(stop, (int)fd, false, 0);

	return later && (later->kind == LATER_CONTEXT || later->kind == LATER_KERNELS)
		       ? later->fstype
		       : NULL;
}

void mount_later_note_context(struct stop *stop, int fd, const char *fstype)
{
	struct later *later = stop_fd_data(stop, fd, true, sizeof(*later));

	if (!later)
		return;
	later->kind = LATER_KERNELS;
	snprintf(later->fstype, sizeof(later->fstype), "%s", fstype);
}

/* As the kernel does with options of file systems that take them all in one text (fs/fs_context.c). 0 or -errno. */
static int add_option(struct later *later, const char *key, const char *value)
{
	size_t used = strlen(later->options), room = sizeof(later->options) - used;

	if (strcmp(key, "source") == 0 && value) {
		if (later->source[0] || strlen(value) >= sizeof(later->source))
			return -EINVAL;
		strcpy(later->source, value);
		return 0;
	}
	if (!key[0] || strchr(key, ',') || (value && strchr(value, ',')))
		return -EINVAL;
	int n = snprintf(later->options + used, room, "%s%s%s%s", used ? "," : "", key,
		value ? "=" : "", value ? value : "");
	if (n >= 0 && (size_t)n < room)
		return 0;
	later->options[used] = '\0';
	return -EINVAL;
}

static enum verdict fsconfig_enter(struct stop *stop)
{
	struct later *later = later_of(stop, stop_asked(stop, 0));
	int command = (int)stop_asked(stop, 1);
	char key[64], value[sizeof(later->options)];

	if (!later)
		return VERDICT_NEXT;
	if (later->kind > LATER_TAKEN)
		return stop_give(stop, -EINVAL);
	if (command == FSCONFIG_CMD_CREATE) {
		if (later->kind != LATER_CONTEXT)
			return stop_give(stop, -EBUSY);
		later->kind = LATER_CREATED;
		return stop_give(stop, 0);
	}
	if (command != FSCONFIG_SET_STRING && command != FSCONFIG_SET_FLAG)
		return stop_give(stop, -EOPNOTSUPP);
	if (later->kind != LATER_CONTEXT)
		return stop_give(stop, -EBUSY);
	ssize_t r = stop_read_string(stop, stop_asked(stop, 2), key, sizeof(key));
	if (r >= 0 && command == FSCONFIG_SET_STRING)
		r = stop_read_string(stop, stop_asked(stop, 3), value, sizeof(value));
	if (r >= 0)
		r = add_option(later, key, command == FSCONFIG_SET_STRING ? value : NULL);
	return stop_give(stop, (int)r);
}

/* The descriptor of the mount: a copy of the context's. */
static enum verdict fsmount_enter(struct stop *stop)
{
	struct later *later = later_of(stop, stop_asked(stop, 0));
	uint64_t flags = (uint32_t)stop_asked(stop, 1);

	if (!later)
		return VERDICT_NEXT;
	if (later->kind != LATER_CREATED)
		return stop_give(stop, later->kind == LATER_TAKEN ? -EBUSY : -EINVAL);
	if (flags & ~(uint64_t)FSMOUNT_CLOEXEC)
		return stop_give(stop, -EINVAL);
	stop_send_syscall(stop, SYS_fcntl);
	stop_send_arg(stop, 1, flags ? F_DUPFD_CLOEXEC : F_DUPFD);
	stop_send_arg(stop, 2, 0);
	return VERDICT_WATCH;
}

static enum verdict setattr_enter(struct stop *stop)
{
	struct later *later = later_of(stop, stop_asked(stop, 0));
	struct mount_attr attr;

	if (!later || later->kind < LATER_MOUNT || later->kind == LATER_PLACED ||
		!stop_path_is_empty(stop, 1))
		return VERDICT_NEXT;
	int r = mount_attributes_read(stop, &attr);
	if (r <= 0)
		return stop_give(stop, r);
	/* those below would each have to be told flags of its own */
	if (later->recursive && ((uint32_t)stop_asked(stop, 2) & AT_RECURSIVE))
		return stop_give(stop, -EINVAL);
	later->set = (later->set & ~attr.attr_clr) | attr.attr_set;
	later->clear |= attr.attr_clr;
	if (attr.propagation)
		later->propagation = attr.propagation;
	return stop_give(stop, 0);
}

static enum verdict on_enter(struct stop *stop, const void *config)
{
	switch (stop_syscall(stop)) {
	case SYS_fsopen:
		return VERDICT_WATCH;
	case SYS_open_tree:
		return stop_asked(stop, 2) & OPEN_TREE_CLONE ? VERDICT_WATCH : VERDICT_NEXT;
	case SYS_fsconfig:
		return fsconfig_enter(stop);
	case SYS_fsmount:
		return fsmount_enter(stop);
	case SYS_mount_setattr:
		return setattr_enter(stop);
	case SYS_move_mount:
		return mount_later_place_enter(stop);
	default:
		return VERDICT_NEXT;
	}
}

/* The kernel has no fsopen: a memfd that is called as the type. */
static enum exit_verdict fsopen_exit(struct stop *stop)
{
	unsigned flags = (unsigned)stop_asked(stop, 1);
	struct later *later;

	if (stop_step(stop) == 0) {
		if (stop_result(stop) != -ENOSYS || (flags & ~(unsigned)FSOPEN_CLOEXEC))
			return EXIT_DONE;
		stop_run(stop, SYS_memfd_create,
			(uint64_t[SYSCALL_ARGS]){ stop_asked(stop, 0), flags ? MFD_CLOEXEC : 0 });
		return EXIT_RUN;
	}
	if (stop_result(stop) >= 0 &&
		(later = stop_fd_data(stop, (int)stop_result(stop), true, sizeof(*later))) &&
		stop_read_string(stop, stop_asked(stop, 0), later->fstype, sizeof(later->fstype)) <
			0)
		later->fstype[0] = '\0'; /* mount(2) says what is wrong with it */
	return EXIT_DONE;
}

static enum exit_verdict fsmount_exit(struct stop *stop)
{
	struct later *context = later_of(stop, stop_asked(stop, 0)), copy, *later;

	if (stop_result(stop) < 0 || !context)
		return EXIT_DONE;
	context->kind = LATER_TAKEN;
	copy = *context;
	copy.kind = LATER_MOUNT;
	copy.set = stop_asked(stop, 2);
	later = stop_fd_data(stop, (int)stop_result(stop), true, sizeof(*later));
	if (later)
		*later = copy;
	return EXIT_DONE;
}

/* The kernel cannot clone it: a descriptor of what is to be bound. */
static enum exit_verdict open_tree_exit(struct stop *stop)
{
	uint64_t flags = (uint32_t)stop_asked(stop, 2);
	bool cloexec = flags & OPEN_TREE_CLOEXEC;
	struct later *later;

	if (stop_step(stop) > 0) {
		if (stop_result(stop) >= 0 && (later = stop_fd_data(stop, (int)stop_result(stop),
						       true, sizeof(*later)))) {
			later->kind = LATER_BIND;
			later->recursive = flags & AT_RECURSIVE;
		}
		return EXIT_DONE;
	}
	if (stop_result(stop) != -ENOSYS && stop_result(stop) != -ENOTDIR)
		return EXIT_DONE;
	if ((flags & AT_EMPTY_PATH) && stop_path_is_empty(stop, 1))
		stop_run(stop, SYS_fcntl,
			(uint64_t[SYSCALL_ARGS]){
				stop_asked(stop, 0), cloexec ? F_DUPFD_CLOEXEC : F_DUPFD });
	else
		stop_run(stop, SYS_openat,
			(uint64_t[SYSCALL_ARGS]){ stop_asked(stop, 0), stop_asked(stop, 1),
				O_PATH | (cloexec ? (uint64_t)O_CLOEXEC : 0) |
					(flags & AT_SYMLINK_NOFOLLOW ? (uint64_t)O_NOFOLLOW : 0) });
	return EXIT_RUN;
}

static enum exit_verdict on_exit_(struct stop *stop, const void *config)
{
	switch (stop_syscall(stop)) {
	case SYS_fsopen:
		return fsopen_exit(stop);
	case SYS_fsmount:
		return fsmount_exit(stop);
	case SYS_open_tree:
		return open_tree_exit(stop);
	case SYS_move_mount:
		return mount_later_place_exit(stop);
	default:
		return EXIT_DONE;
	}
}

const struct emulation emulation_mount_later = {
	.name = "mount-later",
	.summary = "make mounts that have no place yet when they get one",
	.default_syscalls = "fsopen,fsconfig,fsmount,open_tree,mount_setattr,move_mount",
	.on_enter = on_enter,
	.on_exit = on_exit_,
};
