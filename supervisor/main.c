/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The order of start-up. Whatever can be wrong is found before the command is started. */
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <sys/stat.h>

#include "call.h"
#include "describe.h"
#include "diag.h"
#include "fakeprocsys.h"
#include "fast_path.h"
#include "grow.h"
#include "launch.h"
#include "options.h"
#include "plan.h"
#include "probe.h"
#include "record.h"
#include "signals.h"
#include "stop.h"
#include "tracee_mem.h"

static int check_probe(const char *needs, struct rule_error *error)
{
	const char *wrong = probe_check(needs);

	if (!wrong)
		return 0;
	snprintf(error->text, sizeof(error->text), "%s", wrong);
	return -EINVAL;
}

/* What sysctl.conf(5) has besides names. A glob would be taken for the name of an interface. */
static int check_sysctl_name(const char *name, struct rule_error *error)
{
	if (name[0] == '-')
		snprintf(error->text, sizeof(error->text),
			"sysctl \"%s\": no \"-\" stands before a name here, since nothing wrong is "
			"overlooked",
			name);
	else if (strpbrk(name, "*?["))
		snprintf(error->text, sizeof(error->text),
			"sysctl \"%s\": one file is meant, and there are no globs (interfaces have "
			"\"all\" and \"default\")",
			name);
	else
		return 0;
	return -ENOENT;
}

static int check_sysctl(const char *name, const char *value, struct rule_error *error)
{
	char why[SYSCTL_PATH_MAX] = "", near[SYSCTL_PATH_MAX] = "";

	if (check_sysctl_name(name, error))
		return -ENOENT;
	int r = fakeprocsys_set_first(NULL, name, value, why, near);
	if (r == -ENOENT && near[0])
		snprintf(error->text, sizeof(error->text),
			"unknown sysctl \"%s\". Did you mean \"%s\"?", name, near);
	else if (r == -ENOENT)
		snprintf(error->text, sizeof(error->text), "unknown sysctl \"%s\"", name);
	else if (r)
		snprintf(error->text, sizeof(error->text), "%s: the kernel would refuse \"%s\": %s",
			name, value, why);
	return r;
}

static const struct rules_context context = { emulations, check_probe, check_sysctl };

static _Noreturn void refuse(const struct rule_error *error)
{
	rule_error_print(stderr, error, isatty(STDERR_FILENO));
	exit(EXIT_GVTRACE_FAILED);
}

static struct rule_set *load_rules(const struct options *o)
{
	struct rule_set *set = rules_create();
	struct rule_error error = { 0 };

	if (!set)
		die("out of memory");
	if (!o->no_rules && rules_load_profile(set, o->profile, &context, &error))
		refuse(&error);
	for (int i = 0; i < o->n_rule_files; i++)
		if (rules_load_file(set, o->rule_files[i], &context, &error))
			refuse(&error);
	for (int i = 0; i < o->n_sysctls; i++)
		if (rules_add_sysctl(set, o->sysctls[i], &context, &error))
			refuse(&error);
	return set;
}

static int probe_holds(const char *needs, void *data)
{
	return probe_ask(needs).yes;
}

/* Together it is much quicker than one by one, as the rules ask. */
static void ask_probes(const struct rule_set *set)
{
	cleanup_free const char **needs = calloc(set->n_rules + 1, sizeof(*needs));
	size_t n = 0;

	if (!needs)
		die("out of memory");
	for (size_t i = 0; i < set->n_rules; i++)
		if (set->rules[i]->enabled && set->rules[i]->needs)
			needs[n++] = set->rules[i]->needs;
	probe_ask_all(needs, n);
}

static struct fakeprocsys *make_tree(const struct rule_set *set)
{
	struct fakeprocsys *tree = fakeprocsys_create();

	if (!tree)
		die("out of memory");
	for (size_t i = 0; i < set->n_sysctls; i++)
		if (fakeprocsys_set_first(
			    tree, set->sysctls[i].name, set->sysctls[i].value, NULL, NULL))
			die("sysctl %s: out of memory", set->sysctls[i].name);
	for (size_t i = 0; i < set->n_rules; i++) {
		const struct rule *rule = set->rules[i];
		int r = rule->armed && rule->emulation->prepare
				? rule->emulation->prepare(rule->config, tree)
				: 0;
		if (r)
			die("rule %s: %s", rule->name, strerror(-r));
	}
	return tree;
}

