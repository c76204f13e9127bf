/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One question: a child process that makes the experiment, and a wait for it that always ends. */
#include "probe.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "experiments.h"
#include "util.h"

enum { KILL_TIMEOUT_MS = 1000 };

int probe_say(char evidence[PROBE_EVIDENCE_MAX], int yes, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(evidence, PROBE_EVIDENCE_MAX, format, arguments);
	va_end(arguments);
	return yes;
}

const char *probe_errno_name(int error)
{
	const char *name = strerrorname_np(error);
	return name ? name : "an unknown error";
}

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

_Noreturn static void make_experiment(
	const struct probe *probe, const char *argument, int answer_fd, pid_t asker)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != asker) /* it died before the line above */
		_exit(1);
	setpgid(0, 0);
	/* Handlers and masks are the asker's: an experiment that goes wrong must die of it. */
	for (int signal_nr = 1; signal_nr < NSIG; signal_nr++)
		signal(signal_nr, SIG_DFL);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });

	struct probe_answer answer = { 0 };
	answer.yes = probe->ask(argument, answer.evidence) == 1;
	/* Less than PIPE_BUF bytes: written whole. */
	_exit(write(answer_fd, &answer, sizeof(answer)) == sizeof(answer) ? 0 : 1);
}

/* 1: answered, 0: the pipe ended without an answer, -ETIMEDOUT. */
static int read_answer(int fd, int64_t deadline_ms, struct probe_answer *ret_answer)
{
	char *to = (char *)ret_answer;
	size_t have = 0;
	while (have < sizeof(*ret_answer)) {
		int64_t left = deadline_ms - now_ms();
		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(&(struct pollfd){ fd, POLLIN, 0 }, 1, (int)left) <= 0)
			continue;
		ssize_t n = read(fd, to + have, sizeof(*ret_answer) - have);
		if (n == 0)
			return 0;
		if (n > 0)
			have += (size_t)n;
		else if (errno != EINTR)
			return 0;
	}
	return 1;
}

/* 0 with the wait status, -ECHILD (somebody else reaped it, or SIGCHLD is ignored), -ETIMEDOUT. */
static int reap(pid_t child, int64_t deadline_ms, int *ret_status)
{
	for (;;) {
		pid_t waited = waitpid(child, ret_status, WNOHANG);
		if (waited == child)
			return 0;
		if (waited < 0 && errno != EINTR)
			return -errno;
		if (now_ms() >= deadline_ms)
			return -ETIMEDOUT;
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
}

static void say_how_it_ended(char evidence[PROBE_EVIDENCE_MAX], int status)
{
	if (WIFSIGNALED(status)) {
		const char *name = sigabbrev_np(WTERMSIG(status));
		probe_say(evidence, 0, "the experiment was killed by %s%s",
			name ? "SIG" : "signal ", name ? name : "unknown");
	} else {
		probe_say(evidence, 0, "the experiment ended without an answer (exit code %d)",
			WEXITSTATUS(status));
	}
}

struct probe_answer probe_run(const struct probe *probe, const char *argument, int timeout_ms)
{
	struct probe_answer answer = { 0 };
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0) {
		probe_say(answer.evidence, 0, "not asked: pipe: %s", probe_errno_name(errno));
		return answer;
	}
	cleanup_close int answer_fd = ends[0];
	pid_t asker = getpid();
	pid_t child = fork();
	if (child == 0)
		make_experiment(probe, argument, ends[1], asker);
	int fork_error = errno;
	close(ends[1]);
	if (child < 0) {
		probe_say(answer.evidence, 0, "not asked: fork: %s", probe_errno_name(fork_error));
		return answer;
	}
	setpgid(child,
		child); /* here too: whoever runs first, the group exists before it is killed */

	int64_t deadline_ms = now_ms() + timeout_ms;
	struct probe_answer got;
	int answered = read_answer(answer_fd, deadline_ms, &got);
	int status = 0;
	/* The pipe's end comes before the death is there to be waited for; a kill now would hide its cause. */
	int reaped = answered == -ETIMEDOUT ? -ETIMEDOUT : reap(child, deadline_ms, &status);
	kill(-child, SIGKILL); /* and what the experiment started */
	bool killed = reaped == -ETIMEDOUT;
	if (killed)
		reap(child, now_ms() + KILL_TIMEOUT_MS, &status);

	if (answered == 1) {
		got.evidence[sizeof(got.evidence) - 1] = '\0';
		return got;
	}
	probe_folder_remove(child);
	if (killed)
		probe_say(answer.evidence, 0, "no answer within %d ms: killed", timeout_ms);
	else if (reaped == 0)
		say_how_it_ended(answer.evidence, status);
	else
		probe_say(answer.evidence, 0, "the experiment ended without an answer");
	return answer;
}
