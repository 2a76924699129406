/* SPDX-License-Identifier: Apache-2.0 */
/* Output filters over regular expressions: see pipe.h. */
#include "cli/shell/pipe.h"

#include <ctype.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/text.h"

enum filter { FILTER_BEGIN, FILTER_COUNT, FILTER_EXCLUDE, FILTER_INCLUDE, FILTER_SECTION };

static const char *const filters[] = {
    [FILTER_BEGIN] = "begin",     [FILTER_COUNT] = "count",     [FILTER_EXCLUDE] = "exclude",
    [FILTER_INCLUDE] = "include", [FILTER_SECTION] = "section",
};

#define NOT_IN_SECTION SIZE_MAX
#define REGEX_MAX      254 /* octets, as in IOS */
#define DEPTH_MAX      8

struct pipe {
	enum filter filter;
	regex_t regex;
	bool begun;     /* begin: the line has come */
	bool inverted;  /* section exclude */
	size_t section; /* section: indent of the line that opened it */
	unsigned long count;
	struct text line;
};

/* `_` outside of brackets: a character that may separate words, or an end of the line. */
static const char delimiter[] = "([_ ,{}()]|^|$)";

/*
 * The place behind the `]` that belongs to a `[`; a `]` that comes first is one of the characters.
 */
static const char *
brackets_end(const char *s)
{
	const char *p = s + 1;

	p += *p == '^';
	p += *p == ']';
	while (*p && *p != ']')
		p++;
	return *p ? p + 1 : p;
}

/*
 * Reads several of `* + ?` in a row as one, which means the same: the library's work doubles for
 * each of them.
 */
static char
read_repetition(const char **s)
{
	char first = **s;

	for (; **s && strchr("*+?", **s); ++*s)
		if (**s != first)
			first = '*';
	return first;
}

/*
 * Translates IOS's regular expression to POSIX; NULL, or why it cannot. A session must not stop its
 * router, and the library takes time and memory that double with each `+` within a `+`, and any
 * time for back references.
 */
static const char *
translate_regex(struct text *t, const char *s)
{
	int depth = 0;

	if (strlen(s) > REGEX_MAX)
		return "It is too long";
	while (*s) {
		const char *end;

		if (*s == '[') {
			end = brackets_end(s);
			text_add(t, s, (size_t)(end - s));
			s = end;
			continue;
		}
		if (strchr("*+?", *s)) {
			const char c = read_repetition(&s);

			text_add(t, &c, 1);
			continue;
		}
		depth += *s == '(';
		depth -= *s == ')';
		if (depth > DEPTH_MAX)
			return "Too many parentheses within each other";
		if (*s == '_') {
			text_puts(t, delimiter);
		} else if (*s == '{' || *s == '}') {
			text_printf(t, "\\%c", *s);
		} else if (*s == '\\' && isdigit((unsigned char)s[1])) {
			return "There are no back references";
		} else if (*s == '\\' && isalpha((unsigned char)s[1])) {
			text_add(t, ++s, 1); /* to the library \w and \b would mean more */
		} else if (*s == '\\' && s[1]) {
			text_add(t, s++, 2);
		} else {
			text_add(t, s, 1);
		}
		s++;
	}
	return NULL;
}

static int
compile_regex(regex_t *regex, const char *ios, char *why)
{
	struct text t = TEXT_INIT;
	const char *refused = translate_regex(&t, ios);
	int error = REG_BADPAT;

	if (!refused)
		error = regcomp(regex, text_string(&t), REG_EXTENDED | REG_NOSUB);
	if (refused && why)
		snprintf(why, PIPE_WHY, "%s", refused);
	else if (error && why)
		regerror(error, regex, why, PIPE_WHY);
	text_fini(&t);
	return error;
}

struct pipe *
pipe_new(const char *filter, bool inverted, const char *regex, char *why)
{
	struct pipe *p;
	size_t i = 0;

	while (i < ARRAY_SIZE(filters) && strcmp(filters[i], filter))
		i++;
	if (i == ARRAY_SIZE(filters))
		return NULL;
	p = x_alloc(sizeof(*p));
	if (compile_regex(&p->regex, regex, why)) {
		free(p);
		return NULL;
	}
	p->filter = (enum filter)i;
	p->inverted = inverted;
	p->section = NOT_IN_SECTION;
	return p;
}

void
pipe_free(struct pipe *p)
{
	if (!p)
		return;
	regfree(&p->regex);
	text_fini(&p->line);
	free(p);
}

/* A section is the line that matches and what is indented deeper below it. */
static bool
section_passes(struct pipe *p, const char *line, bool match)
{
	size_t indent = strspn(line, " ");
	bool inside;

	if (p->section != NOT_IN_SECTION && indent <= p->section)
		p->section = NOT_IN_SECTION;
	if (p->section == NOT_IN_SECTION && match)
		p->section = indent;
	inside = p->section != NOT_IN_SECTION;
	return inside != p->inverted;
}

static void
line_done(struct pipe *p, void (*out)(void *arg, const char *text, size_t n), void *arg)
{
	bool match, pass;

	match = !regexec(&p->regex, text_string(&p->line), 0, NULL, 0);
	switch (p->filter) {
	case FILTER_BEGIN:
		p->begun = p->begun || match;
		pass = p->begun;
		break;
	case FILTER_COUNT:
		p->count += match;
		pass = false;
		break;
	case FILTER_EXCLUDE:
		pass = !match;
		break;
	case FILTER_INCLUDE:
		pass = match;
		break;
	default:
		pass = section_passes(p, text_string(&p->line), match);
		break;
	}
	if (pass) {
		text_add(&p->line, "\n", 1);
		out(arg, p->line.p, p->line.n);
	}
	text_clear(&p->line);
}

void
pipe_write(struct pipe *p, const char *text, size_t n,
           void (*out)(void *arg, const char *text, size_t n), void *arg)
{
	while (n) {
		const char *nl = memchr(text, '\n', n);
		size_t part = nl ? (size_t)(nl - text) : n;

		text_add(&p->line, text, part);
		if (!nl)
			return;
		line_done(p, out, arg);
		text += part + 1;
		n -= part + 1;
	}
}

void
pipe_end(struct pipe *p, void (*out)(void *arg, const char *text, size_t n), void *arg)
{
	char buf[80];

	if (p->line.n)
		line_done(p, out, arg);
	if (p->filter == FILTER_COUNT) {
		int n = snprintf(buf, sizeof(buf), "Number of lines which match regexp = %lu\n",
		                 p->count);

		out(arg, buf, (size_t)n);
	}
}
