/* SPDX-License-Identifier: Apache-2.0 */
/* A document becomes steps: see transcript.h. The transcript's arena owns every string. */
#include "cli/lab/transcript.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/regular.h"
#include "compiler/session/prompt.h"

#define WAIT_MAX_SECS (10.0 * 365 * 86400)
#define SLOW_MAX      4000 /* milliseconds: what takes longer arrives when nobody waits any more */

struct reader {
	struct transcript *t;
	struct step *steps;
	size_t steps_capacity;
	struct transcript_error *errors;
	size_t errors_capacity;
	unsigned line;
	unsigned n_reasons; /* `differs` */
};

/* --- directives ------------------------------------------------------------------------------- */

#define WORDS_MAX 7

static void
add_error(struct reader *r, const char *message)
{
	x_grow(&r->errors, &r->errors_capacity, r->t->n_errors + 1, sizeof(*r->errors));
	r->errors[r->t->n_errors++] =
	    (struct transcript_error){.line = r->line, .message = message};
}

static bool
read_number(const char *s, const char *end, double max, double *ret)
{
	char *after;
	double value;

	if (!isdigit((unsigned char)*s)) /* no signs, no "nan", no hex */
		return false;
	for (const char *p = s; *p; p++)
		if (isalpha((unsigned char)*p))
			return false;
	value = strtod(s, &after);
	if (strcmp(after, end) != 0 || !(value >= 0 && value <= max))
		return false;
	*ret = value;
	return true;
}

#define REASONS_MAX 100 /* in a document */

/* "/regex/" to step->text; the message when it is none. */
static const char *
read_regex(struct reader *r, const char *s, struct step *step)
{
	const char *last = strrchr(s, '/');
	const enum regular_kind kind = step->kind == STEP_DIFFERS ? REGULAR_LINE : REGULAR_LINES;
	struct regular *regex;
	char why[REGULAR_WHY];

	if (*s != '/' || last == s)
		return step->kind == STEP_DIFFERS
		           ? "differs takes /a regular expression/ between slashes, and a reason"
		           : "expect takes /a regular expression/ between slashes";
	step->reason = prompt_trim(r->t->arena, last + 1, strlen(last + 1));
	if (step->kind == STEP_DIFFERS && !*step->reason)
		return "differs takes a reason behind the regular expression";
	if (step->kind != STEP_DIFFERS && *step->reason)
		return arena_printf(r->t->arena, "\"%s\" after the regular expression",
		                    prompt_skip_blanks(last + 1));
	step->text = arena_strndup(r->t->arena, s + 1, (size_t)(last - s - 1));
	if (step->kind == STEP_DIFFERS && r->n_reasons++ >= REASONS_MAX)
		return arena_printf(r->t->arena, "a document gives %d reasons at most",
		                    REASONS_MAX);
	regex = regular_new(step->text, kind, why);
	if (!regex)
		return arena_printf(r->t->arena, "/%s/: %s", step->text, why);
	regular_free(regex);
	return NULL;
}

static bool
read_faults(struct step *step, size_t n, const char *const *word)
{
	static const char *const names[] = {"loss", "duplicate", "reorder"};
	double number;
	size_t at = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (i && (at >= n || strcmp(word[at], names[i]) != 0))
			continue;
		at += i > 0;
		if (at >= n || !read_number(word[at++], "%", 100, &number))
			return false;
		step->faults[i] = number / 100;
	}
	return at == n;
}

/* The words after the directive's own; the message when they do not fit. */
static const char *
read_operands(struct step *step, size_t n, const char *const *word)
{
	double number;

	switch (step->kind) {
	case STEP_WAIT:
		if (n != 1 || !read_number(word[0], "", WAIT_MAX_SECS, &number))
			return "wait takes a number of seconds";
		step->wait = (msec)(number * 1000 + 0.5);
		return NULL;
	case STEP_LOSS:
		return read_faults(step, n, word)
		           ? NULL
		           : "loss takes a percentage, as in: loss 10% duplicate 1% reorder 1%";
	case STEP_LINK:
		if (n != 3 || (strcmp(word[2], "up") != 0 && strcmp(word[2], "down") != 0))
			return "link takes a node, an interface, and up or down";
		step->node = word[0];
		step->text = word[1];
		step->up = strcmp(word[2], "up") == 0;
		return NULL;
	case STEP_STORE:
		if (n == 3 && strcmp(word[1], "slow") == 0 &&
		    read_number(word[2], "", SLOW_MAX, &number)) {
			step->kind = STEP_STORE_SLOW;
			step->node = word[0];
			step->wait = (msec)number;
			return NULL;
		}
		if (n != 2 || (strcmp(word[1], "up") != 0 && strcmp(word[1], "down") != 0))
			return "store takes a node, and up, down, or slow and 0 to 4000 "
			       "milliseconds";
		step->node = word[0];
		step->up = strcmp(word[1], "up") == 0;
		return NULL;
	case STEP_COMPARE:
		return n ? "compare takes nothing" : NULL;
	default:
		if (n != 1)
			return step->kind == STEP_CRASH   ? "crash takes a node"
			       : step->kind == STEP_BLOCK ? "type takes a node"
			                                  : "boot takes a node";
		step->node = word[0];
		return NULL;
	}
}

