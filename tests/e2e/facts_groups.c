/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Control groups. */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "facts.h"

enum { CONTROLLERS_MAX = 32 };

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorted words, by blanks; words[] are copies. */
static void tell_words(const char *fact, const char *way, char **words, int n)
{
	printf("%s\t%s\t", fact, way);
	qsort(words, (size_t)n, sizeof(*words), compare);
	for (int i = 0; i < n; i++)
		printf("%s%s", i ? " " : "", words[i]);
	puts(n ? "" : "none");
}

static void ask_controllers_v1(void)
{
	static const char fact[] = "cgroup controllers";
	char *words[CONTROLLERS_MAX], name[64], path[512], root[256], list[256];
	int n = 0, id, hierarchy, enabled;
	const char *line;

	for (line = file("/proc/cgroups"); line && n < CONTROLLERS_MAX; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, "%63s %d %d %d", name, &hierarchy, &id, &enabled) == 4 &&
			enabled && hierarchy)
			words[n++] = strdup(name);
	}
	tell_words(fact, "/proc/cgroups", words, n);
	n = 0;
	for (line = file("/proc/self/cgroup"); line && n < CONTROLLERS_MAX;
		line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, "%d:%63[^:]:", &id, name) != 2)
			continue;
		for (char *save, *word = strtok_r(name, ",", &save); word && n < CONTROLLERS_MAX;
			word = strtok_r(NULL, ",", &save))
			if (!strchr(word, '='))
				words[n++] = strdup(word);
	}
	tell_words(fact, "/proc/self/cgroup", words, n);
	n = 0;
	for (line = file("/proc/self/mountinfo"); line && n < CONTROLLERS_MAX;
		line = strchr(line, '\n')) {
		line += *line == '\n';
		const char *dash = strstr(line, " - ");
		if (!dash || strncmp(dash, " - cgroup ", 10) != 0 ||
			sscanf(dash, " - cgroup %*s %255s", list) != 1 ||
			sscanf(line, "%*d %*d %*s %255s %255s", root, path) != 2)
			continue;
		for (char *save, *word = strtok_r(list, ",", &save); word && n < CONTROLLERS_MAX;
			word = strtok_r(NULL, ",", &save))
			if (strcmp(word, "rw") != 0 && strcmp(word, "ro") != 0 &&
				!strchr(word, '=') && strcmp(word, "xattr") != 0)
				words[n++] = strdup(word);
	}
	tell_words(fact, "mountinfo", words, n);
}

/* Whether this process is in the group that /proc/self/cgroup names, found through the mount's root. */
static void ask_place(void)
{
	char controllers[256], group[256], path[600], folder[300], fact[300];
	struct mount mount;
	const char *line = file("/proc/self/cgroup");
	int id;

	for (; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		group[0] = controllers[0] = '\0';
		if (sscanf(line, "%d:%255[^:]:%255s", &id, controllers, group) != 3 &&
			sscanf(line, "%d::%255s", &id, group) != 2)
			continue;
		snprintf(folder, sizeof(folder), "/sys/fs/cgroup/%s", controllers);
		snprintf(fact, sizeof(fact), "place in %s", *controllers ? controllers : "cgroup2");
		if (access(folder, F_OK) || !find_mount(folder, &mount) ||
			strncmp(mount.type, "cgroup", 6) != 0)
			continue;
		/* The group's path below the mount's root; a group outside of it cannot be seen. */
		size_t n = strcmp(mount.root, "/") == 0 ? 0 : strlen(mount.root);
		bool inside = strncmp(group, mount.root, n) == 0;
		snprintf(path, sizeof(path), "%s%s/cgroup.procs", folder, inside ? group + n : "");
		const char *procs = file(path);
		bool found = false;
		for (const char *p = procs; *p; p += strcspn(p, "\n"), p += *p == '\n')
			found |= atoi(p) == getpid();
		tell(fact, "/proc/self/cgroup", "%s", inside ? "there" : group);
		tell(fact, "cgroup.procs", "%s",
			found             ? "there"
			: is_there(procs) ? "not there"
					  : "missing");
	}
}

