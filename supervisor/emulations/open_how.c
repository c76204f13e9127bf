/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "open_how.h"

#include <fcntl.h>
#include <linux/openat2.h>

#include "extensible.h"

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
	if ((how->flags & (O_CREAT | O_DIRECTORY)) == (O_CREAT | O_DIRECTORY))
		return -EINVAL;
	return 0;
}

int open_how_read(struct stop *stop, struct open_how *ret_how)
{
	int r = extensible_read(
		stop, stop_asked(stop, 2), stop_asked(stop, 3), ret_how, sizeof(*ret_how));

	return r ? r : check_flags(ret_how);
}
