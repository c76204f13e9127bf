/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Listings of folders of an outsider's /proc/PID. The descriptor is one of the container's /proc; its offset counts
 * the entries given, so that copies of it, rewinddir(3) and children all agree.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"
#include "dirents.h"
#include "own_proc_parts.h"

enum { LIST_BYTES = 8192, ENTRIES_MAX = 1 << 20, WORK_MS = 100 };

/* getdents64 becomes the question where the descriptor is. */
enum verdict own_proc_list(struct stop *stop, const char *path)
{
	stop_send_syscall(stop, SYS_lseek);
	stop_send_arg(stop, 1, 0);
	stop_send_arg(stop, 2, SEEK_CUR);
	own_proc_act(stop, OWN_ACT_LIST, path);
	return VERDICT_WATCH;
}

size_t own_proc_add_entry(
	char *data, size_t used, size_t size, const struct dirent *entry, int64_t off)
{
	return dirents_put(
		data + used, size - used, entry->d_ino, off, entry->d_type, entry->d_name);
}

/* Gives entries from the one numbered at on. Bytes, or -errno; *ret_next: the number to go on at. */
static int64_t give_entries(struct stop *stop, const char *path, int64_t at, int64_t *ret_next)
{
	char data[LIST_BYTES];
	size_t used = 0, size = MIN(stop_asked(stop, 2), sizeof(data));
	int64_t number = 0, work = clock_begin_work(WORK_MS);
	DIR *folder = opendir(path);
	const struct dirent *entry;

	*ret_next = at;
	if (!folder)
		return errno == ENOENT || errno == ESRCH ? 0 : -errno;
	while (number < ENTRIES_MAX && (entry = readdir(folder))) {
		if (clock_is_too_long_at(work, (size_t)number))
			break;
		if (number++ < at)
			continue;
		size_t length = own_proc_add_entry(data, used, size, entry, number);
		if (length == 0) {
			if (used == 0)
				used = SIZE_MAX;
			break;
		}
		used += length;
		*ret_next = number;
	}
	closedir(folder);
	if (used == SIZE_MAX)
		return -EINVAL; /* the buffer is too small for one */
	return used && stop_write(stop, stop_asked(stop, 1), data, used) ? -EFAULT : (int64_t)used;
}

enum exit_verdict own_proc_listed(struct stop *stop, const char *path)
{
	int64_t next, at = stop_sent_result(stop);

	if (stop_step(stop) > 0) {
		stop_set_result(stop, stop_kept(stop));
		return EXIT_DONE;
	}
	if (at < 0)
		return EXIT_DONE;
	int64_t given = give_entries(stop, path, at, &next);
	if (given <= 0) {
		stop_set_result(stop, given);
		return EXIT_DONE;
	}
	stop_keep(stop, given);
	stop_run(stop, SYS_lseek,
		(uint64_t[SYSCALL_ARGS]){ stop_asked(stop, 0), (uint64_t)next, SEEK_SET });
	return EXIT_RUN;
}
