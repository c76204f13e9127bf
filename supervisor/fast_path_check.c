/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fast_path_check.h"

#include <fcntl.h>
#include <sys/syscall.h>

#include "plan.h"

const struct fast_path_call fast_path_calls[FAST_PATH_CALLS] = { { SYS_newfstatat, 1 },
	{ SYS_openat, 1 }, { SYS_readlinkat, 1 }, { SYS_faccessat, 1 }, { SYS_faccessat2, 1 },
	{ SYS_statx, 1 }, { SYS_open, 0 }, { SYS_stat, 0 }, { SYS_lstat, 0 }, { SYS_access, 0 },
	{ SYS_readlink, 0 }, { SYS_statfs, 0 }, { SYS_mkdirat, 1 }, { SYS_lgetxattr, 0 },
	{ SYS_chdir, 0 } };

int fast_path_arg(long nr)
{
	size_t i = 0;

	while (i < FAST_PATH_CALLS - 1 && fast_path_calls[i].nr != nr)
		i++;
	return fast_path_calls[i].path_arg;
}

static const char special[] = "*?[\\";

/* The polynomial of the instruction crc32 (SSE 4.2), bit by bit: it runs over a few names, and over paths that are seen to stop. */
static uint32_t add_to_crc(uint32_t crc, uint8_t byte)
{
	crc ^= byte;
	for (int i = 0; i < 8; i++)
		crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78 : 0);
	return crc;
}

static unsigned bit_of(const char *name, size_t length)
{
	uint32_t crc = 0;

	for (size_t i = 0; i < length; i++)
		crc = add_to_crc(crc, (uint8_t)name[i]);
	return crc % FAST_PATH_NAME_BITS;
}

static void add_name(const char *name, size_t length, void *data)
{
	struct fast_path_check *check = data;
	unsigned bit = bit_of(name, length);

	check->names[bit / 8] |= (uint8_t)(1 << bit % 8);
}

/* The first folder of a path or glob, if it is literal. */
static bool add_prefix(struct fast_path_check *check, const char *path)
{
	size_t length = strcspn(path + 1, "/"), i = 0;

	if (path[0] != '/' || length == 0 || length >= FAST_PATH_PREFIX_BYTES ||
		strcspn(path + 1, special) < length)
		return false;
	for (; check->prefixes[i][0]; i++)
		if (strncmp(check->prefixes[i], path + 1, length) == 0 &&
			check->prefixes[i][length] == '\0')
			return true;
	if (i == FAST_PATH_PREFIXES)
		return false;
	memcpy(check->prefixes[i], path + 1, length);
	return true;
}

static bool add_program(struct fast_path_check *check, const struct path_glob *program)
{
	size_t i = 0;

	while (check->programs[i])
		i++;
	if (i == FAST_PATH_PROGRAMS)
		return false;
	check->programs[i] = program;
	return true;
}

/* Whether the rule's last name is one only. */
static bool has_literal_name(const struct rule *rule)
{
	size_t length;
	const char *last = path_last_name(path_glob_text(rule->path), &length);

	return strcspn(last, special) >= length;
}

/* Adds the folder or program that the rule is about. False: its paths cannot be told by prefix and name. */
static bool add_rule(struct fast_path_check *check, const struct rule *rule)
{
	const struct emulation *emulation = rule->emulation;

	if (!rule->path && !emulation->only_below)
		return rule->program && add_program(check, rule->program);
	if ((emulation->is_exact && emulation->is_exact(rule->config)) ||
		(emulation->names_all && emulation->names_all(rule->config)) ||
		(emulation->names && !emulation->each_name))
		return false;
	if (!rule->path)
		return add_prefix(check, emulation->only_below);
	return has_literal_name(rule) || emulation_is_by_name(emulation) ||
	       add_prefix(check, path_glob_text(rule->path));
}

