/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Its fake files are right, and written, where no file may have a byte; and while gvtrace takes seconds of a processor. */
#include "case.h"
#include "loops.h"
#include "tracer.h"

#include <signal.h>

static void files(void)
{
	struct sigaction now;
	char byte = 0;

	CHECK(sees_fake());
	int fd = open("/proc/sys/vm/overcommit_ratio", O_WRONLY);
	CHECK(fd >= 0 && write(fd, "44", 2) == 2);
	close(fd);
	fd = open("/proc/sys/vm/overcommit_ratio", O_RDONLY);
	CHECK(fd >= 0 && strcmp(text_of(fd), "44\n") == 0);
	close(fd);
	/* For the command all is as the caller wants it. */
	CHECK(sigaction(SIGXFSZ, NULL, &now) == 0 && now.sa_handler == SIG_DFL);
	signal(SIGXFSZ, SIG_IGN);
	fd = open("file", O_WRONLY | O_CREAT, 0600);
	CHECK(fd >= 0);
	CHECK_FAILS(write(fd, &byte, 1), EFBIG);
}

static void no_files(void)
{
	CHECK(sees_fake() || errno == EFBIG);
	int fd = open("/proc/sys/vm/overcommit_ratio", O_WRONLY);
	if (fd >= 0)
		(void)!write(fd, "44", 2);
	CHECK(access(FAKE, F_OK) == 0);
}

/* User and system time of a process, in seconds. */
static double time_of(pid_t pid)
{
	unsigned long user = 0, system = 0;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	FILE *stat = fopen(path, "re");
	CHECK(stat &&
		fscanf(stat, "%*d %*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
			&user, &system) == 2);
	fclose(stat);
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

/* The command and its children take little themselves. */
static void processor_time(void)
{
	double end = seconds_now() + 60;
	pid_t tracer = tracer_of_us();

	while (time_of(tracer) < 1.5 && seconds_now() < end) {
		pid_t child = fork();
		if (child == 0) {
			for (int i = 0; i < 1000; i++)
				(void)!access("/nowhere/swappiness", F_OK);
			_exit(0);
		}
		CHECK_EXITS(child, 0);
	}
	CHECK(time_of(tracer) >= 1.5 && sees_fake());
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "files") == 0)
		files();
	else if (argc > 1 && strcmp(argv[1], "no-files") == 0)
		no_files();
	else
		processor_time();
	return success();
}
