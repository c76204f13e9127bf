/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "probe.h"

#include "experiments.h"
#include "suggest.h"
#include "util.h"

enum { NAME_MAX_LENGTH = 64, ARGUMENT_MAX_LENGTH = 64, ASK_TIMEOUT_MS = 5000 };

/* To add a probe: a line here, its experiment in the file of its family, a row in docs/probes.md. */
const struct probe probes[] = {
	{ "proc-root-inode", "Is the root inode of /proc other than 1?", .changes_nothing = true,
		.ask = ask_proc_root_inode },
	{ "tmpfs-nr-inodes", "Does tmpfs refuse the mount options nr_blocks and nr_inodes?",
		.changes_late = true, .joins_others = true, .ask = ask_tmpfs_nr_inodes },
	{ "namespace-bind-not-recursive",
		"Is a recursive bind mount of a namespace's file an invalid argument?",
		.changes_late = true, .joins_others = true,
		.ask = ask_namespace_bind_not_recursive },
	{ "devpts-mode", "Does devpts give its folder the mode that is for its terminals?",
		.changes_late = true, .joins_others = true, .ask = ask_devpts_mode },
	{ "mount-move-refused", "Is a mount with MS_MOVE an invalid argument?",
		.changes_nothing = true, .ask = ask_mount_move_refused },
	{ "no-cgroup-namespace", "Is /proc/self/ns/cgroup missing?", .changes_nothing = true,
		.ask = ask_no_cgroup_namespace },
	{ "cgroup-path-outside",
		"Are control groups named from above the mounts, with no namespace to change it?",
		.changes_nothing = true, .ask = ask_cgroup_path_outside },
	{ "cgroup-removal-not-empty",
		"Is a control group in use said to be not empty, when removed?",
		.changes_nothing = true, .ask = ask_cgroup_removal_not_empty },
	{ "no-freezer-cgroup", "Is cgroup version 1 mounted, but for its freezer?",
		.changes_nothing = true, .ask = ask_no_freezer_cgroup },
	{ "cgroup-lacks",
		"Does no control group have the file, though some have what goes with it?",
		.takes = "the name of a file of control groups, such as memory.stat",
		.check_argument = cgroup_argument_is_good, .changes_nothing = true,
		.ask = ask_cgroup_lacks },
	{ "no-mount-namespace", "Does unshare(CLONE_NEWNS) fail, or do nothing?",
		.ask = ask_no_mount_namespace },
	{ "umount-not-here",
		"Does umount of a mount point of another namespace only unmount what it lies in?",
		.joins_others = true, .ask = ask_umount_not_here },
	{ "no-openat2", "Is openat2 an unknown system call?", .changes_nothing = true,
		.ask = ask_no_openat2 },
	{ "no-copy-file-range", "Is copy_file_range an unknown system call?",
		.changes_nothing = true, .ask = ask_no_copy_file_range },
	{ "pipe-mode-refused", "Is fchmod of a pipe not permitted?", .changes_nothing = true,
		.ask = ask_pipe_mode_refused },
	{ "no-ambient-capabilities", "Does the kernel know no ambient capabilities?",
		.changes_nothing = true, .ask = ask_no_ambient_capabilities },
	{ "no-fsopen", "Is fsopen an unknown system call?", .changes_nothing = true,
		.ask = ask_no_fsopen },
	{ "no-mount-setattr", "Is mount_setattr an unknown system call?", .changes_nothing = true,
		.ask = ask_no_mount_setattr },
	{ "no-statx-mount-id", "Does statx leave out which mount a file is on?",
		.changes_nothing = true, .ask = ask_no_statx_mount_id },
	{ "open-tree-refuses-files", "Does open_tree(OPEN_TREE_CLONE) take folders only?",
		.changes_nothing = true, .ask = ask_open_tree_refuses_files },
	{ "clone-parent-ignored", "Is a child made with CLONE_PARENT one of its maker's?",
		.changes_nothing = true, .ask = ask_clone_parent_ignored },
	{ "keys-kept", "Can keys not be revoked?", .changes_nothing = true, .ask = ask_keys_kept },
	{ "keyctl-refused", "Is a process refused a session keyring of its own?",
		.changes_nothing = true, .ask = ask_keyctl_refused },
	{ "pid-namespace-not-joined", "Is setns into a pid namespace an invalid argument?",
		.ask = ask_pid_namespace_not_joined },
	{ "siocsifflags-missing", "Is ioctl SIOCSIFFLAGS unknown to sockets?", .changes_late = true,
		.ask = ask_siocsifflags_missing },
	{ "link-state-missing", "Do rtnetlink's replies about links lack their state?",
		.changes_nothing = true, .ask = ask_link_state_missing },
	{ "setlink-refuses-create", "Is RTM_SETLINK with NLM_F_CREATE an invalid argument?",
		.changes_late = true, .ask = ask_setlink_refuses_create },
	{ "bridge-port-refused", "Is what bridges make of a port refused by rtnetlink?",
		.changes_late = true, .ask = ask_bridge_port_refused },
	{ "route-source-refused", "Are routes that name a source address refused?",
		.changes_late = true, .ask = ask_route_source_refused },
	{ "routes-not-deleted", "Can routes be made, but not deleted?", .changes_late = true,
		.ask = ask_routes_not_deleted },
	{ "no-tcgets2", "Is ioctl TCGETS2 unknown to terminals?", .changes_nothing = true,
		.ask = ask_no_tcgets2 },
	{ "no-controlling-terminal", "Does /dev/tty fail with EIO?", .changes_nothing = true,
		.ask = ask_no_controlling_terminal },
	{ "no-kmsg", "Is /dev/kmsg missing?", .changes_nothing = true, .ask = ask_no_kmsg },
	{ "default-route-hidden",
		"Does /proc/net/route lack a default route made without its device?",
		.changes_late = true, .joins_others = true, .ask = ask_default_route_hidden },
	{ "sysctls-missing", "Does a file below /proc/sys that Linux has fail?", .is_slow = true,
		.changes_nothing = true, .ask = ask_sysctls_missing },
	{ "no-cpu-times", "Are all numbers in the cpu line of /proc/stat 0?",
		.changes_nothing = true, .ask = ask_no_cpu_times },
	{ "root-is-9p", "Is the root folder's file system of type 9p?", .changes_nothing = true,
		.ask = ask_root_is_9p },
	{ "root-holds-no-upper",
		"Is the root folder an overlay of the sandbox's own, where no overlay's upper folder can be?",
		.changes_late = true, .joins_others = true, .ask = ask_root_holds_no_upper },
	{ "user-namespace-number",
		"Has the first user namespace, to judge by its uid_map, a number that Linux gives to none?",
		.changes_nothing = true, .ask = ask_user_namespace_number },
	{ "fifo-open-not-restarted",
		"Is the open of a FIFO, while it waits, ended by a signal that asks for a restart?",
		.is_slow = true, .ask = ask_fifo_open_not_restarted },
	{ "kernel-older-than", "Does uname(2) tell a version below the argument?",
		.takes = "a version such as 5.10", .check_argument = version_argument_is_good,
		.changes_nothing = true, .ask = ask_kernel_older_than },
	{ NULL },
};

