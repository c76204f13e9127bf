/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Questions: a child process that makes their experiments, and a wait for it that always ends. A fork costs
 * milliseconds in gVisor, a process with common memory (child.h) a hundredth of it. So the child has this process's
 * memory, and so has the process that it makes for an experiment that changes something; nothing else is in common.
 * Where there are several answers, they are left in that memory, and the pipe says only that all are there, or, by its
 * end, that the child is gone: a wake-up of the asker for each would take longer than most experiments.
 */
#include "probe.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "child.h"
#include "clock.h"
#include "experiments.h"
#include "util.h"

enum { KILL_TIMEOUT_MS = 1000, YIELD_MS = 3, LAST_WORD = -1 };

static int64_t now_ms(void)
{
	return clock_ns(CLOCK_MONOTONIC) / NS_PER_MS;
}

/* What no experiment changes back: done once in the child of the asker. */
static void leave_the_asker(pid_t asker)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != asker) /* it died before the line above */
		_exit(1);
	setpgid(0, 0);
	/* Handlers and masks are the asker's: an experiment that goes wrong must die of it. */
	for (int signal_nr = 1; signal_nr < __SIGRTMIN; signal_nr++)
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

/* An exit code. */
static int tell(int answer_fd, const struct probe_answer *answer)
{
	/* Less than PIPE_BUF bytes: written whole. */
	return write(answer_fd, answer, sizeof(*answer)) == sizeof(*answer) ? 0 : 1;
}

/* What the child knows, and what it shares with the processes of its experiments. */
struct asking {
	const struct probe_question *questions;
	size_t n;
	int answer_fd;
	pid_t asker;
	void *stacks[2]; /* of the child, of an experiment */

	const struct probe_question *question; /* of the experiment in its process */
	struct probe_answer *answer; /* its place in answers[] */
	pid_t maker;
	volatile bool made; /* written by that process */

	size_t n_answers; /* written by the child, when the answer is there */
	int64_t began_ms; /* the experiment that runs; written by the child */

	struct asking *next; /* of those that were given up */
	struct probe_answer answers[];
};

/* Processes of theirs may still be on their way to an end: their memory stays. */
static struct asking *given_up;

static int run_experiment(void *data)
{
	struct asking *asking = data;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != asking->maker)
		return 1;
	make_experiment(asking->question, asking->answer);
	asking->made = true;
	return 0;
}

/* False where its process died of it; where that is this one, the asker sees it. */
static bool answer_one(struct asking *asking, size_t i)
{
	__atomic_store_n(&asking->began_ms, now_ms(), __ATOMIC_RELEASE);
	asking->question = &asking->questions[i];
	asking->answer = &asking->answers[i];
	if (asking->question->probe->changes_nothing) {
		make_experiment(asking->question, asking->answer);
		return true;
	}
	asking->made = false;
	asking->maker = getpid();
	return child_start(asking->stacks[1], CLONE_VFORK, run_experiment, asking) > 0 &&
	       asking->made;
}

