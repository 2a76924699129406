/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session: see shell.h. The mode is either EXEC (user or privileged) or the mode of a node of the
 * config tree, the context, which the tree owns; the router says when it is removed.
 */
#include "cli/shell/shell_parts.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/accounts/auth_level.h"
#include "cli/accounts/auth_seal.h"
#include "cli/shell/banner.h"
#include "cli/shell/commands.h"
#include "cli/device/config_log.h"
#include "cli/shell/line_config.h"
#include "cli/shell/pasted.h"
#include "cli/shell/pipeline.h"
#include "compiler/base/text.h"

#define CTRL_Z       0x1a
#define PROMPT_HOST  20
#define PROMPT_WIDTH 30

static const struct command_table *commands;

void
shell_set_commands(const struct command_table *table)
{
	commands = table;
}

/* --- what the router wants of a session ------------------------------------------------------- */

static struct shell *
shell_of(struct router_session *s)
{
	return (struct shell *)s;
}

static void
session_notify(struct router_session *s, const char *text)
{
	struct shell *sh = shell_of(s);

	if (!sh->closed && sh->monitor && sh->io.notify)
		sh->io.notify(sh->arg, text);
}

static bool
session_is_vty(const struct router_session *s)
{
	return ((const struct shell *)s)->vty;
}

static void
session_close(struct router_session *s)
{
	shell_close(shell_of(s));
}

static struct tnode *
session_context(const struct router_session *s)
{
	return ((const struct shell *)s)->context;
}

static void
session_context_gone(struct router_session *s)
{
	struct shell *sh = shell_of(s);

	sh->context = tree_root(router_tree(sh->router));
}

static const struct router_session_ops session_ops = {.notify = session_notify,
                                                      .is_vty = session_is_vty,
                                                      .close = session_close,
                                                      .context = session_context,
                                                      .context_gone = session_context_gone};

struct shell *
shell_at(const struct router *r, size_t i)
{
	return shell_of(router_session_at(r, i));
}

/* --- its life --------------------------------------------------------------------------------- */

struct shell *
shell_new(struct router *r, const struct shell_io *io, void *arg, bool privileged)
{
	struct shell *sh = x_alloc(sizeof(*sh));

	sh->session.ops = &session_ops;
	sh->router = r;
	sh->io = *io;
	sh->arg = arg;
	sh->level = privileged ? SHELL_LEVEL_MAX : 1;
	sh->monitor = true;
	sh->length = sh->width = -1;
	sh->window_length = 24;
	sh->window_width = 80;
	shell_history_resize(sh, HISTORY_DEFAULT);
	router_session_add(r, &sh->session);
	return sh;
}

static void
leave_router(struct shell *sh)
{
	bool lines = line_context(sh);

	sh->closed = true;
	sh->context = NULL;
	router_session_remove(sh->router, &sh->session);
	if (lines)
		line_left(sh);
}

void
shell_free(struct shell *sh)
{
	if (!sh)
		return;
	if (!sh->closed)
		leave_router(sh);
	shell_withdraw(sh);
	pipeline_free(sh->pipe);
	history_fini(&sh->history[0]);
	history_fini(&sh->history[1]);
	free(sh);
}

void
shell_close(struct shell *sh)
{
	if (sh->closed)
		return;
	leave_router(sh);
	shell_withdraw(sh);
	if (sh->io.close)
		sh->io.close(sh->arg);
}

struct router *
shell_router(struct shell *sh)
{
	return sh->router;
}

/* --- modes ------------------------------------------------------------------------------------ */

struct tnode *
shell_context(const struct shell *sh)
{
	return sh->context;
}

bool
shell_in_config(const struct shell *sh)
{
	return sh->context != NULL;
}

enum gram_mode
shell_mode(const struct shell *sh)
{
	if (sh->context)
		return tnode_mode(sh->context);
	return auth_exec_mode(router_accounts(sh->router), sh->level);
}

