/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "path.h"

#include <stdint.h>

#include "util.h"

/* One step of a glob. ANY_FOLDERS and TREE stand for the slashes around their `**` too. */
enum step_kind {
	STEP_BYTE, /* this byte */
	STEP_ANY_BYTE, /* `?` */
	STEP_SET, /* [set] */
	STEP_STAR, /* `*`: any bytes but slashes */
	STEP_TWO_STARS, /* `**`: any bytes */
	STEP_ANY_FOLDERS, /* a slash, `**`, a slash: one slash, or folders between two */
	STEP_TREE, /* a slash, `**`, the end: nothing more, or anything below */
	STEP_END,
};

struct step {
	enum step_kind kind;
	unsigned char byte;
	const uint64_t *set; /* 256 bits; in the glob's storage */
};

struct path_glob {
	char *text;
	struct step *steps; /* ended by STEP_END */
	uint64_t (*sets)[4];
	size_t n_steps, n_sets;
	size_t prefix; /* bytes that every match begins with, for a quick no */
	size_t last; /* the first step of the last component */
	bool last_is_open; /* a `**` in the last component: it can end in any name */
};

static struct step *add_step(struct path_glob *glob, enum step_kind kind)
{
	struct step *step = &glob->steps[glob->n_steps++];

	step->kind = kind;
	return step;
}

/* Parses the set behind "[". Returns the text behind its "]", or NULL with *ret_why. */
static const char *parse_set(const char *text, uint64_t set[4], const char **ret_why)
{
	bool negated = *text == '!' || *text == '^', first = true;

	for (text += negated; first || *text != ']'; first = false) {
		unsigned char low, high;

		text += *text == '\\';
		if (*text == '\0') {
			*ret_why = "\"[\" without its \"]\"";
			return NULL;
		}
		low = high = (unsigned char)*text++;
		if (text[0] == '-' && text[1] != ']' && text[1] != '\0') {
			text += text[1] == '\\' ? 2 : 1;
			high = (unsigned char)*text;
			if (high == '\0') {
				*ret_why = "\"[\" without its \"]\"";
				return NULL;
			}
			text++;
		}
		if (low == '/' || high == '/') {
			*ret_why = "a [set] cannot hold \"/\"";
			return NULL;
		}
		if (low > high) {
			*ret_why = "a range in a [set] runs backwards";
			return NULL;
		}
		for (unsigned c = low; c <= high; c++)
			set[c / 64] |= UINT64_C(1) << (c % 64);
	}
	if (negated) {
		for (size_t i = 0; i < 4; i++)
			set[i] = ~set[i];
	}
	set['/' / 64] &= ~(UINT64_C(1) << ('/' % 64));
	return text + 1;
}

/* Parses what begins with "*". Returns the text behind it. */
static const char *parse_star(struct path_glob *glob, const char *text)
{
	size_t stars = strspn(text, "*");
	struct step *before = glob->n_steps > 0 ? &glob->steps[glob->n_steps - 1] : NULL;
	bool after_slash = before != NULL && before->kind == STEP_BYTE && before->byte == '/';

	text += stars;
	if (stars == 1) {
		add_step(glob, STEP_STAR);
	} else if (after_slash && *text == '\0') {
		before->kind = STEP_TREE;
	} else if (after_slash && *text == '/') {
		before->kind = STEP_ANY_FOLDERS;
		text++;
	} else {
		add_step(glob, STEP_TWO_STARS);
	}
	return text;
}

static const char *parse_steps(struct path_glob *glob)
{
	const char *text = glob->text, *why = NULL;

	while (*text != '\0') {
		if (*text == '*') {
			text = parse_star(glob, text);
		} else if (*text == '?') {
			add_step(glob, STEP_ANY_BYTE);
			text++;
		} else if (*text == '[') {
			uint64_t *set = glob->sets[glob->n_sets++];

			add_step(glob, STEP_SET)->set = set;
			text = parse_set(text + 1, set, &why);
			if (text == NULL)
				return why;
		} else {
			text += *text == '\\';
			if (*text == '\0')
				return "a \"\\\" at the end quotes nothing";
			add_step(glob, STEP_BYTE)->byte = (unsigned char)*text++;
		}
	}
	add_step(glob, STEP_END);
	return NULL;
}

/* What is wrong with the glob as a whole: it could not match any normal path. */
static const char *check_text(const char *text, bool name_allowed)
{
	size_t length = strlen(text);

	if (length == 0)
		return "empty";
	if (text[0] != '/') {
		if (!name_allowed)
			return "a path begins with \"/\"";
		return strchr(text, '/') != NULL ? "neither a path from \"/\" on nor a single name"
						 : NULL;
	}
	if (length > 1 && text[length - 1] == '/')
		return "a path never ends in \"/\"";
	for (const char *name = text; name != NULL; name = strchr(name + 1, '/')) {
		size_t name_length = strcspn(name + 1, "/");

		if (length > 1 && name_length == 0)
			return "a path never holds \"//\"";
		if (name[1] == '.' && (name_length == 1 || (name_length == 2 && name[2] == '.')))
			return "a path never holds \".\" or \"..\"";
	}
	return NULL;
}

