/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One rule of a section: each key checked, the emulation's own by the emulation. */
#ifndef GVTRACE_BUILD_H
#define GVTRACE_BUILD_H

#include "document.h"
#include "rules.h"

/*
 * Makes a rule (the caller's to destroy) of a section of kind SECTION_RULE. file is borrowed by the rule.
 * Returns 0, -EINVAL with *error, or -ENOMEM.
 */
int rule_build(struct rule **ret_rule, const char *file, const struct section *section,
	const struct rules_context *context, struct rule_error *error);
void rule_destroy(struct rule *rule);

/* yes or no. Returns 0, or -EINVAL with *error. */
int rule_parse_yes_no(bool *ret_yes, const char *file, const struct section *section,
	const struct entry *entry, struct rule_error *error);

/* The first "#" of a value that is behind a blank, where other languages begin a comment; NULL: none. */
const char *value_find_comment(const char *value);
/* If there is one in the value that the error is about, adds that no comment begins there. error may be NULL. */
void rule_error_mind_comment(struct rule_error *error, const char *value);

/* An error of the form `rule "NAME": ...` at a place. Returns -EINVAL. */
int rule_section_error(struct rule_error *error, const char *file, const struct section *section,
	int line, int column, const char *format, ...) PRINTF_LIKE(6, 7);

#endif
