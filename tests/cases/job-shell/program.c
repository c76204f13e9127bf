/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A terminal session, typed by this program: an interactive shell with job control, ^C, ^Z, fg, bg, and a pager.
 * job-shell WHAT [COMMAND...]: COMMAND is gvtrace with its options; the same dialogue must come of it.
 */
#include "case.h"

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>

enum { TRANSCRIPT = 65536, PATIENCE_S = 10 };

static char text[TRANSCRIPT];
static size_t used, seen;
static int terminal;

static void read_some(int ms)
{
	struct pollfd waits = { terminal, POLLIN, 0 };

	if (poll(&waits, 1, ms) <= 0)
		return;
	ssize_t n = read(terminal, text + used, sizeof(text) - 1 - used);
	if (n > 0)
		used += (size_t)n;
	text[used] = '\0';
}

/* Waits for the words to appear after what was seen last. */
static void expect(const char *words)
{
	time_t end = time(NULL) + PATIENCE_S;

	for (;;) {
		char *found = strstr(text + seen, words);
		if (found) {
			seen = (size_t)(found - text) + strlen(words);
			return;
		}
		if (time(NULL) > end) {
			printf("not seen: %s\nafter:\n%s\n", words, text);
			fflush(stdout);
			_exit(1);
		}
		read_some(100);
	}
}

static void type(const char *keys)
{
	CHECK(write(terminal, keys, strlen(keys)) == (ssize_t)strlen(keys));
}

static void ends(pid_t pid, int code)
{
	int status;
	time_t end = time(NULL) + PATIENCE_S;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		read_some(20);
		CHECK(time(NULL) < end);
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != code)
		printf("status 0x%x, after:\n%s\n", status, text);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == code);
}

/* Whether the leader of a group is in a stop of job control, by proc_pid_stat(5). */
static bool is_stopped(pid_t group)
{
	char name[32], state = 0;

	snprintf(name, sizeof(name), "/proc/%d/stat", group);
	FILE *file = fopen(name, "r");
	if (!file)
		return false;
	if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
		state = 0;
	fclose(file);
	return state == 'T';
}

/* Waits until a job of the shell's has the terminal, and runs: what is typed before is not for it. */
static void expect_job(pid_t pid)
{
	time_t end = time(NULL) + PATIENCE_S;

	for (;;) {
		pid_t group = tcgetpgrp(terminal);
		if (group < 0) { /* gVisor does not tell this end (2026) */
			usleep(300000);
			return;
		}
		if (group != pid && !is_stopped(group))
			break;
		CHECK(time(NULL) < end);
		read_some(10);
	}
	usleep(50000);
}

static void shell(pid_t pid)
{
	type("PS1='rea''dy> '; unset PROMPT_COMMAND\n");
	expect("ready> ");
	type("trap 'echo inter''rupted' INT\n");
	expect("ready> ");
	/* ^C ends a command, not the shell. */
	type("sh -c 'echo star\"\"ted; exec sleep 1000'\n");
	expect("started");
	type("\003");
	expect("ready> ");
	type("echo st=$?\n");
	expect("st=130");
	/* ^Z stops it, jobs tells it, bg and fg go on with it, ^C ends it. */
	type("sh -c 'echo star\"\"ted; exec sleep 1001'\n");
	expect("started");
	type("\032");
	expect("Stopped");
	expect("ready> ");
	type("jobs\n");
	expect("1001");
	expect("ready> ");
	type("bg\n");
	expect("ready> ");
	type("jobs\n");
	expect("Running");
	type("fg\n");
	expect_job(pid);
	type("\032");
	expect("Stopped");
	expect("ready> ");
	type("fg\n");
	expect_job(pid);
	type("\003");
	expect("ready> ");
	/* A pipeline, and a reader from the terminal in the background. */
	type("cat | cat\n");
	expect_job(pid);
	type("line\n");
	expect("line");
	expect("line");
	type("\032");
	expect("Stopped");
	expect("ready> ");
	type("fg\n");
	expect_job(pid);
	type("\004");
	expect("ready> ");
	/* It may be stopped, and the shell say so, before there is a prompt. */
	size_t before = seen;
	type("cat &\n");
	expect("ready> ");
	while (!strstr(text + before, "Stopped")) {
		usleep(100000);
		type("\n");
		expect("ready> ");
	}
	type("kill %%; wait; cat /proc/sys/vm/swappiness | wc -l; stty size\n");
	expect("1\r\n");
	expect("24 80");
	/* The window changes. */
	struct winsize size = { 30, 90, 0, 0 };
	CHECK(ioctl(terminal, TIOCSWINSZ, &size) == 0);
	type("stty size\n");
	expect("30 90");
	type("exit 5\n");
	ends(pid, 5);
}

