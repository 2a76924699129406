/* SPDX-License-Identifier: Apache-2.0 */
/* The beginning of a session: see login.h. */
#include "cli/shell/login.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/accounts/login_guard.h"
#include "cli/shell/banner.h"
#include "cli/shell/history.h"
#include "cli/shell/outbound.h"

/* A login dialogue; the shell's question owns it, or the check that runs. */
struct login {
	struct shell *sh; /* NULL: gone while the check ran */
	const struct login_checker *checker;
	bool local;
	bool named; /* the user is who they are: SSH */
	unsigned tries;
	msec deadline; /* of the whole dialogue, however often keys come; 0: none */
	struct auth_job *job;
	char user[LINE_USER_MAX + 1];
};

static void ask_next(struct login *l);

/* --- banners ---------------------------------------------------------------------------------- */

static void
show_banner(struct shell *sh, enum gram_key key)
{
	char *text = banner_text(shell_router(sh), key);

	if (text)
		shell_printf(sh, "\n%s", text);
	free(text);
}

/* --- the log ---------------------------------------------------------------------------------- */

static struct accounts
book_of(const struct shell *sh)
{
	return router_accounts(shell_router((struct shell *)(uintptr_t)sh));
}

static unsigned
port_of(const struct login *l)
{
	if (shell_line_id(l->sh)->type != LINE_VTY)
		return 0;
	return line_port(l->named ? LINE_SSH : LINE_TELNET);
}

static void
note_result(const struct login *l, bool ok)
{
	struct login_attempt a = {.user = l->user, .source = shell_peer(l->sh), .port = port_of(l)};

	login_guard_note(book_of(l->sh), &a, ok);
}

/* --- in --------------------------------------------------------------------------------------- */

/* Gives the session the settings of its line; a user's own level comes later. */
static void
take_settings(struct shell *sh, const struct line_settings *s)
{
	if (s->level >= 0)
		shell_set_level(sh, (unsigned)s->level);
	if (s->length >= 0)
		shell_set_length(sh, s->length);
	if (s->width >= 0)
		shell_set_width(sh, s->width);
	if (s->history >= 0)
		shell_history_resize(sh, (size_t)s->history);
}

/*
 * Lets the user in. level: the user's own; 1 may also mean that none is configured, so the user
 * gets the line's.
 */
static void
come_in(struct shell *sh, const char *user, unsigned level)
{
	shell_set_login(sh, false);
	if (user)
		shell_set_user(sh, user);
	if (user && level != 1)
		shell_set_level(sh, level);
	show_banner(sh, KEY_BANNER_EXEC);
}

static void
accept_login(struct login *l, unsigned level)
{
	note_result(l, true);
	come_in(l->sh, l->local ? l->user : NULL, level);
	free(l);
}

static void
deny_login(struct login *l)
{
	struct shell *sh = l->sh;

	note_result(l, false);
	if (!l->named)
		*l->user = '\0';
	if (--l->tries && login_guard_admits(book_of(sh), shell_peer(sh), port_of(l))) {
		if (l->local && !l->named)
			shell_puts(sh, "% Login invalid\n\n");
		ask_next(l);
		return;
	}
	shell_puts(sh, l->local ? "% Login invalid\n\n" : "% Bad passwords\n\n");
	shell_reset(sh); /* the shell may call abandon_login */
	free(l);
}

/* --- the dialogue ----------------------------------------------------------------------------- */

static void
on_checked(void *state)
{
	struct login *l = state;
	struct shell *sh = l->sh;
	unsigned level = 1;
	bool ok = auth_job_end(l->job, &level) == AUTH_OK;

	l->job = NULL;
	if (!sh) {
		free(l);
		return;
	}
	if (ok)
		accept_login(l, level);
	else
		deny_login(l);
	shell_finish(sh);
}

/* The session ends while it asks or checks. Ctrl-C ends a question, but not a check. */
static void
abandon_login(struct shell *sh, void *state)
{
	struct login *l = state;

	if (shell_is_over(sh))
		l->sh = NULL;
}

/* May the next attempt be looked at, and when? Not while the router is quiet. */
static bool
has_turn(const struct login *l, msec *ret_wait)
{
	const char *source = shell_peer(l->sh);

	return login_guard_admits(book_of(l->sh), source, port_of(l)) &&
	       login_guard_turn(book_of(l->sh), source, ret_wait);
}

static void
check_password(struct login *l, const char *password)
{
	const struct line_id *id = shell_line_id(l->sh);
	struct accounts book = book_of(l->sh);
	struct login_check check = {.source = shell_peer(l->sh), .done = on_checked, .state = l};
	bool turn = has_turn(l, &check.wait);

	l->job = l->local ? auth_user_job(book, l->user, password)
	                  : auth_line_job(book, line_type_text(id->type), id->number, password);
	check.job = l->job;
	shell_hold(l->sh, abandon_login, l);
	if (turn && l->checker && l->checker->check(l->checker->arg, &check))
		return;
	if (turn && !l->checker)
		auth_job_run(l->job);
	on_checked(l); /* what has not run is denied */
}

