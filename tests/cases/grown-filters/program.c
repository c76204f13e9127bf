/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A process gets a second filter when it opens what a rule waits for, or has each call stop where no filter can be had. All its
 * threads have part in that, and its children, who need no filter of their own.
 */
#include "case.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/stat.h>

enum { INODE = 4711, GENERATIONS = 6 };
static int fd, go[2];

static void look(void)
{
	struct stat status;

	CHECK(fstat(fd, &status) == 0);
	CHECK(status.st_ino == INODE || !getenv("GVTRACED"));
}

static void *was_there(void *data)
{
	char c;

	CHECK(read(go[0], &c, 1) == 1);
	look();
	return NULL;
}

static void *is_new(void *data)
{
	look();
	return NULL;
}

static void refuse_filters(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(*code), code };

	CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

static void all_look(void)
{
	pthread_t old, new;

	CHECK(pipe(go) == 0);
	CHECK(pthread_create(&old, NULL, was_there, NULL) == 0);
	fd = open("/dev/full", O_RDONLY);
	CHECK(fd >= 0);
	look();
	CHECK(write(go[1], "x", 1) == 1);
	CHECK(pthread_join(old, NULL) == 0);
	CHECK(pthread_create(&new, NULL, is_new, NULL) == 0);
	CHECK(pthread_join(new, NULL) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		look();
		/* And the child's. */
		pid = fork();
		if (pid == 0) {
			look();
			_exit(0);
		}
		CHECK_EXITS(pid, 0);
		_exit(0);
	}
	CHECK_EXITS(pid, 0);
}

/* -1: not told (before Linux 5.9; gVisor). */
static long filters(void)
{
	char text[4096];
	int file = open("/proc/self/status", O_RDONLY);
	ssize_t n = read(file, text, sizeof(text) - 1);

	CHECK(n > 0 && close(file) == 0);
	text[n] = '\0';
	const char *line = strstr(text, "Seccomp_filters:");
	return line ? atol(strchr(line, ':') + 1) : -1;
}

static void descend(int generation, long first)
{
	fd = open("/dev/full", O_RDONLY);
	CHECK(fd >= 0);
	look();
	long now = filters();
	CHECK(generation == 0 || now == first);
	if (generation == GENERATIONS)
		return;
	pid_t pid = fork();
	if (pid == 0) {
		descend(generation + 1, now);
		_exit(0);
	}
	CHECK_EXITS(pid, 0);
}

int main(void)
{
	descend(0, 0);
	all_look();
	pid_t pid = fork();
	if (pid == 0) {
		refuse_filters();
		all_look();
		_exit(0);
	}
	CHECK_EXITS(pid, 0);
	return success();
}
