/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration text through a session: see script.h. */
#include "compiler/session/script.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/session/session_parts.h"

struct script {
	struct config_session *session;
	struct text told;                /* of the line at hand */
	char prompt[SESSION_PROMPT_MAX]; /* before it was read: Ctrl-Z at its end leaves the mode */
	enum parse why;
	unsigned column;
	script_report *report;
	void *arg;
	enum script_form form;
	bool orphaned;  /* the line that opens the mode was refused */
	bool separated; /* the line before was a "!" alone */
	/* the mode that the last line to open one has opened, and how far that was indented */
	const struct tnode *opened;
	size_t opened_at;
	bool flat; /* lines of that mode are indented as little as the one that opened it */
	struct script_count count;
};

static void
hear_note(void *arg, const char *text)
{
	text_puts(&((struct script *)arg)->told, text);
}

static void
hear_refusal(void *arg, const struct session_refusal *refusal)
{
	struct script *sc = arg;
	char prompt[SESSION_PROMPT_MAX];

	session_prompt(sc->session, NULL, prompt);
	session_refusal_text(sc->session, refusal, strlen(prompt), &sc->told);
	sc->why = refusal->why;
	sc->column =
	    refusal->why == PARSE_INVALID ? (unsigned)(refusal->offset + refusal->column) + 1 : 0;
}

/* Does the line ask for anything? */
static bool
says_nothing(const char *line)
{
	line += strspn(line, " \t");
	return !*line || *line == '!' || !strcmp(line, "end");
}

/*
 * Does the line stand under a refused one? Then it was not meant for the mode that the lines before
 * were in.
 */
static bool
is_orphan(struct script *sc, const char *line)
{
	if (*line != ' ' && !says_nothing(line))
		sc->orphaned = false;
	return sc->orphaned && *line == ' ' && !says_nothing(line) && !session_in_text(sc->session);
}

static void
report_line(struct script *sc, unsigned number, const char *line)
{
	struct script_refusal refusal = {.line = number,
	                                 .prompt = sc->prompt,
	                                 .text = line,
	                                 .message = text_string(&sc->told),
	                                 .why = sc->why,
	                                 .column = sc->column};

	sc->count.refused++;
	if (sc->report)
		sc->report(sc->arg, &refusal);
}

static void
read_line(struct script *sc, unsigned number, const char *line)
{
	struct config_session *s = sc->session;
	bool asked = session_in_text(s), refused = is_orphan(sc, line);

	/* `end` closes a configuration, but the lines that follow are configuration again */
	if (!asked && !s->place.at)
		session_configure(s);
	session_prompt(s, NULL, sc->prompt);
	text_clear(&sc->told);
	sc->why = PARSE_OK;
	sc->column = 0;
	if (refused) {
		text_puts(&sc->told, "% The line that this one belongs to was refused\n");
	} else {
		refused = session_line_at(s, line, number) == SESSION_REFUSED;
		/* A line without indentation may have opened a mode */
		sc->orphaned |= refused && *line != ' ' && !asked;
	}
	if (refused)
		report_line(sc, number, line);
	else if (asked || !says_nothing(line))
		sc->count.taken++;
}

static unsigned
depth_of(const struct tnode *context)
{
	unsigned depth = 0;

	while (context && (context = tnode_parent(context)))
		depth++;
	return depth;
}

/*
 * Does the line end the mode? "exit-address-family" is indented as little as the line that opened
 * the mode, `quit` may be indented in any way.
 */
static bool
ends_mode(const struct tnode *context, const char *line)
{
	const struct gram_entry *e = tnode_entry(context);
	const char *text = line + strspn(line, " \t");

	if (e && e->quit && !strcmp(text, "quit"))
		return true;
	return e && e->ends && !strcmp(text, e->ends) && depth_of(context) == strspn(line, " ") + 1;
}

static void
leave_modes(struct config_session *s, const char *line)
{
	while (s->place.at && depth_of(s->place.at) > strspn(line, " ") &&
	       !ends_mode(s->place.at, line))
		session_exit(s);
}

