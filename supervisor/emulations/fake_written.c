/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake_written.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

enum { WATCHED_MAX = 32 };

static struct watched {
	char *path; /* owned; NULL: free */
	int fd; /* owned */
	struct sysctl_viewer viewer;
	ssize_t length; /* of content */
	char content[SYSCTL_VALUE_MAX]; /* when last looked at */
} watched[WATCHED_MAX];

static size_t next, n_watched;

static void look(struct watched *w)
{
	w->length = pread(w->fd, w->content, sizeof(w->content), 0);
}

static void forget(struct watched *w)
{
	if (!w->path)
		return;
	free(w->path);
	close(w->fd);
	w->path = NULL;
	n_watched--;
}

void fake_written_process_ended(void)
{
	enum { EVERY = 16 };
	static unsigned n_ended;
	struct stat st;

	if (n_watched == 0 || ++n_ended % EVERY != 0)
		return;
	for (size_t i = 0; i < WATCHED_MAX; i++)
		if (watched[i].path && (fstat(watched[i].fd, &st) || st.st_size > SYSCTL_VALUE_MAX))
			forget(&watched[i]);
}

static bool is_of(const struct watched *w, const char *path, const struct sysctl_viewer *viewer)
{
	return w->path && strcmp(w->path, path) == 0 &&
	       memcmp(w->viewer.namespaces, viewer->namespaces, sizeof(viewer->namespaces)) == 0;
}

static void take_over(struct stop *stop, struct watched *w)
{
	char before[SYSCTL_VALUE_MAX];
	ssize_t length = w->length;

	memcpy(before, w->content, sizeof(before));
	look(w);
	if (w->length <= 0 ||
		(w->length == length && memcmp(before, w->content, (size_t)length) == 0))
		return;
	uint64_t offset = 0;
	/* What the kernel would have refused is dropped: the writer is gone. */
	(void)fakeprocsys_write(stop_fakeprocsys(stop), fake_below_proc_sys(w->path), &w->viewer,
		&offset, w->content, (size_t)w->length);
}

void fake_written_watch(struct stop *stop, int fd, const char *path)
{
	struct watched *w = &watched[next];
	int own = fake_file_open(stop, fd);
	char *copy = own >= 0 ? strdup(path) : NULL;
	if (!copy) {
		if (own >= 0)
			close(own);
		return;
	}
	if (w->path)
		take_over(stop, w);
	forget(w);
	next = (next + 1) % WATCHED_MAX;
	n_watched++;
	w->path = copy;
	w->fd = own;
	fake_viewer(stop, path, &w->viewer);
	fake_viewer_finish(&w->viewer);
	look(w);
}

void fake_written_filled(struct stop *stop, const char *path)
{
	for (size_t i = 0; i < WATCHED_MAX; i++)
		if (watched[i].path && strcmp(watched[i].path, path) == 0)
			look(&watched[i]);
}

void fake_written_collect(struct stop *stop, const char *path)
{
	struct sysctl_viewer viewer;
	bool is_watched = false;

	for (size_t i = 0; n_watched > 0 && i < WATCHED_MAX; i++)
		is_watched |= watched[i].path && strcmp(watched[i].path, path) == 0;
	if (!is_watched)
		return;
	fake_viewer(stop, path, &viewer);
	for (size_t i = 0; i < WATCHED_MAX; i++)
		if (is_of(&watched[i], path, &viewer))
			take_over(stop, &watched[i]);
	fake_viewer_finish(&viewer);
}
