/* SPDX-License-Identifier: Apache-2.0 */
/* Filters and a file behind a command: see pipeline.h. */
#include "cli/shell/pipeline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/device/router_files.h"
#include "cli/files/files.h"
#include "cli/shell/pipe.h"

#define STAGES_MAX 8

struct pipeline {
	struct router *router;
	size_t n;
	struct pipe *stages[STAGES_MAX];
	char *file; /* as typed; NULL: none */
	bool append, tee, too_long;
	struct text kept; /* for the file */
	pipeline_out *out;
	void *arg;
};

/* --- taking it apart -------------------------------------------------------------------------- */

/* The bar that begins the next stage; NULL: none. */
static const char *
next_bar(const char *s)
{
	for (; (s = strstr(s, " |")); s += 2) {
		struct arena *a = arena_new();
		struct command cmd;
		size_t column;
		bool stage =
		    s[2] == ' ' && command_parse(MODE_PIPE, s + 2, a, &cmd, &column) == PARSE_OK;

		arena_free(a);
		if (stage)
			return s + 1;
	}
	return NULL;
}

/* The bar behind a stage: behind `json` and `yaml` nothing else may stand. */
static const char *
bar_behind(const struct command *stage)
{
	bool whole = stage->entry->handler == H_PIPE_JSON || stage->entry->handler == H_PIPE_YAML;
	const char *rest = command_str(stage, ARG_REGEX);

	if (!rest)
		return NULL;
	return whole && !strncmp(rest, "| ", 2) ? rest : next_bar(rest);
}

bool
pipeline_writes(const struct command *first, size_t *ret_column)
{
	struct arena *a = arena_new();
	const struct command *stage = first;
	struct command next;
	size_t begin = 0, column;
	const char *bar;
	bool writes;

	while ((bar = bar_behind(stage))) {
		const struct value *rest = command_value(stage, ARG_REGEX, 0);

		begin += rest->column + (size_t)(bar + 1 - rest->text);
		if (command_parse(MODE_PIPE, bar + 1, a, &next, &column) != PARSE_OK)
			break; /* pipeline_new refuses it */
		stage = &next;
	}
	writes = command_has(stage, ARG_URL);
	if (writes)
		*ret_column = begin + stage->values[0].column;
	arena_free(a);
	return writes;
}

/*
 * The end of "include" or "exclude" behind `section`, if it stands there, abbreviated to "in" at
 * least.
 */
static const char *
section_word(const char *s, const char *word)
{
	size_t n = strcspn(s, " ");

	if (n < 2 || strncasecmp(word, s, n) != 0 || !s[n + strspn(s + n, " ")])
		return NULL;
	return s + n + strspn(s + n, " ");
}

static bool
add_filter(struct pipeline *p, const struct command *cmd, const char *regex,
           char why[static PIPELINE_WHY])
{
	const char *rest = regex, *after;
	char problem[PIPE_WHY] = "";
	bool inverted = false;

	if (cmd->entry->handler == H_PIPE_SECTION) {
		if ((after = section_word(regex, "exclude"))) {
			inverted = true;
			rest = after;
		} else if ((after = section_word(regex, "include"))) {
			rest = after;
		}
	}
	p->stages[p->n] = pipe_new(cmd->values[0].text, inverted, rest, problem);
	if (p->stages[p->n])
		p->n++;
	else
		snprintf(why, PIPELINE_WHY, "%% Bad regular expression \"%.300s\": %s\n", rest,
		         problem);
	return !*why;
}

static bool
add_file(struct pipeline *p, const struct command *cmd, char why[static PIPELINE_WHY])
{
	const char *url = command_str(cmd, ARG_URL);
	struct file_name name;

	switch (file_name_parse(url, &name)) {
	case FILE_REMOTE:
		snprintf(why, PIPELINE_WHY, "%%Error opening %.300s (%s)\n", url,
		         file_error(-EOPNOTSUPP));
		return false;
	case FILE_RUNNING: /* a show's output is not a configuration that could be merged */
	case FILE_BAD:
		snprintf(why, PIPELINE_WHY, "%%Error opening %.300s (%s)\n", url,
		         file_error(-EINVAL));
		return false;
	case FILE_STARTUP:
		if (router_is_loading(p->router)) {
			snprintf(why, PIPELINE_WHY, "%s", ROUTER_LOADING);
			return false;
		}
		break;
	default:
		break;
	}
	p->file = x_strdup(url);
	p->tee = cmd->entry->handler == H_PIPE_TEE;
	p->append = cmd->entry->handler == H_PIPE_APPEND || command_has(cmd, ARG_APPEND);
	return true;
}