/* IOS-XE calls some modes otherwise, and who automates it waits for these words. */
static const char *
mode_prompt(const struct shell *sh)
{
	enum gram_mode mode = shell_mode(sh);
	const char *dialect = shell_dialect(sh);

	if (dialect && !strcmp(dialect, "ios-xe") && mode == MODE_CONFIG_GDOI_GROUP)
		return "(config-gkm-group)#";
	if (dialect && !strcmp(dialect, "ios-xe") && mode == MODE_GDOI_LOCAL_SERVER)
		return "(gkm-local-server)#";
	if (dialect && !strcmp(dialect, "ios-xe") && mode == MODE_GDOI_SA_IPSEC)
		return "(gkm-sa-ipsec)#";
	if (!sh->context)
		return sh->level > 1 ? "#" : ">";
	return gram_modes[mode].prompt;
}

/*
 * As IOS: 20 characters of the hostname, 30 of all, and what is too long is cut from the mode:
 * "Basement-rtr2(config-crypto-)#".
 */
static void
config_prompt(const struct shell *sh, char buf[static SHELL_PROMPT_MAX])
{
	const char *mode = mode_prompt(sh);
	size_t n = strlen(mode), host;
	char name[PROMPT_HOST + 1];

	snprintf(name, sizeof(name), "%s", router_hostname(sh->router));
	host = strlen(name);
	if (host + n <= PROMPT_WIDTH)
		snprintf(buf, SHELL_PROMPT_MAX, "%s%s", name, mode);
	else
		snprintf(buf, SHELL_PROMPT_MAX, "%s%.*s)#", name, (int)(PROMPT_WIDTH - host - 2),
		         mode);
}

void
shell_prompt(const struct shell *sh, char buf[static SHELL_PROMPT_MAX])
{
	if (sh->question)
		snprintf(buf, SHELL_PROMPT_MAX, "%s", sh->question);
	else if (sh->context)
		config_prompt(sh, buf);
	else
		snprintf(buf, SHELL_PROMPT_MAX, "%.63s%s", router_hostname(sh->router),
		         mode_prompt(sh));
}

void
shell_configure(struct shell *sh)
{
	sh->context = tree_root(router_tree(sh->router));
	sh->config_line = 0;
	shell_puts(sh, router_kind(sh->router)->greeting);
}

/* "console", "vty0 (10.1.1.1)", "admin on vty0 (10.1.1.1)" */
static void
whose(const struct shell *sh, char *buf, size_t size)
{
	const char *on = *sh->user ? " on " : "";

	if (sh->on_line && sh->line.type == LINE_VTY)
		snprintf(buf, size, "%s%svty%u (%s)", sh->user, on, sh->line.number, sh->peer);
	else
		snprintf(buf, size, "%s%sconsole", sh->user, on);
}

void
shell_end(struct shell *sh)
{
	char by[LINE_USER_MAX + LINE_PEER_MAX + 32];

	if (!sh->context)
		return;
	sh->context = NULL;
	/* The log says it, too, but not to a session that does not listen to the log. */
	if (!sh->monitor && router_kept(sh->router))
		shell_printf(sh, "%% Kept without effect: %zu; see show testudo unsupported\n",
		             router_kept(sh->router));
	whose(sh, by, sizeof(by));
	router_configured(sh->router, by);
}

void
shell_exit(struct shell *sh)
{
	if (!sh->context)
		shell_close(sh);
	else if (tnode_parent(sh->context))
		sh->context = tnode_parent(sh->context);
	else
		shell_end(sh);
}

/* --- lines ------------------------------------------------------------------------------------ */

void
shell_refuse_at(struct shell *sh, size_t column)
{
	char prompt[SHELL_PROMPT_MAX];

	shell_refuse(sh);
	shell_prompt(sh, prompt);
	shell_printf(sh, "%*s^\n%s", (int)(strlen(prompt) + column), "",
	             router_kind(sh->router)->invalid);
}

/*
 * The caret under a line that begins `offset` columns behind the prompt: a tab stays a tab, and of
 * a letter of several octets (UTF-8) only the first takes a column.
 */
