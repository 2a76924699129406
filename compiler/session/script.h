/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole configuration text, line by line through a session: a startup configuration, `copy FILE
 * running-config`, a dry run. What is wrong is collected, the rest is taken.
 */
#ifndef TESTUDO_SCRIPT_H
#define TESTUDO_SCRIPT_H

#include "compiler/session/session.h"

/* A line that was refused; valid during the call. message ends with a line end. */
struct script_refusal {
	unsigned line;       /* from 1 */
	const char *prompt;  /* under which the message's caret stands: "R1(config-if)#" */
	const char *text;    /* the line, without its end */
	const char *message; /* what a device prints below it: caret and all */
	enum parse why;      /* PARSE_OK: understood, but refused; see the message */
	unsigned column;     /* of PARSE_INVALID: where in text, in octets from 1 */
};
typedef void script_report(void *arg, const struct script_refusal *refusal);

/* Blank lines, comments and a last `end` are neither taken nor refused. */
struct script_count {
	size_t taken, refused;
};

/*
 * How the text says that a mode ends: SCRIPT_TYPED as somebody types (a line that is of a mode
 * further up leaves those below it); SCRIPT_INDENTED: each mode is indented by one blank more, and
 * a line that is indented less leaves modes.
 */
enum script_form { SCRIPT_TYPED, SCRIPT_INDENTED };

/* setup->told is not used: what is told goes to report (NULL is fine). */
struct script_count script_read(const struct session_setup *setup, const char *text,
                                enum script_form form, script_report *report, void *arg);

#endif
