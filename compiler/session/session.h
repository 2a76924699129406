/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configuration session (struct config_session, functions session_*): lines become a tree, one at
 * a time, as a device takes them in configuration mode. A user's session on a device is another
 * thing, struct shell; it has one of these. Whoever has configuration text goes through here: the
 * shell of a user, a file that is loaded, a dry run (a session on a copy of the tree), `testudo
 * check`, YAML, a test.
 *
 *              what stands outside: struct session_hooks
 *     struct session_hooks:   parse    seal      changed
 *                               |       |          |
 *     a line ------------> understood --+--> taken into the tree
 *                               |       |
 *                               |       +--> run (a command that acts)
 *                               |       |
 *                               +-------+--> refused
 *
 *     struct session_told:   say, refuse
 *
 * It is pure: no input or output, no clock, nothing of a device that runs. All that it needs from
 * there comes in by hooks, each of which may be NULL. Without any hook every line of the grammar is
 * understood, secrets are kept as they are typed, and commands that act (`do reload`, `crypto key
 * generate`) are read and passed over.
 *
 * Beside plain lines it knows what people paste: lines with a prompt before them and a remark
 * behind them, banners of several lines, what `show running-config` prints above a configuration.
 */
#ifndef TESTUDO_SESSION_H
#define TESTUDO_SESSION_H

#include "compiler/base/text.h"
#include "compiler/tree/tree.h"

struct config_session;

enum session_heard {
	SESSION_HEARD_EXEC,   /* a command of EXEC, which was understood */
	SESSION_HEARD_CONFIG, /* one of configuration mode: cmd says which */
	SESSION_HEARD_REFUSED /* it was not understood */
};

enum session_verdict {
	SESSION_NOTHING, /* the line had no command: it is blank or a comment */
	SESSION_TAKEN,
	SESSION_REFUSED
};

/* Why a line was refused; valid during the call of the hook. */
struct session_refusal {
	enum parse why;   /* PARSE_OK: the line was understood, and `text` says why it is refused */
	const char *text; /* of PARSE_OK: whole lines */
	const char *line; /* the command, without a prompt that was pasted along */
	size_t offset;    /* where it begins in the line as typed */
	size_t column;    /* of PARSE_INVALID: the octet of the command that does not fit, from 0 */
};

/* What the user is told; each may be NULL. */
struct session_told {
	void (*say)(void *arg, const char *text); /* whole lines; the line is not refused */
	void (*refuse)(void *arg, const struct session_refusal *refusal);
	void *arg;
};

struct session_hooks {
	/* --- who the user is --- */
	/*
	 * As command_parse: what of a mode this user may use. `mode` is privileged EXEC for an EXEC
	 * command of any user. Where an alias begins the line, *line becomes what it stands for, in
	 * the arena: *ret_column counts in that, and the line's end is the same.
	 */
	enum parse (*parse)(void *arg, enum gram_mode mode, const char **line, struct arena *a,
	                    struct command *ret, size_t *ret_column);
	/*
	 * A line is about to be carried out, or refused. cmd: of SESSION_HEARD_CONFIG, else NULL.
	 */
	void (*heard)(void *arg, enum session_heard as, const char *line,
	              const struct command *cmd);

	/* --- the tree --- */
	/*
	 * A secret as the configuration keeps it: the command itself, another one in the arena, or
	 * NULL and in *ret_error why it is refused. And after it was applied: what follows for
	 * others that are there; what the user is to know of it, or NULL.
	 */
	const struct command *(*seal)(void *arg, const struct command *cmd, struct arena *a,
	                              const char **ret_error);
	const char *(*sealed)(void *arg, const struct command *cmd);
	/* The tree has been changed by a command. */
	void (*changed)(void *arg, const struct command *cmd);
	/* Configuration mode was left. */
	void (*ended)(void *arg);
	/* The session is about to be freed: the last call. It is whole, and may still be told. */
	void (*closing)(void *arg);

	/* --- the device --- */
	/*
	 * A command that acts: of EXEC (also behind `do`), `crypto key generate` and their like.
	 * It refuses with session_refuse_at or session_mark_refused.
	 */
	void (*run)(void *arg, struct config_session *s, const struct command *cmd);
	/*
	 * asks: does such a command wait for text? Then answer gets the lines, which are not
	 * commands.
	 */
	bool (*asks)(void *arg);
	void (*answer)(void *arg, const char *line); /* as run */
	/* Does the device have an interface of this name? NULL: nobody knows. */
	bool (*has_interface)(void *arg, const char *name);

	void *arg;
};

struct session_setup {
	struct tree *tree; /* borrowed; its root's mode says what kind of device it is of */
	const char *name;  /* the device's until it configures a hostname: "Router"; borrowed */
	/*
	 * A user types: what a line refers to must exist. A text may use a name before it defines
	 * it.
	 */
	bool typed;
	struct session_told told;
	struct session_hooks hooks;
};

/* Makes a session; it begins outside of configuration mode. */
struct config_session *session_new(const struct session_setup *setup);
/* Call it before the tree is freed, unless the session was left (session_leave). NULL is fine. */
void session_free(struct config_session *s);

/*
 * Carries out one line, given without its end. In configuration mode it is a line of the mode the
 * session is in, or of one above that; outside of it, a line of EXEC.
 */
enum session_verdict session_line(struct config_session *s, const char *line);

/* Carries out an EXEC command, whatever mode the session is in: what follows `do`. */
void session_exec(struct config_session *s, const char *line);

/* `configure terminal`, `exit` (one level), `end`; session_leave: the user is gone. */
void session_configure(struct config_session *s);
void session_exit(struct config_session *s);
void session_end(struct config_session *s);
void session_leave(struct config_session *s); /* as session_end, but no hook hears of it */

/* The node whose mode the session is in; NULL: it is not in configuration mode. */
struct tnode *session_context(const struct config_session *s);
/*
 * Which line this is since configuration mode was entered, or of the text (script.h), from 1. Every
 * line counts, also a comment and a line of a banner. What the line puts into the tree has this
 * number; a banner has that of its first line.
 */
unsigned session_line_number(const struct config_session *s);
/* Is the next line text (of a banner, for example) instead of a command? */
bool session_in_text(const struct config_session *s);
/* Is a banner being typed? session_cancel gives it up. */
bool session_in_banner(const struct config_session *s);
void session_cancel(struct config_session *s);
/*
 * For a command that runs: tells the user something; refuses the line, as invalid at a column, in
 * octets from 0.
 */
void session_say(struct config_session *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void session_refuse_at(struct config_session *s, size_t column);
/* The command is refused, and the user has been told why (session_say). */
void session_mark_refused(struct config_session *s);
/* Has anything been refused since the last call? */
bool session_was_refused(struct config_session *s);

/* --- words ------------------------------------------------------------------------------------ */

/* As the hostname is configured, else its name. */
const char *session_hostname(const struct config_session *s);
/*
 * The prompt of the mode the session is in: "R1(config-if)#", "R1#" outside of configuration. As in
 * IOS 20 characters of the hostname, 30 of all. dialect: "ios-xe", "classic"; NULL: as configured.
 */
#define SESSION_PROMPT_MAX 128
void session_prompt(const struct config_session *s, const char *dialect,
                    char buf[static SESSION_PROMPT_MAX]);
/*
 * The text that a device prints below a refused line: caret and message, or the message alone.
 * prompt: its width.
 */
void session_refusal_text(const struct config_session *s, const struct session_refusal *refusal,
                          size_t prompt, struct text *ret);

#endif
