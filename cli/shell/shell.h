/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One user's session on a router: mode, prompt, commands. It knows nothing of terminals: text
 * goes out through shell_io, lines come in one at a time. It belongs to the loop's thread and never
 * blocks: a command that takes time (ping) ends later, with shell_io.done.
 */
#ifndef TESTUDO_SHELL_H
#define TESTUDO_SHELL_H

#include "cli/device/router.h"
#include "cli/device/config_log.h"
#include "compiler/grammar/command.h"

struct shell;

struct shell_io {
	void (*write)(void *arg, const char *text, size_t n); /* output, LF line ends */
	void (*done)(void *arg);                     /* the line is finished: show a prompt */
	void (*notify)(void *arg, const char *text); /* a log line; NULL: this session wants none */
	/* The session ends (exit, reload, crash); called once. Not the place to free the shell. */
	void (*close)(void *arg);
	/* What comes until `done` may be shown page by page; NULL: nobody reads it so. */
	void (*page)(void *arg, unsigned length, unsigned width);
	/*
	 * The prompt or question that is shown no longer holds, and no line has caused it: a
	 * session that was reached from here has ended. NULL: nobody looks at one.
	 */
	void (*again)(void *arg);
	/*
	 * From `true` on keys go to shell_keys as the terminal sends them, and what `octets` gets
	 * goes to the terminal as it is. Both NULL: there is no terminal.
	 */
	void (*through)(void *arg, bool on);
	void (*octets)(void *arg, const char *octets, size_t n);
};

#define SHELL_PROMPT_MAX 128

struct shell *shell_new(struct router *r, const struct shell_io *io, void *arg, bool privileged);
void shell_free(struct shell *sh);

/*
 * The shell that gets what is typed: this one, or one that its user has reached from here by telnet
 * or SSH (outbound.h). All that follows up to shell_refused leads there by itself.
 */
struct shell *shell_front(const struct shell *sh);
/* Comes back here from there (Ctrl-^ x); false: the user is here. */
bool shell_suspend(struct shell *sh);

/* While io->through holds: what was typed, and whether the terminal can take no more for now. */
void shell_keys(struct shell *sh, const char *octets, size_t n);
void shell_keys_full(struct shell *sh, bool full);
void shell_keys_window(struct shell *sh); /* its size may have changed; of this shell alone */

/* Runs one line. io->done is called before it returns, or later while shell_busy. */
void shell_line(struct shell *sh, const char *line);
bool shell_busy(const struct shell *sh);
void shell_prompt(const struct shell *sh, char buf[static SHELL_PROMPT_MAX]);
bool shell_in_config(const struct shell *sh);
enum gram_mode shell_mode(const struct shell *sh);
/* True while the shell waits for an answer ("[confirm]", a file name) instead of a command. */
bool shell_asking(const struct shell *sh);
void shell_help(struct shell *sh, const char *line); /* `?` after line; writes the help */
/* Tab: candidates for the last word, one call each. */
void shell_complete(struct shell *sh, const char *line, void (*word)(void *arg, const char *word),
                    void *arg);
/* What `?` says, one call for each word; help: "" or NULL where there is none. */
typedef void shell_hint_fn(void *arg, const char *word, const char *help);
void shell_hints(struct shell *sh, const char *line, shell_hint_fn *hint, void *arg);
void shell_interrupt(struct shell *sh); /* Ctrl-C, Ctrl-^ */
/* True when a command has been refused since the last call (caret errors and the like). */
bool shell_refused(struct shell *sh);

/* --- for the commands (show_*.c, exec_*.c) ---------------------------------------------------- */

struct router *shell_router(struct shell *sh);
void shell_printf(struct shell *sh, const char *format, ...) __attribute__((format(printf, 2, 3)));
void shell_puts(struct shell *sh, const char *text);
/* The line is not finished when its handler returns: the handler will call shell_finish later. */
void shell_hold(struct shell *sh, void (*interrupt)(struct shell *sh, void *state), void *state);
void shell_finish(struct shell *sh);
/*
 * Asks: the next line typed goes to `answer` instead of the parser; NULL instead of a line when
 * the question is withdrawn (Ctrl-C, the session ends): the state is the handler's to free.
 */
void shell_ask(struct shell *sh, const char *prompt,
               void (*answer)(struct shell *sh, const char *line, void *state), void *state);
/* The same for a password: the terminal does not echo what is typed. */
void shell_ask_secret(struct shell *sh, const char *prompt,
                      void (*answer)(struct shell *sh, const char *line, void *state), void *state);
bool shell_hides_input(const struct shell *sh);
/*
 * Is there a user who types and can be asked? If not, the command stands in a text that is loaded;
 * the router must not go down or get another configuration meanwhile.
 */
bool shell_is_typed(const struct shell *sh);
/* If not, refuses the command and says so; then it is true. */
bool shell_refuse_loading(struct shell *sh);
void shell_refuse(struct shell *sh); /* marks the command refused; the text is the caller's */

