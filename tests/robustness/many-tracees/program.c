/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* 1,000 processes at once, each of which has used a fake file; and how much memory gvtrace takes then. */
#include "case.h"
#include "loops.h"
#include "tracer.h"

#include <signal.h>

enum { TRACEES = 1000, LIMIT_KB = 16 * 1024 };

/* VmRSS of the process that traces us, in kB. */
static long tracer_memory(pid_t tracer)
{
	char path[64], line[256];
	long kb = -1;

	snprintf(path, sizeof(path), "/proc/%d/status", tracer);
	FILE *status = fopen(path, "re");
	while (status && fgets(line, sizeof(line), status))
		if (sscanf(line, "VmRSS: %ld", &kb) == 1)
			break;
	if (status)
		fclose(status);
	return kb;
}

int main(int argc, char **argv)
{
	static pid_t pids[TRACEES];
	int ready[2];
	char byte;

	CHECK(chdir("/proc") == 0);
	pid_t tracer = tracer_of_us();
	long before = tracer_memory(tracer);
	CHECK(pipe(ready) == 0);
	for (int i = 0; i < TRACEES; i++) {
		pids[i] = fork();
		CHECK(pids[i] >= 0);
		if (pids[i] == 0) {
			int fd = open("sys/vm/swappiness", O_RDWR);
			byte = fd >= 0 && strcmp(text_of(fd), FAKE_VALUE) == 0 ? 'y' : 'n';
			CHECK(write(ready[1], &byte, 1) == 1);
			for (;;)
				pause();
		}
	}
	for (int i = 0; i < TRACEES; i++)
		CHECK(read(ready[0], &byte, 1) == 1 && byte == 'y');
	long after = tracer_memory(tracer);
	fprintf(stderr,
		"note: resident memory of gvtrace: %ld kB at the start, %ld kB with %d tracees\n",
		before, after, TRACEES);
	bool is_plain = argc > 1 && strcmp(argv[1], "plain") == 0;
	for (int i = 0; i < TRACEES; i++)
		CHECK(kill(pids[i], SIGKILL) == 0);
	for (int i = 0; i < TRACEES; i++)
		CHECK(waitpid(pids[i], NULL, 0) == pids[i]);
	/* With sanitizers, memory is not what counts. */
	if (is_plain && after > 0)
		CHECK(after <= LIMIT_KB);
	return success();
}
