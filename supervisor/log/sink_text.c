/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One line per event for people and grep; the grammar is in docs/log.md. */
#include "sink.h"

#include <poll.h>
#include <signal.h>
#include <sys/stat.h>

#include "clock.h"
#include "format.h"

enum { READER_WAIT_MS = 1000 /* for a full pipe that does not block; only until it failed once */ };

struct sink {
	int fd;
	bool raises_sigpipe; /* a pipe or a socket */
	bool broken_line; /* only a part of the last line was written */
	int error; /* -errno of the first write that failed, or 0 */
	bool error_taken;
	unsigned long lost; /* events since the last line that was written */
	char text[FORMAT_LINE_SIZE];
};

static struct sink *text_create(int fd)
{
	struct sink *sink = calloc(1, sizeof(*sink));
	struct stat stat;

	if (!sink)
		return NULL;
	sink->fd = fd;
	sink->raises_sigpipe =
		fstat(fd, &stat) < 0 || S_ISFIFO(stat.st_mode) || S_ISSOCK(stat.st_mode);
	return sink;
}

static void text_destroy(struct sink *sink)
{
	free(sink);
}

static ssize_t write_once(const struct sink *sink, const char *data, size_t length)
{
	static const struct timespec now = { 0 };
	ssize_t written;
	sigset_t sigpipe, before;
	int saved;

	if (!sink->raises_sigpipe) {
		written = write(sink->fd, data, length);
		return written < 0 ? -errno : written;
	}
	/* Ignoring SIGPIPE for the process would be inherited by the command. */
	sigemptyset(&sigpipe);
	sigaddset(&sigpipe, SIGPIPE);
	sigprocmask(SIG_BLOCK, &sigpipe, &before);
	written = write(sink->fd, data, length);
	saved = errno;
	if (written < 0 && saved == EPIPE) {
		while (sigtimedwait(&sigpipe, NULL, &now) < 0 && errno == EINTR)
			;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return written < 0 ? -saved : written;
}

static bool wait_for_reader(const struct sink *sink)
{
	struct pollfd reader = { .fd = sink->fd, .events = POLLOUT };

	return poll(&reader, 1, sink->error ? 0 : READER_WAIT_MS) > 0;
}

/* One write(2), unless the kernel takes only a part. 0, or -errno with what stands in *ret_written. */
static int write_all(const struct sink *sink, const char *data, size_t length, size_t *ret_written)
{
	*ret_written = 0;
	while (*ret_written < length) {
		ssize_t written = write_once(sink, data + *ret_written, length - *ret_written);

		if (written >= 0)
			*ret_written += (size_t)written;
		else if (written != -EINTR && (written != -EAGAIN || !wait_for_reader(sink)))
			return (int)written;
	}
	return 0;
}

/* sink->text ends in a newline. */
static void write_text(struct sink *sink, int length)
{
	size_t written;
	int result = write_all(sink, sink->text, (size_t)length, &written);

	if (written > 0)
		sink->broken_line = written < (size_t)length;
	if (result == 0) {
		sink->lost = 0;
		return;
	}
	sink->lost++;
	if (!sink->error)
		sink->error = result;
}

/* What belongs before the next line: the end of a broken one, and how many are missing. */
static struct line begin(struct sink *sink)
{
	struct line line = { .text = sink->text, .size = sizeof(sink->text) - 1 };

	line.text[0] = '\0';
	if (sink->broken_line)
		line_add(&line, "\n");
	if (sink->lost)
		line_add(&line, "--- %lu lines lost: %s ---\n", sink->lost, strerror(-sink->error));
	return line;
}

static void end(struct sink *sink, struct line *line)
{
	sink->text[line->length++] = '\n';
	write_text(sink, line->length);
}

/* Each line of the stack as " > LINE" below the event, as strace -k does. */
static void add_stack(struct line *line, const char *stack)
{
	while (*stack != '\0') {
		size_t length = strcspn(stack, "\n");

		line_add(line, "\n > ");
		line_add_escaped(line, stack, length, "");
		stack += length;
		stack += *stack == '\n';
	}
}

static void text_event(struct sink *sink, const struct log_event *event)
{
	struct line line = begin(sink);

	line.length += log_format_line(event, line.text + line.length, line.size - line.length);
	if (event->stack)
		add_stack(&line, event->stack);
	end(sink, &line);
}

static void text_remark(struct sink *sink, pid_t tid, const char *text)
{
	struct line line = begin(sink);

	line_add_time(&line, (uint64_t)clock_ns(CLOCK_REALTIME));
	line_add(&line, " %d --- ", (int)tid);
	line_add_escaped(&line, text, SIZE_MAX, "");
	line_add(&line, " ---");
	end(sink, &line);
}

static int text_take_error(struct sink *sink)
{
	if (sink->error_taken)
		return 0;
	sink->error_taken = sink->error != 0;
	return sink->error;
}

const struct sink_type sink_text = {
	.name = "text",
	.create = text_create,
	.event = text_event,
	.remark = text_remark,
	.take_error = text_take_error,
	.destroy = text_destroy,
};
