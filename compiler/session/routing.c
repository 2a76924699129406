/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prefix lists and route maps: lines that are not kept as they were typed, because they leave out a
 * sequence number.
 */
#include <stdlib.h>
#include <string.h>

#include "compiler/session/session_parts.h"

#define STEP 5 /* between the numbers of a prefix list's entries */

/* --- prefix lists ----------------------------------------------------------------------------- */

static const struct tnode *
prefix_list(const struct config_session *s, const char *name)
{
	return tnode_named(tree_top(s->tree), KEY_IP_PREFIX_LIST, ARG_NAME, name);
}

/* An entry without its number: "permit 10.0.0.0/8 le 32". */
static const char *
entry_words(const struct command *cmd, struct arena *a)
{
	const char *words =
	    arena_printf(a, "%s %s", command_str(cmd, ARG_ACTION), command_str(cmd, ARG_PREFIX));

	if (command_has(cmd, ARG_GE))
		words = arena_printf(a, "%s ge %u", words, command_u32(cmd, ARG_GE));
	if (command_has(cmd, ARG_LE))
		words = arena_printf(a, "%s le %u", words, command_u32(cmd, ARG_LE));
	return words;
}

static const char *
words_of(const struct tnode *entry, struct arena *a)
{
	char text[COMMAND_LINE_MAX];
	const char *number = text + strlen("seq ");

	tnode_text(entry, text, sizeof(text));
	return arena_strdup(a, strchr(number, ' ') + 1);
}

/* Does an entry say what a command says? Numbers of entries are not compared; absent is 0. */
static bool
says_same(const struct tnode *entry, const struct command *cmd)
{
	return tnode_says(entry, ARG_PREFIX, command_str(cmd, ARG_PREFIX)) &&
	       tnode_says(entry, ARG_ACTION, command_str(cmd, ARG_ACTION)) &&
	       tnode_u32(entry, ARG_GE) == command_u32(cmd, ARG_GE) &&
	       tnode_u32(entry, ARG_LE) == command_u32(cmd, ARG_LE);
}

/* The entry that says the same, whatever its number; NULL: none. */
static const struct tnode *
entry_saying(const struct tnode *list, const struct command *cmd)
{
	const struct tnode *n = list ? tnode_first(list, KEY_PREFIX_LIST_ENTRY) : NULL;

	while (n && !says_same(n, cmd))
		n = tnode_next(n);
	return n;
}

static const struct tnode *
entry_numbered(const struct tnode *list, uint32_t seq)
{
	const struct tnode *n = list ? tnode_first(list, KEY_PREFIX_LIST_ENTRY) : NULL;

	while (n && tnode_u32(n, ARG_SEQ) != seq)
		n = tnode_next(n);
	return n;
}

static uint32_t
next_number(const struct tnode *list)
{
	const struct tnode *n = list ? tnode_first(list, KEY_PREFIX_LIST_ENTRY) : NULL;
	uint32_t last = 0;

	for (; n; n = tnode_next(n))
		last = tnode_u32(n, ARG_SEQ);
	return last / STEP * STEP + STEP;
}

/* Lengths go up: the prefix's own, `ge`, `le`. */
static bool
is_range(const struct command *cmd)
{
	uint32_t len = (uint32_t)strtoul(strchr(command_str(cmd, ARG_PREFIX), '/') + 1, NULL, 10);
	bool ge = command_has(cmd, ARG_GE), le = command_has(cmd, ARG_LE);

	return (!ge || command_u32(cmd, ARG_GE) > len) && (!le || command_u32(cmd, ARG_LE) > len) &&
	       (!ge || !le || command_u32(cmd, ARG_GE) <= command_u32(cmd, ARG_LE));
}

static void
take_line(struct config_session *s, const char *name, const char *line, struct arena *a)
{
	size_t column;

	if (!session_take_in(s, arena_printf(a, "ip prefix-list %s elements", name), line, &column))
		session_refuse_at(s, 0);
}

static void
remove_list(struct config_session *s, const char *name, struct arena *a)
{
	size_t column;

	session_take_in(s, arena_printf(a, "no ip prefix-list %s elements", name), NULL, &column);
}

