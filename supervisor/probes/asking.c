/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "asking.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "child.h"
#include "experiments.h"
#include "util.h"

/* What a process gets that goes wrong, or that somebody wants to end; each of the others is a call for nothing. */
static const int deadly[] = { SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE,
	SIGSEGV, SIGPIPE, SIGALRM, SIGTERM, SIGXCPU, SIGXFSZ, SIGSYS };

/* What no experiment changes back: done once in the child of the asker. */
static void leave_the_asker(pid_t asker)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != asker) /* it died before the line above */
		_exit(1);
	setpgid(0, 0);
	/* Handlers and masks are the asker's: an experiment that goes wrong must die of it. */
	for (size_t i = 0; i < ARRAY_SIZE(deadly); i++)
		signal(deadly[i], SIG_DFL);
	signal(SIGCHLD, SIG_DFL);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
}

/* Each lane has a thread of the asker, and with it an errno and the like of its own, so that this is the lane's. */
static __thread bool shares_process;

bool probe_is_alone(void)
{
	return !shares_process;
}

static void make_experiment(const struct probe_question *question, struct probe_answer *ret_answer)
{
	memset(ret_answer, 0, sizeof(*ret_answer));
	shares_process = false; /* one that died may have left it */
	ret_answer->yes = question->probe->ask(question->argument, ret_answer->evidence) == 1;
}

/* An exit code. */
static int tell(int answer_fd, const struct probe_answer *answer)
{
	/* Less than PIPE_BUF bytes: written whole. */
	return write(answer_fd, answer, sizeof(*answer)) == sizeof(*answer) ? 0 : 1;
}

static bool take(struct asking *asking, size_t i)
{
	return !__atomic_exchange_n(&asking->taken[i], true, __ATOMIC_ACQ_REL);
}

static void make_asked(struct lane *lane, size_t i)
{
	lane->made = false;
	lane->cursor.index = i;
	make_experiment(&lane->asking->questions[i], &lane->asking->answers[i]);
	lane->made = true;
}

/* A process costs more than most experiments: those that are content with it follow. */
static int run_experiment(void *data)
{
	struct lane *lane = data;
	struct asking *asking = lane->asking;
	size_t first = lane->cursor.index;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != lane->maker)
		return 1;
	probe_forget_namespaces();
	make_asked(lane, first);
	if (!asking->questions[first].probe->joins_others)
		return 0;
	for (size_t i = first + 1; i < asking->n; i++) {
		if (!asking->questions[i].probe->joins_others || !take(asking, i))
			continue;
		__atomic_store_n(&lane->n_begun, lane->n_begun + 1, __ATOMIC_RELEASE);
		make_asked(lane, i);
	}
	lane->cursor.index = first;
	return 0;
}

/* In this process, where it changes nothing: false where it has to be alone. */
static bool answer_here(const struct probe_question *question, struct probe_answer *ret_answer)
{
	if (!question->probe->changes_nothing && !question->probe->changes_late)
		return false;
	memset(ret_answer, 0, sizeof(*ret_answer));
	shares_process = true;
	int answer = question->probe->ask(question->argument, ret_answer->evidence);
	shares_process = false;
	ret_answer->yes = answer == 1;
	return answer != PROBE_NOT_ALONE;
}

/* False where its process died of it; where that is this one, the asker sees it. */
static bool answer_one(struct lane *lane)
{
	struct asking *asking = lane->asking;
	size_t i = lane->cursor.index;

	__atomic_store_n(&lane->n_begun, lane->n_begun + 1, __ATOMIC_RELEASE);
	if (answer_here(&asking->questions[i], &asking->answers[i]))
		return true;
	lane->made = false;
	lane->maker = getpid();
	return child_start(lane->stacks[1], CLONE_VFORK, run_experiment, lane) > 0 && lane->made;
}

/* The first after i, or after ASKING_NONE, that has i's probe, or the probe; ASKING_NONE. */
static size_t next_of_probe(const struct asking *asking, size_t i, const struct probe *probe)
{
	for (i = i == ASKING_NONE ? 0 : i + 1; i < asking->n; i++)
		if (asking->questions[i].probe == probe)
			return i;
	return ASKING_NONE;
}

bool asking_next(struct asking *asking, struct cursor *cursor)
{
	size_t i = cursor->index == ASKING_NONE ? ASKING_NONE
						: next_of_probe(asking, cursor->index,
							  asking->questions[cursor->index].probe);

	while (i == ASKING_NONE) {
		i = __atomic_fetch_add(&asking->next, 1, __ATOMIC_ACQ_REL);
		if (i >= asking->n)
			return false;
		if (next_of_probe(asking, ASKING_NONE, asking->questions[i].probe) != i ||
			!take(asking, i))
			i = ASKING_NONE;
	}
	cursor->index = i;
	cursor->asks = true;
	return true;
}

/* The child: its exit code. */
int asking_answer(void *data)
{
	struct lane *lane = data;
	struct asking *asking = lane->asking;

	leave_the_asker(asking->asker);
	probe_forget_namespaces();
	if (lane->is_single) {
		struct probe_answer *answer = &asking->answers[lane->cursor.index];
		make_experiment(&asking->questions[lane->cursor.index], answer);
		return tell(lane->answer_fd, answer);
	}
	bool made = true;
	while (made && asking_next(asking, &lane->cursor)) {
		made = answer_one(lane);
		lane->cursor.asks = !made;
	}
	/* Only now: the end of a namespace takes its time, and went on beside the next experiment. */
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	if (!made)
		return 1;
	return tell(lane->answer_fd, &(struct probe_answer){ .yes = ASKING_LAST_WORD });
}