static void
refuse_under(struct shell *sh, const char *line, size_t offset, size_t column)
{
	char prompt[SHELL_PROMPT_MAX], *pad = x_alloc(column + 1);
	size_t i, n = 0;

	for (i = 0; i < column && line[i]; i++)
		if (((unsigned char)line[i] & 0xc0) != 0x80)
			pad[n++] = line[i] == '\t' ? '\t' : ' ';
	shell_prompt(sh, prompt);
	shell_printf(sh, "%*s%s^\n%s", (int)(strlen(prompt) + offset), "", pad,
	             router_kind(sh->router)->invalid);
	free(pad);
}

static void
refuse(struct shell *sh, enum parse why, const char *line, size_t offset, size_t column)
{
	size_t length = strlen(line);

	shell_refuse(sh);
	if (length > COMMAND_LINE_MAX) {
		shell_printf(sh, "%% Line too long: %zu characters, %u at most\n\n", length,
		             COMMAND_LINE_MAX);
		return;
	}
	switch (why) {
	case PARSE_INCOMPLETE:
		shell_puts(sh, router_kind(sh->router)->incomplete);
		break;
	case PARSE_AMBIGUOUS:
		shell_printf(sh, router_kind(sh->router)->ambiguous, line);
		break;
	default:
		refuse_under(sh, line, offset, column);
		break;
	}
}

/* Labs write remarks behind commands; IOS does not take them. Where one begins, else 0. */
static size_t
remark_at(const char *line, size_t column)
{
	bool remark = line[column] == '!' || !strncmp(line + column, "//", 2);

	return column && isspace((unsigned char)line[column - 1]) && remark ? column : 0;
}

/* What the session's level of privilege lets through. */
static enum parse
parse_as(struct shell *sh, enum gram_mode mode, const char *line, struct arena *a,
         struct command *cmd, size_t *ret_column)
{
	struct auth_filter f;
	const struct command_filter *who = auth_filter(&f, router_accounts(sh->router), sh->level);
	enum parse result = command_parse_as(who, mode, line, a, cmd, ret_column);

	if (result == PARSE_OK &&
	    !auth_allows(router_accounts(sh->router), sh->level, cmd, ret_column))
		return PARSE_INVALID;
	return result;
}

/* parse_as, and once more without a remark at the end. */
static enum parse
parse(struct shell *sh, enum gram_mode mode, const char *line, struct arena *a, struct command *cmd,
      size_t *ret_column)
{
	enum parse result;
	size_t cut;

	if (sh->context && router_kind(sh->router)->is_heading(line))
		return PARSE_EMPTY;
	result = parse_as(sh, mode, line, a, cmd, ret_column);
	if (result != PARSE_INVALID || !(cut = remark_at(line, *ret_column)))
		return result;
	result = parse_as(sh, mode, arena_strndup(a, line, cut), a, cmd, ret_column);
	if (result == PARSE_OK)
		shell_puts(sh, "% Note: what stands after the command was taken as a remark.\n");
	return result;
}

/* False after saying what is wrong with the filter. */
static bool
open_pipe(struct shell *sh, const struct command *filter)
{
	char why[PIPELINE_WHY];

	sh->pipe = pipeline_new(sh->router, filter, why);
	if (!sh->pipe) {
		shell_refuse(sh);
		shell_puts(sh, why);
	}
	return sh->pipe != NULL;
}

/* `| json`, and perhaps a filter behind it. */
static void
run_structured(struct shell *sh, const struct command *cmd, enum emit_form form)
{
	const struct command_view *view = commands->view(cmd);
	const char *rest = command_str(cmd->pipe, ARG_REGEX);
	struct arena *a = arena_new();
	struct command next;
	size_t column;

	if (rest && (strncmp(rest, "| ", 2) != 0 ||
	             command_parse(MODE_PIPE, rest + 2, a, &next, &column) != PARSE_OK)) {
		shell_refuse(sh);
		shell_printf(sh, "%% Behind %s only another filter may stand\n",
		             form == EMIT_JSON ? "json" : "yaml");
	} else if (!view) {
		shell_refuse(sh);
		shell_puts(sh, "% This command has no structured output\n");
	} else if (!rest || open_pipe(sh, &next)) {
		commands->show_view(sh, cmd, view, form);
	}
	arena_free(a);
}

