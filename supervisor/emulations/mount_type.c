/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * do = mount-type: file systems of one type show as another, wherever a type can be read: /proc/PID/mountinfo,
 * mounts and mountstats, statfs(2), fstatfs(2), and /proc/filesystems. Device numbers stay, and agree as they are.
 * statmount(2) and listmount(2), of Linux 6.8 both, are as they were before that: not there. Who would use them reads mountinfo instead.
 */
#include <ctype.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "edited_file.h"
#include "emulation.h"
#include "fake_file.h"
#include "fake_stat.h"
#include "syscall_numbers_x86_64.h"

struct file_system {
	const char *name;
	uint32_t magic;
};

static const struct file_system file_systems[] = {
	{ "9p", V9FS_MAGIC },
	{ "btrfs", BTRFS_SUPER_MAGIC },
	{ "ext4", EXT4_SUPER_MAGIC },
	{ "fuse", FUSE_SUPER_MAGIC },
	{ "nfs", NFS_SUPER_MAGIC },
	{ "overlay", OVERLAYFS_SUPER_MAGIC },
	{ "tmpfs", TMPFS_MAGIC },
	{ "xfs", XFS_SUPER_MAGIC },
};

struct mount_type {
	const struct file_system *from, *to;
};

static int find(const struct rule_options *options, const char *key,
	const struct file_system **ret_found, struct rule_error *error)
{
	const struct rule_option *option = rule_options_find(options, key);

	for (size_t i = 0; i < ARRAY_SIZE(file_systems); i++) {
		*ret_found = &file_systems[i];
		if (strcmp(file_systems[i].name, option->value) == 0)
			return 0;
	}
	return rule_option_error(error, options, option,
		"\"%s\" is not a type that is known here (known: 9p, btrfs, ext4, fuse, nfs, overlay, "
		"tmpfs, xfs)",
		option->value);
}

static int parse(const struct rule_options *options, void **ret_config, struct rule_error *error)
{
	struct mount_type *config = calloc(1, sizeof(*config));

	if (!config)
		return -ENOMEM;
	*ret_config = config;
	int r = find(options, "fstype", &config->from, error);
	return r ? r : find(options, "as", &config->to, error);
}

/* Which text it is: by its last name, as far as the name of a call's path tells. */
enum text { TEXT_NONE, TEXT_MOUNTINFO, TEXT_MOUNTS, TEXT_MOUNTSTATS, TEXT_FILESYSTEMS };

static enum text text_of(const char *path)
{
	static const struct {
		const char *name;
		enum text text;
	} names[] = { { "/mountinfo", TEXT_MOUNTINFO }, { "/mounts", TEXT_MOUNTS },
		{ "/mountstats", TEXT_MOUNTSTATS }, { "/filesystems", TEXT_FILESYSTEMS } };

	if (strcmp(path, "/etc/mtab") == 0)
		return TEXT_MOUNTS;
	for (size_t i = 0; i < ARRAY_SIZE(names) && strncmp(path, "/proc/", 6) == 0; i++)
		if (strcmp(strrchr(path, '/'), names[i].name) == 0)
			return names[i].text;
	return TEXT_NONE;
}

static const char *const known_names[] = { "mountinfo", "mounts", "mountstats", "filesystems",
	"mtab", NULL };

/* A cheap no: most opens are of something else. */
static bool may_be_text(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	return strncmp(name, "mount", 5) == 0 || strcmp(name, "mtab") == 0 ||
	       strcmp(name, "filesystems") == 0 || isdigit((unsigned char)*name) /* fd/N */;
}

static enum verdict on_enter(struct stop *stop, const void *config)
{
	const char *path;
	long nr = stop_syscall(stop);

	if (nr == SYS_statfs)
		return VERDICT_WATCH;
	if (nr == SYS_statmount || nr == SYS_listmount)
		return stop_give(stop, -ENOSYS);
	if (nr == SYS_fstatfs)
		return fake_file_is(stop, (int)stop_asked(stop, 0)) &&
				       stop_path(stop, 0, &path) == 0 && text_of(path)
			       ? edited_file_enter(stop, path)
			       : VERDICT_WATCH;
	int fd = fake_stat_is(stop) ? fake_stat_fd(stop) : -1;
	bool of_fd = fd >= 0;
	if (of_fd && !fake_file_is(stop, fd))
		return VERDICT_NEXT;
	int arg = nr == SYS_open || nr == SYS_stat || nr == SYS_lstat || nr == SYS_fstat ? 0 : 1;
	const char *text = of_fd ? NULL : stop_path_text(stop, arg);
	if ((!of_fd && (!text || !may_be_text(text))) || stop_path(stop, arg, &path) ||
		!text_of(path))
		return VERDICT_NEXT;
	return edited_file_enter(stop, path);
}

