/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `interface range f0/0 - 1, lo0 - 3`: the mode of the first interface, in which each command goes
 * to all of them. The session stands at the first one; when it stands anywhere else, the range is
 * over.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/grammar/ifname.h"
#include "compiler/session/session_parts.h"

#define RANGE_MAX 1000 /* interfaces of one range */

/* --- what was typed --------------------------------------------------------------------------- */

/* Interfaces that are named by one item of the list, "f0/0 - 3". */
struct item {
	const struct ifname_type *type;
	char unit[64]; /* up to the number that counts: "0/" */
	unsigned first, last;
};

static const char *
skip_blanks(const char *p)
{
	while (isspace((unsigned char)*p))
		p++;
	return p;
}

/* A number at *p, which moves behind it. */
static bool
read_number(const char **p, unsigned *ret)
{
	size_t n = strspn(*p, "0123456789");

	if (!n || n > 9)
		return false;
	*ret = (unsigned)strtoul(*p, NULL, 10);
	*p += n;
	return true;
}

/*
 * Reads an item at *p, which moves behind it, and where it does not fit to where that is. `before`:
 * the item before, whose type a number alone has; NULL: none.
 */
static bool
read_item(const char **p, const struct item *before, struct item *ret)
{
	size_t letters = ifname_letters(*p), unit;
	const char *number;

	*ret = (struct item){0};
	ret->type = letters ? ifname_find(*p, letters) : before ? before->type : NULL;
	if (!ret->type)
		return false;
	*p = number = skip_blanks(*p + letters);
	unit = strspn(*p, "0123456789/.:");
	while (unit && isdigit((unsigned char)number[unit - 1]))
		unit--;
	if (unit >= sizeof(ret->unit))
		return false;
	memcpy(ret->unit, *p, unit);
	number += unit;
	if (!read_number(&number, &ret->first))
		return false;
	*p = skip_blanks(number);
	ret->last = ret->first;
	if (**p != '-')
		return true;
	*p = skip_blanks(*p + 1);
	return read_number(p, &ret->last) && ret->last >= ret->first;
}

/* --- entering --------------------------------------------------------------------------------- */

struct range {
	size_t n, capacity;
	char **names; /* as the configuration has them: "FastEthernet0/0" */
};

void
range_leave(struct config_session *s)
{
	for (size_t i = 0; s->range && i < s->range->n; i++)
		free(s->range->names[i]);
	if (s->range)
		free(s->range->names);
	free(s->range);
	s->range = NULL;
}

bool
range_is_entered(const struct config_session *s)
{
	const struct tnode *n = s->place.at;

	return s->range && n && tnode_parent(n) && tnode_key(n) == KEY_INTERFACE &&
	       tnode_says(n, ARG_NAME, s->range->names[0]);
}

/* Parses the line that enters an interface of an item; false: it is not one. */
static bool
parse_interface(const struct config_session *s, const struct item *item, unsigned number,
                struct arena *a, struct command *ret)
{
	const char *line =
	    arena_printf(a, "interface %s%s%u", item->type->name, item->unit, number);
	size_t column;

	return command_parse(s->kind->config, line, a, ret, &column) == PARSE_OK &&
	       ret->entry->key == KEY_INTERFACE;
}

/* Adds the interfaces of an item; false: the device has not all of them. */
static bool
add_item(struct config_session *s, struct range *r, const struct item *item, struct arena *a)
{
	struct objection objection;
	struct command cmd;

	for (unsigned i = item->first; i <= item->last; i++) {
		if (r->n == RANGE_MAX || !parse_interface(s, item, i, a, &cmd) ||
		    session_is_objected(s, &cmd, a, &objection))
			return false;
		x_grow(&r->names, &r->capacity, r->n + 1, sizeof(*r->names));
		r->names[r->n++] = x_strdup(command_str(&cmd, ARG_NAME));
	}
	return true;
}

