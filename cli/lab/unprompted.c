/* SPDX-License-Identifier: Apache-2.0 */
/* See unprompted.h. */
#include "cli/lab/unprompted.h"

#include <ctype.h>
#include <string.h>

#include "compiler/grammar/command.h"
#include "compiler/session/prompt.h"

bool
unprompted_is_command(const struct device_kind *kind, const char *line)
{
	struct arena *a;
	struct command cmd;
	size_t column;
	bool is;

	if (!strchr(line, ' ') || strncmp(line, "do ", 3) == 0)
		return false;
	a = arena_new();
	is = command_parse(kind->config, line, a, &cmd, &column) == PARSE_OK && !cmd.entry->kept;
	arena_free(a);
	return is;
}

static bool
is_blank(const struct step *s)
{
	return s->kind == STEP_TEXT && (!*s->text || *s->text == '!');
}

const char *
unprompted_heading(struct arena *a, const struct transcript *t, size_t at, const char **ret_next)
{
	const char *s = t->steps[at].text, *end;
	size_t next = at + 1;

	s += strspn(s, "#*_ ");
	end = s + strcspn(s, ":");
	if (t->steps[at].kind != STEP_TEXT || !*end || end == s || end[1 + strspn(end + 1, "*_ ")])
		return NULL;
	for (const char *c = s; c < end; c++)
		if (!isalnum((unsigned char)*c) && !strchr("-_.", *c))
			return NULL;
	while (next < t->n && is_blank(&t->steps[next]))
		next++;
	if (next == t->n || t->steps[next].kind != STEP_TEXT)
		return NULL;
	*ret_next = t->steps[next].text;
	return arena_strndup(a, s, (size_t)(end - s));
}

bool
unprompted_is_output_of(const struct step *step)
{
	const char *s = step->text;

	if (step->config)
		return strncmp(s, "do ", 3) == 0 || strncmp(s, "sh ", 3) == 0 ||
		       strncmp(s, "sho", 3) == 0 || strncmp(s, "ping", 4) == 0 ||
		       strncmp(s, "packet-tracer", 13) == 0;
	return *s && strncmp(s, "conf", 4) != 0 && strncmp(s, "en", 2) != 0;
}
