/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `banner motd ^C...^C`: text of several lines between two delimiters. What follows the first line
 * is collected as answers to a question without words, wherever it comes from: a user, a paste, a
 * file.
 */
#ifndef TESTUDO_BANNER_H
#define TESTUDO_BANNER_H

#include "cli/shell/shell.h"

bool banner_is(const struct command *cmd); /* a `banner` with its text, no `no` */
/* Begins that banner, and ends it when all is there. */
void banner_begin(struct shell *sh, const struct command *cmd);
/*
 * The text of a configured banner (KEY_BANNER_MOTD ...), to be freed, with a line end at its end;
 * NULL: none.
 */
char *banner_text(struct router *r, enum gram_key key);

#endif
