/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every word of every command, in every place it may stand: right, wrong, cut short, abbreviated,
 * asked about and completed. The lines come from the grammar's tables, what must be said of them
 * from the plain reader in walk.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "walk.h"
#include "walk_tally.h"

static const char *
parse_name(enum parse p)
{
	static const char *const names[] = {"taken", "empty", "invalid", "incomplete", "ambiguous"};

	return names[p];
}

/* Says what is wrong with which line; the test goes on, so that all of it is seen at once. */
static void __attribute__((format(printf, 4, 5)))
report_wrong(enum gram_mode mode, const struct gram_entry *e, const char *line, const char *format,
             ...)
{
	va_list ap;

	if (failures++ >= FAILURES_SHOWN)
		return;
	print_error("mode %s, entry of %s at line %u, \"%s\": ", gram_modes[mode].name,
	            gram_modes[e->mode].name, e->line, line);
	va_start(ap, format);
	vprint_error(format, ap);
	va_end(ap);
	print_error("\n");
}

static enum gram_mode
mode_of(const struct way *w)
{
	return (enum gram_mode)walk_typed_in(w->entry->mode);
}

/* --- what is said of a line ------------------------------------------------------------------- */

/* Holds what the engine says of a way with one word changed against the plain reader. */
static void
check_line(enum gram_mode mode, const struct way *w)
{
	struct arena *a = arena_new();
	struct plain p = plain_read(mode, w->words, w->n);
	char line[WALK_LINE];
	struct command c;
	size_t column, expected;
	enum parse got;

	walk_line(w, w->n, line);
	got = command_parse(mode, line, a, &c, &column);
	checks++;
	expected = walk_line(w, p.word + 1, (char[WALK_LINE]){0}) + p.into;
	if (got == PARSE_OK && c.entry->kept && p.result == PARSE_INCOMPLETE)
		; /* "qos", all that is said of it, is not ours; a misspelt line never is */
	else if (got != p.result)
		report_wrong(mode, w->entry, line, "is %s, should be %s", parse_name(got),
		             parse_name(p.result));
	else if (got == PARSE_INVALID && column != expected)
		report_wrong(mode, w->entry, line, "caret under column %zu, should be %zu", column,
		             expected);
	plain_fini(&p);
	arena_free(a);
}

/* --- right lines ------------------------------------------------------------------------------ */

/* Is the command not ours: only kept, or of a mode that is never entered? */
static bool
not_ours(const struct way *w)
{
	return w->entry->kept || w->entry->verb == VERB_DROP || mode_of(w) != w->entry->mode;
}

/* A command that is only kept gives way where one that acts knows, or half knows, the line. */
static bool
somebody_elses(const struct way *w, const struct command *c, enum parse got)
{
	return w->entry->kept && (got != PARSE_OK || c->entry != w->entry);
}

static void
right_line(void *arg, struct way *w)
{
	bool number = gram_elems[w->elems[w->at]].type != TYPE_KEYWORD;
	enum gram_mode mode = mode_of(w);
	int value;

	(void)arg;
	for (value = 0; value < (w->entry->verb == VERB_DROP ? 0
	                         : number                    ? WALK_VALUES
	                                                     : 1);
	     value++) {
		struct arena *a = arena_new();
		struct command c;
		char line[WALK_LINE];
		size_t column = 0;
		enum parse got;

		walk_fill(w, (enum walk_value)value);
		walk_line(w, w->n, line);
		got = command_parse(mode, line, a, &c, &column);
		checks++;
		if (got != PARSE_OK && !somebody_elses(w, &c, got))
			report_wrong(mode, w->entry, line, "is %s at %zu", parse_name(got), column);
		arena_free(a);
	}
}

static void
every_line_is_taken(void **state)
{
	(void)state;
	start_walk();
	walk_grammar(right_line, NULL);
	finish_walk(gram_entry_count);
}

/* --- wrong words ------------------------------------------------------------------------------ */

