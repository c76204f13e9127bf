/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The supervisor itself runs out of descriptors, and then out of memory, in the middle of it all. Then a fake file may
 * give an error, never wrong content; and with what it needs given back, all is well again.
 */
#include "case.h"
#include "loops.h"
#include "tracer.h"

#include <signal.h>
#include <sys/resource.h>

enum { CROWD = 2500 };

static unsigned fakes, errors;

static void use_files(int n)
{
	for (int i = 0; i < n; i++) {
		int fd = open(i % 2 ? "/proc/sys/vm/swappiness" : "sys/vm/swappiness", O_RDONLY);
		if (fd < 0) {
			errors++;
			continue;
		}
		if (strcmp(text_of(fd), FAKE_VALUE) != 0)
			printf("wrong content: \"%s\"\n", text_of(fd));
		CHECK(strcmp(text_of(fd), FAKE_VALUE) == 0);
		close(fd);
		fakes++;
		fd = open("/proc/sys/vm/overcommit_ratio", O_WRONLY);
		if (fd >= 0) {
			(void)!write(fd, "33", 2);
			close(fd);
		}
	}
}

static void many_children(int n)
{
	for (int i = 0; i < n; i++)
		if (fork() == 0) {
			signal(SIGTERM, SIG_DFL);
			use_files(2);
			pause();
			_exit(0);
		}
}

static void no_children(void)
{
	int status;

	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	while (wait(&status) > 0)
		CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

int main(int argc, char **argv)
{
	struct rlimit before, none;
	pid_t tracer = tracer_of_us();

	CHECK(setpgid(0, 0) == 0 && chdir("/proc") == 0);
	if (prlimit(tracer, RLIMIT_NOFILE, NULL, &before))
		skip("prlimit of the supervisor: %s", strerror(errno));
	use_files(10);
	CHECK(fakes == 10 && errors == 0);
	for (rlim_t n = 0; n < 8; n++) {
		none = (struct rlimit){ n, before.rlim_max };
		CHECK(prlimit(tracer, RLIMIT_NOFILE, &none, NULL) == 0);
		use_files(50);
	}
	CHECK(prlimit(tracer, RLIMIT_NOFILE, &before, NULL) == 0);
	use_files(10);
	CHECK(sees_fake());
	if (argc > 1 && strcmp(argv[1], "sanitized") == 0)
		return success(); /* the sanitizers themselves would end it */

	CHECK(prlimit(tracer, RLIMIT_AS, NULL, &before) == 0);
	none = (struct rlimit){ 1 << 20, before.rlim_max };
	CHECK(prlimit(tracer, RLIMIT_AS, &none, NULL) == 0);
	many_children(CROWD); /* more than what is kept of the start */
	use_files(50);
	usleep(200000);
	no_children();
	CHECK(prlimit(tracer, RLIMIT_AS, &before, NULL) == 0);
	use_files(10);
	CHECK(sees_fake());
	return success();
}