/* line NULL: the question was withdrawn, by Ctrl-C or with the session. */
static void
password_answer(struct shell *sh, const char *line, void *state)
{
	struct login *l = state;

	if (shell_is_over(sh))
		free(l);
	else if (!line)
		ask_next(l);
	else
		check_password(l, line);
}

static void
user_answer(struct shell *sh, const char *line, void *state)
{
	struct login *l = state;

	if (shell_is_over(sh)) {
		free(l);
		return;
	}
	snprintf(l->user, sizeof(l->user), "%s", line ? line : "");
	ask_next(l);
}

static void
ask_next(struct login *l)
{
	if (l->deadline && node_now(router_node(shell_router(l->sh))) >= l->deadline) {
		struct shell *sh = l->sh;

		login_expired(sh);
		shell_reset(sh);
		free(l);
		return;
	}
	if (l->local && !*l->user)
		shell_ask(l->sh, "Username: ", user_answer, l);
	else
		shell_ask_secret(l->sh, "Password: ", password_answer, l);
}

static struct login *
new_login(struct shell *sh, const struct login_checker *checker)
{
	struct login *l = x_alloc(sizeof(*l));

	*l = (struct login){.sh = sh, .checker = checker, .tries = AUTH_TRIES};
	shell_set_login(sh, true);
	shell_set_checker(sh, checker);
	if (*shell_peer(sh) && login_patience(sh))
		l->deadline = node_now(router_node(shell_router(sh))) +
		              2 * AUTH_TRIES * (msec)login_patience(sh);
	return l;
}

static void
begin_dialogue(struct shell *sh, bool local, const struct login_checker *checker)
{
	struct login *l = new_login(sh, checker);

	l->local = local;
	show_banner(sh, KEY_BANNER_LOGIN);
	shell_puts(sh, "\nUser Access Verification\n\n");
	ask_next(l);
}

void
login_begin(struct shell *sh, const char *user, unsigned level, const struct login_checker *checker)
{
	const struct line_id *id = shell_line_id(sh);
	struct line_settings s;
	enum line_login how;

	line_settings(shell_router(sh), *id, &s);
	how = line_login_of(&s, *id);
	shell_set_checker(sh, checker);
	show_banner(sh, KEY_BANNER_MOTD);
	take_settings(sh, &s);
	if (how == LINE_LOGIN_PASSWORD && !s.has_password && id->type != LINE_VTY)
		how = LINE_LOGIN_NONE; /* the console must never lock everybody out */
	if (user || how == LINE_LOGIN_NONE) {
		come_in(sh, user, level);
	} else if (how == LINE_LOGIN_PASSWORD && !s.has_password) {
		shell_puts(sh, "\nPassword required, but none set\n");
		shell_set_login(sh, true);
		shell_reset(sh);
	} else {
		begin_dialogue(sh, how == LINE_LOGIN_LOCAL, checker);
	}
}

void
login_begin_as(struct shell *sh, const char *user, const struct login_checker *checker)
{
	struct login *l = new_login(sh, checker);
	struct line_settings s;

	line_settings(shell_router(sh), *shell_line_id(sh), &s);
	take_settings(sh, &s);
	l->local = l->named = true;
	snprintf(l->user, sizeof(l->user), "%s", user);
	ask_next(l);
}

bool
login_again(struct shell *sh)
{
	const struct line_id *id = shell_line_id(sh);
	struct line_settings s;
	enum line_login how;

	if (!id)
		return false;
	line_settings(shell_router(sh), *id, &s);
	how = line_login_of(&s, *id);
	if (how == LINE_LOGIN_NONE || (how == LINE_LOGIN_PASSWORD && !s.has_password))
		return false;
	/* Nothing of who was there before is left: not the name, not the level. */
	outbound_end_all(sh);
	shell_set_user(sh, "");
	shell_set_local(sh, false);
	shell_history_resize(sh, 0);
	shell_history_resize(sh, s.history >= 0 ? (size_t)s.history : HISTORY_DEFAULT);
	if (shell_is_vty(sh))
		shell_monitor(sh, false);
	shell_set_level(sh, s.level >= 0 ? (unsigned)s.level : 1);
	begin_dialogue(sh, how == LINE_LOGIN_LOCAL, shell_checker(sh));
	return true;
}

/* --- patience --------------------------------------------------------------------------------- */

uint64_t
login_patience(struct shell *sh)
{
	struct line_settings s;

	sh = shell_front(sh);
	if (!shell_line_id(sh))
		return 0;
	line_settings(shell_router(sh), *shell_line_id(sh), &s);
	return (shell_in_login(sh) ? s.login_timeout : s.exec_timeout) * UINT64_C(1000);
}

void
login_expired(struct shell *sh)
{
	sh = shell_front(sh);
	if (!shell_in_login(sh))
		return;
	shell_printf(sh, "\n%% %s timeout expired!\n",
	             shell_hides_input(sh) ? "Password: " : "Username: ");
	show_banner(sh, KEY_BANNER_PROMPT_TIMEOUT);
}
