/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "namespaces.h"
#include "syscall_numbers_x86_64.h"

static bool takes_path(long nr)
{
	const struct syscall_info *info = syscall_info(nr);

	for (int i = 0; info && i < SYSCALL_ARGS; i++)
		if (info->args[i] == ARG_PATH)
			return true;
	return false;
}

bool plan_refuses_io_uring(const struct rule_set *rules)
{
	for (size_t i = 0; i < rules->n_rules; i++)
		for (long nr = 0; rules->rules[i]->armed && nr < SYSCALL_MAX; nr++)
			if (syscall_set_has(&rules->rules[i]->syscalls, nr) && takes_path(nr))
				return true;
	return false;
}

/* Whether an armed rule is about a path in /proc, in calls that take one: see detached.h. */
static bool is_about_proc(const struct rule_set *rules)
{
	for (size_t i = 0; i < rules->n_rules; i++) {
		const struct rule *rule = rules->rules[i];
		if (rule->armed && rule->path &&
			strncmp(path_glob_text(rule->path), "/proc/", 6) == 0 &&
			syscall_set_has(&rule->syscalls, SYS_openat))
			return true;
	}
	return false;
}

/* Calls by descriptor that programs make all the time. newfstatat is one with AT_EMPTY_PATH: glibc's fstat. */
static const struct arg_condition by_descriptor[] = { { 3, AT_EMPTY_PATH, AT_EMPTY_PATH },
	{ .arg = -1 } };
static const struct arg_condition by_path[] = { { 3, AT_EMPTY_PATH, 0 }, { .arg = -1 } };

bool plan_opens(long nr)
{
	return nr == SYS_open || nr == SYS_creat || nr == SYS_openat || nr == SYS_openat2 ||
	       nr == SYS_open_tree || nr == SYS_open_tree_attr;
}

/* An emulation that edits files sees to it by itself, whatever their path: stop_has_opened(). */
bool plan_waits_for_path(const struct rule *rule)
{
	return rule->path && !rule->emulation->edit &&
	       !strpbrk(path_glob_text(rule->path), "*?[\\") &&
	       syscall_set_has(&rule->syscalls, SYS_fstat);
}

bool plan_waits(const struct rule *rule)
{
	return rule->emulation->makes_files || rule->emulation->edit || plan_waits_for_path(rule);
}

bool plan_is_late(const struct rule *rule, long nr)
{
	return rule->emulation->is_late && rule->emulation->is_late(nr) &&
	       syscall_set_has(&rule->syscalls, nr);
}

/* Of fcntl(2) only what makes copies of descriptors. */
static int add_late(struct filter *filter, long nr)
{
	static const struct arg_condition copies[][2] = {
		{ { 1, UINT32_MAX, F_DUPFD }, { .arg = -1 } },
		{ { 1, UINT32_MAX, F_DUPFD_CLOEXEC }, { .arg = -1 } },
	};
	int r;

	if (nr != SYS_fcntl)
		return filter_add(filter, nr, nr == SYS_newfstatat ? by_descriptor : NULL);
	r = filter_add(filter, nr, copies[0]);
	return r ? r : filter_add(filter, nr, copies[1]);
}

int plan_late_filter(const struct rule_set *rules, struct filter **ret_filter)
{
	*ret_filter = NULL;
	for (size_t i = 0; i < rules->n_rules; i++) {
		const struct rule *rule = rules->rules[i];
		if (!rule->armed || !rule->emulation->is_late)
			continue;
		struct filter *filter = *ret_filter ? *ret_filter : filter_create();
		int r = filter ? 0 : -ENOMEM;
		for (long nr = 0; nr < SYSCALL_MAX && r == 0; nr++)
			if (plan_is_late(rule, nr) ||
				(nr == SYS_newfstatat && plan_is_late(rule, SYS_fstat)))
				r = add_late(filter, nr);
		*ret_filter = filter;
		if (r) {
			filter_destroy(filter);
			*ret_filter = NULL;
			return r;
		}
	}
	return 0;
}

