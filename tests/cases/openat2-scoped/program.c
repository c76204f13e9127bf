/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* do = openat2: what RESOLVE_IN_ROOT, RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS make of each kind of path. Prints what was opened, or the error. */
#include "case.h"

#include "by_openat2.h"

#include <limits.h>
#include <sys/stat.h>

static char top[PATH_MAX];

/* EAGAIN: anybody's rename or mount came between, as openat2(2) says of "..". */
static int retried(int dirfd, const char *path, uint64_t flags, uint64_t resolve)
{
	int fd, tries = 128;

	do
		fd = by_openat2(dirfd, path, flags, resolve);
	while (fd == -EAGAIN && --tries > 0);
	return fd;
}

/* What is open, from top on. */
static const char *name_of(int fd)
{
	static char text[PATH_MAX];
	char link[32];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, text, sizeof(text) - 1);
	CHECK(n > 0);
	text[n] = '\0';
	size_t length = strlen(top);
	if (strcmp(text, top) == 0)
		return ".";
	return strncmp(text, top, length) == 0 && text[length] == '/' ? text + length + 1
								      : "elsewhere";
}

static void tell(int fd)
{
	printf(" %s", fd < 0 ? strerrorname_np(-fd) : name_of(fd));
	if (fd >= 0)
		close(fd);
}

static void try(int dirfd, const char *path)
{
	static const uint64_t resolves[] = { RESOLVE_IN_ROOT, RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS,
		RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS };
	static const uint64_t flags[] = { O_PATH, O_PATH | O_NOFOLLOW, O_RDONLY,
		O_PATH | O_DIRECTORY };

	printf("%s\n", path);
	for (size_t i = 0; i < sizeof(resolves) / sizeof(resolves[0]); i++) {
		printf("   ");
		for (size_t k = 0; k < sizeof(flags) / sizeof(flags[0]); k++)
			tell(retried(dirfd, path, flags[k], resolves[i]));
		printf("\n");
	}
}

/* Files are made where the path leads within the folder, and nowhere else. */
static void try_create(int dirfd, const char *path, uint64_t flags)
{
	printf("create %s%s:", path, flags & O_EXCL ? " (new)" : "");
	for (int beneath = 0; beneath < 2; beneath++) {
		int fd = retried(dirfd, path, O_CREAT | O_WRONLY | flags,
			beneath ? RESOLVE_BENEATH : RESOLVE_IN_ROOT);
		char made[PATH_MAX] = "";
		if (fd >= 0)
			strcpy(made, name_of(fd));
		tell(fd);
		if (*made && !strstr(made, "file"))
			CHECK(unlink(made) == 0);
	}
	printf("\n");
}

static void try_magic_as(
	int proc, const char *label, const char *path, uint64_t flags, uint64_t resolve)
{
	int fd = retried(proc, path, flags, resolve);

	printf("proc %s: %s\n", label, fd < 0 ? strerrorname_np(-fd) : "opened");
	if (fd >= 0)
		close(fd);
}

static void try_magic(int proc, const char *path, uint64_t flags, uint64_t resolve)
{
	try_magic_as(proc, path, path, flags, resolve);
}

/* A link out at a place so deep that not all on the way is looked at: it is not followed. */
static void refuse_deep(int dirfd)
{
	enum { DEPTH = 362 };
	char path[2 * DEPTH + 8] = "";

	for (int i = 0; i < DEPTH; i++) {
		strcat(path, "a/");
		CHECK(mkdirat(dirfd, path, 0700) == 0);
	}
	strcat(path, "link");
	CHECK(symlinkat("/etc/passwd", dirfd, path) == 0);
	CHECK(retried(dirfd, path, O_RDONLY, RESOLVE_IN_ROOT) < 0);
	CHECK(retried(dirfd, path, O_RDONLY, RESOLVE_BENEATH) < 0);
	CHECK(retried(dirfd, path, O_RDONLY, RESOLVE_NO_SYMLINKS) == -ELOOP);
}

