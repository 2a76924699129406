/* SPDX-License-Identifier: Apache-2.0 */
/* A copy of libcli's line: see term_line.h. */
#include "cli/term/term_line.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "cli/term/keys.h"

#define DELETE '\x7f'

void
term_line_clear(struct term_line *l)
{
	explicit_bzero(l->text, l->n);
	l->n = l->cursor = 0;
}

void
term_line_wipe(struct term_line *l)
{
	explicit_bzero(l, sizeof(*l));
}

/* Takes out text from `from` to `to`. */
static void
erase_text(struct term_line *l, size_t from, size_t to)
{
	memmove(l->text + from, l->text + to, l->n - to);
	l->n -= to - from;
	l->cursor = from;
}

static void
keep_cut(struct term_line *l, size_t from, size_t to)
{
	if (from == to)
		return;
	l->n_cut = to - from;
	memcpy(l->cut, l->text + from, l->n_cut);
}

static void
insert_char(struct term_line *l, char c)
{
	if (l->n >= TERM_LINE_MAX)
		return;
	memmove(l->text + l->cursor + 1, l->text + l->cursor, l->n - l->cursor);
	l->text[l->cursor++] = c;
	l->n++;
}

static void
cut_text(struct term_line *l, size_t from, size_t to)
{
	keep_cut(l, from, to);
	erase_text(l, from, to);
}

/* Ctrl-W of libcli: blanks alone part words. */
static size_t
word_start(const struct term_line *l)
{
	size_t at = l->cursor;

	while (at && l->text[at - 1] == ' ')
		at--;
	while (at && l->text[at - 1] != ' ')
		at--;
	return at;
}

void
term_line_fed(struct term_line *l, char key)
{
	switch (key) {
	case KEY('A'):
		l->cursor = 0;
		break;
	case KEY('E'):
		l->cursor = l->n;
		break;
	case KEY('B'):
		l->cursor -= l->cursor > 0;
		break;
	case KEY('F'):
		l->cursor += l->cursor < l->n;
		break;
	case KEY('H'):
	case DELETE:
		if (l->cursor)
			erase_text(l, l->cursor - 1, l->cursor);
		break;
	case KEY('K'):
		cut_text(l, l->cursor, l->n);
		break;
	case KEY('U'):
		cut_text(l, 0, l->n);
		break;
	case KEY('W'):
		cut_text(l, word_start(l), l->cursor);
		break;
	default:
		if (((unsigned char)key >= ' ' && key != '?') || key == KEY_QUESTION)
			insert_char(l, key);
		break;
	}
}

static bool
word_follows(const struct term_line *l, size_t start, const char *word)
{
	size_t n = l->n - start;

	return strlen(word) >= n && !strncasecmp(word, l->text + start, n);
}

void
term_line_completed(struct term_line *l, char *const *words, size_t n)
{
	size_t start = l->n, common = 0, fits = 0;
	const char *first = NULL;

	while (start && l->text[start - 1] != ' ' && l->text[start - 1] != '|')
		start--;
	for (size_t i = 0; i < n; i++) {
		size_t same = 0;

		if (!word_follows(l, start, words[i]))
			continue;
		if (!fits++) {
			first = words[i];
			common = strlen(first);
		}
		while (same < common && tolower((unsigned char)first[same]) ==
		                            tolower((unsigned char)words[i][same]))
			same++;
		common = same;
	}
	if (!fits || !common)
		return;
	l->n = l->cursor = start;
	for (size_t i = 0; i < common; i++)
		insert_char(l, first[i]);
	if (fits == 1)
		insert_char(l, ' ');
}

/* --- keys that libcli does not have ----------------------------------------------------------- */

static bool
in_word(const struct term_line *l, size_t at)
{
	return isalnum((unsigned char)l->text[at]);
}

static size_t
word_back(const struct term_line *l)
{
	size_t at = l->cursor;

	while (at && !in_word(l, at - 1))
		at--;
	while (at && in_word(l, at - 1))
		at--;
	return at;
}

static size_t
word_forward(const struct term_line *l)
{
	size_t at = l->cursor;

	while (at < l->n && !in_word(l, at))
		at++;
	while (at < l->n && in_word(l, at))
		at++;
	return at;
}

struct typist {
	void (*type)(void *arg, const char *keys, size_t n);
	void *arg;
};

static void
repeat_key(const struct typist *to, char key, size_t n)
{
	char keys[TERM_LINE_MAX];

	memset(keys, key, n);
	if (n)
		to->type(to->arg, keys, n);
}

/* The two characters around the cursor, or the last two, change places. */
static bool
transpose_chars(struct term_line *l, const struct typist *to)
{
	size_t right = l->cursor == l->n ? l->n - 1 : l->cursor;
	char keys[5] = {KEY('F'), DELETE, DELETE, 0, 0};
	bool end = l->cursor == l->n;

	if (l->n < 2 || !l->cursor)
		return false;
	keys[3] = l->text[right];
	keys[4] = l->text[right - 1];
	to->type(to->arg, keys + end, sizeof(keys) - end);
	return true;
}

/* Deletes to the right: moves the cursor over the text, then deletes back. */
static bool
delete_to(struct term_line *l, const struct typist *to, size_t end)
{
	char keys[2 * TERM_LINE_MAX];
	size_t n = end - l->cursor;

	memset(keys, KEY('F'), n);
	memset(keys + n, DELETE, n);
	if (n)
		to->type(to->arg, keys, 2 * n);
	return n > 0;
}

/* Types the rest of the word again with its case changed. */
static bool
recase_word(struct term_line *l, const struct typist *to, char key)
{
	char keys[3 * TERM_LINE_MAX];
	size_t end = word_forward(l), n = end - l->cursor;
	bool begun = false;

	memset(keys, KEY('F'), n);
	memset(keys + n, DELETE, n);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)l->text[l->cursor + i];
		bool upper = key == KEY_WORD_UPPER || (key == KEY_WORD_CAPITAL && !begun);

		begun = begun || isalnum(c);
		keys[2 * n + i] = (char)(upper ? toupper(c) : tolower(c));
	}
	if (n)
		to->type(to->arg, keys, 3 * n);
	return n > 0;
}

bool
term_line_edit(struct term_line *l, char key, void (*type)(void *arg, const char *keys, size_t n),
               void *arg)
{
	const struct typist to = {type, arg};
	size_t end;

	switch (key) {
	case KEY('D'):
		return delete_to(l, &to, l->cursor + (l->cursor < l->n));
	case KEY('T'):
		return transpose_chars(l, &to);
	case KEY('X'):
		keep_cut(l, 0, l->cursor);
		repeat_key(&to, DELETE, l->cursor);
		return l->cursor > 0;
	case KEY('Y'):
		if (l->n_cut)
			type(arg, l->cut, l->n_cut);
		return l->n_cut > 0;
	case KEY_WORD_BACK:
		repeat_key(&to, KEY('B'), l->cursor - word_back(l));
		return l->cursor > 0;
	case KEY_WORD_FORWARD:
		repeat_key(&to, KEY('F'), word_forward(l) - l->cursor);
		return l->cursor < l->n;
	case KEY_WORD_DELETE:
		end = word_forward(l);
		keep_cut(l, l->cursor, end);
		return delete_to(l, &to, end);
	case KEY_WORD_CAPITAL:
	case KEY_WORD_UPPER:
	case KEY_WORD_LOWER:
		return recase_word(l, &to, key);
	default:
		return false;
	}
}