/*
 * A text that was typed tells its modes by its commands. Those that are only kept may be known in
 * several modes, so there what was rendered is told by its form: a "!" parts it from a mode, and a
 * line that is indented as little as the one that opened a mode is not in it. Where a mode that
 * does something has its lines at the margin, as they are typed, a "!" between them parts nothing:
 * a crypto map behind it must not get lost.
 */
static void
leave_kept_modes(struct script *sc, const char *line)
{
	struct config_session *s = sc->session;
	struct tnode *at = s->place.at;
	size_t indent = strspn(line, " ");

	if (says_nothing(line))
		return;
	if (sc->separated && !indent && !(at && at == sc->opened && sc->flat))
		session_leave_for_kept(s, line);
	else if (at && at == sc->opened && tnode_entry(at) && tnode_entry(at)->kept && indent &&
	         indent <= sc->opened_at && !ends_mode(at, line))
		session_exit(s);
}

/*
 * After a line: what the next one must know of it. before: the mode that it was read in, which the
 * line may have removed, and its depth.
 */
static void
note_form(struct script *sc, const char *line, const void *before, unsigned depth)
{
	const struct tnode *at = sc->session->place.at;

	if (!says_nothing(line) || !strcmp(line, "!"))
		sc->separated = *line == '!';
	if (at && at != before && depth_of(at) >= depth) {
		sc->opened = at;
		sc->opened_at = strspn(line, " ");
		sc->flat = false;
	} else if (at && at == sc->opened && tnode_entry(at) && !says_nothing(line)) {
		sc->flat |= !tnode_entry(at)->kept && strspn(line, " ") <= sc->opened_at;
	}
}

/* The first line of a text, without its end; the caller wipes and frees it. */
static char *
copy_line(const char *text, size_t *ret_n)
{
	size_t n = strcspn(text, "\n");
	char *line = x_memdup(text, n + 1);

	line[n && line[n - 1] == '\r' ? n - 1 : n] = 0;
	*ret_n = n;
	return line;
}

/* A banner that never ends has swallowed the rest of the text: its first line is refused. */
static void
refuse_open(struct script *sc, unsigned number, const char *text)
{
	size_t n;
	char *line;

	if (!session_in_banner(sc->session))
		return;
	line = copy_line(text, &n);
	session_prompt(sc->session, NULL, sc->prompt);
	text_clear(&sc->told);
	sc->why = PARSE_OK;
	sc->column = 0;
	banner_refuse_open(sc->session);
	report_line(sc, number, line);
	free(line);
}

static void
read_lines(struct script *sc, const char *text)
{
	const char *opened = text; /* the last line that began a banner */
	unsigned number = 0, opened_number = 0;

	while (*text) {
		bool within = session_in_banner(sc->session), asked = session_in_text(sc->session);
		const struct tnode *before;
		unsigned depth;
		size_t n;
		char *line = copy_line(text, &n);

		if (sc->form == SCRIPT_INDENTED && !asked)
			leave_modes(sc->session, line);
		else if (!asked)
			leave_kept_modes(sc, line);
		before = sc->session->place.at;
		depth = depth_of(before);
		read_line(sc, ++number, line);
		note_form(sc, line, before, depth);
		if (!within && session_in_banner(sc->session)) {
			opened = text;
			opened_number = number;
		}
		explicit_bzero(line, n);
		free(line);
		text += n + (text[n] == '\n');
	}
	refuse_open(sc, opened_number, opened);
}

struct script_count
script_read(const struct session_setup *setup, const char *text, enum script_form form,
            script_report *report, void *arg)
{
	struct script sc = {.form = form, .report = report, .arg = arg};
	struct session_setup own = *setup;

	own.told = (struct session_told){.say = hear_note, .refuse = hear_refusal, .arg = &sc};
	sc.session = session_new(&own);
	session_configure(sc.session);
	read_lines(&sc, text);
	session_free(sc.session);
	text_fini(&sc.told);
	return sc.count;
}
