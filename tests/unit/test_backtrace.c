/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* links: gvtrace_supervisor */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "backtrace.h"
#include "backtrace_internal.h"

enum { DEEP = 200, LONG_CHAIN = 100 };

#ifdef GVTRACE_UNWIND
static const bool has_libunwind = true;
#else
static const bool has_libunwind = false;
#endif
static char text[BACKTRACE_BYTES];

/* The call whose stack is looked at is getppid. volatile: else calls become jumps where it is optimised. */
__attribute__((noinline, noclone)) static long inner_function(void)
{
	return syscall(SYS_getppid) + 1;
}

__attribute__((noinline, noclone)) static long outer_function(int depth)
{
	volatile long result = depth ? outer_function(depth - 1) : inner_function();

	return result + 1;
}

static void call_getppid(const void *data)
{
	volatile long result = outer_function(*(const int *)data);

	(void)result;
}

static void to_getppid(pid_t tid, struct regs *ret_regs)
{
	int status;

	do {
		assert_int_equal(ptrace(PTRACE_SYSCALL, tid, 0, 0), 0);
		assert_int_equal(waitpid(tid, &status, 0), tid);
		assert_true(WIFSTOPPED(status));
		assert_int_equal(regs_read(tid, ret_regs), 0);
	} while (WSTOPSIG(status) != SIGTRAP || regs_syscall(ret_regs) != SYS_getppid);
}

/* A child that runs run(data), stopped in its first getppid. */
static pid_t start(void (*run)(const void *data), const void *data, struct regs *ret_regs)
{
	pid_t tid = fork();

	assert_true(tid >= 0);
	if (tid == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		run(data);
		_exit(0);
	}
	assert_int_equal(waitpid(tid, NULL, 0), tid);
	to_getppid(tid, ret_regs);
	return tid;
}

static void end(pid_t tid)
{
	kill(tid, SIGKILL);
	waitpid(tid, NULL, 0);
}

static int count_lines(void)
{
	int n = *text != '\0';

	for (const char *c = text; *c; c++)
		n += *c == '\n';
	return n;
}

/* The n-th line, in memory that the next call overwrites. */
static const char *line(int n)
{
	static char copy[4096];
	const char *at = text;

	for (; n > 0; n--) {
		at = strchr(at, '\n');
		assert_non_null(at);
		at++;
	}
	snprintf(copy, sizeof(copy), "%.*s", (int)strcspn(at, "\n"), at);
	return copy;
}

static void test_names_of_functions(void **state)
{
	struct regs regs;
	char address[64];
	int depth = 0;
	pid_t tid = start(call_getppid, &depth, &regs);

	backtrace_write(tid, &regs, text);
	end(tid);
	if (!has_libunwind)
		skip();
	snprintf(address, sizeof(address), "  #0  %#llx  ",
		(unsigned long long)regs_instruction_pointer(&regs));
	assert_int_equal(strncmp(line(0), address, strlen(address)), 0);
	assert_non_null(strstr(line(0), "(syscall+0x"));
	assert_int_equal(strncmp(line(1), "  #1  0x", strlen("  #1  0x")), 0);
	assert_non_null(strstr(line(1), "/test_backtrace(inner_function+0x"));
	assert_non_null(strstr(line(2), "/test_backtrace(outer_function+0x"));
	assert_non_null(strstr(line(3), "/test_backtrace(call_getppid+0x"));
}

static void test_deep_stack_is_cut(void **state)
{
	struct regs regs;
	int depth = DEEP;
	pid_t tid = start(call_getppid, &depth, &regs);

	backtrace_write(tid, &regs, text);
	end(tid);
	if (!has_libunwind)
		skip();
	assert_int_equal(count_lines(), BACKTRACE_FRAMES);
	assert_non_null(strstr(line(BACKTRACE_FRAMES - 1), "(outer_function+0x"));
}

enum { END = -1, WILD = -2, ODD = -3, LONG = -4 };
struct chain {
	const char *name;
	bool leaf; /* getppid is called in a function without a frame */
	int first; /* frame, or END ... */
	int next[3]; /* of each frame */
	const char *returns; /* of each frame: c, into code; d, into data */
	int lines;
};

static const struct chain chains[] = {
	{ "two frames", false, 0, { 1, END }, "cc", 3 },
	{ "two frames, the next at some distance", false, 0, { 2, END, END }, "cdc", 3 },
	{ "a function without a frame", true, 0, { 1, END }, "cc", 4 },
	{ "none", false, END, { END }, "c", 1 },
	{ "a frame that is its own next", false, 0, { 0 }, "c", 2 },
	{ "a circle", false, 0, { 1, 0 }, "cc", 3 },
	{ "the next is not mapped", false, 0, { WILD }, "c", 2 },
	{ "the first is not mapped", false, WILD, { END }, "c", 1 },
	{ "the next is not aligned", false, 0, { ODD }, "c", 2 },
	{ "not aligned", false, ODD, { END }, "c", 1 },
	{ "a return address that is not code", false, 0, { 1, END }, "dc", 1 },
	{ "too many", false, LONG, { END }, "", BACKTRACE_FRAMES },
};

/* mov %rdi,%rbp; [call 1f; ud2; 1:] mov $SYS_getppid,%eax; syscall; ud2 */
static const unsigned char with_frame[] = { 0x48, 0x89, 0xfd, 0xb8, SYS_getppid, 0, 0, 0, 0x0f,
	0x05, 0x0f, 0x0b };
