/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mem_thread.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "diag.h"
#include "helper.h"
#include "proc_status.h"

/* A process that has kept that many waiting keeps no more: what it asks with such memory is not waited for. */
enum { THREADS_MAX = 16, LEFT_OF_PROCESS_MAX = 2, CHUNK_BYTES = 16384 };

enum state { ASKED, ANSWERED, LEFT };

/* A thread, and what it is asked: its own, since it may outlive the question. */
struct worker {
	int asks, answers; /* eventfds, owned */
	_Atomic enum state state;
	_Atomic pid_t thread;
	bool writes;
	int left; /* the index of left_of[], when it has been left */
	pid_t tid;
	uint64_t address;
	size_t length;
	ssize_t result;
	char data[CHUNK_BYTES];
};

static bool is_used;
static struct worker *current; /* with no question; owned; NULL: none */
static atomic_uint n_threads;
/* The processes that those wait for which were left, until they end; 0: none. */
static _Atomic pid_t left_of[THREADS_MAX];
static atomic_uint n_left;

void mem_thread_use(void)
{
	is_used = true;
}

bool mem_thread_is_used(void)
{
	return is_used;
}

static void destroy(struct worker *worker)
{
	if (worker->asks >= 0)
		close(worker->asks);
	if (worker->answers >= 0)
		close(worker->answers);
	free(worker);
}

static bool send_event(int fd)
{
	uint64_t one = 1;

	return write(fd, &one, sizeof(one)) == sizeof(one);
}

static bool receive_event(int fd)
{
	uint64_t count;
	ssize_t n;

	do
		n = read(fd, &count, sizeof(count));
	while (n < 0 && errno == EINTR);
	return n == sizeof(count);
}

static void *work(void *data)
{
	struct worker *worker = data;

	worker->thread = (pid_t)syscall(SYS_gettid);
	while (receive_event(worker->asks)) {
		struct iovec local = { worker->data, worker->length },
			     remote = { (void *)worker->address, worker->length };
		ssize_t n = worker->writes
				    ? process_vm_writev(worker->tid, &local, 1, &remote, 1, 0)
				    : process_vm_readv(worker->tid, &local, 1, &remote, 1, 0);

		worker->result = n < 0 ? -errno : n;
		if (atomic_exchange(&worker->state, ANSWERED) == LEFT) {
			left_of[worker->left] = 0;
			n_left--;
			break;
		}
		send_event(worker->answers);
	}
	destroy(worker);
	n_threads--;
	return NULL;
}

static struct worker *create(void)
{
	struct worker *worker = malloc(sizeof(*worker));
	pthread_attr_t attributes;
	pthread_t thread;
	sigset_t all, before;

	if (!worker)
		return NULL;
	worker->asks = eventfd(0, EFD_CLOEXEC);
	worker->answers = eventfd(0, EFD_CLOEXEC);
	worker->thread = 0;
	if (worker->asks < 0 || worker->answers < 0 || pthread_attr_init(&attributes)) {
		destroy(worker);
		return NULL;
	}
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	/* No signal of the supervisor's is for it. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	n_threads++;
	int r = pthread_create(&thread, &attributes, work, worker);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	if (r == 0)
		return worker;
	n_threads--;
	destroy(worker);
	return NULL;
}

/* When the thread has not had its turn. */
static bool is_busy(void)
{
	return helper_is_runnable(current->thread);
}

static pid_t process_of(pid_t tid)
{
	return (pid_t)proc_status_number(tid, "Tgid");
}

static bool keeps_enough_waiting(pid_t tid)
{
	int n = 0;

	if (n_left == 0)
		return false;
	pid_t process = process_of(tid);
	for (int i = 0; i < THREADS_MAX; i++)
		n += left_of[i] == process;
	return n >= LEFT_OF_PROCESS_MAX;
}

/* Whether there is an answer in time. What comes in the last moment is one, too. */
static bool wait_for_answer(struct worker *worker)
{
	if (helper_answers(worker->answers, is_busy))
		return true;
	/* There is a free one: no more threads than that are ever there. */
	worker->left = 0;
	while (left_of[worker->left] != 0)
		worker->left++;
	left_of[worker->left] = process_of(worker->tid);
	n_left++;
	if (atomic_exchange(&worker->state, LEFT) == ASKED)
		return false;
	left_of[worker->left] = 0;
	n_left--;
	return true;
}

static ssize_t transfer(bool writes, pid_t tid, char *data, uint64_t address, size_t length)
{
	if (keeps_enough_waiting(tid))
		return -EFAULT;
	if (!current && n_threads < THREADS_MAX)
		current = create();
	struct worker *worker = current;
	if (!worker)
		return -EFAULT;
	worker->writes = writes;
	worker->tid = tid;
	worker->address = address;
	worker->length = length;
	if (writes)
		memcpy(worker->data, data, length);
	worker->state = ASKED;
	if (!send_event(worker->asks) || !wait_for_answer(worker)) {
		current = NULL;
		diag_once(
			"memory of a program is not there, and nobody fills it in: what it asks with it "
			"matches no rule (said once)");
		return -EFAULT;
	}
	receive_event(worker->answers);
	if (!writes && worker->result > 0)
		memcpy(data, worker->data, (size_t)worker->result);
	return worker->result;
}

ssize_t mem_thread_transfer(bool writes, pid_t tid, void *data, uint64_t address, size_t length)
{
	size_t done = 0;

	while (done < length) {
		size_t take = MIN(length - done, (size_t)CHUNK_BYTES);
		ssize_t n = transfer(writes, tid, (char *)data + done, address + done, take);

		if (n <= 0)
			return done > 0 ? (ssize_t)done : n;
		done += (size_t)n;
		if ((size_t)n < take)
			break;
	}
	return (ssize_t)done;
}
