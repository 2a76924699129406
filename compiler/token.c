/* Cutting a line into words: see token.h. */
#include "compiler/token.h"

#include <ctype.h>

#include "compiler/command.h"

bool
tokens_cut(struct tokens *t, const char *line, size_t length, struct arena *a)
{
	struct token *at = arena_alloc(a, COMMAND_WORDS_MAX * sizeof(*at));
	size_t i = 0, start;

	*t = (struct tokens){.line = line, .at = at};
	for (;;) {
		while (i < length && isspace((unsigned char)line[i]))
			i++;
		if (i == length)
			return true;
		if (t->n == COMMAND_WORDS_MAX)
			return false;
		start = i;
		while (i < length && !isspace((unsigned char)line[i]))
			i++;
		at[t->n++] = (struct token){.text = arena_strndup(a, line + start, i - start),
					    .column = start,
					    .length = i - start};
		t->end = i;
	}
}
