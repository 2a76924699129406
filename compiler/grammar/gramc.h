/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gramc's own tables, shared by its parts. gramc_parse.c reads modes and commands into them,
 * gramc_syntax.c reads a command's syntax, gramc_check.c looks for contradictions, gramc_write.c
 * writes the tables as C. gramc is a build tool: no part of the program.
 */
#ifndef TESTUDO_GRAMC_H
#define TESTUDO_GRAMC_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "compiler/grammar/gramc_lex.h"

#define MAX_ELEMS   16384
#define MAX_ENTRIES 4096
#define MAX_MODES   256
#define MAX_NAMES   2048
#define MAX_SET     256
#define REPEAT_MAX  255
#define END         0xffff

struct elem {
	char *type, *text, *shown, *help;
	int arg;
	struct place place; /* where it stands, or its definition is used */
	int repeat;         /* how often it may stand in a line */
	bool secret, hidden;
	bool cut; /* after `no` the command may end here */
	unsigned long min, max;
	int next[MAX_SET];
	int n_next;
};

struct entry {
	int mode, elem, n_elems;
	int first[MAX_SET], n_first;
	const char *verb;
	int key, handler, target, order, step;
	bool pipe, on, either;
	const char *canon;
	char *dflt, *unbuilt, *ends;
	struct place place;
	int by[5], n_by;
	bool blank, flat, quit, kept, repeats;
	int before, group;
};

struct mode {
	char *name, *prompt;
	int parent, common, otherwise, any;
	bool config, declared;
	struct place place; /* where it was first named */
	int first, n;
	int start, n_starts; /* of what is written: gram_starts */
};

struct names {
	char *at[MAX_NAMES];
	int n;
};

/* A piece of syntax: where it may begin, where it may end, whether it may be left out. */
struct part {
	int first[MAX_SET], n_first;
	int last[MAX_SET], n_last;
	bool nullable;
};

extern struct elem *elems;
extern struct entry *entries;
extern struct mode modes[MAX_MODES];
extern int n_elems, n_entries, n_modes;
extern struct names keys, args, handlers;

/* Reads the modes and commands of n files into the tables. */
void gramc_parse_files(char **names, int n);

/* The number of a name, from 1 on; a new name gets the next. */
int gramc_name(struct names *names, const char *name);

/* Reads a definition: NAME(PARAMETER,...) SYNTAX. The statement is kept. */
void gramc_define(const struct statement *s);

/* Reads a command's syntax, up to "=>", into elements joined by their successors. */
void gramc_syntax(struct entry *e);

/*
 * Ends the program at the first entry or mode that contradicts itself or another. The entries must
 * be grouped by mode.
 */
void gramc_check(void);

/* Writes grammar.h and grammar.c; 0 or -1. */
int gramc_write(FILE *header, FILE *source);

#endif
