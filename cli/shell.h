/*
 * One user's session on a router: mode, prompt, commands. It knows nothing of terminals: text
 * goes out through shell_io, lines come in one at a time. It belongs to the loop's thread and never
 * blocks: a command that takes time (ping) ends later, with shell_io.done.
 */
#ifndef TESTUDO_SHELL_H
#define TESTUDO_SHELL_H

#include "cli/router.h"
#include "compiler/command.h"

struct shell;

struct shell_io {
	void (*write)(void *arg, const char *text, size_t n); /* output, LF line ends */
	void (*done)(void *arg);                     /* the line is finished: show a prompt */
	void (*notify)(void *arg, const char *text); /* a log line; NULL: this session wants none */
	void (*close)(void *arg); /* the session ends (exit, reload, crash); called once */
};

#define SHELL_PROMPT_MAX 128

struct shell *shell_new(struct router *r, const struct shell_io *io, void *arg, bool privileged);
void shell_free(struct shell *sh);

/* Runs one line. io->done is called before it returns, or later while shell_busy. */
void shell_line(struct shell *sh, const char *line);
bool shell_busy(const struct shell *sh);
void shell_prompt(const struct shell *sh, char buf[static SHELL_PROMPT_MAX]);
bool shell_in_config(const struct shell *sh);
/* True while the shell waits for an answer ("[confirm]", a file name) instead of a command. */
bool shell_asking(const struct shell *sh);
void shell_help(struct shell *sh, const char *line); /* `?` after line; writes the help */
/* Tab: candidates for the last word, one call each. */
void shell_complete(struct shell *sh, const char *line, void (*word)(void *arg, const char *word),
		    void *arg);
void shell_interrupt(struct shell *sh); /* Ctrl-C, Ctrl-^ */
/* True when a command has been refused since the last call (caret errors and the like). */
bool shell_refused(struct shell *sh);

/* --- for the commands (show_*.c, exec_*.c) -------------------------------------------------- */

struct router *shell_router(struct shell *sh);
void shell_printf(struct shell *sh, const char *format, ...) __attribute__((format(printf, 2, 3)));
void shell_puts(struct shell *sh, const char *text);
/* A line that is neither error nor done: the handler will call shell_finish later. */
void shell_hold(struct shell *sh, void (*interrupt)(struct shell *sh, void *state), void *state);
void shell_finish(struct shell *sh);
/* Asks: the next line typed goes to `answer` instead of the parser. */
void shell_ask(struct shell *sh, const char *prompt,
	       void (*answer)(struct shell *sh, const char *line, void *state), void *state);
void shell_refuse(struct shell *sh); /* marks the command refused; the text is the caller's */

/* Every EXEC (and acting configuration) command's handler, by its name in the grammar. */
struct shell_command {
	void (*run)(struct shell *sh, const struct command *cmd);
};

#endif