/* Each file as a further -r would read it: on top of what it may replace or switch off. */
static int check(const struct options *o)
{
	struct stat st;
	int status = 0;

	for (int i = 0; o->operands[1] && i < o->n_rule_files; i++)
		if (stat(o->rule_files[i], &st) == 0 && S_ISFIFO(st.st_mode))
			die("--check: %s is to be read anew for each file, and a pipe can be read "
			    "once: name one file",
				o->rule_files[i]);
	for (char *const *file = o->operands; *file; file++) {
		struct rule_set *set = load_rules(o);
		struct rule_error error = { 0 };
		if (rules_load_file(set, *file, &context, &error)) {
			rule_error_print(stderr, &error, isatty(STDERR_FILENO));
			status = EXIT_GVTRACE_FAILED;
		} else {
			printf("%s: no error\n", *file);
		}
		rules_destroy(set);
	}
	return status;
}

/* The names of the rules that a probe's answer arms. */
static void rules_of(const char *needs, char *ret_names, size_t size, void *data)
{
	const struct rule_set *set = data;
	size_t used = 0;

	ret_names[0] = '\0';
	for (size_t i = 0; i < set->n_rules; i++) {
		const struct rule *rule = set->rules[i];
		if (!rule->armed || !rule->needs || !probe_needs_equal(rule->needs, needs) ||
			used >= size)
			continue;
		used += (size_t)snprintf(
			ret_names + used, size - used, "%s%s", used ? " " : "", rule->name);
	}
}

static int help_emulation(const char *name)
{
	for (size_t i = 0; emulations[i]; i++) {
		if (strcmp(emulations[i]->name, name) == 0) {
			rules_describe_emulation(stdout, emulations[i]);
			return 0;
		}
	}
	diag("there is no emulation \"%s\". These are:", name);
	rules_list_emulations(stderr, emulations);
	return EXIT_GVTRACE_FAILED;
}

static void open_log(const struct options *o, struct supervise_options *run)
{
	run->log_fd = -1;
	run->logs_to_stderr = !o->log_file;
	if (!o->log_file && syscall_set_is_empty(&o->traced))
		return;
	run->log_fd = o->log_file
			      ? open(o->log_file,
					O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644)
			      : fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
	if (run->log_fd >= 0 && run->log_fd <= STDERR_FILENO)
		run->log_fd = fcntl(run->log_fd, F_DUPFD_CLOEXEC, 10);
	if (run->log_fd < 0)
		die("%s: %s", o->log_file ? o->log_file : "standard error", strerror(errno));
	run->sink_type = &sink_text;
	run->sink = sink_text.create(run->log_fd);
	if (!run->sink)
		die("out of memory");
}

/* Whether an armed rule answers for the file, or may do so for another one that has its value. */
static bool is_shown(const struct rule_set *set, const struct sysctl_setting *setting)
{
	static const char folder[] = "/proc/sys/";
	char path[sizeof(folder) + SYSCTL_PATH_MAX];
	bool elsewhere;

	strcpy(path, folder);
	if (fakeprocsys_path_from_name(setting->name, path + strlen(folder), &elsewhere))
		return false;
	for (size_t i = 0; i < set->n_rules; i++) {
		const struct rule *rule = set->rules[i];
		if (rule->armed && strcmp(rule->emulation->name, "fake") == 0 &&
			(elsewhere || path_glob_match(rule->path, path)))
			return true;
	}
	return false;
}

/* Without such a rule the kernel's own file is all that is to be seen, as on a Linux with the default profile. */
static void warn_of_unseen_sysctls(const struct rule_set *set)
{
	const struct sysctl_setting *first = NULL;
	size_t n = 0;

	for (size_t i = 0; i < set->n_sysctls; i++)
		if (!is_shown(set, &set->sysctls[i]) && n++ == 0)
			first = &set->sysctls[i];
	if (n > 0)
		diag("sysctl %s%s: shown to nobody, as the path of no armed rule with do = fake "
		     "covers it (gvtrace --list)",
			first->name, n > 1 ? ", and others" : "");
}

