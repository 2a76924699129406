/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grammar as data: what gramc writes and the engine walks. An entry is one command; its syntax
 * is a graph of elements (keywords and arguments) joined by successor lists.
 */
#ifndef TESTUDO_GRAMMAR_TYPES_H
#define TESTUDO_GRAMMAR_TYPES_H

#include "compiler/base/base.h"

/* Argument types, in order of preference where several would take a word. */
enum arg_type {
	TYPE_KEYWORD, /* not an argument */
	TYPE_NUMBER,  /* min..max */
	TYPE_IPV4,
	TYPE_MASK,     /* contiguous */
	TYPE_WILDCARD, /* any bits */
	TYPE_PREFIX,   /* "10.0.0.0/8"; the number is the address, its other bits cleared */
	TYPE_IPV6,
	TYPE_TCP_PORT, /* number or name */
	TYPE_UDP_PORT,
	TYPE_INTERFACE, /* canonical, "FastEthernet0/0" */
	TYPE_HEX,       /* up to eight hexadecimal digits, whole octets */
	TYPE_TIME,      /* hh:mm; the number is minutes */
	TYPE_CLOCK,     /* hh:mm:ss; seconds */
	TYPE_HOURS,     /* -23..23, an int32_t in the number */
	TYPE_NAME,      /* a word that starts with a letter */
	TYPE_WORD,      /* any word */
	TYPE_LINE       /* the rest of the line, blanks and all */
};

#define ELEM_END 0xffff /* in a successor list: the command may end here */

struct gram_elem {
	enum arg_type type;
	uint8_t repeat;    /* how often it may stand in a line */
	bool cut;          /* after `no` the command may end here */
	bool secret;       /* wiped, never logged */
	bool hidden;       /* a keyword that is taken when spelled out and never offered */
	uint16_t arg;      /* enum gram_arg; 0: an unnamed keyword */
	const char *text;  /* keyword */
	const char *shown; /* keyword as rendered when it is typed otherwise (gkm: gdoi) */
	const char *help;
	uint32_t min, max;
	uint16_t next; /* into gram_next: successors, after a count */
};

enum gram_verb {
	VERB_SET,   /* one of its key in its parent: typing it again replaces */
	VERB_LIST,  /* many: each is told apart by its arguments */
	VERB_ENTER, /* a container: its commands follow in another mode */
	VERB_DROP,  /* `no` only: removes what has the arguments given, under its key and below */
	VERB_DO     /* acts: a handler */
};

enum gram_canon { CANON_NONE, CANON_ACE, CANON_ACE_STANDARD, CANON_HOST_MASK, CANON_NETWORK };

struct gram_entry {
	enum gram_verb verb;
	uint16_t mode;
	uint16_t first; /* into gram_next: elements it may begin with */
	uint16_t elem, n_elems;
	uint16_t key;     /* enum gram_key; for VERB_DO 0 */
	uint16_t handler; /* enum gram_handler */
	uint16_t target;  /* enum gram_mode: for VERB_ENTER */
	uint16_t order;   /* enum gram_arg: siblings are kept in its order; 0: as typed */
	uint16_t step;    /* the order argument is given automatically in these steps; 0: never */
	bool pipe;        /* output may be filtered */
	bool flat;        /* a container of which each line is rendered, with its own before it */
	bool blank;       /* rendered with a blank at its end, as IOS does */
	bool quit;        /* a container whose end is rendered: "quit" */
	bool repeats;     /* a line of a text: the same words may come again, at their place */
	uint16_t by[5];   /* arguments that tell siblings apart; none: all of them */
	bool on;          /* true unless `no`, which is what is kept; VERB_DO: may be negated */
	bool either;      /* `no` is kept, too: it is not the same as nothing */
	enum gram_canon canon;
	uint16_t before; /* enum gram_key: rendered before those; 0: in the order of entries */
	uint16_t group;  /* enum gram_arg: those of one value are rendered together; 0: none */
	bool kept;       /* a command that this program only keeps and renders, and never acts on */
	const char *unbuilt; /* has no effect until this feature is built; NULL: it has */
	const char *ends;    /* a container whose end is rendered so; NULL: by nothing */
	const char *dflt;    /* rendered text that is the default and so not rendered; NULL: none */
	unsigned line;       /* of the .gram file, for messages */
};

/* A word that a line of a mode may begin with: all of them by letter, then as declared. */
struct gram_start {
	uint16_t entry, elem;
	char letter; /* the first of a keyword, in lower case; '\0': an argument */
};

struct gram_mode_info {
	const char *name;
	const char *prompt; /* "(config-if)#", "#" */
	uint16_t parent;    /* where words unknown here are tried; itself: nowhere */
	uint16_t common;    /* a mode whose entries are also here; itself: none */
	uint16_t otherwise; /* what is tried when no mode up to global knows a line; itself: none */
	uint16_t any;       /* a mode that takes any line, after all others; itself: none */
	uint16_t first, n;  /* entries */
	uint16_t start, n_starts; /* into gram_starts */
	bool config;
};

#endif
