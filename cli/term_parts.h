/*
 * What the files of a terminal share; no header of anybody else's.
 *
 *   term.c       the loop's side: input, requests, a session's life
 *   term_edit.c  libcli's thread, and what it hands to the loop
 *   term_out.c   what goes to the user
 */
#ifndef TESTUDO_TERM_PARTS_H
#define TESTUDO_TERM_PARTS_H

#include <pthread.h>

#include "cli/keys.h"
#include "cli/term.h"

#define MARK       '\x01'
#define EOL        '\x1f'
#define ENTER      "\x05\x1f\r" /* Ctrl-E, for EOL goes to the end; EOL; CR */
#define WORDS_MAX  64
#define ANSWER_MAX 512

struct cli_def;

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
	char prompt[TERM_PROMPT_MAX + 1]; /* MARK first; the thread reads it after an answer */
	char *words[WORDS_MAX];
	int n_words;

	/* the loop's side */
	uv_async_t async;
	uv_poll_t poll;
	int fd;
	int open_handles;
	bool closing;
	bool running; /* a request is being handled */
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
	size_t n_in, in_capacity;
	bool asking, ask_echo;
	char *question;
	char ask[ANSWER_MAX];
	size_t n_ask;
	unsigned width, height;
};

/* --- term_edit.c ------------------------------------------------------------------------------ */

/* Starts libcli's thread on t->cli_fd with t->prompt; 0 or an errno, and nothing is left. */
int edit_start(struct term *t);

/* --- term_out.c ------------------------------------------------------------------------------- */

void out_emit(struct term *t, const char *data, size_t n); /* as it is */
void out_drain(struct term *t);                            /* takes what libcli has written */
void out_redraw(struct term *t);                           /* after log lines: the prompt again */

#endif
