/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The command line, as the person typed it; nothing here opens a file or asks the kernel. */
#ifndef GVTRACE_OPTIONS_H
#define GVTRACE_OPTIONS_H

#include "syscalls.h"
#include <stdbool.h>

enum { OPTIONS_FILES_MAX = 64 };

enum mode {
	MODE_RUN,
	MODE_CHECK, /* --check FILE...: the operands are files */
	MODE_LIST,
	MODE_PROBE,
	MODE_HELP,
	MODE_HELP_EMULATION,
	MODE_VERSION,
	MODE_MAKE_TREE,
};

struct options {
	enum mode mode;
	const char
		*argument; /* of --help=EMULATION, --make-tree=DIR; borrowed, as everything here */
	const char *profile;
	bool no_rules, no_filter, no_process_vm, no_fast_path, kill_on_exit;
	const char *rule_files[OPTIONS_FILES_MAX];
	int n_rule_files;
	const char *sysctls[OPTIONS_FILES_MAX];
	int n_sysctls;
	const char *log_file;
	struct syscall_set traced;
	char **operands; /* the command and its arguments, NULL-terminated */
};

/* Fills *ret_options; on a mistake says what and exits with 125. */
void options_parse(int argc, char **argv, struct options *ret_options);

void options_print_help(void);

#endif
