/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "mount_attributes.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

#include "extensible.h"

static const struct {
	uint64_t attribute, flag, of_statfs;
} map[] = {
	{ MOUNT_ATTR_RDONLY, MS_RDONLY, ST_RDONLY },
	{ MOUNT_ATTR_NOSUID, MS_NOSUID, ST_NOSUID },
	{ MOUNT_ATTR_NODEV, MS_NODEV, ST_NODEV },
	{ MOUNT_ATTR_NOEXEC, MS_NOEXEC, ST_NOEXEC },
	{ MOUNT_ATTR_NOATIME, MS_NOATIME, ST_NOATIME },
	{ MOUNT_ATTR_STRICTATIME, MS_STRICTATIME, 0 },
	{ MOUNT_ATTR_NODIRATIME, MS_NODIRATIME, ST_NODIRATIME },
	{ MOUNT_ATTR_NOSYMFOLLOW, MS_NOSYMFOLLOW, 0x2000 /* ST_NOSYMFOLLOW of the kernel */ },
};

static int check(const struct mount_attr *attr)
{
	const uint64_t propagation = MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE;
	uint64_t known = MOUNT_ATTR__ATIME, atime = attr->attr_set & MOUNT_ATTR__ATIME;

	for (size_t i = 0; i < ARRAY_SIZE(map); i++)
		known |= map[i].attribute;
	if ((attr->propagation & ~propagation) || __builtin_popcountll(attr->propagation) > 1)
		return -EINVAL;
	if ((attr->attr_set | attr->attr_clr) & ~known)
		return -EINVAL;
	if (!(attr->attr_clr & MOUNT_ATTR__ATIME))
		return atime ? -EINVAL : 0;
	if ((attr->attr_clr & MOUNT_ATTR__ATIME) != MOUNT_ATTR__ATIME)
		return -EINVAL;
	return atime == MOUNT_ATTR_RELATIME || atime == MOUNT_ATTR_NOATIME ||
			       atime == MOUNT_ATTR_STRICTATIME
		       ? 0
		       : -EINVAL;
}

int mount_attributes_read(struct stop *stop, struct mount_attr *ret_attr)
{
	const uint32_t known = AT_EMPTY_PATH | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT;

	if ((uint32_t)stop_asked(stop, 2) & ~known)
		return -EINVAL;
	int r = extensible_read(
		stop, stop_asked(stop, 3), stop_asked(stop, 4), ret_attr, sizeof(*ret_attr));
	if (r)
		return r;
	if (!ret_attr->attr_set && !ret_attr->attr_clr && !ret_attr->propagation)
		return 0;
	r = check(ret_attr);
	return r ? r : 1;
}

uint64_t mount_attributes_to_flags(uint64_t attributes)
{
	uint64_t flags = 0;

	for (size_t i = 0; i < ARRAY_SIZE(map); i++)
		if (attributes & map[i].attribute)
			flags |= map[i].flag;
	return flags;
}

int mount_attributes_flags(
	struct stop *stop, const char *name, uint64_t set, uint64_t clear, uint64_t *ret_flags)
{
	cleanup_close int fd = stop_open_proc(stop, name, O_PATH);
	uint64_t attributes = 0;
	struct statfs fs;

	if (fd < 0)
		return fd;
	int r = stop_statfs(fd, &fs);
	if (r)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(map); i++)
		if ((uint64_t)fs.f_flags & map[i].of_statfs)
			attributes |= map[i].attribute;
	if (!((uint64_t)fs.f_flags & (ST_NOATIME | ST_RELATIME)))
		attributes |= MOUNT_ATTR_STRICTATIME;
	attributes = (attributes & ~clear) | set;
	*ret_flags = mount_attributes_to_flags(attributes);
	if (!(attributes & MOUNT_ATTR__ATIME))
		*ret_flags |= MS_RELATIME;
	return 0;
}
