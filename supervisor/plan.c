/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan.h"

#include <linux/sched.h>
#include <sched.h>
#include <sys/syscall.h>

static bool takes_path(long nr)
{
	const struct syscall_info *info = syscall_info(nr);

	for (int i = 0; info && i < SYSCALL_ARGS; i++)
		if (info->args[i] == ARG_PATH)
			return true;
	return false;
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

struct filter *plan_filter(const struct rule_set *rules, const struct syscall_set *logged)
{
	static const struct arg_condition untraced[] = { { 0, CLONE_UNTRACED, CLONE_UNTRACED },
		{ .arg = -1 } };
	struct filter *filter = filter_create();
	bool by_path = false;
	int r = 0;

	if (!filter)
		return NULL;
	/* Whole calls first: libseccomp refuses the narrower rule after the wider, and takes the reverse. */
	for (long nr = 0; nr < SYSCALL_MAX && r == 0; nr++)
		if (syscall_set_has(logged, nr))
			r = filter_add(filter, nr, NULL);
	for (size_t i = 0; i < rules->n_rules && r == 0; i++) {
		const struct rule *rule = rules->rules[i];
		if (!rule->armed)
			continue;
		for (long nr = 0; nr < SYSCALL_MAX && r == 0; nr++) {
			if (!syscall_set_has(&rule->syscalls, nr))
				continue;
			r = add_call(filter, rule, nr);
			by_path |= takes_path(nr);
		}
	}
	if (r == 0 && !filter_is_empty(filter)) {
		/* A child that nobody traces would meet the filter with nobody to answer. */
		r = filter_add(filter, SYS_clone, untraced);
		if (r == 0)
			r = filter_add(filter, SYS_clone3, NULL);
		/* An io_uring opens files without a system call that could stop. */
		if (r == 0 && by_path)
			r = filter_refuse(filter, SYS_io_uring_setup, ENOSYS);
	}
	if (r) {
		filter_destroy(filter);
		return NULL;
	}
	return filter;
}
