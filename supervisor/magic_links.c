/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "magic_links.h"

#include <ctype.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "lookup.h"
#include "marker.h"
#include "path.h"
#include "proc_number.h"

/*
 * Takes the thread's own root off a path that the kernel has shown to us: /proc/TID/cwd of a process after
 * chroot(2) shows the path from our root. A root in another mount namespace shows as "/".
 */
static void below_own_root(struct stop *stop, char *path)
{
	char root[PATH_MAX];

	/* Nobody's root is a folder of /proc. */
	if (path_is_below(path, "/proc"))
		return;
	ssize_t n = stop_read_proc_link(stop, "root", root, sizeof(root));

	if (n <= 1 || strncmp(path, root, (size_t)n) != 0 || (path[n] != '/' && path[n] != '\0'))
		return;
	if (path[n] == '\0')
		strcpy(path, "/");
	else
		memmove(path, path + n, strlen(path + n) + 1);
}

static int ask_is_procfs(struct stop *stop, const char *name)
{
	char path[PATH_MAX];
	struct statfs fs;

	if (lookup_is_careful()) {
		cleanup_close int place = stop_open_proc(stop, name, O_PATH);
		int64_t type = 0;
		int r = place < 0 ? place : lookup_type(place, &type);
		return r ? r : type == PROC_SUPER_MAGIC;
	}
	if (snprintf(path, sizeof(path), "/proc/%d/%s", stop_tid(stop), name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	return statfs(path, &fs) ? -errno : fs.f_type == PROC_SUPER_MAGIC;
}

int magic_link_is_procfs(struct stop *stop, const char *name)
{
	if (*name && strcmp(stop->type_name, name) == 0)
		return stop->is_procfs;
	stop->type_name[0] = '\0';
	stop->is_procfs = ask_is_procfs(stop, name);
	if (stop->is_procfs >= 0 && strlen(name) < sizeof(stop->type_name))
		strcpy(stop->type_name, name);
	return stop->is_procfs;
}

static const struct rule_set *rules;
static bool asks_type, lead_elsewhere;

void magic_links_init(const struct rule_set *with, const struct stop_order *order)
{
	rules = with;
	lead_elsewhere = false;
	for (size_t i = 0; i < rules->n_rules; i++)
		lead_elsewhere |= rules->rules[i]->armed && rules->rules[i]->emulation->reverse;
	/* What a rule has led elsewhere is of another type. */
	asks_type = order->entry_repeats && !lead_elsewhere;
}

bool magic_links_lead_elsewhere(void)
{
	return lead_elsewhere;
}

bool magic_links_ask_type(void)
{
	return asks_type;
}

bool magic_links_rule_shows(struct stop *stop, const char *path)
{
	for (size_t i = 0; i < rules->n_rules; i++) {
		const struct rule *rule = rules->rules[i];
		if (rule->armed && rule->emulation->shows_folder &&
			path_glob_match(rule->path, path) &&
			rule->emulation->shows_folder(stop, path))
			return true;
	}
	return false;
}

/* A path that a rule has led elsewhere, back to what was asked. */
static bool reverse(char *path)
{
	for (size_t i = 0; i < rules->n_rules; i++) {
		const struct rule *rule = rules->rules[i];
		if (rule->armed && rule->emulation->reverse &&
			rule->emulation->reverse(rule->config, path))
			return true;
	}
	return false;
}

bool magic_link_as_asked(struct stop *stop, char *path)
{
	if (!lead_elsewhere)
		return false;
	below_own_root(stop, path);
	return reverse(path);
}

const struct rule *magic_links_lead(struct stop *stop, const char *path, char *ret_path)
{
	long nr = stop_syscall(stop);

	if (!lead_elsewhere || nr < 0 || nr >= SYSCALL_MAX || !rules->by_syscall[nr])
		return NULL;
	for (struct rule *const *next = rules->by_syscall[nr]; *next; next++) {
		const struct rule *rule = *next;
		if (rule->emulation->lead &&
			(!rule->program ||
				rules_program_matches(rule->program, stop_match_program(stop))) &&
			rule->emulation->lead(rule->config, path, ret_path))
			return rule;
	}
	return NULL;
}

int magic_link_shown(struct stop *stop, const char *name, char *ret_path, bool *ret_is_whole)
{
	ssize_t n = stop_read_proc_link(stop, name, ret_path, PATH_MAX);

	*ret_is_whole = true;
	if (n < 0)
		return (int)n;
	if (marker_strip(ret_path))
		return 0;
	if (ret_path[0] != '/')
		return -ENOENT; /* "pipe:[12]" */
	bool is_cwd = strcmp(name, "cwd") == 0;
	if (is_cwd || strncmp(name, "fd/", 3) == 0) {
		struct process *process = tracee_process(stop->tracee);
		int fd = is_cwd ? AT_FDCWD : atoi(name + 3);
		struct named_fd *named =
			process && process->n_fds ? process_named_fd(process, fd) : NULL;

		if (named && strcmp(named->link, ret_path) == 0) {
			strcpy(ret_path, named->path);
			return 0;
		}
	}
	*ret_is_whole = false;
	return 0;
}

/* What the link /proc/TID/NAME says, as the program sees it. 0, or -errno when it leads to no path. */
int magic_link_path(struct stop *stop, const char *name, char *ret_path)
{
	bool is_whole;
	int r = magic_link_shown(stop, name, ret_path, &is_whole);

	if (r || is_whole)
		return r;
	below_own_root(stop, ret_path);
	reverse(ret_path);
	return 0;
}

/* Skips "name" and what ends it at *p, if it stands there. */
static bool skip_name(const char **p, const char *name)
{
	size_t length = strlen(name);

	if (strncmp(*p, name, length) != 0 || ((*p)[length] != '/' && (*p)[length] != '\0'))
		return false;
	*p += length + ((*p)[length] == '/');
	return true;
}

static bool skip_number(const char **p)
{
	const char *end = *p;

	while (isdigit((unsigned char)*end))
		end++;
	if (end == *p || (*end != '/' && *end != '\0'))
		return false;
	*p = end + (*end == '/');
	return true;
}

bool magic_link_is_root(const char *name)
{
	const char *slash = strrchr(name, '/');

	return strcmp(slash ? slash + 1 : name, "root") == 0;
}

bool magic_link_in(
	struct stop *stop, const char *path, char *ret_name, size_t size, const char **ret_rest)
{
	const char *p = path, *number = NULL;

	if (strncmp(p, "/dev/fd/", 8) == 0) {
		p += 5;
	} else {
		if (strncmp(p, "/proc/", 6) != 0)
			return false;
		p += 6;
		if (isdigit((unsigned char)*p))
			number = p;
		if (skip_number(&p) || skip_name(&p, "self")) {
			if (skip_name(&p, "task") && !skip_number(&p))
				return false;
		} else if (!skip_name(&p, "thread-self")) {
			return false;
		}
	}
	const char *start = p;
	if (skip_name(&p, "fd")) {
		if (!skip_number(&p))
			return false;
	} else if (!skip_name(&p, "cwd") && !skip_name(&p, "root")) {
		return false;
	}
	size_t length = (size_t)(p - start);
	if (length > 0 && start[length - 1] == '/')
		length--;
	enum proc_number whose = number ? proc_number_is(stop, number) : PROC_NUMBER_OWN;
	if (whose == PROC_NUMBER_OTHER)
		return false;
	*ret_rest = p;
	int n = whose == PROC_NUMBER_OWN
			? snprintf(ret_name, size, "%.*s", (int)length, start)
			: snprintf(ret_name, size, "../%.*s/%.*s",
				  (int)strspn(number, "0123456789"), number, (int)length, start);
	return n < (int)size;
}

bool magic_links_follow_last(const struct stop *stop)
{
	uint64_t args[SYSCALL_ARGS];

	for (int i = 0; i < SYSCALL_ARGS; i++)
		args[i] = stop_asked(stop, i);
	return syscall_follows_last_link(stop_syscall(stop), args);
}

/* Follows /proc/self/fd/N, .../cwd and .../root in path, in place. A link that leads to no path is left, and
 * the last name is where the call does not follow it. */
bool magic_links_follow(struct stop *stop, char *path, char *ret_name, size_t size)
{
	char name[64], target[PATH_MAX], joined[PATH_MAX];
	const char *rest;
	bool has_name = false;

	for (int i = 0; i < MAGIC_LINKS_MAX; i++) {
		if (!magic_link_in(stop, path, name, sizeof(name), &rest) ||
			(*rest == '\0' && !magic_links_follow_last(stop)))
			break;
		bool is_root = magic_link_is_root(name);
		if (is_root)
			strcpy(target, "/");
		else if (magic_link_path(stop, name, target))
			break;
		if (path_join(target, rest, joined, sizeof(joined)) < 0)
			break;
		strcpy(path, joined);
		if (!is_root && ret_name)
			snprintf(ret_name, size, "%s", name);
		has_name = !is_root;
	}
	return has_name;
}
