/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What would change the tree is refused as procfs refuses it; each line is the same for the kernel's own file. */
#include "case.h"

#include <sys/stat.h>
#include <sys/time.h>

#define READ_ONLY "/proc/sys/kernel/cap_last_cap"
#define NEW "/proc/sys/vm/new"
#define TELL(call)                                                                           \
	do {                                                                                 \
		long result = (call);                                                        \
		printf("%-50s %s\n", #call, result == -1 ? strerrorname_np(errno) : "done"); \
	} while (0)

int main(void)
{
	int vm = open("/proc/sys/vm", O_PATH);

	must_see_fake();
	TELL(unlink(FAKE));
	TELL(unlinkat(vm, "swappiness", 0));
	TELL(unlinkat(vm, "swappiness", AT_REMOVEDIR));
	TELL(rmdir(FAKE));
	TELL(unlink(READ_ONLY));
	TELL(unlink(NEW));
	TELL(link(FAKE, "elsewhere"));
	TELL(link("/etc/passwd", NEW));
	TELL(mkdir(FAKE, 0755));
	TELL(mkdir(NEW, 0755));
	TELL(symlink("x", FAKE));
	TELL(symlink("x", NEW));
	TELL(mknod(FAKE, S_IFREG | 0644, 0));
	TELL(chdir(FAKE));
	TELL(chroot(FAKE));
	TELL(execl(FAKE, FAKE, NULL));
	TELL(truncate(FAKE, 0));
	TELL(truncate(FAKE, 5));
	TELL(truncate(READ_ONLY, 0));
	TELL(chmod(FAKE, 0600));
	TELL(chmod(FAKE, 0644));
	TELL(chown(FAKE, 1, 1));
	TELL(utimes(FAKE, NULL));
	TELL(utimensat(vm, "swappiness", NULL, 0));
	TELL(access(FAKE, W_OK));
	TELL(access(READ_ONLY, W_OK));
	TELL(open(FAKE, O_RDWR));
	TELL(open(READ_ONLY, O_RDWR));
	/* Which error it is depends on the file system of the current folder. */
	CHECK(rename(FAKE, "elsewhere") == -1);
	CHECK(rename("/etc/passwd", FAKE) == -1);
	CHECK(rename(FAKE, NEW) == -1);
	return success();
}
