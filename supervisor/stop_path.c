/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which path an argument names, as the program sees it: the text is joined to the descriptor or working
 * directory that it is relative to, and what is a name for something else in /proc is followed.
 */
#include "stop.h"

#include <ctype.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/syscall.h>

#include "detached.h"
#include "magic_links.h"
#include "path.h"
#include "path_shown.h"
#include "proc_elsewhere.h"
#include "stop_fd_path.h"
#include "symlinks.h"

static bool is_dirfd(const struct stop *stop, int arg)
{
	return arg >= 0 && stop->info->args[arg] == ARG_DIRFD;
}

/* The name below /proc/TID of what the path argument is relative to. */
static void base_name(const struct stop *stop, int arg, char ret_name[64])
{
	int dirfd = is_dirfd(stop, arg - 1) ? (int)stop_asked(stop, arg - 1) : AT_FDCWD;

	if (dirfd == AT_FDCWD)
		strcpy(ret_name, "cwd");
	else
		snprintf(ret_name, 64, "fd/%d", dirfd);
}

static struct stop_path *path_slot(struct stop *stop, int arg)
{
	for (int i = 0; i < STOP_PATHS; i++)
		if (stop->paths[i].arg == arg)
			return &stop->paths[i];
	struct stop_path *slot = &stop->paths[stop->next_path];
	stop->next_path = (stop->next_path + 1) % STOP_PATHS;
	slot->arg = arg;
	slot->read = slot->resolved = slot->followed = slot->asked_via = slot->asked_proc = false;
	slot->way = (struct stop_way){ 0 };
	slot->asked_shown = slot->is_shown = false;
	slot->via[0] = '\0';
	return slot;
}

static void read_raw(struct stop *stop, struct stop_path *slot)
{
	if (slot->read)
		return;
	slot->read = true;
	slot->error = 0;
	uint64_t address = stop_asked(stop, slot->arg);
	ssize_t n =
		address ? stop_read_string(stop, address, slot->raw, sizeof(slot->raw)) : -EFAULT;
	if (n < 0)
		slot->error = (int)n;
	else
		slot->raw_length = (size_t)n;
}

/* Whether a path that ends in name may be one of the rule's. */
static bool may_end_in(const struct rule *rule, const char *name, size_t length)
{
	bool is_dots = (length == 1 && name[0] == '.') ||
		       (length == 2 && name[0] == '.' && name[1] == '.');

	return length == 0 || is_dots ||
	       (path_glob_may_end_in(rule->path, name, length) &&
		       emulation_may_end_in(rule->emulation, name, length));
}

/* The same of a text, whose last name may be a link: perhaps fd/N. */
static bool may_lead_to(const struct rule *rule, const char *name, size_t length)
{
	return (length > 0 && isdigit((unsigned char)name[0])) || may_end_in(rule, name, length);
}

/* Where an absolute path leads by symbolic links on the way. 0 or -errno. */
static int follow(struct stop *stop, const char *absolute, char *ret_path, struct stop_way *ret_way)
{
	int r = symlinks_follow(stop, absolute, ret_path, ret_way);

	if (r == 0)
		magic_links_follow(stop, ret_path, NULL, 0);
	return r;
}

/*
 * The last name itself may be a link. A readlink for each call that does not match is the price, 2 us of 20
 * on Linux and 12 of 80 in gVisor 2024: it is paid for rules with exact = yes only.
 */
static void follow_last_link(struct stop *stop, struct stop_path *slot, const struct rule *rule)
{
	char absolute[PATH_MAX * 2], path[PATH_MAX];
	struct stop_way way;

	strcpy(path, slot->path);
	for (int i = 0; i < MAGIC_LINKS_MAX && strncmp(path, "/proc/", 6) != 0; i++) {
		char target[PATH_MAX], name[PATH_MAX + 8];
		snprintf(name, sizeof(name), "root%s", path);
		ssize_t n = stop_read_proc_link(stop, name, target, sizeof(target));
		if (n < 0)
			return;
		*strrchr(path, '/') = '\0';
		snprintf(absolute, sizeof(absolute), "%s/%s", target[0] == '/' ? "" : path, target);
		if (strlen(absolute) >= PATH_MAX)
			return;
		if (follow(stop, absolute, path, &way))
			return;
		if (path_glob_match(rule->path, path)) {
			strcpy(slot->path, path);
			return;
		}
		if (path[1] == '\0')
			return;
	}
}

