/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * do = mount-options: options of mount(2)'s data and bits of its flags that the kernel does not know, or takes for something else.
 * By fsopen(2) and fsconfig(2) options are left out only, of the kernel's own contexts and of those of do = mount-later, which
 * makes of them a mount(2) that no rule sees.
 */
#include <stdio.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#include "constants.h"
#include "emulation.h"
#include "mount_later.h"

enum { DATA_BYTES = 4096 /* mount(2): at most a page */, FSTYPE_BYTES = 64 };

struct mount_config {
	char *fstype; /* NULL: any */
	char *drop; /* names, with blanks or commas between; NULL: none */
	char *add; /* "a=1,b" */
	uint64_t clear_flags;
};

static void free_config(void *data)
{
	struct mount_config *config = data;

	if (!config)
		return;
	free(config->fstype);
	free(config->drop);
	free(config->add);
	free(config);
}

static int copy(const struct rule_options *options, const char *key, char **ret_text)
{
	const struct rule_option *option = rule_options_find(options, key);

	if (option && !(*ret_text = strdup(option->value)))
		return -ENOMEM;
	return 0;
}

static int parse(const struct rule_options *options, void **ret_config, struct rule_error *error)
{
	struct mount_config *config = calloc(1, sizeof(*config));
	const struct rule_option *clear = rule_options_find(options, "clear-flags");

	if (!config)
		return -ENOMEM;
	*ret_config = config;
	if (copy(options, "fstype", &config->fstype) || copy(options, "drop", &config->drop) ||
		copy(options, "add", &config->add))
		return -ENOMEM;
	if (clear && constant_value(clear->value, &config->clear_flags))
		return rule_option_error(error, options, clear,
			"\"%s\" is not a number or a flag of mount(2), such as MS_STRICTATIME",
			clear->value);
	if (!config->drop && !config->add && !clear)
		return rule_error_at(error, options->file, options->line, 1,
			"rule \"%s\": do = mount-options changes nothing without drop, add or "
			"clear-flags",
			options->rule);
	return 0;
}

/* Whether the first length bytes of option, up to its "=", are among the names. */
static bool is_named(const char *names, const char *option, size_t length)
{
	const char *equals = memchr(option, '=', length);
	size_t name_length = equals ? (size_t)(equals - option) : length;

	while (names && *names) {
		names += strspn(names, " ,\t");
		size_t n = strcspn(names, " ,\t");
		if (n == name_length && strncmp(names, option, n) == 0)
			return true;
		names += n;
	}
	return false;
}

/* Copies the options that stay, then those to add; true if that is not what was there. */
static bool rewrite(const struct mount_config *config, const char *data, char ret_data[DATA_BYTES])
{
	size_t used = 0;
	bool changed = false;

	ret_data[0] = '\0';
	for (const char *p = data; *p;) {
		size_t length = strcspn(p, ",");
		if (is_named(config->drop, p, length)) {
			changed = true;
		} else if (length > 0) {
			used += (size_t)snprintf(ret_data + used, DATA_BYTES - used, "%s%.*s",
				used ? "," : "", (int)length, p);
		}
		p += length + (p[length] == ',');
	}
	if (config->add && strlen(config->add) + used + 2 < DATA_BYTES) {
		snprintf(ret_data + used, DATA_BYTES - used, "%s%s", used ? "," : "", config->add);
		changed = true;
	}
	return changed;
}

static bool fstype_matches(struct stop *stop, const struct mount_config *config)
{
	char fstype[FSTYPE_BYTES];

	if (!config->fstype)
		return true;
	return stop_asked(stop, 2) &&
	       stop_read_string(stop, stop_asked(stop, 2), fstype, sizeof(fstype)) >= 0 &&
	       strcmp(fstype, config->fstype) == 0;
}

/* With one of these mount(2) looks at neither type nor data: runc makes six of seven mounts so. */
static const uint64_t without_data =
	MS_BIND | MS_MOVE | MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE;

static bool is_about_data_alone(const struct mount_config *config)
{
	return config->clear_flags == 0;
}

