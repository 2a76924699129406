/* SPDX-License-Identifier: Apache-2.0 */
/* A session's life, its modes and its lines: see session.h. */
#include "compiler/session/session.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/session/session_parts.h"
#include "compiler/tree/tree_lines.h"

#define CTRL_Z 0x1a

struct config_session *
session_new(const struct session_setup *setup)
{
	struct config_session *s = x_alloc(sizeof(*s));

	s->setup = *setup;
	s->tree = setup->tree;
	s->kind = device_kind_of(s->tree);
	return s;
}

void
session_free(struct config_session *s)
{
	if (!s)
		return;
	if (s->setup.hooks.closing)
		s->setup.hooks.closing(s->setup.hooks.arg);
	session_leave(s);
	range_leave(s);
	free(s);
}

/* --- what is told ----------------------------------------------------------------------------- */

void
session_say(struct config_session *s, const char *format, ...)
{
	struct text t = TEXT_INIT;
	va_list ap;

	if (!s->setup.told.say)
		return;
	va_start(ap, format);
	text_vprintf(&t, format, ap);
	va_end(ap);
	if (t.n)
		s->setup.told.say(s->setup.told.arg, text_string(&t));
	text_fini(&t);
}

static void
refuse_line(struct config_session *s, const struct session_refusal *refusal)
{
	session_mark_refused(s);
	if (s->setup.told.refuse)
		s->setup.told.refuse(s->setup.told.arg, refusal);
}

void
session_mark_refused(struct config_session *s)
{
	s->refused = true;
}

bool
session_was_refused(struct config_session *s)
{
	bool refused = s->refused;

	s->refused = false;
	return refused;
}

void
session_refuse(struct config_session *s, const char *format, ...)
{
	struct session_refusal refusal = {.why = PARSE_OK, .line = s->line, .offset = s->offset};
	struct text t = TEXT_INIT;
	va_list ap;

	va_start(ap, format);
	text_vprintf(&t, format, ap);
	va_end(ap);
	refusal.text = text_string(&t);
	refuse_line(s, &refusal);
	text_fini(&t);
}

void
session_refuse_at(struct config_session *s, size_t column)
{
	struct session_refusal refusal = {.why = PARSE_INVALID,
	                                  .text = "",
	                                  .line = s->line ? s->line : "",
	                                  .offset = s->offset,
	                                  .column = column};

	refuse_line(s, &refusal);
}

static void
refuse_parse(struct config_session *s, enum parse why, const char *line, size_t offset,
             size_t column)
{
	struct session_refusal refusal = {
	    .why = why, .text = "", .line = line, .offset = offset, .column = column};

	if (strlen(line) > COMMAND_LINE_MAX)
		session_refuse(s, "%% Line too long: %zu characters, %u at most\n\n", strlen(line),
		               COMMAND_LINE_MAX);
	else
		refuse_line(s, &refusal);
}

void
session_refuse_incomplete(struct config_session *s)
{
	refuse_parse(s, PARSE_INCOMPLETE, s->line, s->offset, 0);
}

/*
 * Writes the caret under a line that begins `offset` columns behind the prompt: a tab stays a tab,
 * and of a letter of several octets (UTF-8) only the first takes a column.
 */
static void
put_caret(const struct session_refusal *refusal, size_t prompt, struct text *ret)
{
	const char *line = refusal->line;

	text_printf(ret, "%*s", (int)(prompt + refusal->offset), "");
	for (size_t i = 0; i < refusal->column && line[i]; i++)
		if (((unsigned char)line[i] & 0xc0) != 0x80)
			text_puts(ret, line[i] == '\t' ? "\t" : " ");
	text_puts(ret, "^\n");
}

void
session_refusal_text(const struct config_session *s, const struct session_refusal *refusal,
                     size_t prompt, struct text *ret)
{
	switch (refusal->why) {
	case PARSE_OK:
		text_puts(ret, refusal->text);
		break;
	case PARSE_INCOMPLETE:
		text_puts(ret, s->kind->incomplete);
		break;
	case PARSE_AMBIGUOUS:
		text_printf(ret, s->kind->ambiguous, refusal->line);
		break;
	default:
		put_caret(refusal, prompt, ret);
		text_puts(ret, s->kind->invalid);
		break;
	}
}

