/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session: see shell.h. What a line means for the configuration is known by compiler/session;
 * here stands what that asks the user's shell for.
 */
#include "cli/shell/shell_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/accounts/auth_level.h"
#include "cli/accounts/auth_seal.h"
#include "cli/device/config_log.h"
#include "cli/shell/alias.h"
#include "cli/shell/commands.h"
#include "cli/shell/outbound.h"
#include "cli/shell/pipeline.h"
#include "compiler/base/text.h"

static const struct command_table *commands;

void
shell_set_commands(const struct command_table *table)
{
	commands = table;
}

/* --- modes ------------------------------------------------------------------------------------ */

struct tnode *
shell_context(const struct shell *sh)
{
	return session_context(sh->session);
}

bool
shell_in_config(const struct shell *sh)
{
	sh = shell_front(sh);
	return session_context(sh->session) != NULL;
}

enum gram_mode
shell_mode(const struct shell *sh)
{
	sh = shell_front(sh);
	if (shell_in_config(sh))
		return tnode_mode(session_context(sh->session));
	return auth_exec_mode(router_accounts(sh->router), sh->level);
}

void
shell_prompt(const struct shell *sh, char buf[static SHELL_PROMPT_MAX])
{
	sh = shell_front(sh);
	if (sh->question)
		snprintf(buf, SHELL_PROMPT_MAX, "%s", sh->question);
	else if (session_in_banner(sh->session))
		*buf = 0;
	else if (shell_in_config(sh))
		session_prompt(sh->session, shell_dialect(sh), buf);
	else
		snprintf(buf, SHELL_PROMPT_MAX, "%.63s%s", router_hostname(sh->router),
		         sh->level > 1 ? "#" : ">");
}

/* Another session that is in configuration mode; alone: one that let nobody else in. */
static struct shell *
find_configuring(const struct shell *sh, bool alone)
{
	for (size_t i = 0; i < router_session_count(sh->router); i++) {
		struct shell *other = shell_at(sh->router, i);

		if (other && other != sh && other->own && session_context(other->own) &&
		    (!alone || other->locks_config))
			return other;
	}
	return NULL;
}

bool
shell_configure(struct shell *sh, bool lock)
{
	struct shell *other = find_configuring(sh, !lock);
	char who[CONFIG_LOG_WHO], where[CONFIG_LOG_WHO];

	if (other) {
		shell_who(other, who);
		shell_where(other, where);
		shell_refuse(sh);
		shell_printf(sh, "%% Configuration mode %s by user '%s' on %s. Please try later.\n",
		             other->locks_config ? "locked exclusively" : "in use", who, where);
		return false;
	}
	session_configure(sh->session);
	sh->locks_config = lock;
	if (lock)
		shell_puts(sh, "Configuration mode locked exclusively. The lock ends with this "
		               "session's configuration mode.\n");
	return true;
}

/* "console", "vty0 (10.1.1.1)", "admin on vty0 (10.1.1.1)" */
static void
name_user(const struct shell *sh, char *buf, size_t size)
{
	const char *on = *sh->user ? " on " : "";

	if (sh->on_line && sh->line.type == LINE_VTY)
		snprintf(buf, size, "%s%svty%u (%s)", sh->user, on, sh->line.number, sh->peer);
	else
		snprintf(buf, size, "%s%sconsole", sh->user, on);
}

void
shell_exec(struct shell *sh, const char *line)
{
	session_exec(sh->session, line);
}

/* --- commands that act ------------------------------------------------------------------------ */

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

/* A show without a form of its own: what it says, line by line. */
static void
run_as_lines(struct shell *sh, const struct command *cmd, enum emit_form form)
{
	struct text said = TEXT_INIT;

	sh->captured = &said;
	commands->handlers[cmd->entry->handler](sh, cmd);
	sh->captured = NULL;
	if (shell_refused(sh)) {
		shell_refuse(sh);
		shell_puts(sh, text_string(&said));
	} else {
		commands->show_lines(sh, text_string(&said), form);
	}
	if (said.p)
		explicit_bzero(said.p, said.n);
	text_fini(&said);
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
	} else if (!rest || open_pipe(sh, &next)) {
		if (view)
			commands->show_view(sh, cmd, view, form);
		else
			run_as_lines(sh, cmd, form);
	}
	arena_free(a);
}

static void
run_command(struct shell *sh, const struct command *cmd)
{
	command_fn *handler = commands->handlers[cmd->entry->handler];
	unsigned filter = cmd->pipe ? cmd->pipe->entry->handler : H_NONE;

	if (filter == H_PIPE_JSON || filter == H_PIPE_YAML)
		run_structured(sh, cmd, filter == H_PIPE_JSON ? EMIT_JSON : EMIT_YAML);
	else if ((!cmd->pipe || open_pipe(sh, cmd->pipe)) && handler)
		handler(sh, cmd);
}

/* --- what the session of configuration asks (session.h) --------------------------------------- */

static void
say_note(void *arg, const char *text)
{
	shell_puts(arg, text);
}

