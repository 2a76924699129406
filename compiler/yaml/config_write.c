/* SPDX-License-Identifier: Apache-2.0 */
/* Tree to document: see config_yaml.h. */
#include <stdlib.h>
#include <string.h>

#include "compiler/base/octets.h"
#include "compiler/tree/render.h"
#include "compiler/yaml/config_yaml.h"
#include "compiler/yaml/slots.h"

/* A key of the mapping that is being made, with what stands behind it. */
struct knot {
	const char *word;
	const struct slot *slot; /* NULL: keys only */
	struct knot *first, **last, *next;
	size_t n, capacity;
	const struct tnode **nodes; /* of the slot */
};

/* The mapping of one mode. */
struct mapping {
	struct arena *arena;
	struct knot top;
	size_t n_no, no_capacity, n_kept, kept_capacity;
	const struct tnode **no, **kept;
};

static void put_mode(struct emit *e, const char *key, const struct tnode *parent);

/* --- text ------------------------------------------------------------------------------------- */

/* The line without the blank that some end with. */
static char *
line_of(const struct tnode *n)
{
	size_t size = tnode_text(n, NULL, 0) + 1;
	char *line = x_alloc(size);

	tnode_text(n, line, size);
	for (size_t at = size - 1; at && line[at - 1] == ' '; at--)
		line[at - 1] = 0;
	return line;
}

static void
wipe_line(char *line)
{
	explicit_bzero(line, strlen(line));
	free(line);
}

/* What the line says behind its slot's path; NULL: it does not begin so. */
static const char *
rest_of(const char *line, const struct slot *s)
{
	size_t n = strlen(s->shown);

	if (strncmp(line, s->shown, n) != 0 || (line[n] && line[n] != ' '))
		return NULL;
	return line + n + (line[n] == ' ');
}

static bool
is_number(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n && !s[n] && n < 10 && (s[0] != '0' || n == 1);
}

static void
put_string(struct emit *e, const char *key, const char *s)
{
	char *utf8 = octets_to_utf8(s);

	emit_string(e, key, utf8);
	wipe_line(utf8);
}

static void
put_rest(struct emit *e, const char *key, const char *rest)
{
	if (!*rest)
		emit_bool(e, key, true);
	else if (is_number(rest))
		emit_int(e, key, strtol(rest, NULL, 10));
	else
		put_string(e, key, rest);
}

/* A line that is only kept may have others below it, as they were indented. */
static bool
is_container(const struct tnode *n)
{
	return tnode_entry(n)->verb == VERB_ENTER || tnode_child(n);
}

/* --- lines ------------------------------------------------------------------------------------ */

/* A mode whose lines are no keys. */
static void
put_lines(struct emit *e, const char *key, const struct tnode *const *nodes, size_t n)
{
	emit_list(e, key);
	for (size_t i = 0; i < n; i++) {
		char *line = line_of(nodes[i]), *utf8 = octets_to_utf8(line);

		if (is_container(nodes[i])) {
			emit_map(e, NULL);
			put_mode(e, utf8, nodes[i]);
			emit_end(e);
		} else {
			emit_string(e, NULL, utf8);
		}
		wipe_line(line);
		wipe_line(utf8);
	}
	emit_end(e);
}

/* --- slots ------------------------------------------------------------------------------------ */

static struct knot *
knot_at(struct mapping *m, struct knot *above, const char *word, size_t n)
{
	struct knot *k;

	for (k = above->first; k; k = k->next)
		if (strncmp(k->word, word, n) == 0 && !k->word[n])
			return k;
	k = arena_alloc(m->arena, sizeof(*k));
	k->word = arena_printf(m->arena, "%.*s", (int)n, word);
	k->last = &k->first;
	*above->last = k;
	above->last = &k->next;
	return k;
}

static void
remember_node(const struct tnode ***list, size_t *n, size_t *capacity, const struct tnode *node)
{
	x_grow(list, capacity, *n + 1, sizeof(struct tnode *));
	(*list)[(*n)++] = node;
}

static void
sort_in(struct mapping *m, const struct slots *slots, const struct tnode *n)
{
	char *line = line_of(n);
	bool kept = tnode_entry(n)->kept, negated = tnode_negated(n);
	const char *said = negated ? line + 3 : line;
	const struct slot *s = kept ? NULL : slots_of_line(slots, said);
	struct knot *k = &m->top;

	if (kept || (!s && !negated)) {
		remember_node(&m->kept, &m->n_kept, &m->kept_capacity, n);
	} else if (negated && (!s || s->form == SLOT_NAMES || s->form == SLOT_NUMBER ||
	                       strcmp(s->shown, said) != 0)) {
		remember_node(&m->no, &m->n_no, &m->no_capacity, n);
	} else {
		for (const char *at = s->path; *at;) {
			size_t length = strcspn(at, " ");

			k = knot_at(m, k, at, length);
			at += length + (at[length] == ' ');
		}
		k->slot = s;
		remember_node(&k->nodes, &k->n, &k->capacity, n);
	}
	wipe_line(line);
}

