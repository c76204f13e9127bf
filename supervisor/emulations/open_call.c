/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "open_call.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "fake_openat2.h"

/* __O_TMPFILE of the kernel's fcntl.h; glibc's has O_DIRECTORY in it. */
enum { KERNEL_TMPFILE = 020000000 };

int open_call_flags(struct stop *stop, const char *path, uint64_t *ret_flags)
{
	switch (stop_syscall(stop)) {
	case SYS_open:
		*ret_flags = stop_asked(stop, 1);
		return 0;
	case SYS_creat:
		*ret_flags = O_CREAT | O_WRONLY | O_TRUNC;
		return 0;
	case SYS_openat:
		*ret_flags = stop_asked(stop, 2);
		return 0;
	case SYS_openat2:
		return fake_openat2_flags(stop, path, ret_flags);
	default:
		*ret_flags = 0;
		return 1;
	}
}

void open_call_to_openat(struct stop *stop, const struct open_how *how)
{
	uint64_t address = stop_asked(stop, 1);
	const char *text = (how->resolve & RESOLVE_IN_ROOT) ? stop_path_text(stop, 1) : NULL;

	if (text)
		address += strspn(text, "/");
	stop_send_syscall(stop, SYS_openat);
	stop_send_arg(stop, 1, address);
	stop_send_arg(stop, 2, how->flags);
	stop_send_arg(stop, 3, how->mode);
}

bool open_call_writes(uint64_t flags)
{
	return !(flags & O_PATH) && (flags & O_ACCMODE) != O_RDONLY;
}

bool open_call_changes(uint64_t flags)
{
	return open_call_writes(flags) || (!(flags & O_PATH) && (flags & O_TRUNC));
}

static bool reads(uint64_t flags)
{
	return !(flags & O_PATH) && (flags & O_ACCMODE) != O_WRONLY;
}

/* As build_open_flags() and do_open() of the kernel decide. */
int open_call_check(uint64_t flags, bool may_read, bool may_write)
{
	if (flags & O_PATH)
		return flags & O_DIRECTORY ? -ENOTDIR : 0;
	if ((flags & KERNEL_TMPFILE) &&
		((flags & O_TMPFILE) != O_TMPFILE || !open_call_writes(flags)))
		return -EINVAL;
	if ((flags & O_CREAT) && (flags & O_DIRECTORY))
		return -EINVAL;
	if ((flags & O_CREAT) && (flags & O_EXCL))
		return -EEXIST;
	if (flags & O_DIRECTORY)
		return -ENOTDIR;
	if ((reads(flags) && !may_read) || (open_call_changes(flags) && !may_write))
		return -EACCES;
	/* Files of procfs are not read or written directly. */
	return flags & O_DIRECT ? -EINVAL : 0;
}

static enum verdict to_memfd(struct stop *stop, uint64_t name, uint64_t flags)
{
	stop_send_syscall(stop, SYS_memfd_create);
	stop_send_arg(stop, 0, name);
	stop_send_arg(stop, 1, MFD_ALLOW_SEALING | ((flags & O_CLOEXEC) ? MFD_CLOEXEC : 0));
	return VERDICT_WATCH;
}

enum verdict open_call_to_memfd_named(struct stop *stop, const char *path, uint64_t flags)
{
	uint64_t address;
	int r = stop_push(stop, path, strlen(path) + 1, &address);

	if (r == -EAGAIN)
		return VERDICT_AGAIN;
	if (r == 0)
		return to_memfd(stop, address, flags);
	stop_set_result(stop, r);
	return VERDICT_DONE;
}

enum verdict open_call_to_memfd_asked(struct stop *stop, int arg, uint64_t flags)
{
	return to_memfd(stop, stop_asked(stop, arg), flags);
}

enum verdict open_call_to_memfd(struct stop *stop, const char *path, uint64_t flags, bool with_area)
{
	int arg = __builtin_ctz(stop_path_args(stop));
	const char *asked = stop_path_text(stop, arg);

	/* The program's own text will do where it is the whole path: no memory of ours is needed. */
	if (with_area || !asked || strcmp(asked, path) != 0)
		return open_call_to_memfd_named(stop, path, flags);
	return to_memfd(stop, stop_asked(stop, arg), flags);
}

enum exit_verdict open_call_take_back(struct stop *stop, int64_t fd, int error)
{
	stop_note(stop, "no content");
	stop_keep(stop, error);
	stop_run(stop, SYS_close, (uint64_t[SYSCALL_ARGS]){ (uint64_t)fd });
	return EXIT_RUN;
}
