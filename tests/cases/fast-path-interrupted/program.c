/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Signals that come at any moment while gvtrace makes its memory in a process, and leads places: the program's registers
 * are its own at each of them, and after each call.
 */
#include "case.h"
#include "places.h"

#include <signal.h>
#include <sys/time.h>
#include <sys/ucontext.h>

enum { ENOUGH = 40, ROUNDS = 40, ROUNDS_IN_SANDBOX = 8, GO_PLACE = 5 };

static const char exists[] = "/dev/null";

extern char __executable_start, etext;
static volatile uint64_t strange, strange_argument;

static bool is_text(uint64_t ip)
{
	return ip >= (uint64_t)&__executable_start && ip < (uint64_t)&etext;
}

/* Where the call is made, its arguments are there. */
static void handle(int signal, siginfo_t *info, void *context)
{
	const ucontext_t *user = context;
	const greg_t *registers = user->uc_mcontext.gregs;
	uint64_t ip = (uint64_t)registers[REG_RIP];

	if (!is_text(ip) && !is_systraps(ip))
		strange = ip;
	if (ip >= (uint64_t)c_place && ip < (uint64_t)go_place + GO_PLACE &&
		(registers[REG_RSI] != 12 || registers[REG_RDX] != 13))
		strange_argument = ip;
}

/* access(2) with some numbers in all registers that a call keeps: all of them are kept. */
static void call_at(const char *place, bool is_go)
{
	register uint64_t r10 __asm__("r10") = 14, r8 __asm__("r8") = 15, r9 __asm__("r9") = 16;
	uint64_t rdi = (uint64_t)exists, rsi = 12, rdx = 13, rbx = rdi;
	int64_t rax = is_go ? 21 : 4711;

	__asm__ volatile("lea -128(%%rsp), %%rsp\n\t"
			 "call *%[place]\n\t"
			 "lea 128(%%rsp), %%rsp"
			 : "+a"(rax), "+D"(rdi), "+S"(rsi), "+d"(rdx), "+r"(r10), "+r"(r8),
			 "+r"(r9), "+b"(rbx)
			 : [place] "r"(place)
			 : "rcx", "r11", "memory", "cc");
	/* A mode that there is not. */
	CHECK(rax == -EINVAL);
	CHECK(rdi == (uint64_t)exists && rbx == rdi && rsi == 12 && rdx == 13);
	CHECK(r10 == 14 && r8 == 15 && r9 == 16);
}

/* Executed anew, so that it has nothing of gvtrace's; with signals each so many microseconds. Its status is 0 if both are led. */
static int run(int microseconds)
{
	struct sigaction action = { .sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_RESTART };
	struct itimerval often = { { 0, microseconds }, { 0, microseconds } }, never = { 0 };

	CHECK(sigaction(SIGALRM, &action, NULL) == 0);
	CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
	for (int i = 0; i < ENOUGH; i++) {
		call_at(c_place, false);
		call_at(go_place, true);
	}
	CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
	if (strange || strange_argument)
		printf("a handler has seen %#lx, %#lx\n", (long)strange, (long)strange_argument);
	CHECK(!strange && !strange_argument);
	return is_led(c_place) && is_led(go_place) ? 0 : 3;
}

int main(int argc, char **argv)
{
	int rounds = in_sandbox() ? ROUNDS_IN_SANDBOX : ROUNDS, n_led = 0;

	if (argc > 1)
		return run(atoi(argv[1]));
	for (int i = 0; i < rounds; i++) {
		char text[16];
		pid_t pid = fork();
		int status;
		/* The first has no signals. */
		snprintf(text, sizeof(text), "%d", i == 0 ? 0 : 60 + 37 * (i % 16));
		if (pid == 0)
			execl("/proc/self/exe", argv[0], text, NULL);
		CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
		CHECK(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 3));
		n_led += WEXITSTATUS(status) == 0;
		const char *way = getenv("WAY");
		if (i == 0 && way && (strcmp(way, "plain") == 0 || in_sandbox()))
			CHECK(n_led == 1);
	}
	return success();
}
