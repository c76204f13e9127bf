/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * contain [-t SECONDS] [-g SECONDS] [-u UID] [-r FILE] COMMAND [ARGUMENT]...
 *
 * Runs a command in a session of its own, ends it when the time is up, and looks for processes that it left
 * behind. -t: time limit (30). -g: how long what is left may take to end by itself (5). -u: as this user.
 * -r: a line for each finding goes to FILE: "exit N", "signal N", "timeout", "left PID NAME STATE".
 * Ends with 0 if the command could be started, whatever came of it.
 *
 * Descendants are found as children of this process, which is a subreaper, and, where the kernel has none
 * (gVisor 2022) or a process got away by other means, by a mark in their environment.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PIDS_MAX = 4096, ENVIRONMENT_BYTES = 65536, POLL_MS = 10, KILL_SECONDS = 10 };

static char mark[64]; /* NAME=VALUE */
static FILE *report;

struct found {
	pid_t pid, parent;
	char state, name[32];
	bool ours;
};

static struct found found[PIDS_MAX];
static size_t n_found;

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static ssize_t read_whole(const char *path, char *ret_text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t n = -1;

	if (fd < 0)
		return -1;
	while (used < size - 1 && (n = read(fd, ret_text + used, size - 1 - used)) > 0)
		used += (size_t)n;
	close(fd);
	ret_text[used] = '\0';
	return n < 0 ? -1 : (ssize_t)used;
}

static bool has_mark(pid_t pid)
{
	static char text[ENVIRONMENT_BYTES];
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/environ", pid);
	ssize_t n = read_whole(path, text, sizeof(text));
	for (const char *p = text; n > 0 && p < text + n; p += strlen(p) + 1)
		if (strcmp(p, mark) == 0)
			return true;
	return false;
}

static bool look_at(pid_t pid, struct found *ret_found)
{
	char path[64], text[1024];

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (read_whole(path, text, sizeof(text)) <= 0)
		return false;
	char *open = strchr(text, '('), *close = strrchr(text, ')');
	if (!open || !close ||
		sscanf(close + 1, " %c %d", &ret_found->state, &ret_found->parent) != 2)
		return false;
	*close = '\0';
	snprintf(ret_found->name, sizeof(ret_found->name), "%s", open + 1);
	ret_found->pid = pid;
	ret_found->ours = pid != getpid() && has_mark(pid);
	return true;
}

/* Fills found[] with the living processes that the command has left. */
static void find_left(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	bool changed = true;
	size_t n = 0;

	n_found = 0;
	while (proc && n_found < PIDS_MAX && (entry = readdir(proc)))
		if (isdigit((unsigned char)entry->d_name[0]) &&
			look_at(atoi(entry->d_name), &found[n_found]))
			n_found++;
	if (proc)
		closedir(proc);
	while (changed) {
		changed = false;
		for (size_t i = 0; i < n_found; i++) {
			if (found[i].ours)
				continue;
			for (size_t j = 0; j < n_found && !found[i].ours; j++)
				found[i].ours = found[j].ours && found[j].pid == found[i].parent;
			found[i].ours |= found[i].parent == getpid();
			changed |= found[i].ours;
		}
	}
	/* A zombie of ours is reaped at the next look. */
	for (size_t i = 0; i < n_found; i++)
		if (found[i].ours && !(found[i].state == 'Z' && found[i].parent == getpid()))
			found[n++] = found[i];
	n_found = n;
}

static void say_and_kill_left(void)
{
	double end = now() + KILL_SECONDS;

	for (size_t i = 0; i < n_found; i++) {
		char path[64], command[200] = "";
		snprintf(path, sizeof(path), "/proc/%d/cmdline", found[i].pid);
		ssize_t n = read_whole(path, command, sizeof(command));
		for (ssize_t j = 0; j + 1 < n; j++)
			if (command[j] == '\0')
				command[j] = ' ';
		fprintf(report, "left %d %s %c: %s\n", found[i].pid, found[i].name, found[i].state,
			command);
	}
	while (n_found > 0 && now() < end) {
		for (size_t i = 0; i < n_found; i++)
			kill(found[i].pid, SIGKILL);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		usleep(POLL_MS * 1000);
		find_left();
	}
	for (size_t i = 0; i < n_found; i++)
		fprintf(report, "immortal %d %s %c\n", found[i].pid, found[i].name, found[i].state);
}

/* As a login would start it, whatever this was started by: a job in the background has SIGINT ignored. */
static void reset_signals(void)
{
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void run(char **command, long uid)
{
	setsid();
	reset_signals();
	if (uid >= 0 && (setgroups(0, NULL) || setgid((gid_t)uid) || setuid((uid_t)uid))) {
		perror("contain: setuid");
		_exit(127);
	}
	execvp(command[0], command);
	perror(command[0]);
	_exit(127);
}

int main(int argc, char **argv)
{
	double limit = 30, grace = 5, left_since = 0;
	const char *report_file = NULL;
	long uid = -1;
	bool ended = false;
	int c, status;

	while ((c = getopt(argc, argv, "+t:g:u:r:")) != -1) {
		switch (c) {
		case 't':
			limit = atof(optarg);
			break;
		case 'g':
			grace = atof(optarg);
			break;
		case 'u':
			uid = atol(optarg);
			break;
		case 'r':
			report_file = optarg;
			break;
		default:
			return 2;
		}
	}
	if (!argv[optind])
		return 2;
	report = report_file ? fopen(report_file, "we") : stderr;
	if (!report) {
		perror(report_file);
		return 2;
	}
	/* A mark of its own also for a contain below a contain. */
	snprintf(mark, sizeof(mark), "CONTAINED_BY_%d=%d", getpid(), getpid());
	putenv(mark);
	prctl(PR_SET_CHILD_SUBREAPER, 1);

	double start = now();
	pid_t child = fork();
	if (child == 0)
		run(argv + optind, uid);
	if (child < 0) {
		perror("contain: fork");
		return 2;
	}
	for (;;) {
		pid_t pid;
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
			if (pid != child)
				continue;
			ended = true;
			if (WIFSIGNALED(status))
				fprintf(report, "signal %d\n", WTERMSIG(status));
			else
				fprintf(report, "exit %d\n", WEXITSTATUS(status));
			left_since = now();
		}
		if (ended) {
			find_left();
			if (n_found == 0)
				break;
			if (now() - left_since > grace) {
				say_and_kill_left();
				break;
			}
		} else if (now() - start > limit) {
			fprintf(report, "timeout\n");
			find_left();
			say_and_kill_left();
			break;
		}
		usleep(POLL_MS * 1000);
	}
	fclose(report);
	return 0;
}
