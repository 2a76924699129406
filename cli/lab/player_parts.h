/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the player (player*.c) share: see player.h. */
#ifndef TESTUDO_PLAYER_PARTS_H
#define TESTUDO_PLAYER_PARTS_H

#include "cli/lab/comparison.h"
#include "cli/lab/player.h"
#include "cli/shell/shell.h"
#include "compiler/base/text.h"

/* The console of one node. */
struct seat {
	struct player *player;
	const char *name;
	struct router *router;
	struct shell *sh; /* NULL: not open */
	bool done, closed;
	bool looked_at;           /* the last command was typed here */
	const struct step *typed; /* the last command; it may still ask; NULL: none */
	struct text out;
};

struct missing {
	char *name;
	unsigned line, count;
};

/* Where lines without prompts are typed: behind `!@ type`, or a heading. */
struct block {
	const char *node; /* NULL: nowhere */
	bool headed;      /* by a heading: it ends where a paragraph begins that is no command */
	bool paragraph;   /* a blank line has just been */
};

/* Lines that look like configuration, and were typed nowhere. */
struct untyped {
	unsigned count, first;
	const char *text;
	bool output; /* what comes now is what a command showed */
	bool before; /* the line before was one of them */
};

/* A ping that nothing answered: was it before routing had come up? */
struct early {
	unsigned line; /* 0: none */
	msec at;
};

struct player {
	struct lab *lab;
	FILE *out;
	size_t n_seats;
	struct seat *seats;
	const struct transcript *now; /* being played */
	size_t at;                    /* its step */
	struct block block;
	struct untyped untyped;
	struct early early;
	struct player_tally tally;
	struct text logs;    /* lines that wait for the command to end */
	struct text account; /* what the verification says */
	struct missing *missing;
	size_t n_missing, missing_capacity;
	bool alternative;         /* OR stood before this line */
	bool comparing, compared; /* now; at any time */
	struct comparison *comparison;
};

/* --- player_seat.c ---------------------------------------------------------------------------- */

/* Opens a console that is not open, or was closed; false when the router is down. */
bool player_seat_open(struct seat *s);
/* Types one line as it is. True when it was taken. */
bool player_seat_line(struct seat *s, const char *line);
/* A line of a node's log; arg is its seat. It is printed when the command has ended. */
void player_notify(void *arg, const char *text);
void player_flush_logs(struct player *p);
void player_run_for(struct player *p, msec time);
/* Says something of a line of the document in the verification. */
void player_note(struct player *p, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void player_fail(struct player *p, const struct step *step, const char *why);
/* The seat of a prompt's name: a node of the lab, or one that is called so now. */
struct seat *player_seat_of(struct player *p, const char *name);
void player_type_step(struct player *p, const struct step *step);
/* Remembers a step that was typed when it is a ping and nothing answered. */
void player_watch_ping(struct player *p, const struct step *step);
/* At the end of a document: what the last command still asks, and lines for nodes that lack. */
void player_settle_question(struct seat *s);
void player_settle_missing(struct player *p);

/* --- player_text.c ---------------------------------------------------------------------------- */

/* What follows this step is held against what it has shown. */
void player_begin_comparison(struct player *p, const struct step *step);
/* A line without a prompt: an answer, what is typed without one, output, or prose. */
void player_text_step(struct player *p, const struct step *step);
void player_block_begin(struct player *p, const struct step *step);
void player_settle_untyped(struct player *p);

#endif
