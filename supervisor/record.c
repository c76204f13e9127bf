/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "backtrace.h"
#include "clock.h"
#include "diag.h"
#include "record_args.h"

static const struct supervise_options *options;

/* What the log keeps of a call until its exit: no more than it has. */
struct log_texts {
	/* Where in text each one begins, and 1 more; 0: it is not there. */
	size_t asked[SYSCALL_ARGS], sent[SYSCALL_ARGS], stack;
	size_t length;
	char text[];
};

void record_init(const struct supervise_options *with)
{
	options = with;
}

bool record_is_log_rule(const struct rule *rule)
{
	return strcmp(rule->emulation->name, "log") == 0;
}

bool record_wants(const struct stop *stop)
{
	return options->sink &&
	       ((stop->rule && strcmp(stop->rule->emulation->name, "pass") != 0) ||
		       stop->log_rule || stop->tells_link ||
		       syscall_set_has_any(&options->logged, regs_syscall(&stop->asked)));
}

/* Where it is kept; 0: no memory. stop->texts is then elsewhere. */
static size_t keep(struct stop *stop, const char *text)
{
	size_t begin = stop->texts->length, length = strlen(text) + 1;
	struct log_texts *texts = realloc(stop->texts, sizeof(*texts) + begin + length);

	if (!texts)
		return 0;
	memcpy(texts->text + begin, text, length);
	texts->length += length;
	stop->texts = texts;
	return begin + 1;
}

static const char *kept(const struct log_texts *texts, size_t place)
{
	return place ? texts->text + place - 1 : NULL;
}

/* The text at the address, as much as the log shows and one byte; false if it is not readable. */
static bool read_text(struct stop *stop, uint64_t address, char *ret_text, size_t shown)
{
	ssize_t n = address ? stop_read_string(stop, address, ret_text, shown + 1) : -EFAULT;

	if (n == -ENAMETOOLONG)
		ret_text[shown + 1] = '\0';
	return n >= 0 || n == -ENAMETOOLONG;
}

/* Keeps what the argument points to; 0 if that is nothing for the log, or not readable. */
static size_t keep_argument(
	struct stop *stop, const struct syscall_info *info, const struct regs *regs, int arg)
{
	static char text[MAX((int)LOG_PATH_WIDTH + 2, (int)LOG_ARGUMENT_BYTES)];
	uint64_t address = regs_arg(regs, arg);
	bool is_read = false;

	switch (info->args[arg]) {
	case ARG_PATH:
		is_read = read_text(stop, address, text, LOG_PATH_WIDTH);
		break;
	case ARG_STRING:
		is_read = read_text(stop, address, text, LOG_STRING_WIDTH);
		break;
	case ARG_ARGV:
		is_read = record_args_list(stop, address, text);
		break;
	case ARG_SOCKADDR:
		is_read = record_args_socket_address(stop, address, regs_arg(regs, arg + 1), text);
		break;
	default:
		break;
	}
	return is_read ? keep(stop, text) : 0;
}

static size_t keep_stack(struct stop *stop)
{
	static char stack[BACKTRACE_BYTES];

	backtrace_write(stop->tracee->tid, &stop->asked, stack);
	return keep(stop, stack);
}

void record_enter(struct stop *stop)
{
	if (stop->texts)
		return;
	stop->start_ns = (uint64_t)clock_ns(CLOCK_REALTIME);
	stop->texts = calloc(1, sizeof(*stop->texts));
	if (!stop->texts || !stop->info)
		return;
	/* Now: at the exit of an exec, or of a call that unmaps, the stack is another one. */
	if ((stop->rule && stop->rule->stack) || (stop->log_rule && stop->log_rule->stack)) {
		size_t place = keep_stack(stop);
		stop->texts->stack = place;
	}
	for (int i = 0; i < SYSCALL_ARGS; i++) {
		size_t place = keep_argument(stop, stop->info, &stop->asked, i);
		stop->texts->asked[i] = place;
	}
	const struct syscall_info *sent = syscall_info(regs_syscall(&stop->now));
	for (int i = 0; sent && stop->edited && i < SYSCALL_ARGS; i++) {
		if (regs_arg(&stop->now, i) == regs_arg(&stop->asked, i))
			continue;
		size_t place = keep_argument(stop, sent, &stop->now, i);
		stop->texts->sent[i] = place;
	}
}

void record_exit(struct stop *stop, int64_t given)
{
	if (!options->sink || !stop->texts)
		return;
	const char *program = tracee_program(stop->tracee), *slash = strrchr(program, '/');
	const struct rule *rule = stop->rule ? stop->rule : stop->log_rule;
	struct log_event event = {
		.start_ns = stop->start_ns,
		.end_ns = (uint64_t)clock_ns(CLOCK_REALTIME),
		.tid = stop->tracee->tid,
		.program = *program ? (slash ? slash + 1 : program) : "?",
		.asked_nr = regs_syscall(&stop->asked),
		.sent_nr = stop->skipped ? regs_syscall(&stop->asked) : regs_syscall(&stop->now),
		.ran = !stop->skipped,
		.kernel_result = stop->kernel_result,
		.given_result = given,
		.rule = rule ? rule->name : NULL,
		.note = stop->note[0] ? stop->note : NULL,
		.stack = kept(stop->texts, stop->texts->stack),
	};

	for (int i = 0; i < SYSCALL_ARGS; i++) {
		event.asked[i] = regs_arg(&stop->asked, i);
		event.sent[i] = regs_arg(&stop->now, i);
		event.asked_text[i] = kept(stop->texts, stop->texts->asked[i]);
		event.sent_text[i] = kept(stop->texts, stop->texts->sent[i]);
	}
	options->sink_type->event(options->sink, &event);
	int error = options->sink_type->take_error(options->sink);
	if (error)
		diag("the log: %s", strerror(-error));
}

void record_exec(const struct tracee *tracee)
{
	char name[32];
	struct statx status;

	if (geteuid() == 0)
		return;
	snprintf(name, sizeof(name), "/proc/%d/exe", tracee->tid);
	/* Without asking its file system, which may not answer. */
	if (statx(AT_FDCWD, name, AT_STATX_DONT_SYNC, STATX_MODE, &status) == 0 &&
		(status.stx_mode & (S_ISUID | S_ISGID)))
		diag_once("a setuid program runs without its owner's rights: an ordinary user's "
			  "filter "
			  "needs no_new_privs (said once)");
}

void record_foreign_abi(const struct tracee *tracee)
{
	static bool said;

	if (said || !options->sink)
		return;
	said = true;
	options->sink_type->remark(options->sink, tracee->tid,
		"a 32-bit program or an x32 call: such calls pass through untouched (said once)");
}
