/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules with the real emulations, from a text. */
#ifndef GVTRACE_RULES_OF_H
#define GVTRACE_RULES_OF_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "launch.h"
#include "rules.h"

static int any_probe(const char *needs, struct rule_error *error)
{
	return 0;
}

static int any_sysctl(const char *name, const char *value, struct rule_error *error)
{
	return 0;
}

static int holds(const char *needs, void *data)
{
	return *(const int *)data;
}

static const struct rules_context context = { emulations, any_probe, any_sysctl };

/* The rules of a text, armed; the caller's. */
static struct rule_set *rules_of(const char *text, int armed)
{
	char name[] = "/tmp/test_rules.XXXXXX";
	struct rule_error error = { 0 };
	struct rule_set *set = rules_create();
	int fd = mkstemp(name);

	/* The library that the emulations' own calls are in; named so that it is linked. */
	assert_non_null(launch);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	if (rules_load_file(set, name, &context, &error))
		fail_msg("%d:%d: %s", error.line, error.column, error.text);
	unlink(name);
	assert_int_equal(rules_arm(set, holds, &armed), 0);
	return set;
}

#endif
