/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* File systems: their types and devices. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "facts.h"

static const struct {
	const char *name;
	unsigned magic;
} types[] = { { "9p", V9FS_MAGIC }, { "cgroup", CGROUP_SUPER_MAGIC },
	{ "cgroup2", CGROUP2_SUPER_MAGIC }, { "devpts", DEVPTS_SUPER_MAGIC },
	{ "ext4", EXT4_SUPER_MAGIC }, { "mqueue", 0x19800202 },
	{ "overlay", OVERLAYFS_SUPER_MAGIC }, { "proc", PROC_SUPER_MAGIC },
	{ "sysfs", SYSFS_MAGIC }, { "tmpfs", TMPFS_MAGIC }, { "xfs", XFS_SUPER_MAGIC },
	{ "btrfs", BTRFS_SUPER_MAGIC } };

static const char *name_of_magic(unsigned magic)
{
	static char number[16];

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].magic == magic)
			return types[i].name;
	snprintf(number, sizeof(number), "0x%x", magic);
	return number;
}

static bool contains(const char *point, const char *path)
{
	size_t n = strcmp(point, "/") == 0 ? 0 : strlen(point);

	return strncmp(point, path, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

/* Linux shows a devtmpfs by statfs(2) as the tmpfs that it is made of. */
static void name_type(char type[32])
{
	if (strcmp(type, "devtmpfs") == 0)
		strcpy(type, "tmpfs");
}

bool find_mount(const char *path, struct mount *ret_mount)
{
	const char *text = file("/proc/self/mountinfo");
	struct mount mount;
	bool found = false;

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		const char *dash = strstr(line, " - ");
		if (!dash ||
			sscanf(line, "%*d %*d %u:%u %255s %255s", &mount.major, &mount.minor,
				mount.root, mount.point) != 4 ||
			sscanf(dash, " - %31s %*s %255s", mount.type, mount.options) != 2 ||
			!contains(mount.point, path) ||
			(found && strlen(mount.point) < strlen(ret_mount->point)))
			continue;
		name_type(mount.type);
		*ret_mount = mount;
		found = true;
	}
	return found;
}

static const char *type_in_mounts(const char *path, const char *point)
{
	static char type[32];
	char where[256], what[32];

	strcpy(type, "missing");
	for (const char *line = file(path); line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, "%*s %255s %31s", where, what) == 2 && strcmp(where, point) == 0)
			strcpy(type, what);
	}
	name_type(type);
	return type;
}

bool is_known_type(const char *type)
{
	const char *text = file("/proc/filesystems");

	for (const char *p = text; (p = strstr(p, type)); p++)
		if (p > text && p[-1] == '\t' && (p[strlen(type)] == '\n' || !p[strlen(type)]))
			return true;
	return false;
}

static const char *device(unsigned major, unsigned minor)
{
	static char texts[2][32];
	static int next;

	snprintf(texts[next % 2], sizeof(texts[0]), "%u:%u", major, minor);
	return texts[next++ % 2];
}

void ask_file_system(const char *path)
{
	char type[300], number[300];
	struct mount mount = { .type = "missing" };
	struct statfs fs;
	struct statx stx;
	struct stat st;

	snprintf(type, sizeof(type), "type of %s", path);
	snprintf(number, sizeof(number), "device of %s", path);
	if (stat(path, &st))
		return; /* the environment has none */
	find_mount(path, &mount);
	tell(type, "mountinfo", "%s", mount.type);
	tell(type, "mounts", "%s", type_in_mounts("/proc/mounts", mount.point));
	tell(type, "statfs(2)", "%s",
		statfs(path, &fs) ? "missing" : name_of_magic((unsigned)fs.f_type));
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		tell(type, "fstatfs(2)", "%s",
			fstatfs(fd, &fs) ? "missing" : name_of_magic((unsigned)fs.f_type));
	close(fd);
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd >= 0)
		tell(type, "fstatfs(2), O_PATH", "%s",
			fstatfs(fd, &fs) ? "missing" : name_of_magic((unsigned)fs.f_type));
	close(fd);
	tell(type, "/proc/filesystems", "%s", is_known_type(mount.type) ? mount.type : "missing");

	tell(number, "mountinfo", "%s", device(mount.major, mount.minor));
	tell(number, "stat(2)", "%s", device(major(st.st_dev), minor(st.st_dev)));
	if (statx(AT_FDCWD, path, 0, STATX_BASIC_STATS, &stx) == 0)
		tell(number, "statx(2)", "%s", device(stx.stx_dev_major, stx.stx_dev_minor));
	if (S_ISDIR(st.st_mode)) {
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0 && fstat(fd, &st) == 0)
			tell(number, "fstat(2)", "%s", device(major(st.st_dev), minor(st.st_dev)));
		close(fd);
	}
}