/* Of an option list those that mean something for any file system. */
static void put_options(FILE *out, const char *list, size_t length)
{
	static const char any[] =
		",rw,ro,sync,dirsync,mand,lazytime,nosuid,nodev,noexec,noatime,nodiratime,relatime,"
		"nosymfollow,";
	const char *end = list + length, *comma = "";

	while (list < end) {
		char word[32];
		size_t n = strcspn(list, ",\n ");
		n = MIN(n, (size_t)(end - list));
		if (n < sizeof(word) - 2) {
			snprintf(word, sizeof(word), ",%.*s,", (int)n, list);
			if (strstr(any, word)) {
				fprintf(out, "%s%.*s", comma, (int)n, list);
				comma = ",";
			}
		}
		list += n + 1;
	}
	if (!*comma)
		fputs("rw", out);
}

/* The field that type's place is in, counted from start; NULL: fewer. */
static const char *field(const char *start, int n)
{
	while (n-- > 0) {
		start += strcspn(start, " \n");
		if (*start++ != ' ')
			return NULL;
	}
	return start;
}

/* One line without its newline, edited; unchanged if it is of another type. */
static void put_line(
	FILE *out, const struct mount_type *config, enum text text, const char *line, size_t length)
{
	const char *type = NULL, *options = NULL, *from = config->from->name;
	size_t from_length = strlen(from);

	switch (text) {
	case TEXT_MOUNTINFO: /* ... - TYPE SOURCE OPTIONS */
		type = memmem(line, length, " - ", 3);
		type = type ? type + 3 : NULL;
		options = type ? field(type, 2) : NULL;
		break;
	case TEXT_MOUNTS: /* SOURCE TARGET TYPE OPTIONS 0 0 */
		type = field(line, 2);
		options = type ? field(type, 1) : NULL;
		break;
	case TEXT_MOUNTSTATS: /* device SOURCE mounted on TARGET with fstype TYPE ... */
		type = memmem(line, length, " with fstype ", 13);
		type = type ? type + 13 : NULL;
		break;
	case TEXT_NONE:
	case TEXT_FILESYSTEMS:
		break;
	}
	if (!type || strncmp(type, from, from_length) != 0 || !strchr(" \n", type[from_length])) {
		fwrite(line, 1, length, out);
		return;
	}
	fprintf(out, "%.*s%s", (int)(type - line), line, config->to->name);
	const char *rest = type + from_length;
	if (options) {
		size_t n = strcspn(options, " \n");
		fprintf(out, "%.*s", (int)(options - rest), rest);
		put_options(out, options, n);
		rest = options + n;
	}
	fwrite(rest, 1, (size_t)(line + length - rest), out);
}

static char *edit(struct stop *stop, const void *data, const char *path, const char *text,
	size_t length, size_t *ret_length)
{
	const struct mount_type *config = data;
	enum text which = text_of(path);
	char *edited = NULL;
	size_t size;
	FILE *out = which ? open_memstream(&edited, &size) : NULL;

	if (!out)
		return NULL;
	for (const char *line = text; *line;) {
		size_t n = strcspn(line, "\n");
		put_line(out, config, which, line, n);
		line += n;
		if (*line)
			fputc(*line++, out);
	}
	if (which == TEXT_FILESYSTEMS) {
		char word[32];
		snprintf(word, sizeof(word), "\t%s\n", config->to->name);
		if (!strstr(text, word))
			fputs(word, out);
	}
	if (fclose(out))
		return NULL;
	*ret_length = size;
	return edited;
}

static void patch_statfs(struct stop *stop, const struct mount_type *config)
{
	struct statfs fs;
	uint64_t address = stop_asked(stop, 1);

	if (stop_result(stop) != 0 || stop_read(stop, address, &fs, sizeof(fs)) ||
		fs.f_type != (__fsword_t)config->from->magic)
		return;
	fs.f_type = (__fsword_t)config->to->magic;
	if (stop_write(stop, address, &fs, sizeof(fs)) == 0)
		stop_note(stop, "f_type of %s", config->to->name);
}

static enum exit_verdict on_exit_(struct stop *stop, const void *config)
{
	long nr = stop_syscall(stop);

	if (nr == SYS_statfs || nr == SYS_fstatfs) {
		patch_statfs(stop, config);
		return EXIT_DONE;
	}
	return edited_file_exit(stop, config);
}

static const struct option_spec options[] = {
	{ "fstype", "the type that is not to be seen, such as 9p", true },
	{ "as", "the type that is shown in its place, such as ext4", true },
	{ NULL, NULL, false },
};

const struct emulation emulation_mount_type = {
	.name = "mount-type",
	.summary = "show file systems of one type as another, wherever a type can be read",
	.default_syscalls = "statfs,statmount,listmount," EDITED_FILE_SYSCALLS,
	.options = options,
	.parse = parse,
	.edit = edit,
	.only_below = "/proc",
	.but_for = SYS_statfs,
	.known_names = known_names,
	.keeps_folders = emulation_keeps,
	.on_enter = on_enter,
	.on_exit = on_exit_,
};
