/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * do = fake: files below /proc/sys that the kernel lacks, or does not let be written, are answered from the
 * fake tree. An open becomes a memfd_create(2) in the program, so that the descriptor is real in every
 * mount namespace, chroot and child.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "emulation.h"
#include "fake_file.h"
#include "fake_path.h"
#include "fake_permission.h"
#include "fake_stat.h"
#include "fake_written.h"
#include "open_call.h"

enum when { WHEN_FAILING, WHEN_MISSING, WHEN_ALWAYS };

struct fake_config {
	enum when when;
	bool exact;
};

/* Whether a glob, by what it begins with, can match something below /proc/sys. */
static bool may_be_below(const char *glob)
{
	static const char top[] = "/proc/sys";
	size_t literal = strcspn(glob, "*?[\\"), length = MIN(literal, sizeof(top) - 1);

	return strncmp(glob, top, length) == 0 &&
	       (literal < sizeof(top) || glob[sizeof(top) - 1] == '/');
}

static int parse(const struct rule_options *options, void **ret_config, struct rule_error *error)
{
	struct fake_config *config = calloc(1, sizeof(*config));
	const struct rule_option *when = rule_options_find(options, "when");
	const struct rule_option *exact = rule_options_find(options, "exact");

	if (!config)
		return -ENOMEM;
	*ret_config = config;
	if (!may_be_below(options->path))
		return rule_path_error(error, options,
			"do = fake has nothing but /proc/sys, which \"%s\" is not below; do = file gives a file elsewhere",
			options->path);
	if (when && strcmp(when->value, "missing") == 0)
		config->when = WHEN_MISSING;
	else if (when && strcmp(when->value, "always") == 0)
		config->when = WHEN_ALWAYS;
	else if (when && strcmp(when->value, "failing") != 0)
		return rule_option_error(error, options, when,
			"unknown \"%s\" (known: failing, missing, always)", when->value);
	if (exact && strcmp(exact->value, "yes") == 0)
		config->exact = true;
	else if (exact && strcmp(exact->value, "no") != 0)
		return rule_option_error(
			error, options, exact, "\"%s\" is neither yes nor no", exact->value);
	return 0;
}

/* Whether the kernel's own answer will not do for this file and this use. */
static bool is_needed(struct stop *stop, const struct fake_config *config, const char *below,
	const struct sysctl_node *node, bool for_writing)
{
	if (config->when == WHEN_ALWAYS || node->changed)
		return true;
	switch (fakeprocsys_kernel_file(stop_fakeprocsys(stop), below, for_writing)) {
	case KERNEL_FILE_MISSING:
		return true;
	case KERNEL_FILE_NOT_READABLE:
		return config->when == WHEN_FAILING;
	case KERNEL_FILE_NOT_WRITABLE:
		return config->when == WHEN_FAILING && for_writing;
	case KERNEL_FILE_WORKS:
		break;
	}
	return false;
}

/* Whether the call is about a descriptor itself, and that is one of a fake file: whatever the kernel's own would do. */
static bool is_of_fake_file(struct stop *stop)
{
	int arg = __builtin_ctz(stop_path_args(stop));

	if (stop_info(stop)->args[arg] == ARG_FD)
		return fake_file_is(stop, (int)stop_asked(stop, arg));
	return arg > 0 && stop_path_is_empty(stop, arg) &&
	       fake_file_is(stop, (int)stop_asked(stop, arg - 1));
}

static enum verdict refuse(struct stop *stop, int error)
{
	stop_set_result(stop, error);
	return VERDICT_DONE;
}

/*
 * What is to be said of a path that is not in the tree: it leads on behind a file, where the kernel that lacks the file would say
 * ENOENT; or it is in a folder that the kernel lacks, where by a descriptor of that it would look elsewhere. 0: what the kernel says.
 */
static int error_of(struct stop *stop, const struct fake_config *config, const char *path,
	struct sysctl_viewer *viewer)
{
	char above[PATH_MAX];

	snprintf(above, sizeof(above), "%s", path);
	for (char *slash; (slash = strrchr(above, '/'));) {
		*slash = '\0';
		const char *below = fake_below_proc_sys(above);
		if (!below)
			return 0;
		struct sysctl_node node = fakeprocsys_lookup(stop_fakeprocsys(stop), below, viewer);
		if (node.kind == SYSCTL_FILE)
			return is_needed(stop, config, below, &node, false) ? -ENOTDIR : 0;
		if (node.kind == SYSCTL_FOLDER)
			return fake_is_missing(above) ? -ENOENT : 0;
	}
	return 0;
}

