/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A thread exchanges a descriptor as soon as an open has given it, for one of a file that the program has no right to:
 * gvtrace, which has, neither reads nor writes it for the program.
 */
#include "case.h"

#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>

enum { ORDINARY = 1000, TRIES = 300 };

static volatile int over, armed;
static int evil, target;

/* Once for each open. */
static void *exchanges(void *data)
{
	while (!over)
		if (armed && fcntl(target, F_GETFD) >= 0) {
			dup2(evil, target);
			armed = 0;
		}
	return NULL;
}

/* Opens path again and again, at the number that the thread watches. */
static void try(const char *path, int flags, void (*use)(int fd))
{
	pthread_t thread;

	evil = fcntl(evil, F_DUPFD, 20);
	target = dup(0);
	CHECK(evil >= 0 && target >= 0 && close(target) == 0);
	over = 0;
	CHECK(pthread_create(&thread, NULL, exchanges, NULL) == 0);
	for (int i = 0; i < TRIES; i++) {
		armed = 1;
		int fd = open(path, flags);
		use(target);
		armed = 0;
		close(fd);
		close(target);
	}
	over = 1;
	pthread_join(thread, NULL);
	close(target);
	close(evil);
}

static void read_it(int fd)
{
	const char *text = text_of(fd);

	CHECK(!strstr(text, "SECRET="));
}

static void write_it(int fd)
{
	(void)!write(fd, "777", 3);
}

/* It ends when nobody holds the other end of its standard input. */
static pid_t start_victim(void)
{
	int ready[2], stays[2];
	char byte;

	CHECK(pipe2(ready, O_CLOEXEC) == 0 && pipe2(stays, O_CLOEXEC) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		char name[] = "victim";
		char *const arguments[] = { name, NULL };
		char secret[] = "SECRET=1";
		char *const environment[] = { secret, NULL };
		dup2(stays[0], 0);
		execve("/proc/self/exe", arguments, environment);
		_exit(1);
	}
	close(ready[1]);
	close(stays[0]);
	CHECK(pid > 0 && read(ready[0], &byte, 1) == 0);
	close(ready[0]);
	return pid;
}

int main(int argc, char **argv)
{
	char path[64];

	if (strcmp(argv[0], "victim") == 0)
		return (int)read(0, path, 1);
	pid_t victim = start_victim();
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", victim);
	int score = open(path, O_RDONLY);
	char before[16];
	snprintf(before, sizeof(before), "%s", text_of(score));
	CHECK(before[0] && strcmp(before, "777\n") != 0);

	CHECK(setgid(ORDINARY) == 0 && setuid(ORDINARY) == 0);
	if (unshare(CLONE_NEWUSER))
		skip("no user namespaces: %s", strerror(errno));
	CHECK(open(path, O_WRONLY) < 0);
	evil = memfd_create(path, MFD_ALLOW_SEALING);
	CHECK(evil >= 0);
	try("/proc/sys/vm/overcommit_ratio", O_WRONLY, write_it);
	CHECK(strcmp(text_of(score), before) == 0);

	snprintf(path, sizeof(path), "/proc/%d/environ", victim);
	if (open(path, O_RDONLY) >= 0) /* gVisor 2024 hides it from nobody */
		return success();
	evil = open(path, O_PATH);
	CHECK(evil >= 0);
	try("/proc/self/../self/mountinfo", O_RDONLY, read_it);
	return success();
}