static void
add_entry(struct config_session *s, const struct command *cmd, struct arena *a)
{
	const char *name = command_str(cmd, ARG_NAME), *words = entry_words(cmd, a);
	const struct tnode *list = prefix_list(s, name), *there = entry_saying(list, cmd);
	uint32_t seq = command_has(cmd, ARG_SEQ) ? command_u32(cmd, ARG_SEQ)
	               : there                   ? tnode_u32(there, ARG_SEQ)
	                                         : next_number(list);
	const struct tnode *other = entry_numbered(list, seq);

	if (!is_range(cmd))
		session_refuse(s,
		               "%% Invalid prefix range for %s, make sure: len < ge-value <= "
		               "le-value\n",
		               command_str(cmd, ARG_PREFIX));
	else if (other && other != there)
		session_refuse(s, "%%Insertion failed - seq # exists: seq %u %s\n", seq,
		               words_of(other, a));
	else if (there && !other)
		session_refuse(s, "%%Insertion failed - prefix list entry exists: seq %u %s\n",
		               tnode_u32(there, ARG_SEQ), words);
	else
		take_line(s, name, arena_printf(a, "seq %u %s", seq, words), a);
}

static void
drop_entry(struct config_session *s, const struct command *cmd, struct arena *a)
{
	const char *name = command_str(cmd, ARG_NAME), *words = entry_words(cmd, a);
	const struct tnode *list = prefix_list(s, name), *there = entry_saying(list, cmd);

	if (!there ||
	    (command_has(cmd, ARG_SEQ) && command_u32(cmd, ARG_SEQ) != tnode_u32(there, ARG_SEQ)))
		session_refuse(s, "%%Can't find prefix-list entry: %s\n", words);
	else
		take_line(s, name,
		          arena_printf(a, "no seq %u %s", tnode_u32(there, ARG_SEQ), words), a);
}

void
session_prefix_list(struct config_session *s, const struct command *cmd)
{
	const char *name = command_str(cmd, ARG_NAME), *text = command_str(cmd, ARG_DESCRIPTION);
	bool gone = cmd->no || cmd->dflt, entry = command_has(cmd, ARG_ACTION);
	struct arena *a = arena_new();

	if (!gone && !entry && !text)
		session_refuse_incomplete(s);
	else if (gone && !prefix_list(s, name))
		session_refuse(s, "%%Can't find prefix-list: %s\n", name);
	else if (text)
		take_line(s, name, arena_printf(a, "%sdescription %s", gone ? "no " : "", text), a);
	else if (!entry)
		remove_list(s, name, a);
	else if (gone)
		drop_entry(s, cmd, a);
	else
		add_entry(s, cmd, a);
	if (gone && prefix_list(s, name) && !tnode_child(prefix_list(s, name)))
		remove_list(s, name, a);
	arena_free(a);
}

/* --- route maps ------------------------------------------------------------------------------- */

/* The entries of a map: the last of them in *ret_last; how many. */
static size_t
map_entries(const struct config_session *s, const char *name, const struct tnode **ret_last)
{
	const struct tnode *n = tnode_first(tree_top(s->tree), KEY_ROUTE_MAP);
	size_t count = 0;

	for (; n; n = tnode_next(n))
		if (tnode_says(n, ARG_NAME, name)) {
			*ret_last = n;
			count++;
		}
	return count;
}

static void
take_map(struct config_session *s, const char *line, struct arena *a)
{
	struct command cmd;
	size_t column;

	if (command_parse(s->kind->config, line, a, &cmd, &column) == PARSE_OK)
		session_take(s, &cmd);
}

/* `route-map NAME [permit|deny]`: the one entry there is, or a first one; `no`: all of them. */
void
session_route_map(struct config_session *s, const struct command *cmd)
{
	const char *name = command_str(cmd, ARG_NAME), *action = command_str(cmd, ARG_ACTION);
	struct arena *a = arena_new();
	const struct tnode *last = NULL;
	size_t n = map_entries(s, name, &last);
	uint32_t seq = n ? tnode_u32(last, ARG_SEQ) : 10;

	if (!action)
		action = n ? tnode_str(last, ARG_ACTION) : "permit";
	if (cmd->no || cmd->dflt) {
		if (!n)
			session_refuse(s, "%% Could not find route-map %s\n", name);
		while (map_entries(s, name, &last))
			take_map(s,
			         arena_printf(a, "no route-map %s %s %u", name,
			                      tnode_str(last, ARG_ACTION),
			                      tnode_u32(last, ARG_SEQ)),
			         a);
	} else if (n > 1) {
		session_refuse(s, "%% Please specify the entry by its sequence number\n");
	} else {
		take_map(s, arena_printf(a, "route-map %s %s %u", name, action, seq), a);
	}
	arena_free(a);
}
