/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A transcript: any text in which lines with a router's prompt occur, read as steps to play. Pure:
 * text in, steps out.
 *
 * A line is typed when it begins with a prompt (compiler/session/prompt.h). `OR` alone on a line
 * stands between alternatives. `!@` begins a directive:
 *
 *   !@ wait SECONDS              !@ link NODE INTERFACE up|down
 *   !@ expect /REGEX/            !@ loss N% [duplicate N%] [reorder N%]
 *   !@ expect-not /REGEX/        !@ crash NODE
 *   !@ store NODE up|down        !@ boot NODE
 *   !@ store NODE slow MSECS     !@ compare
 *   !@ type NODE                 !@ differs /REGEX/ REASON
 *
 * REGEX is POSIX extended, `^` and `$` match at lines, and it reaches from the first to the last
 * slash of its line. All other text is passed over, except that it may be the answer to a question
 * that a command asked (see player.h).
 */
#ifndef TESTUDO_TRANSCRIPT_H
#define TESTUDO_TRANSCRIPT_H

#include "compiler/base/arena.h"

#define TRANSCRIPT_SIZE_MAX (4u << 20) /* octets of a document */

enum step_kind {
	STEP_TYPE, /* node, config, text */
	STEP_TEXT, /* text: a line without a prompt, trimmed; a blank one ends a paste */
	STEP_OR,
	STEP_WAIT,       /* wait */
	STEP_EXPECT,     /* text: the regex */
	STEP_EXPECT_NOT, /* text: the regex */
	STEP_LINK,       /* node, text: the interface, up */
	STEP_LOSS,       /* loss */
	STEP_CRASH,      /* node */
	STEP_BOOT,       /* node */
	STEP_STORE,      /* node, up */
	STEP_STORE_SLOW, /* node, wait: what a call takes */
	STEP_BLOCK,      /* node: the lines without prompts that follow are typed there */
	STEP_COMPARE,    /* the document's outputs from here on with what is shown */
	STEP_DIFFERS     /* text: the regex, reason: why such a line differs */
};

struct step {
	enum step_kind kind;
	unsigned line;    /* of the document, 1 is the first */
	const char *node; /* a node's name, or an alias, as the document writes it */
	const char *text; /* the command without its remark; "" when only a prompt stands there */
	const char *reason;
	bool config;   /* the prompt shows a configuration mode */
	bool user;     /* the prompt ends in > */
	bool indented; /* blanks stood before it */
	bool up;
	msec wait;
	double faults[3]; /* 0..1: lost, sent twice, late */
};

struct transcript_error {
	unsigned line;
	const char *message;
};

struct transcript {
	const char *file; /* for messages */
	size_t n;
	const struct step *steps;
	size_t n_errors; /* directives that are none */
	const struct transcript_error *errors;
	struct arena *arena; /* owns all of it */
};

/* text need not end in NUL; NULs in it are taken for blanks. Never fails: see n_errors. */
struct transcript *transcript_parse(const char *file, const char *text, size_t n);
void transcript_free(struct transcript *t);

#endif
