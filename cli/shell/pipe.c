/* SPDX-License-Identifier: Apache-2.0 */
/* Output filters over regular expressions: see pipe.h. */
#include "cli/shell/pipe.h"

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

struct pipe {
	enum filter filter;
	struct regular *regex;
	bool begun;     /* begin: the line has come */
	bool inverted;  /* section exclude */
	size_t section; /* section: indent of the line that opened it */
	unsigned long count;
	struct text line;
};

struct pipe *
pipe_new(const char *filter, bool inverted, const char *regex, char *why)
{
	struct regular *compiled;
	struct pipe *p;
	size_t i = 0;

	while (i < ARRAY_SIZE(filters) && strcmp(filters[i], filter))
		i++;
	if (i == ARRAY_SIZE(filters))
		return NULL;
	if (strlen(regex) > REGEX_MAX) {
		if (why)
			snprintf(why, PIPE_WHY, "It is too long");
		return NULL;
	}
	compiled = regular_new(regex, REGULAR_IOS, why);
	if (!compiled)
		return NULL;
	p = x_alloc(sizeof(*p));
	p->regex = compiled;
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
	regular_free(p->regex);
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

	match = regular_matches(p->regex, text_string(&p->line));
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
