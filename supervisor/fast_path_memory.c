/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fast_path_memory.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/ptrace.h>

#include "fast_path_code.h"
#include "tracee_mem.h"

enum {
	WORD = sizeof(long),
	/* Smaller ones are left to who maps next to what is there. */
	GAP_BYTES = 0x20000,
	MAPPINGS_MAX = 4096,
};

static int poke_word(pid_t tid, uint64_t address, const uint8_t word[WORD])
{
	long value;

	memcpy(&value, word, sizeof(value));
	return ptrace(PTRACE_POKEDATA, tid, address, value) ? -errno : 0;
}

/* The one or two words that length bytes, at most WORD, from address on are in. */
struct words {
	uint64_t start;
	size_t offset;
	bool are_two;
	uint8_t bytes[2 * WORD];
};

static int read_words(pid_t tid, uint64_t address, size_t length, struct words *ret_words)
{
	ret_words->offset = address % WORD;
	ret_words->start = address - ret_words->offset;
	/* The word behind may be another page's. */
	ret_words->are_two = ret_words->offset + length > WORD;
	return tracee_mem_read(
		tid, ret_words->start, ret_words->bytes, ret_words->are_two ? 2 * WORD : WORD);
}

static int write_words(pid_t tid, const struct words *words)
{
	int r = words->are_two ? poke_word(tid, words->start + WORD, words->bytes + WORD) : 0;

	return r ? r : poke_word(tid, words->start, words->bytes);
}

/* What was replaced last, by whomever. */
static struct replaced {
	struct words before, after;
} replaced[64];
static size_t n_replaced;

/* The trap is there already. */
static int replace_behind_trap(pid_t tid, const struct words *after)
{
	struct words words = *after;

	words.bytes[words.offset] = FAST_PATH_TRAP;
	int r = write_words(tid, &words);
	return r ? r : poke_word(tid, after->start, after->bytes);
}

int fast_path_replace(pid_t tid, uint64_t address, const uint8_t *bytes, size_t length)
{
	struct replaced *one = &replaced[n_replaced++ % ARRAY_SIZE(replaced)];
	struct words words;

	*one = (struct replaced){ 0 };
	int r = read_words(tid, address, length, &words);
	if (r)
		return r;
	one->before = one->after = words;
	memcpy(one->after.bytes + words.offset, bytes, length);
	words.bytes[words.offset] = FAST_PATH_TRAP;
	r = poke_word(tid, words.start, words.bytes);
	return r ? r : replace_behind_trap(tid, &one->after);
}

/* Whether they are what somebody may have seen meanwhile. */
static bool are_between(const struct words *words, const struct replaced *one)
{
	for (size_t i = 0; i < (words->are_two ? 2 : 1) * WORD; i++)
		if (i == words->offset ? words->bytes[i] != FAST_PATH_TRAP
				       : words->bytes[i] != one->before.bytes[i] &&
						 words->bytes[i] != one->after.bytes[i])
			return false;
	return true;
}

int fast_path_replace_in_child(pid_t tid, uint64_t address)
{
	for (size_t i = 0; i < ARRAY_SIZE(replaced); i++) {
		const struct words *after = &replaced[i].after;
		struct words words = *after;
		if (after->start != 0 && after->start + after->offset == address &&
			tracee_mem_read(tid, words.start, words.bytes,
				(words.are_two ? 2 : 1) * WORD) == 0 &&
			are_between(&words, &replaced[i]))
			return replace_behind_trap(tid, after);
	}
	return -ENOENT;
}

int fast_path_find_text(struct stop *stop, uint64_t ip, struct fast_path_text *ret_text)
{
	uint64_t start, end, inode, end_before = 0, gap_end = 0;
	char *line = NULL, permissions[5];
	size_t size = 0;
	int n = 0, fd = stop_open_proc(stop, "maps", O_RDONLY);
	FILE *maps = fd < 0 ? NULL : fdopen(fd, "r");
	bool is_text = false;

	if (!maps && fd >= 0)
		close(fd);
	/* proc_pid_maps(5) */
	while (maps && n++ < MAPPINGS_MAX && getline(&line, &size, maps) > 0) {
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %*x %*x:%*x %" SCNu64, &start, &end,
			    permissions, &inode) < 4)
			break;
		if (start - end_before >= GAP_BYTES)
			gap_end = start;
		end_before = end;
		if (ip > start && ip <= end) {
			is_text = inode && strcmp(permissions, "r-xp") == 0;
			break;
		}
	}
	free(line);
	if (maps)
		fclose(maps);
	if (!is_text)
		return -ENOENT;
	*ret_text = (struct fast_path_text){ .start = start, .end = end };
	if (gap_end && ip - gap_end <= INT32_MAX / 2)
		ret_text->gap = (gap_end - FAST_PATH_REGION_BYTES) / FAST_PATH_REGION_BYTES *
				FAST_PATH_REGION_BYTES;
	return 0;
}
