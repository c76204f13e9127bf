/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "follow_call.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fake_file.h"
#include "fake_permission.h"
#include "fake_written.h"
#include "fakeprocsys.h"
#include "follow_vectors.h"
#include "own_proc_content.h"

enum {
	PAGE_BYTES = 4096,
	KMALLOC_BYTES =
		4 << 20, /* KMALLOC_MAX_SIZE of x86-64: proc_sys_call_handler() takes less only */
	/* Flags of preadv2(2) and pwritev2(2) that make no difference here; the others no file of /proc/sys knows. */
	INNOCENT_FLAGS = RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_APPEND |
			 0x20 /* RWF_NOAPPEND, since Linux 6.9 */,
};

int follow_call_fd(const struct stop *stop)
{
	return (int)stop_asked(stop, stop_syscall(stop) == SYS_mmap ? 4 : 0);
}

static enum call_state skip(struct stop *stop, int64_t result)
{
	stop_set_result(stop, result);
	return CALL_SKIPPED;
}

static bool moves_offset(long nr)
{
	return nr == SYS_read || nr == SYS_readv || nr == SYS_write || nr == SYS_writev;
}

/* "pos:" of proc_pid_fdinfo(5), which gVisor has since 2025. False: not there. */
static bool read_offset(struct stop *stop, int64_t *ret_offset)
{
	char name[32], text[64];
	long long offset;

	snprintf(name, sizeof(name), "fdinfo/%d", (int)stop_asked(stop, 0));
	cleanup_close int fd = stop_open_proc(stop, name, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return false;
	text[n] = '\0';
	if (sscanf(text, "pos: %lld", &offset) != 1)
		return false;
	*ret_offset = offset;
	return true;
}

/* The call in flight becomes one that tells the descriptor's offset; after it the asked call is made again. */
static enum call_state ask_offset(struct stop *stop)
{
	stop_reset(stop);
	stop->detour = DETOUR_OFFSET;
	stop_send_syscall(stop, SYS_lseek);
	stop_send_arg(stop, 1, 0);
	stop_send_arg(stop, 2, SEEK_CUR);
	return CALL_WATCHED;
}

/* Whether the call says itself where it reads or writes. */
static bool names_offset(struct stop *stop)
{
	long nr = stop_syscall(stop);
	bool may_be_current = nr == SYS_preadv2 || nr == SYS_pwritev2;

	return !moves_offset(nr) && !(may_be_current && (int64_t)stop_asked(stop, 3) == -1);
}

/* Where in the file the call reads or writes. False: it is not known yet, ask_offset() helps. Negative: the call fails. */
static bool find_offset(struct stop *stop, int64_t *ret_offset)
{
	*ret_offset = names_offset(stop) ? (int64_t)stop_asked(stop, 3) : stop->offset;
	return names_offset(stop) || stop->knows_offset || read_offset(stop, ret_offset);
}

static struct sysctl_node node_of(struct stop *stop, const char *path)
{
	struct sysctl_viewer viewer;

	fake_viewer(stop, path, &viewer);
	struct sysctl_node node =
		fakeprocsys_lookup(stop_fakeprocsys(stop), fake_below_proc_sys(path), &viewer);
	fake_viewer_finish(&viewer);
	return node;
}

/* Who reads or writes is asked for, not who has opened the file, as in Linux. */
static bool may_use(struct stop *stop, const char *path, bool writes)
{
	if (!fake_below_proc_sys(path))
		return true;
	struct sysctl_node node = node_of(stop, path);
	return writes ? fake_may_set(stop, &node) : fake_may_read(stop, &node);
}

/* The memfd holds what a read of the file gives now. Its length; with content, those bytes, as far as they are there. */
static off_t give_content(struct stop *stop, const char *path, char content[SYSCTL_VALUE_MAX])
{
	struct stat st = { 0 };
	cleanup_close int memfd = fake_file_open(stop, (int)stop_asked(stop, 0));
	mode_t mode;
	bool is_fake = fake_below_proc_sys(path) != NULL;

	if (memfd < 0 || ftruncate(memfd, 0) ||
		(is_fake ? fake_file_fill(stop, memfd, path, false, &mode)
			 : own_proc_fill(path, own_proc_is_caller(stop, path), memfd)))
		stop_note(stop, "value of %s, which cannot be read back", path);
	if (is_fake)
		fake_written_filled(stop, path);
	if (memfd < 0 || fstat(memfd, &st))
		return 0;
	return content ? pread(memfd, content, SYSCTL_VALUE_MAX, 0) : st.st_size;
}

/* What the call fails with by its flags, for want of a permission, or by its size; 0: nothing. */
static int refusal(struct stop *stop, const struct named_fd *named, size_t total, bool writes)
{
	long nr = stop_syscall(stop);

	if (!fake_below_proc_sys(named->path))
		return 0;
	uint64_t flags = nr == SYS_preadv2 || nr == SYS_pwritev2 ? stop_asked(stop, 5) : 0;
	if (flags & ~(uint64_t)INNOCENT_FLAGS)
		return -EOPNOTSUPP;
	if (!may_use(stop, named->path, writes))
		return -EPERM;
	return total >= KMALLOC_BYTES ? -ENOMEM : 0;
}

static enum call_state read_from(
	struct stop *stop, const struct named_fd *named, enum call_state state)
{
	char content[SYSCTL_VALUE_MAX];
	struct follow_vectors vectors;
	int64_t offset;

	/* What is wrong with the call's own offset is said first. */
	bool may_read = named->access == O_RDONLY || named->access == O_RDWR;
	if (!may_read && !(names_offset(stop) && (int64_t)stop_asked(stop, 3) < 0))
		return skip(stop, -EBADF);
	if (!fake_below_proc_sys(named->path) || follow_vectors_find(stop, &vectors) ||
		vectors.total == 0)
		return state;
	if (!find_offset(stop, &offset))
		return ask_offset(stop);
	if (offset < 0)
		return state;
	int error = refusal(stop, named, vectors.total, false);
	if (error)
		return skip(stop, error);
	if (offset > 0 && !node_of(stop, named->path).reads_on)
		return skip(stop, 0);
	ssize_t length = give_content(stop, named->path, content);
	if (offset >= length)
		return offset > 0 ? skip(stop, 0) : state;
	/* A part of it is not read: where the memory ends early, nothing is. */
	size_t take = MIN(vectors.total, (size_t)(length - offset));
	return follow_vectors_write(stop, &vectors, content + offset, take) ? skip(stop, -EFAULT)
									    : state;
}

static ssize_t write_value(
	struct stop *stop, const char *path, uint64_t *offset, const char *data, size_t length)
{
	const char *below = fake_below_proc_sys(path);
	struct sysctl_viewer viewer;

	if (!below) {
		int r = own_proc_write(stop, path, data, MIN(length, (size_t)SYSCTL_VALUE_MAX));
		*offset += r ? 0 : length;
		return r ? r : (ssize_t)length;
	}
	fake_viewer(stop, path, &viewer);
	ssize_t taken =
		fakeprocsys_write(stop_fakeprocsys(stop), below, &viewer, offset, data, length);
	fake_viewer_finish(&viewer);
	return taken;
}

static enum call_state write_to(
	struct stop *stop, const struct named_fd *named, enum call_state state)
{
	char data[SYSCTL_VALUE_MAX];
	struct follow_vectors vectors;
	int64_t offset;

	/* The kernel is to write nothing to the memfd: whatever it would fail with is said here. */
	if (names_offset(stop) && (int64_t)stop_asked(stop, 3) < 0)
		return skip(stop, -EINVAL);
	/* O_ACCMODE: an open for neither, as drivers have it. */
	if (named->access == O_RDONLY || named->access == O_ACCMODE)
		return skip(stop, -EBADF);
	int error = follow_vectors_find(stop, &vectors);
	if (!error)
		error = refusal(stop, named, vectors.total, true);
	if (!error)
		error = follow_vectors_read(
			stop, &vectors, data, sizeof(data), fake_below_proc_sys(named->path));
	if (error)
		return skip(stop, error);
	if (vectors.total == 0)
		return skip(stop, 0);
	if (!find_offset(stop, &offset))
		return ask_offset(stop);
	if (offset < 0)
		return skip(stop, offset);
	uint64_t then = (uint64_t)offset;
	ssize_t taken = write_value(stop, named->path, &then, data, vectors.total);
	stop->log_rule = named->rule;
	stop_note(stop, "value of %s", named->path);
	if (taken >= 0)
		give_content(stop, named->path, NULL);
	if (taken < 0 || names_offset(stop))
		return skip(stop, taken);
	/* Of the call nothing is left but that the offset moves. */
	stop_send_syscall(stop, SYS_lseek);
	stop_send_arg(stop, 1, then - (uint64_t)offset);
	stop_send_arg(stop, 2, SEEK_CUR);
	stop_keep(stop, taken);
	stop->moves_offset = true;
	return CALL_WATCHED;
}

/* A file of /proc/sys has a size of 0. */
static enum call_state seek(struct stop *stop, enum call_state state)
{
	switch (stop_asked(stop, 2)) {
	case SEEK_END:
		stop_send_arg(stop, 2, SEEK_SET);
		return CALL_WATCHED;
	case SEEK_DATA:
	case SEEK_HOLE:
		return skip(stop, -ENXIO);
	default:
		return state;
	}
}

static enum call_state map(struct stop *stop, const struct named_fd *named, enum call_state state)
{
	uint64_t length = stop_asked(stop, 1), flags = stop_asked(stop, 3);

	/* What the kernel refuses first of all, or what is none of the file's. */
	if ((flags & MAP_ANONYMOUS) || !(flags & MAP_TYPE) || length == 0 ||
		stop_asked(stop, 5) % PAGE_BYTES)
		return state;
	if (named->access == O_WRONLY)
		return skip(stop, -EACCES);
	bool writes = (stop_asked(stop, 2) & PROT_WRITE) && (flags & MAP_TYPE) != MAP_PRIVATE;
	return skip(stop, named->access == O_RDONLY && writes ? -EACCES : -ENODEV);
}

static enum call_state change(
	struct stop *stop, const struct named_fd *named, enum call_state state)
{
	int64_t from = (int64_t)stop_asked(stop, 2), length = (int64_t)stop_asked(stop, 3);

	switch (stop_syscall(stop)) {
	case SYS_ftruncate:
		if (named->access == O_RDONLY || (int64_t)stop_asked(stop, 1) < 0)
			return state;
		return skip(stop, 0);
	case SYS_fallocate:
		if (from < 0 || length <= 0)
			return skip(stop, -EINVAL);
		return named->access == O_RDONLY ? state : skip(stop, -EOPNOTSUPP);
	case SYS_fchown:
		if ((uint32_t)stop_asked(stop, 1) == UINT32_MAX &&
			(uint32_t)stop_asked(stop, 2) == UINT32_MAX)
			return state;
		return skip(stop, -EPERM);
	case SYS_fchmod:
		return skip(stop, -EPERM);
	default:
		return skip(stop, -EINVAL);
	}
}

/* What a memfd has, and no file of procfs. */
static enum call_state lack(struct stop *stop, const struct named_fd *named, enum call_state state)
{
	uint32_t command = (uint32_t)stop_asked(stop, 1);

	switch (stop_syscall(stop)) {
	case SYS_fcntl:
		if (command == F_ADD_SEALS && named->access == O_RDONLY)
			return skip(stop, -EPERM);
		return command == F_ADD_SEALS || command == F_GET_SEALS ? skip(stop, -EINVAL)
									: state;
	case SYS_ioctl:
		return command == FS_IOC_GETFLAGS || command == FS_IOC_SETFLAGS ||
				       command == FS_IOC_FSGETXATTR || command == FS_IOC_FSSETXATTR
			       ? skip(stop, -ENOTTY)
			       : state;
	case SYS_flistxattr:
		return skip(stop, 0);
	default:
		return skip(stop, -EOPNOTSUPP);
	}
}

/* What stands for a folder lists that one's entries by their count, whatever its own offset is. */
static enum call_state seek_folder(struct stop *stop, const struct named_fd *named)
{
	unsigned *listed = stop_listing(stop, (int)stop_asked(stop, 0), named->path);
	int64_t offset = (int64_t)stop_asked(stop, 1), from = 0;

	switch ((int)stop_asked(stop, 2)) {
	case SEEK_CUR:
		from = listed ? *listed : 0;
		break;
	case SEEK_SET:
	case SEEK_END: /* its size is 0 */
		break;
	default:
		return skip(stop, -EINVAL);
	}
	if (__builtin_add_overflow(from, offset, &offset) || offset < 0 || offset > INT32_MAX)
		return skip(stop, -EINVAL);
	if (listed)
		*listed = (unsigned)offset;
	return skip(stop, offset);
}

/* A descriptor that stands for a folder. */
static enum call_state enter_folder(
	struct stop *stop, const struct named_fd *named, enum call_state state)
{
	switch (stop_syscall(stop)) {
	case SYS_lseek:
		return seek_folder(stop, named);
	case SYS_fchdir:
		stop->log_rule = named->rule;
		stop_note(stop, "stands for %s", named->path);
		return state;
	default:
		return state;
	}
}

enum call_state follow_call_enter(
	struct stop *stop, const struct named_fd *named, enum call_state state)
{
	bool is_fake = fake_below_proc_sys(named->path) != NULL;

	if (named->access & O_DIRECTORY)
		return enter_folder(stop, named, state);
	switch (stop_syscall(stop)) {
	case SYS_write:
	case SYS_writev:
	case SYS_pwrite64:
	case SYS_pwritev:
	case SYS_pwritev2:
		return write_to(stop, named, state);
	case SYS_read:
	case SYS_readv:
	case SYS_pread64:
	case SYS_preadv:
	case SYS_preadv2:
		return read_from(stop, named, state);
	case SYS_lseek:
		return is_fake ? seek(stop, state) : state;
	case SYS_mmap:
		return is_fake ? map(stop, named, state) : state;
	case SYS_ftruncate:
	case SYS_fallocate:
	case SYS_fchown:
	case SYS_fchmod:
	case SYS_fsync:
	case SYS_fdatasync:
		return is_fake ? change(stop, named, state) : state;
	case SYS_ioctl:
	case SYS_fgetxattr:
	case SYS_flistxattr:
	case SYS_fsetxattr:
	case SYS_fremovexattr:
		return is_fake ? lack(stop, named, state) : state;
	case SYS_fcntl:
		return is_fake ? lack(stop, named, CALL_WATCHED) : CALL_WATCHED;
	default:
		return state;
	}
}

void follow_call_exit(struct stop *stop, const struct named_fd *named)
{
	int64_t result = stop_result(stop);

	/* A memfd is open for both. */
	if (!(named->access & O_DIRECTORY) && stop_syscall(stop) == SYS_fcntl &&
		stop_asked(stop, 1) == F_GETFL && result >= 0)
		stop_set_result(stop, (result & ~(int64_t)O_ACCMODE) | named->access);
}
