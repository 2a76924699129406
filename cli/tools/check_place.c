/* SPDX-License-Identifier: Apache-2.0 */
/* Where in a file a diagnostic points, and what may be shown of it: see check.h. */
#include <ctype.h>
#include <string.h>

#include "cli/tools/check.h"

static const char *
find_line(const char *text, unsigned line, size_t *ret_n)
{
	while (line > 1 && *text) {
		text += strcspn(text, "\n");
		text += *text == '\n';
		line--;
	}
	*ret_n = strcspn(text, "\n");
	if (*ret_n && text[*ret_n - 1] == '\r')
		--*ret_n;
	return text;
}

/* May a secret follow this word? */
static bool
announces_secret(const char *word, size_t n)
{
	static const char *const words[] = {"key",    "key-string",     "password",
	                                    "secret", "pre-shared-key", "psk"};

	while (n && word[n - 1] == ':') /* as a key of YAML */
		n--;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strlen(words[i]) == n && strncmp(words[i], word, n) == 0)
			return true;
	return false;
}

/* The line before the one that begins at `at`; NULL: it is the first. */
static const char *
line_before(const char *text, const char *at)
{
	if (at == text)
		return NULL;
	for (at--; at > text && at[-1] != '\n'; at--)
		;
	return at;
}

/* An element of a sequence in YAML: does the key that the sequence stands under announce one? */
static bool
is_secret_element(const char *text, unsigned line)
{
	size_t n;
	const char *at = find_line(text, line, &n);
	size_t indent = strspn(at, " ");

	if (at[indent] != '-')
		return false;
	while ((at = line_before(text, at))) {
		size_t blanks = strspn(at, " "), end;

		if (at[blanks] == '-' || blanks > indent)
			continue;
		end = blanks + strcspn(at + blanks, ": \r\n");
		return announces_secret(at + blanks, end - blanks);
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
	const char *text = find_line(f->text, line, &n);
	bool element = config_is_yaml(f->path) && is_secret_element(f->text, line), hide = false;

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
		hide |= announces_secret(text + at, end - at) &&
		        (n - end < sizeof(generate) - 1 ||
		         strncmp(text + end, generate, sizeof(generate) - 1) != 0);
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
	const char *line = find_line(f->text, d->line, &n), *word;

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