/* The line of a file of /proc/PID/cgroup that is of memory, or of version 2; without its number, which is the same. */
static void tell_group(const char *way, const char *text)
{
	const char *line = text;

	for (; line && !strstr(text, "::"); line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line + strcspn(line, ":"), ":memory:", 8) == 0)
			break;
	}
	line = line ? line : text;
	tell("control group", way, "%.*s", (int)strcspn(line, "\n"), line);
}

static void ask_group(void)
{
	char path[64];

	tell_group("/proc/self", file("/proc/self/cgroup"));
	tell_group("/proc/thread-self", file("/proc/thread-self/cgroup"));
	snprintf(path, sizeof(path), "/proc/%d/cgroup", getpid());
	tell_group("/proc/PID", file(path));
	snprintf(path, sizeof(path), "/proc/self/task/%d/cgroup", getpid());
	tell_group("/proc/self/task/TID", file(path));
	int folder = open("/proc/self", O_PATH | O_DIRECTORY);
	tell_group("openat(2)", text_of(openat(folder, "cgroup", O_RDONLY)));
	close(folder);
	/* A child is where its parent is, and sees it. */
	int ends[2];
	char text[4096] = "";
	if (pipe(ends))
		return;
	pid_t child = fork();
	if (child == 0) {
		snprintf(path, sizeof(path), "/proc/%d/cgroup", getppid());
		const char *seen = file(path);
		_exit(write(ends[1], seen, strlen(seen)) < 0);
	}
	close(ends[1]);
	ssize_t n = read(ends[0], text, sizeof(text) - 1);
	close(ends[0]);
	waitpid(child, NULL, 0);
	text[n > 0 ? n : 0] = '\0';
	tell_group("a child's /proc/PPID", text);
}

void ask_cgroups(void)
{
	struct statfs fs;
	struct mount mount = { .type = "none" };
	char link[64];
	const char *own = file("/proc/self/cgroup");

	if (statfs("/sys/fs/cgroup", &fs))
		return;
	bool is_v2 = fs.f_type == CGROUP2_SUPER_MAGIC;
	const char *type = is_v2 ? "cgroup2" : "cgroup";
	tell("cgroup version", "statfs(2)", "%s", type);
	find_mount(is_v2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory", &mount);
	tell("cgroup version", "mountinfo", "%s", mount.type);
	tell("cgroup version", "/proc/filesystems", "%s", is_known_type(type) ? type : "missing");
	tell("cgroup version", "/proc/self/cgroup", "%s",
		strstr(own, ":memory") || strstr(own, ",memory") ? "cgroup" : "cgroup2");
	if (!is_v2)
		ask_controllers_v1();
	ask_place();
	ask_group();

	/* Whether there are such namespaces, told by the links. */
	struct stat st;
	ssize_t n = readlink("/proc/self/ns/cgroup", link, sizeof(link) - 1);
	link[n > 0 ? n : 0] = '\0';
	tell("cgroup namespace", "readlink", "%s",
		strncmp(link, "cgroup:[", 8) == 0 ? "yes" : "no");
	tell("cgroup namespace", "lstat", "%s", lstat("/proc/self/ns/cgroup", &st) ? "no" : "yes");
	tell("cgroup namespace", "open", "%s",
		is_there(file("/proc/self/ns/cgroup")) ? "yes" : "no");
	bool listed = false;
	DIR *folder = opendir("/proc/self/ns");
	for (const struct dirent *entry; folder && (entry = readdir(folder));)
		listed |= strcmp(entry->d_name, "cgroup") == 0;
	if (folder)
		closedir(folder);
	tell("cgroup namespace", "listing", "%s", listed ? "yes" : "no");
}
