/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * do = kernel-version: one release, wherever it can be read: uname(2), /proc/version and
 * /proc/sys/kernel/osrelease, the latter by the fake tree where the kernel has no such file.
 */
#include <ctype.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "edited_file.h"
#include "emulation.h"
#include "fakeprocsys.h"

enum { RELEASE_MAX = sizeof(((struct utsname *)NULL)->release) - 1 };

struct kernel_version {
	char release[RELEASE_MAX + 1];
};

/* Programs read two or three numbers from its start, and nothing that ends a word. */
static bool is_release(const char *text)
{
	const char *p = text;

	for (int part = 0; part < 2; part++) {
		if (!isdigit((unsigned char)*p))
			return false;
		p += strspn(p, "0123456789");
		if (part == 0 && *p++ != '.')
			return false;
	}
	for (p = text; *p; p++)
		if (!isgraph((unsigned char)*p))
			return false;
	return p - text <= RELEASE_MAX;
}

static int parse(const struct rule_options *options, void **ret_config, struct rule_error *error)
{
	struct kernel_version *config = calloc(1, sizeof(*config));
	const struct rule_option *release = rule_options_find(options, "release");

	if (!config)
		return -ENOMEM;
	*ret_config = config;
	if (!is_release(release->value))
		return rule_option_error(error, options, release,
			"\"%s\" is not a kernel release, such as 4.19.0", release->value);
	strcpy(config->release, release->value);
	return 0;
}

static int prepare(const void *data, struct fakeprocsys *tree)
{
	const struct kernel_version *config = data;

	return fakeprocsys_set_first(tree, "kernel.osrelease", config->release, NULL, NULL);
}

static const char in_proc[] = "/proc/version", in_sys[] = "/proc/sys/kernel/osrelease";

static const char *const known_names[] = { "version", "osrelease", NULL };

static enum verdict on_enter(struct stop *stop, const void *config)
{
	const char *path;

	if (stop_syscall(stop) == SYS_uname)
		return VERDICT_WATCH;
	if (!stop_path_args(stop) || stop_path(stop, __builtin_ctz(stop_path_args(stop)), &path))
		return VERDICT_NEXT;
	if (strcmp(path, in_proc) == 0)
		return edited_file_enter(stop, path);
	if (strcmp(path, in_sys) == 0 && fakeprocsys_kernel_file(stop_fakeprocsys(stop),
						 "kernel/osrelease", false) == KERNEL_FILE_WORKS)
		return edited_file_enter(stop, path);
	return VERDICT_NEXT;
}

static char *edit(struct stop *stop, const void *data, const char *path, const char *text,
	size_t length, size_t *ret_length)
{
	static const char start[] = "Linux version ";
	const struct kernel_version *config = data;
	char *edited;
	int n;

	if (strcmp(path, in_sys) == 0) {
		n = asprintf(&edited, "%s\n", config->release);
	} else {
		if (strcmp(path, in_proc) != 0 || strncmp(text, start, strlen(start)) != 0)
			return NULL;
		const char *rest = text + strlen(start);
		n = asprintf(
			&edited, "%s%s%s", start, config->release, rest + strcspn(rest, " \n"));
	}
	if (n < 0)
		return NULL;
	*ret_length = (size_t)n;
	return edited;
}

static enum exit_verdict on_exit_(struct stop *stop, const void *data)
{
	const struct kernel_version *config = data;
	uint64_t address = stop_asked(stop, 0) + offsetof(struct utsname, release);

	if (stop_syscall(stop) == SYS_uname) {
		if (stop_result(stop) == 0 && stop_write(stop, address, config->release,
						      strlen(config->release) + 1) == 0)
			stop_note(stop, "release %s", config->release);
		return EXIT_DONE;
	}
	return edited_file_exit(stop, config);
}

static const struct option_spec options[] = {
	{ "release", "what uname -r says, such as 4.19.0", true },
	{ NULL, NULL, false },
};

const struct emulation emulation_kernel_version = {
	.name = "kernel-version",
	.summary = "tell another release of the kernel, wherever it can be read",
	.default_syscalls = "uname," EDITED_FILE_SYSCALLS,
	.default_path = "/proc/**",
	.options = options,
	.parse = parse,
	.prepare = prepare,
	.known_names = known_names,
	.edit = edit,
	.keeps_folders = emulation_keeps,
	.on_enter = on_enter,
	.on_exit = on_exit_,
};
