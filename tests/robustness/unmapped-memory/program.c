/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A thread takes away memory while another's calls are being changed: what gvtrace has mapped for itself, what the
 * path is in, and at last everything. The program may get errors, or die; gvtrace goes on.
 */
#include "case.h"
#include "loops.h"

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>

enum { SECONDS = 4, AREA = 128 * 1024 };

static volatile int over;
static volatile unsigned n_taken;

/* Unmaps, protects or overwrites each private anonymous mapping of the size of gvtrace's. */
static void *takes_area(void *data)
{
	char line[512];
	unsigned long start, end;
	char mode[8];
	int inode;

	while (!over) {
		FILE *maps = fopen("/proc/self/maps", "re");
		while (maps && fgets(line, sizeof(line), maps)) {
			if (sscanf(line, "%lx-%lx %7s %*x %*s %d", &start, &end, mode, &inode) !=
					4 ||
				inode || end - start != AREA || strcmp(mode, "rw-p") != 0)
				continue;
			n_taken++;
			if (n_taken % 3 == 0)
				mprotect((void *)start, AREA, PROT_READ);
			else if (n_taken % 3 == 1)
				munmap((void *)start, AREA);
			else
				munmap((void *)start, 4096);
			break;
		}
		if (maps)
			fclose(maps);
	}
	return NULL;
}

static char *moving; /* a page with a path in it, which comes and goes */

static void *takes_path(void *data)
{
	while (!over) {
		mprotect(moving, 4096, PROT_NONE);
		mprotect(moving, 4096, PROT_READ | PROT_WRITE);
		munmap(moving, 4096);
		char *again = mmap(moving, 4096, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		strcpy(again, "sys/vm/swappiness");
	}
	return NULL;
}

static void while_taken(void *(*taker)(void *), const char *path, bool path_stays)
{
	pthread_t thread;
	unsigned fakes = 0, errors = 0;
	double end = seconds_now() + SECONDS * loops();

	over = 0;
	CHECK(pthread_create(&thread, NULL, taker, NULL) == 0);
	while (seconds_now() < end) {
		int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
		if (fd < 0) {
			CHECK(errno == ENOMEM || errno == EFAULT || errno == ENOENT ||
				errno == EISDIR);
			errors++;
			continue;
		}
		char text[16];
		ssize_t n = pread(fd, text, sizeof(text), 0);
		/* The path may have been empty for a moment, never another file's. */
		/* Gone when gvtrace looks at it, and back when the kernel does, it is the kernel's own file. */
		bool is_fake = n == 4 && memcmp(text, FAKE_VALUE, 4) == 0;
		if (!is_fake && path_stays)
			printf("%zd bytes: %.*s\n", n, n > 0 ? (int)n : 0, text);
		CHECK(is_fake || !path_stays);
		CHECK(n > 1 && text[n - 1] == '\n');
		fakes++;
		close(fd);
	}
	over = 1;
	pthread_join(thread, NULL);
	CHECK(fakes > 0);
}

static void *opens(void *data)
{
	for (;;)
		syscall(SYS_openat, AT_FDCWD, "sys/vm/swappiness", O_RDWR | O_CLOEXEC);
	return NULL;
}

static void nothing_is_left(void)
{
	pthread_t thread;

	for (int i = 0; i < 4; i++)
		pthread_create(&thread, NULL, opens, NULL);
	usleep(20000);
	syscall(SYS_munmap, 0x1000, 0x7fffffff0000);
	_exit(0);
}

int main(void)
{
	CHECK(chdir("/proc") == 0);
	while_taken(takes_area, "sys/vm/swappiness", true);
	CHECK(n_taken > 0);
	moving = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	strcpy(moving, "sys/vm/swappiness");
	while_taken(takes_path, moving, false);
	for (int i = 0; i < 50 * loops(); i++) {
		int status;
		pid_t pid = fork();
		if (pid == 0)
			nothing_is_left();
		CHECK(waitpid(pid, &status, 0) == pid);
		CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	}
	CHECK(sees_fake());
	return success();
}