static const char *const wrong_numbers[] = {"-1", "99999999999", "1x", "0x1", "1.5", "~", NULL};
static const char *const wrong_addresses[] = {"10.1.2.256", "10.1.2",      "10.1.2.3.4", "10..1.2",
                                              "a.b.c.d",    "10.1.2.3/24", "1000.1.1.1", NULL};
static const char *const wrong_masks[] = {"255.0.255.0", "0.0.0.256", "255.255.255", "/24", NULL};
static const char *const wrong_prefixes[] = {"10.0.0.0/33", "10.0.0.0",    "10.0.0/8", "/8",
                                             "10.0.0.0/",   "10.0.0.0/-1", NULL};
static const char *const wrong_ipv6[] = {"2001::db8::1", "10.1.2.3.4", "2001:db8", ":", NULL};
static const char *const wrong_interfaces[] = {"Nothing0/0", "0/0",        "Loopback",
                                               "Loopback7x", "Loopback/7", NULL};
static const char *const wrong_hex[] = {"0", "zz", "123456789a", NULL};
static const char *const wrong_times[] = {"24:00:00", "1:60", "-24", "1:2:3:4", "x", NULL};
static const char *const wrong_words[] = {"~~", "^", "\x7f", "\xc3\xa4", "|", NULL};

static const char *const *
wrong_for(const struct gram_elem *e)
{
	switch (e->type) {
	case TYPE_NUMBER:
	case TYPE_TCP_PORT:
	case TYPE_UDP_PORT:
		return wrong_numbers;
	case TYPE_IPV4:
	case TYPE_WILDCARD:
		return wrong_addresses;
	case TYPE_MASK:
		return wrong_masks;
	case TYPE_PREFIX:
		return wrong_prefixes;
	case TYPE_IPV6:
		return wrong_ipv6;
	case TYPE_INTERFACE:
		return wrong_interfaces;
	case TYPE_HEX:
		return wrong_hex;
	case TYPE_TIME:
	case TYPE_CLOCK:
	case TYPE_HOURS:
		return wrong_times;
	default:
		return wrong_words;
	}
}

static void
wrong_word(void *arg, struct way *w)
{
	const struct gram_elem *e = &gram_elems[w->elems[w->at]];
	const char *const *word;
	char changed[64];

	(void)arg;
	if (not_ours(w))
		return;
	for (word = wrong_for(e); *word; word++) {
		if (**word == '|')
			continue;
		w->words[w->at] = *word;
		check_line(mode_of(w), w);
	}
	w->words[w->at] = changed;
	if (e->type == TYPE_NUMBER) {
		snprintf(changed, sizeof(changed), "%" PRIu64, (uint64_t)e->max + 1);
		check_line(mode_of(w), w);
		snprintf(changed, sizeof(changed), "%u", e->min - 1);
		if (e->min)
			check_line(mode_of(w), w);
	} else if (e->type == TYPE_KEYWORD && strlen(e->text) < sizeof(changed) - 1) {
		/* The last letter is wrong; there is one too many. */
		snprintf(changed, sizeof(changed), "%s", e->text);
		changed[strlen(changed) - 1] = '~';
		check_line(mode_of(w), w);
		snprintf(changed, sizeof(changed), "%s~", e->text);
		check_line(mode_of(w), w);
	}
}

static void
every_wrong_word_has_the_caret(void **state)
{
	(void)state;
	start_walk();
	walk_grammar(wrong_word, NULL);
	finish_walk(gram_entry_count);
}

/* One word too many. */
static void
extra_word(void *arg, struct way *w)
{
	(void)arg;
	if (not_ours(w) || w->n == WALK_WORDS)
		return;
	w->words[w->n++] = "~~";
	check_line(mode_of(w), w);
}

static void
every_extra_word_has_the_caret(void **state)
{
	(void)state;
	start_walk();
	walk_grammar(extra_word, NULL);
	finish_walk(gram_entry_count);
}

/* --- cut short, abbreviated ------------------------------------------------------------------- */

