/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration text taken line by line, as it is typed in configuration mode but without echo: a
 * startup configuration, `copy FILE running-config`, a dry run. What is wrong is collected, the
 * rest is taken.
 */
#ifndef TESTUDO_LOAD_H
#define TESTUDO_LOAD_H

#include "cli/device/router.h"
#include "compiler/base/text.h"

/* A line that was refused; valid during the call. message ends with a line end. */
struct load_refusal {
	unsigned line;       /* from 1 */
	const char *prompt;  /* under which the message's caret stands: "R1(config-if)#" */
	const char *text;    /* the line, without its end */
	const char *message; /* what the shell says: caret and all */
};
typedef void load_report(void *arg, const struct load_refusal *refusal);

/* Blank lines, comments and a last `end` are neither taken nor refused. */
struct load_count {
	size_t taken, refused;
};

/* Into the running configuration; commits at the end. report: NULL is fine. */
struct load_count load_text(struct router *r, const char *text, load_report *report, void *arg);

/*
 * Into `tree` instead, which stays the caller's; nothing else of the router changes: commands that
 * act (`do`, keys) are passed over. So a text becomes a tree, and faults are found.
 */
struct load_count load_trial(struct router *r, struct tree *tree, const char *text,
                             load_report *report, void *arg);

/*
 * The same for lines that are indented by one blank for each mode, in any order: a line that is
 * indented less leaves modes. Into `tree` when there is one, else into the running configuration.
 */
struct load_count load_indented(struct router *r, struct tree *tree, const char *text,
                                load_report *report, void *arg);

/*
 * Commands as confdiff.h writes them: a line that is indented less than the mode it would be typed
 * in leaves that mode first. No commit: between router_load_begin and router_load_end.
 */
struct load_count load_commands(struct router *r, const char *text, load_report *report, void *arg);

/*
 * A refusal as a user is told: line number, the line under its prompt, the message. And the
 * summary: "% 12 lines taken, 2 refused: 3, 7" (nothing is said of a load without refusals but
 * the number of lines).
 */
struct load_log {
	struct text refusals; /* told one by one */
	struct text numbers;  /* "3, 7" */
	size_t n;
};
#define LOAD_TOLD_MAX 50 /* refusals; of the others there is the count */
void load_log_add(void *log, const struct load_refusal *refusal); /* a load_report */
void load_log_summary(struct load_log *log, const struct load_count *count, struct text *ret);
void load_log_fini(struct load_log *log);

#endif
