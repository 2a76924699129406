/* SPDX-License-Identifier: Apache-2.0 */
/* What a session says, asks and remembers: see shell.h. */
#include "cli/shell/shell_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/accounts/auth_seal.h"
#include "cli/shell/pipeline.h"
#include "compiler/base/text.h"

/* --- the user and the screen ------------------------------------------------------------------ */

void
shell_set_level(struct shell *sh, unsigned level)
{
	sh->level = level;
}

unsigned
shell_level(const struct shell *sh)
{
	return sh->level;
}

unsigned
shell_length(const struct shell *sh)
{
	return sh->length < 0 ? sh->window_length : (unsigned)sh->length;
}

unsigned
shell_width(const struct shell *sh)
{
	return sh->width < 0 ? sh->window_width : (unsigned)sh->width;
}

void
shell_set_length(struct shell *sh, int length)
{
	sh->length = length;
}

void
shell_set_width(struct shell *sh, int width)
{
	sh->width = width;
}

void
shell_window(struct shell *sh, unsigned length, unsigned width)
{
	sh->window_length = length;
	sh->window_width = width;
	shell_keys_window(sh);
	if (shell_front(sh) != sh)
		shell_window(shell_front(sh), length, width);
}

const char *
shell_dialect(const struct shell *sh)
{
	if (sh->dialect[0])
		return sh->dialect;
	return tree_str(router_tree(sh->router), KEY_TESTUDO_DIALECT, ARG_DIALECT);
}

void
shell_set_dialect(struct shell *sh, const char *dialect)
{
	snprintf(sh->dialect, sizeof(sh->dialect), "%s", dialect ? dialect : "");
}

void
shell_set_vty(struct shell *sh)
{
	sh->vty = true;
	sh->monitor = false;
}

bool
shell_is_vty(const struct shell *sh)
{
	return sh->vty;
}

void
shell_monitor(struct shell *sh, bool on)
{
	sh->monitor = on;
}

/* --- the line --------------------------------------------------------------------------------- */

void
shell_set_line(struct shell *sh, const struct line_id *id, const char *peer)
{
	sh->on_line = true;
	sh->line = *id;
	snprintf(sh->peer, sizeof(sh->peer), "%s", peer ? peer : "");
	++*router_line_uses(sh->router, line_tty(*id));
	if (id->type == LINE_VTY)
		shell_set_vty(sh);
	shell_touch(sh);
}

void
shell_set_user(struct shell *sh, const char *user)
{
	snprintf(sh->user, sizeof(sh->user), "%s", user ? user : "");
}

void
shell_set_local(struct shell *sh, bool local)
{
	sh->local = local;
}

bool
shell_is_local(const struct shell *sh)
{
	return sh->local;
}

bool
shell_is_over(const struct shell *sh)
{
	return sh->closed;
}

void
shell_reset(struct shell *sh)
{
	sh->reset = true;
	shell_close(sh);
}

bool
shell_was_reset(const struct shell *sh)
{
	return sh->reset;
}

void
shell_set_login(struct shell *sh, bool pending)
{
	sh->in_login = pending;
}

bool
shell_in_login(const struct shell *sh)
{
	return sh->in_login;
}

const struct line_id *
shell_line_id(const struct shell *sh)
{
	return sh && sh->on_line ? &sh->line : NULL;
}

const char *
shell_peer(const struct shell *sh)
{
	return sh->peer;
}

const char *
shell_user(const struct shell *sh)
{
	return sh->user;
}

void
shell_who(const struct shell *sh, char buf[static CONFIG_LOG_WHO])
{
	snprintf(buf, CONFIG_LOG_WHO, "%.*s", CONFIG_LOG_WHO - 1,
	         *sh->user ? sh->user
	         : sh->vty ? "unknown"
	                   : "console");
}

void
shell_where(const struct shell *sh, char buf[static CONFIG_LOG_WHO])
{
	if (sh->on_line && sh->line.type == LINE_VTY)
		snprintf(buf, CONFIG_LOG_WHO, "vty%u", sh->line.number);
	else
		snprintf(buf, CONFIG_LOG_WHO, "%s", sh->vty ? "vty" : "console");
}

msec
shell_idle(const struct shell *sh)
{
	msec now = router_uptime(sh->router);

	return now > sh->touched ? now - sh->touched : 0;
}

void
shell_touch(struct shell *sh)
{
	sh->touched = router_uptime(sh->router);
}

void
shell_set_checker(struct shell *sh, const struct login_checker *checker)
{
	sh->checker = checker;
}

const struct login_checker *
shell_checker(const struct shell *sh)
{
	return sh->checker;
}

const char *
shell_folder(const struct shell *sh)
{
	return sh->folder ? sh->folder : "flash:/";
}

void
shell_set_folder(struct shell *sh, const char *folder)
{
	char *copy = x_strdup(folder);

	free(sh->folder);
	sh->folder = copy;
}

