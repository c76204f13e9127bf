/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Of the folder in argv[1] the folder "thing" is elsewhere: descriptors of it, and calls that say how a path may lead. */
#include "case.h"

#include <limits.h>
#include <linux/openat2.h>
#include <sys/stat.h>

static const char *top;
static bool has_openat2 = true;

static bool is_o(int fd)
{
	bool same = fd >= 0 && strcmp(text_of(fd), "o\n") == 0;

	if (fd >= 0)
		close(fd);
	return same;
}

static int open_2(int dirfd, const char *path, int flags, int resolve)
{
	struct open_how how = { .flags = (unsigned)flags, .resolve = (unsigned)resolve };
	int fd = (int)syscall(SYS_openat2, dirfd, path, &how, sizeof(how));

	has_openat2 = has_openat2 && !(fd < 0 && errno == ENOSYS);
	return fd;
}

static void by_openat2(int above, int thing)
{
	if (open_2(above, "o", O_RDONLY, 0) < 0 && !has_openat2)
		return;
	CHECK(is_o(open_2(thing, "../o", O_RDONLY, 0)));
	CHECK(is_o(open_2(above, "thing/../o", O_RDONLY, RESOLVE_BENEATH)));
	CHECK(is_o(open_2(above, "thing/../o", O_RDONLY, RESOLVE_NO_SYMLINKS)));
	CHECK(is_o(open_2(AT_FDCWD, "thing/../o", O_RDONLY, RESOLVE_NO_XDEV)));
	CHECK_FAILS(open_2(thing, "../o", O_RDONLY, RESOLVE_BENEATH), EXDEV);
	/* The last name leads out, which is the kernel's to see. */
	CHECK(symlinkat("/etc/passwd", above, "away") == 0);
	CHECK_FAILS(open_2(above, "thing/../away", O_RDONLY, RESOLVE_BENEATH), EXDEV);
	CHECK_FAILS(open_2(above, "thing/../away", O_RDONLY, RESOLVE_NO_SYMLINKS), ELOOP);
	CHECK(unlinkat(thing, "../away", 0) == 0);
	/* The kernel keeps ".." in there. */
	int fd = open_2(thing, "../f", O_RDONLY, RESOLVE_IN_ROOT);
	CHECK(fd >= 0 && strcmp(text_of(fd), "f\n") == 0);
	close(fd);
}

int main(int argc, char **argv)
{
	char path[PATH_MAX], told[PATH_MAX];
	struct stat st, same;

	top = argv[1];
	CHECK(chdir(top) == 0);
	int above = open(top, O_PATH | O_DIRECTORY);
	int thing = open("thing", O_RDONLY | O_DIRECTORY);
	CHECK(above >= 0 && thing >= 0);
	CHECK(is_o(openat(thing, "../o", O_RDONLY)));
	CHECK(is_o(openat(thing, "sub/../../o", O_RDONLY | O_NOFOLLOW)));
	CHECK(fstatat(thing, "..", &st, AT_SYMLINK_NOFOLLOW) == 0 && stat(top, &same) == 0);
	CHECK(st.st_ino == same.st_ino);
	CHECK(symlinkat("o", thing, "../to-o") == 0);
	CHECK_FAILS(openat(thing, "../to-o", O_RDONLY | O_NOFOLLOW), ELOOP);
	CHECK(readlinkat(thing, "../to-o", told, sizeof(told)) == 1 && told[0] == 'o');
	CHECK(linkat(thing, "../to-o", thing, "../linked", AT_SYMLINK_FOLLOW) == 0);
	CHECK(fstatat(thing, "../linked", &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode));
	CHECK(renameat(thing, "../linked", thing, "linked") == 0);
	CHECK(unlinkat(thing, "linked", 0) == 0 && unlinkat(thing, "../to-o", 0) == 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d/../o", thing);
	CHECK(is_o(open(path, O_RDONLY)));
	/* What ends in ".." is a folder, and no name that could be taken away. */
	CHECK_FAILS(rmdir("thing/.."), in_sandbox() ? errno : EINVAL);
	CHECK_FAILS(rename("thing/..", "gone"), in_sandbox() ? errno : EBUSY);
	by_openat2(above, thing);

	CHECK(fchdir(thing) == 0 && chdir("..") == 0);
	CHECK(getcwd(told, sizeof(told)) && strcmp(told, top) == 0);
	pid_t child = fork();
	if (child == 0) {
		/* In another root the rule's path names nothing. */
		CHECK(geteuid() != 0 || (chroot("thing/..") == 0 && is_o(open("/o", O_RDONLY))));
		_exit(0);
	}
	CHECK_EXITS(child, 0);
	return success();
}
