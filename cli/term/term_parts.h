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

/* What comes when all has been shown: more output, term_ask, term_done. */
enum page_next { PAGE_OUTPUT, PAGE_ASK, PAGE_DONE };

/* A command's output by pages; all zero: it goes out as it comes. */
struct page {
	unsigned length, width; /* of the screen; length 0: no pages */
	unsigned rows;          /* written since the last pause */
	unsigned column;        /* of the line being written */
	unsigned room;          /* rows to write before the next pause */
	bool dropped;           /* the user has read enough */
	enum page_next next;    /* what came while --More-- was shown, and is done after it */
	char entering;          /* / + -: a regular expression is being typed */
	size_t n_regex;
	char regex[256];
	struct pipe *filter;
	char *rest;
	size_t n_rest, capacity;
};

/*
 * What the session does; TERM_CLOSING comes from everywhere and is the end.
 *
 *            a line                term_ask
 *   IDLE ------------->  RUNNING  ------------->  ASKING
 *        <-------------           <-------------
 *           term_done               an answer
 *
 *                        RUNNING  ------------->  PAUSED (--More--)
 *                                  a full screen
 *                                 <-------------
 *                                     a key
 */
enum term_state { TERM_IDLE, TERM_RUNNING, TERM_ASKING, TERM_PAUSED, TERM_CLOSING };

/*
 * What libcli does, as far as the loop knows. It is fed keys in the first two only.
 *
 *            a key            Tab
 *   EMPTY ----------> TYPED ---------> TAB
 *     |                |  <---------
 *     |                |    its words
 *     |     Enter      |
 *     '------>---------'-----> LINE ---------> PROMPTS -----------> EMPTY
 *                                    request            its prompt
 */
enum editor_state {
	EDITOR_EMPTY,   /* its prompt stands there, and nothing was typed */
	EDITOR_TYPED,   /* it was fed keys since its last Enter */
	EDITOR_TAB,     /* it was fed Tab and has not been told the words */
	EDITOR_LINE,    /* it was fed a line and has not handed it over */
	EDITOR_PROMPTS, /* it has, and its prompt has not come yet */
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
	enum term_state state;
	bool direct;   /* what runs is a line that libcli knows nothing of */
	bool escaped;  /* the last key was Ctrl-^ */
	bool through;  /* keys go through to ops->keys */
	bool after_cr; /* the last of them was CR */
	bool stale;    /* after such lines: the prompt has not been shown */
	enum editor_state editor;
	bool redraw; /* libcli was told to show its prompt again, and has not yet */
	bool quiet;  /* what libcli writes is not shown, until its next prompt */

	/* what the user types */
	bool pumping;   /* input is being handled further up the stack */
	bool in_paused; /* the transport was told to read no more for now */
	bool in_over;   /* the user sends no more */
	struct keys keys;
	char *in;
	size_t in_at, n_in, in_capacity; /* n_in octets from in + in_at */
	struct term_line line;
	size_t recalled; /* lines back in the history; 0: none */

	/* what the user sees */
	bool full;               /* the transport cannot take more for now */
	bool at_start;           /* the cursor is at the left */
	bool held_crlf, held_cr; /* read from libcli, and perhaps not shown */
	char out[OUT_MAX];
	size_t n_out; /* of what goes to the transport when the pump stands still */
	struct page page;
	bool ask_echo;
	char *question;
	char ask[ANSWER_MAX];
	size_t n_ask;
	unsigned width, height;
};

/* Has a line begun that term_done has not ended? */
static inline bool
term_runs(const struct term *t)
{
	return t->state == TERM_RUNNING || t->state == TERM_ASKING || t->state == TERM_PAUSED;
}

/* Is libcli at work on a line? Then its prompt comes, and it must not be fed. */
static inline bool
editor_works(const struct term *t)
{
	return t->editor == EDITOR_LINE || t->editor == EDITOR_PROMPTS;
}

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