static void
say_refusal(void *arg, const struct session_refusal *refusal)
{
	struct shell *sh = arg;
	struct session_refusal meant = *refusal;
	char prompt[SHELL_PROMPT_MAX];
	struct text t = TEXT_INIT;

	shell_prompt(sh, prompt);
	if (sh->expanded && refusal->why == PARSE_INVALID) {
		/* The caret stands under what the alias was written out to. */
		text_printf(&t, "%*s%s\n", (int)(strlen(prompt) + refusal->offset), "",
		            sh->expanded);
		meant.line = sh->expanded;
	}
	session_refusal_text(sh->session, &meant, strlen(prompt), &t);
	shell_puts(sh, text_string(&t));
	text_fini(&t);
}

void
shell_refuse_at(struct shell *sh, size_t column)
{
	session_refuse_at(sh->session, column);
}

/* The line that an alias stood for is kept until it is refused or done. */
static void
note_alias(struct shell *sh, const char *expanded)
{
	free(sh->expanded);
	sh->expanded = expanded ? x_strdup(expanded) : NULL;
}

/* Parses a line as the session's level of privilege allows. */
static enum parse
parse_as_level(void *arg, enum gram_mode mode, const char **line, struct arena *a,
               struct command *cmd, size_t *ret_column)
{
	struct shell *sh = arg;
	struct accounts book = router_accounts(sh->router);
	struct auth_filter f;
	const struct command_filter *who = auth_filter(&f, book, sh->level);
	const char *expanded = NULL;
	enum parse result;

	if (!gram_modes[mode].config) {
		mode = auth_exec_mode(book, sh->level);
		expanded = alias_expand(router_tree(sh->router), *line, a);
	} else if (mode == router_kind(sh->router)->config) {
		expanded = alias_expand_config(router_tree(sh->router), *line, a);
	}
	*line = expanded ? expanded : *line;
	note_alias(sh, expanded);
	result = command_parse_as(who, mode, *line, a, cmd, ret_column);
	if (result == PARSE_OK && !auth_allows(book, sh->level, cmd, ret_column))
		return PARSE_INVALID;
	if (result == PARSE_OK && cmd->pipe && !auth_may_write(book, sh->level) &&
	    pipeline_writes(cmd->pipe, ret_column))
		return PARSE_INVALID;
	return result;
}

bool
shell_parse_show(struct shell *sh, const char *line, struct arena *a, struct command *ret)
{
	size_t column;

	return parse_as_level(sh, MODE_ENABLE, &line, a, ret, &column) == PARSE_OK && !ret->pipe;
}

void
shell_show(struct shell *sh, const char *line)
{
	struct arena *a = arena_new();
	struct command cmd;

	if (shell_parse_show(sh, line, a, &cmd))
		commands->handlers[cmd.entry->handler](sh, &cmd);
	arena_free(a);
}

/*
 * Logs a configuration command that was typed (`archive`, `log config`); one that is loaded is not
 * logged.
 */
static void
log_command(struct shell *sh, const struct command *cmd)
{
	struct config_log *log = router_config_log(sh->router);
	const struct tnode *at = shell_context(sh);
	char who[CONFIG_LOG_WHO], where[CONFIG_LOG_WHO];
	struct config_author by = {sh, session_line_number(sh->session), who, where};
	unsigned depth = 0;

	if (!config_log_enabled(log))
		return;
	while (tnode_parent(at) && tnode_mode(at) != cmd->mode)
		at = tnode_parent(at);
	while ((at = tnode_parent(at)))
		depth++;
	shell_who(sh, who);
	shell_where(sh, where);
	config_log_add(log, &by, depth, cmd);
}

static void
remember_line(void *arg, enum session_heard as, const char *line, const struct command *cmd)
{
	shell_remember(arg, line, cmd);
	if (as == SESSION_HEARD_CONFIG && cmd->entry->verb != VERB_DO)
		log_command(arg, cmd);
}

static const struct command *
seal_command(void *arg, const struct command *cmd, struct arena *a, const char **ret_error)
{
	return auth_seal(router_accounts(((struct shell *)arg)->router), cmd, a, ret_error);
}

static const char *
follow_sealed(void *arg, const struct command *cmd)
{
	struct router *r = ((struct shell *)arg)->router;
	bool changed;
	const char *note = auth_sealed(router_accounts(r), cmd, &changed);

	if (changed)
		router_touch(r);
	return note;
}

static void
tell_router(void *arg, const struct command *cmd)
{
	router_changed(((struct shell *)arg)->router, cmd);
}

static void
leave_config(void *arg)
{
	struct shell *sh = arg;
	char by[LINE_USER_MAX + LINE_PEER_MAX + 32];

	/* This session hears no log lines, so the shell tells it. */
	if (!sh->monitor && router_kept(sh->router))
		shell_printf(sh, "%% Kept without effect: %zu; see show testudo unsupported\n",
		             router_kept(sh->router));
	name_user(sh, by, sizeof(by));
	router_configured(sh->router, by);
}

void
shell_run(struct shell *sh, const struct command *cmd)
{
	router_commit(sh->router, false);
	shell_page(sh);
	run_command(sh, cmd);
}

