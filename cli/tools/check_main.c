/* SPDX-License-Identifier: Apache-2.0 */
/* The command lines of `testudo check` and `testudo explain`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/files/host_file.h"
#include "cli/tools/check.h"
#include "cli/tools/usage.h"
#include "compiler/check/explain.h"

enum { EXIT_FOUND = 1 };

#define PAGE_WIDTH 79

const char check_help[] =
    "Usage: testudo check [OPTION]... FILE...\n"
    "\n"
    "Reads the configurations of devices, one in each FILE (IOS text, - is stdin, or YAML), or all "
    "of\n"
    "a lab (LAB.yaml, or the folder of a lab.yaml), and says what is wrong with each of them and\n"
    "what does not fit between them.\n"
    "\n"
    "  --format FORMAT   text (the default), json, or sarif (2.1.0, for code scanning)\n"
    "  --policy          print what the configurations mean instead, as YAML\n"
    "  --strict          warnings count as errors in the exit status\n"
    "\n"
    "The exit status is 0 when nothing is wrong, 1 when there are errors (with --strict:\n"
    "warnings), 2 when a file cannot be read. Notes never count. The policy of a device is\n"
    "complete only when it has no errors.\n"
    "\n"
    "  testudo check KS1.cfg GM1.cfg GM2.cfg   the devices of a group, together\n"
    "  testudo explain weak-hash               what a diagnostic means\n";

const char explain_help[] =
    "Usage: testudo explain [ID]...\n"
    "\n"
    "Says what diagnostics mean and what to do; without ID lists them all.\n";

typedef void write_fn(const struct check_file *files, size_t n, struct text *out);

struct options {
	struct arena *arena; /* of paths that are made here */
	write_fn *write;
	bool strict;
	size_t n;
	struct check_file *files;
};

static int
parse_format(const char *name, struct options *o)
{
	static const struct {
		const char *name;
		write_fn *write;
	} formats[] = {
	    /* clang-format off */
	    {"text",  check_write_text},
	    {"json",  check_write_json},
	    {"sarif", check_write_sarif}
	    /* clang-format on */
	};

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (name && strcmp(formats[i].name, name) == 0) {
			o->write = formats[i].write;
			return 0;
		}
	return usage_error("testudo check --help", "--format is text, json or sarif, not \"%s\"",
	                   name ? name : "");
}

/* A folder with a lab.yaml is that lab, as for `testudo lab`. */
static const char *
path_of(struct options *o, const char *word)
{
	const char *lab = arena_printf(o->arena, "%s/lab.yaml", word);
	struct stat st;

	return !stat(word, &st) && S_ISDIR(st.st_mode) && !stat(lab, &st) ? lab : word;
}

static int
parse_options(int argc, char **argv, struct options *o)
{
	bool files_only = false;

	for (int i = 2; i < argc; i++) {
		const char *word = argv[i];

		if (files_only || *word != '-' || strcmp(word, "-") == 0) {
			o->files[o->n++].path = path_of(o, word);
		} else if (strcmp(word, "--") == 0) {
			files_only = true;
		} else if (strcmp(word, "--strict") == 0) {
			o->strict = true;
		} else if (strcmp(word, "--policy") == 0) {
			o->write = check_write_policy;
		} else if (strncmp(word, "--format=", 9) == 0) {
			if (parse_format(word + 9, o))
				return EXIT_USAGE;
		} else if (strcmp(word, "--format") == 0) {
			if (parse_format(++i < argc ? argv[i] : NULL, o))
				return EXIT_USAGE;
		} else {
			return usage_error("testudo check --help", "there is no option %s", word);
		}
	}
	return o->n ? 0 : usage_error("testudo check --help", "which files? testudo check FILE...");
}

/*
 * Reads a file; NULL after saying why it cannot. NULs become blanks, so that they do not end the
 * text.
 */
static char *
read_text(const char *path)
{
	struct text t = TEXT_INIT;

	if (!host_file_read(path, CHECK_FILE_MAX, &t))
		return NULL;
	text_puts(&t, "");
	for (size_t i = 0; i < t.n; i++)
		t.p[i] = t.p[i] ? t.p[i] : ' ';
	return t.p;
}

/* The devices of all files: those of a lab are many. */
struct devices {
	size_t n, capacity;
	struct check_file *at;
	size_t n_labs, labs_capacity;
	struct lab_spec **labs;
};

static void
add_device(struct devices *d, const struct check_file *f)
{
	x_grow(&d->at, &d->capacity, d->n + 1, sizeof(*d->at));
	d->at[d->n++] = *f;
}

