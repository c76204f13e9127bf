/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* do = mount-options: what the kernel gets of a mount's options and flags, and of which mounts. */
#include "case.h"

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

int main(void)
{
	enum { MIB = 1024 * 1024 };
	/* The kernel keeps the last of two sizes, and refuses what it does not know. */
	static const char asked[] = "nr_blocks=1,size=2m,nr_blocks=1,no-such";
	char data[sizeof(asked)];

	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		skip("no mount namespace here: %s", strerror(errno));
	CHECK(mkdir("a", 0755) == 0 && mkdir("b", 0755) == 0 && mkdir("c", 0755) == 0);

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
	return success();
}