/* --- modes ------------------------------------------------------------------------------------ */

struct tnode *
session_context(const struct config_session *s)
{
	return s->place.at;
}

unsigned
session_line_number(const struct config_session *s)
{
	return s->number;
}

void
session_configure(struct config_session *s)
{
	tree_enter(s->tree, &s->place);
	s->number = 0;
	session_say(s, "%s", s->kind->greeting);
}

/*
 * Joins the containers of `line vty` again when their mode is left, so that there are as few as
 * possible.
 */
static void
merge_lines(struct config_session *s)
{
	if (s->was_in_lines && !vty_is_entered(s)) {
		tree_lines_merge(s->tree);
		s->was_in_lines = false;
	}
}

void
session_leave(struct config_session *s)
{
	tree_leave(s->tree, &s->place);
	session_cancel(s);
	merge_lines(s);
}

void
session_end(struct config_session *s)
{
	if (!s->place.at)
		return;
	if (s->banner && !s->setup.typed)
		banner_refuse_open(s);
	session_cancel(s);
	tree_leave(s->tree, &s->place);
	if (s->setup.hooks.ended)
		s->setup.hooks.ended(s->setup.hooks.arg);
}

void
session_exit(struct config_session *s)
{
	struct tnode *parent = s->place.at ? tnode_parent(s->place.at) : NULL;

	if (parent)
		s->place.at = parent;
	else
		session_end(s);
}

void
session_climb(struct config_session *s, const struct command *cmd)
{
	while (tnode_parent(s->place.at) && tnode_mode(s->place.at) != cmd->mode)
		s->place.at = tnode_parent(s->place.at);
}

/* --- reading a line --------------------------------------------------------------------------- */

/*
 * Where a remark at the end of a line begins, else 0. Lab documents write remarks behind commands;
 * IOS does not accept them.
 */
static size_t
remark_at(const char *line, size_t column)
{
	bool remark = line[column] == '!' || !strncmp(line + column, "//", 2);

	return column && isspace((unsigned char)line[column - 1]) && remark ? column : 0;
}

/* Parses a line with the commands of the mode that the user may use; *line as the hook has it. */
static enum parse
parse_as_user(struct config_session *s, enum gram_mode mode, const char **line, struct arena *a,
              struct command *ret, size_t *ret_column)
{
	if (s->setup.hooks.parse)
		return s->setup.hooks.parse(s->setup.hooks.arg, mode, line, a, ret, ret_column);
	return command_parse(mode, *line, a, ret, ret_column);
}

/* When the line does not parse, parses it once more without a remark at its end. */
static enum parse
parse_line(struct config_session *s, enum gram_mode mode, const char *line, struct arena *a,
           struct command *ret, size_t *ret_column)
{
	const char *read = line;
	enum parse result;
	size_t cut, remark;

	if (s->place.at && s->kind->is_heading(line))
		return PARSE_EMPTY;
	result = parse_as_user(s, mode, &read, a, ret, ret_column);
	if (result != PARSE_INVALID || !(cut = remark_at(read, *ret_column)))
		return result;
	remark = strlen(read + cut);
	if (remark >= strlen(line)) /* it is the alias's own */
		return result;
	read = arena_strndup(a, line, strlen(line) - remark);
	result = parse_as_user(s, mode, &read, a, ret, ret_column);
	if (result == PARSE_OK)
		session_say(s, "%% Note: what stands after the command was taken as a remark.\n");
	return result;
}

static void
hear_line(struct config_session *s, enum session_heard as, const char *line,
          const struct command *cmd)
{
	if (s->setup.hooks.heard)
		s->setup.hooks.heard(s->setup.hooks.arg, as, line, cmd);
}

static void
run_command(struct config_session *s, const struct command *cmd)
{
	if (s->setup.hooks.run)
		s->setup.hooks.run(s->setup.hooks.arg, s, cmd);
}

