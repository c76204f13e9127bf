/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GVTRACE_LOAD_H
#define GVTRACE_LOAD_H

#include "rules.h"

/* As rules_load_file, of a text that need not end in NUL. name, which is copied, is for messages;
 * files that it includes are looked for in the working directory. */
int rules_load_text(struct rule_set *set, const char *name, const char *text, size_t length,
	const struct rules_context *context, struct rule_error *error);

#endif
