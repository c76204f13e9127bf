/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Questions: a child process that makes their experiments, and a wait for it that always ends. A fork costs
 * milliseconds in gVisor, a process with common memory (child.h) a hundredth of it. So the child has this process's
 * memory, and so has the process that it makes for an experiment that changes something; nothing else is in common.
 * Where there are several answers, they are left in that memory, and the pipe says only that all are there, or, by its
 * end, that the child is gone: a wake-up of the asker for each would take longer than most experiments.
 * There are two such children, which take questions from one list, each made by a thread of the asker: what a thread has
 * for itself (errno, malloc's cache) its child has too, so that in a lane only one process runs at a time, and the lanes do not meet.
 */
#include "asking.h"

#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "child.h"
#include "clock.h"
#include "experiments.h"
#include "util.h"

enum {
	KILL_TIMEOUT_MS = 1000,
	YIELD_MS = 3,
	LANE_STACK_BYTES = 1024 * 1024 /* a copy asks on it: paths, 4 KiB each */
};

/* Processes of theirs may still be on their way to an end: their memory stays. */
static struct lane *kept_lanes;
static struct asking *kept_askings;

static int64_t now_ms(void)
{
	return clock_ns(CLOCK_MONOTONIC) / NS_PER_MS;
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

static void end_lane(struct lane *lane)
{
	for (size_t i = 0; i < ARRAY_SIZE(lane->stacks); i++)
		child_stack_unmap(lane->stacks[i]);
	free(lane);
}

static struct lane *begin_lane(struct asking *asking, const struct cursor *cursor, bool is_single)
{
	struct lane *lane = calloc(1, sizeof(*lane));

	if (!lane)
		return NULL;
	lane->asking = asking;
	lane->cursor = *cursor;
	lane->is_single = is_single;
	for (size_t i = 0; i < ARRAY_SIZE(lane->stacks); i++) {
		lane->stacks[i] = child_stack_map();
		if (!lane->stacks[i]) {
			end_lane(lane);
			return NULL;
		}
	}
	return lane;
}

/* A child that is made meanwhile would keep the other's pipe open. */
static pthread_mutex_t starting = PTHREAD_MUTEX_INITIALIZER;

/*
 * With a copy of this process's memory, or with this memory. It ends with asking_answer(); 0 with the end of the pipe to
 * read from, or -errno of the call that *ret_failed names.
 */
static int start_child(
	struct lane *lane, bool copy, pid_t *ret_child, int *ret_fd, const char **ret_failed)
{
	int ends[2];
	pid_t child;

	pthread_mutex_lock(&starting);
	*ret_failed = "pipe";
	if (pipe2(ends, O_CLOEXEC) < 0) {
		int error = errno;
		pthread_mutex_unlock(&starting);
		return -error;
	}
	*ret_failed = "fork";
	lane->answer_fd = ends[1];
	if (!copy) {
		child = child_start(lane->stacks[0], 0, asking_answer, lane);
	} else {
		child = fork();
		if (child == 0)
			_exit(asking_answer(lane));
		child = child < 0 ? -errno : child;
	}
	close(ends[1]);
	pthread_mutex_unlock(&starting);
	if (child < 0) {
		close(ends[0]);
		return child;
	}
	/* Here too: whoever runs first, the group exists before it is killed. */
	setpgid(child, child);
	*ret_child = child;
	*ret_fd = ends[0];
	return 0;
}

/*
 * Waits for the child's word. As read_answer(); the time is up for a question some time after timeout_ms, an eighth of it
 * at most, because it is looked seldom whether the child asks another one.
 */
static int await_word(
	const struct lane *lane, int fd, int64_t *ret_deadline_ms, struct probe_answer *ret_word)
{
	int timeout_ms = lane->asking->timeout_ms, r;
	unsigned begun = 0;
	int64_t now = now_ms();

	*ret_deadline_ms = now + timeout_ms;
	while (now < *ret_deadline_ms) {
		r = read_answer(fd, MIN(now + timeout_ms / 8 + 1, *ret_deadline_ms), ret_word);
		if (r != -ETIMEDOUT)
			return r;
		now = now_ms();
		unsigned n = __atomic_load_n(&lane->n_begun, __ATOMIC_ACQUIRE);
		if (n != begun)
			*ret_deadline_ms = now + timeout_ms;
		begun = n;
	}
	return -ETIMEDOUT;
}

static void keep_lane(struct lane *lane)
{
	pthread_mutex_lock(&starting);
	lane->asking->is_kept = true;
	lane->next_kept = kept_lanes;
	kept_lanes = lane;
	pthread_mutex_unlock(&starting);
}

/* How a child ended. */
enum child_end {
	CHILD_ANSWERED,
	CHILD_DIED, /* before its word, and before the time was up */
	CHILD_FAILED, /* was not there, or was killed as the time was up */
};

/*
 * Asks what is left of one child, or the cursor's question of a child of its own. If that does not answer it, the answer is
 * no, with what became of the child as its evidence; the cursor then tells which question it asked.
 */
static enum child_end ask_child(struct asking *asking, struct cursor *cursor, bool is_single,
	bool copy, struct probe_answer *ret_answer)
{
	char *evidence = ret_answer->evidence;
	const char *failed;
	pid_t child = 0;
	int fd = -1;

	*ret_answer = (struct probe_answer){ 0 };
	struct lane *lane = begin_lane(asking, cursor, is_single);
	int r = lane ? start_child(lane, copy, &child, &fd, &failed) : -ENOMEM;
	if (r) {
		probe_say(evidence, 0, "not asked: %s: %s", lane ? failed : "fork",
			probe_errno_name(-r));
		if (lane)
			end_lane(lane);
		return CHILD_FAILED;
	}

	int64_t deadline_ms;
	r = await_word(lane, fd, &deadline_ms, ret_answer);
	close(fd);
	int status = 0, reaped = r;
	/* The pipe's end comes before the death is there to be waited for; a kill now would hide its cause. */
	if (r == 0)
		reaped = reap(child, deadline_ms, &status);
	kill(-child, SIGKILL); /* and what the experiments started */
	int ended = reaped;
	if (r == 1 || reaped == -ETIMEDOUT)
		ended = reap(child, now_ms() + KILL_TIMEOUT_MS, &status);
	*cursor = lane->cursor;
	if (r == 1 && ended != -ETIMEDOUT) {
		end_lane(lane);
		return CHILD_ANSWERED;
	}
	keep_lane(lane);
	if (r == 1)
		return CHILD_ANSWERED;

	probe_folder_remove(child);
	ret_answer->yes = 0;
	if (reaped == -ETIMEDOUT)
		probe_say(evidence, 0, "no answer within %d ms: killed", asking->timeout_ms);
	else if (reaped == 0)
		say_how_it_ended(evidence, status);
	else
		probe_say(evidence, 0, "the experiment ended without an answer");
	return reaped == -ETIMEDOUT ? CHILD_FAILED : CHILD_DIED;
}

static struct asking *begin_asking(const struct probe_question *questions, size_t n, int timeout_ms)
{
	struct asking *asking = calloc(
		1, sizeof(*asking) + n * (sizeof(asking->answers[0]) + sizeof(asking->taken[0])));

	if (!asking)
		return NULL;
	asking->taken = (bool *)&asking->answers[n];
	asking->questions = questions;
	asking->n = n;
	asking->asker = getpid();
	asking->timeout_ms = timeout_ms;
	return asking;
}

static void end_asking(struct asking *asking)
{
	if (!asking->is_kept) {
		free(asking);
		return;
	}
	asking->next_kept = kept_askings;
	kept_askings = asking;
}

/* Asks questions until none is left, of a child, and of the next one where that has died. */
static void *run_lane(void *data)
{
	struct asking *asking = data;
	struct cursor cursor = { .index = ASKING_NONE };
	struct probe_answer answer;

	for (;;) {
		enum child_end end = ask_child(asking, &cursor, false, false, &answer);
		if (end == CHILD_ANSWERED || (!cursor.asks && !asking_next(asking, &cursor)))
			return NULL;
		/* What it dies of in a child of its own is no other's doing. */
		if (end == CHILD_DIED)
			ask_child(asking, &cursor, true, true, &answer);
		asking->answers[cursor.index] = answer;
		cursor.asks = false;
	}
}

/* Two at a time: many wait for most of their time. Where no thread is to be had, one after the other. */
static void run_lanes(struct asking *asking)
{
	enum { FEW = 4 };
	pthread_attr_t attributes;
	pthread_t thread;

	if (asking->n <= FEW || pthread_attr_init(&attributes)) {
		run_lane(asking);
		return;
	}
	/* A second arena would be made by five calls that gVisor takes a millisecond for. */
	mallopt(M_ARENA_MAX, 1);
	bool is_there = pthread_attr_setstacksize(&attributes, LANE_STACK_BYTES) == 0 &&
			pthread_create(&thread, &attributes, run_lane, asking) == 0;
	pthread_attr_destroy(&attributes);
	run_lane(asking);
	if (is_there)
		pthread_join(thread, NULL);
}

void probe_run_all(struct probe_question *questions, size_t n, int timeout_ms)
{
	struct asking *asking = begin_asking(questions, n, timeout_ms);
	struct cursor first = { .index = 0, .asks = true };

	for (size_t i = 0; !asking && i < n; i++)
		probe_say(questions[i].answer.evidence, 0, "not asked: out of memory");
	if (!asking)
		return;
	if (n == 1)
		ask_child(asking, &first, true, false, asking->answers);
	else if (n > 1)
		run_lanes(asking);
	for (size_t i = 0; i < n; i++)
		questions[i].answer = asking->answers[i];
	end_asking(asking);
}

struct probe_answer probe_run(const struct probe *probe, const char *argument, int timeout_ms)
{
	struct probe_question question = { probe, argument, { 0 } };
	probe_run_all(&question, 1, timeout_ms);
	return question.answer;
}
