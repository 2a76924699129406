/* SPDX-License-Identifier: Apache-2.0 */
/* `line vty`: see line_config.h. */
#include "cli/shell/line_config.h"

#include <stdio.h>
#include <string.h>

#include "cli/shell/shell_parts.h"
#include "compiler/tree/tree_lines.h"

static bool
is_vty(const struct tnode *n)
{
	return n && tnode_parent(n) && tnode_key(n) == KEY_LINE_VTY;
}

bool
line_context(struct shell *sh)
{
	const struct tnode *n = shell_context(sh);

	while (n && tnode_parent(n) && !is_vty(n))
		n = tnode_parent(n);
	return is_vty(n);
}

void
line_left(struct shell *sh)
{
	struct router *r = shell_router(sh);

	for (size_t i = 0; i < router_session_count(r); i++)
		if (line_context(shell_at(r, i)))
			return;
	tree_lines_merge(router_tree(r));
}

static enum tree_verdict
remove_lines(struct shell *sh, struct tnode **context, const struct command *cmd, unsigned first,
             unsigned last, unsigned line)
{
	struct tree *t = router_tree(shell_router(sh));
	enum tree_verdict v = TREE_ABSENT;

	tree_lines_cut(t, first, last);
	for (unsigned at = first; at <= last; at++) {
		struct tnode *n = tree_lines_at(t, at);
		struct arena *a = arena_new();
		struct command one = {0};
		char text[COMMAND_LINE_MAX];
		size_t column;

		if (n) {
			snprintf(text, sizeof(text), "%s ", cmd->no ? "no" : "default");
			tnode_text(n, text + strlen(text), sizeof(text) - strlen(text));
			if (command_parse(MODE_CONFIG, text, a, &one, &column) == PARSE_OK)
				v = router_apply(shell_router(sh), context, &one, line);
		}
		arena_free(a);
	}
	return v;
}

static enum tree_verdict
enter_lines(struct shell *sh, struct tnode **context, const struct command *cmd, unsigned line)
{
	unsigned first = command_u32(cmd, ARG_FIRST);
	unsigned last = command_has(cmd, ARG_LAST) ? command_u32(cmd, ARG_LAST) : first;
	struct tree *t = router_tree(shell_router(sh));
	struct tnode *n;
	bool fresh;

	*context = tree_root(t);
	if (last < first) {
		shell_refuse(sh);
		shell_puts(sh, "% Last line number must not be less than the first\n");
		return TREE_ABSENT;
	}
	if (cmd->no || cmd->dflt)
		return remove_lines(sh, context, cmd, first, last, line);
	n = tree_lines_enter(t, first, last, line, &fresh);
	if (!n)
		return TREE_FULL;
	*context = n;
	sh->vty_last = last;
	if (fresh && !router_on_trial(shell_router(sh)))
		router_touch(shell_router(sh));
	return fresh ? TREE_CHANGED : TREE_SAME;
}

/* The other containers of the lines being configured get the command, too. */
static enum tree_verdict
apply_to_rest(struct shell *sh, const struct tnode *done, const struct command *cmd, unsigned line,
              enum tree_verdict v)
{
	struct router *r = shell_router(sh);
	unsigned first, last;
	struct tnode *n;

	tree_lines_of(done, &first, &last);
	while (last < sh->vty_last && v != TREE_FULL &&
	       (n = tree_lines_at(router_tree(r), last + 1))) {
		enum tree_verdict other;

		tree_lines_of(n, &first, &last);
		other = router_apply(r, &n, cmd, line);
		if (other == TREE_CHANGED || other == TREE_FULL)
			v = other;
	}
	return v;
}

/* As IOS: `login` alone asks for a password that is not there. */
static void
tell_disabled(struct shell *sh, const struct tnode *line, const struct command *cmd)
{
	unsigned first, last;

	if (cmd->entry->key != KEY_LINE_LOGIN || cmd->no || cmd->dflt ||
	    command_has(cmd, ARG_LOCAL) || tnode_first(line, KEY_LINE_PASSWORD))
		return;
	tree_lines_of(line, &first, &last);
	if (is_vty(line)) {
		first += 2;
		last = sh->vty_last + 2;
	} else if (tnode_key(line) == KEY_LINE_AUX) {
		first = last = 1;
	}
	for (unsigned tty = first; tty <= last; tty++)
		shell_printf(sh, "%% Login disabled on line %u, until 'password' is set\n", tty);
}

enum tree_verdict
line_apply(struct shell *sh, struct tnode **context, const struct command *cmd, unsigned line)
{
	struct tnode *before = *context;
	enum tree_verdict v;

	if (cmd->entry->key == KEY_LINE_VTY)
		return enter_lines(sh, context, cmd, line);
	v = router_apply(shell_router(sh), context, cmd, line);
	if (*context == before && is_vty(before))
		v = apply_to_rest(sh, before, cmd, line, v);
	if (*context == before)
		tell_disabled(sh, before, cmd);
	return v;
}
