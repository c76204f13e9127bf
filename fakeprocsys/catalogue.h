/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which files there are below /proc/sys: catalogue.def, and how to find one in it. */
#ifndef GVTRACE_FAKEPROCSYS_CATALOGUE_H
#define GVTRACE_FAKEPROCSYS_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "fakeprocsys.h"
#include "grammar.h"

enum entry_flags {
	/* A module, a config option, a later kernel, or the first network namespace only. */
	OPTIONAL = 1 << 0,
	/* Writing back the value just read would do or change something. */
	NO_WRITE_BACK = 1 << 1,
	/* A node stack cannot do without writing it: tried when asked what the kernel lacks. */
	NODE_WRITES = 1 << 2,
};

struct entry {
	const char *path; /* may have a component "<if>" */
	mode_t mode;
	const char *first_value; /* without newline; "=word": see first_values.h */
	struct grammar grammar;
	enum sysctl_scope scope;
	unsigned flags;
	const char *used_by;
};

/* Sorted by path, as strcmp(3) orders. */
extern const struct entry catalogue[];
extern const size_t catalogue_length;

/* A path taken apart. */
struct entry_path {
	const struct entry *entry; /* NULL: no such file */
	char interface[16]; /* the component in "<if>"'s place, "" if it has none */
};

/* The file with this path; whether an interface exists is the caller's question. */
struct entry_path catalogue_find(const char *path);

/*
 * The folder whose children are interfaces, that path is or is below: "net/ipv4/conf", and in
 * *ret_interface the component after it (NULL: path is the folder), of *ret_length. NULL if none.
 */
const char *catalogue_interface_folder(
	const char *path, const char **ret_interface, size_t *ret_length);

/*
 * The first entry whose path starts with prefix, catalogue_length if none: those that do are in a
 * row.
 */
size_t catalogue_first(const char *prefix);

/* Whether any path has this component. */
bool catalogue_has_component(const char *name, size_t length);

/* The catalogue path most like this one; NULL if none is near. */
const char *catalogue_nearest(const char *path);

/* May a network interface have this name? (dev_valid_name in net/core/dev.c) */
bool interface_name_valid(const char *name, size_t length);

/* The path whose value this path shows and sets, or path itself. */
const char *catalogue_same_value(const char *path);
/* Whether the value shows at other paths, too: of the same variable, or as an interface's "default". */
bool catalogue_shows_elsewhere(const char *path);

#endif
