/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The account of a run in which documents are compared: for each command that text follows in its
 * document, what differs from what was shown here. A document may say of a difference why it is
 * there (`!@ differs /REGEX/ REASON`): such a one is told of, and is no failure.
 */
#ifndef TESTUDO_COMPARISON_H
#define TESTUDO_COMPARISON_H

#include <stddef.h>
#include <stdio.h>

struct comparison;

struct comparison *comparison_new(void);
void comparison_free(struct comparison *c);

/* From now on, for lines of a document or of ours in which the POSIX extended regex is found. */
void comparison_excuse(struct comparison *c, const char *regex, const char *reason);

/* A command of a document was typed. */
void comparison_begin(struct comparison *c, const char *file, unsigned line, const char *command);
/* What a node showed; where several were typed it, the one counts that differs least. */
void comparison_here(struct comparison *c, const char *node, const char *text);
/* What it showed after that, when its question was answered. */
void comparison_more(struct comparison *c, const char *node, const char *text);
/* A line that follows the command in its document; without a command it is passed over. */
void comparison_there(struct comparison *c, unsigned line, const char *text);
/* The command's text has ended. */
void comparison_end(struct comparison *c);

void comparison_print(const struct comparison *c, FILE *out);
/* Differences without a reason. */
size_t comparison_differing(const struct comparison *c);

#endif
