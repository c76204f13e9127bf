/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Experiments on the kernel's own files below /proc/sys. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tree.h"
#include "util.h"

/* The folder of the file that was asked last: those of one folder follow each other, and each step of a path costs. */
struct kept_folder {
	int fd; /* -1: none yet */
	size_t length;
	char path[SYSCTL_PATH_MAX];
};

static void kept_folder_close(struct kept_folder *kept)
{
	if (kept->fd >= 0)
		close(kept->fd);
}

static int open_below_sys(const char *path, size_t length, int flags)
{
	char full[SYSCTL_PATH_MAX + 16];
	int fd;

	if ((size_t)snprintf(full, sizeof(full), "/proc/sys/%.*s", (int)length, path) >=
		sizeof(full))
		return -ENAMETOOLONG;
	fd = open(full, flags | O_CLOEXEC | O_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

/* kept: NULL, or the folder to look in first, which becomes the path's. A descriptor or -errno. */
static int kernel_open(struct kept_folder *kept, const char *path, int flags)
{
	const char *name = strrchr(path, '/');
	size_t length = name ? (size_t)(name - path) : 0;
	int fd;

	if (!kept || !name)
		return open_below_sys(path, strlen(path), flags);
	if (kept->fd < 0 || kept->length != length || memcmp(kept->path, path, length) != 0) {
		kept_folder_close(kept);
		kept->fd = open_below_sys(path, length, O_PATH | O_DIRECTORY);
		if (kept->fd < 0)
			return kept->fd;
		kept->length = length;
		memcpy(kept->path, path, length);
	}
	fd = openat(kept->fd, name + 1, flags | O_CLOEXEC | O_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

static int kernel_stat(const char *path, struct stat *ret_stat)
{
	char full[SYSCTL_PATH_MAX + 16];

	if ((size_t)snprintf(full, sizeof(full), "/proc/sys/%s", path) >= sizeof(full))
		return -ENAMETOOLONG;
	return stat(full, ret_stat) < 0 ? -errno : 0;
}

static ssize_t read_value(
	struct kept_folder *kept, const char *path, char ret_value[SYSCTL_VALUE_MAX])
{
	cleanup_close int fd = kernel_open(kept, path, O_RDONLY);
	char text[SYSCTL_VALUE_MAX];
	ssize_t length;

	if (fd < 0)
		return fd;
	do
		length = read(fd, text, sizeof(text) - 1);
	while (length < 0 && errno == EINTR);
	if (length < 0)
		return -errno;
	if (length > 0 && text[length - 1] == '\n')
		length--;
	memcpy(ret_value, text, length);
	ret_value[length] = '\0';
	return length;
}

ssize_t kernel_file_read(const char *path, char ret_value[SYSCTL_VALUE_MAX])
{
	return read_value(NULL, path, ret_value);
}

/* Do the mode bits for this process's user allow it? (bits: 04 read, 02 write) */
static bool mode_allows(const struct stat *stat, mode_t bits)
{
	if (stat->st_uid == geteuid())
		return stat->st_mode >> 6 & bits;
	return (stat->st_gid == getegid() ? stat->st_mode >> 3 : stat->st_mode) & bits;
}

static enum kernel_file try_reading(struct kept_folder *kept, const char *path)
{
	char value[SYSCTL_VALUE_MAX];
	ssize_t length = read_value(kept, path, value);
	struct stat stat;

	if (length >= 0)
		return KERNEL_FILE_WORKS;
	if (length == -ENOENT || kernel_stat(path, &stat) < 0)
		return KERNEL_FILE_MISSING;
	/* That this user may not read it is Linux's answer, too. */
	if (S_ISDIR(stat.st_mode) || (length == -EACCES && !mode_allows(&stat, 04)))
		return KERNEL_FILE_WORKS;
	return KERNEL_FILE_NOT_READABLE;
}

/* Read and written in one breath, so that a change by somebody else in between is hardly undone. */
static enum kernel_file write_back(struct kept_folder *kept, const char *path, int fd)
{
	char value[SYSCTL_VALUE_MAX];
	ssize_t length = read_value(kept, path, value), written;

	if (length < 0)
		return KERNEL_FILE_WORKS;
	value[length] = '\n';
	do
		written = write(fd, value, length + 1);
	while (written < 0 && errno == EINTR);
	return written < 0 ? KERNEL_FILE_NOT_WRITABLE : KERNEL_FILE_WORKS;
}

static enum kernel_file try_writing(
	struct kept_folder *kept, const char *path, const struct entry *entry)
{
	cleanup_close int fd = -1;
	struct stat stat;

	if (entry && !(entry->mode & 0222))
		return KERNEL_FILE_WORKS;
	/*
	 * The mode alone says nothing: gVisor 2024 has ip_forward 0444, and root's write to it
	 * works.
	 */
	fd = kernel_open(kept, path, O_WRONLY);
	if (fd < 0 && kernel_stat(path, &stat) == 0 &&
		(S_ISDIR(stat.st_mode) || (fd == -EACCES && !mode_allows(&stat, 02))))
		return KERNEL_FILE_WORKS;
	if (fd < 0)
		return KERNEL_FILE_NOT_WRITABLE;
	/* Nobody knows what a write to an unknown file does. */
	if (!entry || entry->flags & NO_WRITE_BACK)
		return KERNEL_FILE_WORKS;
	return write_back(kept, path, fd);
}

static enum kernel_file experiment(
	struct kept_folder *kept, const char *path, const struct entry *entry, bool for_writing)
{
	enum kernel_file how = try_reading(kept, path);

	return how == KERNEL_FILE_WORKS && for_writing ? try_writing(kept, path, entry) : how;
}

/*
 * The path to try in place of an interface's: one that is there in every network namespace.
 * neigh/default is in the first one only.
 */
static void path_to_try(const char *path, char ret_path[SYSCTL_PATH_MAX])
{
	const char *interface, *folder;
	size_t length;

	strcpy(ret_path, path);
	folder = catalogue_interface_folder(path, &interface, &length);
	if (folder && interface &&
		!(length == strlen("default") && memcmp(interface, "default", length) == 0))
		snprintf(ret_path, SYSCTL_PATH_MAX, "%s/lo%s", folder, interface + length);
}

/* An entry keeps one answer: that of the interfaces, not that of "default". tree: NULL, or where. */
static enum kernel_file ask_kernel(struct fakeprocsys *tree, struct kept_folder *kept,
	const char *path, const struct entry *entry, bool is_default, bool for_writing)
{
	unsigned char none = 0, *known = &none;
	char asked[SYSCTL_PATH_MAX];

	if (tree && entry && !is_default)
		known = &tree->kernel_files[for_writing][entry - catalogue];
	if (*known == 0) {
		path_to_try(path, asked);
		*known = 1 + experiment(kept, asked, entry, for_writing);
	}
	return *known - 1;
}

enum kernel_file fakeprocsys_kernel_file(
	struct fakeprocsys *tree, const char *path, bool for_writing)
{
	struct entry_path found;

	if (strlen(path) >= SYSCTL_PATH_MAX)
		return KERNEL_FILE_MISSING;
	found = catalogue_find(path);
	return ask_kernel(tree, NULL, path, found.entry, strcmp(found.interface, "default") == 0,
		for_writing);
}

/* Where a component of that name is in a path: what is behind it, or NULL. */
static const char *behind_component(const char *path, const char *name, size_t length)
{
	for (const char *at = path; *at != '\0';) {
		size_t end = strcspn(at, "/");

		if (end == length && memcmp(at, name, length) == 0)
			return at + end;
		at += end + (at[end] == '/');
	}
	return NULL;
}

/* Whether the name is a file's, or one of a folder that the kernel lacks. */
static bool is_lacking(const char *name, size_t length)
{
	char asked[SYSCTL_PATH_MAX] = "", folder[SYSCTL_PATH_MAX];
	struct stat stat;

	for (size_t i = 0; i < catalogue_length; i++) {
		const char *path = catalogue[i].path, *behind = path;

		while ((behind = behind_component(behind, name, length))) {
			if (*behind == '\0')
				return true;
			snprintf(folder, sizeof(folder), "%.*s", (int)(behind - path), path);
			/* Entries are in order: those of a folder follow each other. */
			if (strcmp(folder, asked) != 0 &&
				(kernel_stat(folder, &stat) < 0 || !S_ISDIR(stat.st_mode)))
				return true;
			strcpy(asked, folder);
			behind++;
		}
	}
	return false;
}

enum { NAMES_MAX = 64, NAME_BYTES = 32 };

bool fakeprocsys_lacks_name(const char *name, size_t length)
{
	static struct {
		char name[NAME_BYTES];
		bool lacks;
	} known[NAMES_MAX];
	static size_t n_known;

	if (!catalogue_has_component(name, length))
		return false;
	if (length >= NAME_BYTES)
		return true;
	for (size_t i = 0; i < n_known; i++)
		if (strncmp(known[i].name, name, length) == 0 && known[i].name[length] == '\0')
			return known[i].lacks;
	bool lacks = is_lacking(name, length);
	if (n_known < NAMES_MAX) {
		memcpy(known[n_known].name, name, length);
		known[n_known++].lacks = lacks;
	}
	return lacks;
}

void fakeprocsys_each_lacking_name(
	void (*each)(const char *name, size_t length, void *data), void *data)
{
	size_t folder_length = 0;

	for (size_t i = 0; i < catalogue_length; i++) {
		const char *path = catalogue[i].path, *at = path;
		const char *folder = i > 0 ? catalogue[i - 1].path : "";
		/* Entries of a folder follow each other. */
		bool is_new = folder_length == 0 || strncmp(path, folder, folder_length) != 0 ||
			      strchr(path + folder_length, '/');

		for (;;) {
			size_t end = strcspn(at, "/");

			if (at[end] == '\0' || (is_new && fakeprocsys_lacks_name(at, end)))
				each(at, end, data);
			if (at[end] == '\0')
				break;
			at += end + 1;
		}
		folder_length = (size_t)(at - path);
	}
}

static enum kernel_file try_entry(struct kept_folder *kept, const struct entry *entry)
{
	return ask_kernel(NULL, kept, entry->path, entry, strstr(entry->path, "/default/") != NULL,
		entry->flags & NODE_WRITES);
}

const char *fakeprocsys_first_lacking(enum kernel_file *ret_how)
{
	struct kept_folder kept = { .fd = -1 };
	const char *lacking = NULL;

	/* First what node stacks cannot do without: it is the better evidence. */
	for (int for_nodes = 1; for_nodes >= 0 && !lacking; for_nodes--)
		for (size_t i = 0; i < catalogue_length && !lacking; i++) {
			const struct entry *entry = &catalogue[i];

			if (entry->flags & OPTIONAL ||
				!(entry->flags & NODE_WRITES) == (for_nodes == 1))
				continue;
			*ret_how = try_entry(&kept, entry);
			if (*ret_how != KERNEL_FILE_WORKS)
				lacking = entry->path;
		}
	kept_folder_close(&kept);
	return lacking;
}
