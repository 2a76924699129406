/* SPDX-License-Identifier: Apache-2.0 */
/* What was compared, and what came of it: see comparison.h. */
#include "cli/lab/comparison.h"

#include <stdlib.h>
#include <string.h>

#include "cli/lab/compare.h"
#include "compiler/base/regular.h"
#include "compiler/base/text.h"
#include "compiler/session/prompt.h"

#define HERE_MAX 16 /* nodes that are looked at, of many that were typed it */

struct excuse {
	struct regular *regex;
	char *text, *reason;
	bool used;
};

struct here {
	const char *node, *text;
};

struct comparison {
	struct text account;
	size_t n_commands, n_alike, n_differing, n_excused;
	size_t n_excuses, excuses_capacity;
	struct excuse *excuses;

	/* the command under way; file: NULL: none */
	const char *file, *command;
	unsigned line;
	struct arena *arena; /* of all that follows */
	size_t n_here, here_capacity;
	struct here *here;
	size_t n_there, there_capacity;
	struct compare_line *there;
};

struct comparison *
comparison_new(void)
{
	return x_alloc(sizeof(struct comparison));
}

static void
forget_command(struct comparison *c)
{
	arena_free(c->arena);
	free(c->here);
	free(c->there);
	c->arena = NULL;
	c->here = NULL;
	c->there = NULL;
	c->file = NULL;
	c->n_here = c->here_capacity = c->n_there = c->there_capacity = 0;
}

void
comparison_free(struct comparison *c)
{
	if (!c)
		return;
	if (c->file)
		forget_command(c);
	for (size_t i = 0; i < c->n_excuses; i++) {
		regular_free(c->excuses[i].regex);
		free(c->excuses[i].text);
		free(c->excuses[i].reason);
	}
	free(c->excuses);
	text_fini(&c->account);
	free(c);
}

void
comparison_excuse(struct comparison *c, const char *regex, const char *reason)
{
	struct excuse e = {.regex = regular_new(regex, REGULAR_LINE, NULL)};

	if (!e.regex)
		return; /* transcript.c has looked at it */
	e.text = x_strdup(regex);
	e.reason = x_strdup(reason);
	x_grow(&c->excuses, &c->excuses_capacity, c->n_excuses + 1, sizeof(*c->excuses));
	c->excuses[c->n_excuses++] = e;
}

/* --- one command ------------------------------------------------------------------------------ */

void
comparison_begin(struct comparison *c, const char *file, unsigned line, const char *command)
{
	comparison_end(c);
	c->arena = arena_new();
	c->file = arena_strdup(c->arena, file);
	c->command = arena_strdup(c->arena, command);
	c->line = line;
}

void
comparison_here(struct comparison *c, const char *node, const char *text)
{
	if (!c->file || c->n_here == HERE_MAX)
		return;
	x_grow(&c->here, &c->here_capacity, c->n_here + 1, sizeof(*c->here));
	c->here[c->n_here++] =
	    (struct here){arena_strdup(c->arena, node), arena_strdup(c->arena, text)};
}

void
comparison_more(struct comparison *c, const char *node, const char *text)
{
	for (size_t i = 0; c->file && i < c->n_here; i++)
		if (strcmp(c->here[i].node, node) == 0)
			c->here[i].text = arena_printf(c->arena, "%s%s", c->here[i].text, text);
}

void
comparison_there(struct comparison *c, unsigned line, const char *text)
{
	if (!c->file || !text[strspn(text, " \t\r")] || c->n_there == COMPARE_LINES_MAX)
		return; /* a document's prose can be longer than what counts */
	x_grow(&c->there, &c->there_capacity, c->n_there + 1, sizeof(*c->there));
	c->there[c->n_there++] = (struct compare_line){
	    line, arena_strndup(c->arena, text, (size_t)(prompt_remark(text) - text))};
}

static struct excuse *
find_excuse(struct comparison *c, const struct compare_item *item)
{
	for (size_t i = 0; i < c->n_excuses; i++) {
		struct regular *regex = c->excuses[i].regex;

		if ((item->theirs && regular_matches(regex, item->theirs)) ||
		    (item->ours && regular_matches(regex, item->ours)))
			return &c->excuses[i];
	}
	return NULL;
}