static void
run_typed(void *arg, struct config_session *s, const struct command *cmd)
{
	(void)s;
	shell_run(arg, cmd);
}

static bool
has_interface(void *arg, const char *name)
{
	return router_has_interface(((struct shell *)arg)->router, name);
}

static struct config_session *
open_session(struct shell *sh)
{
	struct session_setup setup = {
	    .tree = router_tree(sh->router),
	    .name = router_name(sh->router),
	    .typed = true,
	    .told = {.say = say_note, .refuse = say_refusal, .arg = sh},
	    .hooks = {.parse = parse_as_level,
	              .heard = remember_line,
	              .seal = seal_command,
	              .sealed = follow_sealed,
	              .changed = tell_router,
	              .ended = leave_config,
	              .run = run_typed,
	              .has_interface = has_interface,
	              .arg = sh},
	};

	return session_new(&setup);
}

/* --- what the router wants of a session ------------------------------------------------------- */

/* Of a session with session_ops. */
static struct shell *
shell_of(struct router_session *s)
{
	return (struct shell *)s;
}

static bool
notify_shell(struct router_session *s, const char *text)
{
	struct shell *sh = shell_of(s);

	if (sh->closed || !sh->monitor || !sh->io.notify)
		return false;
	sh->io.notify(sh->arg, text);
	return true;
}

static void
tell_shell(struct router_session *s, const char *text)
{
	shell_tell(shell_of(s), text);
}

static bool
is_on_vty(const struct router_session *s)
{
	return ((const struct shell *)s)->vty;
}

static void
close_shell(struct router_session *s)
{
	shell_close(shell_of(s));
}

static bool
types_store(const struct router_session *s)
{
	const struct tnode *at = shell_context((const struct shell *)s);

	return at && tnode_mode(at) == MODE_GDOI_STORE_ETCD;
}

static const struct router_session_ops session_ops = {.notify = notify_shell,
                                                      .tell = tell_shell,
                                                      .is_vty = is_on_vty,
                                                      .close = close_shell,
                                                      .types_store = types_store};

struct shell *
shell_at(const struct router *r, size_t i)
{
	struct router_session *s = router_session_at(r, i);

	return s->ops == &session_ops ? shell_of(s) : NULL;
}

/* --- its life --------------------------------------------------------------------------------- */

struct shell *
shell_new_on(struct router *r, struct config_session *borrowed, const struct shell_io *io,
             void *arg)
{
	struct shell *sh = x_alloc(sizeof(*sh));

	sh->known.ops = &session_ops;
	sh->router = r;
	sh->io = *io;
	sh->arg = arg;
	sh->level = SHELL_LEVEL_MAX;
	sh->monitor = true;
	sh->length = sh->width = -1;
	sh->window_length = 24;
	sh->window_width = 80;
	shell_history_resize(sh, HISTORY_DEFAULT);
	sh->session = borrowed;
	router_session_add(r, &sh->known);
	return sh;
}

struct shell *
shell_new(struct router *r, const struct shell_io *io, void *arg, bool privileged)
{
	struct shell *sh = shell_new_on(r, NULL, io, arg);

	sh->level = privileged ? SHELL_LEVEL_MAX : 1;
	sh->session = sh->own = open_session(sh);
	return sh;
}

static void
leave_router(struct shell *sh)
{
	const bool typed = types_store(&sh->known);

	sh->closed = true;
	if (sh->own)
		session_leave(sh->own);
	router_session_remove(sh->router, &sh->known);
	if (typed)
		router_touch(sh->router);
}

void
shell_free(struct shell *sh)
{
	if (!sh)
		return;
	if (!sh->closed)
		leave_router(sh);
	shell_withdraw(sh);
	outbound_free_all(sh);
	session_free(sh->own);
	pipeline_free(sh->pipe);
	free(sh->expanded);
	free(sh->folder);
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
	outbound_end_all(sh);
	shell_withdraw(sh);
	if (sh->io.close)
		sh->io.close(sh->arg);
}

struct router *
shell_router(struct shell *sh)
{
	return sh->router;
}

/* --- the way in ------------------------------------------------------------------------------- */

static void
take_line(struct shell *sh, const char *line)
{
	void (*answer)(struct shell *, const char *, void *) = sh->answer;
	bool typed;

	if (sh->closed || sh->held || sh->running)
		return;
	typed = types_store(&sh->known);
	sh->running = true;
	shell_touch(sh);
	if (answer) {
		free(sh->question);
		sh->question = NULL;
		sh->answer = NULL;
		answer(sh, line, sh->asked_state);
	} else if (shell_context(sh) || !outbound_resume_by(sh, line)) {
		session_line(sh->session, line);
	}
	sh->running = false;
	if (typed && !sh->closed && !types_store(&sh->known))
		router_touch(sh->router); /* its lines count now */
	if (!sh->held)
		shell_line_end(sh);
}

void
shell_line(struct shell *sh, const char *line)
{
	if (!sh->inside)
		outbound_reap(sh);
	shell_touch(sh);
	sh->inside++;
	take_line(shell_front(sh), line);
	sh->inside--;
	outbound_settle(sh);
}
