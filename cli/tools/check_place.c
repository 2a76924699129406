/* SPDX-License-Identifier: Apache-2.0 */
/* Where in a file a diagnostic points, and what may be shown of it: see check.h. */
#include <ctype.h>
#include <string.h>

#include "cli/device/load.h"
#include "cli/tools/check.h"

/* Where the lines begin; the text's end comes last. */
void
check_index(struct check_file *f)
{
	const char *at = f->text;

	for (;;) {
		x_grow(&f->starts, &f->starts_capacity, f->n_starts + 1, sizeof(*f->starts));
		f->starts[f->n_starts++] = at;
		if (!*at)
			return;
		at += strcspn(at, "\n");
		at += *at == '\n';
	}
}

static const char *
find_line(const struct check_file *f, unsigned line, size_t *ret_n)
{
	size_t i = line ? line - 1 : 0;
	const char *text = f->text;

	if (f->n_starts)
		text = f->starts[i < f->n_starts ? i : f->n_starts - 1];
	for (; !f->n_starts && i && *text; i--) {
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	*ret_n = strcspn(text, "\n");
	if (*ret_n && text[*ret_n - 1] == '\r')
		--*ret_n;
	return text;
}

/* May a secret follow this word, which may be a key of YAML? */
static bool
announces_secret(const char *word, size_t n, bool first)
{
	while (n && word[n - 1] == ':')
		n--;
	return load_announces_secret(word, n, first);
}

#define ELEMENTS_SEEN 1000 /* of a sequence, on the way up to its key */

/*
 * An element of a sequence in YAML: does the key that the sequence stands under announce one? It
 * may when that key is too far away.
 */
static bool
is_secret_element(const struct check_file *f, unsigned line)
{
	size_t n, seen = 0;
	const char *at = find_line(f, line, &n);
	size_t indent = strspn(at, " ");

	if (at[indent] != '-')
		return false;
	while (line-- > 1) {
		size_t blanks, end;

		if (++seen > ELEMENTS_SEEN)
			return true;
		at = find_line(f, line, &n);
		blanks = strspn(at, " ");
		if (at[blanks] == '-' || blanks > indent)
			continue;
		end = blanks + strcspn(at + blanks, ": \r\n");
		return announces_secret(at + blanks, end - blanks, true);
	}
	return false;
}

/*
 * Columns stay as they are, so that a caret still fits. Tabs become blanks, and characters that are
 * not text become dots.
 */
void
check_line(const struct check_file *f, unsigned line, struct text *ret)
{
	size_t n, at = 0;
	static const char generate[] = " generate";
	const char *text = find_line(f, line, &n);
	bool element = config_is_yaml(f->path) && is_secret_element(f, line), hide = false;
	bool first = true;

	while (at < n) {
		size_t end = at;

		hide |= element && text[at] != ' ' && text[at] != '-';

		while (end < n && !isspace((unsigned char)text[end]))
			end++;
		for (size_t i = at; i < end; i++)
			text_printf(ret, "%c",
			            hide                              ? '*'
			            : iscntrl((unsigned char)text[i]) ? '.'
			                                              : text[i]);
		/* "crypto key generate ..." holds no secret */
		hide |= announces_secret(text + at, end - at, first) &&
		        (n - end < sizeof(generate) - 1 ||
		         strncmp(text + end, generate, sizeof(generate) - 1) != 0);
		first &= end == at;
		if (end < n)
			text_puts(ret, " ");
		at = end + (end < n);
	}
}

static bool
stands_alone(const char *line, size_t n, size_t at, size_t length)
{
	return (at == 0 || isspace((unsigned char)line[at - 1])) &&
	       (at + length == n || isspace((unsigned char)line[at + length]));
}

/*
 * The compiler points into the rendered line; the typed line may be shorter and have other blanks.
 * So this looks for the word in the typed line; when it is not there, the diagnostic is about the
 * whole line.
 */
unsigned
check_column(const struct check_file *f, const struct diag *d, unsigned *ret_length)
{
	size_t n, length = d->length, blanks;
	const char *line = find_line(f, d->line, &n), *word;

	*ret_length = d->length;
	if (!d->line || d->line > 1000000)
		return 0;
	blanks = strspn(line, " \t");
	if (!*d->text) /* the diagnostic is about the whole line */
		return d->column;
	if (d->column && d->column - 1 + length <= strlen(d->text) && length) {
		word = d->text + d->column - 1;
		for (size_t at = 0; at + length <= n; at++)
			if (strncmp(line + at, word, length) == 0 &&
			    stands_alone(line, n, at, length))
				return (unsigned)at + 1;
	}
	*ret_length = (unsigned)(n > blanks ? n - blanks : 0);
	return *ret_length ? (unsigned)blanks + 1 : 0;
}

struct check_count
check_count(const struct check_file *files, size_t n)
{
	struct check_count c = {0};

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < files[i].diags.n; k++) {
			enum severity s = files[i].diags.items[k].severity;

			c.errors += s == DIAG_ERROR;
			c.warnings += s == DIAG_WARNING;
			c.notes += s == DIAG_NOTE;
		}
	return c;
}
