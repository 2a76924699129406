/* SPDX-License-Identifier: Apache-2.0 */
/* Labs for `testudo check`: a device for each node; see check.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/device/config_load.h"
#include "cli/device/load.h"
#include "cli/tools/check.h"

#define LABELS_MAX 64

bool
check_is_lab(const struct check_file *f)
{
	const char *at = f->text;

	while ((at = strstr(at, "nodes:")) && at > f->text && at[-1] != '\n')
		at++;
	return config_is_yaml(f->path) && at;
}

/* --- places ----------------------------------------------------------------------------------- */

static void
mark_line(struct config_lines *l, unsigned line)
{
	x_grow(&l->marks, &l->capacity, l->n + 1, sizeof(*l->marks));
	l->marks[l->n++] = (struct config_mark){.line = line, .path = ""};
}

/*
 * Marks where each line of a node comes from. Lines made of the topology come first and have no
 * place, then come the node's own; lines of `config` are numbered on from there.
 */
static void
mark_lines(struct config_lines *l, const struct lab_node_spec *node, const char *startup)
{
	size_t own = strlen(startup) - strlen(node->startup);

	for (size_t i = 0; startup[i]; i++)
		if (startup[i] == '\n')
			mark_line(l, i < own ? 0 : node->startup_line + (unsigned)l->n);
	/* The first of these marks has counted the lines before it, too */
	for (size_t i = 0, before = 0; i < l->n; i++) {
		if (!l->marks[i].line)
			before++;
		else
			l->marks[i].line -= (unsigned)before;
	}
	for (size_t i = 0; i < node->n_config_lines; i++)
		mark_line(l, node->config_lines[i]);
}

/* --- keys ------------------------------------------------------------------------------------- */

/*
 * The names of the keys that a node has: an exported lab holds its keys; those that a startup text
 * makes are not known here.
 */
static void
read_labels(const struct keystore *ks, const char **rsa, const char **ec,
            struct compile_facts *facts)
{
	while (facts->n_rsa_labels < keystore_count(ks) && facts->n_rsa_labels < LABELS_MAX) {
		rsa[facts->n_rsa_labels] = keystore_at(ks, facts->n_rsa_labels).label;
		facts->n_rsa_labels++;
	}
	while (facts->n_ec_labels < keystore_ec_count(ks) && facts->n_ec_labels < LABELS_MAX) {
		ec[facts->n_ec_labels] = keystore_ec_at(ks, facts->n_ec_labels).label;
		facts->n_ec_labels++;
	}
	facts->rsa_labels = rsa;
	facts->ec_labels = ec;
}

/* --- routes ----------------------------------------------------------------------------------- */

/* Its place is the document's already. */
static void
route_lost(void *arg, const struct lab_route *route, const char *why)
{
	struct check_file *f = arg;
	const struct diag d = {.severity = DIAG_ERROR,
	                       .id = "yaml",
	                       .line = route->line,
	                       .column = route->column,
	                       .text = "",
	                       .message = why,
	                       .suggest = ""};

	diag_add(&f->diags, &d);
}

/* Loads text whose first line is numbered behind all that has been marked. */
static void
load_behind(struct tree *tree, const char *lines, size_t marked, struct check_file *f)
{
	struct text text = TEXT_INIT;

	for (; marked; marked--)
		text_puts(&text, "\n");
	text_puts(&text, lines);
	load_trial_indented(NULL, tree, text_string(&text), check_refused, f);
	text_fini(&text);
}

static void
load_routes(struct tree *tree, struct check_file *f)
{
	unsigned *lines = x_alloc((f->node->n_routes + 1) * sizeof(*lines));
	size_t marked = f->lines.n, n;
	struct text text = TEXT_INIT;

	n = lab_routes_text(f->node, tree, &text, lines, route_lost, f);
	for (size_t i = 0; i < n; i++)
		mark_line(&f->lines, lines[i]);
	load_behind(tree, text_string(&text), marked, f);
	text_fini(&text);
	free(lines);
}

/* --- nodes ------------------------------------------------------------------------------------ */

void
check_read_node(struct checkup *checkup, struct check_file *f)
{
	const struct lab_node_spec *node = f->node;
	struct tree *tree = tree_new_in(node->kind->config);
	struct keystore *ks = keystore_new();
	struct text startup = TEXT_INIT;
	const char *rsa[LABELS_MAX], *ec[LABELS_MAX];
	struct compile_facts facts = {
	    .kind = node->kind->compile, .default_hostname = node->name, .has_shared_store = true};

	diag_list_init(&f->diags);
	lab_startup_text(node, &startup);
	mark_lines(&f->lines, node, text_string(&startup));
	load_trial(NULL, tree, text_string(&startup), check_refused, f);
	load_behind(tree, node->config ? node->config : "", f->lines.n - node->n_config_lines, f);
	load_routes(tree, f);
	if (node->keys)
		keystore_read(ks, SPAN(node->keys, strlen(node->keys)));
	read_labels(ks, rsa, ec, &facts);
	f->policy = checkup_add(checkup, tree, &facts, &f->diags);
	keystore_free(ks);
	text_fini(&startup);
	tree_free(tree);
}

struct lab_spec *
check_lab(const struct check_file *f)
{
	struct text told = TEXT_INIT;
	struct diag_list diags;
	struct lab_spec *spec;

	diag_list_init(&diags);
	spec = lab_spec_parse(f->path, f->text, strlen(f->text), &diags);
	config_tell(f->path, &diags, &told);
	fputs(text_string(&told), stderr);
	diag_list_fini(&diags);
	text_fini(&told);
	return spec;
}