static void
put_names(struct emit *e, const struct knot *k)
{
	emit_map(e, k->word);
	for (size_t i = 0; i < k->n; i++) {
		char *line = line_of(k->nodes[i]), *name = octets_to_utf8(rest_of(line, k->slot));

		if (is_container(k->nodes[i]))
			put_mode(e, name, k->nodes[i]);
		else
			emit_bool(e, name, true);
		wipe_line(line);
		wipe_line(name);
	}
	emit_end(e);
}

/* The number first, then what the mode says. */
static void put_children(struct emit *e, const struct tnode *parent);

static void
put_numbers(struct emit *e, const struct knot *k)
{
	emit_list(e, k->word);
	for (size_t i = 0; i < k->n; i++) {
		char *line = line_of(k->nodes[i]);

		emit_map(e, NULL);
		put_rest(e, k->slot->arg, rest_of(line, k->slot));
		put_children(e, k->nodes[i]);
		emit_end(e);
		wipe_line(line);
	}
	emit_end(e);
}

static void
put_value(struct emit *e, const char *key, const struct knot *k, size_t i)
{
	char *line = line_of(k->nodes[i]);

	if (tnode_negated(k->nodes[i]))
		emit_bool(e, key, false);
	else
		put_rest(e, key, rest_of(line, k->slot));
	wipe_line(line);
}

static void
put_values(struct emit *e, const struct knot *k)
{
	if (k->n == 1) {
		put_value(e, k->word, k, 0);
		return;
	}
	emit_list(e, k->word);
	for (size_t i = 0; i < k->n; i++)
		put_value(e, NULL, k, i);
	emit_end(e);
}

static void
put_knot(struct emit *e, const struct knot *k)
{
	if (!k->slot) {
		emit_map(e, k->word);
		for (const struct knot *below = k->first; below; below = below->next)
			put_knot(e, below);
		emit_end(e);
	} else if (k->slot->form == SLOT_MODE && !tnode_negated(k->nodes[0])) {
		put_mode(e, k->word, k->nodes[0]);
	} else if (k->slot->form == SLOT_NAMES) {
		put_names(e, k);
	} else if (k->slot->form == SLOT_NUMBER) {
		put_numbers(e, k);
	} else {
		put_values(e, k);
	}
}

static void
forget_knot(struct knot *k)
{
	for (; k; k = k->next) {
		free(k->nodes);
		forget_knot(k->first);
	}
}

static void
put_no(struct emit *e, const struct mapping *m)
{
	emit_list(e, SLOTS_NO);
	for (size_t i = 0; i < m->n_no; i++) {
		char *line = line_of(m->no[i]);

		put_string(e, NULL, line + 3);
		wipe_line(line);
	}
	emit_end(e);
}

/* What stands in a mode, into the mapping that is open. */
static void
put_children(struct emit *e, const struct tnode *parent)
{
	struct mapping m = {.arena = arena_new()};
	const struct tnode **nodes;
	size_t n = render_children(parent, &nodes);

	m.top.last = &m.top.first;
	for (size_t i = 0; i < n; i++)
		sort_in(&m, slots_of(tnode_mode(parent)), nodes[i]);
	for (const struct knot *k = m.top.first; k; k = k->next)
		put_knot(e, k);
	if (m.n_no)
		put_no(e, &m);
	if (m.n_kept)
		put_lines(e, SLOTS_KEPT, m.kept, m.n_kept);
	forget_knot(m.top.first);
	free(m.no);
	free(m.kept);
	free(nodes);
	arena_free(m.arena);
}

static void
put_mode(struct emit *e, const char *key, const struct tnode *parent)
{
	const struct gram_entry *entry = tnode_entry(parent);

	if (slots_of(tnode_mode(parent))->lines || (entry && entry->verb != VERB_ENTER)) {
		const struct tnode **nodes;
		size_t n = render_children(parent, &nodes);

		put_lines(e, key, nodes, n);
		free(nodes);
		return;
	}
	emit_map(e, key);
	put_children(e, parent);
	emit_end(e);
}

void
config_emit(struct emit *e, const char *key, const struct tree *t)
{
	put_mode(e, key, tree_top(t));
}

void
config_write(const struct tree *t, enum emit_form form, struct text *out)
{
	struct emit *e = emit_new(form, out);

	config_emit(e, NULL, t);
	emit_free(e);
}
