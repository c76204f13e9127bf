/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A 32-bit program without a library: opens what is fake to 64-bit programs, and starts /bin/sh. */
static inline int call(int nr, int a, int b, int c)
{
	int result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(nr), "b"(a), "c"(b), "d"(c) : "memory");
	return result;
}

enum {
	EXIT = 1,
	FORK = 2,
	READ = 3,
	WRITE = 4,
	OPEN = 5,
	WAITPID = 7,
	EXECVE = 11,
	GETPID = 20,
	KILL = 37
};

#define SAY(text) call(WRITE, 1, (int)(text), sizeof(text) - 1)

void _start(void);

__attribute__((force_align_arg_pointer)) void _start(void)
{
	char text[16];
	static const char *const arguments[] = { "sh", "-c", "cat /proc/sys/vm/swappiness; exit 7",
		0 };
	static const char *const environment[] = { "PATH=/usr/bin:/bin", 0 };
	int status = 0, fd = call(OPEN, (int)"/proc/sys/vm/overcommit_memory", 0, 0);

	if (fd < 0)
		SAY("32-bit: not opened\n");
	else if (call(READ, fd, (int)text, sizeof(text)) > 0)
		SAY("32-bit: the kernel's own\n");
	int pid = call(FORK, 0, 0, 0);
	if (pid == 0) {
		call(EXECVE, (int)"/bin/sh", (int)arguments, (int)environment);
		call(EXIT, 9, 0, 0);
	}
	call(WAITPID, pid, (int)&status, 0);
	if (status == 7 << 8)
		SAY("its 64-bit child: ended well\n");
	call(EXIT, 3, 0, 0);
}
