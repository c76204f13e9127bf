/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What rules/ is tested with: emulations, probes and sysctls that only say what they accept. */
#ifndef GVTRACE_RULES_FIXTURE_H
#define GVTRACE_RULES_FIXTURE_H

#include "constants.h"
#include "emulation.h"
#include "rules.h"
#include "suggest.h"
#include <stdio.h>

static int fixture_parse_return(
	const struct rule_options *options, void **ret_config, struct rule_error *error)
{
	const struct rule_option *value = rule_options_find(options, "value");
	const struct rule_option *name = rule_options_find(options, "error");
	uint64_t *result = malloc(sizeof(*result));
	int r = 0;

	if (result == NULL)
		return -ENOMEM;
	if (name != NULL && errno_number(name->value) < 0 && strcmp(name->value, "ERESTARTSYS"))
		r = rule_option_error(error, options, name,
			"unknown error \"%s\". Did you mean \"%s\"?", name->value,
			errno_suggest(name->value));
	else if (value != NULL && constant_value(value->value, result) < 0)
		r = rule_option_error(error, options, value, "no value: \"%s\"", value->value);
	else if (value == NULL && name == NULL)
		r = -EINVAL; /* without a word about it */
	if (r < 0)
		free(result);
	else
		*ret_config = result;
	return r;
}

static const struct emulation fixture_fake = {
	.name = "fake",
	.summary = "a file of the fake tree",
	.needs_path = true,
	.options =
		(const struct option_spec[]){
			{ "when", "failing, missing or always" },
			{ "exact", "yes or no" },
			{ NULL },
		},
};
static const struct emulation fixture_stat = {
	.name = "stat",
	.summary = "fields of what stat tells",
	.default_syscalls = "stat lstat fstat newfstatat statx",
	.needs_path = true,
	.options =
		(const struct option_spec[]){
			{ "st_ino", "inode number" },
			{ "st_dev", "device number" },
			{ "mode", "octal" },
			{ NULL },
		},
};
static const struct emulation fixture_mount_options = {
	.name = "mount-options",
	.summary = "takes options of a mount away or adds them",
	.default_syscalls = "mount,fsopen,fsconfig",
	.options =
		(const struct option_spec[]){
			{ "fstype", "only mounts of this type" },
			{ "drop", "names of options" },
			{ "add", "options" },
			{ "clear-flags", "MS_ constants" },
			{ NULL },
		},
};
static const struct emulation fixture_return = {
	.name = "return",
	.summary = "a result without the call",
	.options =
		(const struct option_spec[]){
			{ "value", "a number or constants" },
			{ "error", "an error's name" },
			{ "when", "an error's name" },
			{ NULL },
		},
	.parse = fixture_parse_return,
};
static const struct emulation fixture_namespace = {
	.name = "namespace",
	.summary = "stands in for a namespace",
	.default_syscalls = "%file unshare setns clone",
	.options = (const struct option_spec[]){ { "kind", "cgroup", true }, { NULL } },
};
static const struct emulation fixture_openat2 = {
	.name = "openat2",
	.summary = "runs openat where the kernel lacks openat2",
	.default_syscalls = "openat2",
};
static const struct emulation fixture_redirect = {
	.name = "redirect",
	.summary = "another path",
	.needs_path = true,
	.options = (const struct option_spec[]){ { "to", "the path", true }, { NULL } },
};
static const struct emulation fixture_pass = { .name = "pass", .summary = "an exception" };
static const struct emulation fixture_log = { .name = "log", .summary = "a line in the log" };

static const struct emulation fixture_file = {
	.name = "file",
	.summary = "a file with a value",
	.needs_path = true,
	.options = (const struct option_spec[]){ { "value", "the value", true }, { NULL } },
};
static const struct emulation fixture_join_pid = {
	.name = "join-pid",
	.summary = "a pid namespace that is not joined",
	.default_syscalls = "setns,openat",
};
static const struct emulation fixture_clone_parent = {
	.name = "clone-parent",
	.summary = "a child of another",
	.default_syscalls = "clone,clone3",
};

static const struct emulation fixture_kernel_version = {
	.name = "kernel-version",
	.summary = "another release",
	.default_syscalls = "uname,open,openat,openat2,fstatfs",
	.default_path = "/proc/**",
	.options = (const struct option_spec[]){ { "release", "of the kernel", true }, { NULL } },
};
static const struct emulation fixture_cgroup_file = {
	.name = "cgroup-file",
	.summary = "a file of a control group",
	.needs_path = true,
};
static const struct emulation fixture_cgroup_removal = {
	.name = "cgroup-removal",
	.summary = "a group is busy",
	.default_syscalls = "rmdir,unlinkat",
	.needs_path = true,
};
static const struct emulation fixture_kmsg = {
	.name = "kmsg",
	.summary = "a log",
	.needs_path = true,
};
static const struct emulation fixture_netlink_drop = {
	.name = "netlink-drop",
	.summary = "an attribute less",
	.default_syscalls = "sendto",
	.options =
		(const struct option_spec[]){
			{ "type", "of the message", true },
			{ "attribute", "what is left out", false },
			{ "flags", "of the message", false },
			{ NULL },
		},
};
static const struct emulation fixture_netlink_link = {
	.name = "netlink-link",
	.summary = "what a link is",
	.default_syscalls = "recvfrom",
};
static const struct emulation fixture_netlink_prefix_route = {
	.name = "netlink-prefix-route",
	.summary = "a route that goes",
	.default_syscalls = "sendto",
};
static const struct emulation fixture_termios2 = {
	.name = "termios2",
	.summary = "a terminal",
	.default_syscalls = "ioctl",
};

