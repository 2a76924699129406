/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prompts in text that people copy: "- R1(config-if)# ip address ... // a remark".
 *
 * A line has a prompt when, bullets and blanks aside, it begins with NAME#, NAME>, or NAME(MODE)#,
 * in which blanks may stand before `(` and `#`. Full-width parentheses and prompt signs count as
 * their ASCII selves, as do non-breaking blanks and typographic quotes in the command. The command
 * ends at `//` or `<--` where a blank stands before it (so that URLs and keys such as a//b stay
 * whole), and at a full-width parenthesis after a blank: a reader's remark follows.
 */
#ifndef TESTUDO_PROMPT_H
#define TESTUDO_PROMPT_H

#include "compiler/base/arena.h"

struct prompted {
	const char *name;    /* of the device, as it stands there */
	const char *command; /* "" when only a prompt stands there */
	bool config;         /* the prompt shows a configuration mode */
	bool user;           /* the prompt ends in > */
};

/* False: the line has no prompt. The line is plain (prompt_plain). */
bool prompt_read(struct arena *a, const char *line, struct prompted *ret);
/* `OR` alone on a line, behind bullets: it stands between alternatives. */
bool prompt_is_or(const char *line);

/*
 * Text as a keyboard would have typed it: ASCII for what word processors put, blanks for controls.
 */
char *prompt_plain(struct arena *a, const char *s, size_t n);
/* Where a reader's remark begins in s; its end: there is none. */
const char *prompt_remark(const char *s);
/*
 * Past bullets ("- ", "* ", "+ ", a typographic one, "3. ", "3) ") and quotation bars; past blanks;
 * without blanks at both ends, in the arena.
 */
const char *prompt_skip_bullets(const char *s);
const char *prompt_skip_blanks(const char *s);
const char *prompt_trim(struct arena *a, const char *s, size_t n);

#endif
