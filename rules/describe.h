/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What --list and --help=EMULATION print. */
#ifndef GVTRACE_DESCRIBE_H
#define GVTRACE_DESCRIBE_H

#include "rules.h"
#include <stdio.h>

/* The emulation's summary, its system calls and its options, from its descriptor. */
void rules_describe_emulation(FILE *out, const struct emulation *emulation);

/* A line per emulation: its name and its summary. */
void rules_list_emulations(FILE *out, const struct emulation *const *table);

/* Each rule in the order in which they are tried: its state after rules_arm ("armed", "not needed",
 * "off"), its emulation, what it needs, why. */
void rules_list(FILE *out, const struct rule_set *set);

#endif