static bool is_exact(const struct rule *rule)
{
	return rule->emulation->is_exact && rule->emulation->is_exact(rule->config);
}

/* symlinks_lead_to_proc(), or the same of what the text is relative to. */
static int ask_proc(struct stop *stop, const struct stop_path *slot, const char *absolute)
{
	int r = symlinks_lead_to_proc(stop, absolute);

	if (r < 0 && r != -ENOSYS && *slot->via) {
		int of_base = magic_link_is_procfs(stop, slot->via);
		r = of_base ? of_base : r;
	}
	/* gVisor 2022 does not tell the type of a folder of procfs. */
	return r == -ENOSYS ? 1 : r;
}

/* Whether the text, with the links on its way followed, is in the rule's path. */
static bool leads_to(struct stop *stop, struct stop_path *slot, const char *text,
	const struct rule *rule, char *ret_path)
{
	char absolute[PATH_MAX * 2];

	snprintf(absolute, sizeof(absolute), "%s/%s", slot->base, text);
	if (!slot->followed && rule_is_in_proc(rule) && strlen(absolute) < PATH_MAX) {
		if (!slot->asked_proc)
			slot->leads_to_proc = ask_proc(stop, slot, absolute);
		slot->asked_proc = true;
		if (slot->leads_to_proc == 0)
			return false;
	}
	if (!slot->followed)
		slot->real_error = strlen(absolute) < PATH_MAX
					   ? follow(stop, absolute, slot->real, &slot->way)
					   : -ENAMETOOLONG;
	slot->followed = true;
	if (slot->real_error)
		return false;
	if (slot->way.left != rule && !path_glob_match(rule->path, slot->real))
		return proc_elsewhere_path(stop, slot->real,
			slot->asked_proc && slot->leads_to_proc > 0, rule, ret_path);
	strcpy(ret_path, slot->real);
	return true;
}

/* The text leads elsewhere than it says, or what stands before a ".." is no folder. */
static void follow_symlinks(
	struct stop *stop, struct stop_path *slot, const char *text, const struct rule *rule)
{
	bool matches = path_glob_match(rule->path, slot->path), climbs = path_has_dot_dot(text);

	if (matches ? climbs : rule_names(rule, text)) {
		if (!leads_to(stop, slot, text, rule, slot->path) && matches)
			slot->error = -ENOENT;
	} else if (!matches && is_exact(rule) && magic_links_follow_last(stop)) {
		follow_last_link(stop, slot, rule);
	}
}

static bool resolves_in_root(struct stop *stop)
{
	uint64_t how[3]; /* flags, mode, resolve */

	return stop_syscall(stop) == SYS_openat2 &&
	       stop_read(stop, stop_asked(stop, 2), how, sizeof(how)) == 0 &&
	       (how[2] & RESOLVE_IN_ROOT);
}

/* Joins text to base; with clamp a ".." does not lead above base. */
static int join(const char *base, const char *text, bool clamp, char ret_path[PATH_MAX])
{
	char below[PATH_MAX];

	if (!clamp)
		return path_join(base, text, ret_path, PATH_MAX);
	int n = path_join("/", text, below, sizeof(below));
	return n < 0 ? n : path_join(base, below + 1, ret_path, PATH_MAX);
}

/* Whether the path, relative to a procfs mount that is nowhere in the tree, is in the rule's; it then says so. */
static bool is_in_detached_proc(struct stop *stop, struct stop_path *slot, const struct rule *rule)
{
	if (!*slot->via || slot->via_is_in_proc || path_glob_match(rule->path, slot->path) ||
		(slot->asked_via && slot->via_is_procfs <= 0))
		return false;
	return detached_path(stop, slot->via, slot->path, rule, slot->path);
}

/* An empty text that is nobody's name: the kernel says ENOENT. Go programs ask so for each option that they know. */
static bool is_nothing(const struct stop *stop, const struct stop_path *slot)
{
	if (slot->raw_length > 0)
		return false;
	switch (stop_syscall(stop)) {
	case SYS_open:
	case SYS_openat:
	case SYS_stat:
	case SYS_lstat:
	case SYS_access:
	case SYS_faccessat:
		return true;
	case SYS_newfstatat:
		return !(stop_asked(stop, 3) & AT_EMPTY_PATH);
	default:
		return false;
	}
}

/* Whether a single name, in a folder that is in no procfs, is surely not what the rule is about. */
static bool is_surely_elsewhere(
	struct stop *stop, struct stop_path *slot, const struct rule *rule, const char *text)
{
	const struct process *process = tracee_process(stop->tracee);

