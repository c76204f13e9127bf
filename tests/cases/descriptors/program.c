/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What calls do to the descriptor of a file below /proc/sys, by how that was opened and by what the file holds: prints each
 * answer, for the kernel's own file and the fake one to be compared. With "readers" for descriptors open for reading only.
 */
#include "case.h"

#include <linux/fs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/xattr.h>

static char text[200];

static void print(const char *what, long result, const char *read)
{
	int error = errno;
	char shown[64] = "";

	if (read && result > 0) {
		snprintf(shown, sizeof(shown), " \"%.*s\"", (int)result, read);
		for (char *c = shown; *c; c++)
			*c = *c == '\n' ? '$' : *c == '\t' ? '_' : *c;
	}
	printf("    %s = %ld%s%s\n", what, result, result == -1 ? " " : shown,
		result == -1 ? strerrorname_np(error) : "");
	fflush(stdout);
}

#define TRY(call)                                 \
	do {                                      \
		errno = 0;                        \
		print(#call, (long)(call), NULL); \
	} while (0)
#define READ(call)                      \
	do {                            \
		errno = 0;              \
		long n_ = (call);       \
		print(#call, n_, text); \
	} while (0)
#define VALUE() print_value(path)

static void print_value(const char *path)
{
	char now[200];
	int fd = open(path, O_RDONLY);

	CHECK(fd >= 0);
	ssize_t n = read(fd, now, sizeof(now));
	close(fd);
	errno = 0;
	print("value", n, now);
}

static void set(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY);

	CHECK(fd >= 0 && write(fd, value, strlen(value)) == (ssize_t)strlen(value));
	close(fd);
}

static void read_it(int fd)
{
	struct iovec parts[2] = { { text, 1 }, { text + 1, 20 } };

	READ(read(fd, text, 0));
	READ(read(fd, text, 2));
	TRY(lseek(fd, 0, SEEK_CUR));
	READ(read(fd, text, 100));
	READ(read(fd, text, 100));
	TRY(lseek(fd, 0, SEEK_CUR));
	READ(pread(fd, text, 2, 0));
	READ(pread(fd, text, 100, 1));
	READ(pread(fd, text, 100, 1000));
	READ(pread(fd, text, 1, -1));
	READ(read(fd, nowhere, 2));
	READ(pread(fd, nowhere, 2, 1000));
	TRY(lseek(fd, 0, SEEK_SET));
	READ(readv(fd, parts, 2));
	READ(preadv(fd, parts, 2, 0));
	READ(preadv(fd, parts, 2, 1));
	TRY(lseek(fd, 0, SEEK_SET));
	READ(preadv2(fd, parts, 2, -1, 0));
	READ(preadv2(fd, parts, 2, -1, 0));
}

static void write_it(int fd, const char *path, const char *value)
{
	struct iovec parts[2] = { { (void *)value, 1 }, { (void *)value + 1, strlen(value + 1) } };

	TRY(lseek(fd, 0, SEEK_SET));
	TRY(write(fd, value, 0));
	TRY(write(fd, value, strlen(value)));
	TRY(lseek(fd, 0, SEEK_CUR));
	VALUE();
	TRY(write(fd, "7", 1));
	TRY(lseek(fd, 0, SEEK_CUR));
	VALUE();
	TRY(lseek(fd, 1, SEEK_SET));
	TRY(write(fd, "8\n", 2));
	TRY(lseek(fd, 0, SEEK_CUR));
	VALUE();
	TRY(pwrite(fd, value, strlen(value), 0));
	VALUE();
	TRY(pwrite(fd, "9", 1, 1));
	VALUE();
	TRY(pwrite(fd, "9", 1, 1000));
	TRY(pwrite(fd, "9", 1, -1));
	TRY(pwrite(fd, "9 9 9 9 9 9\n", 12, 0));
	VALUE();
	TRY(lseek(fd, 0, SEEK_SET));
	TRY(writev(fd, parts, 2));
	TRY(lseek(fd, 0, SEEK_CUR));
	TRY(pwritev(fd, parts, 2, 0));
	TRY(pwritev(fd, parts, 2, 2));
	VALUE();
	TRY(lseek(fd, 0, SEEK_SET));
	TRY(pwritev2(fd, parts, 2, -1, 0));
	TRY(lseek(fd, 0, SEEK_CUR));
	VALUE();
	TRY(write(fd, nowhere, 3));
	TRY(pwrite(fd, nowhere, 3, 1));
	VALUE();
	TRY(pwrite(fd, "many", 4, 0));
	TRY(pwrite(fd, "many", 4, 1));
	VALUE();
	/* As with an open that appends. */
	TRY(fcntl(fd, F_SETFL, O_APPEND));
	TRY(lseek(fd, 0, SEEK_SET));
	TRY(write(fd, "3", 1));
	TRY(write(fd, "4", 1));
	VALUE();
}

/* Memory that is not there, or too much of it, and flags. */
static void use_odd_memory(int fd, const char *path)
{
	static struct iovec parts[1025];
	const size_t five = 5 << 20;
	volatile size_t minus_one = -1; /* or else the compiler warns */
	char *big =
		mmap(NULL, five + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(big != MAP_FAILED && munmap(big + five, 4096) == 0);
	char *last = big + five - 2;
	memcpy(big, "60\n", 3);
	memcpy(last, "61", 2);
	for (size_t i = 0; i < 1025; i++)
		parts[i] = (struct iovec){ " ", 1 };
	parts[38].iov_base = "6";
	parts[39].iov_base = "2";
	TRY(pwrite(fd, big, five, 0));
	TRY(pwrite(fd, big, 4 << 20, 0));
	TRY(pwrite(fd, big, (4 << 20) - 1, 0));
	TRY(pwrite(fd, big, minus_one, 0));
	VALUE();
	TRY(pwrite(fd, last, 2, 0));
	TRY(pwrite(fd, last, 3, 0));
	TRY(pwrite(fd, last - 5000, 6000, 0));
	VALUE();
	TRY(lseek(fd, 0, SEEK_SET));
	TRY(writev(fd, parts, 40));
	TRY(lseek(fd, 0, SEEK_CUR));
	VALUE();
	TRY(pwritev(fd, parts, 1024, 0));
	TRY(pwritev(fd, parts, 1025, 0));
	TRY(pwritev(fd, parts, (int)minus_one, 0));
	TRY(pwritev(fd, parts, 0, 0));
	TRY(pwritev(fd, nowhere, 1, 0));
	parts[3].iov_base = nowhere;
	TRY(pwritev(fd, parts, 40, 0));
	parts[3].iov_len = minus_one;
	TRY(pwritev(fd, parts, 40, 0));
	parts[3].iov_len = 0;
	TRY(pwritev(fd, parts, 40, 0));
	parts[3].iov_len = five;
	parts[3].iov_base = big;
	TRY(pwritev(fd, parts, 40, 0));
	VALUE();
	parts[0] = (struct iovec){ "63", 2 };
	TRY(pwritev2(fd, parts, 1, 0, 0x1));
	TRY(pwritev2(fd, parts, 1, 0, 0x2 | 0x4));
	TRY(pwritev2(fd, parts, 1, 0, 0x10));
	TRY(pwritev2(fd, parts, 1, 0, 0x8));
	TRY(pwritev2(fd, parts, 1, 0, 0x10000));
	TRY(lseek(fd, 0, SEEK_SET));
	TRY(pread(fd, big, five, 0));
	TRY(pread(fd, big, 4 << 20, 0));
	TRY(pread(fd, big, (4 << 20) - 1, 0));
	TRY(read(fd, last, 2));
	TRY(lseek(fd, 0, SEEK_SET));
	TRY(read(fd, last, 10));
	TRY(lseek(fd, 0, SEEK_CUR));
	munmap(big, five);
}

/* What a memfd has. */
static void use_attributes(int fd)
{
	int flags;

	TRY(fcntl(fd, F_GET_SEALS));
	TRY(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	TRY(ioctl(fd, FS_IOC_GETFLAGS, &flags));
	TRY(fgetxattr(fd, "user.a", text, sizeof(text)));
	TRY(fsetxattr(fd, "user.a", "x", 1, 0));
	TRY(flistxattr(fd, text, sizeof(text)));
	TRY(fremovexattr(fd, "user.a"));
}

static void change_it(int fd, const char *path)
{
	TRY(lseek(fd, 0, SEEK_END));
	TRY(lseek(fd, 5, SEEK_END));
	TRY(lseek(fd, -1, SEEK_END));
	TRY(lseek(fd, 0, SEEK_DATA));
	TRY(lseek(fd, 0, SEEK_HOLE));
	TRY(lseek(fd, 0, SEEK_SET));
	TRY(ftruncate(fd, 0));
	TRY(ftruncate(fd, 100));
	TRY(ftruncate(fd, -1));
	TRY(fsync(fd));
	TRY(fdatasync(fd));
	TRY(fallocate(fd, 0, 0, 10));
	TRY(fallocate(fd, 0, 0, 0));
	TRY(fchmod(fd, 0600));
	TRY(fchown(fd, 0, 0));
	TRY(fchown(fd, -1, -1));
	TRY(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED ? -1 : 0);
	TRY(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED ? -1 : 0);
	TRY(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0) == MAP_FAILED ? -1 : 0);
	TRY(mmap(NULL, 0, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED ? -1 : 0);
	TRY(fcntl(fd, F_GETFL) & O_ACCMODE);
	TRY(fcntl(fd, F_GETFD));
	VALUE();
}

int main(int argc, char *argv[])
{
	static const struct {
		const char *path, *first, *value;
	} files[] = {
		{ "/proc/sys/kernel/shmmni", "117", "56" },
		{ "/proc/sys/net/ipv4/ip_default_ttl", "117", "56" },
		{ "/proc/sys/net/ipv4/ping_group_range", "1 200", "56 78" },
		{ "/proc/sys/kernel/domainname", "first", "second" },
		{ "/proc/sys/net/ipv4/ip_local_reserved_ports", "1,2", "5-7" },
	};
	static const int modes[] = { O_WRONLY, O_RDWR, O_RDWR | O_APPEND, O_RDONLY };
	static const char *const names[] = { "O_WRONLY", "O_RDWR", "O_RDWR | O_APPEND",
		"O_RDONLY" };
	bool reads = argc > 1;

	must_see_fake();
	if (unshare(CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS))
		skip("no namespaces of its own: %s", strerror(errno));
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const char *path = files[i].path;
		for (int mode = reads ? 3 : 0; mode < (reads ? 4 : i == 0 ? 3 : 2); mode++) {
			printf("%s %s\n", path, names[mode]);
			set(path, files[i].first);
			int fd = open(path, modes[mode] | (mode == 1 ? 0 : O_CLOEXEC));
			CHECK(fd >= 0);
			read_it(fd);
			if (reads)
				set(path, files[i].value);
			READ(pread(fd, text, 100, 0));
			if (!reads)
				write_it(fd, path, files[i].value);
			if (!reads && i == 0)
				read_it(fd);
			if (i == 0) {
				change_it(fd, path);
				use_odd_memory(fd, path);
				use_attributes(fd);
			}
			close(fd);
		}
	}
	return success();
}
