/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Questions: a child process that makes their experiments, and a wait for it that always ends. A fork costs
 * milliseconds in gVisor, a vfork a hundredth of it, so that several questions share one child, each with a
 * process of its own that has the child's memory and nothing else in common with it.
 */
#include "probe.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "experiments.h"
#include "util.h"

enum { KILL_TIMEOUT_MS = 1000, YIELD_MS = 3, LAST_WORD = -1 };

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

/* What no experiment changes back: done once in the child of the asker. */
static void leave_the_asker(pid_t asker)
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
}

static void make_experiment(const struct probe_question *question, struct probe_answer *ret_answer)
{
	memset(ret_answer, 0, sizeof(*ret_answer));
	ret_answer->yes = question->probe->ask(question->argument, ret_answer->evidence) == 1;
}

static void tell(int answer_fd, const struct probe_answer *answer)
{
	/* Less than PIPE_BUF bytes: written whole. */
	if (write(answer_fd, answer, sizeof(*answer)) != sizeof(*answer))
		_exit(1);
}

/*
 * False where the process died of the experiment: what it left of the common memory, such as a lock of
 * malloc, is not for another one.
 */
static bool make_experiment_in_process(
	const struct probe_question *question, struct probe_answer *ret_answer)
{
	static volatile bool made; /* written by the process, read here */
	static pid_t maker;

	made = false;
	maker = getpid();
	pid_t process = vfork();
	if (process == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != maker)
			_exit(1);
		make_experiment(question, ret_answer);
		made = true;
		_exit(0);
	}
	return process > 0 && made;
}

_Noreturn static void answer_questions(
	const struct probe_question *questions, size_t n, int answer_fd, pid_t asker)
{
	struct probe_answer answer;

	leave_the_asker(asker);
	if (n == 1) {
		make_experiment(questions, &answer);
		tell(answer_fd, &answer);
		_exit(0);
	}
	size_t made = 0;
	while (made < n && make_experiment_in_process(&questions[made], &answer)) {
		tell(answer_fd, &answer);
		made++;
	}
	/* Only now: the end of a namespace takes its time, and went on beside the next experiment. */
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	if (made < n)
		_exit(1);
	tell(answer_fd, &(struct probe_answer){ .yes = LAST_WORD });
	_exit(0);
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
	ret_answer->evidence[sizeof(ret_answer->evidence) - 1] = '\0';
	return 1;
}

/* 0 with the wait status, -ECHILD (somebody else reaped it, or SIGCHLD is ignored), -ETIMEDOUT. */
static int reap(pid_t child, int64_t deadline_ms, int *ret_status)
{
	int64_t start_ms = now_ms();
	for (;;) {
		pid_t waited = waitpid(child, ret_status, WNOHANG);
		if (waited == child)
			return 0;
		if (waited < 0 && errno != EINTR)
			return -errno;
		int64_t now = now_ms();
		if (now >= deadline_ms)
			return -ETIMEDOUT;
		/* It is about to be there, and the shortest sleep may be a millisecond. */
		if (now - start_ms < YIELD_MS)
			sched_yield();
		else
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

/*
 * Asks n questions of one child: how many it answered. The answer of the next one, if there is one, is no,
 * with what became of the child as its evidence; *ret_died then says that this came before the time was up.
 */
static size_t ask_child(struct probe_question *questions, size_t n, int timeout_ms, bool *ret_died)
{
	int ends[2];
	char *evidence = questions->answer.evidence;
	questions->answer.yes = 0;
	*ret_died = false;
	if (pipe2(ends, O_CLOEXEC) < 0) {
		probe_say(evidence, 0, "not asked: pipe: %s", probe_errno_name(errno));
		return 0;
	}
	cleanup_close int answer_fd = ends[0];
	pid_t asker = getpid();
	pid_t child = fork();
	if (child == 0)
		answer_questions(questions, n, ends[1], asker);
	int fork_error = errno;
	close(ends[1]);
	if (child < 0) {
		probe_say(evidence, 0, "not asked: fork: %s", probe_errno_name(fork_error));
		return 0;
	}
	/* Here too: whoever runs first, the group exists before it is killed. */
	setpgid(child, child);

	/* A child with several questions has a last word, which says that it has left no process. */
	size_t answered = 0, words = n == 1 ? 1 : n + 1, word = 0;
	int64_t deadline_ms = 0;
	int r = 1;
	for (; word < words; word++) {
		struct probe_answer got;
		deadline_ms = now_ms() + timeout_ms;
		r = read_answer(answer_fd, deadline_ms, &got);
		if (r != 1)
			break;
		if (answered < n)
			questions[answered++].answer = got;
	}
	int status = 0, reaped = r;
	/* The pipe's end comes before the death is there to be waited for; a kill now would hide its cause. */
	if (r == 0)
		reaped = reap(child, deadline_ms, &status);
	kill(-child, SIGKILL); /* and what the experiments started */
	if (r == 1 || reaped == -ETIMEDOUT)
		reap(child, now_ms() + KILL_TIMEOUT_MS, &status);
	if (answered == n)
		return n;

	probe_folder_remove(child);
	evidence = questions[answered].answer.evidence;
	questions[answered].answer.yes = 0;
	*ret_died = reaped != -ETIMEDOUT;
	if (!*ret_died)
		probe_say(evidence, 0, "no answer within %d ms: killed", timeout_ms);
	else if (reaped == 0)
		say_how_it_ended(evidence, status);
	else
		probe_say(evidence, 0, "the experiment ended without an answer");
	return answered;
}

void probe_run_all(struct probe_question *questions, size_t n, int timeout_ms)
{
	while (n > 0) {
		bool died, alone = n == 1;
		size_t answered = ask_child(questions, n, timeout_ms, &died);
		if (answered == n)
			return;
		questions += answered;
		n -= answered;
		/* What it dies of in a child of its own is no other's doing. */
		if (died && !alone)
			ask_child(questions, 1, timeout_ms, &died);
		questions++;
		n--;
	}
}

struct probe_answer probe_run(const struct probe *probe, const char *argument, int timeout_ms)
{
	struct probe_question question = { probe, argument, { 0 } };
	probe_run_all(&question, 1, timeout_ms);
	return question.answer;
}
