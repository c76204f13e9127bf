/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "filter.h"

#include <linux/audit.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "fast_path_code.h"

struct filter {
	scmp_filter_ctx context;
	bool is_empty;
	bool stops_unknown;
	struct syscall_set whole; /* calls that already stop whatever their arguments are */
	struct syscall_set refused;
	struct sock_fprog program; /* filter is owned; len 0 until compiled */
	struct syscall_set gate_calls;
};

/*
 * Whether there is as much memory as the largest filter takes in the making, which then stays on the heap (M_TRIM_THRESHOLD
 * in main.c): libseccomp 2.5 frees what it never had, or does not end, when it gets none.
 */
static bool reserve_memory(void)
{
	enum { CHUNKS = 12, CHUNK_BYTES = 65536 };
	void *chunks[CHUNKS];
	size_t n = 0;

	while (n < CHUNKS && (chunks[n] = malloc(CHUNK_BYTES)))
		n++;
	bool is_there = n == CHUNKS;
	while (n > 0)
		free(chunks[--n]);
	return is_there;
}

/* NULL: no memory. */
static scmp_filter_ctx create_context(void)
{
	scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);

	/* 32-bit and x32 calls pass through; libseccomp's default would kill their program. */
	if (context && seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ALLOW)) {
		seccomp_release(context);
		return NULL;
	}
	/* A binary tree by number: a call that no rule names costs a few comparisons. */
	if (context)
		seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	return context;
}

struct filter *filter_create(void)
{
	struct filter *filter = reserve_memory() ? calloc(1, sizeof(*filter)) : NULL;

	if (!filter)
		return NULL;
	filter->is_empty = true;
	filter->context = create_context();
	if (!filter->context) {
		filter_destroy(filter);
		return NULL;
	}
	return filter;
}

void filter_destroy(struct filter *filter)
{
	if (!filter)
		return;
	if (filter->context)
		seccomp_release(filter->context);
	free(filter->program.filter);
	free(filter);
}

int filter_add(struct filter *filter, long nr, const struct arg_condition *conditions)
{
	struct scmp_arg_cmp compare[SYSCALL_ARGS];
	unsigned n = 0;

	if (syscall_set_has(&filter->refused, nr))
		return 0;
	filter->is_empty = false;
	for (; conditions && conditions->arg >= 0 && n < SYSCALL_ARGS; conditions++)
		compare[n++] = conditions->differs
				       ? SCMP_CMP64((unsigned)conditions->arg, SCMP_CMP_NE,
						 conditions->value)
				       : SCMP_CMP64((unsigned)conditions->arg, SCMP_CMP_MASKED_EQ,
						 conditions->mask, conditions->value);
	/* libseccomp refuses a narrower rule after a wider one: it would change nothing. */
	if (syscall_set_has(&filter->whole, nr))
		return 0;
	if (n == 0)
		syscall_set_add(&filter->whole, nr);
	int r = seccomp_rule_add_array(
		filter->context, SCMP_ACT_TRACE(FILTER_TRACE_DATA), (int)nr, n, compare);
	return r == -EEXIST ? 0 : r;
}

void filter_stop_unknown(struct filter *filter)
{
	filter->is_empty = false;
	filter->stops_unknown = true;
}

int filter_refuse(struct filter *filter, long nr, int error)
{
	filter->is_empty = false;
	syscall_set_add(&filter->refused, nr);
	return seccomp_rule_add(filter->context, SCMP_ACT_ERRNO((uint32_t)error), (int)nr, 0);
}

static int add_foreign_rules(scmp_filter_ctx context)
{
	const struct scmp_arg_cmp untraced =
		SCMP_CMP64(0, SCMP_CMP_MASKED_EQ, CLONE_UNTRACED, CLONE_UNTRACED);
	const struct scmp_arg_cmp new_userfaultfd =
		SCMP_CMP64(1, SCMP_CMP_MASKED_EQ, UINT32_MAX, FILTER_USERFAULTFD_NEW);
	static const int stops[] = { SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(mount),
		SCMP_SYS(fsopen) };
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(stops) && r == 0; i++)
		r = seccomp_rule_add(context, SCMP_ACT_TRACE(FILTER_TRACE_FOREIGN), stops[i], 0);
	if (r == 0)
		r = seccomp_rule_add(context, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(userfaultfd), 0);
	if (r == 0)
		r = seccomp_rule_add(
			context, SCMP_ACT_ERRNO(ENOTTY), SCMP_SYS(ioctl), 1, new_userfaultfd);
	if (r == 0)
		r = seccomp_rule_add(context, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	return r ? r
		 : seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1, untraced);
}

