/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* do = return, error = ERESTARTSYS: a call that a signal has interrupted is made again, where the handler asks for it. */
#include "case.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/time.h>

static char path[128];
static volatile int alarms, reader = -1;

static void on_alarm(int number)
{
	if (++alarms == 5)
		reader = open(path, O_RDONLY | O_NONBLOCK);
}

/* Opens for writing while signals come; the other end is there from the fifth on. */
static int open_writer(int flags)
{
	struct sigaction action = { .sa_handler = on_alarm, .sa_flags = flags };
	struct itimerval often = { { 0, 20000 }, { 0, 20000 } }, never = { 0 };

	alarms = 0;
	CHECK(sigaction(SIGALRM, &action, NULL) == 0);
	CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
	int fd = open(path, O_WRONLY), error = errno;
	CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
	errno = error;
	return fd;
}

int main(void)
{
	char text[4] = "";

	snprintf(path, sizeof(path), "/tmp/case-%d", getpid());
	CHECK(mkdir(path, 0700) == 0);
	strcat(path, "/restarted.fifo");
	CHECK(mkfifo(path, 0600) == 0);
	int fd = open_writer(SA_RESTART);
	CHECK(fd >= 0 && alarms >= 5);
	CHECK(write(fd, "abc", 3) == 3 && read(reader, text, 3) == 3 && strcmp(text, "abc") == 0);
	close(fd);
	close(reader);
	CHECK_FAILS(open_writer(0), EINTR);
	CHECK(unlink(path) == 0);
	*strrchr(path, '/') = '\0';
	CHECK(rmdir(path) == 0);
	return success();
}
