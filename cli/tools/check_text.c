/* SPDX-License-Identifier: Apache-2.0 */
/* Diagnostics for people: as compilers write them. */
#include <string.h>

#include "cli/tools/check.h"
#include "compiler/check/explain.h"

#define LINE_SHOWN 400 /* columns of a line */

static void
write_place(const struct check_file *f, const struct diag *d, unsigned column, struct text *out)
{
	text_puts(out, f->path);
	if (d->line)
		text_printf(out, ":%u", d->line);
	if (column)
		text_printf(out, ":%u", column);
}

/* A line that is too long is cut, around the column if there is one; *column: in what is left. */
static void
write_line(const struct check_file *f, unsigned line, unsigned *column, struct text *out)
{
	struct text whole = TEXT_INIT;
	size_t from = *column > LINE_SHOWN / 2 ? *column - LINE_SHOWN / 2 : 0, n;

	check_line(f, line, &whole);
	if (whole.n <= LINE_SHOWN || from > whole.n)
		from = 0;
	n = whole.n - from < LINE_SHOWN ? whole.n - from : LINE_SHOWN;
	if (from)
		text_puts(out, "...");
	if (n)
		text_add(out, whole.p + from, n);
	if (from + n < whole.n)
		text_puts(out, "...");
	*column -= *column && from ? (unsigned)from - 3 : 0;
	text_fini(&whole);
}

static void
write_source(const struct check_file *f, const struct diag *d, unsigned column, unsigned length,
             struct text *out)
{
	text_printf(out, "%5u | ", d->line);
	write_line(f, d->line, &column, out);
	text_puts(out, "\n");
	if (!column)
		return;
	if (length > LINE_SHOWN / 2)
		length = LINE_SHOWN / 2;
	text_printf(out, "      | %*s^", (int)column - 1, "");
	for (unsigned i = 1; i < length; i++)
		text_puts(out, "~");
	text_puts(out, "\n");
}

static void
write_diag(const struct check_file *f, const struct diag *d, struct text *out)
{
	unsigned length, column = check_column(f, d, &length);

	write_place(f, d, column, out);
	text_printf(out, ": %s: %s [%s]\n", severity_text(d->severity), d->message, d->id);
	if (d->line)
		write_source(f, d, column, length, out);
	if (*d->suggest)
		text_printf(out, "      = suggestion: %s\n", d->suggest);
}

static void
write_number(struct text *out, size_t n, const char *what, bool last)
{
	text_printf(out, "%zu %s%s%s", n, what, n == 1 ? "" : "s", last ? "\n" : ", ");
}

/* Replaces characters of a name that a terminal would obey. */
static void
tame_text(struct text *out)
{
	for (size_t i = 0; i < out->n; i++)
		if (((unsigned char)out->p[i] < 0x20 && out->p[i] != '\n') || out->p[i] == 0x7f)
			out->p[i] = '.';
}

void
check_write_text(const struct check_file *files, size_t n, struct text *out)
{
	struct check_count c = check_count(files, n);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < files[i].diags.n; k++)
			write_diag(&files[i], &files[i].diags.items[k], out);
	text_printf(out, "%zu device%s: ", n, n == 1 ? "" : "s");
	write_number(out, c.errors, "error", false);
	write_number(out, c.warnings, "warning", false);
	write_number(out, c.notes, "note", true);
	if (c.errors + c.warnings + c.notes)
		text_puts(out, "More about any of them: testudo explain ID\n");
	tame_text(out);
}
