/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line's words matched against the elements of the grammar: what the parser and its help have
 * in common. Inside the compiler only.
 */
#ifndef TESTUDO_COMMAND_MATCH_H
#define TESTUDO_COMMAND_MATCH_H

#include "compiler/grammar/command.h"
#include "compiler/grammar/token.h"
#include "compiler/grammar/types.h"

/* How one word was taken; `before` leads back to the first. */
struct state {
	uint16_t entry, elem;
	const struct state *before;
	size_t word;
	struct typed typed;
};

struct states {
	size_t n, capacity;
	struct state **at;
};

struct match {
	struct arena *arena;
	enum gram_mode mode;
	bool negated; /* after "no" or "default" */
	const struct tokens *tokens;
	struct states states; /* after the words so far */
	size_t column;        /* of the trouble */
};

struct candidate {
	uint16_t entry, elem;
	const struct state *before;
};

struct candidates {
	size_t n, capacity;
	struct candidate *at;
};

#define ANY_LETTER (-1)

/* What may follow the words so far; with a letter, only what a word that starts so could be. The
 * caller frees c->at. */
void match_candidates(struct candidates *c, const struct match *m, int letter);
/*
 * Takes the word at *word and moves on by as many as it was; m->column is where it goes wrong. The
 * caller frees m->states.at in any case.
 */
enum parse match_word(struct match *m, size_t *word);
/* The state in which the line ends; NULL: in none, or cut where it could undo several things. */
const struct state *match_ending(const struct match *m);

/* "no" and "default" stand before any configuration command. */
struct negation {
	const char *word, *help;
	size_t least; /* how far it may be abbreviated */
};
#define NEGATIONS 2
extern const struct negation match_negations[NEGATIONS];
/* Does the line begin with one of them? */
bool match_negated(enum gram_mode mode, const struct tokens *t, bool *no, bool *dflt);

#endif
