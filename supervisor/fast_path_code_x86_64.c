/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the code may change: rcx and r11, which the system call changes as well, and the flags, which no calling convention
 * keeps over one (Go's Syscall6 and the C libraries compare the result right behind it). It uses no stack.
 */
#include "fast_path_code.h"

#include <fcntl.h>
#include <sys/syscall.h>

enum {
	LONG_JUMP_BYTES = 5,
	SHORT_JUMP_BYTES = 2,
	CALL_BYTES = FAST_PATH_CALL_BYTES,
	MOV_BYTES = 5
};

const char fast_path_magic[16] = "gvtrace fastpath";

bool fast_path_code_is_possible(void)
{
	return __builtin_cpu_supports("sse4.2"); /* crc32 */
}

/* Code under construction, which will run at address. */
struct code {
	uint8_t *bytes;
	size_t size, used;
	uint64_t address;
	uint64_t slow; /* where to go when the path may match */
	bool is_full;
};

static void put(struct code *code, const void *bytes, size_t length)
{
	code->is_full |= code->used + length > code->size;
	if (!code->is_full)
		memcpy(code->bytes + code->used, bytes, length);
	code->used += length;
}

#define PUT(code, ...)                                    \
	do {                                              \
		const uint8_t bytes_[] = { __VA_ARGS__ }; \
		put(code, bytes_, sizeof(bytes_));        \
	} while (0)

static void put_32(struct code *code, uint32_t value)
{
	put(code, &value, sizeof(value));
}

/* A distance from the end of the four bytes that say it. */
static void put_distance(struct code *code, uint64_t to)
{
	int64_t distance = (int64_t)(to - (code->address + code->used + 4));

	code->is_full |= distance != (int32_t)distance;
	put_32(code, (uint32_t)distance);
}

static void put_slow_if_equal(struct code *code)
{
	PUT(code, 0x0f, 0x84); /* je */
	put_distance(code, code->slow);
}

static void put_slow_if_not_equal(struct code *code)
{
	PUT(code, 0x0f, 0x85); /* jne */
	put_distance(code, code->slow);
}

/* A short jump to a place that is not known yet: the position of its distance. */
static size_t put_short(struct code *code, uint8_t operation)
{
	PUT(code, operation, 0);
	return code->used;
}

static void land(struct code *code, size_t behind_jump)
{
	size_t distance = code->used - behind_jump;

	code->is_full |= distance > INT8_MAX;
	if (!code->is_full)
		code->bytes[behind_jump - 1] = (uint8_t)distance;
}

static void put_short_back(struct code *code, uint8_t operation, size_t to)
{
	int64_t distance = (int64_t)to - (int64_t)(code->used + SHORT_JUMP_BYTES);

	code->is_full |= distance < INT8_MIN;
	PUT(code, operation, (uint8_t)distance);
}

enum { JE = 0x74, JNE = 0x75, JMP = 0xeb };

/* A long one. */
static size_t put_long(struct code *code)
{
	PUT(code, 0xe9); /* jmp */
	put_32(code, 0);
	return code->used;
}

static void land_long(struct code *code, size_t behind_jump)
{
	uint32_t distance = (uint32_t)(code->used - behind_jump);

	if (!code->is_full)
		memcpy(code->bytes + behind_jump - sizeof(distance), &distance, sizeof(distance));
}

/* Goes on if text is at r11 + distance; else there is a jump for land() behind each byte. Their number. Never past the path's end. */
static size_t put_compare(struct code *code, const char *text, uint8_t distance, size_t *ret_others)
{
	size_t n = 0;

	for (; text[n]; n++) {
		/* cmpb $text[n], distance + n(%r11) */
		PUT(code, 0x41, 0x80, 0x7b, (uint8_t)(distance + n), (uint8_t)text[n]);
		ret_others[n] = put_short(code, JNE);
	}
	return n;
}

/* r11 is where a name begins. Two jumps for land_long(), if "fs/cgroup" is all that follows, or that and a slash. */
static void put_if_fs_cgroup(struct code *code, size_t ret_jumps[2])
{
	static const char end[] = PATH_FS_CGROUP;
	const uint8_t behind = sizeof(end) - 2;
	size_t others[sizeof(end)], n = put_compare(code, end + 1, 0, others);

	PUT(code, 0x41, 0x80, 0x7b, behind, '\0'); /* cmpb $0, behind(%r11) */
	size_t more = put_short(code, JNE);
	ret_jumps[0] = put_long(code);
	land(code, more);
	PUT(code, 0x41, 0x80, 0x7b, behind, '/');
	others[n++] = put_short(code, JNE);
	PUT(code, 0x41, 0x80, 0x7b, behind + 1, '\0');
	others[n++] = put_short(code, JNE);
	ret_jumps[1] = put_long(code);
	while (n > 0)
		land(code, others[--n]);
}

/* Goes on only with what cannot match; r11 is the path. */
static void put_check(struct code *code, const struct fast_path_check *check)
{
	size_t told[3], n_told = 0;

	PUT(code, 0x4d, 0x85, 0xdb); /* test %r11, %r11 */
	put_slow_if_equal(code);
	PUT(code, 0x41, 0x80, 0x3b, '/'); /* cmpb $'/', (%r11) */
	size_t absolute = put_short(code, JE);
	/* Go programs ask for "" again and again: ENOENT. Other calls may mean a descriptor by it. */
	PUT(code, 0x3d); /* cmp $newfstatat, %eax */
	put_32(code, SYS_newfstatat);
	put_slow_if_not_equal(code);
	PUT(code, 0x41, 0x80, 0x3b, '\0'); /* cmpb $0, (%r11) */
	put_slow_if_not_equal(code);
	PUT(code, 0x41, 0xf7, 0xc2); /* test $AT_EMPTY_PATH, %r10d */
	put_32(code, AT_EMPTY_PATH);
	put_slow_if_not_equal(code);
	told[n_told++] = put_long(code);
	land(code, absolute);

	for (size_t i = 0; check->prefixes[i][0]; i++) {
		size_t others[FAST_PATH_PREFIX_BYTES];
		size_t n = put_compare(code, check->prefixes[i], 1, others);
		PUT(code, 0xe9);
		put_distance(code, code->slow);
		while (n > 0)
			land(code, others[--n]);
	}

	PUT(code, 0x41, 0x80, 0x7b, 1, '/'); /* cmpb $'/', 1(%r11) */
	put_slow_if_equal(code);
	PUT(code, 0x31, 0xc9); /* xor %ecx, %ecx */
	PUT(code, 0xf2, 0x41, 0x0f, 0x38, 0xf0, 0x0b); /* crc32b (%r11), %ecx */
	PUT(code, 0x41, 0x80, 0x7b, 1, '\0'); /* cmpb $0, 1(%r11) */
	size_t is_no_root = put_short(code, JNE);
	size_t is_root = put_long(code);
	land(code, is_no_root);
	size_t component = code->used;
	PUT(code, 0x49, 0xff, 0xc3); /* inc %r11 */
	PUT(code, 0x41, 0x80, 0x3b, '/'); /* cmpb $'/', (%r11) */
	put_short_back(code, JE, component);
	PUT(code, 0x31, 0xc9); /* xor %ecx, %ecx */
	static const uint8_t refused[] = { '.', '\0' };
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		PUT(code, 0x41, 0x80, 0x3b, refused[i]); /* cmpb $refused, (%r11) */
		put_slow_if_equal(code);
	}
	if (!check->is_cgroup_elsewhere) {
		put_if_fs_cgroup(code, told + n_told);
		n_told += 2;
	}
	size_t byte = code->used;
	PUT(code, 0xf2, 0x41, 0x0f, 0x38, 0xf0, 0x0b); /* crc32b (%r11), %ecx */
	PUT(code, 0x49, 0xff, 0xc3); /* inc %r11 */
	PUT(code, 0x41, 0x80, 0x3b, '\0'); /* cmpb $0, (%r11) */
	size_t end = put_short(code, JE);
	PUT(code, 0x41, 0x80, 0x3b, '/'); /* cmpb $'/', (%r11) */
	put_short_back(code, JNE, byte);
	PUT(code, 0x41, 0x80, 0x7b, 1, '\0'); /* cmpb $0, 1(%r11) */
	PUT(code, 0x0f, 0x85); /* jne */
	put_distance(code, code->address + component);
	land(code, end);
	land_long(code, is_root);
	PUT(code, 0x81, 0xe1); /* and $(FAST_PATH_NAME_BITS - 1), %ecx */
	put_32(code, FAST_PATH_NAME_BITS - 1);
	PUT(code, 0x0f, 0xa3, 0x0c, 0x25); /* bt %ecx, FAST_PATH_NAMES */
	put_32(code, FAST_PATH_NAMES);
	PUT(code, 0x0f, 0x82); /* jc */
	put_distance(code, code->slow);
	while (n_told > 0)
		land_long(code, told[--n_told]);
}

