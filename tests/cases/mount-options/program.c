/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* do = mount-options: what the kernel gets of a mount's options and flags, and of which mounts. */
#include "case.h"
#include "mounts.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

static unsigned mode_of(const char *path)
{
	struct stat status;

	CHECK(stat(path, &status) == 0);
	return status.st_mode & 07777;
}

static struct statvfs fs_of(const char *path)
{
	struct statvfs fs;

	CHECK(statvfs(path, &fs) == 0);
	return fs;
}

/* By fsopen(2), options are left out as well. */
static void of_contexts(void)
{
	int fd, other, context = (int)syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC);

	if (context < 0 && errno == ENOSYS && in_sandbox())
		return;
	CHECK(context >= 0);
	CHECK(fcntl(context, F_GETFD) == FD_CLOEXEC);
	CHECK(set_string(context, "no-such", "1") == 0);
	CHECK(set_string(context, "nr_blocks", "1") == 0);
	CHECK(set_string(context, "mode", "0701") == 0);
	CHECK(syscall(SYS_fsconfig, context, FSCONFIG_SET_FLAG, "no-such", NULL, 0) == 0);
	CHECK_FAILS(set_string(context, nowhere, "1"), EFAULT);
	if (!in_sandbox()) { /* which looks at no value */
		CHECK_FAILS(set_string(context, "no-such", nowhere), EFAULT);
		CHECK_FAILS(set_string(context, "no-such", NULL), EINVAL);
	}
	/* another type */
	other = (int)syscall(SYS_fsopen, "proc", FSOPEN_CLOEXEC);
	CHECK(other >= 0);
	if (!in_sandbox()) /* gVisor takes any */
		CHECK_FAILS(set_string(other, "no-such", "1"), EINVAL);
	CHECK(syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0);
	fd = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0);
	CHECK(fd >= 0);
	CHECK(syscall(SYS_move_mount, fd, "", AT_FDCWD, "d", MOVE_MOUNT_F_EMPTY_PATH) == 0);
	CHECK(mode_of("d") == 0701);
	if (!in_sandbox()) /* one block: nr_blocks=1 */
		CHECK(fs_of("d").f_blocks > 1);
	close(fd);
	close(other);
	/* Another type that gets the number of one that is closed. */
	close(context);
	other = (int)syscall(SYS_fsopen, "proc", FSOPEN_CLOEXEC);
	CHECK(other == context);
	if (!in_sandbox())
		CHECK_FAILS(set_string(other, "no-such", "1"), EINVAL);
	close(other);
}

int main(void)
{
	enum { MIB = 1024 * 1024 };
	/* The kernel keeps the last of two sizes, and refuses what it does not know. */
	static const char asked[] = "nr_blocks=1,size=2m,nr_blocks=1,no-such";
	char data[sizeof(asked)];

	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		skip("no mount namespace here: %s", strerror(errno));
	CHECK(mkdir("a", 0755) == 0 && mkdir("b", 0755) == 0 && mkdir("c", 0755) == 0 &&
		mkdir("d", 0755) == 0);

	strcpy(data, asked);
	CHECK(mount("none", "a", "tmpfs", MS_NOSUID | MS_NOEXEC, data) == 0);
	struct statvfs fs = fs_of("a");
	CHECK(strcmp(data, asked) == 0);
	/* gVisor takes no notice of a size. */
	CHECK(fs.f_blocks * fs.f_bsize == 2 * MIB || in_sandbox());
	CHECK(mode_of("a") == 0711);
	CHECK((fs.f_flag & ST_NOSUID) && !(fs.f_flag & ST_NOEXEC));

	/* Without options, there is one. */
	CHECK(mount("none", "b", "tmpfs", 0, NULL) == 0);
	CHECK(mode_of("b") == 0711);

	/* Other types, and mounts whose options the kernel does not look at, are as they were asked for; but for the flags. */
	CHECK(mount("none", "c", "proc", MS_NOEXEC, NULL) == 0);
	CHECK((fs_of("c").f_flag & ST_NOEXEC) && mode_of("c") == 0555);
	CHECK(mount("a", "b", "tmpfs", MS_BIND, "nr_blocks=1") == 0);
	CHECK(mode_of("b") == 0711);
	CHECK(fs_of("b").f_blocks == fs.f_blocks);
	of_contexts();
	return success();
}