/* Of a rule that add_rule() takes. Apart from that, as there may be hundreds. */
static void add_names(struct fast_path_check *check, const struct rule *rule)
{
	const struct emulation *emulation = rule->emulation;
	size_t length;

	if (!rule->path && !emulation->only_below)
		return;
	check->is_cgroup_elsewhere |= rule->path && rule_names(rule, PATH_FS_CGROUP);
	for (const char *const *known = emulation->known_names; known && *known; known++)
		add_name(*known, strlen(*known), check);
	if (emulation->each_name)
		emulation->each_name(add_name, check);
	if (!rule->path || !has_literal_name(rule))
		return;
	const char *last = path_last_name(path_glob_text(rule->path), &length);
	if (length == 0)
		add_name("/", 1, check); /* the root's own name */
	else
		add_name(last, length, check);
}

static bool stops(const struct rule *rule, long nr)
{
	bool is_open = nr == SYS_open || nr == SYS_openat;

	return rule->armed &&
	       (syscall_set_has(&rule->syscalls, nr) || (is_open && plan_waits_for_path(rule)));
}

/* Whether the call stops, and all rules for which it does can be told. */
static bool can_be_told(const struct rule_set *rules, long nr)
{
	bool any = false;

	for (size_t i = 0; i < rules->n_rules; i++) {
		struct fast_path_check scratch = { 0 };
		if (!stops(rules->rules[i], nr))
			continue;
		const struct emulation *emulation = rules->rules[i]->emulation;
		bool is_any =
			!rules->rules[i]->path && emulation->but_for && emulation->but_for == nr;
		if (is_any || !add_rule(&scratch, rules->rules[i]))
			return false;
		any = true;
	}
	return any;
}

bool fast_path_check_make(const struct rule_set *rules, const struct syscall_set *logged,
	struct fast_path_check *ret_check)
{
	/* What leads to descriptors, working directories and roots, which may be anything (magic_links.h). */
	*ret_check = (struct fast_path_check){ .prefixes = { "proc", "dev/fd", "dev//" } };
	for (size_t c = 0; c < FAST_PATH_CALLS; c++)
		if (!syscall_set_has(logged, fast_path_calls[c].nr) &&
			can_be_told(rules, fast_path_calls[c].nr))
			syscall_set_add(&ret_check->calls, fast_path_calls[c].nr);
	for (size_t i = 0; i < rules->n_rules; i++)
		for (size_t c = 0; c < FAST_PATH_CALLS; c++)
			if (syscall_set_has(&ret_check->calls, fast_path_calls[c].nr) &&
				stops(rules->rules[i], fast_path_calls[c].nr)) {
				if (!add_rule(ret_check, rules->rules[i]))
					return false; /* too many */
				add_names(ret_check, rules->rules[i]);
				break;
			}
	return !syscall_set_is_empty(&ret_check->calls);
}

static bool has_prefix(const struct fast_path_check *check, const char *path)
{
	for (size_t i = 0; check->prefixes[i][0]; i++)
		if (strncmp(path + 1, check->prefixes[i], strlen(check->prefixes[i])) == 0)
			return true;
	return false;
}

static bool is_known(const struct fast_path_check *check, const char *name, size_t length)
{
	unsigned bit = bit_of(name, length);

	return check->names[bit / 8] >> bit % 8 & 1;
}

/* A name that begins with a dot may be one of the two that lead elsewhere. Two slashes at the end, or at the beginning,
 * are left alone, too. */
bool fast_path_cannot_match(
	const struct fast_path_check *check, long nr, const char *path, uint64_t flags)
{
	if (path[0] == '\0')
		return nr == SYS_newfstatat && !(flags & AT_EMPTY_PATH);
	if (path[0] == '/' && path[1] == '\0')
		return !is_known(check, path, 1);
	if (path[0] != '/' || path[1] == '/' || has_prefix(check, path))
		return false;
	for (const char *name = path;;) {
		name += strspn(name, "/");
		size_t length = strcspn(name, "/");

		if (*name == '\0' || *name == '.')
			return false;
		if (name[length] == '\0' || name[length + 1] == '\0')
			return !is_known(check, name, length) ||
			       (!check->is_cgroup_elsewhere && path_is_fs_cgroup(path));
		name += length;
	}
}

bool fast_path_names_program(const struct fast_path_check *check, const char *program)
{
	for (size_t i = 0; check->programs[i]; i++)
		if (rules_program_matches(check->programs[i], program))
			return true;
	return false;
}