int filter_add_foreign(struct filter *filter)
{
	scmp_filter_ctx foreign = create_context();

	if (!foreign)
		return -ENOMEM;
	int r = seccomp_arch_remove(foreign, SCMP_ARCH_X86_64);
	if (r == 0)
		r = seccomp_arch_add(foreign, SCMP_ARCH_X86);
	if (r == 0)
		r = seccomp_arch_add(foreign, SCMP_ARCH_X32);
	if (r == 0)
		r = add_foreign_rules(foreign);
	if (r == 0)
		r = seccomp_merge(filter->context, foreign);
	if (r)
		seccomp_release(foreign);
	return r;
}

bool filter_is_empty(const struct filter *filter)
{
	return filter->is_empty;
}

void filter_allow_gate(struct filter *filter, const struct syscall_set *calls)
{
	filter->gate_calls = *calls;
}

enum { GATE_CALLS_MAX = 32, GATE_INSTRUCTIONS_MAX = GATE_CALLS_MAX + 8 };

/*
 * What takes the place of a stop in libseccomp's program, which knows no instruction pointers: the gate's calls pass from the end
 * of its slots' system call instruction. Only calls that would stop come here, so that no other costs more. Its length.
 */
static size_t put_gate(const struct syscall_set *calls, struct sock_filter *ret_instructions)
{
	enum { LOW = 2, ALLOW = 5, STOP = 6 /* of what is behind the numbers */ };
	struct sock_filter *next = ret_instructions;
	size_t left = 0;

	for (long nr = 0; nr < SYSCALL_MAX; nr++)
		left += syscall_set_has(calls, nr);
	if (left == 0 || left > GATE_CALLS_MAX)
		return 0;
	*next++ = (struct sock_filter)BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (long nr = 0; nr < SYSCALL_MAX; nr++)
		if (syscall_set_has(calls, nr)) {
			left--;
			*next++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
				(uint32_t)nr, (uint8_t)left, (uint8_t)(left ? 0 : STOP));
		}
	*next++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		offsetof(struct seccomp_data, instruction_pointer) + sizeof(uint32_t));
	*next++ = (struct sock_filter)BPF_JUMP(
		BPF_JMP | BPF_JEQ | BPF_K, 0, 0, (uint8_t)(STOP - LOW));
	*next++ = (struct sock_filter)BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, instruction_pointer));
	*next++ = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K,
		~(uint32_t)(FAST_PATH_GATE_BYTES - FAST_PATH_SLOT_BYTES));
	*next++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
		FAST_PATH_GATE + FAST_PATH_SLOT_RETURN, 0, (uint8_t)(STOP - ALLOW));
	*next++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	*next++ = (struct sock_filter)BPF_STMT(
		BPF_RET | BPF_K, SECCOMP_RET_TRACE | FILTER_TRACE_DATA);
	return (size_t)(next - ret_instructions);
}

/* The number of all instructions, with those of the gate. */
static size_t add_gate(
	const struct syscall_set *calls, struct sock_filter *instructions, size_t n, size_t max)
{
	size_t n_gate = n + GATE_INSTRUCTIONS_MAX > max ? 0 : put_gate(calls, instructions + n);

	for (size_t i = 0; n_gate && i < n; i++)
		if (instructions[i].code == (BPF_RET | BPF_K) &&
			instructions[i].k == (SECCOMP_RET_TRACE | FILTER_TRACE_DATA))
			instructions[i] = (struct sock_filter)BPF_STMT(
				BPF_JMP | BPF_JA, (uint32_t)(n - i - 1));
	return n + n_gate;
}

/* What is before libseccomp's program, which knows no ranges of numbers. Each range takes RANGE_INSTRUCTIONS. */
enum {
	X32_BEGIN = 0x40000000,
	X32_LAST = 0x7fffffff,
	UNKNOWN_RANGES_MAX = 32,
	RANGE_INSTRUCTIONS = 3,
	UNKNOWN_INSTRUCTIONS_MAX = 3 + UNKNOWN_RANGES_MAX * RANGE_INSTRUCTIONS,
};

