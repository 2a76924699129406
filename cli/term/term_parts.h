/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of a terminal share; no header of anybody else's.
 *
 *   term.c       a session's life, and what libcli's thread asks for
 *   term_in.c    what the user types, on its way to libcli or past it
 *   term_edit.c  libcli's thread
 *   term_out.c   what goes to the user
 *   term_page.c  --More--
 *   term_line.c  what libcli's line holds, and the keys that libcli lacks
 */
#ifndef TESTUDO_TERM_PARTS_H
#define TESTUDO_TERM_PARTS_H

#include <pthread.h>

#include "cli/term/keys.h"
#include "cli/term/term.h"
#include "cli/term/term_line.h"

#define MARK       '\x01'
#define EOL        '\x1f'
#define ENTER      "\x05\x1f\r" /* Ctrl-E, for EOL goes to the end; EOL; CR */
#define WORDS_MAX  64
#define ANSWER_MAX 4096

#define OUT_MAX    16384

struct cli_def;
struct pipe;

/* A command's output by pages; all zero: it goes out as it comes. */
struct page {
	unsigned length, width; /* of the screen; length 0: no pages */
	unsigned rows;          /* written since the last pause */
	unsigned column;        /* of the line being written */
	unsigned room;          /* rows to write before the next pause */
	bool paused;            /* --More-- stands there, and text waits in `rest` */
	bool dropped;           /* the user has read enough */
	bool done, ask;         /* term_done, term_ask have come while paused */
	char entering;          /* / + -: a regular expression is being typed */
	size_t n_regex;
	char regex[256];
	struct pipe *filter;
	char *rest;
	size_t n_rest, capacity;
};

enum request { REQUEST_NONE, REQUEST_LINE, REQUEST_HELP, REQUEST_TAB, REQUEST_EXIT };

struct term {
	const struct term_ops *ops;
	void *arg;
	struct term_transport transport;
	bool transport_gone;

	/* the session's thread */
	pthread_t thread;
	struct cli_def *cli;
	int cli_fd;

	/* between the two; guarded by lock */
	pthread_mutex_t lock;
	pthread_cond_t answered;
	enum request request;
	char *text; /* of the request */
	bool answer, quit;
	char prompt[TERM_PROMPT_MAX + 1]; /* MARK first; the loop writes it */
	char *words[WORDS_MAX];
	int n_words;

	/* the loop's side */
	uv_async_t async;
	uv_poll_t poll;
	uv_timer_t timer;
	uint64_t timeout, key_at; /* milliseconds; the loop's time of the last key */
	int fd;
	int open_handles;
	bool closing;
	bool running; /* a request is being handled */
	bool direct;  /* it is a line that libcli knows nothing of */
	bool stale;   /* after such lines: the prompt has not been shown */
	bool swallow; /* what libcli writes is not shown, until its next prompt */
	bool typed;   /* libcli was fed keys since its last Enter */
	bool tabbing; /* libcli was fed Tab and has not yet asked for words */
	bool pumping; /* input is being handled further up the stack */
	bool waiting; /* a whole line was fed, its prompt has not come yet */
	bool taken;   /* the line that was fed has become a request */
	bool redraw;  /* libcli was told to show its prompt again, and has not yet */
	bool full;    /* the transport cannot take more for now */
	bool in_over; /* the user sends no more */
	bool paused;
	struct keys keys;
	bool at_start, held_crlf, held_cr; /* of the output */
	char *in;
	size_t in_at, n_in, in_capacity; /* n_in octets from in + in_at */
	struct term_line line;
	size_t recalled; /* lines back in the history; 0: none */
	char out[OUT_MAX];
	size_t n_out; /* of what goes to the transport when the pump stands still */
	struct page page;
	bool asking, ask_echo;
	char *question;
	char ask[ANSWER_MAX];
	size_t n_ask;
	unsigned width, height;
};

/* --- term_edit.c ------------------------------------------------------------------------------ */

/* Starts libcli's thread on t->cli_fd with t->prompt; 0 or an errno, and nothing is left. */
int edit_start(struct term *t);

/* --- term.c ----------------------------------------------------------------------------------- */

void term_poll(struct term *t); /* listens to libcli, and waits for it where there is input */

/* --- term_in.c -------------------------------------------------------------------------------- */

char in_take(struct term *t); /* the first key of the input, of which there is one */
void in_pump(struct term *t); /* does what can be done with the input */
bool in_may_feed(const struct term *t);
void in_run(struct term *t, const char *line);
void in_forget(struct term *t); /* all of it, and the question that was asked */
void in_fini(struct term *t);

/* --- term_page.c ------------------------------------------------------------------------------ */

/* Text of a command, LF line ends. */
void page_write(struct term *t, const char *text, size_t n);
/* True when all has been shown; else term_done comes again when it has. Likewise term_ask. */
bool page_end(struct term *t);
bool page_ask(struct term *t);
void page_keys(struct term *t); /* takes keys from the input while --More-- stands there */
void page_hide(struct term *t); /* --More-- makes room for a log line, and comes back */
void page_show(struct term *t);
void page_forget(struct term *t); /* what waits is not shown, and no page comes */
void page_fini(struct term *t);

/* --- term_out.c ------------------------------------------------------------------------------- */

void out_emit(struct term *t, const char *data, size_t n); /* as it is */
void out_drain(struct term *t);                            /* takes what libcli has written */
void out_text(struct term *t, const char *text, size_t n); /* LF becomes CR LF */
void out_flush(struct term *t);                            /* what was held back while pumping */
void out_redraw(struct term *t);                           /* after log lines: the prompt again */

#endif