static size_t
count_differing(const struct compared *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += compare_differs(&r->items[i]);
	return n;
}

static void
tell_item(struct comparison *c, const struct compare_item *item)
{
	struct excuse *excuse = NULL;

	if (compare_differs(item)) {
		excuse = find_excuse(c, item);
		c->n_excused += excuse != NULL;
		c->n_differing += !excuse;
	}
	if (item->theirs)
		text_printf(&c->account, "    %-9s %s\n",
		            item->kind == COMPARE_PROSE ? "text" : "document", item->theirs);
	if (item->ours)
		text_printf(&c->account, "    %-9s %s\n",
		            item->kind == COMPARE_MORE ? "more" : "here", item->ours);
	if (item->kind == COMPARE_LACKING)
		text_puts(&c->account, "    here      (nothing like it)\n");
	if (excuse) {
		excuse->used = true;
		text_printf(&c->account, "    reason    %s\n", excuse->reason);
	}
}

static size_t
count_kind(const struct compared *r, enum compare_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += r->items[i].kind == kind;
	return n;
}

static void
tell_compared(struct comparison *c, const char *node, const struct compared *r)
{
	const size_t differ = count_differing(r), more = count_kind(r, COMPARE_MORE);

	c->n_commands++;
	text_printf(&c->account, "  %s:%u: %s: %s: ", c->file, c->line, node, c->command);
	if (r->too_long) {
		c->n_differing++;
		text_printf(&c->account, "not compared: more than %d lines\n", COMPARE_LINES_MAX);
		return;
	}
	text_printf(&c->account, "%zu line%s alike, %zu differ%s", r->alike,
	            r->alike == 1 ? "" : "s", differ, differ == 1 ? "s" : "");
	if (more)
		text_printf(&c->account, ", %zu more here", more);
	text_puts(&c->account, "\n");
	c->n_alike += r->alike;
	for (size_t i = 0; i < r->n; i++)
		if (r->items[i].kind != COMPARE_PROSE)
			tell_item(c, &r->items[i]);
	for (size_t i = 0; i < r->n; i++)
		if (r->items[i].kind == COMPARE_PROSE) { /* the rest is like the first */
			tell_item(c, &r->items[i]);
			break;
		}
}

/* Sentences alone are no output. */
static bool
shows_output(const struct compared *r)
{
	return r->too_long || r->alike || count_differing(r);
}

void
comparison_end(struct comparison *c)
{
	struct compared best = {0};
	const char *node = NULL;

	if (!c->file)
		return;
	for (size_t i = 0; i < c->n_here && c->n_there; i++) {
		struct compared r;

		if (node && !best.too_long && !count_differing(&best))
			break;
		compare_texts(c->arena, c->there, c->n_there, c->here[i].text, &r);
		if (node && !best.too_long &&
		    (r.too_long || count_differing(&r) >= count_differing(&best)))
			continue;
		best = r;
		node = c->here[i].node;
	}
	if (node && shows_output(&best))
		tell_compared(c, node, &best);
	forget_command(c);
}

/* --- the account ------------------------------------------------------------------------------ */

void
comparison_print(const struct comparison *c, FILE *out)
{
	fprintf(out, "\nComparison\n%s", text_string(&c->account));
	for (size_t i = 0; i < c->n_excuses; i++)
		if (!c->excuses[i].used)
			fprintf(out, "  nothing differs for which a reason is given: /%s/\n",
			        c->excuses[i].text);
	fprintf(out,
	        "  all: %zu command%s compared: %zu line%s alike, %zu differ%s, %zu more for a "
	        "reason\n",
	        c->n_commands, c->n_commands == 1 ? "" : "s", c->n_alike,
	        c->n_alike == 1 ? "" : "s", c->n_differing, c->n_differing == 1 ? "s" : "",
	        c->n_excused);
}

size_t
comparison_differing(const struct comparison *c)
{
	return c->n_differing;
}