struct question {
	bool turned;
	char name[NAME_MAX_LENGTH], argument[ARGUMENT_MAX_LENGTH]; /* "": none */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* False when a part is too long to be any probe's. */
static bool parse(const char *needs, struct question *ret)
{
	*ret = (struct question){ 0 };
	while (is_blank(*needs))
		needs++;
	if (*needs == '!') {
		ret->turned = true;
		needs++;
	}
	size_t length = strcspn(needs, " \t");
	if (length >= sizeof(ret->name))
		return false;
	memcpy(ret->name, needs, length);
	needs += length;
	while (is_blank(*needs))
		needs++;
	length = strlen(needs);
	while (length > 0 && is_blank(needs[length - 1]))
		length--;
	if (length >= sizeof(ret->argument))
		return false;
	memcpy(ret->argument, needs, length);
	return true;
}

static const struct probe *find(const char *name)
{
	for (const struct probe *probe = probes; probe->name; probe++)
		if (strcmp(probe->name, name) == 0)
			return probe;
	return NULL;
}

static const char *nearest(const char *name)
{
	struct suggestion suggestion;
	suggest_begin(&suggestion, name, strlen(name));
	for (const struct probe *probe = probes; probe->name; probe++)
		suggest_offer(&suggestion, probe->name);
	return suggestion.best;
}

const char *probe_check(const char *needs)
{
	static char wrong[256];
	struct question question;
	if (!parse(needs, &question))
		return "this is too long to be the name of a probe, or its argument";
	if (!*question.name)
		return question.turned ? "\"!\" without the name of a probe"
				       : "the name of a probe is missing";
	const struct probe *probe = find(question.name);
	if (!probe) {
		const char *near = nearest(question.name);
		if (strchr(question.name, ','))
			return "one probe: what needs another one as well cannot be said in a rule";
		snprintf(wrong, sizeof(wrong), "unknown probe \"%s\"%s%s%s", question.name,
			near ? ". Did you mean \"" : " (gvtrace --probe lists them)",
			near ? near : "", near ? "\"?" : "");
		return wrong;
	}
	if (!probe->takes && *question.argument)
		snprintf(wrong, sizeof(wrong),
			"probe \"%s\" takes no argument, and a rule needs one "
			"probe at most",
			probe->name);
	else if (probe->takes && !*question.argument)
		snprintf(wrong, sizeof(wrong), "probe \"%s\" needs an argument: %s", probe->name,
			probe->takes);
	else if (probe->check_argument && !probe->check_argument(question.argument))
		snprintf(wrong, sizeof(wrong), "probe \"%s\" takes %s, not \"%s\"", probe->name,
			probe->takes, question.argument);
	else
		return NULL;
	return wrong;
}

bool probe_needs_equal(const char *one, const char *other)
{
	struct question a, b;
	return parse(one, &a) && parse(other, &b) && a.turned == b.turned &&
	       strcmp(a.name, b.name) == 0 && strcmp(a.argument, b.argument) == 0;
}

/* What was answered, for as long as the process lives: the kernel does not change under it. */
static struct known {
	struct known *next;
	const struct probe *probe;
	char argument[ARGUMENT_MAX_LENGTH];
	struct probe_answer answer;
} * known_first, **known_end = &known_first;

static struct known *find_known(
	struct known *first, const struct probe *probe, const char *argument)
{
	for (struct known *known = first; known; known = known->next)
		if (known->probe == probe && strcmp(known->argument, argument) == 0)
			return known;
	return NULL;
}

static struct known *make_known(const struct probe *probe, const char *argument)
{
	struct known *known =
		strlen(argument) < ARGUMENT_MAX_LENGTH ? calloc(1, sizeof(*known)) : NULL;
	if (known) {
		known->probe = probe;
		strcpy(known->argument, argument);
	}
	return known;
}

static void keep(struct known *known, const struct probe_answer *answer)
{
	known->answer = *answer;
	known->next = NULL;
	*known_end = known;
	known_end = &known->next;
}

struct probe_answer probe_ask_one(const struct probe *probe, const char *argument)
{
	const char *text = argument ? argument : "";
	const struct known *before = find_known(known_first, probe, text);
	if (before)
		return before->answer;
	struct probe_answer answer = probe_run(probe, argument, ASK_TIMEOUT_MS);
	struct known *known = make_known(probe, text);
	if (known)
		keep(known, &answer);
	return answer;
}

/* What is to be asked, once each, as a list in order, but what is slow first; what there is no memory for is asked alone later. */
static struct known *make_list(const char *const needs[], size_t n, size_t *ret_length)
{
	struct known *first = NULL, **end = &first;
	*ret_length = 0;
	for (size_t i = 0; i < n; i++) {
		struct question question;
		if (probe_check(needs[i]) || !parse(needs[i], &question))
			continue;
		const struct probe *probe = find(question.name);
		if (find_known(known_first, probe, question.argument) ||
			find_known(first, probe, question.argument))
			continue;
		struct known *known = make_known(probe, question.argument);
		if (!known)
			break;
		struct known **at = probe->is_slow ? &first : end;
		known->next = *at;
		*at = known;
		if (at == end)
			end = &known->next;
		++*ret_length;
	}
	return first;
}

void probe_ask_all(const char *const needs[], size_t n)
{
	size_t length, i = 0;
	struct known *list = make_list(needs, n, &length), *next;
	cleanup_free struct probe_question *questions = calloc(length + 1, sizeof(*questions));
	for (const struct known *known = list; known && questions; known = known->next)
		questions[i++] = (struct probe_question){ known->probe,
			*known->argument ? known->argument : NULL, { 0 } };
	if (questions)
		probe_run_all(questions, length, ASK_TIMEOUT_MS);
	i = 0;
	for (; list; list = next) {
		next = list->next;
		if (questions)
			keep(list, &questions[i++].answer);
		else
			free(list);
	}
}

const char *probe_asked_argument(const struct probe *probe, size_t index)
{
	for (const struct known *known = known_first; known; known = known->next)
		if (known->probe == probe && index-- == 0)
			return known->argument;
	return NULL;
}

struct probe_answer probe_ask(const char *needs)
{
	struct probe_answer answer = { 0 };
	const char *wrong = probe_check(needs);
	if (wrong) {
		snprintf(answer.evidence, sizeof(answer.evidence), "%s", wrong);
		return answer;
	}
	struct question question;
	parse(needs, &question);
	answer = probe_ask_one(find(question.name), *question.argument ? question.argument : NULL);
	if (question.turned)
		answer.yes = !answer.yes;
	return answer;
}
