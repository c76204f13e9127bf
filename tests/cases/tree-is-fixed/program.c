/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What would change the tree is refused as procfs refuses it; each line is the same for the kernel's own file. */
#include "case.h"

#include <sys/stat.h>
#include <sys/syscall.h>
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
	const struct timespec bad[2] = { { 0, 2000000000 }, { 0, 0 } };
	struct stat status;
	struct statx statx_;

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
	TELL(rename(FAKE, "elsewhere"));
	TELL(rename("/etc/passwd", FAKE));
	TELL(rename(FAKE, NEW));
	TELL(rename(FAKE, FAKE));
	TELL(rename(FAKE, READ_ONLY));
	TELL(rename(READ_ONLY, FAKE));
	TELL(rename(FAKE, READ_ONLY "/"));
	TELL(renameat2(vm, "swappiness", AT_FDCWD, READ_ONLY, RENAME_NOREPLACE));
	TELL(renameat2(vm, "swappiness", AT_FDCWD, READ_ONLY, RENAME_EXCHANGE));
	TELL(renameat2(vm, "swappiness", AT_FDCWD, READ_ONLY, RENAME_EXCHANGE | RENAME_NOREPLACE));
	TELL(renameat2(vm, "swappiness", vm, "swappiness", 0x80));
	TELL(link("/etc/passwd", FAKE));
	TELL(link(FAKE, NEW));
	TELL(link(FAKE, FAKE));
	TELL(link(READ_ONLY, FAKE));
	TELL(linkat(vm, "swappiness", AT_FDCWD, "elsewhere", 1));
	TELL(mkdir(FAKE "/", 0755));
	TELL(symlink("x", FAKE "/"));
	TELL(rmdir(FAKE "/"));
	TELL(unlink(FAKE "/"));
	TELL(unlinkat(vm, "swappiness", 1));
	TELL(chown(FAKE, -1, -1));
	TELL(chown(FAKE, 0, -1));
	TELL(fchownat(vm, "swappiness", -1, -1, AT_SYMLINK_NOFOLLOW));
	TELL(fchownat(vm, "swappiness", 0, 0, 1));
	TELL(truncate(FAKE, -1));
	TELL(syscall(SYS_utimensat, vm, "swappiness", bad, 0));
	TELL(syscall(SYS_utimensat, vm, "swappiness", nowhere, 0));
	TELL(syscall(SYS_utimensat, vm, "swappiness", NULL, 1));
	TELL(syscall(SYS_utimes, FAKE, bad));
	TELL(syscall(SYS_futimesat, vm, "swappiness", bad));
	TELL(syscall(SYS_utime, FAKE, nowhere));
	TELL(syscall(SYS_newfstatat, vm, "swappiness", &status, 1));
	TELL(syscall(SYS_newfstatat, vm, "swappiness", &status, AT_NO_AUTOMOUNT));
	TELL(syscall(SYS_statx, vm, "swappiness", 1, STATX_MODE, &statx_));
	TELL(syscall(SYS_statx, vm, "swappiness", AT_STATX_SYNC_TYPE, STATX_MODE, &statx_));
	TELL(syscall(SYS_statx, vm, "swappiness", 0, STATX__RESERVED, &statx_));
	TELL(syscall(SYS_faccessat2, vm, "swappiness", R_OK, 1));
	TELL(syscall(SYS_faccessat2, vm, "swappiness", R_OK, AT_SYMLINK_NOFOLLOW));
	TELL(syscall(SYS_execveat, vm, "swappiness", NULL, NULL, 1));
	return success();
}
