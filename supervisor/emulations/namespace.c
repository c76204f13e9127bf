/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * do = namespace: stands in for a kind of namespace that the kernel lacks. /proc/PID/ns/KIND is there (it is
 * the network namespace's link under another name; in listings, too), its link text is one namespace for all, CLONE_NEWKIND is
 * taken out of clone, clone3 and unshare, and joining it with setns does nothing.
 */
#include <fcntl.h>
#include <limits.h>
#include <linux/sched.h>
#include <sched.h>
#include <stdio.h>
#include <sys/syscall.h>

#include "dirents.h"
#include "emulation.h"
#include "fake_stat.h"
#include "own_proc.h"
#include "path.h"

struct kind {
	const char *name, *link;
	uint64_t flag;
};

/* The inode numbers of a Linux' first namespaces: include/uapi/linux/nsfs.h, enum init_ns_ino. */
static const struct kind kinds[] = {
	{ "cgroup", "cgroup:[4026531835]", CLONE_NEWCGROUP },
	{ "time", "time:[4026531834]", CLONE_NEWTIME },
};

static int parse(const struct rule_options *options, void **ret_config, struct rule_error *error)
{
	const struct rule_option *option = rule_options_find(options, "kind");
	const struct kind **config = malloc(sizeof(*config));

	if (!config)
		return -ENOMEM;
	*ret_config = config;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (strcmp(kinds[i].name, option->value) == 0) {
			*config = &kinds[i];
			return 0;
		}
	}
	return rule_option_error(error, options, option,
		"\"%s\" is not a kind of namespace that can be stood in for (known: cgroup, time)",
		option->value);
}

static bool is_armed[ARRAY_SIZE(kinds)];

static int prepare(const void *config, struct fakeprocsys *tree)
{
	is_armed[*(const struct kind *const *)config - kinds] = true;
	return 0;
}

static enum verdict without_flag(struct stop *stop, const struct kind *kind)
{
	uint64_t flags = stop_asked(stop, 0);

	if (!(flags & kind->flag))
		return VERDICT_NEXT;
	stop_send_arg(stop, 0, flags & ~kind->flag);
	stop_note(stop, "without the new %s namespace", kind->name);
	return VERDICT_WATCH;
}

/* The flags are in the program's memory, and stay changed: the kernel copies them before anybody looks. */
static enum verdict without_flag_clone3(struct stop *stop, const struct kind *kind)
{
	uint64_t flags, address = stop_asked(stop, 0);

	if (stop_read(stop, address, &flags, sizeof(flags)) || !(flags & kind->flag))
		return VERDICT_NEXT;
	flags &= ~kind->flag;
	if (stop_write(stop, address, &flags, sizeof(flags)))
		return VERDICT_NEXT;
	stop_note(stop, "without the new %s namespace", kind->name);
	return VERDICT_WATCH;
}

/* setns(2) by kind, or with 0 on a descriptor that we had given for the link: both are of this kind. */
static enum verdict join(struct stop *stop, const struct kind *kind)
{
	if (stop_asked(stop, 1) != kind->flag)
		return VERDICT_NEXT;
	stop_set_result(stop, 0);
	stop_note(stop, "joins the only %s namespace", kind->name);
	return VERDICT_DONE;
}

/* Whether path is /proc/<any>/ns/KIND or /proc/<any>/task/<any>/ns/KIND. */
static bool is_link(const char *path, const struct kind *kind)
{
	char end[32];
	int length = snprintf(end, sizeof(end), "/ns/%s", kind->name);
	size_t path_length = strlen(path);

	return strncmp(path, "/proc/", 6) == 0 && path_length > (size_t)length &&
	       strcmp(path + path_length - (size_t)length, end) == 0;
}

static enum verdict read_link(struct stop *stop, const struct kind *kind)
{
	bool at = stop_syscall(stop) == SYS_readlinkat;
	uint64_t buffer = stop_asked(stop, at ? 2 : 1), size = stop_asked(stop, at ? 3 : 2);
	size_t length = MIN(strlen(kind->link), size);

	if ((int64_t)size <= 0)
		stop_set_result(stop, -EINVAL);
	else if (stop_write(stop, buffer, kind->link, length))
		stop_set_result(stop, -EFAULT);
	else
		stop_set_result(stop, (int64_t)length);
	return VERDICT_DONE;
}

/* Whether descriptor arg 0 is of /proc/<any>/ns. */
static bool is_links_folder(struct stop *stop, const char **ret_path)
{
	size_t length;

	if (stop_path(stop, 0, ret_path) || strncmp(*ret_path, "/proc/", 6) != 0)
		return false;
	const char *name = path_last_name(*ret_path, &length);
	return length == 2 && memcmp(name, "ns", 2) == 0;
}

