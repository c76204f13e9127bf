/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A fake file is written by each call that writes, from threads, children and duplicates, and all see it. */
#include "case.h"
#include "numbers.h"

#include <pthread.h>
#include <signal.h>
#include <sys/uio.h>

static void *write_in_thread(void *data)
{
	const char *text = next();

	CHECK(write(*(int *)data, text, strlen(text)) == (ssize_t)strlen(text));
	return NULL;
}

static volatile int spinning = 1, fd_for_spinner = -1;

/* Runs without a call when the file is opened by another thread. */
static void *spin_and_write(void *data)
{
	while (spinning)
		;
	/* Looked at as it is made, not when the file is opened next. */
	CHECK_FAILS(write(fd_for_spinner, "many", 4), EINVAL);
	const char *text = next();
	CHECK(write(fd_for_spinner, text, strlen(text)) == (ssize_t)strlen(text));
	return NULL;
}

/* A child reads what it has from its parent, though another process writes a file of the same name by the same number. */
static void read_beside_a_writer(void)
{
	int ready[2];
	char byte;

	CHECK(pipe(ready) == 0);
	pid_t other = fork();
	if (other == 0) {
		writer();
		CHECK(write(ready[1], "r", 1) == 1);
		for (;;)
			pause();
	}
	CHECK(read(ready[0], &byte, 1) == 1);
	int fd = open(FAKE, O_RDONLY | O_CLOEXEC);
	CHECK(fd >= 0);
	pid_t child = fork();
	if (child == 0)
		_exit(read(fd, &byte, 1) == 1 ? 0 : 1);
	CHECK_EXITS(child, 0);
	CHECK(kill(other, SIGKILL) == 0 && waitpid(other, NULL, 0) == other);
	close(fd);
	close(ready[0]);
	close(ready[1]);
}

/* Of two writers at once, whoever writes last. */
static void two_writers(void)
{
	int fds[] = { writer(), writer() };

	for (int i = 0; i < 5; i++) {
		const char *text = next();
		CHECK(pwrite(fds[i % 2], text, strlen(text), 0) == (ssize_t)strlen(text));
		if (i > 1)
			CHECK(is(number));
	}
	close(fds[0]);
	close(fds[1]);
	CHECK(is(number));
}

int main(void)
{
	const char *text;
	pthread_t thread;
	int fd, other;
	pid_t pid;

	must_see_fake();
	read_beside_a_writer();
	two_writers();
	CHECK(pthread_create(&thread, NULL, spin_and_write, NULL) == 0);
	fd_for_spinner = writer();
	spinning = 0;
	pthread_join(thread, NULL);
	CHECK(is(number));
	close(fd_for_spinner);

	fd = writer();
	text = next();
	CHECK(pwrite(fd, text, strlen(text), 0) == (ssize_t)strlen(text));
	CHECK(is(number));
	text = next();
	struct iovec parts[3] = { { (void *)text, strlen(text) }, { (void *)"", 0 },
		{ (void *)"\n", 1 } };
	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	CHECK(writev(fd, parts, 3) == (ssize_t)strlen(text) + 1);
	CHECK(is(number));
	text = next();
	parts[0].iov_len = strlen(text);
	CHECK(pwritev(fd, parts, 3, 0) == (ssize_t)strlen(text) + 1);
	CHECK(is(number));
	/* Again and again by one descriptor, without seeking back. */
	for (int i = 0; i < 5; i++) {
		text = next();
		CHECK(lseek(fd, 0, SEEK_SET) == 0);
		CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
		CHECK(is(number));
	}
	/* By another thread, and a thread of a child. */
	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	CHECK(pthread_create(&thread, NULL, write_in_thread, &fd) == 0);
	pthread_join(thread, NULL);
	CHECK(is(number));
	/* By each kind of duplicate. */
	int twins[] = { dup(fd), dup2(fd, 50), dup3(fd, 51, O_CLOEXEC), fcntl(fd, F_DUPFD, 60),
		fcntl(fd, F_DUPFD_CLOEXEC, 61) };
	close(fd);
	for (size_t i = 0; i < sizeof(twins) / sizeof(twins[0]); i++) {
		CHECK(twins[i] >= 0);
		text = next();
		CHECK(lseek(twins[i], 0, SEEK_SET) == 0);
		CHECK(write(twins[i], text, strlen(text)) == (ssize_t)strlen(text));
		CHECK(is(number));
		close(twins[i]);
	}
	/* By a child that has it from its parent. */
	fd = writer();
	text = next();
	pid = fork();
	if (pid == 0)
		_exit(write(fd, text, strlen(text)) == (ssize_t)strlen(text) && is(number) ? 0 : 1);
	CHECK_EXITS(pid, 0);
	CHECK(is(number));
	close(fd);
	/* By a shell that has it as its output. */
	fd = open(FAKE, O_WRONLY);
	text = next();
	pid = fork();
	if (pid == 0) {
		dup2(fd, 1);
		execl("/bin/sh", "sh", "-c", "echo $0", text, NULL);
		_exit(9);
	}
	CHECK_EXITS(pid, 0);
	close(fd);
	CHECK(is(number));
	/* One that looks like the number of a fake file's descriptor, but is another file's by now. */
	fd = writer();
	close(fd);
	other = open("ordinary", O_RDWR | O_CREAT, 0644);
	CHECK(other == fd);
	CHECK(write(other, "many", 4) == 4 && strcmp(text_of(other), "many") == 0);
	close(other);
	fd = writer();
	other = open("ordinary", O_RDWR | O_TRUNC);
	CHECK(dup2(other, fd) == fd);
	CHECK(write(fd, "many", 4) == 4 && strcmp(text_of(other), "many") == 0);
	close(fd);
	close(other);
	CHECK(is(number));
	return success();
}
