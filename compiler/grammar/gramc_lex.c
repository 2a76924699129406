/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "compiler/grammar/gramc_lex.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMMAND_INDENT 2 /* how deep a command stands; what stands deeper continues it */

static struct reading now;

void
gramc_fail(struct place p, const char *format, ...)
{
	va_list ap;

	fprintf(stderr, "%s:%u:%d: ", p.file, p.line, p.column);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

struct place
lex_place(void)
{
	struct place p = {now.statement->file, now.statement->line, 1};
	const char *at;

	for (at = now.statement->text; at < now.cursor; at++) {
		p.column++;
		if (*at == '\n') {
			p.line++;
			p.column = 1;
		}
	}
	return p;
}

/* --- statements ------------------------------------------------------------------------------- */

/* Appends a line to a statement's text, after a newline where it is not the first. */
static void
append_line(struct statement *s, const char *line)
{
	size_t old = s->text ? strlen(s->text) + 1 : 0, n = strlen(line);

	s->text = realloc(s->text, old + n + 1);
	if (!s->text)
		exit(1);
	if (old)
		s->text[old - 1] = '\n';
	memcpy(s->text + old, line, n + 1);
}

/* Hands over the statement read so far, if there is one, and begins another. */
static void
end_statement(struct statement *s, void (*take)(const struct statement *s))
{
	if (s->text) {
		lex_enter(s, s->text, NULL);
		take(s);
	}
	s->text = NULL;
}

static void
read_line(struct statement *s, unsigned number, const char *line,
          void (*take)(const struct statement *s))
{
	size_t indent = strspn(line, " ");
	struct place p = {s->file, number, (int)indent + 1};

	if (line[indent] == '\t')
		gramc_fail(p, "a tab: lines are indented with blanks");
	if (!line[indent] || line[indent] == '#') {
		end_statement(s, take);
	} else if (indent > COMMAND_INDENT) {
		if (!s->text)
			gramc_fail(p, "this line continues nothing: commands stand %d blanks deep",
			           COMMAND_INDENT);
		append_line(s, line);
	} else {
		end_statement(s, take);
		if (indent && indent != COMMAND_INDENT)
			gramc_fail(p, "commands stand %d blanks deep", COMMAND_INDENT);
		s->line = number;
		append_line(s, line);
	}
}

void
lex_file(const char *name, void (*take)(const struct statement *s))
{
	struct statement s = {.file = name};
	FILE *f = fopen(name, "r");
	char *line = NULL;
	size_t capacity = 0;
	unsigned number = 0;
	ssize_t n;

	if (!f) {
		perror(name);
		exit(1);
	}
	while ((n = getline(&line, &capacity, f)) >= 0) {
		while (n && strchr(" \r\n", line[n - 1]))
			line[--n] = '\0';
		read_line(&s, ++number, line, take);
	}
	end_statement(&s, take);
	free(line);
	fclose(f);
}

/* --- words ------------------------------------------------------------------------------------ */

struct reading
lex_enter(const struct statement *s, const char *cursor, const struct parameters *p)
{
	struct reading before = now;

	now = (struct reading){s, cursor, p};
	return before;
}

void
lex_resume(struct reading r)
{
	now = r;
}

const char *
lex_cursor(void)
{
	return now.cursor;
}

void
lex_skip_blanks(void)
{
	now.cursor += strspn(now.cursor, " \t\n");
}

bool
lex_next_is(char c)
{
	return *now.cursor == c;
}

bool
lex_at(const char *text)
{
	lex_skip_blanks();
	return !strncmp(now.cursor, text, strlen(text));
}

bool
lex_at_end(void)
{
	lex_skip_blanks();
	return !*now.cursor;
}

bool
lex_at_digit(void)
{
	return isdigit((unsigned char)*now.cursor);
}

bool
lex_take(const char *text)
{
	if (!lex_at(text))
		return false;
	now.cursor += strlen(text);
	return true;
}

bool
lex_take_adjacent(char c)
{
	if (*now.cursor != c)
		return false;
	now.cursor++;
	return true;
}

/* What the parameter stands for whose name is next; behind it. */
static const char *
take_parameter(void)
{
	size_t n = 0;
	int i;

	while (isalpha((unsigned char)now.cursor[n]))
		n++;
	for (i = 0; now.parameters && i < now.parameters->n; i++) {
		const char *name = now.parameters->names[i];

		if (strlen(name) == n && !memcmp(name, now.cursor, n)) {
			now.cursor += n;
			return now.parameters->values[i];
		}
	}
	lex_fail("no parameter of this name");
}

/* The colon at the end of a keyword ("flash:"), not that of an argument ("<name:type>"). */
static bool
is_last_colon(const char *p)
{
	return *p == ':' && (p[1] == ' ' || p[1] == '~');
}

/* Letters, digits and what occurs in keywords; a parameter of a definition may be a part of it. */
char *
lex_word(const char *what)
{
	char word[256];
	size_t n = 0;

	lex_skip_blanks();
	for (;;) {
		const char *piece = now.cursor;
		size_t length = 1;

		if (lex_take_adjacent('$')) {
			piece = take_parameter();
			length = strlen(piece);
		} else if (*piece && (isalnum((unsigned char)*piece) || strchr("-_./&@*", *piece) ||
		                      is_last_colon(piece))) {
			now.cursor++;
		} else {
			break;
		}
		if (n + length >= sizeof(word))
			lex_fail("a word of more than %zu characters", sizeof(word) - 1);
		memcpy(word + n, piece, length);
		n += length;
	}
	if (!n)
		lex_fail("%s expected", what);
	return strndup(word, n);
}

char *
lex_string(void)
{
	const char *start;
	char *s;

	if (!lex_take("\""))
		lex_fail("a string in quotes expected");
	start = now.cursor;
	now.cursor += strcspn(now.cursor, "\"\n");
	if (*now.cursor != '"')
		lex_fail("a string without end");
	s = strndup(start, (size_t)(now.cursor - start));
	now.cursor++;
	return s;
}

unsigned long
lex_number(void)
{
	char *end;
	unsigned long value;

	if (!lex_at_digit())
		lex_fail("a number expected");
	errno = 0;
	value = strtoul(now.cursor, &end, 10);
	if (errno || value > UINT32_MAX)
		lex_fail("a number over %u", UINT32_MAX);
	now.cursor = end;
	return value;
}
