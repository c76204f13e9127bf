/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "format.h"

#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "constants.h"
#include "sink.h"

enum {
	LAST_ERROR = 4095, /* include/linux/err.h: MAX_ERRNO */
	FIRST_RESTART = 512, /* include/linux/errno.h: ERESTARTSYS and its like */
	LAST_RESTART = 516,
};

void line_add(struct line *line, const char *format, ...)
{
	int room = line->size - line->length;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(line->text + line->length, (size_t)room, format, arguments);
	va_end(arguments);
	if (length > 0)
		line->length += MIN(length, room - 1);
}

static void line_add_char(struct line *line, char c)
{
	if (line->length < line->size - 1) {
		line->text[line->length++] = c;
		line->text[line->length] = '\0';
	}
}

static void line_add_escape(struct line *line, unsigned char byte, char next)
{
	static const char letters[] = { ['\t'] = 't',
		['\n'] = 'n',
		['\v'] = 'v',
		['\f'] = 'f',
		['\r'] = 'r',
		['"'] = '"',
		['\\'] = '\\' };

	if (byte < sizeof(letters) && letters[byte])
		line_add(line, "\\%c", letters[byte]);
	else if (next >= '0' && next <= '7')
		line_add(line, "\\%03o", byte);
	else
		line_add(line, "\\%o", byte);
}

static void line_add_byte(struct line *line, const char *at, bool last, const char *also)
{
	unsigned char byte = (unsigned char)*at;

	if (byte < ' ' || byte > '~' || byte == '\\' || strchr(also, byte))
		line_add_escape(line, byte, last ? '\0' : at[1]);
	else
		line_add_char(line, (char)byte);
}

void line_add_escaped(struct line *line, const char *text, size_t most, const char *also)
{
	for (size_t i = 0; i < most && text[i] != '\0'; i++)
		line_add_byte(line, text + i, i + 1 == most, also);
}

void line_add_data(struct line *line, const char *data, size_t length, const char *also)
{
	for (size_t i = 0; i < length; i++)
		line_add_byte(line, data + i, i + 1 == length, also);
}

bool line_add_quoted(struct line *line, const char *text, int most)
{
	int end;

	line_add(line, "\"");
	end = line->length + most;
	for (; *text != '\0' && line->length < end; text++)
		line_add_byte(line, text, false, "\"");
	line_add(line, *text != '\0' ? "\"..." : "\"");
	return *text == '\0';
}

void line_add_time(struct line *line, uint64_t realtime_ns)
{
	time_t seconds = (time_t)(realtime_ns / 1000000000);
	struct tm local = { 0 };

	localtime_r(&seconds, &local);
	line_add(line, "%02d:%02d:%02d.%06d", local.tm_hour, local.tm_min, local.tm_sec,
		(int)(realtime_ns / 1000 % 1000000));
}

/* The kernel takes the low 32 bits of a descriptor, so that is what the program meant. */
static void line_add_fd(struct line *line, uint64_t value, bool is_dirfd)
{
	int fd = (int)(uint32_t)value;

	if (is_dirfd && fd == AT_FDCWD)
		line_add(line, "AT_FDCWD");
	else
		line_add(line, "%d", fd);
}

/* Small numbers are counts and identifiers; big ones are addresses and masks. */
static void line_add_number(struct line *line, uint64_t value)
{
	int64_t number = (int64_t)value;

	/* An int, as chown's -1: of that the upper half says nothing. */
	if (value <= UINT32_MAX && (int32_t)value < 0 && (int32_t)value >= -LAST_ERROR)
		number = (int32_t)value;
	if (number >= -LAST_ERROR && number <= INT_MAX)
		line_add(line, "%lld", (long long)number);
	else
		line_add(line, "%#llx", (unsigned long long)value);
}

static void line_add_pointer(struct line *line, uint64_t value)
{
	if (value)
		line_add(line, "%#llx", (unsigned long long)value);
	else
		line_add(line, "NULL");
}

static void line_add_arg(struct line *line, enum arg_kind kind, uint64_t value, const char *text)
{
	switch (kind) {
	case ARG_FD:
	case ARG_DIRFD:
		line_add_fd(line, value, kind == ARG_DIRFD);
		break;
	case ARG_PATH:
	case ARG_STRING:
		if (text)
			line_add_quoted(
				line, text, kind == ARG_PATH ? LOG_PATH_WIDTH : LOG_STRING_WIDTH);
		else
			line_add_pointer(line, value);
		break;
	case ARG_ARGV:
	case ARG_SOCKADDR:
		if (text)
			line_add(line, "%s", text);
		else
			line_add_pointer(line, value);
		break;
	case ARG_IN:
	case ARG_OUT:
	case ARG_CWD_OUT:
		line_add_pointer(line, value);
		break;
	case ARG_FLAGS:
		line_add(line, "%#llx", (unsigned long long)value);
		break;
	case ARG_PID:
		line_add(line, "%d", (int)(uint32_t)value);
		break;
	case ARG_MODE:
		line_add(line, "0%03llo", (unsigned long long)value);
		break;
	case ARG_NONE: /* of a call that the table does not know */
	case ARG_VALUE:
	default:
		line_add_number(line, value);
	}
}