/* r11 = the path: an argument register. */
static void put_path(struct code *code, int path_arg)
{
	if (path_arg == 0)
		PUT(code, 0x49, 0x89, 0xfb); /* mov %rdi, %r11 */
	else
		PUT(code, 0x49, 0x89, 0xf3); /* mov %rsi, %r11 */
}

/* Far away, and without a register: the gate's address is written behind the jump. */
static void put_jump_to_slot(struct code *code, size_t slot)
{
	uint64_t address = FAST_PATH_GATE + slot * FAST_PATH_SLOT_BYTES;

	PUT(code, 0xff, 0x25, 0, 0, 0, 0); /* jmp *(%rip) */
	put(code, &address, sizeof(address));
}

static bool is_told(
	const struct fast_path_place *place, const struct fast_path_check *check, size_t i)
{
	long nr = fast_path_calls[i].nr;

	return syscall_set_has(&check->calls, nr) && (place->is_go || nr == place->nr);
}

size_t fast_path_slots_needed(
	const struct fast_path_place *place, const struct fast_path_check *check)
{
	size_t n = 0;

	for (size_t i = 0; i < FAST_PATH_CALLS; i++)
		n += is_told(place, check, i);
	return n;
}

/* jmp *back, and nothing */
static const uint8_t slot_end[] = { 0xff, 0x25, 3, 0, 0, 0, 0xcc, 0xcc, 0xcc };