/* The child: its exit code. */
static int answer_questions(void *data)
{
	struct asking *asking = data;

	leave_the_asker(asking->asker);
	if (asking->n == 1) {
		make_experiment(asking->questions, asking->answers);
		return tell(asking->answer_fd, asking->answers);
	}
	size_t made = 0;
	while (made < asking->n && answer_one(asking, made))
		__atomic_store_n(&asking->n_answers, ++made, __ATOMIC_RELEASE);
	/* Only now: the end of a namespace takes its time, and went on beside the next experiment. */
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	if (made < asking->n)
		return 1;
	return tell(asking->answer_fd, &(struct probe_answer){ .yes = LAST_WORD });
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
			nanosleep(&(struct timespec){ .tv_nsec = NS_PER_MS }, NULL);
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
 * With a copy of this process's memory, or with this memory. It ends with answer_questions(); the id, or -errno.
 */
static pid_t start_child(struct asking *asking, bool copy)
{
	if (!copy)
		return child_start(asking->stacks[0], 0, answer_questions, asking);
	pid_t child = fork();
	if (child == 0)
		_exit(answer_questions(asking));
	return child < 0 ? -errno : child;
}

static void end_asking(struct asking *asking)
{
	for (size_t i = 0; i < ARRAY_SIZE(asking->stacks); i++)
		child_stack_unmap(asking->stacks[i]);
	free(asking);
}

static struct asking *begin_asking(const struct probe_question *questions, size_t n, int answer_fd)
{
	struct asking *asking = calloc(1, sizeof(*asking) + n * sizeof(asking->answers[0]));

	if (!asking)
		return NULL;
	asking->questions = questions;
	asking->n = n;
	asking->answer_fd = answer_fd;
	asking->asker = getpid();
	asking->began_ms = now_ms();
	for (size_t i = 0; i < ARRAY_SIZE(asking->stacks); i++) {
		asking->stacks[i] = child_stack_map();
		if (!asking->stacks[i]) {
			end_asking(asking);
			return NULL;
		}
	}
	return asking;
}

/*
 * Waits for the child's word: the answer to a single question, or that all are in its memory. Each question has
 * timeout_ms. As read_answer(); *ret_answered is how many are answered, their answers with the questions.
 */
static int await_answers(const struct asking *asking, struct probe_question *questions, int fd,
	int timeout_ms, int64_t *ret_deadline_ms, size_t *ret_answered)
{
	struct probe_answer word;
	int r;

	do {
		*ret_deadline_ms =
			__atomic_load_n(&asking->began_ms, __ATOMIC_ACQUIRE) + timeout_ms;
		r = read_answer(fd, *ret_deadline_ms, &word);
	} while (r == -ETIMEDOUT &&
		 __atomic_load_n(&asking->began_ms, __ATOMIC_ACQUIRE) + timeout_ms > now_ms());
	*ret_answered = __atomic_load_n(&asking->n_answers, __ATOMIC_ACQUIRE);
	for (size_t i = 0; i < *ret_answered; i++)
		questions[i].answer = asking->answers[i];
	if (r == 1 && asking->n == 1) {
		questions->answer = word;
		*ret_answered = 1;
	}
	return r;
}

/*
 * Asks n questions of one child: how many it answered. The answer of the next one, if there is one, is no,
 * with what became of the child as its evidence; *ret_died then says that this came before the time was up.
 */
static size_t ask_child(
	struct probe_question *questions, size_t n, int timeout_ms, bool copy, bool *ret_died)
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
	struct asking *asking = begin_asking(questions, n, ends[1]);
	pid_t child = asking ? start_child(asking, copy) : -ENOMEM;
	close(ends[1]);
	if (child < 0) {
		if (asking)
			end_asking(asking);
		probe_say(evidence, 0, "not asked: fork: %s", probe_errno_name(-child));
		return 0;
	}
	/* Here too: whoever runs first, the group exists before it is killed. */
	setpgid(child, child);

	size_t answered;
	int64_t deadline_ms;
	int r = await_answers(asking, questions, answer_fd, timeout_ms, &deadline_ms, &answered);
	int status = 0, reaped = r;
	/* The pipe's end comes before the death is there to be waited for; a kill now would hide its cause. */
	if (r == 0)
		reaped = reap(child, deadline_ms, &status);
	kill(-child, SIGKILL); /* and what the experiments started */
	int ended = reaped;
	if (r == 1 || reaped == -ETIMEDOUT)
		ended = reap(child, now_ms() + KILL_TIMEOUT_MS, &status);
	if (answered == n && ended != -ETIMEDOUT) {
		end_asking(asking);
		return n;
	}
	asking->next = given_up;
	given_up = asking;
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
		size_t answered = ask_child(questions, n, timeout_ms, false, &died);
		if (answered == n)
			return;
		questions += answered;
		n -= answered;
		/* What it dies of in a child of its own is no other's doing. */
		if (died && !alone)
			ask_child(questions, 1, timeout_ms, true, &died);
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
