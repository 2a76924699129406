/* SPDX-License-Identifier: Apache-2.0 */
/* `show testudo unsupported`: what the configuration holds and nothing here acts upon. */
#include "cli/show/show_cmd.h"

#include <string.h>

struct listing {
	struct text *text;
	const char *heading;
	bool kept; /* what is no business of ours, or else what is yet to be built */
	size_t n;
};

/* The line as it is rendered, which hides what is to be hidden. */
static void
list_line(struct listing *l, const struct tnode *n)
{
	const struct tnode *parent = tnode_parent(n);
	char line[COMMAND_LINE_MAX];
	unsigned depth = 0;

	/* What is kept may be indented below another kept line; the mode is that of both. */
	for (; tnode_parent(parent) && tnode_entry(parent)->verb != VERB_ENTER; depth++)
		parent = tnode_parent(parent);
	if (!l->n++)
		text_printf(l->text, "%s\n  Line  Mode                    Command\n", l->heading);
	tnode_text(n, line, sizeof(line));
	text_printf(l->text, "%6u  %-22s  %*s%s\n", tnode_line(n),
	            gram_modes[tnode_mode(parent)].prompt, (int)depth, "", line);
	explicit_bzero(line, sizeof(line));
}

static void
list_children(struct listing *l, const struct tnode *top)
{
	const struct tnode *n;

	for (n = tnode_child(top); n; n = tnode_sibling(n)) {
		const struct gram_entry *e = tnode_entry(n);

		if (l->kept ? e->kept : e->unbuilt != NULL)
			list_line(l, n);
		list_children(l, n);
	}
}

static size_t
list_kind(struct showing *s, bool kept, const char *heading)
{
	struct listing l = {.text = &s->text, .kept = kept, .heading = heading};

	list_children(&l, tree_top(router_tree(s->router)));
	return l.n;
}

void
cmd_show_testudo_unsupported(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	size_t n;

	(void)cmd;
	n = list_kind(&s, false, "Features that are yet to be built:");
	n += list_kind(&s, true, "Features that do not touch the VPN:");
	text_printf(&s.text, "%zu command%s kept without effect\n", n, n == 1 ? "" : "s");
	showing_end(&s);
}