/* The want of files, processes or memory is no word about the kernel. */
static _Noreturn void cannot_trace(const char *failed, int error)
{
	if (error == EMFILE || error == ENFILE)
		die("%s: %s. gvtrace needs a few for itself: see ulimit -n", failed,
			strerror(error));
	if (error == EAGAIN || error == ENOMEM)
		die("%s: %s. gvtrace needs a process for itself: see ulimit -u, pids.max of the "
		    "control group, and free memory",
			failed, strerror(error));
	die("this kernel does not let gvtrace trace: %s: %s", failed, strerror(error));
}

static _Noreturn void run(const struct options *o, struct rule_set *set)
{
	struct supervise_options run = { .rules = set,
		.logged = o->traced,
		.every_call = o->no_filter,
		.kill_on_exit = o->kill_on_exit };
	const struct sock_fprog *program = NULL;
	const char *failed;

	struct filter *filter =
		plan_filter(set, &o->traced, o->log_file || !syscall_set_is_empty(&o->traced));
	if (!filter)
		die("the seccomp filter cannot be made (out of memory?)");
	open_log(o, &run);
	warn_of_unseen_sysctls(set);
	/* Nothing to do: the command runs as if it had been called without gvtrace. */
	if (filter_is_empty(filter) && !o->no_filter && !o->kill_on_exit) {
		if (run.sink)
			run.sink_type->remark(run.sink, getpid(),
				"no rule is armed here, and no call is to be logged: the command runs "
				"untraced (gvtrace --list shows the rules)");
		launch_exec(o->operands);
	}
	int r = calibrate(&run.order, &failed);
	if (r == -EPERM && strcmp(failed, "PTRACE_SEIZE") == 0)
		launch_cannot_seize(-r);
	if (r && !o->no_filter && strcmp(failed, CALIBRATE_FILTER) == 0)
		launch_cannot_filter(-r);
	if (r && !o->no_filter)
		cannot_trace(failed, -r);
	r = 0;
	if (!o->no_filter && !filter_is_empty(filter)) {
		if (run.order.overlooks_signals)
			r = signals_plan(filter);
		if (r == 0 && !o->no_fast_path)
			fast_path_init(set, &o->traced, filter);
		r = r ? r : filter_compile(filter, &program);
	}
	if (r)
		die("the seccomp filter cannot be made: %s", strerror(-r));

	if (!o->no_filter && (r = grow_init(set)))
		die("the second seccomp filter cannot be made: %s", strerror(-r));

	stop_use_fakeprocsys(make_tree(set));
	if (o->no_process_vm)
		tracee_mem_use_peek_only();
	launch(&run, program);
	launch_exec(o->operands);
}

/* What was printed has to have arrived: a disk may be full. */
static int finish(int status)
{
	if (fflush(stdout) || ferror(stdout))
		die("standard output: %s", strerror(errno));
	return status;
}

/* Each change of the heap's size is a system call, and taking memory away from it is dear in gVisor. */
static void keep_the_heap(void)
{
	enum { PAD_BYTES = 512 * 1024 }; /* a start needs 400 KiB */

	mallopt(M_TOP_PAD, PAD_BYTES);
	mallopt(M_TRIM_THRESHOLD, INT_MAX);
}

int main(int argc, char **argv)
{
	struct options o;

	keep_the_heap();
	launch_ignore_file_size();
	options_parse(argc, argv, &o);
	switch (o.mode) {
	case MODE_HELP:
		options_print_help();
		return finish(0);
	case MODE_HELP_EMULATION:
		return finish(help_emulation(o.argument));
	case MODE_VERSION:
		puts("gvtrace " GVTRACE_VERSION);
		return finish(0);
	case MODE_CHECK:
		return finish(check(&o));
	case MODE_RUN:
	case MODE_LIST:
	case MODE_PROBE:
	case MODE_MAKE_TREE:
		break;
	}

	struct rule_set *set = load_rules(&o);
	ask_probes(set);
	int r = rules_arm(set, probe_holds, NULL);
	if (r)
		die("arming the rules: %s", strerror(-r));
	if (o.mode == MODE_MAKE_TREE) {
		r = fakeprocsys_make_tree(make_tree(set), o.argument);
		if (r)
			die("%s: %s", o.argument, strerror(-r));
		return 0;
	}
	if (o.mode == MODE_LIST) {
		rules_list(stdout, set);
		rules_destroy(set);
		return finish(0);
	}
	if (o.mode == MODE_PROBE) {
		probe_report(stdout, rules_of, set);
		rules_destroy(set);
		return finish(0);
	}
	run(&o, set);
}
