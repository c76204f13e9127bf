/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Over inih. Its builds differ: Debian's cuts a line at 199 bytes and parses the rest as a new line,
 * takes an indented line for more of the value above, and tells neither line numbers nor sections
 * without keys. So it gets its lines from read_line(), which knows the place, takes the indent away and
 * sees section headers itself.
 */
#include "document.h"

#include <ini.h>
#include <stdio.h>

#include "suggest.h"
#include "util.h"
#include "words.h"

struct reader {
	struct document *document;
	const char *at, *end; /* what is still to be read */
	const char *start; /* of the present line */
	size_t length; /* of the present line, without its end */
	size_t indent; /* bytes before its first that is no blank */
	int line;
	int r; /* 0, or what ended the reading */
	struct rule_error error;
};

static struct section *current_section(struct reader *reader)
{
	struct document *document = reader->document;

	return document->n_sections == 0 ? NULL : &document->sections[document->n_sections - 1];
}

#define FAIL(reader, offset, ...)                                                                \
	((reader)->r = rule_error_at(&(reader)->error, (reader)->document->file, (reader)->line, \
		 (int)(offset) + 1, __VA_ARGS__))

/* What must be found out by the reader, since inih cuts names at 49 bytes. */
static const char *const section_words[] = { "profile", "rule", "sysctl", NULL };

static int check_rule_name(struct reader *reader, const char *name, size_t length)
{
	size_t offset = (size_t)(name - reader->start);

	if (length == 0)
		return FAIL(reader, offset, "a rule needs a name: [rule NAME]");
	for (size_t i = 0; i < length; i++) {
		if (!word_is_name_byte(name[i]))
			return FAIL(reader, offset + i,
				"a rule's name is of letters, digits, \"-\", \"_\" and \".\"");
	}
	if (length > RULE_NAME_MAX)
		return FAIL(reader, offset + RULE_NAME_MAX, "a rule's name is of at most %d bytes",
			RULE_NAME_MAX);
	return 0;
}

static int unknown_section(struct reader *reader, const char *name, size_t length, size_t word)
{
	char hint[WORD_HINT_MAX], text[RULE_LINE_MAX + 1];

	snprintf(text, sizeof(text), "%.*s", (int)word, name);
	word_hint(hint, suggest_nearest(text, section_words));
	return FAIL(reader, name - reader->start,
		"unknown section [%.*s] (known: [profile], [rule NAME], [sysctl])%s", (int)length,
		name, hint);
}

static int begin_section(struct reader *reader)
{
	const char *name = reader->start + reader->indent + 1,
		   *end = reader->start + reader->length;
	const char *close = memchr(name, ']', (size_t)(end - name)), *rest;
	struct section section = { .line = reader->line, .column = (int)reader->indent + 1 },
		       *grown;
	size_t length, word;

	if (close == NULL)
		return FAIL(reader, reader->indent, "a section without its \"]\"");
	for (rest = close + 1; rest < end && word_is_blank(*rest);)
		rest++;
	if (rest < end && *rest != ';' && *rest != '#')
		return FAIL(reader, rest - reader->start, "text behind the section's \"]\"");
	while (name < close && word_is_blank(*name))
		name++;
	while (close > name && word_is_blank(close[-1]))
		close--;
	length = (size_t)(close - name);
	for (word = 0; word < length && !word_is_blank(name[word]);)
		word++;
	if (word == 4 && memcmp(name, "rule", 4) == 0) {
		section.kind = SECTION_RULE;
		for (name += 4; name < close && word_is_blank(*name);)
			name++;
		if (check_rule_name(reader, name, (size_t)(close - name)) < 0)
			return reader->r;
		section.name = strndup(name, (size_t)(close - name));
		if (section.name == NULL)
			return reader->r = -ENOMEM;
	} else if (length == 7 && memcmp(name, "profile", 7) == 0) {
		section.kind = SECTION_PROFILE;
	} else if (length == 6 && memcmp(name, "sysctl", 6) == 0) {
		section.kind = SECTION_SYSCTL;
	} else {
		return unknown_section(reader, name, length, word);
	}
	grown = reallocarray(
		reader->document->sections, reader->document->n_sections + 1, sizeof(*grown));
	if (grown == NULL) {
		free(section.name);
		return reader->r = -ENOMEM;
	}
	reader->document->sections = grown;
	grown[reader->document->n_sections++] = section;
	return 0;
}

