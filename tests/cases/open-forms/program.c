/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The ways to name a file. Each line says what open gives, and is the same for the kernel's own file, for which
 * this also runs without gvtrace. Nothing is written.
 */
#include "case.h"
#include "told.h"

#include <sys/stat.h>

#define AT(dirfd, path, flags) told(#dirfd " " path " " #flags, openat(dirfd, path, flags, 0600))
#define AT_CWD(path, flags) told(path " " #flags, openat(AT_FDCWD, path, flags, 0600))

int main(void)
{
	int root = open("/", O_PATH | O_DIRECTORY), proc = open("/proc", O_RDONLY | O_DIRECTORY);
	int sys = openat(proc, "sys", O_PATH | O_DIRECTORY),
	    vm = open(FOLDER, O_RDONLY | O_DIRECTORY);
	int file = open("/proc/version", O_RDONLY), closed = 999;

	CHECK(root >= 0 && proc >= 0 && sys >= 0 && vm >= 0 && file >= 0);
	AT_CWD(FAKE, O_RDONLY);
	told("open(2)", (int)syscall(SYS_open, FAKE, O_RDONLY));
	AT_CWD("//proc//sys///vm/swappiness", O_RDONLY);
	AT_CWD("/./proc/sys/./vm/././swappiness", O_RDONLY);
	AT_CWD("/../../proc/sys/vm/swappiness", O_RDONLY);
	AT_CWD("/proc/sys/vm/../vm/swappiness", O_RDONLY);
	AT_CWD("/proc/sys/vm/../../sys/vm/swappiness", O_RDONLY);
	AT_CWD("/proc/self/../sys/vm/swappiness", O_RDONLY);
	AT_CWD("/proc/1/../sys/vm/swappiness", O_RDONLY);
	AT_CWD("/proc/sys/vm/swappines", O_RDONLY);
	AT_CWD("/proc/sys/vm/swappiness2", O_RDONLY);
	AT_CWD("/proc/sys/vm/swappiness/below", O_RDONLY);
	AT_CWD("/proc/sysvm/swappiness", O_RDONLY);
	AT_CWD("", O_RDONLY);

	AT(root, "proc/sys/vm/swappiness", O_RDONLY);
	AT(proc, "sys/vm/swappiness", O_RDONLY);
	AT(sys, "vm/swappiness", O_RDONLY);
	AT(sys, "./vm//swappiness", O_RDONLY);
	AT(vm, NAME, O_RDONLY);
	AT(vm, "./" NAME, O_RDONLY);
	AT(vm, "../vm/" NAME, O_RDONLY);
	AT(vm, "../../sys/vm/" NAME, O_RDONLY);
	AT(vm, "", O_RDONLY);
	AT(vm, FAKE, O_RDONLY);
	AT(closed, FAKE, O_RDONLY);
	AT(closed, NAME, O_RDONLY);
	AT(file, NAME, O_RDONLY);
	AT(-1, NAME, O_RDONLY);

	CHECK(chdir("/proc/sys/vm") == 0);
	AT_CWD(NAME, O_RDONLY);
	AT_CWD("./" NAME, O_RDONLY);
	AT_CWD("../vm/" NAME, O_RDONLY);
	CHECK(fchdir(proc) == 0);
	AT_CWD("sys/vm/" NAME, O_RDONLY);
	CHECK(chdir("sys") == 0);
	AT_CWD("vm/" NAME, O_RDONLY);
	CHECK(chdir("/") == 0);
	AT_CWD("proc/sys/vm/" NAME, O_RDONLY);
	CHECK(fchdir(vm) == 0);
	AT_CWD("/proc/self/cwd/" NAME, O_RDONLY);
	AT_CWD("/proc/self/root" FAKE, O_RDONLY);
	AT_CWD("/proc/thread-self/cwd/" NAME, O_RDONLY);

	AT_CWD(FAKE, O_RDONLY | O_CLOEXEC);
	AT_CWD(FAKE, O_RDONLY | O_NOFOLLOW);
	AT_CWD(FAKE, O_RDONLY | O_NONBLOCK);
	AT_CWD(FAKE, O_RDONLY | O_NOCTTY);
	AT_CWD(FAKE, O_RDONLY | O_APPEND);
	AT_CWD(FAKE, O_RDONLY | O_SYNC);
	AT_CWD(FAKE, O_RDONLY | O_NOATIME);
	AT_CWD(FAKE, O_RDONLY | O_LARGEFILE);
	AT_CWD(FAKE, O_RDONLY | O_CREAT);
	AT_CWD(FAKE, O_RDONLY | O_CREAT | O_EXCL);
	AT_CWD(FAKE, O_RDONLY | O_DIRECTORY);
	AT_CWD("/proc/sys/vm/no-such-name", O_RDONLY | O_CREAT);
	AT_CWD("/proc/sys/no-such-folder/name", O_RDONLY | O_CREAT);
	AT_CWD(FOLDER, O_WRONLY);
	AT_CWD(FOLDER, O_RDONLY | O_CREAT);
	return success();
}
