/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "options.h"

#include <getopt.h>
#include <stdio.h>

#include "diag.h"
#include "suggest.h"
#include "util.h"

/* Long options without a letter. */
enum {
	OPTION_NO_RULES = 256,
	OPTION_NO_FILTER,
	OPTION_NO_PROCESS_VM,
	OPTION_NO_FAST_PATH,
	OPTION_KILL_ON_EXIT,
	OPTION_CHECK,
	OPTION_LIST,
	OPTION_PROBE,
	OPTION_MAKE_TREE,
	OPTION_HELP,
	OPTION_VERSION,
};

static const struct option long_options[] = {
	{ "profile", required_argument, NULL, 'p' },
	{ "rules", required_argument, NULL, 'r' },
	{ "sysctl", required_argument, NULL, 's' },
	{ "log", required_argument, NULL, 'o' },
	{ "trace", required_argument, NULL, 't' },
	{ "no-rules", no_argument, NULL, OPTION_NO_RULES },
	{ "no-filter", no_argument, NULL, OPTION_NO_FILTER },
	{ "no-process-vm", no_argument, NULL, OPTION_NO_PROCESS_VM },
	{ "no-fast-path", no_argument, NULL, OPTION_NO_FAST_PATH },
	{ "kill-on-exit", no_argument, NULL, OPTION_KILL_ON_EXIT },
	{ "check", no_argument, NULL, OPTION_CHECK },
	{ "list", no_argument, NULL, OPTION_LIST },
	{ "probe", no_argument, NULL, OPTION_PROBE },
	{ "make-tree", required_argument, NULL, OPTION_MAKE_TREE },
	{ "help", optional_argument, NULL, OPTION_HELP },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ NULL, 0, NULL, 0 },
};

void options_print_help(void)
{
	puts("usage: gvtrace [option]... [--] command [argument]...\n"
	     "Run command and all its descendants under rules that make up for what the kernel "
	     "lacks.\n"
	     "\n"
	     "  -p, --profile NAME      a shipped profile (default: containers)\n"
	     "  -r, --rules FILE        rules on top of it; may be given again\n"
	     "  -s, --sysctl NAME=VALUE first value of a file below /proc/sys\n"
	     "      --no-rules          no rules: only trace\n"
	     "  -o, --log FILE          write a line for each call that a rule touched\n"
	     "  -t, --trace SET         and for these calls, by name or class: openat, %file, all, "
	     "!close\n"
	     "      --kill-on-exit      end what is left when the command has ended\n"
	     "      --no-filter         stop at every call, without a seccomp filter (slow)\n"
	     "      --no-process-vm     read and write memory by PTRACE_PEEKDATA only (slow)\n"
	     "      --no-fast-path      stop even where a path cannot match a rule\n"
	     "\n"
	     "      --probe             what this kernel lacks, and which rules that arms\n"
	     "      --list              the rules, and which are armed here\n"
	     "      --check FILE...     are these rule files right?\n"
	     "      --make-tree DIR     write the fake tree as plain files\n"
	     "      --help[=EMULATION], --version\n"
	     "\n"
	     "exit status: the command's; 125 if gvtrace failed, 126 if the command cannot be "
	     "executed,\n"
	     "127 if it was not found.");
}

static void parse_trace(const char *text, struct syscall_set *ret_set)
{
	size_t offset;

	if (syscall_set_parse(ret_set, text, &offset) == 0)
		return;
	size_t length = syscall_set_word_length(text + offset);
	const char *near = syscall_set_suggest(text + offset, length);
	if (near)
		die("--trace: \"%.*s\" is no system call and no class. Did you mean \"%s\"?",
			(int)length, text + offset, near);
	die("--trace: \"%.*s\" is no system call and no class", (int)length, text + offset);
}

/* getopt(3) has said what is wrong. */
static _Noreturn void refuse(const char *word)
{
	bool is_long = strncmp(word, "--", 2) == 0;
	const char *name = word + 2 * is_long;
	struct suggestion near;

	suggest_begin(&near, name, strcspn(name, "="));
	for (const struct option *option = long_options; is_long && option->name; option++)
		suggest_offer(&near, option->name);
	if (near.best && near.distance > 0)
		die("did you mean --%s? See gvtrace --help", near.best);
	die("try gvtrace --help");
}

