/* SPDX-License-Identifier: Apache-2.0 */
/* The command lines of `testudo convert` and `testudo schema`. */
#include "cli/tools/convert.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/device/config_load.h"
#include "cli/device/load.h"
#include "cli/files/host_file.h"
#include "cli/tools/usage.h"
#include "compiler/tree/render.h"

#define HELP "testudo convert --help"

enum { EXIT_REFUSED = 1, EXIT_PARTLY = 3 };

const char convert_help[] =
    "Usage: testudo convert FILE --to yaml|ios [--from yaml|ios] [--asa] [--keep-going] [-o OUT]\n"
    "\n"
    "Reads a configuration, IOS text or YAML (FILE.yaml, FILE.yml; with --from yaml any name, and "
    "-\n"
    "for stdin), and writes it as the other, as `show running-config` has it: without comments,\n"
    "defaults, and lines that act, which are named. Nothing is written when anything in it is "
    "wrong:\n"
    "each fault is told with its place. --asa: the YAML is a firewall's; its text says so itself.\n"
    "--keep-going: the lines of an IOS text that are refused are told, and the rest is written.\n"
    "The status is 0, 1 (refused, nothing written), 2 (usage, no such file) or 3 (written without\n"
    "what was refused).\n"
    "\n"
    "  testudo convert KS1.cfg --to yaml -o KS1.yaml\n"
    "  testudo schema > testudo.schema.json     what an editor needs to complete and check it\n";

const char schema_help[] =
    "Usage: testudo schema [lab]\n"
    "\n"
    "Writes the JSON Schema of configurations in YAML; lab: of labs (lab.yaml).\n";

struct options {
	const char *in, *out;
	bool to_yaml, to_given, from_yaml, keep_going;
	const struct device_kind *kind; /* the kind of device; NULL: the one that the text shows */
};

/* "yaml" or "ios"; -1 for another word. */
static int
form_of(const char *word)
{
	return !word ? -1 : !strcmp(word, "yaml") ? 1 : !strcmp(word, "ios") ? 0 : -1;
}

/* "--asa": the kind of device, where the text does not show it. */
static const struct device_kind *
kind_option(const char *word)
{
	const struct device_kind *kind =
	    strncmp(word, "--", 2) == 0 ? device_kind_named(word + 2) : NULL;

	return kind == device_kinds[0] ? NULL : kind;
}

static int
parse_options(int argc, char **argv, struct options *o)
{
	int from = -1;

	for (int i = 2; i < argc; i++) {
		const char *word = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;
		const struct device_kind *kind;
		int form = form_of(value);

		if (strcmp(word, "--to") == 0 || strcmp(word, "--from") == 0) {
			if (form < 0)
				return usage_error(HELP, "%s is yaml or ios", word);
			o->to_given |= word[2] == 't';
			if (word[2] == 't')
				o->to_yaml = form;
			else
				from = form;
			i++;
		} else if ((kind = kind_option(word))) {
			o->kind = kind;
		} else if (strcmp(word, "--keep-going") == 0) {
			o->keep_going = true;
		} else if (strcmp(word, "-o") == 0) {
			if (!value)
				return usage_error(HELP, "-o takes a file");
			o->out = argv[++i];
		} else if (*word == '-' && word[1]) {
			return usage_error(HELP, "there is no option %s", word);
		} else if (o->in) {
			return usage_error(HELP, "one file at a time: %s", word);
		} else {
			o->in = word;
		}
	}
	if (!o->in || !o->to_given)
		return usage_error(HELP, "testudo convert FILE --to yaml|ios");
	o->from_yaml = from >= 0 ? from : config_is_yaml(o->in);
	if (o->keep_going && o->from_yaml)
		return usage_error(HELP, "--keep-going is for IOS text: YAML is read as a whole");
	return 0;
}

/* --- IOS text --------------------------------------------------------------------------------- */

struct told {
	const char *file;
	struct text *out;
};

static void
on_refused(void *arg, const struct script_refusal *refusal)
{
	struct told *t = arg;

	text_printf(t->out, "%s:%u: error: refused\n", t->file, refusal->line);
	load_refusal_text(refusal, t->out);
}

