/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes a command that was understood, or refuses it because of what else is configured: see
 * session_parts.h.
 */
#include <string.h>

#include "compiler/session/session_parts.h"

enum tree_verdict
session_change(struct config_session *s, struct tnode **context, const struct command *cmd)
{
	enum tree_verdict v = tree_apply(s->tree, context, cmd, s->number);

	if (v == TREE_CHANGED && s->setup.hooks.changed)
		s->setup.hooks.changed(s->setup.hooks.arg, cmd);
	return v;
}

/* What IOS says to the first line of a crypto map's entry. */
static void
say_incomplete_map(struct config_session *s, const struct command *cmd)
{
	if (cmd->no || cmd->dflt)
		return;
	if (cmd->entry->key == KEY_CRYPTO_MAP)
		session_say(s, "%% NOTE: This new crypto map will remain disabled until a "
		               "valid\n\tgroup has been configured.\n");
	else if (cmd->entry->key == KEY_CRYPTO_MAP_PEER && !command_has(cmd, ARG_DYNAMIC))
		session_say(s, "%% NOTE: This new crypto map will remain disabled until a "
		               "peer\n\tand a valid access list have been configured.\n");
}

/*
 * A `no` that took nothing away: of what goes by a name the name was mistyped. A setting that says
 * its default already is as the user wants it, and a text that is loaded may say so to make sure.
 */
static void
refuse_absent(struct config_session *s, const struct command *cmd)
{
	struct text words = TEXT_INIT;
	bool names = false; /* `no ip address`, as below each unused interface, names nothing */

	for (size_t i = 0; i < cmd->n; i++)
		names |= cmd->values[i].elem->arg != ARG_NONE;
	if (!s->setup.typed || !cmd->no || cmd->entry->verb == VERB_SET || !names)
		return;
	for (size_t i = 0; i < cmd->n; i++) {
		const struct value *v = &cmd->values[i];
		const char *word = v->elem->secret ? "***" : v->text;

		/* Of a form that goes without saying nothing is written. */
		text_printf(&words, "%s%s", words.n && *word ? " " : "", word);
	}
	if (cmd->entry->key == KEY_IP_ROUTE || cmd->entry->key == KEY_IP_ROUTE_VRF)
		session_refuse(s, "%%No matching route to delete\n");
	else
		session_refuse(s, "%% There is no \"%s\" to remove\n", text_string(&words));
	text_fini(&words);
}

static void
say_who_keeps_time(struct config_session *s, const struct command *cmd)
{
	if (cmd->entry->key == KEY_KEPT_NTP && !cmd->no && !cmd->dflt && s->setup.typed)
		session_say(
		    s, "%% The machine (of a lab: the lab) keeps the time; NTP is the business "
		       "of chrony or\n%% systemd-timesyncd there. The line is kept, without "
		       "effect.\n");
}

/* As in IOS, `default interface` leaves the interface, with nothing in it. */
static void
keep_defaulted(struct config_session *s, const struct command *cmd, struct arena *a)
{
	const char *name = command_str(cmd, ARG_NAME);
	size_t column;

	if (!s->setup.typed || !cmd->dflt || cmd->entry->key != KEY_INTERFACE)
		return;
	if (session_take_in(s, arena_printf(a, "interface %s", name), NULL, &column))
		session_say(s, "Interface %s set to default configuration\n", name);
}

static void
apply_sealed(struct config_session *s, const struct command *cmd, struct arena *a)
{
	struct tnode *context = s->place.at;
	const char *note = NULL;

	switch (vty_change(s, &context, cmd)) {
	case TREE_DUPLICATE:
		session_refuse(s, "%% Duplicate sequence number\n");
		break;
	case TREE_FULL:
		session_refuse(s, "%% The configuration is full (%d lines)\n", TREE_NODES_MAX);
		break;
	case TREE_DEEP:
		session_refuse(s, "%% Lines are nested too deeply (%d levels at most)\n",
		               TREE_KEPT_DEPTH_MAX);
		break;
	case TREE_CHANGED:
		if (s->setup.hooks.sealed)
			note = s->setup.hooks.sealed(s->setup.hooks.arg, cmd);
		session_say(s, "%s", note ? note : "");
		say_incomplete_map(s, cmd);
		say_who_keeps_time(s, cmd);
		keep_defaulted(s, cmd, a);
		s->place.at = context;
		session_follow_vrf(s, cmd);
		break;
	case TREE_ABSENT:
		refuse_absent(s, cmd);
		break;
	default:
		break;
	}
	s->place.at = context;
}