static size_t
split_words(struct arena *a, const char *s, const char *word[static WORDS_MAX])
{
	size_t n = 0;

	for (s = prompt_skip_blanks(s); *s && n < WORDS_MAX; s = prompt_skip_blanks(s)) {
		size_t len = strcspn(s, " ");

		word[n++] = arena_strndup(a, s, len);
		s += len;
	}
	return n;
}

/* s stands after "!@". False, and an error, when the directive is none. */
static bool
read_directive(struct reader *r, const char *s, struct step *ret)
{
	static const struct {
		const char *name;
		enum step_kind kind;
	} directives[] = {
	    /* clang-format off */
	    {"wait",       STEP_WAIT},
	    {"expect",     STEP_EXPECT},
	    {"expect-not", STEP_EXPECT_NOT},
	    {"link",       STEP_LINK},
	    {"loss",       STEP_LOSS},
	    {"crash",      STEP_CRASH},
	    {"boot",       STEP_BOOT},
	    {"store",      STEP_STORE},
	    {"type",       STEP_BLOCK},
	    {"compare",    STEP_COMPARE},
	    {"differs",    STEP_DIFFERS},
	    /* clang-format on */
	};
	const char *word[WORDS_MAX] = {""}, *why = NULL;
	size_t n = split_words(r->t->arena, s, word), i = 0;

	while (i < ARRAY_SIZE(directives) && strcmp(word[0], directives[i].name) != 0)
		i++;
	if (i == ARRAY_SIZE(directives)) {
		add_error(
		    r, arena_printf(r->t->arena,
		                    "\"%s\" is no directive: wait, expect, expect-not, link, loss, "
		                    "crash, boot, store, type, compare and differs are",
		                    word[0]));
		return false;
	}
	ret->kind = directives[i].kind;
	if (ret->kind == STEP_EXPECT || ret->kind == STEP_EXPECT_NOT || ret->kind == STEP_DIFFERS)
		why =
		    read_regex(r, prompt_skip_blanks(prompt_skip_blanks(s) + strlen(word[0])), ret);
	else
		why = read_operands(ret, n - 1, word + 1);
	if (why)
		add_error(r, why);
	return !why;
}

/* --- the whole -------------------------------------------------------------------------------- */

static void
add_step(struct reader *r, const struct step *step)
{
	x_grow(&r->steps, &r->steps_capacity, r->t->n + 1, sizeof(*r->steps));
	r->steps[r->t->n++] = *step;
}

/* Consoles echo Ctrl-Z: the line before it was entered, and configuration left. */
static void
add_typed(struct reader *r, struct step *step)
{
	size_t n = strlen(step->text);
	bool leaves = n >= 2 && strcmp(step->text + n - 2, "^Z") == 0;

	if (leaves)
		step->text = prompt_trim(r->t->arena, step->text, n - 2);
	if (*step->text || !leaves || !step->config)
		add_step(r, step);
	if (leaves && step->config) {
		step->text = "end";
		add_step(r, step);
	}
}

static void
read_line(struct reader *r, const char *raw, size_t n)
{
	const char *line = prompt_plain(r->t->arena, raw, n), *s = prompt_skip_bullets(line);
	struct step step = {.line = r->line, .node = "", .text = "", .reason = ""};
	struct prompted prompted;

	if (strncmp(s, "!@", 2) == 0) {
		if (!read_directive(r, s + 2, &step))
			return;
	} else if (prompt_is_or(s)) {
		step.kind = STEP_OR;
	} else if (prompt_read(r->t->arena, line, &prompted)) {
		step.kind = STEP_TYPE;
		step.node = prompted.name;
		step.text = prompted.command;
		step.config = prompted.config;
		step.user = prompted.user;
		add_typed(r, &step);
		return;
	} else {
		step.kind = STEP_TEXT;
		step.text = prompt_trim(r->t->arena, line, strlen(line));
		step.indented = *line == ' ';
	}
	add_step(r, &step);
}

struct transcript *
transcript_parse(const char *file, const char *text, size_t n)
{
	struct arena *arena = arena_new();
	struct transcript *t = arena_alloc(arena, sizeof(*t));
	struct reader r = {.t = t};

	t->arena = arena;
	t->file = arena_strdup(arena, file);
	if (n > TRANSCRIPT_SIZE_MAX) {
		add_error(&r, "the document is too long");
		n = 0;
	}
	for (size_t at = 0; at < n;) {
		const char *end = memchr(text + at, '\n', n - at);
		size_t len = end ? (size_t)(end - (text + at)) : n - at;

		r.line++;
		read_line(&r, text + at, len);
		at += len + 1;
	}
	t->steps = arena_alloc(arena, t->n * sizeof(*t->steps));
	if (r.steps)
		memcpy((void *)t->steps, r.steps, t->n * sizeof(*t->steps));
	t->errors = arena_alloc(arena, t->n_errors * sizeof(*t->errors));
	if (r.errors)
		memcpy((void *)t->errors, r.errors, t->n_errors * sizeof(*t->errors));
	free(r.steps);
	free(r.errors);
	return t;
}

void
transcript_free(struct transcript *t)
{
	if (t)
		arena_free(t->arena);
}
