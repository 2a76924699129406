/* SPDX-License-Identifier: Apache-2.0 */
/* Access lists of a firewall: lines that are not kept as they were typed. */
#include <string.h>

#include "compiler/session/session_parts.h"

static const struct tnode *
list_named(const struct config_session *s, const char *name)
{
	return tnode_named(tree_top(s->tree), KEY_ASA_ACCESS_LIST, ARG_NAME, name);
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

static size_t
count_lines(const struct tnode *list)
{
	const struct tnode *n = list ? tnode_first(list, KEY_ASA_ACE) : NULL;
	size_t count = 0;

	for (; n; n = tnode_next(n))
		count++;
	return count;
}

/*
 * Inserts an entry: removes the lines from number `from` on, adds the entry, and adds those lines
 * again behind it.
 */
static void
insert_line(struct config_session *s, const char *container, const struct tnode *list,
            uint32_t from, const char *entry)
{
	struct arena *a = arena_new();
	const struct tnode *n = tnode_first(list, KEY_ASA_ACE);
	size_t count = count_lines(list), kept = 0, column;
	const char **later = arena_alloc(a, (count + 1) * sizeof(*later));

	for (uint32_t line = 1; n; n = tnode_next(n), line++)
		if (line >= from) {
			char text[COMMAND_LINE_MAX];

			tnode_text(n, text, sizeof(text));
			later[kept++] = arena_strdup(a, text);
		}
	for (size_t i = 0; i < kept; i++)
		session_take_in(s, container, arena_printf(a, "no %s", later[i]), &column);
	session_take_in(s, container, entry, &column);
	for (size_t i = 0; i < kept; i++)
		session_take_in(s, container, later[i], &column);
	arena_free(a);
}

void
firewall_access_list(struct config_session *s, const struct command *cmd)
{
	const struct value *line = command_value(cmd, ARG_LINE, 0);
	const char *name = command_str(cmd, ARG_NAME), *container, *entry, *kind;
	bool gone = cmd->no || cmd->dflt;
	struct arena *a = arena_new();
	const struct tnode *list = list_named(s, name);
	uint32_t number = command_u32(cmd, ARG_NUMBER);
	size_t column;

	kind = says_kind(line->text) ? "" : "extended ";
	container = arena_printf(a, "access-list %s elements", name);
	entry = arena_printf(a, "%s%s%s", gone ? "no " : "", kind, line->text);
	if (gone && !list) {
		session_refuse(s, "ERROR: access-list <%s> does not exist\n", name);
	} else if (!gone && number && number <= count_lines(list)) {
		insert_line(s, container, list, number, entry);
	} else if (!session_take_in(s, container, entry, &column)) {
		size_t before = strlen(kind) + (gone ? 3 : 0);

		session_refuse_at(s, line->column + (column > before ? column - before : 0));
		/* A wrong line must not create its list */
	}
	list = list_named(s, name);
	if (gone && list && !count_lines(list))
		session_take_in(s, arena_printf(a, "no %s", container), NULL, &column);
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
	struct arena *a = arena_new();
	const struct tnode *list;
	size_t column;

	while ((list = tnode_first(tree_top(s->tree), KEY_ASA_ACCESS_LIST))) {
		if (name && !(list = list_named(s, name)))
			break;
		session_take_in(
		    s, arena_printf(a, "no access-list %s elements", tnode_str(list, ARG_NAME)),
		    NULL, &column);
		if (name)
			break;
	}
	arena_free(a);
}