static int arg_count(long nr)
{
	const struct syscall_info *info = syscall_info(nr);
	int count = 0;

	if (!info)
		return SYSCALL_ARGS;
	while (count < SYSCALL_ARGS && info->args[count] != ARG_NONE)
		count++;
	return count;
}

static void line_add_call(struct line *line, long nr, const uint64_t args[SYSCALL_ARGS],
	const char *const texts[SYSCALL_ARGS])
{
	const struct syscall_info *info = syscall_info(nr);
	int count = arg_count(nr);

	if (info)
		line_add(line, "%s(", info->name);
	else
		line_add(line, "syscall_%#lx(", (unsigned long)nr);
	for (int i = 0; i < count; i++) {
		if (i > 0)
			line_add(line, ", ");
		line_add_arg(line, info ? info->args[i] : ARG_NONE, args[i], texts[i]);
	}
	line_add(line, ")");
}

static bool sent_differs(const struct log_event *event)
{
	int count = arg_count(event->sent_nr);

	if (event->sent_nr != event->asked_nr)
		return true;
	for (int i = 0; i < count; i++) {
		if (event->sent[i] != event->asked[i] || event->sent_text[i])
			return true;
	}
	return false;
}

/* A text that was not replaced is the one asked for, as long as the argument still points to it. */
static void line_add_sent(struct line *line, const struct log_event *event)
{
	const char *texts[SYSCALL_ARGS];

	for (int i = 0; i < SYSCALL_ARGS; i++) {
		texts[i] = event->sent_text[i];
		if (!texts[i] && event->sent[i] == event->asked[i])
			texts[i] = event->asked_text[i];
	}
	line_add(line, " -> ");
	line_add_call(line, event->sent_nr, event->sent, texts);
}

/* kind: as of struct syscall_info. */
static void line_add_result(struct line *line, uint8_t kind, int64_t result)
{
	int error = result < 0 && result >= -LAST_ERROR ? (int)-result : 0;

	if (error >= FIRST_RESTART && error <= LAST_RESTART)
		line_add(line, "? %s (To be restarted)", log_errno_name(error));
	else if (error && errno_name(error))
		line_add(line, "-1 %s (%s)", log_errno_name(error), strerror(error));
	else if (error)
		line_add(line, "-1 %s", log_errno_name(error));
	else if (kind == ARG_MODE)
		line_add(line, "%#llo", (unsigned long long)result);
	else if (result < 0 || result > UINT32_MAX) /* mmap, brk, shmat */
		line_add(line, "%#llx", (unsigned long long)result);
	else
		line_add(line, "%lld", (long long)result);
}

static void line_add_rule(struct line *line, const struct log_event *event)
{
	if (!event->rule && !event->note)
		return;
	line_add(line, " [");
	if (event->rule) {
		line_add(line, "rule ");
		line_add_escaped(line, event->rule, SIZE_MAX, "");
	}
	if (event->note) {
		line_add(line, event->rule ? ": " : "");
		line_add_escaped(line, event->note, SIZE_MAX, "");
	}
	line_add(line, "]");
}

int log_format_line(const struct log_event *event, char *ret_line, int size)
{
	struct line line = { .text = ret_line, .size = size };
	const struct syscall_info *info = syscall_info(event->asked_nr);
	uint8_t kind = info ? info->result : 0;

	line_add_time(&line, event->start_ns);
	line_add(&line, " %d ", (int)event->tid);
	line_add_escaped(
		&line, event->program && event->program[0] ? event->program : "?", SIZE_MAX, " ");
	line_add(&line, " ");
	line_add_call(&line, event->asked_nr, event->asked, event->asked_text);
	if (!event->ran)
		line_add(&line, " -> not run");
	else if (sent_differs(event))
		line_add_sent(&line, event);
	line_add(&line, " = ");
	line_add_result(&line, kind, event->given_result);
	if (event->ran && event->kernel_result != event->given_result) {
		line_add(&line, " (kernel: ");
		line_add_result(&line, kind, event->kernel_result);
		line_add(&line, ")");
	}
	line_add_rule(&line, event);
	return line.length;
}

const char *log_errno_name(int error)
{
	static _Thread_local char number[sizeof("E?-2147483648")];
	const char *name = errno_name(error);

	if (name)
		return name;
	snprintf(number, sizeof(number), "E?%d", error);
	return number;
}