static struct sock_filter *put_range(struct sock_filter *next, uint32_t first, uint32_t last)
{
	*next++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, first, 0, 2);
	*next++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, last, 1, 0);
	*next++ = (struct sock_filter)BPF_STMT(
		BPF_RET | BPF_K, SECCOMP_RET_TRACE | FILTER_TRACE_DATA);
	return next;
}

/* Stops for the numbers that the table does not know; others, and those of another ABI, go on behind it. Its length; 0: the
 * table has too many gaps. */
static size_t put_unknown(struct sock_filter *ret_instructions)
{
	struct sock_filter *next = ret_instructions + 3;
	size_t left = UNKNOWN_RANGES_MAX - 2;
	long known = -1; /* the last one */

	for (long nr = 0; nr < SYSCALL_MAX; nr++) {
		if (!syscall_info(nr))
			continue;
		if (nr > known + 1 && left-- == 0)
			return 0;
		if (nr > known + 1)
			next = put_range(next, (uint32_t)known + 1, (uint32_t)nr - 1);
		known = nr;
	}
	next = put_range(next, (uint32_t)known + 1, X32_BEGIN - 1);
	next = put_range(next, X32_LAST + UINT32_C(1), UINT32_MAX);
	size_t n = (size_t)(next - ret_instructions);
	ret_instructions[0] = (struct sock_filter)BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
	ret_instructions[1] = (struct sock_filter)BPF_JUMP(
		BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, (uint8_t)(n - 2));
	ret_instructions[2] = (struct sock_filter)BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	return n;
}

/* Whole instructions that are ready in a socket; their number, or -errno. */
static ssize_t receive(int fd, struct sock_filter **ret_instructions)
{
	const size_t size = BPF_MAXINSNS * sizeof(struct sock_filter);
	cleanup_free char *program = malloc(size);
	size_t bytes = 0;
	ssize_t n;

	if (!program)
		return -ENOMEM;
	while (bytes < size && (n = recv(fd, program + bytes, size - bytes, MSG_DONTWAIT)) > 0)
		bytes += (size_t)n;
	if (bytes == 0)
		return -EIO;
	*ret_instructions = (struct sock_filter *)steal(&program);
	return (ssize_t)(bytes / sizeof(struct sock_filter));
}

/* The number of all instructions, or -E2BIG. */
static ssize_t add_unknown(struct sock_filter *instructions, size_t n, size_t max)
{
	struct sock_filter unknown[UNKNOWN_INSTRUCTIONS_MAX];
	size_t n_unknown = put_unknown(unknown);

	if (n_unknown == 0 || n + n_unknown > max)
		return -E2BIG;
	memmove(instructions + n_unknown, instructions, n * sizeof(*instructions));
	memcpy(instructions, unknown, n_unknown * sizeof(*instructions));
	return (ssize_t)(n + n_unknown);
}

int filter_compile(struct filter *filter, const struct sock_fprog **ret_program)
{
	int fds[2];

	/* Not a file: the caller may have set a limit to their size. */
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds))
		return -errno;
	cleanup_close int out = fds[0], in = fds[1];
	int r = seccomp_export_bpf(filter->context, out);
	if (r)
		return r;
	free(filter->program.filter);
	filter->program.filter = NULL;
	ssize_t n = receive(in, &filter->program.filter);
	if (n < 0)
		return (int)n;
	n = (ssize_t)add_gate(&filter->gate_calls, filter->program.filter, (size_t)n, BPF_MAXINSNS);
	if (filter->stops_unknown)
		n = add_unknown(filter->program.filter, (size_t)n, BPF_MAXINSNS);
	if (n < 0)
		return (int)n;
	filter->program.len = (unsigned short)n;
	*ret_program = &filter->program;
	return 0;
}

/* Without it Linux from 4.17 to 5.15 takes speculation from all that have a filter: this one is no sandbox. */
static unsigned flags = SECCOMP_FILTER_FLAG_SPEC_ALLOW;

unsigned filter_flags(void)
{
	return flags;
}

static int load(const struct sock_fprog *program)
{
	int r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, program) ? -errno : 0;

	if (r != -EINVAL || flags == 0)
		return r;
	/* gVisor (2022 to 2026) and older kernels do not know the flag. */
	flags = 0;
	return load(program);
}

int filter_load(const struct sock_fprog *program, bool *ret_no_new_privs)
{
	*ret_no_new_privs = false;
	int r = load(program);
	if (r != -EACCES)
		return r;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	*ret_no_new_privs = true;
	return load(program);
}
