/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Diagnostics: what the compiler has to say about a configuration. All are collected, none stops
 * the compilation; what an error touches is left out of the policy, and the diagnostic says so.
 */
#ifndef TESTUDO_DIAG_H
#define TESTUDO_DIAG_H

#include "compiler/base/arena.h"
#include "compiler/base/base.h"

enum severity { DIAG_ERROR, DIAG_WARNING, DIAG_NOTE };

struct diag {
	enum severity severity;
	const char *id;      /* stable, e.g. "acl-undefined" */
	unsigned line;       /* of the configuration as typed or loaded; 0: none */
	unsigned column;     /* 1 is the first; 0: none */
	unsigned length;     /* of the word it points at */
	const char *text;    /* the configuration line it speaks of ("" when none) */
	const char *message; /* what is wrong, in a sentence */
	const char *suggest; /* what was probably meant; "" when nothing comes to mind */
};

struct diag_list {
	struct arena *arena; /* owns the strings */
	size_t n, capacity;
	struct diag *items;
};

void diag_list_init(struct diag_list *l);
void diag_list_fini(struct diag_list *l);
/* Copies what d points to. */
void diag_add(struct diag_list *l, const struct diag *d);
bool diag_equal(const struct diag *a, const struct diag *b); /* position aside */
const char *severity_text(enum severity s);                  /* "error", "warning", "note" */

/* The candidate nearest to word (edit distance, case and -/_ cheap), NULL when none is near. */
const char *diag_nearest(const char *word, const char *const *candidates, size_t n);

#endif
