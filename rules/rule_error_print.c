/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "rules.h"
#include "source.h"
#include "util.h"

/* The line is shown as it is, so what stands before the caret keeps its tabs, and UTF-8 its width. */
static void print_caret(FILE *out, const char *line, size_t length, int column)
{
	fprintf(out, "  %.*s\n  ", (int)length, line);
	for (size_t i = 0; i + 1 < (size_t)column && i < length; i++) {
		if (line[i] == '\t')
			fputc('\t', out);
		else if (((unsigned char)line[i] & 0xc0) != 0x80)
			fputc(' ', out);
	}
	fputs("^\n", out);
}

/* Only for a line that is text: a terminal takes the rest for commands. */
static bool is_printable(const char *line, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (((unsigned char)line[i] < ' ' && line[i] != '\t') || line[i] == 0x7f)
			return false;
	}
	return true;
}

void rule_error_print(FILE *out, const struct rule_error *error, bool caret)
{
	cleanup_free char *text = NULL;
	const char *line, *end, *newline;
	size_t length;
	int left;

	/* With a line it has the form that editors know; else it is to say whose it is, among the output of others. */
	if (error->line == 0)
		fputs("gvtrace: ", out);
	if (error->file != NULL)
		fprintf(out, "%s:", error->file);
	if (error->line > 0)
		fprintf(out, "%d:", error->line);
	if (error->line > 0 && error->column > 0)
		fprintf(out, "%d:", error->column);
	fprintf(out, "%s%s\n", error->file != NULL ? " " : "", error->text);
	if (!caret || error->line == 0 || error->column == 0 || error->file == NULL ||
		source_read_again(error->file, &text, &length) < 0)
		return;
	line = text;
	end = text + length;
	/* Columns count from behind a byte order mark. */
	if (length >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0)
		line += 3;
	for (left = error->line - 1; left > 0 && line < end; left--) {
		newline = memchr(line, '\n', (size_t)(end - line));
		line = newline ? newline + 1 : end;
	}
	if (line == end)
		return;
	newline = memchr(line, '\n', (size_t)(end - line));
	length = (size_t)((newline ? newline : end) - line);
	if (length > 0 && line[length - 1] == '\r')
		length--;
	if ((size_t)error->column <= length + 1 && length < 1000 && is_printable(line, length))
		print_caret(out, line, length, error->column);
}
