/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Properties that every command of the grammar has, whoever adds it: each way through an entry is
 * accepted and cut short is incomplete; what is configured renders to text that gives the same
 * configuration; and `no` in front of the line leaves what was before it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/walk_tree.h"

#define WAYS_DEEP 9 /* words; longer ways only through their first alternatives */

/* --- ways through an entry -------------------------------------------------------------------- */

struct whole_way {
	const struct gram_entry *entry;
	char line[WALK_LINE];
	size_t n, words;
	uint16_t elems[64];
	void (*check)(const struct whole_way *w, bool whole);
};

static void
walk_elems(struct whole_way *w, uint16_t elem)
{
	const uint16_t *next = &gram_next[gram_elems[elem].next];
	size_t n = w->n;
	char buf[16];
	uint16_t i;

	for (i = 0; i < w->words; i++)
		if (w->elems[i] == elem)
			return; /* again */
	assert_true(w->words < ARRAY_SIZE(w->elems));
	w->elems[w->words++] = elem;
	w->n += (size_t)snprintf(w->line + n, WALK_LINE - n, "%s%s", n ? " " : "",
	                         walk_word(&gram_elems[elem], WALK_HIGH, buf));
	w->check(w, walk_ends(next));
	for (i = 0; i < next[0] && w->words <= WAYS_DEEP; i++)
		if (next[1 + i] != ELEM_END && (w->words < 6 || next[0] <= 3 || i < 2))
			walk_elems(w, next[1 + i]);
	w->words--;
	w->line[w->n = n] = '\0';
}

static void
walk_ways(struct whole_way *w)
{
	const uint16_t *first = &gram_next[w->entry->first];
	uint16_t i;

	for (i = 0; i < first[0]; i++)
		walk_elems(w, first[1 + i]);
}

static void
walk_all(void (*check)(const struct whole_way *w, bool whole))
{
	uint16_t i;

	for (i = 0; i < gram_entry_count; i++) {
		struct whole_way w = {.entry = &gram_entries[i], .check = check};

		if (w.entry->verb != VERB_DROP)
			walk_ways(&w);
	}
}

/* --- the properties --------------------------------------------------------------------------- */

static unsigned ways;

static void
check_taken(const struct whole_way *w, bool whole)
{
	struct arena *a = arena_new();
	struct command c;
	size_t column;
	enum parse got = command_parse((enum gram_mode)w->entry->mode, w->line, a, &c, &column);

	/* What is cut short may still be all of another command, "server" of none. */
	if (whole ? got != PARSE_OK : got != PARSE_OK && got != PARSE_INCOMPLETE)
		fail_msg("mode %s: \"%s\": %d at %zu", gram_modes[w->entry->mode].name, w->line,
		         got, column);
	arena_free(a);
	ways++;
}

/*
 * Is it this entry's business? A command that is only kept gives way where one that acts knows, or
 * half knows, the line: "ip ssh version 3" is wrong since there is "ip ssh version".
 */
static bool
gives_way(const struct whole_way *w)
{
	struct arena *a = arena_new();
	struct command c;
	size_t column;
	bool gives = w->entry->kept && (command_parse((enum gram_mode)walk_typed_in(w->entry->mode),
	                                              w->line, a, &c, &column) != PARSE_OK ||
	                                c.entry != w->entry);

	arena_free(a);
	return gives;
}

static void
check_kept(const struct whole_way *w, bool whole)
{
	struct tree *t, *again;
	struct tnode *start, *context;
	char *before, *with, *second, *after, undo[WALK_LINE + 8], wrong[WALK_LINE];

	if (!whole || w->entry->verb == VERB_DO || is_flat(w->entry->mode) || gives_way(w))
		return;
	t = tree_new_in(root_of(w->entry->mode));
	assert_true(go_to_mode(t, &start, w->entry->mode));
	before = render_tree(t);
	context = start;
	if (type_line(t, &context, w->line) < 0)
		fail_msg("mode %s: \"%s\" is not taken", gram_modes[w->entry->mode].name, w->line);
	with = render_tree(t);
	again = type_text(root_of(w->entry->mode), with, wrong);
	if (!again)
		fail_msg("rendered, but not taken: \"%s\"", wrong);
	second = render_tree(again);
	assert_string_equal(second, with);

	context = start;
	snprintf(undo, sizeof(undo), "no %s", w->line);
	if (type_line(t, &context, undo) < 0)
		fail_msg("\"%s\" is not taken", undo);
	after = render_tree(t);
	if (w->entry->on) {
		/* On by default: `no` is what is kept, and the line itself takes that back. */
		assert_string_not_equal(after, before);
		context = start;
		assert_true(type_line(t, &context, w->line) >= 0);
		free(after);
		after = render_tree(t);
	}
	if (w->entry->either) {
		/* `no` is kept as well, and `default` forgets both. */
		assert_string_not_equal(after, with);
		context = start;
		snprintf(undo, sizeof(undo), "default %s", w->line);
		assert_true(type_line(t, &context, undo) >= 0);
		free(after);
		after = render_tree(t);
	}
	if (strcmp(after, before))
		fail_msg("\"%s\" leaves\n%s", undo, after);
	free(before);
	free(with);
	free(second);
	free(after);
	tree_free(t);
	tree_free(again);
	ways++;
}

static void
every_way_is_taken(void **state)
{
	(void)state;
	ways = 0;
	walk_all(check_taken);
	assert_true(ways > gram_entry_count);
}

static void
every_way_is_kept_and_undone(void **state)
{
	(void)state;
	ways = 0;
	walk_all(check_kept);
	assert_true(ways > 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_way_is_taken),
	    cmocka_unit_test(every_way_is_kept_and_undone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