/* Takes the lines that follow from one that was taken, and tells the user. */
static void
apply_follow(struct config_session *s, const struct command *cmd, struct arena *a)
{
	char container[COMMAND_LINE_MAX];
	struct device_follow follow = {0};
	size_t column;

	if (!s->kind->follow || !s->kind->follow(s->tree, s->place.at, cmd, a, &follow))
		return;
	tnode_text(s->place.at, container, sizeof(container));
	session_take_in(s, follow.container ? follow.container : container, follow.line, &column);
	session_say(s, "%s", follow.note);
}

bool
session_is_objected(const struct config_session *s, const struct command *cmd, struct arena *a,
                    struct objection *ret)
{
	const struct objection_facts facts = {.loading = !s->setup.typed,
	                                      .has_interface = s->setup.hooks.has_interface,
	                                      .arg = s->setup.hooks.arg};

	return s->kind->objection(s->tree, s->place.at, cmd, &facts, a, ret);
}

/*
 * The octets of the line as the configuration will show it, where its words stand in full: in front
 * of it stand a blank for each mode, or the line that it is one line with.
 */
static size_t
shown_length(const struct config_session *s, const struct command *cmd)
{
	const struct tnode *at = s->place.at;
	size_t n = cmd->no ? 2 : 0;

	for (size_t i = 0; i < cmd->n; i++)
		n += strlen(cmd->values[i].text) + (n > 0 && *cmd->values[i].text);
	while (tnode_parent(at) && tnode_mode(at) != cmd->mode)
		at = tnode_parent(at);
	if (tnode_parent(at) && tnode_entry(at)->flat)
		return n + 1 + tnode_text(at, NULL, 0);
	while ((at = tnode_parent(at)))
		n++;
	return n;
}

/* What is shown must be read again; `no` of a line that is there is not shown. */
static bool
is_too_long(struct config_session *s, const struct command *cmd)
{
	size_t n = shown_length(s, cmd);

	if (n <= COMMAND_LINE_MAX || (!cmd->entry->kept && (cmd->no || cmd->dflt)))
		return false;
	session_refuse(s, "%% Line too long: %zu characters in full, %u at most\n\n", n,
	               COMMAND_LINE_MAX);
	return true;
}

void
session_take(struct config_session *s, const struct command *cmd)
{
	struct arena *a = arena_new();
	struct objection objection = {0};
	const char *error = NULL;

	/* Secrets are hashed or hidden before anything keeps them. */
	if (s->setup.hooks.seal)
		cmd = s->setup.hooks.seal(s->setup.hooks.arg, cmd, a, &error);
	if (!cmd) {
		session_refuse(s, "%s", error);
	} else if (is_too_long(s, cmd)) {
		/* it was refused */
	} else if (!session_is_objected(s, cmd, a, &objection)) {
		apply_sealed(s, cmd, a);
		apply_follow(s, cmd, a);
	} else if (objection.text) {
		session_refuse(s, "%s", objection.text);
	} else {
		session_refuse_at(s, objection.column);
		/*
		 * The next lines were not meant for the mode that the lines before this one were in
		 */
		s->place.at = tree_root(s->tree);
	}
	arena_free(a);
}

bool
session_take_in(struct config_session *s, const char *container, const char *line,
                size_t *ret_column)
{
	struct tnode *back = s->place.at;
	struct arena *a = arena_new();
	struct command outer, inner;
	enum gram_mode mode;
	bool ok = false;

	*ret_column = 0;
	if (command_parse(s->kind->config, container, a, &outer, ret_column) != PARSE_OK)
		goto out;
	mode = (enum gram_mode)outer.entry->target;
	ok = !line || (command_parse(mode, line, a, &inner, ret_column) == PARSE_OK &&
	               inner.mode == mode && inner.entry->verb != VERB_DO);
	if (!ok)
		goto out;
	session_take(s, &outer);
	if (line)
		session_take(s, &inner);
out:
	s->place.at = back;
	arena_free(a);
	return ok;
}

void
session_numbered_list(struct config_session *s, const struct command *cmd)
{
	const struct value *line = command_value(cmd, ARG_LINE, 0);
	uint32_t acl = command_u32(cmd, ARG_ACL);
	bool standard = acl < 100 || (acl >= 1300 && acl < 2000), gone = cmd->no || cmd->dflt;
	struct arena *a = arena_new();
	const char *container, *entry = NULL;
	size_t column;

	/* `no access-list 10` removes the whole list. */
	container = arena_printf(a, "%sip access-list %s %u", gone && !line ? "no " : "",
	                         standard ? "standard" : "extended", acl);
	if (line)
		entry = arena_printf(a, "%s%s", gone ? "no " : "", line->text);
	if (!line && !gone)
		session_refuse_incomplete(s);
	else if (!session_take_in(s, container, entry, &column))
		session_refuse_at(s, (line ? line->column : 0) + column - (gone ? 3 : 0));
	arena_free(a);
}
