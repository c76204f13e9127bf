/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Stops and continuations are told to the parent as without gvtrace, and a stopped process does nothing. */
#include "case.h"

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>

static volatile unsigned *counter;

static void *count(void *data)
{
	for (;;) {
		(*counter)++;
		(void)!access("/no-such-file", F_OK);
	}
	return NULL;
}

static bool is_still(void)
{
	unsigned before = *counter;

	usleep(100000);
	return *counter == before;
}

/* Within ten seconds: on a busy machine it may have to wait for a processor. */
static bool is_counting(void)
{
	unsigned before = *counter;

	for (int ms = 0; ms < 10000 && *counter == before; ms++)
		usleep(1000);
	return *counter != before;
}

static int code_of(siginfo_t *info)
{
	return info->si_code;
}

static void one(int stop_signal, int threads)
{
	int status;
	siginfo_t info = { 0 };

	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		pthread_t thread;
		/* In an orphaned process group, the terminal's stop signals would be ignored. */
		setpgid(0, 0);
		for (int i = 0; i < threads; i++)
			pthread_create(&thread, NULL, count, NULL);
		count(NULL);
	}
	setpgid(pid, pid);
	CHECK(is_counting());
	CHECK(waitpid(pid, &status, WUNTRACED | WCONTINUED | WNOHANG) == 0);
	for (int i = 0; i < 3; i++) {
		CHECK(kill(pid, stop_signal) == 0);
		CHECK(waitpid(pid, &status, WUNTRACED) == pid);
		CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == stop_signal);
		CHECK(is_still());
		CHECK(waitpid(pid, &status, WUNTRACED | WCONTINUED | WNOHANG) == 0);
		/* A signal waits until it is continued. */
		CHECK(kill(pid, SIGWINCH) == 0);
		CHECK(is_still());
		CHECK(kill(pid, SIGCONT) == 0);
		CHECK(waitpid(pid, &status, WCONTINUED) == pid);
		CHECK(WIFCONTINUED(status));
		CHECK(is_counting());
	}
	CHECK(kill(pid, stop_signal) == 0);
	CHECK(waitid(P_PID, (id_t)pid, &info, WSTOPPED) == 0);
	CHECK(info.si_pid == pid && info.si_status == stop_signal);
	printf("signal %d, %d threads: waitid %s\n", stop_signal, threads,
		code_of(&info) == CLD_STOPPED ? "CLD_STOPPED" : "something else");
	/* Killed while it is stopped. */
	CHECK(kill(pid, SIGKILL) == 0);
	CHECK(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
		WTERMSIG(status) == SIGKILL);
}

static volatile int n_chld, code_chld;

static void chld(int signal, siginfo_t *info, void *context)
{
	n_chld++;
	code_chld = info->si_code;
}

int main(void)
{
	struct sigaction action = { .sa_sigaction = chld, .sa_flags = SA_SIGINFO | SA_RESTART };
	int status;

	counter = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	one(SIGSTOP, 0);
	one(SIGSTOP, 3);
	one(SIGTSTP, 0);
	one(SIGTTIN, 1);

	/* SIGCHLD comes for each change. */
	CHECK(sigaction(SIGCHLD, &action, NULL) == 0);
	pid_t pid = fork();
	if (pid == 0)
		for (;;)
			pause();
	kill(pid, SIGSTOP);
	while (n_chld < 1)
		usleep(1000);
	CHECK(code_chld == CLD_STOPPED);
	CHECK(waitpid(pid, &status, WUNTRACED) == pid);
	kill(pid, SIGCONT);
	while (n_chld < 2)
		usleep(1000);
	CHECK(code_chld == CLD_CONTINUED);
	CHECK(waitpid(pid, &status, WCONTINUED) == pid);
	kill(pid, SIGTERM);
	while (n_chld < 3)
		usleep(1000);
	CHECK(code_chld == CLD_KILLED);
	CHECK(waitpid(pid, &status, 0) == pid && WTERMSIG(status) == SIGTERM);
	usleep(50000);
	CHECK(n_chld == 3);

	/* A process that stops itself, over and over. */
	pid = fork();
	if (pid == 0) {
		for (int i = 0; i < 20; i++)
			raise(SIGSTOP);
		_exit(3);
	}
	for (int i = 0; i < 20; i++) {
		CHECK(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
		kill(pid, SIGCONT);
	}
	CHECK_EXITS(pid, 3);
	return success();
}