int plan_second_filter(const struct rule_set *rules, struct filter **ret_filter)
{
	*ret_filter = NULL;
	for (size_t i = 0; i < rules->n_rules; i++) {
		if (!rules->rules[i]->armed || !plan_waits(rules->rules[i]))
			continue;
		struct filter *filter = filter_create();
		if (!filter)
			return -ENOMEM;
		int r = filter_add(filter, SYS_fstat, NULL);
		if (r == 0)
			r = filter_add(filter, SYS_newfstatat, by_descriptor);
		if (r) {
			filter_destroy(filter);
			return r;
		}
		*ret_filter = filter;
		return 0;
	}
	return 0;
}

/* Both the rule's conditions and its emulation's must hold: they are joined where there is room. */
static int add_call(struct filter *filter, const struct rule *rule, long nr)
{
	struct arg_condition all[SYSCALL_ARGS + 1] = { { .arg = -1 } };
	int n = 0;

	if (rule->emulation->conditions)
		rule->emulation->conditions(rule->config, nr, all);
	while (all[n].arg >= 0)
		n++;
	for (const struct arg_condition *own = rule->conditions; own->arg >= 0; own++) {
		bool is_taken = false;
		for (int i = 0; i < n; i++)
			is_taken |=
				all[i].arg == own->arg; /* libseccomp: one comparison an argument */
		if (!is_taken && n < SYSCALL_ARGS)
			all[n++] = *own;
	}
	all[n].arg = -1;
	return filter_add(filter, nr, all);
}

/* The calls of one rule that stop from the start. */
static int add_rule(struct filter *filter, const struct rule *rule)
{
	int r = 0;

	for (long nr = 0; plan_waits_for_path(rule) && nr < SYSCALL_MAX && r == 0; nr++)
		if (plan_opens(nr))
			r = filter_add(filter, nr, NULL);
	for (long nr = 0; nr < SYSCALL_MAX && r == 0; nr++) {
		if (!syscall_set_has(&rule->syscalls, nr) ||
			(plan_waits(rule) && nr == SYS_fstat) || plan_is_late(rule, nr))
			continue;
		if ((plan_waits(rule) || plan_is_late(rule, SYS_fstat)) && nr == SYS_newfstatat)
			r = filter_add(filter, nr, by_path);
		else
			r = add_call(filter, rule, nr);
	}
	return r;
}

/* What the filter refuses with ENOSYS. */
static struct syscall_set refused;

bool plan_refuses(long nr)
{
	return syscall_set_has(&refused, nr);
}

static int refuse(struct filter *filter, long nr, int error)
{
	if (error == ENOSYS)
		syscall_set_add(&refused, nr);
	return filter_refuse(filter, nr, error);
}

/* The calls that fail in any case by the first rule that names them. */
static int add_refused(struct filter *filter, const struct rule_set *rules)
{
	struct syscall_set named = { { 0 } };
	int r = 0;

	for (size_t i = 0; i < rules->n_rules; i++) {
		const struct rule *rule = rules->rules[i];
		if (!rule->armed)
			continue;
		bool always = !rule->path && !rule->program && rule->conditions[0].arg < 0 &&
			      rule->emulation->refuses;
		int error = always ? rule->emulation->refuses(rule->config) : 0;
		for (long nr = 0; error && nr < SYSCALL_MAX && r == 0; nr++)
			if (syscall_set_has(&rule->syscalls, nr) && !syscall_set_has(&named, nr))
				r = refuse(filter, nr, error);
		syscall_set_add_all(&named, &rule->syscalls);
	}
	return r;
}

