/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A procfs that is mounted at another place than /proc, as on the root folder that a container is to have, or on /host/proc in a pod
 * that looks at its node: the same files are found there.
 */
#include "value.h"

#include <dirent.h>
#include <limits.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

/* Relative to the working directory and absolute, as folder is the former's child. */
static void opens(const char *folder)
{
	char path[PATH_MAX + 64], here[PATH_MAX / 2];
	struct stat status, original;

	CHECK(getcwd(here, sizeof(here)) != NULL);
	snprintf(path, sizeof(path), "%s/vm/swappiness", folder);
	CHECK(is_value(open(path, O_RDONLY)));
	snprintf(path, sizeof(path), "%s/%s/vm/swappiness", here, folder);
	CHECK(is_value(open(path, O_RDONLY)));
	CHECK(stat(path, &status) == 0 && stat(FAKE, &original) == 0);
	CHECK(status.st_mode == original.st_mode && status.st_size == original.st_size);
	CHECK(access(path, W_OK) == 0);
	snprintf(path, sizeof(path), "%s/vm/../vm//swappiness", folder);
	CHECK(is_value(open(path, O_RDONLY)));

	int fd = open(folder, O_PATH | O_DIRECTORY);
	CHECK(is_value(openat(fd, "vm/swappiness", O_RDONLY)));
	snprintf(path, sizeof(path), "/proc/self/fd/%d/vm/swappiness", fd);
	CHECK(is_value(open(path, O_RDONLY)));
	CHECK(fchdir(fd) == 0);
	CHECK(is_value(open("vm/swappiness", O_RDONLY)));
	CHECK(chdir("vm") == 0);
	CHECK(is_value(open("swappiness", O_RDONLY)));
	CHECK(chdir(here) == 0);
	close(fd);

	CHECK(symlink(folder, "link") == 0);
	CHECK(is_value(open("link/vm/swappiness", O_RDONLY)));
	CHECK(unlink("link") == 0);
}

static void lists(const char *folder)
{
	DIR *stream = opendir(folder);
	bool found = false;

	CHECK(stream != NULL);
	for (struct dirent *entry; (entry = readdir(stream));)
		found |= strcmp(entry->d_name, "swappiness") == 0;
	CHECK(found);
	closedir(stream);
}

/* What is written in the one place is read in the other. */
static void writes(const char *path)
{
	const char *other = getenv("GVTRACED") ? "118\n" : value;
	char before[64];
	int fd = open(path, O_WRONLY | O_TRUNC);

	strcpy(before, value);
	CHECK(fd >= 0 && write(fd, other, strlen(other)) == (ssize_t)strlen(other));
	CHECK(close(fd) == 0);
	strcpy(value, other);
	CHECK(is_value(open(FAKE, O_RDONLY)));
	CHECK(is_value(open(path, O_RDONLY)));
	fd = open(FAKE, O_WRONLY);
	CHECK(write(fd, before, strlen(before)) == (ssize_t)strlen(before));
	CHECK(close(fd) == 0);
	strcpy(value, before);
}

/* A folder that only looks like one of /proc is none. */
static void is_no_procfs(void)
{
	CHECK_FAILS(open("x/proc/sys/vm/swappiness", O_RDONLY), ENOENT);
	CHECK(mkdir("x/proc/sys", 0755) == 0 && mkdir("x/proc/sys/vm", 0755) == 0);
	CHECK_FAILS(open("x/proc/sys/vm/swappiness", O_RDONLY), ENOENT);
	CHECK(rmdir("x/proc/sys/vm") == 0 && rmdir("x/proc/sys") == 0);
}

static void in_root(void)
{
	CHECK(chroot("x") == 0 && chdir("/") == 0);
	CHECK(is_value(open("/proc/sys/vm/swappiness", O_RDONLY)));
	CHECK(is_value(open("/again/sys/vm/swappiness", O_RDONLY)));
	_exit(0);
}

int main(void)
{
	int fd = open(FAKE, O_RDONLY);

	CHECK(fd >= 0);
	strcpy(value, text_of(fd));
	close(fd);
	must_see_fake();
	/* gVisor 2022 has no mount namespaces; the sandbox is the case's own. */
	CHECK(unshare(CLONE_NEWNS) == 0 || (errno == EINVAL && in_sandbox()));
	CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 || in_sandbox());
	CHECK(mkdir("x", 0755) == 0 && mkdir("x/proc", 0755) == 0 && mkdir("x/again", 0755) == 0);
	CHECK(mkdir("part", 0755) == 0);
	is_no_procfs();

	CHECK(mount("proc", "x/proc", "proc", 0, NULL) == 0);
	opens("x/proc/sys");
	lists("x/proc/sys/vm");
	writes("x/proc/sys/vm/swappiness");
	CHECK_FAILS(open("x/proc/sys/vm/none", O_RDONLY), ENOENT);

	/* Under another name. */
	CHECK(mount("/proc", "x/again", NULL, MS_BIND, NULL) == 0);
	opens("x/again/sys");
	lists("x/again/sys/vm");
	writes("x/again/sys/vm/swappiness");

	/* A part of it. */
	CHECK(mount("/proc/sys", "part", NULL, MS_BIND, NULL) == 0);
	opens("part");
	writes("part/vm/swappiness");

	pid_t pid = fork();
	if (pid == 0)
		in_root();
	CHECK_EXITS(pid, 0);

	/* What is mounted over it hides it. */
	CHECK(mount("none", "x/again", "tmpfs", 0, NULL) == 0);
	CHECK_FAILS(open("x/again/sys/vm/swappiness", O_RDONLY), ENOENT);
	CHECK(umount("x/again") == 0 && umount("x/again") == 0 && umount("x/proc") == 0 &&
		umount("part") == 0);
	is_no_procfs();
	return success();
}