/* Finds the next line's ends and what no line may hold. */
static int next_line(struct reader *reader)
{
	const char *newline = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
	size_t text;

	reader->start = reader->at;
	reader->length = (size_t)((newline ? newline : reader->end) - reader->at);
	reader->at = newline ? newline + 1 : reader->end;
	reader->line++;
	if (reader->length > 0 && reader->start[reader->length - 1] == '\r')
		reader->length--;
	for (size_t i = 0; i < reader->length; i++) {
		unsigned char c = (unsigned char)reader->start[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return FAIL(reader, i, "a byte that is no text: 0x%02x", c);
	}
	for (reader->indent = 0;
		reader->indent < reader->length && word_is_blank(reader->start[reader->indent]);)
		reader->indent++;
	text = reader->length - reader->indent;
	if (text > 0 &&
		(reader->start[reader->indent] == ';' || reader->start[reader->indent] == '#'))
		reader->length = reader->indent = 0;
	else if (text > RULE_LINE_MAX)
		return FAIL(reader, reader->indent + RULE_LINE_MAX,
			"the line is %zu bytes long; at most %d can be read", text, RULE_LINE_MAX);
	return 0;
}

/* An ini_reader: like fgets, but no line is ever cut. */
static char *read_line(char *ret_line, int size, void *data)
{
	struct reader *reader = data;
	size_t length;

	if (reader->r < 0 || reader->at == reader->end || next_line(reader) < 0)
		return NULL;
	length = reader->length - reader->indent;
	if (length >= (size_t)size) {
		FAIL(reader, reader->indent + (size_t)size - 1,
			"the line is too long for this build's inih: it reads %d bytes", size - 1);
		return NULL;
	}
	if (length > 0 && reader->start[reader->indent] == '[' && begin_section(reader) < 0)
		return NULL;
	memcpy(ret_line, reader->start + reader->indent, length);
	ret_line[length] = '\0';
	return ret_line;
}

static int add_entry(
	struct reader *reader, struct section *section, const char *key, const char *value)
{
	const char *line = reader->start, *separator;
	struct entry *grown, *entry;
	size_t column;

	separator = memchr(line, '=', reader->length);
	for (column = (size_t)(separator + 1 - line);
		column < reader->length && word_is_blank(line[column]);)
		column++;
	grown = reallocarray(section->entries, section->n_entries + 1, sizeof(*grown));
	if (grown == NULL)
		return reader->r = -ENOMEM;
	section->entries = grown;
	entry = &grown[section->n_entries];
	*entry = (struct entry){
		.key = strdup(key),
		.value = strdup(value),
		.line = reader->line,
		.key_column = (int)reader->indent + 1,
		.value_column = (int)column + 1,
	};
	section->n_entries++;
	return entry->key == NULL || entry->value == NULL ? reader->r = -ENOMEM : 0;
}

/* An ini_handler: 1 to go on, 0 for an error. */
static int on_entry(void *data, const char *section_name, const char *key, const char *value)
{
	struct reader *reader = data;
	struct section *section = current_section(reader);
	const char *separator = memchr(reader->start, '=', reader->length);
	const char *colon = memchr(reader->start, ':', reader->length);

	if (reader->r < 0)
		return 0;
	/* inih takes "key: value" too; one way to write a thing is enough. */
	if (separator == NULL || (colon != NULL && colon < separator)) {
		FAIL(reader, colon - reader->start, "expected \"key = value\", found \":\"");
		return 0;
	}
	if (key[0] == '\0') {
		FAIL(reader, reader->indent, "no key before \"=\"");
		return 0;
	}
	if (section == NULL) {
		FAIL(reader, reader->indent,
			"key \"%s\" before the first section; known: [profile], [rule NAME], "
			"[sysctl]",
			key);
		return 0;
	}
	return add_entry(reader, section, key, value) == 0;
}

/* inih goes on behind a line that it cannot read, and tells only its number. */
static void fail_at_line(struct reader *reader, int line, const char *text)
{
	reader->r = 0;
	reader->at = text;
	reader->line = 0;
	while (reader->line < line && next_line(reader) == 0)
		;
	FAIL(reader, reader->indent, "expected \"key = value\" or \"[section]\"");
}

int document_parse(struct document *ret_document, const char *file, const char *text, size_t length,
	struct rule_error *error)
{
	struct reader reader = { .document = ret_document, .at = text, .end = text + length };
	int line;

	*ret_document = (struct document){ .file = file };
	if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		reader.at = text += 3;
	line = ini_parse_stream(read_line, &reader, on_entry, &reader);
	if (line < 0 || reader.r == -ENOMEM)
		return -ENOMEM;
	if (line > 0 && (reader.r == 0 || reader.error.line > line))
		fail_at_line(&reader, line, text);
	if (reader.r < 0 && error != NULL)
		*error = reader.error;
	return reader.r;
}

void document_finish(struct document *document)
{
	for (size_t i = 0; i < document->n_sections; i++) {
		struct section *section = &document->sections[i];

		for (size_t j = 0; j < section->n_entries; j++) {
			free(section->entries[j].key);
			free(section->entries[j].value);
		}
		free(section->entries);
		free(section->name);
	}
	free(document->sections);
	*document = (struct document){ 0 };
}

const struct entry *section_find(const struct section *section, const char *key)
{
	for (size_t i = 0; i < section->n_entries; i++) {
		if (strcmp(section->entries[i].key, key) == 0)
			return &section->entries[i];
	}
	return NULL;
}
