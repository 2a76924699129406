/* SPDX-License-Identifier: Apache-2.0 */
/* gramc's output: grammar.h, the enums, and grammar.c, the constant tables. */
#include "compiler/grammar/gramc.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static void
put_name(FILE *f, const char *prefix, const char *name)
{
	fputs(prefix, f);
	for (; *name; name++)
		fputc(isalnum((unsigned char)*name) ? toupper((unsigned char)*name) : '_', f);
}

static void
put_enum(FILE *f, const char *tag, const char *prefix, const struct names *names)
{
	int i;

	fprintf(f, "enum %s {\n\t%sNONE = 0,\n", tag, prefix);
	for (i = 0; i < names->n; i++) {
		fputc('\t', f);
		put_name(f, prefix, names->at[i]);
		fprintf(f, " = %d,\n", i + 1);
	}
	fprintf(f, "\t%sCOUNT\n};\n\n", prefix);
}

static void
write_header(FILE *f)
{
	int i;

	fputs("/* Written by gramc from the grammar. */\n#ifndef TESTUDO_GRAMMAR_H\n"
	      "#define TESTUDO_GRAMMAR_H\n\n#include \"compiler/grammar/grammar_types.h\"\n\nenum "
	      "gram_mode {\n",
	      f);
	for (i = 0; i < n_modes; i++) {
		fputc('\t', f);
		put_name(f, "MODE_", modes[i].name);
		fprintf(f, " = %d,\n", i);
	}
	fputs("\tMODE_COUNT\n};\n\n", f);
	put_enum(f, "gram_key", "KEY_", &keys);
	put_enum(f, "gram_arg", "ARG_", &args);
	put_enum(f, "gram_handler", "H_", &handlers);
	fputs("extern const struct gram_elem gram_elems[];\n"
	      "extern const struct gram_entry gram_entries[];\n"
	      "extern const uint16_t gram_entry_count;\n"
	      "extern const struct gram_mode_info gram_modes[];\n"
	      "extern const uint16_t gram_next[];\n"
	      "extern const struct gram_start gram_starts[];\n"
	      "extern const char *const gram_key_names[];\n"
	      "extern const char *const gram_arg_names[];\n"
	      "extern const char *const gram_handler_names[];\n\n#endif\n",
	      f);
}

static void
put_string(FILE *f, const char *s)
{
	if (!s) {
		fputs("NULL", f);
		return;
	}
	fputc('"', f);
	for (; *s; s++)
		fprintf(f, *s == '\\' || *s == '"' ? "\\%c" : "%c", *s);
	fputc('"', f);
}

static void
put_names(FILE *f, const char *what, const struct names *names)
{
	int i;

	fprintf(f, "const char *const %s[] = {\n\t\"\",\n", what);
	for (i = 0; i < names->n; i++)
		fprintf(f, "\t\"%s\",\n", names->at[i]);
	fputs("};\n\n", f);
}

/* Every list of successors, each after its count; returns where the lists of entries begin. */
static int
write_next(FILE *f)
{
	int i, j, at_index = 0;

	fputs("const uint16_t gram_next[] = {\n", f);
	for (i = 0; i < n_elems; i++) {
		fprintf(f, "\t%d,", elems[i].n_next);
		for (j = 0; j < elems[i].n_next; j++)
			fprintf(f, " %d,", elems[i].next[j]);
		fputc('\n', f);
		at_index += elems[i].n_next + 1;
	}
	for (i = 0; i < n_entries; i++) {
		fprintf(f, "\t%d,", entries[i].n_first);
		for (j = 0; j < entries[i].n_first; j++)
			fprintf(f, " %d,", entries[i].first[j]);
		fputc('\n', f);
	}
	fputs("};\n\n", f);
	return at_index;
}

static void
write_elems(FILE *f)
{
	int i, next = 0;

	fputs("const struct gram_elem gram_elems[] = {\n", f);
	for (i = 0; i < n_elems; i++) {
		const struct elem *e = &elems[i];

		fputs("\t{.type = ", f);
		put_name(f, "TYPE_", e->type);
		fprintf(f,
		        ", .arg = %d, .repeat = %d, .secret = %d, .hidden = %d, .cut = %d, .min = "
		        "%luu, .max = %luu, .next = %d",
		        e->arg, e->repeat, e->secret, e->hidden, e->cut, e->min, e->max, next);
		fputs(", .text = ", f);
		put_string(f, e->text);
		fputs(", .shown = ", f);
		put_string(f, e->shown ? e->shown : e->text);
		fputs(", .help = ", f);
		put_string(f, e->help);
		fputs("},\n", f);
		next += e->n_next + 1;
	}
	fputs("};\n\n", f);
}

