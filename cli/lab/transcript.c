/* SPDX-License-Identifier: Apache-2.0 */
/* A document becomes steps: see transcript.h. The transcript's arena owns every string. */
#include "cli/lab/transcript.h"

#include <ctype.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_LEN  63
#define MODE_MAX_LEN  63
#define WAIT_MAX_SECS (10.0 * 365 * 86400)

struct reader {
	struct transcript *t;
	struct step *steps;
	size_t steps_capacity;
	struct transcript_error *errors;
	size_t errors_capacity;
	unsigned line;
};

/* --- text as people type it ------------------------------------------------------------------- */

/* What word processors put where a keyboard has ASCII. "(" and ")" of full width stay apart. */
static const struct {
	const char *utf8, *ascii;
} plain[] = {
    /* clang-format off */
    {"\xc2\xa0",     " "},
    {"\xe3\x80\x80", " "},
    {"\xe2\x80\x89", " "},
    {"\xe2\x80\xaf", " "},
    {"\xef\xbb\xbf", ""},
    {"\xe2\x80\x8b", ""},
    {"\xef\xbc\x83", "#"},
    {"\xef\xbc\x9e", ">"},
    {"\xe2\x80\x9c", "\""},
    {"\xe2\x80\x9d", "\""},
    {"\xef\xbc\x82", "\""},
    {"\xe2\x80\x98", "'"},
    {"\xe2\x80\x99", "'"},
    {"\xef\xbc\x87", "'"},
    /* clang-format on */
};

static const char wide_open[] = "\xef\xbc\x88", wide_close[] = "\xef\xbc\x89";

static char *
to_plain(struct arena *a, const char *s, size_t n)
{
	char *out = arena_alloc(a, n + 1);
	size_t o = 0, i = 0, k;

	while (i < n) {
		k = (unsigned char)s[i] < 0x80 ? ARRAY_SIZE(plain) : 0;
		for (; k < ARRAY_SIZE(plain); k++) {
			size_t len = strlen(plain[k].utf8);

			if (len <= n - i && memcmp(s + i, plain[k].utf8, len) == 0)
				break;
		}
		if (k < ARRAY_SIZE(plain)) {
			size_t len = strlen(plain[k].ascii);

			memcpy(out + o, plain[k].ascii, len);
			o += len;
			i += strlen(plain[k].utf8);
			continue;
		}
		/* Control characters, a CR before the line's end among them, are blanks. */
		out[o++] = (unsigned char)s[i] < 0x20 || s[i] == 0x7f ? ' ' : s[i];
		i++;
	}
	out[o] = '\0';
	return out;
}

static const char *
skip_blanks(const char *s)
{
	while (*s == ' ')
		s++;
	return s;
}

static const char *
trim_text(struct arena *a, const char *s, size_t n)
{
	while (n > 0 && *s == ' ') {
		s++;
		n--;
	}
	while (n > 0 && s[n - 1] == ' ')
		n--;
	return arena_strndup(a, s, n);
}

/* Past bullets ("- ", "* ", "+ ", a typographic one, "3. ", "3) ") and quotation bars. */
static const char *
skip_bullets(const char *s)
{
	static const char *const bullets[] = {"\xe2\x80\xa2", "\xc2\xb7",     "\xe2\x80\x93",
	                                      "\xe2\x80\x94", "\xe2\x97\xa6", "\xe2\x96\xaa",
	                                      "\xe2\x97\x8f", "\xe2\x80\xa3", "\xe2\x88\x92"};
	const char *start, *digits;

	do {
		start = s = skip_blanks(s);
		while (*s == '-' || *s == '*' || *s == '+' || *s == '|' || *s == '`')
			s++;
		for (size_t i = 0; i < ARRAY_SIZE(bullets); i++)
			if (strncmp(s, bullets[i], strlen(bullets[i])) == 0)
				s += strlen(bullets[i]);
		for (digits = s; isdigit((unsigned char)*digits);)
			digits++;
		if (digits > s && digits - s < 4 && (*digits == '.' || *digits == ')') &&
		    digits[1] == ' ')
			s = digits + 1;
	} while (s != start);
	return s;
}

/* --- prompts ---------------------------------------------------------------------------------- */

static bool
is_name(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_' || c == '.';
}

/* "(mode)", with parentheses of either width; NULL when s does not begin with one. */
static const char *
skip_mode(const char *s)
{
	size_t n = 0;

	if (*s == '(')
		s++;
	else if (strncmp(s, wide_open, 3) == 0)
		s += 3;
	else
		return NULL;
	while (is_name(s[n]) || s[n] == '/' || s[n] == ':')
		n++;
	if (n == 0 || n > MODE_MAX_LEN)
		return NULL;
	s += n;
	if (*s == ')')
		return s + 1;
	return strncmp(s, wide_close, 3) == 0 ? s + 3 : NULL;
}