static void
short_line(void *arg, struct way *w)
{
	struct way head = *w;

	(void)arg;
	if (not_ours(w))
		return;
	head.n = w->at + 1;
	check_line(mode_of(w), &head);
	if (w->at) {
		head.n = w->at;
		check_line(mode_of(w), &head);
	}
}

static void
every_short_line_is_incomplete_or_valid(void **state)
{
	(void)state;
	start_walk();
	walk_grammar(short_line, NULL);
	finish_walk(gram_entry_count);
}

static void
check_abbreviation(void *arg, struct way *w)
{
	const struct gram_elem *e = &gram_elems[w->elems[w->at]];
	enum gram_mode mode = mode_of(w);
	char cut[64];
	size_t n;

	(void)arg;
	if (not_ours(w) || e->type != TYPE_KEYWORD || strlen(e->text) >= sizeof(cut))
		return;
	w->words[w->at] = cut;
	for (n = 1; n <= strlen(e->text); n++) {
		size_t i;

		snprintf(cut, sizeof(cut), "%.*s", (int)n, e->text);
		/* "no" and "def" are words of their own where a line begins. */
		if (!w->at && gram_modes[mode].config &&
		    (!strcmp(cut, "no") || (n > 2 && !strncmp("default", cut, n))))
			continue;
		check_line(mode, w);
		for (i = 0; i < n; i++)
			cut[i] = (char)toupper((unsigned char)cut[i]);
		check_line(mode, w);
	}
}

static void
every_abbreviation_is_taken_iff_unique(void **state)
{
	(void)state;
	start_walk();
	walk_grammar(check_abbreviation, NULL);
	finish_walk(gram_entry_count);
}

/* --- from other modes ------------------------------------------------------------------------- */

/* Is the mode one that is entered, and not one of common or foreign commands? */
static bool
is_entered(int mode)
{
	return gram_modes[mode].config && walk_typed_in((uint16_t)mode) == mode &&
	       mode != MODE_CONFIG_COMMON;
}

static bool
is_routers(int mode)
{
	while (gram_modes[mode].parent != mode)
		mode = gram_modes[mode].parent;
	return mode == MODE_CONFIG;
}

/*
 * A global command in a sub-mode: taken, unless the sub-mode has a command that begins so, which
 * the plain reader knows.
 */
static void
global_line(void *arg, struct way *w)
{
	char line[WALK_LINE];
	int mode;

	(void)arg;
	if (not_ours(w) || w->entry->mode != MODE_CONFIG || w->at)
		return;
	walk_line(w, w->n, line);
	for (mode = 0; mode < MODE_COUNT; mode++) {
		struct arena *a = arena_new();
		struct plain p = plain_read((enum gram_mode)mode, w->words, w->n);
		struct command c;
		size_t column;
		enum parse got;

		if (is_entered(mode)) {
			got = command_parse((enum gram_mode)mode, line, a, &c, &column);
			checks++;
			if (got == PARSE_OK && c.entry->kept && !is_routers(mode))
				; /* a firewall keeps other lines than a router has */
			else if (got != p.result || got == PARSE_AMBIGUOUS)
				report_wrong((enum gram_mode)mode, w->entry, line,
				             "is %s, should be %s", parse_name(got),
				             parse_name(p.result));
			else if (got == PARSE_OK && c.entry == w->entry && c.mode != MODE_CONFIG)
				report_wrong((enum gram_mode)mode, w->entry, line,
				             "stays in the mode");
		}
		plain_fini(&p);
		arena_free(a);
	}
}

static void
every_global_line_is_taken_in_sub_modes(void **state)
{
	(void)state;
	start_walk();
	walk_grammar(global_line, NULL);
	finish_walk(gram_entry_count);
}

