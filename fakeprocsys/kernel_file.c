/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Experiments on the kernel's own files below /proc/sys. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tree.h"
#include "util.h"

static int kernel_open(const char *path, int flags)
{
	char full[SYSCTL_PATH_MAX + 16];
	int fd;

	if ((size_t)snprintf(full, sizeof(full), "/proc/sys/%s", path) >= sizeof(full))
		return -ENAMETOOLONG;
	fd = open(full, flags | O_CLOEXEC | O_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

static int kernel_stat(const char *path, struct stat *ret_stat)
{
	char full[SYSCTL_PATH_MAX + 16];

	if ((size_t)snprintf(full, sizeof(full), "/proc/sys/%s", path) >= sizeof(full))
		return -ENAMETOOLONG;
	return stat(full, ret_stat) < 0 ? -errno : 0;
}

ssize_t kernel_file_read(const char *path, char ret_value[SYSCTL_VALUE_MAX])
{
	cleanup_close int fd = kernel_open(path, O_RDONLY);
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

/* Do the mode bits for this process's user allow it? (bits: 04 read, 02 write) */
static bool mode_allows(const struct stat *stat, mode_t bits)
{
	if (stat->st_uid == geteuid())
		return stat->st_mode >> 6 & bits;
	return (stat->st_gid == getegid() ? stat->st_mode >> 3 : stat->st_mode) & bits;
}

static enum kernel_file try_reading(const char *path, const struct stat *stat)
{
	char value[SYSCTL_VALUE_MAX];
	ssize_t length = kernel_file_read(path, value);

	if (length == -ENOENT)
		return KERNEL_FILE_MISSING;
	/* That this user may not read it is Linux's answer, too. */
	if (length >= 0 || (length == -EACCES && !mode_allows(stat, 04)))
		return KERNEL_FILE_WORKS;
	return KERNEL_FILE_NOT_READABLE;
}

/* Read and written in one breath, so that a change by somebody else in between is hardly undone. */
static enum kernel_file write_back(const char *path, int fd)
{
	char value[SYSCTL_VALUE_MAX];
	ssize_t length = kernel_file_read(path, value), written;

	if (length < 0)
		return KERNEL_FILE_WORKS;
	value[length] = '\n';
	do
		written = write(fd, value, length + 1);
	while (written < 0 && errno == EINTR);
	return written < 0 ? KERNEL_FILE_NOT_WRITABLE : KERNEL_FILE_WORKS;
}

static enum kernel_file try_writing(
	const char *path, const struct entry *entry, const struct stat *stat)
{
	cleanup_close int fd = -1;

	if (entry && !(entry->mode & 0222))
		return KERNEL_FILE_WORKS;
	/*
	 * The mode alone says nothing: gVisor 2024 has ip_forward 0444, and root's write to it
	 * works.
	 */
	fd = kernel_open(path, O_WRONLY);
	if (fd == -EACCES && !mode_allows(stat, 02))
		return KERNEL_FILE_WORKS;
	if (fd < 0)
		return KERNEL_FILE_NOT_WRITABLE;
	/* Nobody knows what a write to an unknown file does. */
	if (!entry || entry->flags & NO_WRITE_BACK)
		return KERNEL_FILE_WORKS;
	return write_back(path, fd);
}

static enum kernel_file experiment(const char *path, const struct entry *entry, bool for_writing)
{
	struct stat stat;
	enum kernel_file how;

	if (kernel_stat(path, &stat) < 0)
		return KERNEL_FILE_MISSING;
	if (S_ISDIR(stat.st_mode))
		return KERNEL_FILE_WORKS;
	how = try_reading(path, &stat);
	if (how == KERNEL_FILE_WORKS && for_writing)
		how = try_writing(path, entry, &stat);
	return how;
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

enum kernel_file fakeprocsys_kernel_file(
	struct fakeprocsys *tree, const char *path, bool for_writing)
{
	struct entry_path found;
	char asked[SYSCTL_PATH_MAX];
	unsigned char *known = NULL;
	enum kernel_file how;

	if (strlen(path) >= SYSCTL_PATH_MAX)
		return KERNEL_FILE_MISSING;
	found = catalogue_find(path);
	path_to_try(path, asked);
	/* An entry keeps one answer: that of the interfaces, not that of "default". */
	if (found.entry && strcmp(found.interface, "default") != 0) {
		known = &tree->kernel_files[for_writing][found.entry - catalogue];
		if (*known != 0)
			return *known - 1;
	}
	how = experiment(asked, found.entry, for_writing);
	if (known)
		*known = how + 1;
	return how;
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

static enum kernel_file try_entry(struct fakeprocsys *tree, const struct entry *entry)
{
	char path[SYSCTL_PATH_MAX];
	const char *general = strstr(entry->path, "<if>");

	if (general)
		snprintf(path, sizeof(path), "%.*slo%s", (int)(general - entry->path), entry->path,
			general + strlen("<if>"));
	else
		snprintf(path, sizeof(path), "%s", entry->path);
	return fakeprocsys_kernel_file(tree, path, entry->flags & NODE_WRITES);
}

const char *fakeprocsys_first_lacking(struct fakeprocsys *tree, enum kernel_file *ret_how)
{
	/* First what node stacks cannot do without: it is the better evidence. */
	for (int for_nodes = 1; for_nodes >= 0; for_nodes--)
		for (size_t i = 0; i < catalogue_length; i++) {
			const struct entry *entry = &catalogue[i];
			enum kernel_file how;

			if (entry->flags & OPTIONAL ||
				!(entry->flags & NODE_WRITES) == (for_nodes == 1))
				continue;
			how = try_entry(tree, entry);
			if (how != KERNEL_FILE_WORKS) {
				*ret_how = how;
				return entry->path;
			}
		}
	return NULL;
}