static void conditions(
	const void *config, long nr, struct arg_condition ret_conditions[SYSCALL_ARGS + 1])
{
	if (nr != SYS_mount || !is_about_data_alone(config))
		return;
	ret_conditions[0] = (struct arg_condition){ 3, without_data, 0 };
	ret_conditions[1].arg = -1;
}

/* What the kernel would have taken, had it known the option: other errors are its own. */
static bool is_good_option(struct stop *stop)
{
	uint64_t value = stop_asked(stop, 3);
	char text[DATA_BYTES];

	if (stop_asked(stop, 4) != 0)
		return false;
	switch ((int)stop_asked(stop, 1)) {
	case FSCONFIG_SET_STRING:
		return value && stop_read_string(stop, value, text, sizeof(text)) >= 0;
	case FSCONFIG_SET_FLAG:
		return !value;
	default:
		return false;
	}
}

static enum verdict on_fsconfig(struct stop *stop, const struct mount_config *config)
{
	const char *fstype = mount_later_fstype(stop, stop_asked(stop, 0));
	char key[64];

	if (!fstype || (config->fstype && strcmp(fstype, config->fstype) != 0) ||
		stop_read_string(stop, stop_asked(stop, 2), key, sizeof(key)) < 0 ||
		!is_named(config->drop, key, strlen(key)) || !is_good_option(stop))
		return VERDICT_NEXT;
	stop_note(stop, "without %s", key);
	return stop_give(stop, 0);
}

static enum verdict on_mount(struct stop *stop, const struct mount_config *config)
{
	char data[DATA_BYTES] = "", rewritten[DATA_BYTES];
	uint64_t address = stop_asked(stop, 4), flags = stop_asked(stop, 3);
	bool changed = false;

	if ((is_about_data_alone(config) && (flags & without_data)) ||
		!fstype_matches(stop, config))
		return VERDICT_NEXT;
	if (address && stop_read_string(stop, address, data, sizeof(data)) < 0)
		return VERDICT_NEXT;
	if (rewrite(config, data, rewritten)) {
		int r = stop_push(stop, rewritten, strlen(rewritten) + 1, &address);
		if (r == -EAGAIN)
			return VERDICT_AGAIN;
		if (r)
			return stop_give(stop, r);
		stop_send_arg(stop, 4, address);
		stop_note(stop, "data \"%.60s\"", rewritten);
		changed = true;
	}
	if (flags & config->clear_flags) {
		stop_send_arg(stop, 3, flags & ~config->clear_flags);
		changed = true;
	}
	return changed ? VERDICT_WATCH : VERDICT_NEXT;
}

/* Of any type: it may get the number of a context of another one that has been closed. */
static enum verdict on_fsopen(struct stop *stop, const struct mount_config *config)
{
	char fstype[FSTYPE_BYTES];

	if (!config->drop ||
		stop_read_string(stop, stop_asked(stop, 0), fstype, sizeof(fstype)) < 0)
		return VERDICT_NEXT;
	stop_keep_text(stop, fstype);
	return VERDICT_WATCH;
}

static enum verdict on_enter(struct stop *stop, const void *config)
{
	switch (stop_syscall(stop)) {
	case SYS_fsopen:
		return on_fsopen(stop, config);
	case SYS_fsconfig:
		return on_fsconfig(stop, config);
	default:
		return on_mount(stop, config);
	}
}

static enum exit_verdict on_exit_(struct stop *stop, const void *config)
{
	if (stop_syscall(stop) == SYS_fsopen && stop_result(stop) >= 0)
		mount_later_note_context(stop, (int)stop_result(stop), stop_kept_text(stop));
	return EXIT_DONE;
}

static const struct option_spec options[] = {
	{ "fstype", "only mounts of this file system type", false },
	{ "drop", "names of options to leave out, such as nr_blocks", false },
	{ "add", "options to add, such as mode=0755", false },
	{ "clear-flags", "bits to take out of the flags, such as MS_STRICTATIME", false },
	{ NULL, NULL, false },
};

const struct emulation emulation_mount_options = {
	.name = "mount-options",
	.summary = "leave out or add options and flags of mount",
	.default_syscalls = "mount,fsopen,fsconfig",
	.options = options,
	.parse = parse,
	.free_config = free_config,
	.conditions = conditions,
	.on_enter = on_enter,
	.on_exit = on_exit_,
};
