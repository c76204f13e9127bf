/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "record.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "backtrace.h"
#include "clock.h"
#include "diag.h"

static const struct supervise_options *options;

enum { TEXT_BYTES = 512 /* of one argument in the log; longer ones are cut */ };

struct log_texts {
	char asked[SYSCALL_ARGS][TEXT_BYTES], sent[SYSCALL_ARGS][TEXT_BYTES];
	bool has_asked[SYSCALL_ARGS], has_sent[SYSCALL_ARGS];
	bool has_stack;
	char stack[]; /* BACKTRACE_BYTES if has_stack */
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
		       stop->log_rule ||
		       syscall_set_has_any(&options->logged, regs_syscall(&stop->asked)));
}

/* Reads what the argument points to, as text, cut; false if it is not readable. */
static bool read_text(struct stop *stop, uint64_t address, char *ret_text)
{
	ssize_t n = address ? stop_read_string(stop, address, ret_text, TEXT_BYTES) : -EFAULT;

	if (n == -ENAMETOOLONG)
		ret_text[TEXT_BYTES - 1] = '\0';
	return n >= 0 || n == -ENAMETOOLONG;
}

void record_enter(struct stop *stop)
{
	if (stop->texts)
		return;
	stop->start_ns = (uint64_t)clock_ns(CLOCK_REALTIME);
	bool has_stack =
		(stop->rule && stop->rule->stack) || (stop->log_rule && stop->log_rule->stack);
	stop->texts = calloc(1, sizeof(*stop->texts) + (has_stack ? BACKTRACE_BYTES : 0));
	if (!stop->texts || !stop->info)
		return;
	/* Now: at the exit of an exec, or of a call that unmaps, the stack is another one. */
	stop->texts->has_stack = has_stack;
	if (has_stack)
		backtrace_write(stop->tracee->tid, &stop->asked, stop->texts->stack);
	for (int i = 0; i < SYSCALL_ARGS; i++) {
		uint8_t kind = stop->info->args[i];
		if (kind == ARG_PATH || kind == ARG_STRING)
			stop->texts->has_asked[i] =
				read_text(stop, regs_arg(&stop->asked, i), stop->texts->asked[i]);
	}
	const struct syscall_info *sent = syscall_info(regs_syscall(&stop->now));
	for (int i = 0; sent && stop->edited && i < SYSCALL_ARGS; i++) {
		uint8_t kind = sent->args[i];
		if ((kind == ARG_PATH || kind == ARG_STRING) &&
			regs_arg(&stop->now, i) != regs_arg(&stop->asked, i))
			stop->texts->has_sent[i] =
				read_text(stop, regs_arg(&stop->now, i), stop->texts->sent[i]);
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
		.stack = stop->texts->has_stack ? stop->texts->stack : NULL,
	};

	for (int i = 0; i < SYSCALL_ARGS; i++) {
		event.asked[i] = regs_arg(&stop->asked, i);
		event.sent[i] = regs_arg(&stop->now, i);
		event.asked_text[i] = stop->texts->has_asked[i] ? stop->texts->asked[i] : NULL;
		event.sent_text[i] = stop->texts->has_sent[i] ? stop->texts->sent[i] : NULL;
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
