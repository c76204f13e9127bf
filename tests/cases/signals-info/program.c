/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What comes with a signal, its order, masks, queues and alternative stacks are as without gvtrace. */
#include "case.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <time.h>

static siginfo_t seen[64];
static volatile int n_seen;
static sigjmp_buf back;

static void see(int signal, siginfo_t *info, void *context)
{
	if (n_seen < 64)
		seen[n_seen] = *info;
	n_seen++;
}

static void jump(int signal, siginfo_t *info, void *context)
{
	see(signal, info, context);
	siglongjmp(back, 1);
}

static void handle(int signal, void (*handler)(int, siginfo_t *, void *), int flags)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags };

	CHECK(sigaction(signal, &action, NULL) == 0);
	n_seen = 0;
}

static volatile char stack[65536];

static void on_stack(int signal, siginfo_t *info, void *context)
{
	char here;

	n_seen = (&here > (char *)stack && &here < (char *)stack + sizeof(stack)) ? 1 : 100;
}

static void *thread_main(void *data)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	for (int i = 0; i < 200; i++)
		(void)!access("/no-such-file", F_OK);
	return NULL;
}

int main(void)
{
	union sigval value = { .sival_int = 4711 };
	sigset_t set, old, now;
	siginfo_t info;
	pthread_t thread;

	handle(SIGUSR1, see, 0);
	CHECK(kill(getpid(), SIGUSR1) == 0 && n_seen == 1);
	CHECK(seen[0].si_code == SI_USER && seen[0].si_pid == getpid() &&
		seen[0].si_uid == getuid());
	CHECK(syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1) == 0 && n_seen == 2);
	CHECK(seen[1].si_code == SI_TKILL);
	CHECK(sigqueue(getpid(), SIGUSR1, value) == 0 && n_seen == 3);
	CHECK(seen[2].si_code == SI_QUEUE && seen[2].si_value.sival_int == 4711);

	/* Real-time signals queue, in order. */
	handle(SIGRTMIN + 1, see, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 1);
	sigaddset(&set, SIGUSR1);
	CHECK(sigprocmask(SIG_BLOCK, &set, &old) == 0);
	for (int i = 0; i < 10; i++) {
		value.sival_int = i;
		CHECK(sigqueue(getpid(), SIGRTMIN + 1, value) == 0);
		(void)!access("/no-such-file", F_OK);
		CHECK(sees_fake() || !getenv("GVTRACED"));
	}
	CHECK(n_seen == 0);
	CHECK(sigprocmask(SIG_BLOCK, NULL, &now) == 0);
	CHECK(sigismember(&now, SIGRTMIN + 1) == 1 && sigismember(&now, SIGTERM) == 0);
	value.sival_int = 99;
	CHECK(sigqueue(getpid(), SIGUSR1, value) == 0);
	CHECK(sigwaitinfo(&set, &info) == SIGUSR1 && info.si_value.sival_int == 99);
	CHECK(sigprocmask(SIG_SETMASK, &old, NULL) == 0);
	CHECK(n_seen == 10);
	for (int i = 0; i < 10; i++)
		CHECK(seen[i].si_value.sival_int == i);

	/* By a descriptor. */
	CHECK(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	int fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (fd >= 0) {
		struct signalfd_siginfo from_fd;
		CHECK(sigqueue(getpid(), SIGRTMIN + 1, value) == 0);
		CHECK(read(fd, &from_fd, sizeof(from_fd)) == sizeof(from_fd));
		CHECK(from_fd.ssi_int == 99);
	}
	CHECK(sigprocmask(SIG_SETMASK, &old, NULL) == 0);

	/* Faults of the program's own: address, code, and return by a jump. */
	char *page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	handle(SIGSEGV, jump, 0);
	for (volatile int i = 0; i < 5; i++)
		if (sigsetjmp(back, 1) == 0)
			*(volatile char *)(page + 100) = 1;
	CHECK(n_seen == 5 && seen[4].si_addr == page + 100 && seen[4].si_code == SEGV_ACCERR);
	handle(SIGILL, jump, 0);
	if (sigsetjmp(back, 1) == 0)
		__asm__ volatile("ud2");
	CHECK(n_seen == 1 && seen[0].si_code == ILL_ILLOPN);
	handle(SIGFPE, jump, 0);
	if (sigsetjmp(back, 1) == 0)
		__asm__ volatile("xorl %%ecx, %%ecx; movl $1, %%eax; cltd; idivl %%ecx" ::
					 : "eax", "ecx", "edx");
	CHECK(n_seen == 1 && seen[0].si_code == FPE_INTDIV);
	handle(SIGTRAP, see, 0);
	__asm__ volatile("int3");
	CHECK(n_seen == 1);
	CHECK(kill(getpid(), SIGTRAP) == 0 && n_seen == 2 && seen[1].si_code == SI_USER);
	CHECK(raise(SIGTRAP) == 0 && n_seen == 3 && seen[2].si_code == SI_TKILL);

	/* On a stack of its own; once only; with the signal not blocked. */
	stack_t alternative = { .ss_sp = (void *)stack, .ss_size = sizeof(stack) };
	CHECK(sigaltstack(&alternative, NULL) == 0);
	handle(SIGUSR2, on_stack, SA_ONSTACK | SA_RESETHAND);
	CHECK(raise(SIGUSR2) == 0 && n_seen == 1);
	struct sigaction after;
	CHECK(sigaction(SIGUSR2, NULL, &after) == 0 && after.sa_handler == SIG_DFL);

	/* A thread that blocks all does not get what another does. */
	handle(SIGUSR1, see, SA_RESTART);
	CHECK(pthread_create(&thread, NULL, thread_main, NULL) == 0);
	for (int i = 0; i < 50; i++) {
		CHECK(kill(getpid(), SIGUSR1) == 0);
		(void)!access("/no-such-file", F_OK);
	}
	pthread_join(thread, NULL);
	CHECK(n_seen == 50);

	/* A timer's. */
	timer_t timer;
	struct sigevent event = {
		.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 7
	};
	handle(SIGUSR1, see, 0);
	CHECK(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
	struct itimerspec soon = { { 0, 0 }, { 0, 10000000 } };
	CHECK(timer_settime(timer, 0, &soon, NULL) == 0);
	while (n_seen == 0)
		usleep(1000);
	CHECK(seen[0].si_code == SI_TIMER && seen[0].si_value.sival_int == 7);
	return success();
}