static const char *
command_end(const char *s)
{
	for (const char *p = s; *p; p++)
		if ((p == s || p[-1] == ' ') &&
		    (strncmp(p, "//", 2) == 0 || strncmp(p, "<--", 3) == 0 ||
		     strncmp(p, wide_open, 3) == 0))
			return p;
	return s + strlen(s);
}

/* Reads a line with a prompt into *ret; false when it has none. */
static bool
read_prompt(struct arena *a, const char *line, struct step *ret)
{
	const char *name = skip_bullets(line), *s = name, *after;
	size_t n = 0;

	if (!isalpha((unsigned char)*name))
		return false;
	while (is_name(name[n]))
		n++;
	if (n > NAME_MAX_LEN || !isalnum((unsigned char)name[n - 1]))
		return false;
	s = name + n;
	after = skip_mode(skip_blanks(s));
	if (after) {
		ret->config = true;
		s = after;
	}
	/* A blank before > is prose ("a > b"), and configuration modes end in #. */
	if (*s == '>' && !ret->config)
		ret->user = true;
	else if (*(s = skip_blanks(s)) != '#')
		return false;
	s = skip_blanks(s + 1);
	ret->kind = STEP_TYPE;
	ret->node = arena_strndup(a, name, n);
	ret->text = trim_text(a, s, (size_t)(command_end(s) - s));
	return true;
}

/* `OR` alone, behind bullets. */
static bool
is_or(const char *s)
{
	return strncmp(s, "OR", 2) == 0 && !*skip_blanks(s + 2);
}

bool
transcript_line(struct arena *a, const char *line, struct step *ret)
{
	const char *text = to_plain(a, line, strlen(line));

	*ret = (struct step){.node = "", .text = ""};
	if (is_or(skip_bullets(text))) {
		ret->kind = STEP_OR;
		return true;
	}
	return read_prompt(a, text, ret);
}

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

/* "/regex/" to step->text; the message when it is none. */
static const char *
read_regex(struct reader *r, const char *s, struct step *step)
{
	const char *last = strrchr(s, '/');
	regex_t regex;
	char why[160];
	int error;

	if (*s != '/' || last == s)
		return "expect takes /a regular expression/ between slashes";
	if (*skip_blanks(last + 1))
		return arena_printf(r->t->arena, "\"%s\" after the regular expression",
		                    skip_blanks(last + 1));
	step->text = arena_strndup(r->t->arena, s + 1, (size_t)(last - s - 1));
	error = regcomp(&regex, step->text, REG_EXTENDED | REG_NEWLINE | REG_NOSUB);
	if (error) {
		regerror(error, &regex, why, sizeof(why));
		return arena_printf(r->t->arena, "/%s/: %s", step->text, why);
	}
	regfree(&regex);
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
	default:
		if (n != 1)
			return step->kind == STEP_CRASH ? "crash takes a node"
			                                : "boot takes a node";
		step->node = word[0];
		return NULL;
	}
}

static size_t
split_words(struct arena *a, const char *s, const char *word[static WORDS_MAX])
{
	size_t n = 0;

	for (s = skip_blanks(s); *s && n < WORDS_MAX; s = skip_blanks(s)) {
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
		                    "crash and boot are",
		                    word[0]));
		return false;
	}
	ret->kind = directives[i].kind;
	if (ret->kind == STEP_EXPECT || ret->kind == STEP_EXPECT_NOT)
		why = read_regex(r, skip_blanks(skip_blanks(s) + strlen(word[0])), ret);
	else
		why = read_operands(ret, n - 1, word + 1);
	if (why)
		add_error(r, why);
	return !why;
}

/* --- the whole -------------------------------------------------------------------------------- */

static void
read_line(struct reader *r, const char *raw, size_t n)
{
	const char *line = to_plain(r->t->arena, raw, n), *s = skip_bullets(line);
	struct step step = {.line = r->line, .node = "", .text = ""};

	if (strncmp(s, "!@", 2) == 0) {
		if (!read_directive(r, s + 2, &step))
			return;
	} else if (is_or(s)) {
		step.kind = STEP_OR;
	} else if (!read_prompt(r->t->arena, line, &step)) {
		step.kind = STEP_TEXT;
		step.config = step.user = false;
		step.text = trim_text(r->t->arena, line, strlen(line));
		if (!*step.text)
			return;
	}
	x_grow(&r->steps, &r->steps_capacity, r->t->n + 1, sizeof(*r->steps));
	r->steps[r->t->n++] = step;
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
	if (t->n)
		memcpy((void *)t->steps, r.steps, t->n * sizeof(*t->steps));
	t->errors = arena_alloc(arena, t->n_errors * sizeof(*t->errors));
	if (t->n_errors)
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