int main(void)
{
	static const char *const links[][2] = { { "abs", "/dir" }, { "abs-file", "/dir/file" },
		{ "abs-up", "/../../secret" }, { "up", "../secret" }, { "up-folder", ".." },
		{ "rel", "dir" }, { "rel-slash", "dir//" }, { "file-slash", "dir/file/" },
		{ "loop", "loop" }, { "loop-a", "loop-b" }, { "loop-b", "/loop-a" },
		{ "nowhere", "/gone" }, { "nowhere-deep", "/gone/gone" }, { "chain", "abs" },
		{ "dir/back", "../dir/./file" }, { "dir/up-two", "../../secret" }, { "dot", "." },
		{ "root", "/" } };
	static const char *const paths[] = { "dir/file", "/dir/file", "dir//./file", "dir/",
		"dir/.", "dir/..", ".", "/", "..", "../secret", "/../dir", "dir/../dir/file",
		"dir/../../secret", "dir/file/", "dir/file/.", "dir/file/..", "gone", "gone/..",
		"gone/gone", "abs", "abs/", "abs/file", "abs/../dir", "abs-file", "abs-file/",
		"abs-file/..", "abs-up", "up", "up-folder/secret", "up-folder", "rel", "rel/file",
		"rel-slash", "rel-slash/file", "file-slash", "loop", "loop/file", "loop-a",
		"nowhere", "nowhere/", "nowhere-deep", "chain/file", "chain", "dir/back",
		"dir/up-two", "dot/dot/dir/dot", "dot/rel/back", "root/dir",
		"root/../root/abs-file", "rel/../abs/back", "" };
	char target[PATH_MAX + 16], deep[PATH_MAX];

	CHECK(getcwd(top, sizeof(top)));
	CHECK(mkdir("in", 0700) == 0 && mkdir("in/dir", 0700) == 0);
	close(open("secret", O_CREAT | O_WRONLY, 0600));
	close(open("in/dir/file", O_CREAT | O_WRONLY, 0600));
	int in = open("in", O_PATH | O_CLOEXEC);
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		CHECK(symlinkat(links[i][1], in, links[i][0]) == 0);
	snprintf(target, sizeof(target), "%s/secret", top);
	CHECK(symlinkat(target, in, "out") == 0);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		try(in, paths[i]);
	try(in, "out");
	try(in, "dir/./////////..///./abs/.//file");

	/* the working directory in place of a descriptor */
	CHECK(fchdir(in) == 0);
	try(AT_FDCWD, "abs-file");
	try(AT_FDCWD, "up");
	CHECK(chdir("..") == 0);
	/* above where it begins, where nothing but links is forbidden */
	CHECK(mkdir("side", 0700) == 0 && symlink("side", "to-side") == 0);
	close(open("side/file", O_CREAT | O_WRONLY, 0600));
	try(in, "../side/file");
	try(in, "../to-side/file");
	try(in, "dir/../../side/../in/abs");
	try(in, "../../../../../../../../../../../../../../../../proc/self/status");
	/* what looks like a link of /proc */
	CHECK(mkdir("in/proc", 0700) == 0 && mkdir("in/proc/self", 0700) == 0 &&
		mkdir("in/proc/self/cwd", 0700) == 0);
	try(in, "/proc/self/cwd");
	/* what is no folder, and no descriptor */
	int file = open("in/dir/file", O_PATH | O_CLOEXEC);
	try(file, "file");
	try(file, "../file");
	try(file, "");
	close(file);
	try(file, "dir/file");
	try(file, "/dir/file");

	/* as many links as are followed, and one more */
	for (int i = 0; i < 41; i++) {
		snprintf(target, sizeof(target), i ? "link%d" : "dir", i - 1);
		snprintf(deep, sizeof(deep), "link%d", i);
		CHECK(symlinkat(target, in, deep) == 0);
	}
	try(in, "link39/file");
	try(in, "link40/file");
	refuse_deep(in);
	memset(deep, 'x', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	char *too_long = strcat(strcpy(malloc(2 * sizeof(deep)), deep), deep);
	CHECK(retried(in, too_long, O_PATH, RESOLVE_IN_ROOT) == -ENAMETOOLONG);
	free(too_long);
	memset(deep, 'x', 300);
	deep[300] = '\0';
	CHECK(retried(in, deep, O_PATH, RESOLVE_IN_ROOT) == -ENAMETOOLONG);

	try_create(in, "new", 0);
	try_create(in, "/dir/new", 0);
	try_create(in, "nowhere", 0);
	try_create(in, "nowhere", O_EXCL);
	try_create(in, "nowhere-deep", 0);
	try_create(in, "abs/new", 0);
	try_create(in, "abs-file", 0);
	try_create(in, "abs-file", O_TRUNC);
	try_create(in, "up", O_TRUNC);
	try_create(in, "up-folder/new", 0);
	try_create(in, "out", O_TRUNC);
	try_create(in, "new/", 0);
	try_create(in, "abs", 0);
	try_create(in, "abs/", 0);
	try_create(in, "dir/back/.", 0);
	try_create(in, "loop/", 0);
	try_create(in, "gone/new", O_DIRECTORY);
	CHECK(access("gone", F_OK) < 0 && access("new", F_OK) < 0 && access("in/gone", F_OK) < 0);

	/* the links of /proc that lead anywhere */
	int proc = open("/proc", O_PATH | O_CLOEXEC);
	char link[64];
	static const uint64_t scopes[] = { RESOLVE_BENEATH, RESOLVE_IN_ROOT,
		RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS };
	for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++) {
		try_magic(proc, "self/status", O_RDONLY, scopes[i]);
		try_magic(proc, "thread-self/status", O_RDONLY, scopes[i]);
		try_magic(proc, "self", O_PATH | O_NOFOLLOW, scopes[i]);
		try_magic(proc, "mounts", O_RDONLY, scopes[i]);
		try_magic(proc, "self/root/proc", O_PATH, scopes[i]);
		try_magic(proc, "self/cwd", O_PATH, scopes[i]);
		try_magic(proc, "self/cwd", O_PATH | O_NOFOLLOW, scopes[i]);
		try_magic(proc, "self/exe", O_PATH, scopes[i]);
		try_magic(proc, "thread-self/ns/mnt", O_RDONLY, scopes[i]);
		snprintf(link, sizeof(link), "/proc/self/fd/%d", in);
		struct stat status;
		CHECK(stat(link, &status) == 0);
		snprintf(link, sizeof(link), "%d/root", getpid());
		try_magic_as(proc, "PID/root", link, O_PATH, scopes[i]);
		snprintf(link, sizeof(link), "self/fd/%d/dir", in);
		try_magic_as(proc, "self/fd/N/dir", link, O_PATH, scopes[i]);
		snprintf(link, sizeof(link), "%d/fd/%d", getpid(), in);
		try_magic_as(proc, "PID/fd/N", link, O_PATH, scopes[i]);
	}

	try_magic(proc, "self/fd/../../..", O_PATH, RESOLVE_BENEATH);

	struct open_how how = { .flags = O_RDONLY, .resolve = RESOLVE_BENEATH | RESOLVE_IN_ROOT };
	CHECK_FAILS(syscall(SYS_openat2, in, "dir", &how, sizeof(how)), EINVAL);
	how.resolve = 1 << 20;
	CHECK_FAILS(syscall(SYS_openat2, in, "dir", &how, sizeof(how)), EINVAL);
	how = (struct open_how){ .flags = O_RDONLY, .mode = 0600 };
	CHECK_FAILS(syscall(SYS_openat2, in, "dir", &how, sizeof(how)), EINVAL);
	return success();
}
