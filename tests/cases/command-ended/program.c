/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * command-ended GVTRACE... --: starts itself under gvtrace as a command that ends and leaves a daemon. Then its own child
 * gets the command's number, and what is sent to the supervisor must not reach that.
 */
#include "case.h"
#include "tracer.h"

#include <linux/sched.h>
#include <signal.h>

enum { ARGUMENTS_MAX = 32 };

static pid_t start_with_number(pid_t number)
{
	struct clone_args args = {
		.exit_signal = SIGCHLD, .set_tid = (uintptr_t)&number, .set_tid_size = 1
	};
	pid_t pid = -1;

	/* Until init has waited for who had it. */
	for (int i = 0; i < 50 && pid < 0; i++) {
		pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
		if (pid < 0 && errno != EEXIST)
			skip("no clone3 with a number of one's own choice: %s", strerror(errno));
		if (pid < 0)
			usleep(20000);
	}
	return pid;
}

/* Says who traces it. The daemon ends when nobody reads its output any more. */
static int be_command(void)
{
	printf("%d\n", tracer_of_us());
	fflush(stdout);
	if (fork() == 0)
		for (;;) {
			usleep(100000);
			if (write(1, ".", 1) != 1)
				_exit(0);
		}
	return 0;
}

int main(int argc, char **argv)
{
	char *arguments[ARGUMENTS_MAX], text[64] = "", name[] = "command";
	int out[2], status;

	if (argc == 2 && strcmp(argv[1], name) == 0)
		return be_command();
	CHECK(argc < ARGUMENTS_MAX - 2 && pipe2(out, O_CLOEXEC) == 0);
	memcpy(arguments, argv + 1, (size_t)(argc - 1) * sizeof(*argv));
	arguments[argc - 1] = argv[0];
	arguments[argc] = name;
	arguments[argc + 1] = NULL;
	pid_t command = fork();
	if (command == 0) {
		dup2(out[1], 1);
		execv(arguments[0], arguments);
		_exit(1);
	}
	close(out[1]);
	CHECK_EXITS(command, 0);
	CHECK(read(out[0], text, sizeof(text) - 1) > 0);
	pid_t supervisor = atoi(text);
	CHECK(supervisor > 1);

	pid_t other = start_with_number(command);
	if (other == 0)
		for (;;)
			pause();
	CHECK(other == command);
	CHECK(kill(supervisor, SIGTERM) == 0 && kill(supervisor, SIGHUP) == 0);
	usleep(300000);
	CHECK(waitpid(other, &status, WNOHANG) == 0);
	kill(other, SIGKILL);
	CHECK(waitpid(other, &status, 0) == other);
	/* The daemon is still there. */
	CHECK(kill(supervisor, 0) == 0 && read(out[0], text, sizeof(text)) > 0);
	return success();
}
