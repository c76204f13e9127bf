/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake_openat2.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>

#include "nearest.h"
#include "open_how.h"
#include "path.h"

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
	int r = open_how_read(stop, &how);

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