static void find_landmarks(struct path_glob *glob)
{
	while (glob->steps[glob->prefix].kind == STEP_BYTE)
		glob->prefix++;
	for (size_t i = 0; i < glob->n_steps; i++) {
		const struct step *step = &glob->steps[i];

		if (step->kind == STEP_ANY_FOLDERS ||
			(step->kind == STEP_BYTE && step->byte == '/')) {
			glob->last = i + 1;
			glob->last_is_open = false;
		} else if (step->kind == STEP_TREE || step->kind == STEP_TWO_STARS) {
			glob->last_is_open = true;
		}
	}
}

struct path_glob *path_glob_create(const char *text, bool name_allowed, const char **ret_why)
{
	size_t length = strlen(text), sets = 0;
	struct path_glob *glob;

	*ret_why = check_text(text, name_allowed);
	if (*ret_why != NULL)
		return NULL;
	for (const char *c = text; *c != '\0'; c++)
		sets += *c == '[';
	glob = calloc(1, sizeof(*glob));
	if (glob == NULL)
		return NULL;
	glob->text = strdup(text);
	glob->steps = calloc(length + 1, sizeof(*glob->steps));
	glob->sets = calloc(sets + 1, sizeof(*glob->sets));
	if (glob->text != NULL && glob->steps != NULL && glob->sets != NULL) {
		*ret_why = parse_steps(glob);
		if (*ret_why == NULL) {
			find_landmarks(glob);
			return glob;
		}
	}
	path_glob_destroy(glob);
	return NULL;
}

void path_glob_destroy(struct path_glob *glob)
{
	if (glob == NULL)
		return;
	free(glob->text);
	free(glob->steps);
	free(glob->sets);
	free(glob);
}

const char *path_glob_text(const struct path_glob *glob)
{
	return glob->text;
}

static bool one_byte_matches(const struct step *step, unsigned char c)
{
	switch (step->kind) {
	case STEP_BYTE:
		return c == step->byte;
	case STEP_ANY_BYTE:
		return c != '/';
	case STEP_SET:
		return step->set[c / 64] >> (c % 64) & 1;
	case STEP_STAR:
	case STEP_TWO_STARS:
	case STEP_ANY_FOLDERS:
	case STEP_TREE:
	case STEP_END:
		break;
	}
	return false;
}

/*
 * Goes back at most to the last `*` and to the last `**`: what lies before these is settled, because
 * the earliest place where it fits leaves them the most to choose from. So the time is at most the
 * product of three lengths: the path's, its longest component's and the glob's.
 */
static bool match(const struct step *step, const char *text, const char *end)
{
	const struct step *star = NULL, *two_stars = NULL; /* behind which to go on */
	const char *star_text = NULL, *two_stars_text = NULL;

	for (;;) {
		if (step->kind == STEP_STAR) {
			star = ++step;
			star_text = text;
			continue;
		}
		if (step->kind == STEP_TWO_STARS ||
			(step->kind == STEP_ANY_FOLDERS && text < end && *text == '/')) {
			text += step->kind == STEP_ANY_FOLDERS;
			two_stars = ++step;
			two_stars_text = text;
			star = NULL;
			continue;
		}
		if (step->kind == STEP_TREE && (text == end || *text == '/'))
			return true;
		if (step->kind == STEP_END && text == end)
			return true;
		if (text < end && one_byte_matches(step, (unsigned char)*text)) {
			step++;
			text++;
			continue;
		}
		if (star != NULL && star_text < end && *star_text != '/') {
			text = ++star_text;
			step = star;
			continue;
		}
		star = NULL;
		if (two_stars == NULL || two_stars_text == end)
			return false;
		two_stars_text++;
		if (two_stars[-1].kind == STEP_ANY_FOLDERS) {
			while (two_stars_text < end && two_stars_text[-1] != '/')
				two_stars_text++;
			if (two_stars_text[-1] != '/')
				return false;
		}
		text = two_stars_text;
		step = two_stars;
	}
}

bool path_glob_match(const struct path_glob *glob, const char *path)
{
	/* The one path whose last component is empty: slash-star is for what lies in it. */
	if (strcmp(path, "/") == 0)
		return glob->steps[0].kind == STEP_TREE || strcmp(glob->text, "/") == 0;
	for (size_t i = 0; i < glob->prefix; i++) {
		if (glob->steps[i].byte != (unsigned char)path[i])
			return false;
	}
	path += glob->prefix;
	return match(&glob->steps[glob->prefix], path, path + strlen(path));
}

bool path_glob_may_end_in(const struct path_glob *glob, const char *name, size_t length)
{
	if (glob->last_is_open)
		return true;
	/* "", "." and ".." end paths whose last name is another. */
	if (length == 0 || (name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.'))))
		return true;
	return match(&glob->steps[glob->last], name, name + length);
}
