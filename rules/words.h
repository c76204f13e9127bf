/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Small parts of messages and of their checks. */
#ifndef GVTRACE_WORDS_H
#define GVTRACE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

enum { WORD_HINT_MAX = 96, WORD_LIST_MAX = 480 /* bytes */ };

bool word_is_blank(char c);
/* A byte of a rule's name. */
bool word_is_name_byte(char c);

/* `. Did you mean "nearest"?`, or nothing for NULL. Returns ret_hint. */
const char *word_hint(char ret_hint[WORD_HINT_MAX], const char *nearest);

/* Adds name to a list "a, b, c", or "..." once it is full. Start with an empty string. */
void word_list_add(char list[WORD_LIST_MAX], const char *name);

#endif
