/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Programs with a seccomp filter of their own. Its errors win; where it allows what a fake file needs, all works. */
#include "case.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define IF_EQUAL(value, action) \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, 1), BPF_STMT(BPF_RET | BPF_K, (action))
#define ALLOW(nr) IF_EQUAL((nr), SECCOMP_RET_ALLOW)
#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, (action))

static void install(struct sock_filter *filter, size_t n)
{
	struct sock_fprog program = { (unsigned short)n, filter };

	CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	CHECK(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0);
}

#define INSTALL(...)                                                    \
	do {                                                            \
		struct sock_filter filter_[] = { __VA_ARGS__ };         \
		install(filter_, sizeof(filter_) / sizeof(filter_[0])); \
	} while (0)

static void one_error(void)
{
	INSTALL(LOAD(nr), IF_EQUAL(SYS_getppid, SECCOMP_RET_ERRNO | ENOTTY),
		RETURN(SECCOMP_RET_ALLOW));
	CHECK_FAILS(syscall(SYS_getppid), ENOTTY);
	CHECK(sees_fake());
}

static void open_refused(void)
{
	INSTALL(LOAD(nr), IF_EQUAL(SYS_openat, SECCOMP_RET_ERRNO | EXDEV),
		RETURN(SECCOMP_RET_ALLOW));
	CHECK_FAILS(openat(AT_FDCWD, FAKE, O_RDONLY), EXDEV);
	CHECK_FAILS(openat(AT_FDCWD, "/dev/null", O_RDONLY), EXDEV);
}

/* As container runtimes' profiles: what is not named is refused; memfd_create is. */
#define INSTALL_LIST(otherwise)                                                                  \
	INSTALL(LOAD(nr), ALLOW(SYS_openat), ALLOW(SYS_memfd_create), ALLOW(SYS_mmap),           \
		ALLOW(SYS_munmap), ALLOW(SYS_read), ALLOW(SYS_pread64), ALLOW(SYS_write),        \
		ALLOW(SYS_close), ALLOW(SYS_exit), ALLOW(SYS_exit_group), ALLOW(SYS_newfstatat), \
		ALLOW(SYS_fork), ALLOW(SYS_clone), ALLOW(SYS_set_robust_list), ALLOW(SYS_rseq),  \
		ALLOW(SYS_wait4), ALLOW(SYS_gettid), RETURN(otherwise))

/* What is not named kills: nothing may be asked of the program that a fake file can do without. */
static void killing_list(void)
{
	INSTALL_LIST(SECCOMP_RET_KILL_PROCESS);
	CHECK(sees_fake());
	CHECK(sees_fake());
}

static void allow_list(void)
{
	INSTALL_LIST(SECCOMP_RET_ERRNO | EPERM);
	CHECK_FAILS(syscall(SYS_getppid), EPERM);
	CHECK(sees_fake());
	pid_t pid = fork();
	if (pid == 0)
		_exit(sees_fake() ? 0 : 1);
	CHECK_EXITS(pid, 0);
}

/*
 * Without memfd_create a fake file can't be made: an error, nothing worse. gVisor does not ask the program's filter
 * about a call that the tracer has put in place of another.
 */
static void without_memfd(void)
{
	INSTALL(LOAD(nr), IF_EQUAL(SYS_memfd_create, SECCOMP_RET_ERRNO | EPERM),
		RETURN(SECCOMP_RET_ALLOW));
	int fd = open(FAKE, O_RDONLY);
	if (in_sandbox())
		CHECK(fd == -1 ? errno == EPERM : sees_fake());
	else
		CHECK(fd == -1 && errno == EPERM);
	CHECK(access("/", F_OK) == 0);
}

/* While every call stops, those that the filter refuses may be reported otherwise. */
static void refused_while_followed(void)
{
	INSTALL(LOAD(nr), IF_EQUAL(SYS_getppid, SECCOMP_RET_ERRNO | ENOTTY),
		IF_EQUAL(SYS_getpgrp, SECCOMP_RET_ERRNO | ENOSYS), RETURN(SECCOMP_RET_ALLOW));
	int fd = open(FAKE, O_WRONLY);
	CHECK(fd >= 0);
	/* The next call must be seen to begin: a bad value is refused. */
	for (int i = 0; i < 8; i++) {
		CHECK_FAILS(syscall(SYS_getppid), ENOTTY);
		CHECK_FAILS(write(fd, "no", 2), EINVAL);
		CHECK_FAILS(syscall(SYS_getpgrp), ENOSYS);
		CHECK_FAILS(write(fd, "no", 2), EINVAL);
		CHECK_FAILS(syscall(SYS_io_uring_setup, 1, NULL), ENOSYS);
		CHECK_FAILS(write(fd, "no", 2), EINVAL);
	}
	CHECK(write(fd, FAKE_VALUE, strlen(FAKE_VALUE)) == (ssize_t)strlen(FAKE_VALUE));
	CHECK(close(fd) == 0);
	CHECK(sees_fake());
}

/* There is no tracer for the program: what its filter leaves to one fails, whether a rule names it or not. */
static void left_to_tracer(void)
{
	bool asks_filters_first = strcmp(getenv("WAY"), "no-filter") != 0;
	int fd = open("/dev/null", O_RDONLY);

	INSTALL(LOAD(nr), IF_EQUAL(SYS_getppid, SECCOMP_RET_TRACE | 17),
		IF_EQUAL(SYS_faccessat2, SECCOMP_RET_TRACE),
		IF_EQUAL(SYS_openat, SECCOMP_RET_TRACE), RETURN(SECCOMP_RET_ALLOW));
	for (int i = 0; i < 3; i++) {
		CHECK_FAILS(syscall(SYS_getppid), ENOSYS);
		CHECK_FAILS(syscall(SYS_faccessat2, AT_FDCWD, "/", F_OK, 0), ENOSYS);
		if (asks_filters_first)
			CHECK_FAILS(openat(AT_FDCWD, FAKE, O_RDONLY), ENOSYS);
		CHECK_FAILS(openat(AT_FDCWD, "/dev/null", O_RDONLY), ENOSYS);
		CHECK(fcntl(fd, F_GETFD) == 0);
	}
	pid_t pid = fork();
	if (pid == 0)
		_exit(syscall(SYS_getppid) == -1 && errno == ENOSYS ? 0 : 1);
	CHECK_EXITS(pid, 0);
	/* The same while every call stops: by open(2), which it allows. */
	fd = (int)syscall(SYS_open, FAKE, O_WRONLY);
	CHECK(fd >= 0);
	CHECK_FAILS(syscall(SYS_getppid), ENOSYS);
	CHECK_FAILS(write(fd, "no", 2), EINVAL);
	CHECK_FAILS(openat(AT_FDCWD, "/dev/null", O_RDONLY), ENOSYS);
	CHECK(close(fd) == 0);
}

static void in_child(const char *name, void (*run)(void))
{
	fflush(stdout);
	pid_t pid = fork();

	if (pid == 0) {
		run();
		fflush(stdout);
		_exit(0);
	}
	CHECK_EXITS(pid, 0);
	puts(name);
}

int main(void)
{
	in_child("one error", one_error);
	/* Without gvtrace's filter, the call is changed before the program's filter sees it. */
	if (strcmp(getenv("WAY"), "no-filter") != 0)
		in_child("open refused", open_refused);
	in_child("allow list", allow_list);
	in_child("killing list", killing_list);
	in_child("refused while followed", refused_while_followed);
	in_child("without memfd_create", without_memfd);
	in_child("left to a tracer", left_to_tracer);
	return success();
}
