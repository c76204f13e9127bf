/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Signals from a timer, from another thread and from another process, all the time, while fake files are used. */
#include "case.h"
#include "loops.h"

#include <pthread.h>
#include <signal.h>
#include <sys/time.h>

enum { SECONDS = 6 };

static volatile unsigned n_signals, n_in_handler;

static void count(int signal)
{
	int error = errno;

	n_signals++;
	/* Its own calls stop, too; some need memory of gvtrace's. */
	if (n_signals % 7 == 0) {
		int fd = open("sys/vm/swappiness", O_RDONLY | O_CLOEXEC);
		if (fd >= 0) {
			n_in_handler++;
			close(fd);
		}
	}
	errno = error;
}

static volatile int over;

static void *sender(void *data)
{
	pthread_t target = *(pthread_t *)data;

	while (!over) {
		pthread_kill(target, SIGUSR1);
		usleep(500);
	}
	return NULL;
}

static void use_files(void)
{
	char number[16], text[16];
	static int round;

	int fd = open("sys/vm/swappiness", O_RDONLY | O_CLOEXEC);
	CHECK(fd >= 0);
	ssize_t n = read(fd, text, sizeof(text));
	CHECK(n == 4 && memcmp(text, FAKE_VALUE, 4) == 0);
	CHECK(close(fd) == 0);
	snprintf(number, sizeof(number), "%d\n", round++ % 100);
	fd = open("/proc/sys/vm/overcommit_ratio", O_RDWR | O_CLOEXEC);
	CHECK(fd >= 0);
	CHECK(write(fd, number, strlen(number)) == (ssize_t)strlen(number));
	CHECK(close(fd) == 0);
	fd = open("./sys/vm/../vm/overcommit_ratio", O_RDONLY | O_CLOEXEC);
	CHECK(fd >= 0);
	CHECK(strcmp(text_of(fd), number) == 0);
	CHECK(close(fd) == 0);
	CHECK(access("sys/vm/overcommit_ratio", R_OK) == 0);
	CHECK_FAILS(open("sys/vm/no-such-name", O_RDONLY), ENOENT);
}

int main(void)
{
	struct sigaction action = { .sa_handler = count, .sa_flags = SA_RESTART };
	struct itimerval timer = { { 0, 700 }, { 0, 700 } };
	pthread_t thread, self = pthread_self();
	unsigned rounds = 0;

	CHECK(chdir("/proc") == 0);
	CHECK(sigaction(SIGALRM, &action, NULL) == 0 && sigaction(SIGUSR1, &action, NULL) == 0 &&
		sigaction(SIGUSR2, &action, NULL) == 0);
	pid_t target = getpid(), pid = fork();
	if (pid == 0)
		for (;;) {
			if (kill(target, SIGUSR2))
				_exit(0);
			usleep(300);
		}
	CHECK(pthread_create(&thread, NULL, sender, &self) == 0);
	CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
	double end = seconds_now() + SECONDS * loops();
	while (seconds_now() < end) {
		use_files();
		rounds++;
	}
	over = 1;
	memset(&timer, 0, sizeof(timer));
	setitimer(ITIMER_REAL, &timer, NULL);
	kill(pid, SIGKILL);
	int status;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	pthread_join(thread, NULL);
	CHECK(rounds > 20 && n_signals > 100 && n_in_handler > 10);
	/* No descriptor was lost on the way. */
	int fd = dup(0);
	CHECK(fd == 3);
	return success();
}
