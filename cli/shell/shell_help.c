/* SPDX-License-Identifier: Apache-2.0 */
/* `?` and Tab of a session: see shell.h. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/accounts/auth_level.h"
#include "cli/shell/alias.h"
#include "cli/shell/shell.h"

struct hint {
	char *word;
	const char *help;
};

struct hints {
	size_t n, capacity, width;
	struct hint *at;
};

static void
hint_take(void *arg, const char *word, const char *help)
{
	struct hints *h = arg;

	x_grow(&h->at, &h->capacity, h->n + 1, sizeof(*h->at));
	h->at[h->n++] = (struct hint){x_strdup(word), help ? help : ""};
	if (strlen(word) > h->width)
		h->width = strlen(word);
}

/*
 * Where the EXEC command behind `do` begins in a line of configuration mode; 0: there is no `do`.
 */
static size_t
after_do(const struct shell *sh, const char *line)
{
	size_t i = strspn(line, " \t");

	if (!shell_in_config(sh) || strncasecmp(line + i, "do", 2) ||
	    !isspace((unsigned char)line[i + 2]))
		return 0;
	return i + 3;
}

static enum gram_mode
mode_after(struct shell *sh, size_t skip)
{
	return skip ? auth_exec_mode(router_accounts(shell_router(sh)), shell_level(sh))
	            : shell_mode(sh);
}

static void
help_columns(struct shell *sh, const struct hints *h)
{
	size_t column = 0;

	for (size_t i = 0; i < h->n; i++) {
		size_t n = strlen(h->at[i].word);

		if (column && column + 2 + n > 79) {
			shell_puts(sh, "\n");
			column = 0;
		}
		shell_printf(sh, "%s%s", column ? "  " : "", h->at[i].word);
		column += n + (column ? 2 : 0);
	}
	shell_puts(sh, "\n");
}

/* heading: above all commands of a mode; NULL: none. */
static void
help_list(struct shell *sh, const struct hints *h, const char *heading)
{
	if (heading)
		shell_puts(sh, heading);
	for (size_t i = 0; i < h->n; i++) {
		if (h->at[i].help[0])
			shell_printf(sh, "  %-*s  %s\n", (int)h->width, h->at[i].word,
			             h->at[i].help);
		else
			shell_printf(sh, "  %s\n", h->at[i].word);
	}
	shell_puts(sh, "\n");
}

/* exec: of EXEC, also behind `do`. NULL: below global configuration IOS has none. */
static const char *
heading_of(struct shell *sh, bool exec)
{
	if (exec || !shell_in_config(sh))
		return "Exec commands:\n";
	return tnode_parent(shell_context(sh)) ? NULL : "Configure commands:\n";
}

/* --- aliases ---------------------------------------------------------------------------------- */

static void
take_alias(void *arg, const char *name, const char *command)
{
	char *shown = strchr(command, ' ') ? x_asprintf("*%s=\"%s\"", name, command)
	                                   : x_asprintf("*%s=%s", name, command);

	hint_take(arg, shown, NULL);
	free(shown);
}

/* The aliases that the word before `?` may become. */
static void
take_aliases(struct shell *sh, const char *word, struct hints *h)
{
	if (!*word || isspace((unsigned char)*word) || strpbrk(word, " \t"))
		return;
	alias_each(router_tree(shell_router(sh)), word, take_alias, h);
}

/* The EXEC command before `?`, with its alias written out where more words follow; in the arena. */
static const char *
meant_line(struct shell *sh, const char *line, bool exec, struct arena *a)
{
	const char *meant = NULL;

	if (exec && strpbrk(line, " \t"))
		meant = alias_expand(router_tree(shell_router(sh)), line, a);
	return meant ? meant : line;
}

static void
help_here(struct shell *sh, const char *line)
{
	struct arena *a;
	size_t skip = after_do(sh, line), n = strlen(line);
	enum gram_mode mode = mode_after(sh, skip);
	struct auth_filter f;
	bool glued = n > skip && !isspace((unsigned char)line[n - 1]);
	bool exec = !gram_modes[mode].config;
	bool empty = !line[skip + strspn(line + skip, " \t")];
	struct hints h = {0};
	enum parse result;

	if (shell_asking(sh) || shell_busy(sh))
		return;
	a = arena_new();
	shell_page(sh);
	if (exec)
		take_aliases(sh, line + skip, &h);
	result =
	    command_help_as(auth_filter(&f, router_accounts(shell_router(sh)), shell_level(sh)),
	                    mode, meant_line(sh, line + skip, exec, a), hint_take, &h);
	if (h.n && result != PARSE_AMBIGUOUS)
		result = PARSE_OK;
	if (result == PARSE_AMBIGUOUS)
		shell_printf(sh, "%% Ambiguous command:  \"%s\"\n", line);
	else if (result != PARSE_OK || !h.n)
		shell_puts(sh, "% Unrecognized command\n");
	else if (glued && h.at[0].word[0] != '<') /* a number is told with its help */
		help_columns(sh, &h);
	else
		help_list(sh, &h, empty ? heading_of(sh, skip) : NULL);
	for (size_t i = 0; i < h.n; i++)
		free(h.at[i].word);
	free(h.at);
	arena_free(a);
}

static void
hint_here(struct shell *sh, const char *line, shell_hint_fn *hint, void *arg)
{
	size_t skip = after_do(sh, line);
	enum gram_mode mode = mode_after(sh, skip);
	struct arena *a = arena_new();
	struct auth_filter f;

	if (!shell_asking(sh) && !shell_busy(sh))
		command_help_as(auth_filter(&f, router_accounts(shell_router(sh)), shell_level(sh)),
		                mode, meant_line(sh, line + skip, !gram_modes[mode].config, a),
		                hint, arg);
	arena_free(a);
}

struct words {
	void (*word)(void *arg, const char *word);
	void *arg;
};

static void
complete_take(void *arg, const char *word, const char *help)
{
	struct words *w = arg;

	(void)help;
	w->word(w->arg, word);
}

static void
complete_here(struct shell *sh, const char *line, void (*word)(void *arg, const char *word),
              void *arg)
{
	size_t skip = after_do(sh, line);
	enum gram_mode mode = mode_after(sh, skip);
	struct words w = {word, arg};
	struct arena *a = arena_new();
	struct auth_filter f;

	if (!shell_asking(sh) && !shell_busy(sh))
		command_complete_as(
		    auth_filter(&f, router_accounts(shell_router(sh)), shell_level(sh)), mode,
		    meant_line(sh, line + skip, !gram_modes[mode].config, a), complete_take, &w);
	arena_free(a);
}

/* --- where the user is ------------------------------------------------------------------------ */

void
shell_help(struct shell *sh, const char *line)
{
	help_here(shell_front(sh), line);
}

void
shell_hints(struct shell *sh, const char *line, shell_hint_fn *hint, void *arg)
{
	hint_here(shell_front(sh), line, hint, arg);
}

void
shell_complete(struct shell *sh, const char *line, void (*word)(void *arg, const char *word),
               void *arg)
{
	complete_here(shell_front(sh), line, word, arg);
}
