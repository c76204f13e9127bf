/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Threads that leave the table of descriptors, and processes that share one: prints what writes to a file below /proc/sys give, for the
 * kernel's own file and the fake one to be compared.
 */
#include "try.h"

#include <linux/kcmp.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>

#define FILE_ "/proc/sys/kernel/shmmni"

static int fd, second;
static volatile int turn;
static _Alignas(16) char stack[65536];

static void wait_for(int now)
{
	while (turn < now)
		usleep(100);
}

static void *leave(void *unused)
{
	(void)unused;
	CHECK(unshare(CLONE_FILES) == 0);
	close(fd);
	turn = 1;
	wait_for(2);
	return NULL;
}

static int write_what_was_there(void *unused)
{
	(void)unused;
	TRY(pwrite(second, "many", 4, 0));
	TRY(pwrite(fd, "many", 4, 0));
	TRY(pwrite(fd, "61", 2, 0));
	close(fd);
	_exit(0);
}

/* Made before the file is opened. */
static int write_what_came(void *unused)
{
	(void)unused;
	wait_for(1);
	TRY(pwrite(fd, "many", 4, 0));
	TRY(pwrite(fd, "62", 2, 0));
	TRY(lseek(fd, 0, SEEK_END));
	_exit(0);
}

static int open_it(void *unused)
{
	(void)unused;
	fd = open(FILE_, O_RDWR);
	turn = 1;
	wait_for(2);
	_exit(0);
}

static pid_t make(int (*what)(void *unused), int flags)
{
	turn = 0;
	pid_t pid = clone(what, stack + sizeof(stack), CLONE_FILES | SIGCHLD | flags, NULL);
	CHECK(pid > 0);
	return pid;
}

static void print_value(void)
{
	char text[20] = "";
	int own = open(FILE_, O_RDONLY);

	CHECK(own >= 0 && read(own, text, sizeof(text) - 1) > 0);
	close(own);
	printf("value %s", text);
}

int main(void)
{
	pthread_t thread;
	pid_t pid;

	must_see_fake();
	if (syscall(SYS_kcmp, getpid(), getpid(), KCMP_FILES, 0, 0))
		skip("this kernel does not tell who shares a table: %s", strerror(errno));
	if (unshare(CLONE_NEWIPC))
		skip("no namespace of its own: %s", strerror(errno));
	puts("when a thread has left the table");
	fd = open(FILE_, O_RDWR);
	CHECK(fd >= 0 && pthread_create(&thread, NULL, leave, NULL) == 0);
	wait_for(1);
	TRY(pwrite(fd, "many", 4, 0));
	TRY(pwrite(fd, "60", 2, 0));
	print_value();
	turn = 2;
	pthread_join(thread, NULL);
	puts("by a process that was made later");
	fflush(stdout);
	second = open(FILE_, O_RDWR);
	pid = make(write_what_was_there, 0);
	CHECK_EXITS(pid, 0);
	TRY(write(fd, "1", 1));
	print_value();
	puts("by a process that was there before");
	fflush(stdout);
	pid = make(write_what_came, CLONE_VM);
	fd = open(FILE_, O_RDWR);
	turn = 1;
	CHECK_EXITS(pid, 0);
	print_value();
	close(fd);
	puts("when another process has opened it");
	/* It may do so while this one is in clone(2). */
	for (int i = 0; i < 20; i++) {
		pid = make(open_it, CLONE_VM);
		wait_for(1);
		CHECK(pwrite(fd, "many", 4, 0) == -1);
		CHECK(pwrite(fd, "63", 2, 0) == 2);
		close(fd);
		turn = 2;
		CHECK_EXITS(pid, 0);
	}
	print_value();
	return success();
}