/* One stage, and what comes behind it. */
static bool
add_stages(struct pipeline *p, const struct command *cmd, struct arena *a,
           char why[static PIPELINE_WHY])
{
	struct command next;

	for (;;) {
		const char *regex = command_str(cmd, ARG_REGEX), *bar = NULL;
		size_t column, n;

		if (p->n == STAGES_MAX) {
			snprintf(why, PIPELINE_WHY, "%% No more than %d filters\n", STAGES_MAX);
			return false;
		}
		if (command_has(cmd, ARG_URL))
			return add_file(p, cmd, why);
		if (regex)
			bar = next_bar(regex);
		else
			regex = ""; /* `count` of all lines */
		n = bar ? (size_t)(bar - 1 - regex) : strlen(regex);
		if (!add_filter(p, cmd, arena_strndup(a, regex, n), why))
			return false;
		if (!bar)
			return true;
		command_parse(MODE_PIPE, bar + 1, a, &next,
		              &column); /* next_bar has seen it is one */
		cmd = &next;
	}
}

struct pipeline *
pipeline_new(struct router *r, const struct command *first, char why[static PIPELINE_WHY])
{
	struct pipeline *p = x_alloc(sizeof(*p));
	struct arena *a = arena_new();

	p->router = r;
	*why = '\0';
	if (!add_stages(p, first, a, why)) {
		pipeline_free(p);
		p = NULL;
	}
	arena_free(a);
	return p;
}

void
pipeline_free(struct pipeline *p)
{
	if (!p)
		return;
	while (p->n)
		pipe_free(p->stages[--p->n]);
	text_fini(&p->kept);
	free(p->file);
	free(p);
}

/* --- text on its way -------------------------------------------------------------------------- */

struct hop {
	struct pipeline *p;
	size_t stage; /* the stage that the text goes to next */
};

static void
pass_on(void *arg, const char *text, size_t n)
{
	const struct hop *hop = arg;
	struct pipeline *p = hop->p;
	struct hop next = {p, hop->stage + 1};

	if (hop->stage < p->n) {
		pipe_write(p->stages[hop->stage], text, n, pass_on, &next);
		return;
	}
	if (p->file && p->kept.n + n > FILES_SIZE_MAX)
		p->too_long = true;
	else if (p->file)
		text_add(&p->kept, text, n);
	if (!p->file || p->tee)
		p->out(p->arg, text, n);
}

void
pipeline_write(struct pipeline *p, const char *text, size_t n, pipeline_out *out, void *arg)
{
	struct hop first = {p, 0};

	p->out = out;
	p->arg = arg;
	pass_on(&first, text, n);
}

static void
write_file(struct pipeline *p)
{
	const struct span text = {(const uint8_t *)p->kept.p, p->kept.n};
	char message[PIPELINE_WHY];
	int error, n;

	if (p->too_long)
		error = -EFBIG;
	else if (p->append)
		error = router_file_append(p->router, p->file, text);
	else
		error = router_file_write(p->router, p->file, text);
	if (!error)
		return;
	n = snprintf(message, sizeof(message), "%%Error writing %.300s (%s)\n", p->file,
	             file_error(error));
	p->out(p->arg, message, (size_t)n);
}

void
pipeline_end(struct pipeline *p, pipeline_out *out, void *arg)
{
	p->out = out;
	p->arg = arg;
	for (size_t i = 0; i < p->n; i++) {
		struct hop next = {p, i + 1};

		pipe_end(p->stages[i], pass_on, &next);
	}
	if (p->file)
		write_file(p);
}