	if (!magic_links_ask_type() || slot->resolved || !rule_is_in_proc(rule) || *text == '\0' ||
		strchr(text, '/') || strcmp(text, "..") == 0 || strcmp(text, "proc") == 0 ||
		!process || process->n_fds > 0 || is_exact(rule))
		return false;
	if (!slot->asked_via) {
		base_name(stop, slot->arg, slot->via);
		slot->via_is_procfs = magic_link_is_procfs(stop, slot->via);
		slot->asked_via = true;
	}
	return slot->via_is_procfs == 0;
}

/* Whether it is none of the rule's in any root, see path_shown.h, and symbolic links are not looked at for the rule either. */
static bool matches_in_no_root(
	struct stop *stop, struct stop_path *slot, const struct rule *rule, const char *text)
{
	size_t length;
	char via[64];

	if (slot->resolved || rule_names(rule, text) || is_exact(rule))
		return false;
	if (!slot->asked_shown) {
		base_name(stop, slot->arg, via);
		slot->is_shown = path_shown(stop, *text == '/' ? NULL : via, text, slot->shown);
		slot->asked_shown = true;
	}
	if (!slot->is_shown)
		return false;
	const char *last = path_last_name(slot->shown, &length);
	return !may_end_in(rule, last, length) || !path_shown_may_match(slot->shown, rule);
}

/* Whether what the path is relative to may stand for a folder that only a rule shows: then the kernel would look for any name in
 * another one. */
static bool may_be_in_shown(const struct stop *stop)
{
	return stop->tracee->process && stop->tracee->process->n_followed > 0;
}

/* Whether the text is seen to be none of the rule's before it is resolved. */
static bool is_another(struct stop *stop, struct stop_path *slot, const struct rule *rule,
	const char *text, bool in_root)
{
	size_t length;
	const char *last = path_last_name(text, &length);

	if (*text != '/' && !may_lead_to(rule, last, length))
		return true;
	/* What was asked for another rule comes first. */
	if (slot->is_shown && !in_root && matches_in_no_root(stop, slot, rule, text))
		return true;
	return (*text != '/' && is_surely_elsewhere(stop, slot, rule, text)) ||
	       (!in_root && matches_in_no_root(stop, slot, rule, text));
}

/* For a rule's path; with NULL the path is wanted whatever it is. */
static void resolve(struct stop *stop, struct stop_path *slot, const struct rule *rule)
{
	read_raw(stop, slot);
	if (slot->error == 0 && is_nothing(stop, slot))
		slot->error = -ENOENT;
	if (slot->error)
		return;
	const char *text = slot->raw;
	bool in_root = resolves_in_root(stop);
	if (in_root)
		text += strspn(text, "/");
	if (rule && !may_be_in_shown(stop) && is_another(stop, slot, rule, text, in_root))
		return;
	if (!slot->resolved) {
		slot->resolved = true;
		slot->base[0] = '\0';
		if (*text != '/') {
			base_name(stop, slot->arg, slot->via);
			slot->error = magic_link_path(stop, slot->via, slot->base);
			slot->via_is_in_proc = path_is_below(slot->base, "/proc");
		}
		if (slot->error == 0)
			slot->error = MIN(
				join(*slot->base ? slot->base : "/", text, in_root, slot->path), 0);
		/* Empty, with AT_EMPTY_PATH: the descriptor itself, even if it is one of a link. */
		if (slot->error == 0 && *text != '\0' &&
			magic_links_follow(stop, slot->path, slot->via, sizeof(slot->via))) {
			slot->asked_via = false;
			slot->via_is_in_proc = path_is_below(slot->path, "/proc");
		}
	}
	/* What a rule's path adds is asked for each rule: another one may have been asked first. */
	if (slot->error || *text == '\0' || !rule || is_in_detached_proc(stop, slot, rule))
		return;
	if (!in_root)
		follow_symlinks(stop, slot, text, rule);
}

int stop_path(struct stop *stop, int arg, const char **ret_path)
{
	if (!stop->info)
		return -ENOENT;
	uint8_t kind = stop->info->args[arg];
	if (kind == ARG_FD || kind == ARG_DIRFD || kind == ARG_CWD_OUT)
		return stop_fd_path(stop, arg, ret_path);
	if (kind != ARG_PATH)
		return -ENOENT;
	struct stop_path *slot = path_slot(stop, arg);
	resolve(stop, slot, NULL);
	*ret_path = slot->path;
	return slot->error;
}