/* Does the line do nothing in the mode at hand, when it is a command there at all? */
static bool
does_nothing_here(struct config_session *s, const char *line, struct arena *a)
{
	const struct gram_entry *mode = tnode_entry(s->place.at);
	struct command cmd;
	size_t column;

	return (mode && mode->unbuilt) ||
	       parse_as_user(s, tnode_mode(s->place.at), &line, a, &cmd, &column) != PARSE_OK ||
	       cmd.entry->kept || cmd.entry->unbuilt;
}

void
session_leave_for_kept(struct config_session *s, const char *line)
{
	struct arena *a = arena_new();
	struct tnode *root = tree_root(s->tree);
	struct command cmd;
	size_t column;

	if (s->place.at && s->place.at != root &&
	    parse_as_user(s, tnode_mode(root), &line, a, &cmd, &column) == PARSE_OK &&
	    cmd.entry->kept && command_in_full(&cmd) && does_nothing_here(s, line, a))
		s->place.at = root;
	arena_free(a);
}

/* --- EXEC lines ------------------------------------------------------------------------------- */

/* typed: a line of its own, not what stands behind `do`. */
static void
exec_line(struct config_session *s, const char *line, size_t offset, bool typed)
{
	const char *outer = s->line;
	size_t outer_offset = s->offset;
	struct arena *a = arena_new();
	struct command cmd;
	size_t column;
	enum parse result = parse_line(s, s->kind->enable, line, a, &cmd, &column);

	s->empty = result == PARSE_EMPTY;
	if (result > PARSE_EMPTY && typed && !offset && pasted_line(s, line, false))
		goto out;
	if (typed)
		hear_line(s, result > PARSE_EMPTY ? SESSION_HEARD_REFUSED : SESSION_HEARD_EXEC,
		          line, NULL);
	s->line = line;
	s->offset = offset;
	if (result == PARSE_OK)
		run_command(s, &cmd);
	else if (result > PARSE_EMPTY)
		refuse_parse(s, result, line, offset, column);
	s->line = outer;
	s->offset = outer_offset;
out:
	arena_free(a);
}

void
session_exec(struct config_session *s, const char *line)
{
	exec_line(s, line, 0, false);
}

/* A firewall takes EXEC's commands in every mode. */
static bool
is_exec_here(const struct config_session *s, const char *line)
{
	struct arena *a = arena_new();
	struct command cmd;
	size_t column;
	bool is = s->kind->exec_in_config && s->setup.typed &&
	          command_parse(s->kind->enable, line, a, &cmd, &column) == PARSE_OK;

	arena_free(a);
	return is;
}

/* --- configuration lines ---------------------------------------------------------------------- */

/* Commands that act on the session or the tree; the others act on the device. */
static void
act_on_session(struct config_session *s, const struct command *cmd)
{
	const struct value *line = command_value(cmd, ARG_LINE, 0);

	switch ((enum gram_handler)cmd->entry->handler) {
	case H_CONFIG_END:
		session_end(s);
		break;
	case H_CONFIG_EXIT:
		session_exit(s);
		break;
	case H_CONFIG_DO:
		exec_line(s, line->text, s->offset + line->column, false);
		break;
	case H_CONFIG_ACCESS_LIST:
		session_numbered_list(s, cmd);
		break;
	case H_CONFIG_ROUTE_TARGET:
		session_route_targets(s, cmd);
		break;
	case H_CONFIG_INTERFACE_RANGE:
		range_enter(s, cmd);
		break;
	case H_CONFIG_ACL_RESEQUENCE:
		session_resequence(s, cmd);
		break;
	case H_CONFIG_PREFIX_LIST:
		session_prefix_list(s, cmd);
		break;
	case H_CONFIG_ROUTE_MAP:
		session_route_map(s, cmd);
		break;
	case H_ASA_ACCESS_LIST:
		firewall_access_list(s, cmd);
		break;
	case H_ASA_ACCESS_LIST_ALL:
		firewall_access_list_all(s, cmd);
		break;
	case H_ASA_CLEAR_ACCESS_LIST:
		firewall_clear_access_list(s, cmd);
		break;
	default:
		run_command(s, cmd);
		break;
	}
}