static void
wipe_text(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

/* The nodes of a lab instead of its file; false after saying what is wrong with it. */
static bool
add_lab(struct devices *d, const struct check_file *f)
{
	struct lab_spec *spec = check_lab(f);

	if (!spec)
		return false;
	x_grow(&d->labs, &d->labs_capacity, d->n_labs + 1, sizeof(struct lab_spec *));
	d->labs[d->n_labs++] = spec;
	for (size_t k = 0; k < spec->n_nodes; k++) {
		const struct check_file node = {
		    .path = f->path, .text = x_strdup(f->text), .node = &spec->nodes[k]};

		add_device(d, &node);
	}
	return true;
}

/*
 * Adds all files; false after saying what is wrong with a lab. From here on the texts belong to the
 * devices.
 */
static bool
add_all(struct options *o, struct devices *d)
{
	bool fine = true;

	for (size_t i = 0; i < o->n; i++) {
		if (check_is_lab(&o->files[i])) {
			fine = add_lab(d, &o->files[i]) && fine;
			wipe_text(o->files[i].text);
		} else {
			add_device(d, &o->files[i]);
		}
	}
	return fine;
}

static void
devices_fini(struct devices *d)
{
	for (size_t i = 0; i < d->n; i++)
		wipe_text(d->at[i].text);
	for (size_t i = 0; i < d->n_labs; i++)
		lab_spec_free(d->labs[i]);
	free(d->at);
	free(d->labs);
}

/* The devices must not move in memory: the checkup remembers where their diagnostics go. */
static struct check_count
check_all(struct devices *d, write_fn *write, struct text *out)
{
	struct checkup *checkup = checkup_new();
	struct check_count c;

	for (size_t i = 0; i < d->n; i++)
		check_read(checkup, &d->at[i]);
	check_finish(checkup, d->at, d->n);
	write(d->at, d->n, out);
	c = check_count(d->at, d->n);
	for (size_t i = 0; i < d->n; i++)
		check_file_fini(&d->at[i]);
	checkup_free(checkup);
	return c;
}

static int
run_check(struct options *o)
{
	struct devices d = {0};
	struct text out = TEXT_INIT;
	int status = EXIT_USAGE;

	if (add_all(o, &d)) {
		struct check_count c = check_all(&d, o->write, &out);

		fputs(text_string(&out), stdout);
		status = c.errors || (o->strict && c.warnings) ? EXIT_FOUND : 0;
	}
	text_fini(&out);
	devices_fini(&d);
	return fflush(stdout) || ferror(stdout) ? EXIT_USAGE : status;
}

int
check_main(int argc, char **argv)
{
	struct options o = {.arena = arena_new(), .write = check_write_text};
	int status;

	o.files = x_alloc((size_t)argc * sizeof(*o.files));
	status = parse_options(argc, argv, &o);
	for (size_t i = 0; !status && i < o.n; i++) {
		o.files[i].text = read_text(o.files[i].path);
		if (!o.files[i].text)
			status = EXIT_USAGE;
	}
	if (!status)
		status = run_check(&o);
	else
		for (size_t i = 0; i < o.n; i++)
			wipe_text(o.files[i].text);
	free(o.files);
	arena_free(o.arena);
	return status;
}

/* --- explain ---------------------------------------------------------------------------------- */

/* Prints text in lines of at most PAGE_WIDTH. */
static void
print_paragraph(const char *text)
{
	size_t at = 0;

	while (*text) {
		size_t n = strcspn(text, " ");

		if (at && at + 1 + n > PAGE_WIDTH) {
			putchar('\n');
			at = 0;
		}
		printf("%s%.*s", at ? " " : "", (int)n, text);
		at += n + (at > 0);
		text += n;
		text += strspn(text, " ");
	}
	putchar('\n');
}

static int
run_explain(const char *id)
{
	const struct explanation *x = explain_find(id);
	const char *near = x ? NULL : explain_nearest(id);

	if (!x) {
		fprintf(stderr, "testudo: there is no diagnostic \"%s\"", id);
		if (near)
			fprintf(stderr, "; did you mean \"%s\"?", near);
		fputs("\nTry: testudo explain\n", stderr);
		return EXIT_USAGE;
	}
	printf("%s: %s\n\n", x->id, x->title);
	print_paragraph(x->page);
	return 0;
}

int
explain_main(int argc, char **argv)
{
	int status = 0;

	for (size_t i = 0; argc == 2 && i < explain_count(); i++)
		printf("%-26s %s\n", explain_at(i)->id, explain_at(i)->title);
	for (int i = 2; i < argc && !status; i++) {
		if (i > 2)
			putchar('\n');
		status = run_explain(argv[i]);
	}
	return fflush(stdout) || ferror(stdout) ? EXIT_USAGE : status;
}