static bool is_listed_by_kernel(const struct kind *kind)
{
	char link[64];

	snprintf(link, sizeof(link), "/proc/self/ns/%s", kind->name);
	return faccessat(AT_FDCWD, link, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* At the end of the kernel's listing there are more entries, once: those of all armed rules. */
static void list(struct stop *stop)
{
	char data[64 * ARRAY_SIZE(kinds)], link[PATH_MAX + 8];
	size_t length = 0, size = MIN(sizeof(data), stop_asked(stop, 2));
	const char *path;
	unsigned *given = is_links_folder(stop, &path)
				  ? stop_listing(stop, (int)stop_asked(stop, 0), path)
				  : NULL;

	if (!given || stop_result(stop) < 0)
		return;
	if (stop_result(stop) > 0) {
		*given = 0; /* from the start again, or not at the end yet */
		return;
	}
	for (; *given < ARRAY_SIZE(kinds); ++*given) {
		const struct kind *kind = &kinds[*given];
		if (!is_armed[*given] || is_listed_by_kernel(kind))
			continue;
		snprintf(link, sizeof(link), "%s/%s", path, kind->name);
		size_t put = dirents_put(data + length, size - length, fake_inode(link),
			DIRENTS_NO_OFFSET, DT_LNK, kind->name);
		if (put == 0)
			break;
		length += put;
	}
	if (length > 0 && stop_write(stop, stop_asked(stop, 1), data, length)) {
		*given = 0;
		stop_set_result(stop, -EFAULT);
	} else if (length > 0) {
		stop_set_result(stop, (int64_t)length);
	} else if (*given < ARRAY_SIZE(kinds))
		stop_set_result(
			stop, -EINVAL); /* as the kernel says of a buffer too small for one */
}

/* The call is made with .../ns/net in place of .../ns/KIND. */
static enum verdict by_path(struct stop *stop, const struct kind *kind, int arg, const char *path)
{
	char other[PATH_MAX];
	enum verdict verdict;
	uint64_t address;
	int length = snprintf(
		other, sizeof(other), "%.*snet", (int)(strlen(path) - strlen(kind->name)), path);

	if (length >= (int)sizeof(other))
		return VERDICT_NEXT;
	if (stop_is_outsider(stop) && own_proc_enter_at(stop, other, &verdict))
		return verdict;
	int r = stop_push(stop, other, (size_t)length + 1, &address);
	if (r == -EAGAIN)
		return VERDICT_AGAIN;
	if (r)
		return VERDICT_NEXT;
	stop_send_arg(stop, arg, address);
	stop_note(stop, "%s", other);
	return VERDICT_WATCH;
}

static enum verdict on_enter(struct stop *stop, const void *config)
{
	const struct kind *kind = *(const struct kind *const *)config;
	const char *path;

	switch (stop_syscall(stop)) {
	case SYS_clone:
	case SYS_unshare:
		return without_flag(stop, kind);
	case SYS_clone3:
		return without_flag_clone3(stop, kind);
	case SYS_setns:
		return join(stop, kind);
	case SYS_getdents64:
		return is_links_folder(stop, &path) ? VERDICT_WATCH : VERDICT_NEXT;
	default:
		break;
	}
	for (int arg = 0; arg < SYSCALL_ARGS; arg++) {
		if (stop_info(stop)->args[arg] != ARG_PATH || stop_path(stop, arg, &path) ||
			!is_link(path, kind))
			continue;
		if (stop_syscall(stop) == SYS_readlink || stop_syscall(stop) == SYS_readlinkat)
			return read_link(stop, kind);
		return by_path(stop, kind, arg, path);
	}
	return VERDICT_NEXT;
}

static enum exit_verdict on_exit_(struct stop *stop, const void *config)
{
	if (stop_syscall(stop) == SYS_getdents64)
		list(stop);
	else if (stop_kept_text(stop)[0])
		return own_proc_exit(stop);
	return EXIT_DONE;
}

/* A clone3 has to be looked at each time: its flags are in memory. */
static void conditions(
	const void *config, long nr, struct arg_condition ret_conditions[SYSCALL_ARGS + 1])
{
	const struct kind *kind = *(const struct kind *const *)config;
	int arg = nr == SYS_setns ? 1 : 0;

	if (nr != SYS_clone && nr != SYS_unshare && nr != SYS_setns)
		return;
	ret_conditions[0] = (struct arg_condition){ arg, kind->flag, kind->flag };
	ret_conditions[1].arg = -1;
}

/* Those of kinds, and the folder that lists them. */
static const char *const known_names[] = { "cgroup", "time", "ns", NULL };

static const struct option_spec options[] = {
	{ "kind", "cgroup or time", true },
	{ NULL, NULL, false },
};

const struct emulation emulation_namespace = {
	.name = "namespace",
	.summary = "stand in for a kind of namespace that the kernel lacks",
	.default_syscalls =
		"clone,clone3,unshare,setns,open,openat,openat2,stat,lstat,newfstatat,statx,"
		"access,faccessat,faccessat2,readlink,readlinkat,getdents64",
	.options = options,
	.parse = parse,
	.prepare = prepare,
	.conditions = conditions,
	.known_names = known_names,
	.keeps_folders = emulation_keeps,
	.on_enter = on_enter,
	.on_exit = on_exit_,
};
