/* SPDX-License-Identifier: Apache-2.0 */
/* Files into devices: see check.h. */
#include <stdlib.h>
#include <string.h>

#include "cli/device/load.h"
#include "cli/tools/check.h"

#define LABELS_MAX 64 /* key pairs of one kind that one file makes */

/* --- refused lines ---------------------------------------------------------------------------- */

/* What a device says, in one line and without its sign. */
static void
plain_message(const char *message, struct text *ret)
{
	const char *at = strstr(message, "% ");

	at = at ? at + 2 : strncmp(message, "ERROR: ", 7) == 0 ? message + 7 : message;
	text_add(ret, at, strcspn(at, "\n"));
}

void
check_refused(void *arg, const struct script_refusal *refusal)
{
	struct check_file *f = arg;
	struct text message = TEXT_INIT;
	struct diag d = {.severity = DIAG_ERROR,
	                 .line = refusal->line,
	                 .column = refusal->column,
	                 .text = "",
	                 .suggest = ""};

	if (d.column)
		d.length = (unsigned)strcspn(refusal->text + d.column - 1, " \t\r");
	switch (refusal->why) {
	case PARSE_INVALID:
		d.id = "line-invalid";
		text_printf(&message, "no command in this mode (%s) from here on",
		            refusal->prompt + strcspn(refusal->prompt, "("));
		break;
	case PARSE_INCOMPLETE:
		d.id = "line-incomplete";
		text_puts(&message, "the command is not complete");
		break;
	case PARSE_AMBIGUOUS:
		d.id = "line-ambiguous";
		text_puts(&message, "more than one command begins so");
		break;
	default:
		d.id = "line-refused";
		plain_message(refusal->message, &message);
		break;
	}
	d.message = text_string(&message);
	diag_add(&f->diags, &d);
	text_fini(&message);
}

/* --- keys ------------------------------------------------------------------------------------- */

/* What `crypto key generate` calls a key pair without a label. */
static const char *
default_label(const struct tree *t, struct arena *a)
{
	const char *host = tree_str(t, KEY_HOSTNAME, ARG_HOSTNAME);
	const char *domain = tree_str(t, KEY_IP_DOMAIN_NAME, ARG_DOMAIN);

	return arena_printf(a, "%s%s%s", host ? host : "Router", domain ? "." : "",
	                    domain ? domain : "");
}

/* Cuts the line behind the word that begins there, or after blanks. */
static const char *
cut_word(char *at)
{
	at += strspn(at, " ");
	at[strcspn(at, " \r")] = 0;
	return at;
}

/* What the pair is called that the line makes, or takes from elsewhere; NULL: it does neither. */
static const char *
label_made(char *line, const char *kind, const struct tree *t, struct arena *a)
{
	const char *generate = arena_printf(a, "crypto key generate %s", kind),
		   *import = arena_printf(a, "crypto key import %s ", kind);
	char *label = strstr(line, " label ");

	if (!strncmp(line, import, strlen(import)))
		return cut_word(line + strlen(import));
	if (strncmp(line, generate, strlen(generate)) != 0)
		return NULL;
	return label ? cut_word(label + strlen(" label ")) : default_label(t, a);
}

/* Where a command about keys begins in a line, alone or behind a prompt; NULL: there is none. */
static const char *
find_key_command(const char *line, size_t length, struct arena *a)
{
	const char *copy = arena_strndup(a, line, length), *at = strstr(copy, "crypto key ");
	size_t before = at ? (size_t)(at - copy) : 0;

	while (before && strchr(" \t", copy[before - 1]))
		before--;
	return !before || copy[before - 1] == '#' ? at : NULL;
}

/*
 * Finds the key pairs of a kind ("rsa", "ec") that commands in the same file make: a configuration
 * itself holds no keys.
 */
static size_t
find_labels(const char *text, const char *kind, const struct tree *t, struct arena *a,
            const char **labels)
{
	size_t n = 0;

	for (const char *line = text; *line && n < LABELS_MAX;) {
		size_t length = strcspn(line, "\n");
		const char *at = find_key_command(line, length, a);

		if (at) {
			labels[n] = label_made(arena_strdup(a, at), kind, t, a);
			n += labels[n] != NULL;
		}
		line += length + (line[length] == '\n');
	}
	return n;
}

/* The file's name without its folders and ending: what the device is called until it says so. */
static const char *
name_of(const char *path, struct arena *a)
{
	const char *slash = strrchr(path, '/');
	char *name = arena_strdup(a, slash ? slash + 1 : path);
	char *dot = strrchr(name, '.');

	if (dot && dot > name)
		*dot = 0;
	return name;
}

/* --- YAML ------------------------------------------------------------------------------------- */

/*
 * Reads a YAML document. Diagnostics give lines of the IOS text made of it; marks tell where in the
 * document each comes from.
 */
static void
read_yaml(struct tree *tree, struct check_file *f)
{
	if (config_read(tnode_mode(tree_top(tree)), f->text, strlen(f->text), &f->lines, &f->diags))
		load_trial_indented(NULL, tree, text_string(&f->lines.text), check_refused, f);
	else
		f->lines.n = 0;
}

/* Moves diagnostics from lines of the IOS text to the places in the document. */
static void
point_into_yaml(struct check_file *f)
{
	for (size_t i = 0; i < f->diags.n; i++) {
		struct diag *d = &f->diags.items[i];

		if (strcmp(d->id, "yaml") == 0 || d->line == 0 || d->line > f->lines.n)
			continue;
		d->text = "";
		d->length = 1;
		d->column = f->lines.marks[d->line - 1].column;
		d->line = f->lines.marks[d->line - 1].line;
	}
}

void
check_finish(struct checkup *checkup, struct check_file *files, size_t n)
{
	checkup_finish(checkup);
	for (size_t i = 0; i < n; i++) {
		point_into_yaml(&files[i]);
		check_index(&files[i]);
	}
}

void
check_file_fini(struct check_file *f)
{
	free(f->starts);
	diag_list_fini(&f->diags);
	config_lines_fini(&f->lines);
}

void
check_read(struct checkup *checkup, struct check_file *f)
{
	const char *rsa[LABELS_MAX], *ec[LABELS_MAX];
	struct compile_facts facts = {.rsa_labels = rsa, .ec_labels = ec};
	const struct device_kind *kind;
	struct tree *tree;
	struct arena *a;

	if (f->node) {
		check_read_node(checkup, f);
		return;
	}
	kind = device_kind_guess(f->text);
	facts.kind = kind->compile;
	tree = tree_new_in(kind->config);
	a = arena_new();
	diag_list_init(&f->diags);
	if (config_is_yaml(f->path))
		read_yaml(tree, f);
	else
		load_trial(NULL, tree, f->text, check_refused, f);
	facts.n_rsa_labels = find_labels(f->text, "rsa", tree, a, rsa);
	facts.n_ec_labels = find_labels(f->text, "ec", tree, a, ec);
	facts.default_hostname = name_of(f->path, a);
	f->policy = checkup_add(checkup, tree, &facts, &f->diags);
	arena_free(a);
	tree_free(tree);
}
