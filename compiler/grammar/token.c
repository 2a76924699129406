/* SPDX-License-Identifier: Apache-2.0 */
/* Cutting a line into words: see token.h. */
#include "compiler/grammar/token.h"

#include "compiler/grammar/command.h"

/* As isspace, which asks for the locale each time. */
static inline bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static size_t
count_words(const char *line, size_t length)
{
	size_t n = 0;
	bool inside = false;

	for (size_t i = 0; i < length; i++) {
		bool blank = is_blank(line[i]);

		if (!blank && !inside)
			n++;
		inside = !blank;
	}
	return n < COMMAND_WORDS_MAX ? n : COMMAND_WORDS_MAX;
}

void
tokens_cut(struct tokens *t, const char *line, size_t length, struct arena *a)
{
	tokens_cut_from(t, line, 0, length, a);
}

void
tokens_cut_from(struct tokens *t, const char *line, size_t begin, size_t length, struct arena *a)
{
	struct token *at = arena_alloc(a, count_words(line + begin, length - begin) * sizeof(*at));
	size_t i = begin, start;

	while (length > begin && is_blank(line[length - 1]))
		length--;
	*t = (struct tokens){.line = line, .at = at, .end = length};
	for (;;) {
		while (i < length && is_blank(line[i]))
			i++;
		if (i == length)
			return;
		start = i;
		while (i < length && !is_blank(line[i]))
			i++;
		if (t->n + 1 == COMMAND_WORDS_MAX && i < length) {
			t->more = true;
			i = length;
		}
		at[t->n++] = (struct token){.text = arena_strndup(a, line + start, i - start),
		                            .column = start,
		                            .length = i - start};
	}
}
