/* SPDX-License-Identifier: Apache-2.0 */
/* Argument types: whether words fit them, and their canonical text. Inside the compiler only. */
#ifndef TESTUDO_TYPES_H
#define TESTUDO_TYPES_H

#include "compiler/grammar/grammar_types.h"
#include "compiler/base/arena.h"
#include "compiler/grammar/token.h"

struct typed {
	const char *text; /* canonical, in the arena */
	uint32_t number;
	size_t words; /* how many words it takes: 1, or 2 for "FastEthernet 0/0" */
};

struct port_name {
	const char *name;
	uint16_t port;
	const char *help;
};

/* Does the word at `i` (and those after it) fit? The line is for TYPE_LINE. */
bool type_match(const struct gram_elem *e, const struct tokens *t, size_t i, struct arena *a,
                struct typed *ret);
/* What `?` shows for it: "<1-10000>", "A.B.C.D", "WORD", "LINE". */
void type_symbol(const struct gram_elem *e, char *buf, size_t n);
/* The names of this type's ports, up to one that is NULL; NULL: it is no type of ports. */
const struct port_name *type_port_names(enum arg_type type);

#endif
