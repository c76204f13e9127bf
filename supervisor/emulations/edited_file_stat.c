/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "edited_file_stat.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "fake_file.h"
#include "fake_stat.h"

/* As the path is one in the program's root, and its last name is followed as it was by the open. */
static enum verdict send_name(struct stop *stop, const char *path)
{
	bool is_fstat = stop_syscall(stop) == SYS_fstat;
	uint64_t address;
	int r = stop_push(stop, path, strlen(path) + 1, &address);

	if (r)
		return r == -EAGAIN ? VERDICT_AGAIN : VERDICT_NEXT;
	if (is_fstat) {
		stop_send_syscall(stop, SYS_newfstatat);
		stop_send_arg(stop, 2, stop_asked(stop, 1));
		stop_send_arg(stop, 3, 0);
	} else {
		int flags = stop_syscall(stop) == SYS_statx ? 2 : 3;
		/* Without a name the second means nothing. */
		stop_send_arg(stop, flags,
			stop_asked(stop, flags) & ~(uint64_t)(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW));
	}
	stop_send_arg(stop, 0, (uint64_t)AT_FDCWD);
	stop_send_arg(stop, 1, address);
	return VERDICT_WATCH;
}

enum verdict edited_file_stat_enter(struct stop *stop, const char *path)
{
	int fd = fake_stat_fd(stop);

	if (fd < 0) {
		stop_looks_at(stop, fake_inode(path));
		return VERDICT_NEXT;
	}
	return fake_file_is(stop, fd) ? send_name(stop, path) : VERDICT_NEXT;
}

/* Of a memfd that the name does not lead to any more: who wants to be sure of a procfs (youki) asks for its mount. */
static void tell_mount(struct stop *stop)
{
	uint64_t address = stop_asked(stop, 4);
	struct statx stx;

	if (stop_result(stop) < 0 || stop_read(stop, address, &stx, sizeof(stx)))
		return;
	fake_statx_mount(stop, &stx);
	if (stop_write(stop, address, &stx, sizeof(stx)))
		stop_note(stop, "mount not told");
}

/* Where the name leads nowhere, as in another root than the one that the file was opened in, the memfd itself answers. */
enum exit_verdict edited_file_stat_exit(struct stop *stop)
{
	uint64_t args[SYSCALL_ARGS];

	if (stop_step(stop) == 0 && stop_sent_result(stop) < 0) {
		for (int i = 0; i < SYSCALL_ARGS; i++)
			args[i] = stop_asked(stop, i);
		stop_run(stop, stop_syscall(stop), args);
		return EXIT_RUN;
	}
	if (stop_step(stop) > 0 && stop_syscall(stop) == SYS_statx)
		tell_mount(stop);
	return EXIT_DONE;
}
