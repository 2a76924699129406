/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/shell/banner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/text.h"

#define CARET_C    "^C" /* as IOS shows Ctrl-C, and takes it back from a paste */
#define BANNER_MAX (COMMAND_LINE_MAX - 64)

static const struct {
	enum gram_key key;
	const char *kind;
} kinds[] = {
    {KEY_BANNER_EXEC, "exec"},
    {KEY_BANNER_INCOMING, "incoming"},
    {KEY_BANNER_LOGIN, "login"},
    {KEY_BANNER_MOTD, "motd"},
    {KEY_BANNER_PROMPT_TIMEOUT, "prompt-timeout"},
    {KEY_BANNER_SLIP_PPP, "slip-ppp"},
};

struct banner {
	const char *kind;
	char end[3]; /* the delimiter: one character, or ^C */
	bool too_long;
	struct text text;
};

static void
banner_free(struct banner *b)
{
	text_fini(&b->text);
	free(b);
}

/* The configuration gets it as one line, which has line ends in it. */
static void
banner_keep(struct shell *sh, struct banner *b)
{
	const char *text = text_string(&b->text);
	const char *end = strstr(text, CARET_C) ? b->end : CARET_C;
	char *line;
	size_t column;

	if (b->too_long) {
		shell_refuse(sh);
		shell_printf(sh, "%% A banner has at most %d characters\n", BANNER_MAX);
		banner_free(b);
		return;
	}
	line = x_asprintf("banner %s %s%s%s", b->kind, end, text, end);
	if (!shell_apply_in(sh, line, NULL, &column)) {
		shell_refuse(sh);
		shell_puts(sh, "% This text cannot be a banner\n");
	}
	free(line);
	banner_free(b);
}

/* True: the delimiter was in it. */
static bool
banner_add(struct banner *b, const char *line)
{
	const char *end = strstr(line, b->end);
	size_t n = end ? (size_t)(end - line) : strlen(line);

	b->too_long |= b->text.n + n + 1 > BANNER_MAX;
	if (!b->too_long)
		text_add(&b->text, line, n);
	if (!b->too_long && !end)
		text_puts(&b->text, "\n");
	return end;
}

static void
banner_line(struct shell *sh, const char *line, void *state)
{
	struct banner *b = state;

	if (!line) /* Ctrl-C */
		banner_free(b);
	else if (banner_add(b, line))
		banner_keep(sh, b);
	else
		shell_ask(sh, "", banner_line, b);
}

static const char *
kind_of(const struct command *cmd)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].key == (enum gram_key)cmd->entry->key)
			return kinds[i].kind;
	return NULL;
}

bool
banner_is(const struct command *cmd)
{
	return cmd->entry->verb == VERB_SET && !cmd->no && !cmd->dflt && kind_of(cmd);
}

void
banner_begin(struct shell *sh, const struct command *cmd)
{
	const char *typed = command_str(cmd, ARG_TEXT);
	struct banner *b = x_alloc(sizeof(*b));
	size_t n = !strncmp(typed, CARET_C, 2) ? 2 : 1;

	b->text = TEXT_INIT;
	b->kind = kind_of(cmd);
	memcpy(b->end, typed, n);
	if (banner_add(b, typed + n)) {
		banner_keep(sh, b);
		return;
	}
	shell_printf(sh, "Enter TEXT message.  End with the character '%s'.\n", b->end);
	shell_ask(sh, "", banner_line, b);
}

char *
banner_text(struct router *r, enum gram_key key)
{
	const struct tnode *n = tnode_first(tree_top(router_tree(r)), key);
	const char *text = n ? tnode_str(n, ARG_TEXT) : NULL;
	size_t size, delimiter;
	char *copy;

	if (!text)
		return NULL;
	delimiter = strncmp(text, CARET_C, 2) ? 1 : 2;
	size = strlen(text);
	size = size > 2 * delimiter ? size - 2 * delimiter : 0;
	copy = x_asprintf("%.*s\n", (int)size, text + delimiter);
	if (size && copy[size - 1] == '\n')
		copy[size] = '\0';
	return copy;
}