static void
carry_out(struct config_session *s, const struct command *cmd)
{
	if (banner_is(cmd)) {
		session_climb(s, cmd);
		banner_begin(s, cmd);
	} else if (cmd->entry->verb == VERB_DO) {
		session_climb(s, cmd);
		act_on_session(s, cmd);
	} else {
		range_take(s, cmd);
	}
}

/*
 * Does the line belong to no mode? In a text that is indented, a line at the margin does not belong
 * to the mode of the lines before it. If nobody knows it, it is an error, not one more line of a
 * mode that takes any; so are the lines indented under it.
 */
static bool
is_astray(struct config_session *s, const struct command *cmd)
{
	bool after = s->indented;

	s->indented = cmd->indent > 0;
	return !s->setup.typed && after && !cmd->indent && cmd->entry->kept &&
	       cmd->values[0].elem->type == TYPE_LINE;
}

static void
config_line(struct config_session *s, const char *line, size_t offset)
{
	struct arena *a = arena_new();
	struct command cmd;
	enum parse result;
	size_t column;

	result = parse_line(s, tnode_mode(s->place.at), line, a, &cmd, &column);
	if (result == PARSE_OK && is_astray(s, &cmd)) {
		result = PARSE_INVALID;
		column = 0;
		s->place.at = tree_root(s->tree);
	}
	s->empty = result == PARSE_EMPTY;
	if (result == PARSE_OK && cmd.entry->kept && cmd.entry->verb == VERB_LIST && !offset &&
	    pasted_line(s, line, true))
		goto out;
	if (result == PARSE_OK) {
		hear_line(s, SESSION_HEARD_CONFIG, line, &cmd);
		carry_out(s, &cmd);
	} else if (result != PARSE_EMPTY && is_exec_here(s, line)) {
		exec_line(s, line, offset, false);
	} else if (result != PARSE_EMPTY && (offset || !pasted_line(s, line, false))) {
		hear_line(s, SESSION_HEARD_REFUSED, line, NULL);
		refuse_parse(s, result, line, offset, column);
	}
out:
	arena_free(a);
}

/* --- the way in ------------------------------------------------------------------------------- */

void
session_read_at(struct config_session *s, const char *line, size_t offset)
{
	s->line = line;
	s->offset = offset;
	if (s->place.at)
		config_line(s, line, offset);
	else
		exec_line(s, line, offset, true);
}

static bool
ends_with_ctrl_z(const char *line)
{
	size_t n = strlen(line);

	return n && line[n - 1] == CTRL_Z;
}

/*
 * Reads a line as typed: when it ends with Ctrl-Z, the line is carried out before the mode is left.
 */
static void
read_typed(struct config_session *s, const char *line)
{
	size_t n = strlen(line);
	bool end = ends_with_ctrl_z(line);
	char *without = end ? x_strdup(line) : NULL;

	if (end)
		without[n - 1] = 0;
	session_read_at(s, end ? without : line, 0);
	if (end)
		session_end(s);
	if (end)
		explicit_bzero(without, n);
	free(without);
}

static bool
is_asked(const struct config_session *s)
{
	return s->setup.hooks.asks && s->setup.hooks.asks(s->setup.hooks.arg);
}

bool
session_in_text(const struct config_session *s)
{
	return s->banner || is_asked(s);
}

enum session_verdict
session_line(struct config_session *s, const char *line)
{
	return session_line_at(s, line, s->number + 1);
}

enum session_verdict
session_line_at(struct config_session *s, const char *line, unsigned number)
{
	bool before = session_was_refused(s), refused;

	s->number = number;
	s->was_in_lines |= vty_is_entered(s);
	s->empty = false;
	if (s->banner && ends_with_ctrl_z(line))
		session_end(s);
	else if (s->banner)
		banner_line(s, line);
	else if (is_asked(s))
		s->setup.hooks.answer(s->setup.hooks.arg, line);
	else
		read_typed(s, line);
	s->line = NULL;
	s->was_in_lines |= vty_is_entered(s);
	merge_lines(s);
	refused = s->refused;
	s->refused |= before;
	return refused ? SESSION_REFUSED : s->empty ? SESSION_NOTHING : SESSION_TAKEN;
}