/* systrap may have written over its begin. */
bool fast_path_is_slot(const struct fast_path_slot *slot)
{
	return memcmp(slot->code + FAST_PATH_SLOT_RETURN, slot_end, sizeof(slot_end)) == 0;
}

void fast_path_make_slots(const struct fast_path_place *place, const struct fast_path_check *check,
	struct fast_path_slot *ret_slots)
{
	for (size_t i = 0; i < FAST_PATH_CALLS; i++) {
		if (!is_told(place, check, i))
			continue;
		/* The first two as gVisor's systrap wants them, which then makes such a call without a trap. */
		struct code code = { .bytes = ret_slots->code, .size = sizeof(ret_slots->code) };
		PUT(&code, 0xb8); /* mov $nr, %eax */
		put_32(&code, (uint32_t)fast_path_calls[i].nr);
		PUT(&code, 0x0f, 0x05); /* syscall */
		put(&code, slot_end, sizeof(slot_end));
		ret_slots->back = place->call + CALL_BYTES;
		ret_slots++;
	}
}

/* eax holds the number; leads to the given argument's check, or to the slow way. */
static void put_choice_of_path(
	struct code *code, const struct fast_path_place *place, const struct fast_path_check *check)
{
	size_t from[2][FAST_PATH_CALLS], n[2] = { 0, 0 }, end;

	for (size_t i = 0; i < FAST_PATH_CALLS; i++) {
		int arg = fast_path_calls[i].path_arg;
		if (!is_told(place, check, i))
			continue;
		PUT(code, 0x3d); /* cmp $nr, %eax */
		put_32(code, (uint32_t)fast_path_calls[i].nr);
		from[arg][n[arg]++] = put_short(code, JE);
	}
	PUT(code, 0xe9);
	put_distance(code, code->slow);
	while (n[0] > 0)
		land(code, from[0][--n[0]]);
	put_path(code, 0);
	end = put_short(code, JMP);
	while (n[1] > 0)
		land(code, from[1][--n[1]]);
	put_path(code, 1);
	land(code, end);
}

size_t fast_path_make_cell(const struct fast_path_place *place, const struct fast_path_check *check,
	uint64_t address, size_t first_slot, struct fast_path_cell *ret_cell)
{
	struct code code = { .bytes = ret_cell->code,
		.size = sizeof(ret_cell->code),
		.address = address + offsetof(struct fast_path_cell, code),
		.slow = place->call };

	ret_cell->place = place->address;
	ret_cell->call = place->call;
	if (place->is_go) {
		PUT(&code, 0x48, 0x89, 0xdf); /* mov %rbx, %rdi */
		put_choice_of_path(&code, place, check);
	} else {
		PUT(&code, 0xb8); /* mov $nr, %eax */
		put_32(&code, (uint32_t)place->nr);
		put_path(&code, fast_path_arg(place->nr));
	}
	put_check(&code, check);
	for (size_t i = 0; i < FAST_PATH_CALLS; i++) {
		if (!is_told(place, check, i))
			continue;
		size_t other = 0;
		if (place->is_go) {
			PUT(&code, 0x3d); /* cmp $nr, %eax */
			put_32(&code, (uint32_t)fast_path_calls[i].nr);
			other = put_short(&code, JNE);
		}
		put_jump_to_slot(&code, first_slot++);
		if (other)
			land(&code, other);
	}
	PUT(&code, 0xe9); /* a number that is none of these: it was changed meanwhile */
	put_distance(&code, code.slow);
	return code.is_full ? 0 : offsetof(struct fast_path_cell, code) + code.used;
}