static void add(const char *list[], int *n, const char *text)
{
	if (*n == OPTIONS_FILES_MAX)
		die("more than %d of one option", OPTIONS_FILES_MAX);
	list[(*n)++] = text;
}

/* "-" is a file's name like any other, but hardly anybody means that file. */
static const char *file_name(const char *option, const char *name, const char *standard)
{
	if (strcmp(name, "-") == 0)
		die("%s -: give %s, or ./- for a file of that name", option, standard);
	return name;
}

/* Of what is done in place of running a command; NULL for the others. */
static const char *mode_name(enum mode mode)
{
	return mode == MODE_CHECK       ? "check"
	       : mode == MODE_LIST      ? "list"
	       : mode == MODE_PROBE     ? "probe"
	       : mode == MODE_MAKE_TREE ? "make-tree"
					: NULL;
}

static void set_mode(struct options *o, enum mode mode)
{
	const char *before = mode_name(o->mode), *now = mode_name(mode);

	if (before && now && mode != o->mode)
		die("--%s and --%s exclude each other", before, now);
	o->mode = mode;
}

void options_parse(int argc, char **argv, struct options *ret_options)
{
	struct options *o = ret_options;
	bool names_profile = false;
	const char *of_run = NULL; /* an option that only a run of a command has */
	int c;

	*o = (struct options){ .profile = "containers" };
	static char name[] = "gvtrace";

	opterr = 1;
	argv[0] = name; /* how getopt's messages begin */
	while ((c = getopt_long(argc, argv, "+hp:r:s:o:t:", long_options, NULL)) != -1) {
		switch (c) {
		case 'p':
			o->profile = optarg;
			names_profile = true;
			break;
		case 'r':
			add(o->rule_files, &o->n_rule_files,
				file_name("--rules", optarg, "/dev/stdin"));
			break;
		case 's':
			add(o->sysctls, &o->n_sysctls, optarg);
			break;
		case 'o':
			o->log_file = file_name("--log", optarg, "/dev/stderr");
			of_run = "--log";
			break;
		case 't':
			parse_trace(optarg, &o->traced);
			of_run = "--trace";
			break;
		case OPTION_NO_RULES:
			o->no_rules = true;
			break;
		case OPTION_NO_FILTER:
			o->no_filter = true;
			of_run = "--no-filter";
			break;
		case OPTION_NO_PROCESS_VM:
			o->no_process_vm = true;
			of_run = "--no-process-vm";
			break;
		case OPTION_NO_FAST_PATH:
			o->no_fast_path = true;
			of_run = "--no-fast-path";
			break;
		case OPTION_KILL_ON_EXIT:
			o->kill_on_exit = true;
			of_run = "--kill-on-exit";
			break;
		case OPTION_CHECK:
			set_mode(o, MODE_CHECK);
			break;
		case OPTION_LIST:
			set_mode(o, MODE_LIST);
			break;
		case OPTION_PROBE:
			set_mode(o, MODE_PROBE);
			break;
		case OPTION_MAKE_TREE:
			set_mode(o, MODE_MAKE_TREE);
			o->argument = optarg;
			break;
		case 'h':
		case OPTION_HELP:
			o->mode = optarg ? MODE_HELP_EMULATION : MODE_HELP;
			o->argument = optarg;
			break;
		case OPTION_VERSION:
			o->mode = MODE_VERSION;
			break;
		default:
			refuse(argv[optind - 1]);
		}
	}
	o->operands = argv + optind;
	if (o->no_rules && names_profile)
		die("--no-rules leaves out the profile that --profile names");
	if (o->mode == MODE_HELP && o->operands[0]) {
		o->mode = MODE_HELP_EMULATION;
		o->argument = o->operands[0];
	}
	if (o->mode == MODE_RUN && !o->operands[0])
		die("no command; try gvtrace --help");
	if (o->mode == MODE_CHECK && !o->operands[0])
		die("--check: no rule file is named");
	for (char **file = o->operands; o->mode == MODE_CHECK && *file; file++)
		file_name("--check", *file, "/dev/stdin");
	if (of_run && mode_name(o->mode))
		die("%s is about the run of a command, and --%s runs none", of_run,
			mode_name(o->mode));
	if (o->operands[0] &&
		(o->mode == MODE_LIST || o->mode == MODE_PROBE || o->mode == MODE_MAKE_TREE))
		die("unexpected \"%s\": --list, --probe and --make-tree run no command",
			o->operands[0]);
}
