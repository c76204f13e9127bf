/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A place that makes calls as Go does is led after two of them, as a program makes all of its calls there; one of C's, after many. */
#include "case.h"
#include "places.h"

enum { ENOUGH = 40, FEW = 3 };

/* access(2) */
static void call_at(const char *place)
{
	static const char path[] = "/dev/null";
	int64_t rax = 21;

	__asm__ volatile("lea -128(%%rsp), %%rsp\n\t"
			 "call *%[place]\n\t"
			 "lea 128(%%rsp), %%rsp"
			 : "+a"(rax)
			 : [place] "r"(place), "D"(path), "b"(path), "S"(F_OK)
			 : "rcx", "r11", "memory", "cc");
	CHECK(rax == 0);
}

static int run(int calls)
{
	for (int i = 0; i < calls; i++) {
		call_at(go_place);
		call_at(c_place);
	}
	return (is_led(go_place) ? 1 : 0) + (is_led(c_place) ? 2 : 0);
}

/* Which places are led after so many calls of each, in a program that has just been executed. */
static int run_anew(char *name, int calls)
{
	char text[16];
	pid_t pid = fork();
	int status;

	snprintf(text, sizeof(text), "%d", calls);
	if (pid == 0)
		execl("/proc/self/exe", name, text, NULL);
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	return WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	const char *way = getenv("WAY");

	if (argc > 1)
		return run(atoi(argv[1]));
	int led = run_anew(argv[0], ENOUGH);
	CHECK(led == 3 || (led == 0 && way && strcmp(way, "plain") != 0 && !in_sandbox()));
	CHECK(run_anew(argv[0], FEW) == (led ? 1 : 0));
	CHECK(run_anew(argv[0], 1) == 0);
	return success();
}