/* Reads the list; false: *ret_column in it does not fit. */
static bool
read_list(struct config_session *s, const char *list, struct range *r, struct arena *a,
          size_t *ret_column)
{
	const char *p = list, *begin;
	struct item item, before;
	bool more = true;

	for (size_t i = 0; more; i++) {
		begin = p = skip_blanks(p);
		if (!read_item(&p, i ? &before : NULL, &item)) {
			*ret_column = (size_t)(p - list);
			return false;
		}
		if (!add_item(s, r, &item, a)) {
			*ret_column = (size_t)(begin - list);
			return false;
		}
		before = item;
		p = skip_blanks(p);
		more = *p == ',';
		p += more;
	}
	*ret_column = (size_t)(p - list);
	return !*p;
}

static struct tnode *
interface_of(struct config_session *s, const char *name)
{
	return (struct tnode *)(uintptr_t)tnode_named(tree_top(s->tree), KEY_INTERFACE, ARG_NAME,
	                                              name);
}

static void
stand_at_first(struct config_session *s)
{
	struct tnode *at = interface_of(s, s->range->names[0]);

	s->place.at = at ? at : tree_root(s->tree);
}

/* Enters each of them, so that all are there, and stands at the first. */
static void
enter_all(struct config_session *s, struct range *r, struct arena *a)
{
	for (size_t i = 0; i < r->n; i++) {
		const char *line = arena_printf(a, "interface %s", r->names[i]);
		struct command cmd;
		size_t column;

		s->place.at = tree_root(s->tree);
		if (command_parse(s->kind->config, line, a, &cmd, &column) == PARSE_OK)
			session_take(s, &cmd);
	}
	stand_at_first(s);
}

/* `no` or `default interface range`: each of them, as for one alone, which tells why one stays. */
static void
remove_all(struct config_session *s, const struct range *r, const char *how, struct arena *a)
{
	for (size_t i = 0; i < r->n; i++) {
		const char *line = arena_printf(a, "%s interface %s", how, r->names[i]);
		struct command cmd;
		size_t column;

		s->place.at = tree_root(s->tree);
		if (command_parse(s->kind->config, line, a, &cmd, &column) == PARSE_OK)
			session_take(s, &cmd);
	}
	s->place.at = tree_root(s->tree);
}

void
range_enter(struct config_session *s, const struct command *cmd)
{
	const struct value *list = command_value(cmd, ARG_RANGE, 0);
	struct range *r = x_alloc(sizeof(*r));
	struct arena *a = arena_new();
	size_t column;

	range_leave(s);
	s->range = r;
	if (read_list(s, list->text, r, a, &column)) {
		if (cmd->no || cmd->dflt)
			remove_all(s, r, cmd->no ? "no" : "default", a);
		else
			enter_all(s, r, a);
	} else {
		session_refuse_at(s, list->column + column);
		s->place.at = tree_root(s->tree);
	}
	if (!range_is_entered(s))
		range_leave(s);
	arena_free(a);
}

/* --- commands --------------------------------------------------------------------------------- */

/* As in IOS: what one of the interfaces does not take is not given to those behind it. */
static void
take_for_all(struct config_session *s, const struct command *cmd)
{
	bool before = session_was_refused(s), refused = false;
	const struct range *r = s->range;
	struct tnode *at;

	for (size_t i = 0; i < r->n && !refused; i++) {
		if (!(at = interface_of(s, r->names[i])))
			continue; /* somebody else has removed it */
		s->place.at = at;
		session_take(s, cmd);
		refused = session_was_refused(s);
		if (refused && i + 1 < r->n)
			session_say(s, "%% Command failed on interface %s. Aborting\n",
			            r->names[i]);
	}
	stand_at_first(s);
	if (before || refused)
		session_mark_refused(s);
}

void
range_take(struct config_session *s, const struct command *cmd)
{
	if (!range_is_entered(s) || cmd->mode != tnode_mode(s->place.at)) {
		if (cmd->entry->verb == VERB_ENTER || !range_is_entered(s))
			range_leave(s);
		session_take(s, cmd);
	} else if (cmd->entry->verb == VERB_ENTER) {
		session_refuse(s, "%% A mode of its own cannot be entered for a range of "
		                  "interfaces\n");
	} else {
		take_for_all(s, cmd);
	}
}