/* The words up to what was chosen are enough: in that, or behind it, a secret may stand. */
static void
on_skipped(void *arg, unsigned line, const struct command *cmd)
{
	struct told *t = arg;
	size_t i = 0;

	text_printf(t->out, "%s:%u: note: left out, since it acts and is no setting:", t->file,
	            line);
	for (; i < cmd->n && cmd->values[i].elem->type == TYPE_KEYWORD; i++)
		text_printf(t->out, " %s", cmd->values[i].text);
	text_puts(t->out, i < cmd->n ? " ...\n" : "\n");
}

/* How much of a configuration the tree has; what is wrong has been told. */
enum loaded { LOADED_ALL, LOADED_PARTLY, LOADED_NOT };

static enum loaded
load_ios(struct tree *tree, const char *file, const struct text *text, struct text *told)
{
	struct told t = {file, told};

	if (strlen(text_string(text)) != text->n) {
		text_printf(told, "%s: error: holds a NUL: no text\n", file);
		return LOADED_NOT;
	}
	return load_trial_telling(tree, text_string(text), on_refused, on_skipped, &t).refused
	           ? LOADED_PARTLY
	           : LOADED_ALL;
}

static enum loaded
load_yaml(struct tree *tree, const char *file, const struct text *text, struct text *told)
{
	struct diag_list diags;
	bool fine;

	diag_list_init(&diags);
	fine = config_load(NULL, tree, text_string(text), text->n, &diags);
	config_tell(file, &diags, told);
	diag_list_fini(&diags);
	return fine ? LOADED_ALL : LOADED_NOT;
}

static int
write_out(const char *path, const struct text *text)
{
	/* Keys are in it: it is its owner's alone. */
	const int fd =
	    path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : STDOUT_FILENO;
	int error = fd < 0 ? -errno : host_file_write(fd, SPAN(text->p, text->n));

	if (path && fd >= 0 && close(fd) && !error)
		error = -errno;
	if (error)
		fprintf(stderr, "testudo: %s: %s\n", path ? path : "stdout", strerror(-error));
	return error ? EXIT_USAGE : 0;
}

static int
run_convert(const struct options *o, const struct text *text)
{
	const struct device_kind *kind = o->kind ? o->kind : device_kind_guess(text_string(text));
	struct tree *tree = tree_new_in(kind->config);
	struct text told = TEXT_INIT, out = TEXT_INIT;
	int status = EXIT_REFUSED;
	enum loaded loaded =
	    o->from_yaml ? load_yaml(tree, o->in, text, &told) : load_ios(tree, o->in, text, &told);

	fputs(text_string(&told), stderr);
	if (loaded == LOADED_ALL || (loaded == LOADED_PARTLY && o->keep_going)) {
		if (o->to_yaml)
			config_write(tree, EMIT_YAML, &out);
		else if (kind->render)
			kind->render(tree, &out);
		else
			render_config(tree, text_line, &out);
		status = write_out(o->out, &out);
	}
	if (!status && loaded == LOADED_PARTLY)
		status = EXIT_PARTLY;
	if (status == EXIT_REFUSED)
		usage_next(loaded == LOADED_PARTLY && !o->from_yaml
		               ? "the same with --keep-going, which writes the rest"
		               : "testudo help yaml, testudo schema");
	text_fini(&out);
	text_fini(&told);
	tree_free(tree);
	return status;
}

int
convert_main(int argc, char **argv)
{
	struct options o = {0};
	struct text text = TEXT_INIT;
	int status = parse_options(argc, argv, &o);

	if (!status && !host_file_read(o.in, CONFIG_YAML_MAX, &text))
		status = EXIT_USAGE;
	if (!status)
		status = run_convert(&o, &text);
	text_fini(&text);
	return status;
}

int
schema_main(int argc, char **argv)
{
	struct text out = TEXT_INIT;
	int status;

	bool lab = argc > 2 && strcmp(argv[2], "lab") == 0;

	if (argc > 2 + lab)
		return usage_error("testudo schema --help", "testudo schema takes no %s",
		                   argv[2 + lab]);
	config_schema(lab, &out);
	status = write_out(NULL, &out);
	text_fini(&out);
	return status;
}