/* mov $nr, %eax; syscall. */
static bool is_plain(const uint8_t *end, long nr)
{
	uint32_t number;

	memcpy(&number, end - CALL_BYTES - 4, sizeof(number));
	return end[-CALL_BYTES - MOV_BYTES] == 0xb8 && number == (uint32_t)nr && end[-2] == 0x0f &&
	       end[-1] == 0x05;
}

/* What gVisor's systrap (seen in 2024 and 2026) makes of these two: jmp *0x6xxxx, a table of its own. */
static bool is_systrap(const uint8_t *end)
{
	return end[-7] == 0xff && end[-6] == 0x24 && end[-5] == 0x25 && end[-2] == 0x06 &&
	       end[-1] == 0x00;
}

/* mov %rbx, %rdi; syscall; cmp $-4095, %rax */
static bool is_go(const uint8_t *end)
{
	static const uint8_t code[] = { 0x48, 0x89, 0xdf, 0x0f, 0x05, 0x48, 0x3d, 0x01, 0xf0, 0xff,
		0xff };

	return memcmp(end - 5, code, sizeof(code)) == 0;
}

/* What Syscall6 has before that: mov %rsi, %r10; mov %rdi, %rdx; mov %rcx, %rsi. No other register of its caller lives on. */
static bool is_whole_go(const uint8_t *end)
{
	static const uint8_t code[] = { 0x49, 0x89, 0xf2, 0x48, 0x89, 0xfa, 0x48, 0x89, 0xce };

	return memcmp(end - 14, code, sizeof(code)) == 0;
}

/* Where behind a ret there are traps enough that are never reached. 0: nowhere. */
static size_t find_padding(const uint8_t *end)
{
	for (size_t i = 1; i + FAST_PATH_PADDING_BYTES <= FAST_PATH_BEHIND; i++) {
		size_t n = 0;
		while (n < FAST_PATH_PADDING_BYTES && end[i + n] == FAST_PATH_TRAP)
			n++;
		if (n == FAST_PATH_PADDING_BYTES && end[i - 1] == 0xc3)
			return i;
	}
	return 0;
}

bool fast_path_find_place(
	const uint8_t *bytes, uint64_t ip, long nr, struct fast_path_place *ret_place)
{
	const uint8_t *end = bytes + FAST_PATH_BEFORE;

	*ret_place = (struct fast_path_place){ .call = ip - CALL_BYTES, .nr = nr };
	if (is_go(end)) {
		size_t padding = find_padding(end);
		ret_place->is_go = true;
		ret_place->forgets_args = is_whole_go(end);
		ret_place->length = 3;
		ret_place->padding = ip + padding;
		ret_place->address = ret_place->call - ret_place->length;
		return padding > 0;
	}
	bool plain = is_plain(end, nr);
	if (!plain && !is_systrap(end))
		return false;
	/* systrap wrote over the call: it is put back. */
	ret_place->length = plain ? MOV_BYTES : MOV_BYTES + CALL_BYTES;
	ret_place->address = ip - MOV_BYTES - CALL_BYTES;
	return true;
}

bool fast_path_is_jump(uint8_t byte)
{
	return byte == 0xe9 || byte == JMP;
}

bool fast_path_jump_target(
	const uint8_t bytes[FAST_PATH_PADDING_BYTES], uint64_t address, uint64_t *ret_target)
{
	int32_t distance;

	memcpy(&distance, bytes + 1, sizeof(distance));
	*ret_target = address + FAST_PATH_PADDING_BYTES + (uint64_t)(int64_t)distance;
	return bytes[0] == 0xe9;
}

bool fast_path_make_jump(const struct fast_path_place *place, uint64_t address,
	uint8_t ret_bytes[FAST_PATH_JUMP_BYTES], uint8_t ret_padding[FAST_PATH_JUMP_BYTES])
{
	uint64_t to = address + offsetof(struct fast_path_cell, code);
	struct code code = {
		.bytes = ret_bytes, .size = FAST_PATH_JUMP_BYTES, .address = place->address
	};

	if (place->is_go) {
		size_t distance = place->padding - (place->address + SHORT_JUMP_BYTES);
		PUT(&code, JMP, (uint8_t)distance, 0x90); /* and nop */
		code.is_full |= distance > INT8_MAX;
		struct code padding = { .bytes = ret_padding,
			.size = FAST_PATH_JUMP_BYTES,
			.address = place->padding };
		PUT(&padding, 0xe9);
		put_distance(&padding, to);
		code.is_full |= padding.is_full;
	} else {
		PUT(&code, 0xe9);
		put_distance(&code, to);
		if (place->length > LONG_JUMP_BYTES)
			PUT(&code, 0x0f, 0x05);
	}
	return !code.is_full;
}
