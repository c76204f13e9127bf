/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which rule acts: see rules.ini beside this. */
#include "case.h"

#include <sys/stat.h>

static long keyctl(unsigned long a, unsigned long b)
{
	return syscall(SYS_keyctl, a, b, 0, 0, 0);
}

int main(int argc, char **argv)
{
	struct stat st;

	if (argc > 1) {
		/* This file under another name: the rule by program does not act. */
		CHECK_FAILS(getpgid(4711000), ESRCH);
		return success();
	}
	CHECK(keyctl(1, 0) == 4711);
	CHECK_FAILS(keyctl(0x31, 0), EXDEV);
	CHECK_FAILS(keyctl(0x1000030, 0), EXDEV);
	CHECK_FAILS(keyctl(0x21, 0), ENOTTY);
	CHECK_FAILS(keyctl(5, 6), ENOLINK);
	CHECK_FAILS(keyctl(5, 7), ENOTTY);
	CHECK_FAILS(keyctl(6, 6), ENOTTY);
	/* Let pass: what the kernel says of revoking a key that is not there. */
	CHECK(keyctl(3, 0x7fffffff) == -1 && errno != ENOTTY);
	CHECK(getpgid(0) == getpgrp());
	CHECK(getpgid(4711) == 1);
	CHECK(getsid(0) != 1);

	CHECK(!sees_fake());
	int fd = open("/proc/sys/vm/overcommit_ratio", O_RDONLY);
	CHECK(fd >= 0 && strcmp(text_of(fd), "77\n") == 0);

	CHECK_FAILS(open("/no/such/file", O_RDONLY), EXDEV);
	CHECK_FAILS(stat("/no/such/folder/and/file", &st), EXDEV);
	CHECK_FAILS(open("/no/such", O_RDONLY), EXDEV); /* "**" is also no component at all */
	CHECK_FAILS(open("/no", O_RDONLY), ENOENT);
	CHECK_FAILS(open("/no/suchfile", O_RDONLY), ENOENT);
	CHECK_FAILS(mkdir("/no/such/file", 0755), EXDEV);
	CHECK_FAILS(access("/nor/a/this", F_OK), EBADSLT);
	CHECK_FAILS(access("/nor/a/b/this", F_OK), ENOENT);
	CHECK_FAILS(access("/nor/this", F_OK), ENOENT);
	CHECK_FAILS(rename("/no/such/file", "/x"), EXDEV);
	CHECK_FAILS(rename("/tmp/first", "/second"), EBADE);
	CHECK_FAILS(rename("/second", "/tmp/first"), EBADE);
	return success();
}
