/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* do = upper-folder: a folder that is made on an overlay can hold upper folders; others, and what is made elsewhere, cannot. */
#include "case.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

static long type_of(const char *path)
{
	struct statfs fs;

	CHECK(statfs(path, &fs) == 0);
	return (long)fs.f_type;
}

/* An overlay on point, whose upper folder is in folder. */
static int mount_overlay(const char *folder, const char *point)
{
	char upper[256], work[256], options[1024];

	snprintf(upper, sizeof(upper), "%s/upper", folder);
	snprintf(work, sizeof(work), "%s/work", folder);
	CHECK(mkdir(upper, 0755) == 0 && mkdir(work, 0755) == 0);
	snprintf(options, sizeof(options), "lowerdir=/tmp/lower,upperdir=%s,workdir=%s", upper,
		work);
	return mount("overlay", point, "overlay", 0, options);
}

int main(void)
{
	struct stat st;

	/* nobody else sees these mounts */
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		skip("no mount namespaces here");
	CHECK(mount("tmpfs", "/tmp", "tmpfs", 0, "mode=0755") == 0);
	CHECK(mkdir("/tmp/lower", 0755) == 0 && mkdir("/tmp/first", 0755) == 0);
	CHECK(mkdir("/tmp/o", 0755) == 0 && mkdir("/tmp/point", 0755) == 0);
	CHECK(mount_overlay("/tmp/first", "/tmp/o") == 0);

	CHECK(mkdir("/tmp/o/other", 0755) == 0 && type_of("/tmp/o/other") == OVERLAYFS_SUPER_MAGIC);
	CHECK_FAILS(mount_overlay("/tmp/o/other", "/tmp/point"), EINVAL);

	CHECK(mkdir("/tmp/o/snapshots-1", 0700) == 0);
	CHECK(type_of("/tmp/o/snapshots-1") == TMPFS_MAGIC);
	CHECK(stat("/tmp/o/snapshots-1", &st) == 0 && (st.st_mode & 07777) == 0700);
	CHECK(mount_overlay("/tmp/o/snapshots-1", "/tmp/point") == 0);
	CHECK(mkdir("/tmp/point/made", 0755) == 0);
	CHECK(stat("/tmp/o/snapshots-1/upper/made", &st) == 0);

	/* the same folder again, by a descriptor and a name of its own; what is there stays */
	int fd = open("/tmp/o", O_PATH | O_DIRECTORY);
	CHECK_FAILS(mkdirat(fd, "snapshots-1", 0700), EEXIST);
	CHECK(stat("/tmp/o/snapshots-1/upper/made", &st) == 0);
	CHECK(mkdirat(fd, "snapshots-2", 0755) == 0);
	CHECK(type_of("/tmp/o/snapshots-2") == TMPFS_MAGIC);
	CHECK_FAILS(mkdir("/tmp/o/nowhere/snapshots-3", 0755), ENOENT);

	/* on what is no overlay nothing is mounted */
	CHECK(mkdir("/tmp/snapshots-4", 0755) == 0 && stat("/tmp/snapshots-4", &st) == 0);
	dev_t device = st.st_dev;
	CHECK(stat("/tmp", &st) == 0 && st.st_dev == device);
	return success();
}