static enum verdict answer(struct stop *stop, const struct fake_config *config)
{
	struct sysctl_viewer viewer;
	const char *path;
	uint64_t flags;

	if (!stop_path_args(stop) || stop_path(stop, __builtin_ctz(stop_path_args(stop)), &path))
		return VERDICT_NEXT;
	const char *below = fake_below_proc_sys(path);
	if (!below)
		return VERDICT_NEXT;
	if (stop_syscall(stop) == SYS_fstatfs)
		return fake_fstatfs_enter(stop);
	int r = open_call_flags(stop, path, &flags);
	bool opens = r <= 0;

	fake_written_collect(stop, path);
	fake_viewer(stop, path, &viewer);
	struct sysctl_node node = fakeprocsys_lookup(stop_fakeprocsys(stop), below, &viewer);
	int error = node.kind == SYSCTL_NONE ? error_of(stop, config, path, &viewer) : 0;
	fake_viewer_finish(&viewer);
	if (error)
		return fake_path_refuse(stop, error);
	if (node.kind == SYSCTL_NONE || strlen(path) > MARKER_NAME_MAX)
		return VERDICT_NEXT;
	if (node.kind == SYSCTL_FILE &&
		(is_needed(stop, config, below, &node, opens && open_call_writes(flags)) ||
			(!opens && is_of_fake_file(stop)))) {
		if (!opens)
			return fake_path_enter(stop, path, &node);
		if (stop_path_is_folder(stop, __builtin_ctz(stop_path_args(stop))))
			return refuse(stop, -ENOTDIR);
		if (r == 0)
			r = open_call_check(flags, fake_may_read(stop, &node),
				!open_call_changes(flags) || fake_may_write(stop, &node));
		return r ? refuse(stop, r)
			 : open_call_to_memfd(stop, path, flags, config->exact || (flags & O_PATH));
	}
	if (node.kind == SYSCTL_FOLDER)
		return opens ? fake_folder_open(stop, path, flags)
			     : fake_path_enter(stop, path, &node);
	return VERDICT_NEXT;
}

/*
 * A file that the kernel has, by a ".." in a folder that it lacks: it gets the path without. Not openat2(2), whose
 * resolve flags are about the text.
 */
static enum verdict send_path(struct stop *stop)
{
	int arg = __builtin_ctz(stop_path_args(stop));
	const char *path;
	uint64_t address;

	if (stop_syscall(stop) == SYS_openat2 || stop_path(stop, arg, &path))
		return VERDICT_NEXT;
	int r = stop_push(stop, path, strlen(path) + 1, &address);
	if (r)
		return r == -EAGAIN ? VERDICT_AGAIN : VERDICT_NEXT;
	stop_send_arg(stop, arg, address);
	stop_keep_text(stop, "sent");
	return VERDICT_WATCH;
}

static enum verdict on_enter(struct stop *stop, const void *data)
{
	enum verdict verdict = answer(stop, data);

	return verdict == VERDICT_NEXT && stop_path_args(stop) &&
			       stop_path_leaves_shown(stop, __builtin_ctz(stop_path_args(stop)))
		       ? send_path(stop)
		       : verdict;
}

/*
 * The descriptor is there: it gets its content, and its mode; a reader's can't be written to. 0, or the -errno that
 * the open has to give, since there would be no content.
 */
static int fill(struct stop *stop, int fd, const char *path, uint64_t flags, bool seal)
{
	cleanup_close int memfd = fake_file_open(stop, fd);
	mode_t mode;

	if (memfd == -EBADF)
		return 0; /* the program's own threads have done something with it */
	if (memfd < 0)
		return memfd;
	/* What a writer that cannot be followed leaves here must be its own text and nothing else. */
	bool is_write_only = open_call_writes(flags) && (flags & O_ACCMODE) == O_WRONLY;
	int r = fake_file_fill(stop, memfd, path, is_write_only, &mode);
	if (r)
		return r;
	fchmod(memfd, mode);
	if (seal && !open_call_writes(flags))
		fcntl(memfd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK);
	return 0;
}

/* Nothing can be done to a file by an O_PATH descriptor, and little by one for reading. */
static void follow(struct stop *stop, int fd, const char *path, uint64_t flags, bool exact)
{
	if (flags & O_PATH)
		return;
	if (exact || open_call_writes(flags))
		stop_follow(stop, fd, path, (int)(flags & O_ACCMODE));
	if (open_call_writes(flags))
		fake_written_watch(stop, fd, path);
}

/*
 * exact = yes: the memfd is opened once more, with the asked access mode, and that descriptor takes its
 * place. Where the program has no /proc to do so, it stays what it is.
 */
