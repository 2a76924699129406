/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A copy of libcli's line. libcli tells nobody what is typed so far nor where the cursor stands, so
 * the keys that it is fed are applied to this copy as well. From the copy the keys are made that
 * IOS has and libcli lacks, each out of keys that libcli has. Pure.
 */
#ifndef TESTUDO_TERM_LINE_H
#define TESTUDO_TERM_LINE_H

#include <stdbool.h>
#include <stddef.h>

#define TERM_LINE_MAX 4095 /* octets: libcli's */

struct term_line { /* zero: empty */
	size_t n, cursor;
	char text[TERM_LINE_MAX + 1];
	size_t n_cut;
	char cut[TERM_LINE_MAX + 1]; /* what was erased last, for Ctrl-Y */
};

void term_line_clear(struct term_line *l); /* Enter; what was erased stays */
void term_line_wipe(struct term_line *l);
/* libcli was fed this key. */
void term_line_fed(struct term_line *l, char key);
/* libcli's Tab: the last word becomes the only one of words, or what they begin with. */
void term_line_completed(struct term_line *l, char *const *words, size_t n);
/*
 * A key that libcli does not have: Ctrl-D T X Y, KEY_WORD_*. Calls `type` with keys it does have,
 * to be typed instead, once. False: the key can do nothing here.
 */
bool term_line_edit(struct term_line *l, char key,
                    void (*type)(void *arg, const char *keys, size_t n), void *arg);

#endif
