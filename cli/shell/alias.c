/* SPDX-License-Identifier: Apache-2.0 */
/* See alias.h. */
#include "cli/shell/alias.h"

#include <string.h>
#include <strings.h>

const struct alias alias_defaults[] = {
    /* clang-format off */
    {"h",  "help"},
    {"lo", "logout"},
    {"p",  "ping"},
    {"r",  "resume"},
    {"s",  "show"},
    {"u",  "undebug"},
    {"un", "undebug"},
    {"w",  "where"},
    /* clang-format on */
};
const size_t alias_defaults_count = ARRAY_SIZE(alias_defaults);

static const char *
find_configured(const struct tree *t, enum gram_key key, const char *word, size_t n)
{
	const struct tnode *at = tnode_first(tree_top(t), key);

	for (; at; at = tnode_next(at)) {
		const char *name = tnode_str(at, ARG_NAME);

		if (strlen(name) == n && strncasecmp(name, word, n) == 0)
			return tnode_str(at, ARG_COMMAND);
	}
	return NULL;
}

static const char *
find_default(const char *word, size_t n)
{
	for (size_t i = 0; i < alias_defaults_count; i++)
		if (strlen(alias_defaults[i].name) == n &&
		    strncasecmp(alias_defaults[i].name, word, n) == 0)
			return alias_defaults[i].command;
	return NULL;
}

const char *
alias_find(const struct tree *t, const char *line, const char **ret_rest)
{
	size_t n = strcspn(line, " \t|");
	const char *command = n ? find_configured(t, KEY_ALIAS_EXEC, line, n) : NULL;

	if (!command && n)
		command = find_default(line, n);
	*ret_rest = line + n;
	return command;
}

const char *
alias_expand(const struct tree *t, const char *line, struct arena *a)
{
	const char *rest, *command = alias_find(t, line, &rest);

	return command ? arena_printf(a, "%s%s", command, rest) : NULL;
}

const char *
alias_expand_config(const struct tree *t, const char *line, struct arena *a)
{
	size_t n = strcspn(line, " \t");
	const char *command = n ? find_configured(t, KEY_ALIAS_CONFIGURE, line, n) : NULL;

	return command ? arena_printf(a, "%s%s", command, line + n) : NULL;
}

void
alias_each(const struct tree *t, const char *begin,
           void (*fn)(void *arg, const char *name, const char *command), void *arg)
{
	const struct tnode *at = tnode_first(tree_top(t), KEY_ALIAS_EXEC);
	size_t n = strlen(begin);

	for (size_t i = 0; i < alias_defaults_count; i++) {
		const char *name = alias_defaults[i].name;

		if (strncasecmp(name, begin, n) == 0 &&
		    !find_configured(t, KEY_ALIAS_EXEC, name, strlen(name)))
			fn(arg, name, alias_defaults[i].command);
	}
	for (; at; at = tnode_next(at))
		if (strncasecmp(tnode_str(at, ARG_NAME), begin, n) == 0)
			fn(arg, tnode_str(at, ARG_NAME), tnode_str(at, ARG_COMMAND));
}