static enum exit_verdict opened_exactly(
	struct stop *stop, const char *path, uint64_t flags, bool exact)
{
	const uint64_t kept = O_ACCMODE | O_APPEND | O_NONBLOCK | O_PATH | O_CLOEXEC;
	int64_t fd = stop_sent_result(stop), result = stop_result(stop);
	char name[40];
	uint64_t address;
	int r;

	switch (stop_step(stop)) {
	case 0:
		r = fill(stop, (int)fd, path, flags, false);
		if (r)
			return open_call_take_back(stop, fd, r);
		snprintf(name, sizeof(name), "/proc/self/fd/%d", (int)fd);
		if (stop_push(stop, name, strlen(name) + 1, &address))
			break;
		stop_run(stop, SYS_openat,
			(uint64_t[SYSCALL_ARGS]){ (uint64_t)AT_FDCWD, address, flags & kept });
		return EXIT_RUN;
	case 1:
		if (stop_kept(stop) < 0) {
			stop_set_result(stop, stop_kept(stop));
			return EXIT_DONE;
		}
		if (result < 0)
			break;
		stop_run(stop, SYS_dup3,
			(uint64_t[SYSCALL_ARGS]){
				(uint64_t)result, (uint64_t)fd, flags & O_CLOEXEC });
		stop_keep(stop, result);
		return EXIT_RUN;
	case 2:
		stop_run(stop, SYS_close, (uint64_t[SYSCALL_ARGS]){ (uint64_t)stop_kept(stop) });
		return EXIT_RUN;
	default:
		break;
	}
	stop_set_result(stop, fd);
	stop_grow(stop, exact);
	follow(stop, (int)fd, path, flags, exact);
	return EXIT_DONE;
}

static enum exit_verdict opened(struct stop *stop, const char *path, uint64_t flags)
{
	int fd = (int)stop_sent_result(stop);

	if (stop_step(stop) > 0) {
		stop_set_result(stop, stop_kept(stop));
		return EXIT_DONE;
	}
	int r = fill(stop, fd, path, flags, true);
	if (r)
		return open_call_take_back(stop, fd, r);
	/* Who compares fstat of the descriptor with stat of the name, as cp does, finds one file. */
	stop_grow(stop, false);
	follow(stop, fd, path, flags, false);
	return EXIT_DONE;
}

static enum exit_verdict on_exit_(struct stop *stop, const void *data)
{
	const struct fake_config *config = data;
	const char *path;
	uint64_t flags;

	if (stop_kept_text(stop)[0] || stop_path(stop, __builtin_ctz(stop_path_args(stop)), &path))
		return EXIT_DONE;
	if (open_call_flags(stop, path, &flags))
		return fake_path_exit(stop, path);
	if (stop_sent_result(stop) < 0)
		return EXIT_DONE;
	if (fake_folder_is(stop, path))
		return fake_folder_opened(stop, path);
	/* Few open with O_PATH (runc does), and then rely on its refusing to be read. */
	return config->exact || (flags & O_PATH) ? opened_exactly(stop, path, flags, config->exact)
						 : opened(stop, path, flags);
}

static bool shows_folder(struct stop *stop, const char *path)
{
	return fake_below_proc_sys(path) && fake_folder_is(stop, path) && fake_is_missing(path);
}

static bool is_exact(const void *config)
{
	return ((const struct fake_config *)config)->exact;
}

static const struct option_spec options[] = {
	{ "when", "failing (default: the kernel's file is missing, or refuses), missing, always",
		false },
	{ "exact",
		"yes: also by links with other names, asked access modes, offsets of reads, and fstat in every program, at a price (default no)",
		false },
	{ NULL, NULL, false },
};

const struct emulation emulation_fake = {
	.name = "fake",
	.summary = "answer from the fake tree below /proc/sys",
	/* Of the calls with paths those go that programs make often, and whose answer stays the kernel's anyway. */
	.default_syscalls =
		"%file,fstat,fstatfs,getdents,getdents64,!mount,!umount2,!pivot_root,!chroot,!getcwd,"
		"!inotify_add_watch,!name_to_handle_at,!open_tree,!move_mount",
	.needs_path = true,
	.options = options,
	.parse = parse,
	.makes_files = true,
	.may_end_in = fakeprocsys_may_end_in,
	/* A folder that the kernel has is its own, however it is reached. */
	.names = fakeprocsys_lacks_name,
	.each_name = fakeprocsys_each_lacking_name,
	.shows_folder = shows_folder,
	.is_exact = is_exact,
	.keeps_folders = emulation_keeps,
	.on_enter = on_enter,
	.on_exit = on_exit_,
};
