/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls with random arguments, of which some make sense, from several threads and children. Whatever the program gets,
 * gvtrace goes on. The calls are such that root may make them without harm.
 */
#include "case.h"
#include "loops.h"

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/uio.h>

enum { SECONDS = 8, CHILDREN = 4, THREADS = 3 };

static const long calls[] = { SYS_open, SYS_openat, SYS_openat, SYS_openat2, SYS_stat, SYS_lstat,
	SYS_newfstatat, SYS_fstat, SYS_statx, SYS_access, SYS_faccessat, SYS_faccessat2,
	SYS_readlink, SYS_readlinkat, SYS_statfs, SYS_fstatfs, SYS_getdents64, SYS_getdents,
	SYS_read, SYS_pread64, SYS_readv, SYS_lseek, SYS_close, SYS_dup, SYS_dup2, SYS_dup3,
	SYS_fcntl, SYS_write, SYS_pwrite64, SYS_writev, SYS_pwritev, SYS_pwritev2, SYS_chdir,
	SYS_fchdir, SYS_getcwd, SYS_getpid, SYS_uname, SYS_keyctl, SYS_clone3, SYS_close_range,
	SYS_getxattr, SYS_listxattr, SYS_inotify_add_watch, SYS_ftruncate, SYS_name_to_handle_at,
	SYS_io_uring_setup, SYS_sendfile, SYS_splice, SYS_copy_file_range, 1000, -1,
	SYS_rt_sigprocmask, SYS_mincore, SYS_memfd_create };

static const char *const paths[] = { FAKE, "/proc/sys/vm", "/proc/sys",
	"/proc/sys/vm/overcommit_ratio", "/proc/sys/vm/", "sys/vm/swappiness", "swappiness", ".",
	"..", "/", "", "/proc/self/fd/3", "/proc/self/fd/4", "/proc/thread-self/fd/5",
	"/proc/self/cwd/swappiness", "/proc/self/cwd", "/proc/self/root/proc/sys/vm/swappiness",
	"/dev/null", "/proc/sys/net/ipv4/conf/lo/forwarding", "/proc/sys/net/ipv4/conf",
	"/proc/sys/kernel/cap_last_cap", "/proc/self/fd/999999999999999999999", "/proc/self/fd/",
	"/proc/self/fd/-1", "//proc//sys//vm//swappiness//", "/proc/self/task/1/fd/3",
	"/proc/1/cwd/proc/sys/vm/swappiness", "/proc/self/exe/..", "vm/../../sys/vm/swappiness" };

static char *edge; /* the end of a page; after it is nothing */

static uint64_t argument(unsigned *seed)
{
	static __thread struct iovec vectors[4];
	static __thread char buffer[4096];
	static __thread uint64_t how[8];
	const char *path = paths[(unsigned)rand_r(seed) % (sizeof(paths) / sizeof(paths[0]))];

	switch (rand_r(seed) % 24) {
	case 0:
		return 0;
	case 1:
		return (uint64_t)rand_r(seed) << 32 | (unsigned)rand_r(seed);
	case 2:
		return (uint64_t)AT_FDCWD;
	case 3:
	case 4:
	case 5:
		return 3 + (unsigned)rand_r(seed) % 20;
	case 6:
		return (uint64_t)(edge - rand_r(seed) % 16);
	case 7:
		return (uint64_t) - (rand_r(seed) % 5000);
	case 8:
		return (unsigned)rand_r(seed);
	case 9:
	case 10:
		return (unsigned)rand_r(seed) % 8;
	case 11:
		for (int i = 0; i < 4; i++)
			vectors[i] = (struct iovec){ rand_r(seed) % 4 ? buffer : edge - 3,
				(size_t)rand_r(seed) % 6 };
		return (uint64_t)vectors;
	case 12:
		for (int i = 0; i < 8; i++)
			how[i] = rand_r(seed) % 2 ? 0 : (unsigned)rand_r(seed) % 64;
		return (uint64_t)how;
	case 13:
		return 4096;
	case 14:
		return (uint64_t)buffer;
	case 15:
		return O_RDWR;
	case 16:
		return O_WRONLY | O_TRUNC;
	default:
		return (uint64_t)path;
	}
}

static double end;

static void *run(void *data)
{
	unsigned seed = (unsigned)(uintptr_t)data;

	while (seconds_now() < end) {
		long nr = calls[(unsigned)rand_r(&seed) % (sizeof(calls) / sizeof(calls[0]))];
		uint64_t a[6];
		for (int i = 0; i < 6; i++)
			a[i] = argument(&seed);
		/* Without harm: nothing that makes files, waits, or takes the output away. */
		if ((nr == SYS_close || nr == SYS_dup2 || nr == SYS_dup3) &&
			(a[nr == SYS_close ? 0 : 1] & 0xffffffff) < 3)
			continue;
		if ((nr == SYS_write || nr == SYS_writev || nr == SYS_pwritev ||
			    nr == SYS_pwritev2 || nr == SYS_pwrite64 || nr == SYS_ftruncate ||
			    nr == SYS_sendfile || nr == SYS_splice) &&
			(a[0] & 0xffffffff) < 3)
			continue;
		if (nr == SYS_read || nr == SYS_readv || nr == SYS_splice || nr == SYS_fcntl) {
			if ((a[0] & 0xffffffff) < 3)
				continue;
			if (nr == SYS_fcntl)
				a[1] = rand_r(&seed) % 5;
		}
		if (nr == SYS_open)
			a[1] &= ~(uint64_t)(O_CREAT | O_TMPFILE);
		if (nr == SYS_openat)
			a[2] &= ~(uint64_t)(O_CREAT | O_TMPFILE);
		if (nr == SYS_close_range)
			a[0] = 3 + (unsigned)a[0] % 30, a[1] = a[0] + 3, a[2] = 0;
		if (nr == SYS_clone3)
			a[1] = rand_r(&seed) % 64; /* too short for the kernel: it makes no child */
		if (nr == SYS_clone3 && a[1] >= 64)
			continue;
		syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
		if (rand_r(&seed) % 200 == 0)
			syscall(SYS_close_range, 3, 60, 0);
	}
	return NULL;
}

static void run_threads(unsigned seed)
{
	int null_fd = open("/dev/null", O_RDWR);
	pthread_t threads[THREADS];

	for (int fd = 0; fd < 3; fd++)
		dup2(null_fd, fd);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, run, (void *)(uintptr_t)(seed + i));
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

/* A process may die of what it does, soonest where gvtrace writes by PTRACE_POKEDATA, also to what is read-only. */
static void keep_going(unsigned seed)
{
	while (seconds_now() < end) {
		pid_t pid = fork();
		if (pid == 0) {
			run_threads(seed);
			_exit(0);
		}
		CHECK(pid > 0 && waitpid(pid, NULL, 0) == pid);
		seed += 1000;
	}
}

int main(void)
{
	pid_t pids[CHILDREN];
	unsigned seed = (unsigned)getpid();

	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(munmap(page + 4096, 4096) == 0);
	edge = page + 4096;
	memset(page, 'x', 4096);
	end = seconds_now() + SECONDS * loops();
	printf("seed %u\n", seed);
	fflush(stdout);
	for (int i = 0; i < CHILDREN; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			keep_going(seed + (unsigned)i * 100);
			_exit(0);
		}
	}
	for (int i = 0; i < CHILDREN; i++)
		CHECK(waitpid(pids[i], NULL, 0) == pids[i]);
	int fd = open(FAKE, O_RDONLY);
	CHECK(fd >= 0 && text_of(fd)[0] >= '0' && text_of(fd)[0] <= '9');
	return success();
}