static const unsigned char without_frame[] = { 0x48, 0x89, 0xfd, 0xe8, 2, 0, 0, 0, 0x0f, 0x0b, 0xb8,
	SYS_getppid, 0, 0, 0, 0x0f, 0x05, 0x0f, 0x0b };

static void *copy_code(const unsigned char *code, size_t length)
{
	void *page = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		_exit(1);
	memcpy(page, code, length);
	mprotect(page, length, PROT_READ | PROT_EXEC);
	return page;
}

/* Not by way of the address sanitizer, which may keep local variables elsewhere than on the stack (gcc 13 and newer). */
__attribute__((no_sanitize("address"))) static void call_with_chain(const void *data)
{
	const struct chain *chain = data;
	uint64_t frames[LONG_CHAIN * 2], code = (uint64_t)(uintptr_t)inner_function + 1;
	uint64_t first = (uint64_t)(uintptr_t)frames;
	void (*call)(uint64_t frame);
	void *page = chain->leaf ? copy_code(without_frame, sizeof(without_frame))
				 : copy_code(with_frame, sizeof(with_frame));

	for (int i = 0; i < LONG_CHAIN; i++) {
		frames[2 * i] = (uint64_t)(uintptr_t)&frames[2 * i + 2];
		frames[2 * i + 1] = code;
	}
	for (int i = -1; i < (int)strlen(chain->returns); i++) {
		int to = i < 0 ? chain->first : chain->next[i];
		uint64_t *from = i < 0 ? &first : &frames[2 * i];
		if (i >= 0 && chain->returns[i] == 'd')
			frames[2 * i + 1] = (uint64_t)(uintptr_t)text;
		if (to >= 0)
			*from = (uint64_t)(uintptr_t)&frames[2 * to];
		else if (to == ODD)
			*from = (uint64_t)(uintptr_t)&frames[LONG_CHAIN] + 4;
		else if (to != LONG)
			*from = to == WILD ? UINT64_C(0xdead00000000beb8) : 0;
	}
	memcpy(&call, &page, sizeof(page));
	call(first);
}

static void test_frame_pointers(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(chains); i++) {
		struct regs regs;
		pid_t tid = start(call_with_chain, &chains[i], &regs);
		int r = backtrace_try(tid, &regs, false, text);
		int lines = r ? r : count_lines();

		if (lines != chains[i].lines)
			print_error("%s: %d\n%s\n", chains[i].name, lines, text);
		assert_int_equal(lines, chains[i].lines);
		/* libunwind guesses here; all it has to do is to come to an end. */
		backtrace_write(tid, &regs, text);
		end(tid);
		assert_int_equal(strncmp(text, "  #0  0x", strlen("  #0  0x")), 0);
		assert_true(count_lines() <= BACKTRACE_FRAMES);
	}
}

/* This program with a table of unwind information in an encoding that does not exist. */
static void write_broken_program(const char *path)
{
	enum { TABLE_ENCODING = 3 /* Linux Standard Base, .eh_frame_hdr: after three bytes */ };
	static const unsigned char nonsense = 0x55;
	cleanup_close int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	cleanup_close int to = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
	Elf64_Ehdr elf;
	Elf64_Phdr segment;
	struct stat stat;
	bool broken = false;

	assert_true(from >= 0 && to >= 0);
	assert_int_equal(fstat(from, &stat), 0);
	while (stat.st_size > 0) {
		ssize_t n = copy_file_range(from, NULL, to, NULL, (size_t)stat.st_size, 0);
		assert_true(n > 0);
		stat.st_size -= n;
	}
	assert_int_equal(pread(to, &elf, sizeof(elf), 0), sizeof(elf));
	for (unsigned i = 0; i < elf.e_phnum; i++) {
		assert_int_equal(pread(to, &segment, sizeof(segment),
					 (off_t)(elf.e_phoff + i * sizeof(segment))),
			sizeof(segment));
		if (segment.p_type == PT_GNU_EH_FRAME)
			broken = pwrite(to, &nonsense, 1,
					 (off_t)segment.p_offset + TABLE_ENCODING) == 1;
	}
	assert_true(broken);
}

static void exec_broken(const void *path)
{
	execl(path, path, "getppid", NULL);
}

static void test_nonsense_unwind_table(void **state)
{
	char path[64];
	struct regs regs;

	snprintf(path, sizeof(path), "/tmp/test_backtrace.%d", getpid());
	write_broken_program(path);
	pid_t tid = start(exec_broken, path, &regs);
	backtrace_write(tid, &regs, text);
	end(tid);
	unlink(path);
	assert_int_equal(strncmp(text, "  #0  0x", strlen("  #0  0x")), 0);
}

static void test_thread_that_is_gone(void **state)
{
	struct regs regs;
	int depth = 0;
	pid_t tid = start(call_getppid, &depth, &regs);

	end(tid);
	backtrace_write(tid, &regs, text);
	assert_int_equal(count_lines(), 1);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_of_functions),
		cmocka_unit_test(test_deep_stack_is_cut),
		cmocka_unit_test(test_frame_pointers),
		cmocka_unit_test(test_nonsense_unwind_table),
		cmocka_unit_test(test_thread_that_is_gone),
	};

	if (argc == 2) {
		static const int depth = 0;
		call_getppid(&depth);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
