/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `line vty 0 4`, and what is typed below it. In the tree the lines may be several containers
 * (tree_lines.h); each command goes to all of them.
 */
#include <stdio.h>
#include <string.h>

#include "compiler/session/session_parts.h"
#include "compiler/tree/tree_lines.h"

static bool
is_vty(const struct tnode *n)
{
	return n && tnode_parent(n) && tnode_key(n) == KEY_LINE_VTY;
}

bool
vty_is_entered(const struct config_session *s)
{
	const struct tnode *n = s->place.at;

	while (n && tnode_parent(n) && !is_vty(n))
		n = tnode_parent(n);
	return is_vty(n);
}

static enum tree_verdict
remove_lines(struct config_session *s, struct tnode **context, const struct command *cmd,
             unsigned first, unsigned last)
{
	enum tree_verdict v = TREE_ABSENT;

	if (!tree_lines_cut(s->tree, first, last))
		return TREE_FULL;
	for (unsigned at = first; at <= last; at++) {
		struct tnode *n = tree_lines_at(s->tree, at);
		struct arena *a = arena_new();
		struct command one = {0};
		char text[COMMAND_LINE_MAX];
		size_t column;

		if (n) {
			snprintf(text, sizeof(text), "%s ", cmd->no ? "no" : "default");
			tnode_text(n, text + strlen(text), sizeof(text) - strlen(text));
			if (command_parse(MODE_CONFIG, text, a, &one, &column) == PARSE_OK)
				v = session_change(s, context, &one);
		}
		arena_free(a);
	}
	return v;
}

static enum tree_verdict
enter_lines(struct config_session *s, struct tnode **context, const struct command *cmd)
{
	unsigned first = command_u32(cmd, ARG_FIRST);
	unsigned last = command_has(cmd, ARG_LAST) ? command_u32(cmd, ARG_LAST) : first;
	struct tnode *n;
	bool fresh;

	*context = tree_root(s->tree);
	if (last < first) {
		session_refuse(s, "%% Last line number must not be less than the first\n");
		return TREE_ABSENT;
	}
	if (cmd->no || cmd->dflt)
		return remove_lines(s, context, cmd, first, last);
	n = tree_lines_enter(s->tree, first, last, s->number, &fresh);
	if (!n)
		return TREE_FULL;
	*context = n;
	s->vty_last = last;
	if (fresh && s->setup.hooks.changed)
		s->setup.hooks.changed(s->setup.hooks.arg, cmd);
	return fresh ? TREE_CHANGED : TREE_SAME;
}

/* Applies the command to the other containers of the lines being configured. */
static enum tree_verdict
change_rest(struct config_session *s, const struct tnode *done, const struct command *cmd,
            enum tree_verdict v)
{
	unsigned first, last;
	struct tnode *n;

	tree_lines_of(done, &first, &last);
	while (last < s->vty_last && v != TREE_FULL && (n = tree_lines_at(s->tree, last + 1))) {
		enum tree_verdict other;

		tree_lines_of(n, &first, &last);
		other = session_change(s, &n, cmd);
		if (other == TREE_CHANGED || other == TREE_FULL)
			v = other;
	}
	return v;
}

/* As in IOS, tells the user that `login` without a password lets nobody in. */
static void
tell_disabled(struct config_session *s, const struct tnode *line, const struct command *cmd)
{
	unsigned first, last;

	if (cmd->entry->key != KEY_LINE_LOGIN || cmd->no || cmd->dflt ||
	    command_has(cmd, ARG_LOCAL) || tnode_first(line, KEY_LINE_PASSWORD))
		return;
	tree_lines_of(line, &first, &last);
	if (is_vty(line)) {
		first += 2;
		last = s->vty_last + 2;
	} else if (tnode_key(line) == KEY_LINE_AUX) {
		first = last = 1;
	}
	for (unsigned tty = first; tty <= last; tty++)
		session_say(s, "%% Login disabled on line %u, until 'password' is set\n", tty);
}

enum tree_verdict
vty_change(struct config_session *s, struct tnode **context, const struct command *cmd)
{
	struct tnode *before = *context;
	enum tree_verdict v;

	if (cmd->entry->key == KEY_LINE_VTY)
		return enter_lines(s, context, cmd);
	v = session_change(s, context, cmd);
	if (*context == before && is_vty(before))
		v = change_rest(s, before, cmd, v);
	if (*context == before)
		tell_disabled(s, before, cmd);
	return v;
}
