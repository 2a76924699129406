/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gramc's own tables, shared by its parts: gramc.c reads the grammar into them, gramc_check.c looks
 * for what cannot be meant, gramc_write.c writes them as C. A build tool: no part of the program.
 */
#ifndef TESTUDO_GRAMC_H
#define TESTUDO_GRAMC_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define MAX_ELEMS   8192
#define MAX_ENTRIES 2048
#define MAX_MODES   128
#define MAX_NAMES   1024
#define MAX_SET     256
#define MAX_DEFINES 64
#define REPEAT_MAX  255
#define END         0xffff

struct elem {
	char *type, *text, *shown, *help;
	int arg;
	int column; /* where it stands, or its definition is used */
	int repeat; /* how often it may stand in a line */
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
	const char *file;
	unsigned line;
	int by[4], n_by;
	bool blank, flat, quit, kept;
	int before;
};

struct mode {
	char *name, *prompt;
	int parent, common, otherwise, any;
	bool config, declared;
	const char *file; /* where it was first named */
	unsigned line;
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

/* Ends the program with a message about a place in a grammar file. */
void gramc_fail(const char *file, unsigned line, int column, const char *format, ...)
    __attribute__((noreturn, format(printf, 4, 5)));

/* Ends the program at the first entry or mode that cannot be meant. Wants entries grouped. */
void gramc_check(void);

/* Writes grammar.h and grammar.c; 0 or -1. */
int gramc_write(FILE *header, FILE *source);

#endif
