/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake_openat2.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/stat.h>

#include "extensible.h"
#include "nearest.h"
#include "path.h"

#define RESOLVE_KNOWN                                                                      \
	(RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH | \
		RESOLVE_IN_ROOT | RESOLVE_CACHED)
/* VALID_OPEN_FLAGS of include/linux/fcntl.h; FMODE bits such as O_LARGEFILE's are ignored on 64 bit. */
#define OPEN_KNOWN                                                                               \
	(O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK | O_SYNC |    \
		O_ASYNC | O_DIRECT | O_DIRECTORY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC | O_PATH | \
		O_TMPFILE | 0100000 /* O_LARGEFILE of the kernel */)

static int check_flags(const struct open_how *how)
{
	bool creates = (how->flags & O_CREAT) || (how->flags & O_TMPFILE) == O_TMPFILE;

	if ((how->flags & ~(uint64_t)OPEN_KNOWN) || (how->resolve & ~(uint64_t)RESOLVE_KNOWN))
		return -EINVAL;
	if ((how->resolve & RESOLVE_BENEATH) && (how->resolve & RESOLVE_IN_ROOT))
		return -EINVAL;
	if (how->mode & (creates ? ~(uint64_t)07777 : ~UINT64_C(0)))
		return -EINVAL;
	if ((how->flags & O_PATH) &&
		(how->flags & ~(uint64_t)(O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)))
		return -EINVAL;
	return 0;
}

/* Whether a relative text leaves the folder that it starts in, be it only on the way. */
static bool climbs_out(const char *text)
{
	int depth = 0;

	for (const char *p = text; *p && depth >= 0;) {
		size_t length = strcspn(p, "/");
		if (length == 2 && strncmp(p, "..", 2) == 0)
			depth--;
		else if (length > 0 && !(length == 1 && *p == '.'))
			depth++;
		p += length + strspn(p + length, "/");
	}
	return depth < 0;
}

/*
 * Whether the way from the folder base (of an absolute path: from the root) to path leaves a mount. /proc is a mount of
 * its own, whatever folders of the fake tree the kernel lacks; elsewhere the nearest folder that is there tells.
 */
static bool crosses_mounts(struct stop *stop, const char *base, const char *path, bool is_absolute)
{
	if (path_is_below(path, "/proc"))
		return is_absolute || !path_is_below(base, "/proc");
	cleanup_close int start = nearest_open(stop, is_absolute ? "/" : base);
	cleanup_close int end = nearest_open(stop, path);
	return start >= 0 && end >= 0 && stop_device(start) != stop_device(end);
}

int fake_openat2_flags(struct stop *stop, const char *path, uint64_t *ret_flags)
{
	struct open_how how;
	const char *base;
	char text[PATH_MAX];
	int r = extensible_read(stop, stop_asked(stop, 2), stop_asked(stop, 3), &how, sizeof(how));

	if (r == 0)
		r = check_flags(&how);
	if (r)
		return r;
	*ret_flags = how.flags;
	if (stop_read_string(stop, stop_asked(stop, 1), text, sizeof(text)) < 0)
		return -EFAULT;
	bool is_absolute = text[0] == '/';
	if ((how.resolve & RESOLVE_BENEATH) && (is_absolute || climbs_out(text)))
		return -EXDEV;
	if ((how.resolve & (RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS)) &&
		stop_is_magic_link(stop, 1))
		return -ELOOP;
	if (!(how.resolve & (RESOLVE_BENEATH | RESOLVE_NO_XDEV)))
		return 0;
	if (stop_path(stop, 0, &base))
		return 0;
	if ((how.resolve & RESOLVE_NO_XDEV) && crosses_mounts(stop, base, path, is_absolute))
		return -EXDEV;
	return (how.resolve & RESOLVE_BENEATH) && !path_is_below(path, base) ? -EXDEV : 0;
}
