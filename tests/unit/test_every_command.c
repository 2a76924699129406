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

#include "compiler/device/device_kind.h"
#include "tests/unit/render_tree.h"

#define LINE_SIZE 2048
#define WAYS_DEEP 9 /* words; longer ways only through their first alternatives */
#define NO_PARSE  (-1)

/* --- trees and text --------------------------------------------------------------------------- */

/* Types a configuration command: its verdict, or NO_PARSE. */
static int
type_line(struct tree *t, struct tnode **context, const char *line)
{
	struct arena *a = arena_new();
	int verdict = NO_PARSE;
	struct command c;
	size_t column;
	enum parse p = command_parse(tnode_mode(*context), line, a, &c, &column);

	if (p == PARSE_EMPTY)
		verdict = TREE_SAME;
	else if (p == PARSE_OK && c.entry->verb != VERB_DO)
		verdict = (int)tree_apply(t, context, &c, 1);
	else if (p == PARSE_OK && c.entry->handler == H_CONFIG_EXIT) {
		*context = tnode_parent(*context);
		verdict = TREE_SAME;
	}
	arena_free(a);
	return verdict;
}

/* The mode in which the configuration begins that a mode is of: a router's, a firewall's. */
static enum gram_mode
root_of(uint16_t mode)
{
	while (gram_modes[mode].parent != mode)
		mode = gram_modes[mode].parent;
	return device_kind_in((enum gram_mode)mode) ? (enum gram_mode)mode : MODE_CONFIG;
}

/* Lines that are typed as a whole with their container's: the shell takes them apart. */
static bool
is_flat(uint16_t mode)
{
	for (uint16_t i = 0; i < gram_entry_count; i++)
		if (gram_entries[i].flat && gram_entries[i].target == mode)
			return true;
	return false;
}

static struct tree *
type_text(enum gram_mode root, const char *text)
{
	struct tree *t = tree_new_in(root);
	struct tnode *context = tree_root(t);
	char *copy = x_strdup(text), *rest = copy, *line;

	while ((line = strsep(&rest, "\n")))
		if (strcmp(line, "end") && type_line(t, &context, line) == NO_PARSE)
			fail_msg("rendered, but not taken: \"%s\"", line);
	free(copy);
	return t;
}

/* --- ways through an entry -------------------------------------------------------------------- */

/* A word that fits an element. */
static const char *
sample_word(const struct gram_elem *e, char buf[static 16])
{
	switch (e->type) {
	case TYPE_KEYWORD:
		return e->text;
	case TYPE_NUMBER:
		snprintf(buf, 16, "%u", e->max);
		return buf;
	case TYPE_IPV4:
		return "10.1.2.3";
	case TYPE_MASK:
		return "255.255.255.0";
	case TYPE_WILDCARD:
		return "0.0.0.255";
	case TYPE_TCP_PORT:
	case TYPE_UDP_PORT:
		return "848";
	case TYPE_INTERFACE:
		return "Loopback7";
	case TYPE_HEX:
		return "30820A0b";
	default:
		return "Zz9";
	}
}

static bool
may_end(const uint16_t *next)
{
	uint16_t i;

	for (i = 0; i < next[0]; i++)
		if (next[1 + i] == ELEM_END)
			return true;
	return false;
}

struct way {
	const struct gram_entry *entry;
	char line[LINE_SIZE];
	size_t n, words;
	uint16_t elems[64];
	void (*check)(const struct way *w, bool whole);
	bool done; /* one is enough */
	bool one;
};

static void
walk_elems(struct way *w, uint16_t elem)
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
	w->n += (size_t)snprintf(w->line + n, LINE_SIZE - n, "%s%s", n ? " " : "",
	                         sample_word(&gram_elems[elem], buf));
	if (!w->one || may_end(next))
		w->check(w, may_end(next));
	if (w->one && may_end(next))
		w->done = true;
	for (i = 0; i < next[0] && !w->done && w->words <= WAYS_DEEP; i++)
		if (next[1 + i] != ELEM_END && (w->words < 6 || next[0] <= 3 || i < 2))
			walk_elems(w, next[1 + i]);
	w->words--;
	if (!w->done)
		w->line[w->n = n] = '\0';
}

static void
walk_entry(struct way *w)
{
	const uint16_t *first = &gram_next[w->entry->first];
	uint16_t i;

	for (i = 0; i < first[0] && !w->done; i++)
		walk_elems(w, first[1 + i]);
}

static void
walk_all(void (*check)(const struct way *w, bool whole))
{
	uint16_t i;

	for (i = 0; i < gram_entry_count; i++) {
		struct way w = {.entry = &gram_entries[i], .check = check};

		if (w.entry->verb != VERB_DROP)
			walk_entry(&w);
	}
}

static void
ignore_way(const struct way *w, bool whole)
{
	(void)w;
	(void)whole;
}

/* The mode in which the entries of another are looked for, too; itself: none. */
static uint16_t
typed_in(uint16_t mode)
{
	uint16_t i;

	for (i = 0; i < MODE_COUNT; i++)
		if (i != mode && (gram_modes[i].otherwise == mode || gram_modes[i].any == mode))
			return i;
	return mode;
}

/* Types the lines that lead to a mode. */
static bool
go_to_mode(struct tree *t, struct tnode **context, uint16_t mode)
{
	uint16_t i;

	*context = tree_root(t);
	mode = typed_in(mode);
	if (device_kind_in((enum gram_mode)mode))
		return true;
	if (gram_modes[mode].parent == mode || !go_to_mode(t, context, gram_modes[mode].parent))
		return false;
	for (i = 0; i < gram_entry_count; i++) {
		struct way w = {.entry = &gram_entries[i], .check = ignore_way, .one = true};

		if (w.entry->verb != VERB_ENTER || w.entry->target != mode)
			continue;
		walk_entry(&w);
		return type_line(t, context, w.line) >= 0;
	}
	return false;
}

/* --- the properties --------------------------------------------------------------------------- */

static unsigned ways;

static void
check_taken(const struct way *w, bool whole)
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
gives_way(const struct way *w)
{
	struct arena *a = arena_new();
	struct command c;
	size_t column;
	bool gives = w->entry->kept && (command_parse((enum gram_mode)typed_in(w->entry->mode),
	                                              w->line, a, &c, &column) != PARSE_OK ||
	                                c.entry != w->entry);

	arena_free(a);
	return gives;
}

static void
check_kept(const struct way *w, bool whole)
{
	struct tree *t, *again;
	struct tnode *start, *context;
	char *before, *with, *second, *after, undo[LINE_SIZE + 8];

	if (!whole || w->entry->verb == VERB_DO || is_flat(w->entry->mode) || gives_way(w))
		return;
	t = tree_new_in(root_of(w->entry->mode));
	assert_true(go_to_mode(t, &start, w->entry->mode));
	before = render_tree(t);
	context = start;
	if (type_line(t, &context, w->line) < 0)
		fail_msg("mode %s: \"%s\" is not taken", gram_modes[w->entry->mode].name, w->line);
	with = render_tree(t);
	again = type_text(root_of(w->entry->mode), with);
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
