/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mounts.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#include "clock.h"
#include "path.h"

enum { LIST_MS = 100 };

struct list {
	FILE *file; /* NULL: none to be had */
	char *line; /* owned */
	size_t size;
	const char *root; /* of the mount that has been read last, in its file system; in line */
	bool is_procfs; /* that mount */
	int64_t work; /* see clock_begin_work() */
	size_t n_lines;
};

static void list_open(struct stop *stop, struct list *list)
{
	int fd = stop_open_proc(stop, "mountinfo", O_RDONLY);

	*list = (struct list){ .file = fd < 0 ? NULL : fdopen(fd, "r"),
		.work = clock_begin_work(LIST_MS) };
	if (fd >= 0 && !list->file)
		close(fd);
}

static void list_close(struct list *list)
{
	if (list->file)
		fclose(list->file);
	free(list->line);
}

/* The next mount point, borrowed until the next one; NULL: no more, or it takes too long. */
static const char *list_next(struct list *list, int *ret_id)
{
	int root, root_end, start, end;

	while (list->file && !clock_is_too_long_at(list->work, ++list->n_lines) &&
		getline(&list->line, &list->size, list->file) > 0) {
		start = end = 0;
		if (sscanf(list->line, "%d %*d %*s %n%*s%n %n%*s%n", ret_id, &root, &root_end,
			    &start, &end) != 1 ||
			end == 0)
			continue;
		list->is_procfs = strstr(list->line + end, " - proc ") != NULL;
		list->root = list->line + root;
		list->line[root_end] = list->line[end] = '\0';
		path_unescape(list->line + root);
		path_unescape(list->line + start);
		return list->line + start;
	}
	return NULL;
}

struct found {
	int id; /* 0: none */
	size_t longest;
};

/* Whether the path is on that mount, or on one that is looked at later: what is mounted later on the same folder hides what was
 * there. */
static bool look(const char *path, const char *point, int id, struct found *found)
{
	size_t length = strlen(point);

	if (length < found->longest || !path_is_below(path, point))
		return false;
	*found = (struct found){ id, length };
	return true;
}

int mounts_id_of(struct stop *stop, const char *path)
{
	struct found found = { 0 };
	const char *point;
	struct list list;
	int id;

	list_open(stop, &list);
	while ((point = list_next(&list, &id)))
		look(path, point, id, &found);
	list_close(&list);
	return found.id;
}

bool mounts_are_one(struct stop *stop, const char *a, const char *b)
{
	struct found of_a = { 0 }, of_b = { 0 };
	const char *point;
	struct list list;
	int id;

	if (strcmp(a, b) == 0)
		return true;
	/* Once for both: the list is dear, half a millisecond in gVisor 2024 with some containers. */
	list_open(stop, &list);
	while ((point = list_next(&list, &id))) {
		look(a, point, id, &of_a);
		look(b, point, id, &of_b);
	}
	list_close(&list);
	return of_a.id == 0 || of_b.id == 0 || of_a.id == of_b.id;
}

int mounts_is_point(struct stop *stop, const char *path)
{
	const char *point;
	struct list list;
	int found = 0, id;

	list_open(stop, &list);
	while (!found && (point = list_next(&list, &id)))
		found = strcmp(point, path) == 0;
	if (!found && (!list.file || !feof(list.file)))
		found = -1;
	list_close(&list);
	return found;
}

bool mounts_path_in_proc(struct stop *stop, const char *path, char *ret_path)
{
	char root[PATH_MAX];
	struct found found = { 0 };
	bool is_procfs = false;
	const char *point;
	struct list list;
	int id;

	list_open(stop, &list);
	while ((point = list_next(&list, &id))) {
		if (!look(path, point, id, &found))
			continue;
		is_procfs = list.is_procfs && strlen(list.root) < sizeof(root);
		if (is_procfs)
			strcpy(root, list.root);
	}
	list_close(&list);
	if (!is_procfs)
		return false;
	const char *rest = path + (found.longest > 1 ? found.longest : 0);
	return snprintf(ret_path, PATH_MAX, "/proc%s%s", strcmp(root, "/") == 0 ? "" : root, rest) <
	       PATH_MAX;
}

int mounts_open(struct stop *stop, const char *path)
{
	char name[PATH_MAX + 8];

	snprintf(name, sizeof(name), "root%s", path);
	return stop_open_proc(stop, name, O_PATH | O_NOFOLLOW);
}

bool mounts_below(struct stop *stop, const char *base, unsigned index, char *ret_path)
{
	const char *point;
	struct list list;
	bool found = false;
	int id;

	list_open(stop, &list);
	while (!found && (point = list_next(&list, &id))) {
		if (!path_is_below(point, base) || strcmp(point, base) == 0 || index-- > 0)
			continue;
		found = strlen(point) < PATH_MAX;
		if (!found)
			break;
		strcpy(ret_path, point);
	}
	list_close(&list);
	return found;
}

/* The mount that a descriptor is on, as the kernel numbers it: proc(5), /proc/PID/fdinfo; -1: not told. */
static int mount_of_fd(struct stop *stop, int fd)
{
	char name[24], text[512];
	const char *line;

	snprintf(name, sizeof(name), "fdinfo/%d", fd);
	cleanup_close int file = stop_open_proc(stop, name, O_RDONLY);
	ssize_t length = file < 0 ? -1 : read(file, text, sizeof(text) - 1);
	if (length <= 0)
		return -1;
	text[length] = '\0';
	line = strstr(text, "mnt_id:");
	return line ? atoi(line + strlen("mnt_id:")) : -1;
}

bool mounts_is_nowhere(struct stop *stop, int fd)
{
	int mount = mount_of_fd(stop, fd), id;
	char name[24], link[PATH_MAX];
	bool found = false, any = false;
	struct list list;

	snprintf(name, sizeof(name), "fd/%d", fd);
	if (mount < 0 || stop_read_proc_link(stop, name, link, sizeof(link)) < 0 ||
		strcmp(link, "/") != 0)
		return false;
	list_open(stop, &list);
	while (list_next(&list, &id)) {
		any = true;
		found |= id == mount;
	}
	list_close(&list);
	return any && !found;
}
