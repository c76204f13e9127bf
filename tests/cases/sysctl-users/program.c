/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who may do what with files of several modes, by his ids, and by descriptors that somebody else has opened: prints each answer, for
 * the kernel's own files and the fake ones to be compared.
 */
#include "try.h"

#include <grp.h>
#include <sched.h>

#define FILE_ "/proc/sys/kernel/shmmni"
#define READ_ONLY "/proc/sys/kernel/cap_last_cap"
#define WRITE_ONLY "/proc/sys/vm/drop_caches"
#define HIDDEN "/proc/sys/net/core/bpf_jit_harden" /* 0600; only in the first network namespace */

static int open_it(const char *path, int flags)
{
	int fd = open(path, flags);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? -1 : 0;
}

static void ask(const char *path)
{
	printf("%s:\n", path);
	TRY(access(path, R_OK));
	TRY(access(path, W_OK));
	TRY(access(path, R_OK | W_OK));
	TRY(faccessat(AT_FDCWD, path, R_OK, AT_EACCESS));
	TRY(faccessat(AT_FDCWD, path, W_OK, AT_EACCESS));
	TRY(open_it(path, O_RDONLY));
	TRY(open_it(path, O_WRONLY));
	TRY(open_it(path, O_RDWR));
	TRY(open_it(path, O_RDONLY | O_TRUNC));
	TRY(truncate(path, 0));
}

static void ask_all(const char *who)
{
	static const char *const paths[] = { FILE_, READ_ONLY, WRITE_ONLY, HIDDEN };

	printf("%s\n", who);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		ask(paths[i]);
}

static void use(int writer, int both, int hidden)
{
	char text[10];

	TRY(pwrite(writer, "50", 2, 0));
	TRY(write(both, "many", 4));
	TRY(pwrite(both, "51", 2, 0));
	TRY(pread(both, text, 3, 0));
	printf("%.3s", text);
	TRY(pread(hidden, text, 1, 0));
}

static void use_all(int writer, int both, int hidden)
{
	puts("root's descriptors by root");
	use(writer, both, hidden);
	pid_t pid = fork();
	if (pid == 0) {
		CHECK(setgroups(0, NULL) == 0 && setgid(65534) == 0 && setuid(65534) == 0);
		puts("root's descriptors by another user");
		use(writer, both, hidden);
		fflush(stdout);
		_exit(0);
	}
	fflush(stdout);
	CHECK_EXITS(pid, 0);
	/* It is the effective id that counts, at each call. */
	CHECK(setresuid(0, 65534, 0) == 0);
	puts("root's descriptors by a process that gave up its effective id");
	use(writer, both, hidden);
	CHECK(setresuid(0, 0, 0) == 0);
	use(writer, both, hidden);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	must_see_fake();
	if (access(HIDDEN, F_OK))
		skip("no " HIDDEN);
	if (unshare(CLONE_NEWIPC))
		skip("no namespace of its own: %s", strerror(errno));
	int writer = open(FILE_, O_WRONLY), both = open(FILE_, O_RDWR);
	int hidden = open(HIDDEN, O_RDWR);
	CHECK(writer >= 0 && both >= 0 && hidden >= 0);
	use_all(writer, both, hidden);
	CHECK(setgroups(0, NULL) == 0 && setresuid(65534, 0, 0) == 0);
	ask_all("with another's real user id");
	/* The real id is another's, too: as root's it would give access(2) the capability for files of net/. */
	CHECK(setresuid(65534, 65534, 0) == 0);
	ask_all("with another's user ids, and the group of root");
	CHECK(setresuid(0, 0, 0) == 0 && setresgid(65534, 65534, 65534) == 0);
	CHECK(setgroups(2, (gid_t[]){ 65534, 0 }) == 0 && setresuid(65534, 65534, 0) == 0);
	ask_all("with another's user ids, and the group of root among the others");
	CHECK(setresuid(0, 0, 0) == 0 && setgroups(0, NULL) == 0 && setuid(65534) == 0);
	ask_all("another user");
	return success();
}
