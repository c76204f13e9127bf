/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lists of a rule set, for load.c. */
#ifndef GVTRACE_SET_H
#define GVTRACE_SET_H

#include "rules.h"
#include <sys/types.h>

/* A file that was read, or is being read. */
struct rule_file {
	char *name; /* owned */
	bool loaded; /* to its end */
	bool regular; /* device and inode are known */
	dev_t device;
	ino_t inode;
};

/* Copies name. NULL: no memory. The file lives as long as the set. */
struct rule_file *set_add_file(struct rule_set *set, const char *name);
struct rule_file *set_find_file(const struct rule_set *set, const char *name);
struct rule_file *set_find_inode(const struct rule_set *set, dev_t device, ino_t inode);

/* -1: there is none. */
ssize_t set_find_rule(const struct rule_set *set, const char *name);
/* Takes the rule over if it returns 0; else -ENOMEM. */
int set_insert_rule(struct rule_set *set, size_t place, struct rule *rule);

/* Copies the setting's name and value, in place of an earlier one of the same name. 0 or -ENOMEM. */
int set_put_sysctl(struct rule_set *set, const struct sysctl_setting *setting);

#endif
