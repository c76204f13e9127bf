/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * killed-tracer GVTRACE [OPTION]... --: 200 times, starts a busy crowd under gvtrace and kills the supervisor with
 * SIGKILL at a random moment. Nothing may be left. This process is not traced; it is the reaper of all.
 */
#include "loops.h"
#include "workload.h"

#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <sys/prctl.h>

enum { KILLS = 200, PATIENCE_S = 5 };

struct seen {
	pid_t pid, parent;
	char name[32], state;
	bool ours;
};

static struct seen seen[8192];
static int n_seen;

/* All processes below us; a traced one that nobody waits for is still one. */
static int look(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	bool changed = true;
	int n = 0;

	n_seen = 0;
	while (proc && (entry = readdir(proc)) && n_seen < 8192) {
		char path[300], text[1024];
		struct seen *s = &seen[n_seen];
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t length = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
		if (fd >= 0)
			close(fd);
		if (length <= 0)
			continue;
		text[length] = '\0';
		char *open_bracket = strchr(text, '('), *close_bracket = strrchr(text, ')');
		/* Not the number in the text: gVisor writes 0 there of one that is just gone, and kill(0) is for all of us. */
		s->pid = atoi(entry->d_name);
		if (!close_bracket ||
			sscanf(close_bracket + 1, " %c %d", &s->state, &s->parent) != 2)
			continue;
		*close_bracket = '\0';
		snprintf(s->name, sizeof(s->name), "%s", open_bracket + 1);
		s->ours = false;
		n_seen++;
	}
	if (proc)
		closedir(proc);
	while (changed) {
		changed = false;
		for (int i = 0; i < n_seen; i++) {
			if (seen[i].ours)
				continue;
			seen[i].ours = seen[i].parent == getpid();
			for (int j = 0; j < n_seen && !seen[i].ours; j++)
				seen[i].ours = seen[j].ours && seen[j].pid == seen[i].parent;
			changed |= seen[i].ours;
		}
	}
	for (int i = 0; i < n_seen; i++)
		if (seen[i].ours)
			seen[n++] = seen[i];
	return n_seen = n;
}

int main(int argc, char **argv)
{
	unsigned seed = (unsigned)getpid();
	int killed = 0, rounds = 0;
	char *arguments[64], mark[] = "crowd", again[] = "worker";

	char *next[] = { argv[0], again, NULL };

	if (argc > 1 && strcmp(argv[1], again) == 0)
		worker(argv);
	if (argc > 1 && strcmp(argv[1], mark) == 0)
		workload(next);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1))
		skip("no subreaper here");
	int n = 0;
	for (int i = 1; i < argc && n < 60; i++)
		arguments[n++] = argv[i];
	arguments[n++] = argv[0];
	arguments[n++] = mark;
	arguments[n] = NULL;

	double end = seconds_now() + 60 * loops();
	while (rounds < KILLS * loops() && seconds_now() < end) {
		fflush(stdout);
		pid_t command = fork();
		if (command == 0) {
			int null_fd = open("/dev/null", O_RDWR);
			dup2(null_fd, 2);
			execv(arguments[0], arguments);
			_exit(9);
		}
		rounds++;
		usleep((unsigned)rand_r(&seed) % 150000);
		bool was_killed = false;
		double give_up = seconds_now() + PATIENCE_S;
		for (;;) {
			while (waitpid(-1, NULL, WNOHANG) > 0)
				;
			if (look() == 0)
				break;
			for (int i = 0; i < n_seen; i++)
				if (seen[i].pid != command && strcmp(seen[i].name, "gvtrace") == 0)
					was_killed |= kill(seen[i].pid, SIGKILL) == 0;
			if (seconds_now() > give_up) {
				printf("round %d: left:", rounds);
				for (int i = 0; i < n_seen && i < 20; i++)
					printf(" %d %s %c", seen[i].pid, seen[i].name,
						seen[i].state);
				puts("");
				fflush(stdout);
				_exit(1);
			}
			usleep(2000);
		}
		killed += was_killed;
	}
	printf("note: killed %d times in %d rounds\n", killed, rounds);
	CHECK(killed >= 20);
	return success();
}