void shell_exec(struct shell *sh, const char *line); /* runs an EXEC command */
/*
 * Runs a show as part of another command, whose filter it goes through. What the session's level
 * may not use is left out.
 */
void shell_show(struct shell *sh, const char *line);
/* Reads such a show; false: it is left out. */
bool shell_parse_show(struct shell *sh, const char *line, struct arena *a, struct command *ret);
/* Prints the error with the caret, under the given column of the line typed. */
void shell_refuse_at(struct shell *sh, size_t column);
/*
 * `configure terminal`. lock: while this session is in configuration mode, no other one gets there.
 * False after saying that another session is in the way.
 */
bool shell_configure(struct shell *sh, bool lock);
/* The level of privilege: from 1, or 15 when it was made privileged. */
#define SHELL_LEVEL_MAX 15
void shell_set_level(struct shell *sh, unsigned level);
unsigned shell_level(const struct shell *sh);
/*
 * The size of the screen: as `terminal length` and `terminal width` say (0: no limit; -1: as the
 * terminal is), else as the terminal has told, else 24 and 80.
 */
unsigned shell_length(const struct shell *sh);
unsigned shell_width(const struct shell *sh);
void shell_set_length(struct shell *sh, int length);
void shell_set_width(struct shell *sh, int width);
void shell_window(struct shell *sh, unsigned length, unsigned width); /* what the terminal tells */
/*
 * Marks the session as a vty: it gets log lines only after `terminal monitor`, and only those that
 * `logging monitor` lets through.
 */
void shell_set_vty(struct shell *sh);
bool shell_is_vty(const struct shell *sh);
void shell_monitor(struct shell *sh, bool on);
/*
 * Which dialect the session speaks: "ios-xe", "classic", NULL (each message as usual): `terminal
 * dialect`, which shell_set_dialect sets (NULL: as configured), else `testudo dialect` of the
 * configuration.
 */
const char *shell_dialect(const struct shell *sh);
void shell_set_dialect(struct shell *sh, const char *dialect);
/*
 * EXEC and configuration mode each have a history of their own; this recalls from that of the
 * present mode.
 */
const char *shell_recall(const struct shell *sh, size_t i); /* i lines before the last, or NULL */
size_t shell_history_size(const struct shell *sh);
void shell_history_resize(struct shell *sh, size_t size);

/*
 * Which line the session is on, who has logged in there ("": nobody by name) and from which address
 * ("": none). Until it is set the session is on no line: a transcript, a file that is loaded.
 */
struct line_id;
void shell_set_line(struct shell *sh, const struct line_id *id, const char *peer);
void shell_set_user(struct shell *sh, const char *user);
/* Whether the session is that of a user of this machine who may do all (`testudo sh`). */
void shell_set_local(struct shell *sh, bool local);
bool shell_is_local(const struct shell *sh);
const struct line_id *shell_line_id(const struct shell *sh); /* NULL: none; of no shell, too */
const char *shell_peer(const struct shell *sh);
const char *shell_user(const struct shell *sh);
msec shell_idle(const struct shell *sh); /* since a key was last pressed */
void shell_touch(struct shell *sh);      /* one was */

bool shell_is_over(const struct shell *sh); /* it has been closed */
/*
 * Ends the session like shell_close, for `clear line` and time-outs: shell_was_reset then tells the
 * owner that it was not the user who left.
 */
void shell_reset(struct shell *sh);
bool shell_was_reset(const struct shell *sh);
/* pending: nobody has logged in yet, so the session does nothing but ask; see login.h. */
void shell_set_login(struct shell *sh, bool pending);
bool shell_in_login(const struct shell *sh);

/*
 * Tells the user something that no command of theirs has asked for: whole lines, without the last
 * line's end. Whoever reads no log lines does not get it.
 */
void shell_tell(struct shell *sh, const char *text);
/* Who checks passwords of this session (login.h); NULL: they are checked at once. */
struct login_checker;
void shell_set_checker(struct shell *sh, const struct login_checker *checker);
const struct login_checker *shell_checker(const struct shell *sh);
/* Where names of files without a device begin: "flash:/", "flash:/archive/". */
const char *shell_folder(const struct shell *sh);
void shell_set_folder(struct shell *sh, const char *folder);

void shell_page(struct shell *sh); /* output by pages, until the line ends */

void shell_close(struct shell *sh); /* the session ends: `exit`, the router goes down */
struct tnode *shell_context(const struct shell *sh); /* NULL: not in configuration */
/* The i-th of the router's sessions (router_session_count); NULL: that one is no shell. */
struct shell *shell_at(const struct router *r, size_t i);
/*
 * The name of the session for a log: the user who has logged in, else "console" or, on a vty,
 * "unknown"; and its line: "vty0", "console".
 */
void shell_who(const struct shell *sh, char buf[static CONFIG_LOG_WHO]);
void shell_where(const struct shell *sh, char buf[static CONFIG_LOG_WHO]);

#endif
