/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Machine code, instruction by instruction. Jumps forward are put with no distance yet, and what they return is given to land() where
 * they are to lead. Nothing is checked until the end: then is_full says that there was no room, or that a distance was too great.
 */
#ifndef GVTRACE_FAST_PATH_ASSEMBLER_H
#define GVTRACE_FAST_PATH_ASSEMBLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { LONG_JUMP_BYTES = 5, SHORT_JUMP_BYTES = 2 };

/* Code under construction, which will run at address. */
struct code {
	uint8_t *bytes;
	size_t size, used;
	uint64_t address;
	uint64_t slow; /* where to go when the path may match */
	bool is_full;
};

static inline void put(struct code *code, const void *bytes, size_t length)
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

static inline void put_32(struct code *code, uint32_t value)
{
	put(code, &value, sizeof(value));
}

/* A distance from the end of the four bytes that say it. */
static inline void put_distance(struct code *code, uint64_t to)
{
	int64_t distance = (int64_t)(to - (code->address + code->used + 4));

	code->is_full |= distance != (int32_t)distance;
	put_32(code, (uint32_t)distance);
}

static inline void put_slow(struct code *code)
{
	PUT(code, 0xe9); /* jmp */
	put_distance(code, code->slow);
}

static inline void put_slow_if_equal(struct code *code)
{
	PUT(code, 0x0f, 0x84); /* je */
	put_distance(code, code->slow);
}

static inline void put_slow_if_not_equal(struct code *code)
{
	PUT(code, 0x0f, 0x85); /* jne */
	put_distance(code, code->slow);
}

static inline void put_slow_if_begins(struct code *code, char byte)
{
	PUT(code, 0x41, 0x80, 0x3b, (uint8_t)byte); /* cmpb $byte, (%r11) */
	put_slow_if_equal(code);
}

/* ecx is a name's CRC-32C. */
static inline void put_slow_if_known(struct code *code, uint64_t names, uint32_t n_bits)
{
	PUT(code, 0x81, 0xe1); /* and $(n_bits - 1), %ecx */
	put_32(code, n_bits - 1);
	PUT(code, 0x0f, 0xa3, 0x0c, 0x25); /* bt %ecx, names */
	put_32(code, (uint32_t)names);
	PUT(code, 0x0f, 0x82); /* jc */
	put_distance(code, code->slow);
}

/* A short jump to a place that is not known yet: the position of its distance. */
static inline size_t put_short(struct code *code, uint8_t operation)
{
	PUT(code, operation, 0);
	return code->used;
}

static inline void land(struct code *code, size_t behind_jump)
{
	size_t distance = code->used - behind_jump;

	code->is_full |= distance > INT8_MAX;
	if (!code->is_full)
		code->bytes[behind_jump - 1] = (uint8_t)distance;
}

static inline void put_short_back(struct code *code, uint8_t operation, size_t to)
{
	int64_t distance = (int64_t)to - (int64_t)(code->used + SHORT_JUMP_BYTES);

	code->is_full |= distance < INT8_MIN;
	PUT(code, operation, (uint8_t)distance);
}

enum { JE = 0x74, JNE = 0x75, JBE = 0x76, JMP = 0xeb };

/* A long one. */
static inline size_t put_long(struct code *code)
{
	PUT(code, 0xe9); /* jmp */
	put_32(code, 0);
	return code->used;
}

static inline size_t put_long_if_equal(struct code *code)
{
	PUT(code, 0x0f, 0x84); /* je */
	put_32(code, 0);
	return code->used;
}

/* If eax does not hold this number. */
static inline size_t put_long_if_other_call(struct code *code, long nr)
{
	PUT(code, 0x3d); /* cmp $nr, %eax */
	put_32(code, (uint32_t)nr);
	PUT(code, 0x0f, 0x85); /* jne */
	put_32(code, 0);
	return code->used;
}

static inline void land_long(struct code *code, size_t behind_jump)
{
	uint32_t distance = (uint32_t)(code->used - behind_jump);

	if (!code->is_full)
		memcpy(code->bytes + behind_jump - sizeof(distance), &distance, sizeof(distance));
}

#endif
