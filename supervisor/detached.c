/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "detached.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "magic_links.h"
#include "path.h"

/* Since Linux 6.8, and then no number is used twice. */
#ifndef STATX_MNT_ID_UNIQUE
#define STATX_MNT_ID_UNIQUE 0x00004000U
#endif

/* A mount's number, and its device: a number that is used again is most often one of another file system. */
struct mount_identity {
	uint64_t id;
	uint32_t major, minor;
};

/* Programs that clone folders below /proc are rare, and keep no more than a few. The oldest is forgotten. */
enum { CLONES_MAX = 32 };
static struct clone {
	struct mount_identity identity;
	char *path; /* owned; NULL: free */
} clones[CLONES_MAX];
static unsigned next_clone, n_clones;

static bool identify(struct stop *stop, const char *name, struct mount_identity *ret_identity)
{
	char path[64];
	struct statx status = { 0 };

	if (snprintf(path, sizeof(path), "/proc/%d/%s", stop_tid(stop), name) >=
			(int)sizeof(path) ||
		statx(AT_FDCWD, path, AT_STATX_DONT_SYNC, STATX_MNT_ID | STATX_MNT_ID_UNIQUE,
			&status) ||
		!(status.stx_mask & (STATX_MNT_ID | STATX_MNT_ID_UNIQUE)))
		return false;
	*ret_identity = (struct mount_identity){ status.stx_mnt_id, status.stx_dev_major,
		status.stx_dev_minor };
	return true;
}

static struct clone *find(const struct mount_identity *identity)
{
	for (unsigned i = 0; i < CLONES_MAX; i++)
		if (clones[i].path && clones[i].identity.id == identity->id &&
			clones[i].identity.major == identity->major &&
			clones[i].identity.minor == identity->minor)
			return &clones[i];
	return NULL;
}

static void forget(struct clone *clone)
{
	if (!clone || !clone->path)
		return;
	free(clone->path);
	clone->path = NULL;
	n_clones--;
}

static void remember(const struct mount_identity *identity, const char *path)
{
	struct clone *clone = find(identity);

	if (!clone)
		clone = &clones[next_clone++ % CLONES_MAX];
	forget(clone);
	clone->identity = *identity;
	clone->path = strdup(path);
	n_clones += clone->path != NULL;
}

void detached_made(struct stop *stop, int fd, const char *path)
{
	struct mount_identity identity;
	char name[32], link[8];

	snprintf(name, sizeof(name), "fd/%d", fd);
	/* Another link: an emulation has made it of something else. */
	ssize_t n = stop_read_proc_link(stop, name, link, sizeof(link));
	if (n != 1 || link[0] != '/' || !identify(stop, name, &identity))
		return;
	if (path_is_below(path, "/proc") && strcmp(path, "/proc") != 0)
		remember(&identity, path);
	else
		forget(find(&identity));
}

bool detached_are_known(void)
{
	return n_clones > 0;
}

bool detached_path(struct stop *stop, const char *name, const char *path, const struct rule *rule,
	char *ret_path)
{
	struct mount_identity identity;
	const struct clone *clone = NULL;
	char joined[PATH_MAX];

	if (n_clones > 0 && identify(stop, name, &identity))
		clone = find(&identity);
	if (snprintf(joined, sizeof(joined), "%s%s", clone ? clone->path : "/proc",
		    strcmp(path, "/") == 0 ? "" : path) >= (int)sizeof(joined) ||
		(rule && !path_glob_match(rule->path, joined)) ||
		magic_link_is_procfs(stop, name) <= 0)
		return false;
	strcpy(ret_path, joined);
	return true;
}
