/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines that were copied out of a document or a terminal together with their prompts: `-
 * R1(config)# hostname R1 // a remark`. Pasted into a session they do what they did there. A line
 * with another device's prompt is refused: such documents show the lines of several devices side by
 * side.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "compiler/session/prompt.h"
#include "compiler/session/session_parts.h"

/* Documents write "Rx" for R3 and R4. */
static bool
stands_for(const char *pattern, const char *name)
{
	size_t n = strlen(pattern) - 1;

	if (!n || tolower((unsigned char)pattern[n]) != 'x' || strncasecmp(pattern, name, n) != 0)
		return false;
	name += n;
	return *name && name[strspn(name, "0123456789")] == '\0';
}

static bool
is_ours(const struct config_session *s, const char *name)
{
	const char *names[] = {session_hostname(s), s->setup.name, "Router"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcasecmp(name, names[i]) || (i < 2 && stands_for(name, names[i])))
			return true;
	return false;
}

/*
 * Asks whether the user may use `configure terminal`: a pasted prompt gives nobody a mode that they
 * could not enter by themselves.
 */
static bool
may_configure(struct config_session *s)
{
	const char *line = "configure terminal";
	struct arena *a = arena_new();
	struct command cmd;
	size_t column;
	bool may =
	    !s->setup.hooks.parse || s->setup.hooks.parse(s->setup.hooks.arg, s->kind->enable,
	                                                  &line, a, &cmd, &column) == PARSE_OK;

	arena_free(a);
	return may;
}

static void
enter_mode_of(struct config_session *s, const struct prompted *prompted)
{
	if (!prompted->config)
		session_end(s);
	else if (!s->place.at && may_configure(s)) {
		session_configure(s);
		s->number = 1; /* this line */
	}
}

/*
 * The column at which the command begins in the line. The command may have been made plain
 * (prompt_plain), so that the line need not contain its text.
 */
static size_t
offset_of(const char *line, const char *command)
{
	const char *at = *command ? strstr(line, command) : NULL;

	return at && at > line ? (size_t)(at - line) : 1;
}

static void
read_without_prompt(struct config_session *s, const char *line, const struct prompted *prompted)
{
	enter_mode_of(s, prompted);
	if (!s->told_of_prompts)
		session_say(s, "%% Note: prompts in front of commands are passed over.\n");
	s->told_of_prompts = true;
	session_read_at(s, prompted->command, offset_of(line, prompted->command));
}

bool
pasted_line(struct config_session *s, const char *line, bool kept)
{
	struct arena *a = arena_new();
	const char *plain = prompt_plain(a, line, strlen(line));
	struct prompted prompted;
	bool is = prompt_is_or(plain), ours;

	if (is || !prompt_read(a, plain, &prompted))
		goto out;
	ours = is_ours(s, prompted.name);
	is = !*prompted.command || !kept || ours || prompted.config; /* `description #1` */
	if (!is || !*prompted.command)
		goto out;
	/* A device without a configured name accepts any prompt */
	if (ours || strcmp(session_hostname(s), "Router") == 0)
		read_without_prompt(s, line, &prompted);
	else
		session_refuse(s, "%% The prompt is %s's, this is %s: passed over.\n",
		               prompted.name, session_hostname(s));
out:
	arena_free(a);
	return is;
}