static const struct emulation fixture_cpu_times = {
	.name = "cpu-times",
	.summary = "idle processors",
	.default_syscalls = "open,openat,openat2,fstatfs",
	.default_path = "/proc/stat",
};
static const struct emulation fixture_mount_id = {
	.name = "mount-id",
	.summary = "which mount",
	.default_syscalls = "statx",
};

static const struct emulation fixture_mount_later = {
	.name = "mount-later",
	.summary = "mounts in the end",
	.default_syscalls = "fsopen,fsconfig,fsmount,open_tree,mount_setattr,move_mount",
};

static const struct emulation fixture_controlling_terminal = {
	.name = "controlling-terminal",
	.summary = "finds a terminal",
	.default_syscalls = "open,openat",
	.default_path = "/dev/tty",
};

static const struct emulation fixture_mount_move = {
	.name = "mount-move",
	.summary = "moves by a bind mount",
	.default_syscalls = "mount",
};

static const struct emulation fixture_mount_setattr = {
	.name = "mount-setattr",
	.summary = "mount_setattr as mount",
	.default_syscalls = "mount_setattr",
};

static const struct emulation fixture_mount_type = {
	.name = "mount-type",
	.summary = "one type as another",
	.default_syscalls = "statfs,open,openat,openat2,fstatfs",
	.options =
		(const struct option_spec[]){
			{ "fstype", "the type", true },
			{ "as", "another", true },
			{ NULL },
		},
};

static const struct emulation fixture_umount = {
	.name = "umount",
	.summary = "no mount point",
	.default_syscalls = "umount2",
};
static const struct emulation fixture_upper_folder = {
	.name = "upper-folder",
	.summary = "a tmpfs",
	.default_syscalls = "mkdir,mkdirat",
	.needs_path = true,
};
static const struct emulation fixture_user_namespace = {
	.name = "user-namespace",
	.summary = "a number",
	.default_syscalls = "stat,readlink",
	.default_path = "/proc/**/ns/user",
};

static const struct emulation fixture_default_route = {
	.name = "default-route",
	.summary = "a line",
	.default_syscalls = "open,openat,openat2,fstatfs",
	.default_path = "/proc/**/net/route",
};

static const struct emulation fixture_cgroup_root = {
	.name = "cgroup-root",
	.summary = "groups by shorter names",
	.default_syscalls = "open,openat,openat2,fstatfs",
	.default_path = "/proc/**",
	.options =
		(const struct option_spec[]){
			{ "group", "a group" },
			{ NULL },
		},
};

static const struct emulation *const fixture_emulations[] = { &fixture_fake, &fixture_stat,
	&fixture_mount_options, &fixture_return, &fixture_namespace, &fixture_openat2,
	&fixture_redirect, &fixture_file, &fixture_join_pid, &fixture_clone_parent,
	&fixture_kernel_version, &fixture_cpu_times, &fixture_mount_id, &fixture_mount_later,
	&fixture_mount_move, &fixture_controlling_terminal, &fixture_mount_setattr,
	&fixture_mount_type, &fixture_cgroup_file, &fixture_cgroup_removal, &fixture_cgroup_root,
	&fixture_kmsg, &fixture_termios2, &fixture_umount, &fixture_upper_folder,
	&fixture_user_namespace, &fixture_netlink_drop, &fixture_netlink_link,
	&fixture_netlink_prefix_route, &fixture_default_route, &fixture_pass, &fixture_log, NULL };

static int fixture_check_probe(const char *needs, struct rule_error *error)
{
	static const char *const names[] = { "proc-root-inode", "tmpfs-nr-inodes", "devpts-mode",
		"mount-move-refused", "no-copy-file-range", "no-controlling-terminal",
		"pipe-mode-refused", "namespace-bind-not-recursive", "cgroup-removal-not-empty",
		"cgroup-path-outside", "no-cgroup-namespace", "umount-not-here",
		"pid-namespace-not-joined", "no-freezer-cgroup", "clone-parent-ignored",
		"no-openat2", "no-mount-setattr", "no-fsopen", "no-statx-mount-id",
		"no-ambient-capabilities", "keyctl-refused", "keys-kept", "siocsifflags-missing",
		"sysctls-missing", "kernel-older-than", "no-cpu-times", "root-holds-no-upper",
		"fifo-open-not-restarted", "user-namespace-number", "root-is-9p", "cgroup-lacks",
		"no-kmsg", "no-tcgets2", "open-tree-refuses-files", "link-state-missing",
		"setlink-refuses-create", "bridge-port-refused", "route-source-refused",
		"routes-not-deleted", "default-route-hidden", NULL };
	char name[64];
	const char *near;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(needs, " "), needs + (needs[0] == '!'));
	for (size_t i = 0; names[i] != NULL; i++) {
		if (strncmp(names[i], needs + (needs[0] == '!'), strlen(names[i])) == 0)
			return 0;
	}
	near = suggest_nearest(name, names);
	snprintf(error->text, sizeof(error->text), "unknown probe \"%s\"%s%s", needs,
		near ? ", near to " : "", near ? near : "");
	return -EINVAL;
}

static int fixture_check_sysctl(const char *name, const char *value, struct rule_error *error)
{
	if (strchr(name, '.') == NULL) {
		snprintf(error->text, sizeof(error->text), "no sysctl \"%s\"", name);
		return -ENOENT;
	}
	if (strcmp(value, "bad") == 0) {
		snprintf(error->text, sizeof(error->text), "%s takes no \"%s\"", name, value);
		return -EINVAL;
	}
	return 0;
}

static const struct rules_context fixture_context = {
	.emulations = fixture_emulations,
	.check_probe = fixture_check_probe,
	.check_sysctl = fixture_check_sysctl,
};

#endif
