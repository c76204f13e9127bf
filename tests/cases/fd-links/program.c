/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The link of a fake file's descriptor is a link: what does not follow links sees it, what does sees the file. */
#include "case.h"

#include <sys/stat.h>

int main(void)
{
	int fd = open(FAKE, O_PATH | O_NOFOLLOW), fds = open("/proc/self/fd", O_PATH | O_DIRECTORY);
	char path[64], name[16], link[256];
	struct stat st;
	struct statx stx;

	must_see_fake();
	CHECK(fd >= 0 && fds >= 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	snprintf(name, sizeof(name), "%d", fd);
	CHECK(readlink(path, link, sizeof(link)) > 0);
	CHECK(readlinkat(fds, name, link, sizeof(link)) > 0);
	CHECK(lstat(path, &st) == 0 && S_ISLNK(st.st_mode));
	CHECK(fstatat(fds, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode));
	CHECK(statx(fds, name, AT_SYMLINK_NOFOLLOW, STATX_TYPE, &stx) == 0 &&
		S_ISLNK(stx.stx_mode));
	CHECK(stat(path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 0777) == 0644);
	CHECK(fstatat(fds, name, &st, 0) == 0 && S_ISREG(st.st_mode) &&
		(st.st_mode & 0777) == 0644);
	CHECK(access(path, R_OK) == 0);
	CHECK_FAILS(open(path, O_RDONLY | O_NOFOLLOW), ELOOP);
	int link_fd = open(path, O_PATH | O_NOFOLLOW);
	CHECK(link_fd >= 0 && fstat(link_fd, &st) == 0 && S_ISLNK(st.st_mode));
	/* The program's own folder of descriptors has an entry for it. */
	CHECK(faccessat(fds, name, F_OK, 0) == 0);
	return success();
}