/* --- output ----------------------------------------------------------------------------------- */

static void
write_out(void *arg, const char *text, size_t n)
{
	struct shell *sh = arg;

	if (!sh->closed && n)
		sh->io.write(sh->arg, text, n);
}

static void
put_output(struct shell *sh, const char *text, size_t n)
{
	if (sh->captured) {
		text_add(sh->captured, text, n);
		return;
	}
	if (sh->pipe)
		pipeline_write(sh->pipe, text, n, write_out, sh);
	else
		write_out(sh, text, n);
}

void
shell_puts(struct shell *sh, const char *text)
{
	put_output(sh, text, strlen(text));
}

void
shell_printf(struct shell *sh, const char *format, ...)
{
	struct text t = TEXT_INIT;
	va_list ap;

	va_start(ap, format);
	text_vprintf(&t, format, ap);
	va_end(ap);
	put_output(sh, text_string(&t), t.n);
	text_fini(&t);
}

void
shell_tell(struct shell *sh, const char *text)
{
	if (!sh->closed && sh->io.notify)
		sh->io.notify(sh->arg, text);
}

bool
shell_is_typed(const struct shell *sh)
{
	return sh->own != NULL;
}

bool
shell_refuse_loading(struct shell *sh)
{
	if (shell_is_typed(sh))
		return false;
	shell_refuse(sh);
	shell_puts(sh, ROUTER_LOADING);
	return true;
}

void
shell_refuse(struct shell *sh)
{
	session_mark_refused(sh->session);
}

bool
shell_refused(struct shell *sh)
{
	sh = shell_front(sh);
	return session_was_refused(sh->session);
}

/* --- waiting ---------------------------------------------------------------------------------- */

bool
shell_busy(const struct shell *sh)
{
	sh = shell_front(sh);
	return sh->held;
}

bool
shell_asking(const struct shell *sh)
{
	sh = shell_front(sh);
	return sh->question || session_in_banner(sh->session);
}

void
shell_hold(struct shell *sh, void (*interrupt)(struct shell *sh, void *state), void *state)
{
	sh->held = true;
	sh->interrupt = interrupt;
	sh->held_state = state;
}

void
shell_line_end(struct shell *sh)
{
	if (sh->closed)
		return;
	if (sh->pipe) {
		pipeline_end(sh->pipe, write_out, sh);
		pipeline_free(sh->pipe);
		sh->pipe = NULL;
	}
	sh->io.done(sh->arg);
}

void
shell_finish(struct shell *sh)
{
	if (!sh->held)
		return;
	sh->held = false;
	if (!sh->running)
		shell_line_end(sh);
}

void
shell_ask(struct shell *sh, const char *prompt,
          void (*answer)(struct shell *sh, const char *line, void *state), void *state)
{
	free(sh->question);
	sh->question = x_strdup(prompt);
	sh->answer = answer;
	sh->asked_state = state;
	sh->secret = false;
}

void
shell_ask_secret(struct shell *sh, const char *prompt,
                 void (*answer)(struct shell *sh, const char *line, void *state), void *state)
{
	shell_ask(sh, prompt, answer, state);
	sh->secret = true;
}

bool
shell_hides_input(const struct shell *sh)
{
	sh = shell_front(sh);
	return sh->question && sh->secret;
}

void
shell_withdraw(struct shell *sh)
{
	void (*answer)(struct shell *, const char *, void *) = sh->answer;

	if (sh->held && sh->interrupt)
		sh->interrupt(sh, sh->held_state);
	sh->held = false;
	sh->answer = NULL;
	free(sh->question);
	sh->question = NULL;
	if (sh->own)
		session_cancel(sh->own);
	if (answer)
		answer(sh, NULL, sh->asked_state);
}

void
shell_interrupt(struct shell *sh)
{
	sh = shell_front(sh);
	if (sh->held && sh->interrupt) {
		sh->interrupt(sh, sh->held_state);
	} else if (shell_asking(sh)) {
		shell_withdraw(sh);
		shell_line_end(sh);
	}
}

/* --- history ---------------------------------------------------------------------------------- */

const char *
shell_recall(const struct shell *sh, size_t i)
{
	sh = shell_front(sh);
	return history_back(&sh->history[shell_in_config(sh)], i);
}

size_t
shell_history_size(const struct shell *sh)
{
	return sh->history[0].size;
}

void
shell_history_resize(struct shell *sh, size_t size)
{
	history_resize(&sh->history[0], size);
	history_resize(&sh->history[1], size);
}

void
shell_remember(struct shell *sh, const char *line, const struct command *cmd)
{
	char *masked = auth_mask(line, cmd);

	history_add(&sh->history[shell_in_config(sh)], masked);
	free(masked);
}

void
shell_page(struct shell *sh)
{
	if (sh->io.page)
		sh->io.page(sh->arg, shell_length(sh), shell_width(sh));
}