/* `do`, `end`, `exit` and `no` in every mode there is. */
static void
common_lines_are_taken_in_every_mode(void **state)
{
	static const char *const lines[] = {"do show version", "DO sh ver", "end", "exit", "EXI"};
	int mode;
	size_t i;

	(void)state;
	for (mode = 0; mode < MODE_COUNT; mode++) {
		for (i = 0; is_entered(mode) && i < ARRAY_SIZE(lines); i++) {
			struct arena *a = arena_new();
			struct command c = {0};
			size_t column;

			if (command_parse((enum gram_mode)mode, lines[i], a, &c, &column) !=
			        PARSE_OK ||
			    c.entry->mode != MODE_CONFIG_COMMON)
				fail_msg("mode %s: \"%s\"", gram_modes[mode].name, lines[i]);
			arena_free(a);
		}
	}
}

/* --- filters ---------------------------------------------------------------------------------- */

static const char *const filters[] = {
    "include crypto",       "inc crypto|isakmp", "i ^ip",    "exclude !",        "begin interface",
    "section crypto map",   "sec ^interface",    "count .*", "redirect flash:x", "append flash:x",
    "include a | exclude b"};

static void
filtered_line(void *arg, struct way *w)
{
	struct arena *a = arena_new();
	char line[WALK_LINE], all[WALK_LINE + 64];
	struct command c;
	size_t column, i, n;

	(void)arg;
	walk_line(w, w->n, line);
	n = strlen(line);
	for (i = 0; i < ARRAY_SIZE(filters) && w->entry->pipe; i++) {
		enum gram_mode mode = mode_of(w);

		checks++;
		snprintf(all, sizeof(all), "%s | %s", line, filters[i]);
		if (command_parse(mode, all, a, &c, &column) != PARSE_OK || !c.pipe)
			report_wrong(mode, w->entry, all, "is not filtered");
		snprintf(all, sizeof(all), "%s |%s", line, filters[i]);
		if (command_parse(mode, all, a, &c, &column) != PARSE_OK || !c.pipe)
			report_wrong(mode, w->entry, all, "is not filtered");
		snprintf(all, sizeof(all), "%s | ~%s", line, filters[i]);
		if (command_parse(mode, all, a, &c, &column) != PARSE_INVALID || column != n + 3)
			report_wrong(mode, w->entry, all, "caret under %zu", column);
		snprintf(all, sizeof(all), "%s | include", line);
		if (command_parse(mode, all, a, &c, &column) != PARSE_INCOMPLETE)
			report_wrong(mode, w->entry, all, "is not incomplete");
		snprintf(all, sizeof(all), "%s |", line);
		if (command_parse(mode, all, a, &c, &column) != PARSE_INCOMPLETE)
			report_wrong(mode, w->entry, all, "is not incomplete");
	}
	arena_free(a);
}

static void
every_output_can_be_filtered(void **state)
{
	(void)state;
	start_walk();
	walk_grammar(filtered_line, NULL);
	finish_walk(gram_entry_count);
}

/* Every show command takes a filter, whoever adds it. */
static void
every_show_has_filters(void **state)
{
	uint16_t i;

	(void)state;
	failures = 0;
	for (i = 0; i < gram_entry_count; i++) {
		const struct gram_entry *e = &gram_entries[i];
		const char *first = gram_elems[gram_next[e->first + 1]].text;

		if ((e->mode == MODE_EXEC || e->mode == MODE_ENABLE) && first &&
		    (!strcmp(first, "show") || !strcmp(first, "more")) && !e->pipe)
			report_wrong((enum gram_mode)e->mode, e, first, "is not a \"pipe\"");
	}
	if (failures)
		fail();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_line_is_taken),
	    cmocka_unit_test(every_wrong_word_has_the_caret),
	    cmocka_unit_test(every_extra_word_has_the_caret),
	    cmocka_unit_test(every_short_line_is_incomplete_or_valid),
	    cmocka_unit_test(every_abbreviation_is_taken_iff_unique),
	    cmocka_unit_test(every_global_line_is_taken_in_sub_modes),
	    cmocka_unit_test(common_lines_are_taken_in_every_mode),
	    cmocka_unit_test(every_output_can_be_filtered),
	    cmocka_unit_test(every_show_has_filters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
