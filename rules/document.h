/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The shape of a rule file: sections of `key = value` lines, each with its place. Nothing of their
 * meaning, but that a section is one of three kinds. */
#ifndef GVTRACE_DOCUMENT_H
#define GVTRACE_DOCUMENT_H

#include "emulation.h"
#include <stddef.h>

enum {
	/* Bytes of a line without its indent and comment lines: what every build of inih can take. */
	RULE_LINE_MAX = 196,
	RULE_NAME_MAX = 48, /* bytes */
};

enum section_kind { SECTION_PROFILE, SECTION_RULE, SECTION_SYSCTL };

struct entry {
	char *key, *value; /* owned */
	int line, key_column, value_column;
};

struct section {
	enum section_kind kind;
	char *name; /* of the rule; owned, NULL for other kinds */
	int line, column;
	struct entry *entries;
	size_t n_entries;
};

struct document {
	const char *file; /* borrowed */
	struct section *sections;
	size_t n_sections;
};

/* Parses text, which need not end in NUL. Returns 0, -EINVAL with *error, or -ENOMEM. The document must
 * be finished in each case. file is borrowed by both. */
int document_parse(struct document *ret_document, const char *file, const char *text, size_t length,
	struct rule_error *error);
void document_finish(struct document *document);

/* The entry of that key, or NULL. */
const struct entry *section_find(const struct section *section, const char *key);

#endif
