/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turns what a terminal sends into keys that the line editor understands: one line end instead of
 * four, control keys for the cursor keys, and otherwise text alone. Without this, libcli would type
 * the rest of an unknown escape sequence into the line, and after ESC it would swallow the Enter
 * that its caller waits for. Pure: octets in, octets out.
 */
#ifndef TESTUDO_KEYS_H
#define TESTUDO_KEYS_H

#include <stdbool.h>

#define KEY(c)           ((c) - '@') /* Ctrl- */
#define KEY_QUESTION     '\x1d'      /* a `?` after Ctrl-V: text, not a call for help */
#define KEY_WORD_BACK    '\x07'      /* ESC B, F, D */
#define KEY_WORD_FORWARD '\x0f'
#define KEY_WORD_DELETE  '\x11'
#define KEY_WORD_CAPITAL '\x12' /* ESC C, U, L */
#define KEY_WORD_UPPER   '\x13'
#define KEY_WORD_LOWER   '\x16'

enum keys_state { KEYS_TEXT, KEYS_CR, KEYS_QUOTE, KEYS_ESC, KEYS_CSI, KEYS_SS3 };

struct keys { /* zero: the beginning */
	enum keys_state state;
	unsigned char param; /* of a control sequence: its first digits, as in ESC [ 4 ~ */
};

/*
 * Takes one octet. True: *ret is the key that it makes: text (KEY_QUESTION among it), '\r' for any
 * line end, '\t', DEL, KEY_WORD_*, or one of Ctrl-A B C D E F H K L N P T U W X Y Z and Ctrl-^.
 */
bool keys_read(struct keys *k, unsigned char c, char *ret);

#endif
