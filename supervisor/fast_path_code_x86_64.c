/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the code may change: rcx and r11, which the system call changes as well, and the flags, which no calling convention
 * keeps over one (Go's Syscall6 and the C libraries compare the result right behind it). It uses no stack.
 */
#include "fast_path_code.h"

#include <fcntl.h>
#include <sys/syscall.h>

#include "fast_path_assembler_x86_64.h"

const char fast_path_magic[16] = "gvtrace fastpath";

bool fast_path_code_is_possible(void)
{
	return __builtin_cpu_supports("sse4.2"); /* crc32 */
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

/* Whether the place makes such a call, and it is among these. */
static bool is_made(const struct fast_path_place *place, const struct syscall_set *calls, long nr)
{
	return syscall_set_has(calls, nr) && (place->is_go || nr == place->nr);
}

size_t fast_path_make_slots(const struct fast_path_place *place,
	const struct fast_path_check *check, struct fast_path_slot *ret_slots)
{
	size_t n = 0;

	for (size_t i = 0; i < FAST_PATH_CALLS; i++) {
		long nr = fast_path_calls[i].nr;
		if (!is_made(place, &check->calls, nr))
			continue;
		fast_path_make_slot(nr, place->call, &ret_slots[n++]);
		if (is_made(place, &check->by_result, nr))
			fast_path_make_result_slot(nr, place->call, &ret_slots[n++]);
	}
	return n;
}

/* That slot; the one before it does not look. */
static size_t result_slot(const struct fast_path_place *place, const struct fast_path_check *check,
	size_t first_slot, long nr)
{
	size_t slot = first_slot;

	for (size_t i = 0; fast_path_calls[i].nr != nr; i++)
		if (is_made(place, &check->calls, fast_path_calls[i].nr))
			slot += 1 + is_made(place, &check->by_result, fast_path_calls[i].nr);
	return slot + 1;
}

/* Far away, and without a register: the gate's address is written behind the jump. */
static void put_jump_to_slot(struct code *code, size_t slot)
{
	uint64_t address = FAST_PATH_GATE + slot * FAST_PATH_SLOT_BYTES;

	PUT(code, 0xff, 0x25, 0, 0, 0, 0); /* jmp *(%rip) */
	put(code, &address, sizeof(address));
}

/* Goes on if text is at r11, and else by a jump for land_long(). As put_compare(). */
static size_t put_long_unless(struct code *code, const char *text)
{
	size_t others[FAST_PATH_PREFIX_BYTES], n = put_compare(code, text, 0, others);
	size_t same = put_short(code, JMP);

	while (n > 0)
		land(code, others[--n]);
	size_t other = put_long(code);
	land(code, same);
	return other;
}

/* An openat whose path, r11, begins with no slash: goes to the slot, or the slow way, as fast_path_result_tells() says. */
static void put_folder(struct code *code, size_t slot)
{
	PUT(code, 0x89, 0xd1); /* mov %edx, %ecx */
	PUT(code, 0x81, 0xe1); /* and $FAST_PATH_OPEN_MASK, %ecx */
	put_32(code, FAST_PATH_OPEN_MASK);
	PUT(code, 0x81, 0xf9); /* cmp $FAST_PATH_OPEN_FOLDER, %ecx */
	put_32(code, FAST_PATH_OPEN_FOLDER);
	put_slow_if_not_equal(code);
	put_slow_if_begins(code, '.');
	put_slow_if_begins(code, '\0');
	PUT(code, 0x31, 0xc9); /* xor %ecx, %ecx */
	size_t byte = code->used;
	put_slow_if_begins(code, '/');
	PUT(code, 0xf2, 0x41, 0x0f, 0x38, 0xf0, 0x0b); /* crc32b (%r11), %ecx */
	PUT(code, 0x49, 0xff, 0xc3); /* inc %r11 */
	PUT(code, 0x41, 0x80, 0x3b, '\0'); /* cmpb $0, (%r11) */
	put_short_back(code, JNE, byte);
	put_slow_if_known(code, FAST_PATH_NAMES + offsetof(struct fast_path_names, folders),
		FAST_PATH_FOLDER_BITS);
	put_jump_to_slot(code, slot);
}

/* A readlinkat of the path r11: the same if it is in /proc, and else goes on. */
static void put_descriptor(struct code *code, size_t slot)
{
	size_t elsewhere = put_long_unless(code, "/proc/");

	PUT(code, 0x49, 0x83, 0xc3, 5); /* add $5, %r11 */
	size_t byte = code->used;
	PUT(code, 0x49, 0xff, 0xc3); /* inc %r11 */
	put_slow_if_begins(code, '.');
	put_slow_if_begins(code, '\0');
	PUT(code, 0x41, 0x80, 0x3b, '/'); /* cmpb $'/', (%r11) */
	put_short_back(code, JNE, byte);
	size_t other = put_long_unless(code, "/fd/");
	PUT(code, 0x49, 0x83, 0xc3, 4); /* add $4, %r11 */
	put_slow_if_begins(code, '\0');
	size_t digit = code->used;
	PUT(code, 0x41, 0x0f, 0xb6, 0x0b); /* movzbl (%r11), %ecx */
	PUT(code, 0x49, 0xff, 0xc3); /* inc %r11 */
	PUT(code, 0x83, 0xe9, '0'); /* sub $'0', %ecx */
	PUT(code, 0x83, 0xf9, 9); /* cmp $9, %ecx */
	put_short_back(code, JBE, digit);
	PUT(code, 0x83, 0xf9, (uint8_t) - '0'); /* cmp $-'0', %ecx */
	put_slow_if_not_equal(code);
	put_jump_to_slot(code, slot);
	land_long(code, other);
	put_slow(code);
	land_long(code, elsewhere);
}

/* Goes on only with what cannot match; r11 is the path. */
static void put_check(struct code *code, const struct fast_path_place *place,
	const struct fast_path_check *check, size_t first_slot)
{
	size_t told[3], n_told = 0;

	PUT(code, 0x4d, 0x85, 0xdb); /* test %r11, %r11 */
	put_slow_if_equal(code);
	PUT(code, 0x41, 0x80, 0x3b, '/'); /* cmpb $'/', (%r11) */
	size_t absolute = put_long_if_equal(code);
	if (is_made(place, &check->by_result, SYS_openat)) {
		size_t other = put_long_if_other_call(code, SYS_openat);
		put_folder(code, result_slot(place, check, first_slot, SYS_openat));
		land_long(code, other);
	}
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
	land_long(code, absolute);
	if (is_made(place, &check->by_result, SYS_readlinkat)) {
		size_t other = put_long_if_other_call(code, SYS_readlinkat);
		put_descriptor(code, result_slot(place, check, first_slot, SYS_readlinkat));
		land_long(code, other);
	}

	for (size_t i = 0; check->prefixes[i][0]; i++) {
		size_t others[FAST_PATH_PREFIX_BYTES];
		size_t n = put_compare(code, check->prefixes[i], 1, others);
		put_slow(code);
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
	put_slow_if_begins(code, '.');
	put_slow_if_begins(code, '\0');
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
	put_slow_if_known(
		code, FAST_PATH_NAMES + offsetof(struct fast_path_names, all), FAST_PATH_NAME_BITS);
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

/* eax holds the number; leads to the given argument's check, or to the slow way. */
static void put_choice_of_path(
	struct code *code, const struct fast_path_place *place, const struct fast_path_check *check)
{
	size_t from[2][FAST_PATH_CALLS], n[2] = { 0, 0 }, end;

	for (size_t i = 0; i < FAST_PATH_CALLS; i++) {
		int arg = fast_path_calls[i].path_arg;
		if (!is_made(place, &check->calls, fast_path_calls[i].nr))
			continue;
		PUT(code, 0x3d); /* cmp $nr, %eax */
		put_32(code, (uint32_t)fast_path_calls[i].nr);
		from[arg][n[arg]++] = put_short(code, JE);
	}
	put_slow(code);
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
	put_check(&code, place, check, first_slot);
	for (size_t i = 0; i < FAST_PATH_CALLS; i++) {
		if (!is_made(place, &check->calls, fast_path_calls[i].nr))
			continue;
		size_t other = 0;
		if (place->is_go) {
			PUT(&code, 0x3d); /* cmp $nr, %eax */
			put_32(&code, (uint32_t)fast_path_calls[i].nr);
			other = put_short(&code, JNE);
		}
		put_jump_to_slot(&code, first_slot);
		first_slot += 1 + is_made(place, &check->by_result, fast_path_calls[i].nr);
		if (other)
			land(&code, other);
	}
	put_slow(&code); /* a number that is none of these: it was changed meanwhile */
	return code.is_full ? 0 : offsetof(struct fast_path_cell, code) + code.used;
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