static void
run(struct shell *sh, const struct command *cmd)
{
	command_fn *handler = commands->handlers[cmd->entry->handler];
	unsigned filter = cmd->pipe ? cmd->pipe->entry->handler : H_NONE;

	if (filter == H_PIPE_JSON || filter == H_PIPE_YAML)
		run_structured(sh, cmd, filter == H_PIPE_JSON ? EMIT_JSON : EMIT_YAML);
	else if ((!cmd->pipe || open_pipe(sh, cmd->pipe)) && handler)
		handler(sh, cmd);
}

static bool unwrap(struct shell *sh, const char *line, size_t offset, bool kept);

static void
exec_line(struct shell *sh, const char *line, size_t offset, bool typed)
{
	struct arena *a = arena_new();
	struct command cmd;
	enum parse result;
	size_t column;

	router_commit(sh->router, false);
	result = parse(sh, auth_exec_mode(router_accounts(sh->router), sh->level), line, a, &cmd,
	               &column);
	if (result > PARSE_EMPTY && typed && unwrap(sh, line, offset, false))
		goto out;
	if (typed)
		shell_remember(sh, line, NULL);
	shell_page(sh);
	if (result == PARSE_OK && !router_on_trial(sh->router))
		run(sh, &cmd);
	else if (result > PARSE_EMPTY)
		refuse(sh, result, line, offset, column);
out:
	arena_free(a);
}

void
shell_exec(struct shell *sh, const char *line, size_t offset)
{
	exec_line(sh, line, offset, false);
}

/* --- configuration lines ---------------------------------------------------------------------- */

static void
apply_sealed(struct shell *sh, const struct command *cmd)
{
	const char *note;
	struct tnode *context = sh->context;
	bool changed;

	switch (line_apply(sh, &context, cmd, sh->config_line)) {
	case TREE_DUPLICATE:
		shell_refuse(sh);
		shell_puts(sh, "% Duplicate sequence number\n");
		break;
	case TREE_FULL:
		shell_refuse(sh);
		shell_printf(sh, "%% The configuration is full (%d lines)\n", TREE_NODES_MAX);
		break;
	case TREE_CHANGED:
		note = auth_sealed(router_accounts(sh->router), cmd, &changed);
		if (changed && !router_on_trial(sh->router))
			router_touch(sh->router);
		if (note)
			shell_puts(sh, note);
		if (cmd->entry->key == KEY_CRYPTO_MAP && !cmd->no && !cmd->dflt)
			shell_puts(sh, "% NOTE: This new crypto map will remain disabled until a "
			               "valid\n\tgroup has been configured.\n");
		else if (cmd->entry->key == KEY_CRYPTO_MAP_PEER && !cmd->no && !cmd->dflt &&
		         !command_has(cmd, ARG_DYNAMIC))
			shell_puts(sh, "% NOTE: This new crypto map will remain disabled until a "
			               "peer\n\tand a valid access list have been configured.\n");
		break;
	default:
		break;
	}
	sh->context = context;
}

/* On a trial of a configuration only what builds the tree is done: no keys, no `do`. */
static bool
acts(const struct command *cmd)
{
	switch ((enum gram_handler)cmd->entry->handler) {
	case H_CONFIG_END:
	case H_CONFIG_EXIT:
	case H_CONFIG_ACCESS_LIST:
	case H_ASA_ACCESS_LIST:
	case H_CONFIG_DO: /* understood or not, and then not done */
		return false;
	default:
		return true;
	}
}

static bool
has_interface(void *router, const char *name)
{
	return router_has_interface(router, name);
}

/*
 * What is refused for what else there is; *ret_text NULL: the line is invalid at *ret_column. After
 * an interface that does not exist nothing is meant for the one before.
 */
