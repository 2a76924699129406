/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration typed into a config tree, and its text: for the tests that walk the grammar. */
#ifndef TESTUDO_TESTS_WALK_TREE_H
#define TESTUDO_TESTS_WALK_TREE_H

#include "compiler/device/device_kind.h"
#include "tests/unit/render_tree.h"
#include "walk.h"

#define NO_PARSE (-1)

/* Types a configuration command: its verdict, or NO_PARSE. ret_entry: what it was; NULL is fine. */
static inline int
type_line_as(struct tree *t, struct tnode **context, const char *line,
             const struct gram_entry **ret_entry)
{
	struct arena *a = arena_new();
	int verdict = NO_PARSE;
	struct command c;
	size_t column;
	enum parse p = command_parse(tnode_mode(*context), line, a, &c, &column);

	if (p == PARSE_EMPTY)
		verdict = TREE_SAME;
	else if (p == PARSE_OK && c.entry->verb != VERB_DO)
		verdict = (int)tree_apply(t, context, &c, 1);
	else if (p == PARSE_OK && c.entry->handler == H_CONFIG_EXIT) {
		*context = tnode_parent(*context);
		verdict = TREE_SAME;
	}
	if (ret_entry)
		*ret_entry = p == PARSE_OK ? c.entry : NULL;
	arena_free(a);
	return verdict;
}

static inline int
type_line(struct tree *t, struct tnode **context, const char *line)
{
	return type_line_as(t, context, line, NULL);
}

/* The mode in which the configuration begins that a mode is of: a router's, a firewall's. */
static inline enum gram_mode
root_of(uint16_t mode)
{
	mode = walk_typed_in(mode);
	while (gram_modes[mode].parent != mode)
		mode = gram_modes[mode].parent;
	return device_kind_in((enum gram_mode)mode) ? (enum gram_mode)mode : MODE_CONFIG;
}

/* Lines that are typed as a whole with their container's: the shell takes them apart. */
static inline bool
is_flat(uint16_t mode)
{
	for (uint16_t i = 0; i < gram_entry_count; i++)
		if (gram_entries[i].flat && gram_entries[i].target == mode)
			return true;
	return false;
}

/* A tree of a text, line by line; NULL when a line is not taken, which is *ret_wrong, then. */
static inline struct tree *
type_text(enum gram_mode root, const char *text, char ret_wrong[static WALK_LINE])
{
	struct tree *t = tree_new_in(root);
	struct tnode *context = tree_root(t);
	char *copy = x_strdup(text), *rest = copy, *line;

	while (t && (line = strsep(&rest, "\n")))
		if (strcmp(line, "end") && type_line(t, &context, line) == NO_PARSE) {
			snprintf(ret_wrong, WALK_LINE, "%s", line);
			tree_free(t);
			t = NULL;
		}
	free(copy);
	return t;
}

static inline void
walk_keep_first(void *arg, struct way *w)
{
	struct way *first = arg;

	if (!first->n)
		*first = *w;
}

/* The line that enters a mode from its parent; false: none does. */
static inline bool
line_into(uint16_t mode, char line[static WALK_LINE])
{
	for (uint16_t i = 0; i < gram_entry_count; i++) {
		struct way first = {0};

		if (gram_entries[i].verb != VERB_ENTER || gram_entries[i].target != mode)
			continue;
		walk_entry(&gram_entries[i], walk_keep_first, &first);
		walk_fill(&first, WALK_HIGH);
		walk_line(&first, first.n, line);
		return true;
	}
	return false;
}

/* Types the lines that lead to a mode. */
static inline bool
go_to_mode(struct tree *t, struct tnode **context, uint16_t mode)
{
	char line[WALK_LINE];

	*context = tree_root(t);
	mode = walk_typed_in(mode);
	if (device_kind_in((enum gram_mode)mode))
		return true;
	if (gram_modes[mode].parent == mode || !go_to_mode(t, context, gram_modes[mode].parent))
		return false;
	return line_into(mode, line) && type_line(t, context, line) >= 0;
}

#endif
