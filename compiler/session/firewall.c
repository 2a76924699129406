/* SPDX-License-Identifier: Apache-2.0 */
/* Access lists of a firewall: lines that are not kept as they were typed. */
#include <string.h>

#include "compiler/session/session_parts.h"

static const struct tnode *
list_named(const struct config_session *s, const char *name)
{
	struct arena *a = arena_new();
	const struct tnode *list = NULL;
	struct command cmd;
	size_t column;

	if (command_parse(s->kind->config, arena_printf(a, "access-list %s elements", name), a,
	                  &cmd, &column) == PARSE_OK)
		list = tree_said(s->tree, tree_top(s->tree), &cmd);
	arena_free(a);
	return list;
}

static bool
says_kind(const char *line)
{
	static const char *const kinds[] = {"extended ", "standard ", "remark "};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strncmp(line, kinds[i], strlen(kinds[i])) == 0)
			return true;
	return false;
}

/* The entry that a firewall shows as line `number`; NULL: there are fewer. */
static const struct tnode *
numbered_line(const struct tnode *list, uint32_t number)
{
	const struct tnode *n = list ? tnode_first(list, KEY_ASA_ACE) : NULL;

	while (n && --number)
		n = tnode_next(n);
	return n;
}

/*
 * How an entry begins that shall come before the line `at`. One that is further up stays there; one
 * that is further down is taken away first.
 */
static const char *
before_line(struct config_session *s, const char *container, const struct tnode *list,
            const struct tnode *at, const char *entry, struct arena *a)
{
	const struct tnode *there;
	struct command cmd;
	size_t column;

	if (command_parse(tnode_mode(list), entry, a, &cmd, &column) != PARSE_OK)
		return ""; /* it is refused when it is taken */
	there = tree_said(s->tree, list, &cmd);
	if (there && tnode_u32(there, ARG_SEQ) <= tnode_u32(at, ARG_SEQ))
		return "";
	if (there)
		session_take_in(s, container, arena_printf(a, "no %s", entry), &column);
	return arena_printf(a, "line %u ", tree_make_room(s->tree, at));
}

/* A list goes, and with it the lines that apply it: a firewall has none without its list. */
static void
remove_list(struct config_session *s, const struct tnode *list)
{
	static const enum gram_key keys[] = {KEY_ASA_ACCESS_GROUP, KEY_ASA_ACCESS_GROUP_GLOBAL};
	struct arena *a = arena_new();
	const char *name = arena_strdup(a, tnode_str(list, ARG_NAME));
	const struct tnode *n, *next;
	char text[COMMAND_LINE_MAX];
	size_t column;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		for (n = tnode_first(tree_top(s->tree), keys[i]); n; n = next) {
			next = tnode_next(n);
			if (strcmp(tnode_str(n, ARG_ACL), name) != 0)
				continue;
			tnode_text(n, text, sizeof(text));
			session_take_in(s, arena_printf(a, "no %s", text), NULL, &column);
			session_say(s, "WARNING: %s is removed with its access-list\n", text);
		}
	session_take_in(s, arena_printf(a, "no access-list %s elements", name), NULL, &column);
	arena_free(a);
}

void
firewall_access_list(struct config_session *s, const struct command *cmd)
{
	const struct value *line = command_value(cmd, ARG_LINE, 0);
	const char *name = command_str(cmd, ARG_NAME), *container, *entry, *before;
	bool gone = cmd->no || cmd->dflt;
	struct arena *a = arena_new();
	const struct tnode *list = list_named(s, name), *at = NULL;
	uint32_t number = command_u32(cmd, ARG_NUMBER);
	size_t column, offset;

	if (!gone && number)
		at = numbered_line(list, number);
	container = arena_printf(a, "access-list %s elements", name);
	entry = arena_printf(a, "%s%s", says_kind(line->text) ? "" : "extended ", line->text);
	before = gone ? "no " : at ? before_line(s, container, list, at, entry, a) : "";
	offset = strlen(before) + strlen(entry) - strlen(line->text);
	/* A wrong line does not create its list */
	if (gone && !list)
		session_refuse(s, "ERROR: access-list <%s> does not exist\n", name);
	else if (!session_take_in(s, container, arena_printf(a, "%s%s", before, entry), &column))
		session_refuse_at(s, line->column + (column > offset ? column - offset : 0));
	list = list_named(s, name);
	if (gone && list && !tnode_first(list, KEY_ASA_ACE))
		remove_list(s, list);
	arena_free(a);
}

/* `no access-list NAME`: a firewall refuses it as incomplete. */
void
firewall_access_list_all(struct config_session *s, const struct command *cmd)
{
	(void)cmd;
	session_refuse_incomplete(s);
}

void
firewall_clear_access_list(struct config_session *s, const struct command *cmd)
{
	const char *name = command_str(cmd, ARG_NAME);
	const struct tnode *list;

	if (name && (list = list_named(s, name)))
		remove_list(s, list);
	while (!name && (list = tnode_first(tree_top(s->tree), KEY_ASA_ACCESS_LIST)))
		remove_list(s, list);
}