/* What the session's leader, which started the command, was told by waitpid(2), a letter and a number each. */
static int told[2];

static void expect_told(char what, int number)
{
	char text_told[8] = "";
	struct pollfd waits = { told[0], POLLIN, 0 };
	time_t end = time(NULL) + PATIENCE_S;

	while (poll(&waits, 1, 20) == 0) {
		read_some(0);
		CHECK(time(NULL) < end);
	}
	CHECK(read(told[0], text_told, 4) == 4);
	if (text_told[0] != what || atoi(text_told + 1) != number)
		printf("expected %c%03d, told %s\n", what, number, text_told);
	CHECK(text_told[0] == what && atoi(text_told + 1) == number);
}

static void tell(char what, int number)
{
	char text_told[16];

	snprintf(text_told, sizeof(text_told), "%c%03d", what, number);
	CHECK(write(told[1], text_told, 4) == 4);
}

static void lead(const char **arguments)
{
	int status;

	signal(SIGTTOU, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	pid_t pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		tcsetpgrp(0, getpid());
		signal(SIGTTOU, SIG_DFL);
		signal(SIGHUP, SIG_DFL);
		execvp(arguments[0], (char **)arguments);
		_exit(127);
	}
	setpgid(pid, pid);
	while (waitpid(pid, &status, WUNTRACED | WCONTINUED) == pid) {
		if (WIFSTOPPED(status)) {
			tell('S', WSTOPSIG(status));
			usleep(100000);
			kill(-pid, SIGCONT);
		} else if (WIFCONTINUED(status)) {
			tell('C', 0);
		} else {
			tell(WIFSIGNALED(status) ? 'K' : 'E',
				WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
			_exit(0);
		}
	}
}

/* ^Z of gvtrace itself: whoever started it sees it stopped, and continues it. */
static void stopped(pid_t pid)
{
	for (int i = 0; i < 3; i++) {
		usleep(300000);
		type("\032");
		expect_told('S', SIGTSTP);
		expect_told('C', 0);
	}
	usleep(100000);
	type("\003");
	expect_told('K', SIGINT);
}

static void quit(pid_t pid)
{
	usleep(300000);
	type("\034");
	expect_told('K', SIGQUIT);
}

/* The terminal goes away: SIGHUP to the session's leader, which gvtrace has become. */
static void hung_up(pid_t pid)
{
	int status;

	usleep(300000);
	close(terminal);
	CHECK(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP);
}

static void pager(pid_t pid)
{
	expect("line 1\r\n");
	expect("line 20\r\n");
	type(" ");
	expect("line 40\r\n");
	type("/line 777\n");
	expect("line 777");
	type("g");
	expect("line 1");
	type("\032");
	expect_told('S', SIGTSTP);
	expect_told('C', 0);
	expect("line 2");
	type("q");
	expect_told('E', 0);
}

static void editor(pid_t pid)
{
	expect("line 1");
	expect("line 10");
	type("ddoinserted\033:wq\r");
	expect_told('E', 0);
}

static const struct {
	const char *name, *command[6];
	void (*talk)(pid_t pid);
} talks[] = {
	{ "shell", { "bash", "--norc", "--noprofile", "--noediting", "-i" }, shell },
	{ "stopped", { "sleep", "1000" }, stopped },
	{ "quit", { "sh", "-c", "ulimit -c 0; exec sleep 1000" }, quit },
	{ "hung-up", { "sleep", "1000" }, hung_up },
	{ "less", { "less", "lines" }, pager },
	{ "vi", { "vi", "lines" }, editor },
};

int main(int argc, char **argv)
{
	struct winsize size = { 24, 80, 0, 0 };
	size_t which = 0;

	CHECK(argc > 1);
	while (strcmp(talks[which].name, argv[1]) != 0)
		CHECK(++which < sizeof(talks) / sizeof(talks[0]));
	CHECK(pipe2(told, O_CLOEXEC) == 0);
	setenv("TERM", "vt100", 1);
	setenv("HOME", ".", 1);
	unsetenv("LESS");
	pid_t pid = forkpty(&terminal, NULL, NULL, &size);
	if (pid < 0)
		skip("no pseudo terminal: %s", strerror(errno));
	if (pid == 0) {
		const char *arguments[64];
		int n = 0;
		for (int i = 2; i < argc && n < 50; i++)
			arguments[n++] = argv[i];
		for (int i = 0; i < 6 && talks[which].command[i]; i++)
			arguments[n++] = talks[which].command[i];
		arguments[n] = NULL;
		if (talks[which].talk != shell && talks[which].talk != hung_up)
			lead(arguments);
		execvp(arguments[0], (char **)arguments);
		_exit(127);
	}
	talks[which].talk(pid);
	return success();
}