static bool
is_refused(struct shell *sh, const struct command *cmd, struct arena *a, const char **ret_text,
           size_t *ret_column)
{
	struct objection_facts facts = {.loading = router_is_loading(sh->router),
	                                .has_interface = has_interface,
	                                .arg = sh->router};
	struct objection o = {0};

	if (!router_kind(sh->router)
	         ->objection(router_tree(sh->router), sh->context, cmd, &facts, a, &o))
		return false;
	*ret_text = o.text;
	*ret_column = o.column;
	return true;
}

/* What follows from a line that was taken is taken, too, and said. */
static void
apply_follow(struct shell *sh, const struct command *cmd, struct arena *a)
{
	const struct device_kind *kind = router_kind(sh->router);
	char container[COMMAND_LINE_MAX];
	struct device_follow follow;
	size_t column;

	if (!kind->follow || !kind->follow(sh->context, cmd, a, &follow))
		return;
	tnode_text(sh->context, container, sizeof(container));
	shell_apply_in(sh, container, follow.line, &column);
	shell_puts(sh, follow.note);
}

/* Secrets are hashed or hidden before anything keeps them. */
static void
apply(struct shell *sh, const struct command *cmd)
{
	struct arena *a = arena_new();
	const char *error = NULL;
	size_t column = 0;

	cmd = auth_seal(router_accounts(sh->router), cmd, a, &error);
	if (cmd && is_refused(sh, cmd, a, &error, &column)) {
		if (!error) {
			shell_refuse_at(sh, column);
			sh->context = tree_root(router_tree(sh->router));
			goto out;
		}
		cmd = NULL;
	}
	if (cmd) {
		apply_sealed(sh, cmd);
		apply_follow(sh, cmd, a);
	} else {
		shell_refuse(sh);
		shell_puts(sh, error);
	}
out:
	arena_free(a);
}

/* A command of a mode further up leaves the modes below it. */
static void
climb(struct shell *sh, const struct command *cmd)
{
	while (tnode_parent(sh->context) && tnode_mode(sh->context) != cmd->mode)
		sh->context = tnode_parent(sh->context);
}

static void
config_command(struct shell *sh, const struct command *cmd)
{
	if (banner_is(cmd)) {
		climb(sh, cmd);
		banner_begin(sh, cmd);
		return;
	}
	if (cmd->entry->verb != VERB_DO) {
		apply(sh, cmd);
		return;
	}
	climb(sh, cmd);
	if (router_on_trial(sh->router) && acts(cmd))
		return;
	run(sh, cmd);
}

/*
 * In a file that indents, a line at the margin is not of the mode that the lines before it were
 * in: what nobody knows there is an error, and not one more line of a mode that takes any, nor
 * are the lines that it would have had below it.
 */
static bool
is_astray(struct shell *sh, const struct command *cmd)
{
	bool after = sh->indented;

	sh->indented = cmd->indent > 0;
	return router_is_loading(sh->router) && after && !cmd->indent && cmd->entry->kept &&
	       cmd->values[0].elem->type == TYPE_LINE;
}

/* `archive`, `log config`: what is typed, not what is loaded. */
static void
log_command(struct shell *sh, const struct command *cmd)
{
	const struct tnode *at = sh->context;
	char who[CONFIG_LOG_WHO], where[CONFIG_LOG_WHO];
	struct config_author by = {sh, sh->config_line, who, where};
	unsigned depth = 0;

	if (cmd->entry->verb == VERB_DO || router_is_loading(sh->router))
		return;
	while (tnode_parent(at) && tnode_mode(at) != cmd->mode)
		at = tnode_parent(at);
	while ((at = tnode_parent(at)))
		depth++;
	shell_who(sh, who);
	shell_where(sh, where);
	config_log_add(router_config_log(sh->router), &by, depth, cmd);
}

/* Some kinds take EXEC's commands in every mode. */
static bool
is_exec_here(struct shell *sh, const char *line)
{
	struct arena *a = arena_new();
	struct command cmd;
	size_t column;
	bool is = router_kind(sh->router)->exec_in_config && !router_is_loading(sh->router) &&
	          command_parse(auth_exec_mode(router_accounts(sh->router), sh->level), line, a,
	                        &cmd, &column) == PARSE_OK;

	arena_free(a);
	return is;
}

