/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `banner motd ^C...^C`: text of several lines between two delimiters. What follows the first line
 * is collected, whoever types it, until the delimiter comes.
 */
#include "compiler/session/banner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/session/session_parts.h"

#define BANNER_MAX (COMMAND_LINE_MAX - 64)

static const struct {
	enum gram_key key;
	const char *kind;
} kinds[] = {
    {KEY_BANNER_EXEC, "exec"},
    {KEY_BANNER_INCOMING, "incoming"},
    {KEY_BANNER_LOGIN, "login"},
    {KEY_BANNER_MOTD, "motd"},
    {KEY_BANNER_PROMPT_TIMEOUT, "prompt-timeout"},
    {KEY_BANNER_SLIP_PPP, "slip-ppp"},
};

struct banner {
	const char *kind;
	char end[3]; /* the delimiter: one character, or ^C */
	bool too_long;
	unsigned number; /* of the line it began in */
	struct text text;
};

size_t
banner_delimiter(const char *text)
{
	return strncmp(text, BANNER_CARET_C, strlen(BANNER_CARET_C)) == 0 ? 2 : 1;
}

bool
session_in_banner(const struct config_session *s)
{
	return s->banner != NULL;
}

void
session_cancel(struct config_session *s)
{
	if (s->banner)
		text_fini(&s->banner->text);
	free(s->banner);
	s->banner = NULL;
}

/* Puts the banner into the configuration as one line, which has line ends in it. */
static void
take_banner(struct config_session *s)
{
	struct banner *b = s->banner;
	const char *text = text_string(&b->text);
	const char *end = strstr(text, BANNER_CARET_C) ? b->end : BANNER_CARET_C;
	unsigned last = s->number;
	char *line;
	size_t column;

	if (b->too_long) {
		session_refuse(s, "%% A banner has at most %d characters\n", BANNER_MAX);
		return;
	}
	line = x_asprintf("banner %s %s%s%s", b->kind, end, text, end);
	s->number = b->number;
	if (!session_take_in(s, line, NULL, &column))
		session_refuse(s, "%% This text cannot be a banner\n");
	s->number = last;
	free(line);
}

/* Adds a line to the banner; true when it held the delimiter. */
static bool
add_line(struct banner *b, const char *line)
{
	const char *end = strstr(line, b->end);
	size_t n = end ? (size_t)(end - line) : strlen(line);

	b->too_long |= b->text.n + n + 1 > BANNER_MAX;
	if (!b->too_long)
		text_add(&b->text, line, n);
	if (!b->too_long && !end)
		text_puts(&b->text, "\n");
	return end;
}

void
banner_line(struct config_session *s, const char *line)
{
	if (!add_line(s->banner, line))
		return;
	take_banner(s);
	session_cancel(s);
}

void
banner_refuse_open(struct config_session *s)
{
	session_refuse(s,
	               "%% The banner has no end: '%s' is missing, and all behind it is left out\n",
	               s->banner->end);
	session_cancel(s);
}

static const char *
kind_of(const struct command *cmd)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].key == (enum gram_key)cmd->entry->key)
			return kinds[i].kind;
	return NULL;
}

bool
banner_is(const struct command *cmd)
{
	return cmd->entry->verb == VERB_SET && !cmd->no && !cmd->dflt && kind_of(cmd);
}

void
banner_begin(struct config_session *s, const struct command *cmd)
{
	const char *typed = command_str(cmd, ARG_TEXT);
	size_t n = banner_delimiter(typed);

	s->banner = x_alloc(sizeof(*s->banner));
	s->banner->kind = kind_of(cmd);
	s->banner->number = s->number;
	memcpy(s->banner->end, typed, n);
	banner_line(s, typed + n);
	if (s->banner)
		session_say(s, "Enter TEXT message.  End with the character '%s'.\n",
		            s->banner->end);
}