static void
write_entries(FILE *f, int next)
{
	int i;

	fputs("const struct gram_entry gram_entries[] = {\n", f);
	for (i = 0; i < n_entries; i++) {
		const struct entry *e = &entries[i];

		fputs("\t{.verb = ", f);
		put_name(f, "VERB_", e->verb);
		fputs(", .canon = ", f);
		put_name(f, "CANON_", e->canon ? e->canon : "none");
		fprintf(f,
		        ", .mode = %d, .first = %d, .elem = %d, .n_elems = %d, .key = %d, .handler "
		        "= %d, "
		        ".target = %d, .order = %d, .step = %d, .pipe = %d, .on = %d, .either = "
		        "%d, .blank = %d, .flat = %d, "
		        ".quit = %d, .kept = %d, .repeats = %d, .before = %d, .group = %d, "
		        ".by = {%d, %d, %d, %d, %d}, .line = %u, "
		        ".dflt = ",
		        e->mode, next, e->elem, e->n_elems, e->key, e->handler, e->target, e->order,
		        e->step, e->pipe, e->on, e->either, e->blank, e->flat, e->quit, e->kept,
		        e->repeats, e->before, e->group, e->by[0], e->by[1], e->by[2], e->by[3],
		        e->by[4], e->place.line);
		put_string(f, e->dflt);
		fputs(", .unbuilt = ", f);
		put_string(f, e->unbuilt);
		fputs(", .ends = ", f);
		put_string(f, e->ends);
		fputs("},\n", f);
		next += e->n_first + 1;
	}
	fprintf(f, "};\n\nconst uint16_t gram_entry_count = %d;\n\n", n_entries);
}

struct start {
	int entry, elem, letter, place;
};

static int
compare_starts(const void *a, const void *b)
{
	const struct start *x = a, *y = b;

	return x->letter != y->letter ? x->letter - y->letter : x->place - y->place;
}

/* The words a mode's lines begin with; returns how many. */
static int
write_starts_of(FILE *f, const struct mode *m)
{
	static struct start starts[MAX_ELEMS];
	int n = 0, i, j;

	for (i = m->first; i < m->first + m->n; i++)
		for (j = 0; j < entries[i].n_first; j++) {
			const struct elem *e;

			if (entries[i].first[j] == END)
				continue;
			e = &elems[entries[i].first[j]];
			starts[n] =
			    (struct start){i, entries[i].first[j],
			                   e->text ? tolower((unsigned char)*e->text) : 0, n};
			n++;
		}
	qsort(starts, (size_t)n, sizeof(starts[0]), compare_starts);
	for (i = 0; i < n; i++) {
		fprintf(f, "\t{%d, %d, %d},\n", starts[i].entry, starts[i].elem, starts[i].letter);
	}
	return n;
}

static void
write_starts(FILE *f)
{
	int i, n = 0;

	fputs("const struct gram_start gram_starts[] = {\n", f);
	for (i = 0; i < n_modes; i++) {
		modes[i].start = n;
		modes[i].n_starts = write_starts_of(f, &modes[i]);
		n += modes[i].n_starts;
	}
	fputs("\t{0, 0, 0},\n};\n\n", f);
}

static void
write_modes(FILE *f)
{
	int i;

	write_starts(f);
	fputs("const struct gram_mode_info gram_modes[] = {\n", f);
	for (i = 0; i < n_modes; i++) {
		const struct mode *m = &modes[i];

		fprintf(f,
		        "\t{.name = \"%s\", .parent = %d, .common = %d, .first = %d, .n = %d, "
		        ".config = %d, .otherwise = %d, .any = %d, .start = %d, .n_starts = %d, "
		        ".prompt = ",
		        m->name, m->parent < 0 ? i : m->parent, m->common < 0 ? i : m->common,
		        m->first, m->n, m->config, m->otherwise < 0 ? i : m->otherwise,
		        m->any < 0 ? i : m->any, m->start, m->n_starts);
		put_string(f, m->prompt ? m->prompt : "");
		fputs("},\n", f);
	}
	fputs("};\n\n", f);
}

int
gramc_write(FILE *header, FILE *source)
{
	int lists;

	write_header(header);
	fputs("/* Written by gramc from the grammar. */\n#include \"grammar.h\"\n\n", source);
	lists = write_next(source);
	write_elems(source);
	write_entries(source, lists);
	write_modes(source);
	put_names(source, "gram_key_names", &keys);
	put_names(source, "gram_arg_names", &args);
	put_names(source, "gram_handler_names", &handlers);
	return ferror(header) || ferror(source) ? -1 : 0;
}