static void
config_line(struct shell *sh, const char *line, size_t offset)
{
	struct arena *a = arena_new();
	struct command cmd;
	enum parse result;
	size_t column;

	sh->config_line++;
	result = parse(sh, shell_mode(sh), line, a, &cmd, &column);
	if (result == PARSE_OK && is_astray(sh, &cmd)) {
		result = PARSE_INVALID;
		column = 0;
		sh->context = tree_root(router_tree(sh->router));
	}
	if (result == PARSE_OK && cmd.entry->kept && cmd.entry->verb == VERB_LIST &&
	    unwrap(sh, line, offset, true))
		goto out;
	if (result == PARSE_OK) {
		shell_remember(sh, line, &cmd);
		log_command(sh, &cmd);
		config_command(sh, &cmd);
	} else if (result != PARSE_EMPTY && is_exec_here(sh, line)) {
		shell_exec(sh, line, offset);
	} else if (result != PARSE_EMPTY && !unwrap(sh, line, offset, false)) {
		shell_remember(sh, line, NULL);
		refuse(sh, result, line, offset, column);
	}
out:
	arena_free(a);
}

bool
shell_apply_in(struct shell *sh, const char *container, const char *line, size_t *ret_column)
{
	struct tnode *back = sh->context;
	struct arena *a = arena_new();
	struct command outer, inner;
	enum gram_mode mode;
	bool ok = false;

	*ret_column = 0;
	if (command_parse(tnode_mode(tree_root(router_tree(sh->router))), container, a, &outer,
	                  ret_column) != PARSE_OK)
		goto out;
	mode = (enum gram_mode)outer.entry->target;
	ok = !line || (command_parse(mode, line, a, &inner, ret_column) == PARSE_OK &&
	               inner.mode == mode && inner.entry->verb != VERB_DO);
	if (!ok)
		goto out;
	apply(sh, &outer);
	if (line)
		apply(sh, &inner);
out:
	sh->context = back;
	arena_free(a);
	return ok;
}

/* --- the way in ------------------------------------------------------------------------------- */

static void
typed_at(struct shell *sh, const char *line, size_t offset)
{
	if (sh->context)
		config_line(sh, line, offset);
	else
		exec_line(sh, line, offset, true);
}

/*
 * What is no command may be one that was copied with its prompt: then that is done with it. offset
 * says that it has been through this.
 */
static bool
unwrap(struct shell *sh, const char *line, size_t offset, bool kept)
{
	struct arena *a = arena_new();
	struct pasted pasted;
	bool is = !offset && pasted_read(sh, line, kept, a, &pasted);

	if (is && pasted.command && !sh->pasted) {
		sh->pasted = true;
		shell_puts(sh, "% Note: prompts in front of commands are passed over.\n");
	}
	if (is && pasted.command)
		typed_at(sh, pasted.command, pasted.offset);
	arena_free(a);
	return is;
}

static void
typed(struct shell *sh, const char *line)
{
	size_t n = strlen(line);
	bool end = n && line[n - 1] == CTRL_Z;
	char *without = end ? x_strdup(line) : NULL;

	if (end) {
		without[n - 1] = 0;
		line = without;
	}
	typed_at(sh, line, 0);
	if (end)
		shell_end(sh);
	free(without);
}

void
shell_line(struct shell *sh, const char *line)
{
	void (*answer)(struct shell *, const char *, void *) = sh->answer;
	bool lines;

	if (sh->closed || sh->held || sh->running)
		return;
	sh->running = true;
	lines = line_context(sh);
	shell_touch(sh);
	if (answer) {
		free(sh->question);
		sh->question = NULL;
		sh->answer = NULL;
		answer(sh, line, sh->asked_state);
	} else {
		typed(sh, line);
	}
	if (lines && !sh->closed && !line_context(sh))
		line_left(sh);
	sh->running = false;
	if (!sh->held)
		shell_line_end(sh);
}