int stop_path_real(struct stop *stop, int arg, const char **ret_path)
{
	struct stop_path *slot = path_slot(stop, arg);
	char all[PATH_MAX + 2];

	resolve(stop, slot, NULL);
	if (slot->error)
		return slot->error;
	if (!slot->followed) {
		slot->followed = true;
		slot->real_error = 0;
		bool is_detached = *slot->via && !slot->via_is_in_proc &&
				   detached_path(stop, slot->via, slot->path, NULL, slot->real);
		/* With a name behind it the last one is no longer the last. */
		snprintf(all, sizeof(all), "%s/.", slot->path);
		if (!is_detached)
			slot->real_error = strlen(all) < PATH_MAX
						   ? follow(stop, all, slot->real, &slot->way)
						   : -ENAMETOOLONG;
	}
	*ret_path = slot->real;
	return slot->real_error;
}

bool stop_path_leaves_shown(struct stop *stop, int arg)
{
	return stop->info->args[arg] == ARG_PATH && path_slot(stop, arg)->way.leaves_shown;
}

int stop_path_base(struct stop *stop, int arg, char *ret_path)
{
	char name[64];

	base_name(stop, arg, name);
	return magic_link_path(stop, name, ret_path);
}

int stop_link_path(struct stop *stop, const char *name, char *ret_path)
{
	return magic_link_path(stop, name, ret_path);
}

const char *stop_path_text(struct stop *stop, int arg)
{
	struct stop_path *slot = path_slot(stop, arg);

	read_raw(stop, slot);
	/* Nothing is a text, too, though it names no path. */
	bool is_there = slot->error == 0 || (slot->error == -ENOENT && is_nothing(stop, slot));
	return is_there ? slot->raw : NULL;
}

bool stop_path_is_empty(struct stop *stop, int arg)
{
	const char *text = stop_path_text(stop, arg);

	return text && *text == '\0';
}

bool stop_path_is_folder(struct stop *stop, int arg)
{
	struct stop_path *slot = path_slot(stop, arg);

	read_raw(stop, slot);
	size_t n = slot->error ? 0 : slot->raw_length;
	return n > 0 &&
	       (slot->raw[n - 1] == '/' || (n > 1 && strcmp(slot->raw + n - 2, "/.") == 0));
}

/* Whether a text can name such a link, to judge by its last name: a number, "cwd" or "root"; or dots, which say nothing. */
static bool may_be_magic_link(const char *text)
{
	size_t length;
	const char *last = path_last_name(text, &length);

	return length == 0 || last[0] == '.' || isdigit((unsigned char)last[0]) ||
	       (length == 3 && strncmp(last, "cwd", 3) == 0) ||
	       (length == 4 && strncmp(last, "root", 4) == 0);
}

bool stop_is_magic_link(struct stop *stop, int arg)
{
	struct stop_path *slot = path_slot(stop, arg);
	char name[64], base[PATH_MAX] = "/", path[PATH_MAX];
	const char *rest;

	read_raw(stop, slot);
	if (slot->error || !may_be_magic_link(slot->raw))
		return false;
	base_name(stop, arg, name);
	if (slot->raw[0] != '/' && slot->resolved && *slot->base)
		strcpy(base, slot->base);
	else if (slot->raw[0] != '/' && magic_link_path(stop, name, base))
		return false;
	return path_join(base, slot->raw, path, sizeof(path)) >= 0 &&
	       magic_link_in(stop, path, name, sizeof(name), &rest) && *rest == '\0';
}

const char *stop_match_path(void *data, int arg, const struct rule *rule)
{
	struct stop *stop = data;
	uint8_t kind = stop->info->args[arg];

	if (kind == ARG_FD || kind == ARG_CWD_OUT)
		return stop_fd_match_path(stop, arg, rule);
	if (kind != ARG_PATH)
		return NULL;
	struct stop_path *slot = path_slot(stop, arg);
	resolve(stop, slot, rule);
	if (!slot->resolved || slot->error)
		return NULL;
	/* What leads out of the rule's folder is the rule's as well. Its path has no wildcard that would not match itself. */
	return slot->way.left == rule ? path_glob_text(rule->path) : slot->path;
}

const char *stop_match_program(void *data)
{
	struct stop *stop = data;

	return tracee_program(stop->tracee);
}