struct filter *plan_filter(
	const struct rule_set *rules, const struct syscall_set *logged, bool has_log)
{
	static const struct arg_condition clones[] = { { 2, OPEN_TREE_CLONE, OPEN_TREE_CLONE },
		{ .arg = -1 } };
	static const struct arg_condition untraced[] = { { 0, CLONE_UNTRACED, CLONE_UNTRACED },
		{ .arg = -1 } };
	/* See lookup_notice(). */
	enum {
		NO_NEW_MOUNT = MS_REMOUNT | MS_BIND | MS_MOVE | MS_SHARED | MS_PRIVATE | MS_SLAVE |
			       MS_UNBINDABLE
	};
	static const struct arg_condition new_mounts[] = { { 3, NO_NEW_MOUNT, 0 }, { .arg = -1 } };
	static const struct arg_condition new_userfaultfd[] = {
		{ 1, UINT32_MAX, FILTER_USERFAULTFD_NEW }, { .arg = -1 }
	};
	/* See own_filters_are_loaded(). */
	static const struct arg_condition strict[] = { { 0, UINT32_MAX, SECCOMP_SET_MODE_STRICT },
		{ 1, UINT32_MAX, 0 }, { .arg = -1 } };
	static const struct arg_condition own_filter[] = { { 0, UINT32_MAX,
								   SECCOMP_SET_MODE_FILTER },
		{ .arg = 2, .differs = true }, { .arg = -1 } };
	static const struct arg_condition sets_seccomp[] = { { 0, UINT32_MAX, PR_SET_SECCOMP },
		{ .arg = -1 } };
	static const struct {
		long nr;
		const struct arg_condition *conditions;
	} noticed[] = { { SYS_mount, new_mounts }, { SYS_fsopen, NULL }, { SYS_userfaultfd, NULL },
		{ SYS_ioctl, new_userfaultfd }, { SYS_seccomp, strict },
		{ SYS_seccomp, own_filter }, { SYS_prctl, sets_seccomp } };
	struct filter *filter = filter_create();
	int r = 0;

	if (!filter)
		return NULL;
	refused = (struct syscall_set){ { 0 } };
	if (!has_log)
		r = add_refused(filter, rules);
	/* Whole calls first: libseccomp refuses the narrower rule after the wider, and takes the reverse. */
	for (long nr = 0; nr < SYSCALL_MAX && r == 0; nr++)
		if (syscall_set_has(logged, nr))
			r = filter_add(filter, nr, NULL);
	if (logged->unknown)
		filter_stop_unknown(filter);
	for (size_t i = 0; i < rules->n_rules && r == 0; i++) {
		if (rules->rules[i]->armed)
			r = add_rule(filter, rules->rules[i]);
	}
	if (r == 0 && !filter_is_empty(filter)) {
		/* A child that nobody traces would meet the filter with nobody to answer. */
		r = filter_add(filter, SYS_clone, untraced);
		if (r == 0)
			r = filter_add(filter, SYS_clone3, NULL);
		/* See tracee_was_replaced(). */
		if (r == 0)
			r = filter_add(filter, SYS_execve, NULL);
		if (r == 0)
			r = filter_add(filter, SYS_execveat, NULL);
		for (int i = 0; i < NAMESPACES_FLAGS && r == 0; i++) {
			struct arg_condition makes[] = {
				{ 0, namespaces_flags[i], namespaces_flags[i] }, { .arg = -1 }
			};
			r = filter_add(filter, SYS_clone, makes);
			if (r == 0)
				r = filter_add(filter, SYS_unshare, makes);
		}
		if (r == 0 && is_about_proc(rules)) {
			r = filter_add(filter, SYS_open_tree, clones);
			if (r == 0)
				r = filter_add(filter, SYS_open_tree_attr, clones);
		}
		for (size_t i = 0; i < ARRAY_SIZE(noticed) && r == 0; i++)
			r = filter_add(filter, noticed[i].nr, noticed[i].conditions);
		/* An io_uring opens files without a system call that could stop. */
		if (r == 0 && plan_refuses_io_uring(rules))
			r = refuse(filter, SYS_io_uring_setup, ENOSYS);
		if (r == 0)
			r = filter_add_foreign(filter);
	}
	if (r) {
		filter_destroy(filter);
		return NULL;
	}
	return filter;
}
