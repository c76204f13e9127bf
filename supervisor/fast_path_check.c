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

static unsigned bit_of(const char *name, size_t length, unsigned n_bits)
{
	uint32_t crc = 0;

	for (size_t i = 0; i < length; i++)
		crc = add_to_crc(crc, (uint8_t)name[i]);
	return crc % n_bits;
}

static void set_bit(uint8_t *bits, unsigned bit)
{
	bits[bit / 8] |= (uint8_t)(1 << bit % 8);
}

static bool has_bit(const uint8_t *bits, unsigned bit)
{
	return bits[bit / 8] >> bit % 8 & 1;
}

static void add_name(const char *name, size_t length, void *data)
{
	struct fast_path_check *check = data;

	set_bit(check->names.all, bit_of(name, length, FAST_PATH_NAME_BITS));
}

static void add_folder(const char *name, size_t length, void *data)
{
	struct fast_path_check *check = data;

	set_bit(check->names.folders, bit_of(name, length, FAST_PATH_FOLDER_BITS));
}

/* How long the name of the first folder of a path or glob is. 0: it is not literal, or too long. */
static size_t first_folder(const char *path)
{
	size_t length = strcspn(path + 1, "/");

	return path[0] == '/' && length < FAST_PATH_PREFIX_BYTES &&
			       strcspn(path + 1, special) >= length
		       ? length
		       : 0;
}

/* False: there are too many. */
static bool add_prefix(struct fast_path_check *check, const char *path)
{
	size_t length = first_folder(path), i = 0;

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

/* Whether it is about certain programs, whatever their paths are. */
static bool is_for_programs(const struct rule *rule)
{
	return !rule->path && !rule->emulation->only_below;
}

/* What all paths of the rule begin like, where their last names do not tell. NULL: these do. */
static const char *told_by_folder(const struct rule *rule)
{
	if (!rule->path)
		return rule->emulation->only_below;
	return has_literal_name(rule) || emulation_is_by_name(rule->emulation)
		       ? NULL
		       : path_glob_text(rule->path);
}

/* Whether the rule's paths can be told by prefix and name, or its program. */
static bool is_told(const struct rule *rule)
{
	const struct emulation *emulation = rule->emulation;

	if (is_for_programs(rule))
		return rule->program;
	if ((emulation->is_exact && emulation->is_exact(rule->config)) ||
		(emulation->names_all && emulation->names_all(rule->config)) ||
		(emulation->names && !emulation->each_name))
		return false;
	const char *folder = told_by_folder(rule);
	return !folder || first_folder(folder) > 0;
}

/* Adds the folder or program that a rule which is told is about. False: there are too many. */
static bool add_rule(struct fast_path_check *check, const struct rule *rule)
{
	if (is_for_programs(rule))
		return add_program(check, rule->program);
	const char *folder = told_by_folder(rule);
	return !folder || add_prefix(check, folder);
}

typedef void add_t(const char *name, size_t length, void *data);

/* The last names that the rule is about, as far as they can be told. */
static void each_name(const struct rule *rule, add_t *add, struct fast_path_check *check)
{
	const struct emulation *emulation = rule->emulation;
	size_t length;

	for (const char *const *known = emulation->known_names; known && *known; known++)
		add(*known, strlen(*known), check);
	if (emulation->each_name)
		emulation->each_name(add, check);
	if (!rule->path || !has_literal_name(rule))
		return;
	const char *last = path_last_name(path_glob_text(rule->path), &length);
	if (length == 0)
		add("/", 1, check); /* the root's own name */
	else
		add(last, length, check);
}

/* Of a rule that is told. */
static void add_names(struct fast_path_check *check, const struct rule *rule)
{
	if (is_for_programs(rule))
		return;
	check->is_cgroup_elsewhere |= rule->path && rule_names(rule, PATH_FS_CGROUP);
	each_name(rule, add_name, check);
}

/* Of a rule for which openat stops: whether a folder that the kernel has opened may be told by its name. */
static bool add_folders(struct fast_path_check *check, const struct rule *rule)
{
	const struct emulation *emulation = rule->emulation;

	if (is_for_programs(rule) || (!plan_waits_for_path(rule) && emulation->keeps_folders &&
					     emulation->keeps_folders(rule->config)))
		return true;
	each_name(rule, add_folder, check);
	return (rule->path && has_literal_name(rule)) || emulation_is_by_name(emulation);
}

static bool is_part_of_descriptor(const char *name, size_t length)
{
	static const char *const parts[] = { "proc", "self", "thread-self", "fd" };

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (strlen(parts[i]) == length && memcmp(parts[i], name, length) == 0)
			return true;
	return strspn(name, "0123456789") >= length;
}

/* Whether the rule's path is no /proc/PID/fd/N: a name is in it that is in none of these. */
static bool is_no_descriptor(const struct rule *rule)
{
	size_t length;

	for (const char *name = path_glob_text(rule->path); *name; name += length) {
		name += strspn(name, "/");
		length = strcspn(name, "/");
		if (strcspn(name, special) >= length && !is_part_of_descriptor(name, length))
			return true;
	}
	return false;
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
		if (!stops(rules->rules[i], nr))
			continue;
		const struct emulation *emulation = rules->rules[i]->emulation;
		bool is_any =
			!rules->rules[i]->path && emulation->but_for && emulation->but_for == nr;
		if (is_any || !is_told(rules->rules[i]))
			return false;
		any = true;
	}
	return any;
}

static void find_what_results_tell(const struct rule_set *rules, struct fast_path_check *check)
{
	bool folders = syscall_set_has(&check->calls, SYS_openat),
	     links = syscall_set_has(&check->calls, SYS_readlinkat);

	for (size_t i = 0; i < rules->n_rules; i++) {
		const struct rule *rule = rules->rules[i];
		if (stops(rule, SYS_openat) && !add_folders(check, rule))
			folders = false;
		/* What a rule has led elsewhere, the link is to tell as it was asked. */
		if (rule->armed &&
			(rule->emulation->reverse || (rule->path && stops(rule, SYS_readlinkat) &&
							     !is_no_descriptor(rule))))
			links = false;
	}
	if (folders)
		syscall_set_add(&check->by_result, SYS_openat);
	if (links)
		syscall_set_add(&check->by_result, SYS_readlinkat);
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
	find_what_results_tell(rules, ret_check);
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
	return has_bit(check->names.all, bit_of(name, length, FAST_PATH_NAME_BITS));
}

static bool is_known_folder(const struct fast_path_check *check, const char *name)
{
	return has_bit(check->names.folders, bit_of(name, strlen(name), FAST_PATH_FOLDER_BITS));
}

/* /proc/ANY/fd/N */
static bool is_descriptor(const char *path)
{
	if (strncmp(path, "/proc/", 6) != 0)
		return false;
	size_t length = strcspn(path + 6, "/.");
	if (strncmp(path + 6 + length, "/fd/", 4) != 0)
		return false;
	const char *number = path + 6 + length + 4;
	return *number != '\0' && number[strspn(number, "0123456789")] == '\0';
}

bool fast_path_result_tells(
	const struct fast_path_check *check, long nr, const char *path, uint64_t open_flags)
{
	if (!syscall_set_has(&check->by_result, nr))
		return false;
	if (nr == SYS_readlinkat)
		return is_descriptor(path);
	return (open_flags & FAST_PATH_OPEN_MASK) == FAST_PATH_OPEN_FOLDER && path[0] != '\0' &&
	       path[0] != '.' && !strchr(path, '/') && !is_known_folder(check, path);
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
