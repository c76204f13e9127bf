/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Facts about the machine, asked in every way that a program has: what the files of the asker share. */
#ifndef FACTS_H
#define FACTS_H

#include <stdbool.h>

/* Prints a line: FACT, WAY and the value, with tabs between. */
__attribute__((format(printf, 3, 4))) void tell(
	const char *fact, const char *way, const char *format, ...);

/* The text of an open file, which is closed, without its last newline, "missing" for none; for as long as the program runs. */
const char *text_of(int fd);
const char *file(const char *path);
bool is_there(const char *text);

/* The first line of what a command prints, "missing" if it fails: static memory. */
const char *command(const char *line);

struct mount {
	char point[256], type[32], root[256], options[256];
	unsigned major, minor;
};

/* The mount that path is in, by /proc/self/mountinfo: the last of the longest ones. */
bool find_mount(const char *path, struct mount *ret_mount);

/* Whether /proc/filesystems names it. */
bool is_known_type(const char *type);

/* Each tells of some facts. path is a file or folder; what the kernel or gvtrace says of a file is by its path, and by a descriptor. */
void ask_version(void);
void ask_file_system(const char *path);
void ask_cgroups(void);
void ask_processors(void);
void ask_memory(void);
void ask_time(void);

#endif
