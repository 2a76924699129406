/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of a terminal: see keys.h. Escape sequences are ECMA-48's (5.4) and the VT100's. */
#include "cli/term/keys.h"

#include <string.h>

/* Ctrl-A B C D E F H, Tab, K L, CR, N P T U W X Y Z ^ */
#define KEYS "\x01\x02\x03\x04\x05\x06\x08\t\x0b\x0c\r\x0e\x10\x14\x15\x17\x18\x19\x1a\x1e"

static bool
take_control(struct keys *k, unsigned char c, char *ret)
{
	switch (c) {
	case '\n':
		*ret = '\r';
		return true;
	case KEY('V'):
		k->state = KEYS_QUOTE;
		return false;
	case KEY('['):
		k->state = KEYS_ESC;
		return false;
	case KEY('R'): /* IOS has both to show the line again */
		*ret = KEY('L');
		return true;
	}
	*ret = (char)c;
	return c && strchr(KEYS, c);
}

static bool
take_final(struct keys *k, unsigned char c, char *ret)
{
	static const struct {
		unsigned char final, param;
		char key;
	} keys[] = {
	    /* clang-format off */
	    {'A', 0, KEY('P')},
	    {'B', 0, KEY('N')},
	    {'C', 0, KEY('F')},
	    {'D', 0, KEY('B')},
	    {'H', 0, KEY('A')},
	    {'F', 0, KEY('E')},
	    {'~', 1, KEY('A')},
	    {'~', 7, KEY('A')},
	    {'~', 3, KEY('D')},
	    {'~', 4, KEY('E')},
	    {'~', 8, KEY('E')},
	    /* clang-format on */
	};

	k->state = KEYS_TEXT;
	for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (c == keys[i].final && (c != '~' || k->param == keys[i].param)) {
			*ret = keys[i].key;
			return true;
		}
	return false;
}

/* ESC and a letter. */
static bool
word_key(unsigned char c, char *ret)
{
	static const struct {
		char letter, key;
	} keys[] = {
	    /* clang-format off */
	    {'b', KEY_WORD_BACK},
	    {'f', KEY_WORD_FORWARD},
	    {'d', KEY_WORD_DELETE},
	    {'c', KEY_WORD_CAPITAL},
	    {'u', KEY_WORD_UPPER},
	    {'l', KEY_WORD_LOWER},
	    /* clang-format on */
	};

	for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if ((c | 0x20) == keys[i].letter) {
			*ret = keys[i].key;
			return true;
		}
	return false;
}

/* An octet of an escape sequence; no control character, which ends the sequence instead. */
static bool
take_sequence(struct keys *k, unsigned char c, char *ret)
{
	if (k->state == KEYS_ESC) {
		k->param = 0;
		k->state = c == '[' ? KEYS_CSI : c == 'O' ? KEYS_SS3 : KEYS_TEXT;
		return word_key(c, ret);
	}
	if (k->state == KEYS_CSI && c >= 0x20 && c < 0x40) { /* parameters, intermediates */
		if (c >= '0' && c <= '9' && k->param < 100)
			k->param = (unsigned char)(k->param * 10 % 100 + c - '0');
		else
			k->param = 255; /* more than one */
		return false;
	}
	return take_final(k, c, ret);
}

bool
keys_read(struct keys *k, unsigned char c, char *ret)
{
	enum keys_state was = k->state;

	if (c < ' ' || c == 0x7f) {
		k->state = c == '\r' ? KEYS_CR : KEYS_TEXT;
		*ret = (char)c;
		if (was == KEYS_CR && c == '\n') /* CR LF; the NUL of CR NUL never counts */
			return false;
		return c == 0x7f || take_control(k, c, ret);
	}
	if (was >= KEYS_ESC)
		return take_sequence(k, c, ret);
	k->state = KEYS_TEXT;
	*ret = was == KEYS_QUOTE && c == '?' ? KEY_QUESTION : (char)c;
	return c != 0xff; /* libcli would take it for a telnet command */
}
