/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A terminal session: libcli's line editor joined to the loop. libcli runs in a thread of its own
 * (cli_loop blocks) on one end of a socketpair; the loop owns the other end and the transport. A
 * line, `?` or Tab is handed to the loop, and the thread waits until the loop says term_done.
 * Everything here but libcli's thread belongs to the loop's thread; the one lock is in term.c.
 */
#ifndef TESTUDO_TERM_H
#define TESTUDO_TERM_H

#include <uv.h>

#include "compiler/base/base.h"

struct term;

#define TERM_PROMPT_MAX 256
#define TERM_WIDTH      80 /* of a terminal that does not tell its size */
#define TERM_HEIGHT     24
#define TERM_KILL       "\x15" /* Ctrl-U: forget what was typed */
#define TERM_CTRL_Z     "\x1c" /* shown as ^Z; in the line it is Ctrl-Z */

/* The owner of a session: what it does with lines and keys. All are called in the loop's thread. */
struct term_ops {
	/*
	 * The session is up; may write a banner, or ask (a login). Its value is what the others get
	 * as `arg`.
	 */
	void *(*open)(void *service, struct term *t);
	/* Leads to term_done, now or later. Enter at a fresh prompt is a line, too: "". */
	void (*line)(void *arg, struct term *t, const char *line);
	void (*help)(void *arg, struct term *t,
	             const char *line); /* `?`: writes help, then calls term_done */
	void (*complete)(void *arg, struct term *t,
	                 const char *line); /* Tab: calls term_word for each word, then term_done */
	/* Ctrl-C or Ctrl-^ while a line runs or a question waits, which it withdraws: term_done. */
	void (*interrupt)(void *arg, struct term *t);
	/*
	 * Ctrl-C ('C') or Ctrl-Z ('Z') at the prompt: what to type instead, behind the line:
	 * TERM_KILL "end\r"; NULL: nothing. Ctrl-D ('D') where nothing was typed, of a line or an
	 * answer: what to type instead, "" for nothing; NULL: the terminal ends.
	 */
	const char *(*escape)(void *arg, struct term *t, char key);
	void (*prompt)(void *arg, struct term *t, char buf[static TERM_PROMPT_MAX]);
	void (*close)(void *arg, struct term *t); /* the session is over; t is gone after it */
	/* The line typed i lines before the last, for the arrow keys; NULL: none so old. */
	const char *(*history)(void *arg, struct term *t, size_t i);
	/* No key came for as long as term_set_timeout has said; NULL: never asked for. */
	void (*timeout)(void *arg, struct term *t);
	/*
	 * Ctrl-^ and x: leaves a session that was reached from here, with a new prompt
	 * (term_restart, then term_done or term_ask). False: there is none, and the keys are what
	 * they are. NULL: there never is one.
	 */
	bool (*suspend)(void *arg, struct term *t);
	/*
	 * While term_through holds: what was typed, and whether the terminal can take no more for
	 * now. NULL: it never does.
	 */
	void (*keys)(void *arg, struct term *t, const char *octets, size_t n);
	void (*full)(void *arg, struct term *t, bool full);
};

/* The wire a session is on. */
struct term_transport {
	void (*write)(void *arg, const char *data, size_t n);
	void (*pause)(void *arg, bool paused); /* stop and resume reading: the editor is behind */
	void (*close)(void *arg);              /* the session is over: close when all is written */
	void *arg;
	const char *peer; /* the user's address, for who asks; NULL: not known */
};

/* Looks whether libcli's loop calls our functions; NULL, or what is wrong. Call once at start. */
const char *term_check(void);

/*
 * Starts a session. The transport must live until its close is called. NULL when descriptors or
 * threads are short; transport.close is not called then.
 */
struct term *term_open(uv_loop_t *loop, const struct term_ops *ops, void *service,
                       const struct term_transport *transport);
/* Bytes from the user, telnet already taken out; any line end. */
void term_input(struct term *t, const char *data, size_t n);
/* The user sends no more but may still read: the session ends when all lines are done. */
void term_input_end(struct term *t);
/*
 * full: the transport has more to write than it wants to hold. Until it says otherwise no line is
 * begun, the editor waits, and log lines are lost; what a running line writes is still taken.
 */
void term_output_full(struct term *t, bool full);
/* The transport is gone (the user hung up). */
void term_hangup(struct term *t);

/* From within the operations, or later: */
void term_write(struct term *t, const char *text, size_t n); /* LF becomes CR LF */
void term_word(struct term *t, const char *word);            /* a completion of the last word */
void term_done(struct term *t);                              /* the line is finished */
/*
 * What is written from now until term_done stops after each `length` rows of `width` columns (0: no
 * limit, not known) and waits for a key, --More-- as in IOS. It does not stop when lines are queued
 * behind this one (a paste), nor when the user sends no more: nobody could press a key. The caller
 * still calls term_done or term_ask at once: they take effect when the user has read everything.
 */
void term_page(struct term *t, unsigned length, unsigned width);
/*
 * Instead of term_done: asks, and the answer comes to ops->line. An empty answer comes too, which
 * libcli's own prompt never tells. echo false: for passwords.
 */
void term_ask(struct term *t, const char *question, bool echo);
/* A log line: on a line of its own, then the prompt and what was typed so far again. */
void term_notify(struct term *t, const char *text);
/* Calls ops->timeout when no key comes for so many milliseconds, counted from now; 0: never. */
void term_set_timeout(struct term *t, uint64_t timeout);
/*
 * Begins the session anew: forgets what was typed, asked and shown page by page. As if a line were
 * running, the caller must call term_done or term_ask next.
 */
void term_restart(struct term *t);
const struct term_transport *term_wire(const struct term *t);
/*
 * While a line runs: what is typed goes to ops->keys as it comes, but for Ctrl-^ x (suspend; Ctrl-^
 * twice is one), with CR as the one line end, and term_octets to the terminal as it is. What was
 * typed before goes there first.
 */
void term_through(struct term *t, bool on);
void term_octets(struct term *t, const char *octets, size_t n);
void term_close(struct term *t); /* ends the session: exit, reload */
/*
 * Sets the size of the user's terminal; 0 for a side that is not known. Until a transport calls
 * this, nobody is assumed to sit at a screen: the height is 0, and output has no pages.
 */
void term_resize(struct term *t, unsigned width, unsigned height);
unsigned term_width(const struct term *t);
unsigned term_height(const struct term *t);

#endif
