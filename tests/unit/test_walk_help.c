/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `?` and Tab at every node of the grammar: after each word of each command, behind a blank and
 * glued to each part of the word. What must be offered comes from the plain reader in walk.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "walk.h"
#include "walk_tally.h"

#define OFFERS_MAX 600

struct offers {
	size_t n;
	char word[OFFERS_MAX][64];
	const char *help[OFFERS_MAX];
};

static void
on_offer(void *arg, const char *word, const char *help)
{
	struct offers *o = arg;

	assert_true(o->n < OFFERS_MAX);
	snprintf(o->word[o->n], sizeof(o->word[0]), "%s", word);
	o->help[o->n++] = help;
}

static void
report_wrong(enum gram_mode mode, const char *line, const char *what, const char *word)
{
	if (failures++ < FAILURES_SHOWN)
		print_error("mode %s, \"%s?\": %s \"%s\"\n", gram_modes[mode].name, line, what,
		            word);
}

/* What `?` shows of an element. */
static void
help_symbol(const struct gram_elem *e, char buf[static 64])
{
	switch (e->type) {
	case TYPE_KEYWORD:
		snprintf(buf, 64, "%s", e->text);
		break;
	case TYPE_NUMBER:
		snprintf(buf, 64, "<%u-%u>", e->min, e->max);
		break;
	case TYPE_TCP_PORT:
	case TYPE_UDP_PORT:
		snprintf(buf, 64, "<0-65535>");
		break;
	case TYPE_IPV4:
	case TYPE_MASK:
	case TYPE_WILDCARD:
	case TYPE_PREFIX:
		snprintf(buf, 64, "A.B.C.D");
		break;
	case TYPE_IPV6:
		snprintf(buf, 64, "X:X:X:X::X");
		break;
	case TYPE_HEX:
		snprintf(buf, 64, "Hex-data");
		break;
	case TYPE_TIME:
		snprintf(buf, 64, "hh:mm");
		break;
	case TYPE_CLOCK:
		snprintf(buf, 64, "hh:mm:ss");
		break;
	case TYPE_HOURS:
		snprintf(buf, 64, "<-23 - 23>");
		break;
	case TYPE_INTERFACE: /* and all other types */
		snprintf(buf, 64, "Loopback");
		break;
	case TYPE_LINE:
		snprintf(buf, 64, "LINE");
		break;
	default:
		snprintf(buf, 64, "WORD");
	}
}

static bool
was_offered(const struct offers *o, const char *word)
{
	size_t i;

	for (i = 0; i < o->n; i++)
		if (!strcmp(o->word[i], word))
			return true;
	return false;
}

/*
 * Checks what holds for every answer: words in order, each once, each with help; <cr> is the last.
 */
static void
check_form(enum gram_mode mode, const char *line, const struct offers *o, bool glued)
{
	size_t i;

	for (i = 0; i < o->n; i++) {
		bool cr = !strcmp(o->word[i], "<cr>");

		if (i && !cr && strcmp(o->word[i - 1], o->word[i]) >= 0)
			report_wrong(mode, line, "out of order", o->word[i]);
		if (cr && i + 1 != o->n)
			report_wrong(mode, line, "not the last:", o->word[i]);
		if (!cr && !glued && (!o->help[i] || !*o->help[i]))
			report_wrong(mode, line, "no help for", o->word[i]);
	}
}

static void
ignore_offer(void *arg, const char *word, const char *help)
{
	(void)arg, (void)word, (void)help;
}

/* Is the word, offered where a port may stand, one that is read there? */
static bool
names_port(enum gram_mode mode, const char *line, const char *partial, const char *word)
{
	char named[WALK_LINE + 64];

	snprintf(named, sizeof(named), "%.*s%s ", (int)(strlen(line) - strlen(partial)), line,
	         word);
	return command_help(mode, named, ignore_offer, NULL) == PARSE_OK;
}

/* Every element that may follow is offered, and nothing else but names of ports. */
static void
check_answer(enum gram_mode mode, const char *line, const struct offers *o, const char *partial,
             const struct places *may)
{
	struct offers *expected = x_alloc(sizeof(*expected));
	bool interface = false, port = false;
	char word[64];
	size_t i;

	for (i = 0; i < may->n; i++) {
		const struct gram_elem *e = place_elem(&may->at[i]);

		help_symbol(e, word);
		interface |= e->type == TYPE_INTERFACE;
		port |= e->type == TYPE_TCP_PORT || e->type == TYPE_UDP_PORT;
		if (e->hidden ||
		    (*partial && ((e->type != TYPE_KEYWORD && e->type != TYPE_INTERFACE) ||
		                  strncasecmp(word, partial, strlen(partial)))))
			continue;
		if (!was_offered(expected, word))
			on_offer(expected, word, e->help);
		if (!was_offered(o, word))
			report_wrong(mode, line, "not offered:", word);
	}
	for (i = 0; i < o->n; i++)
		if (!was_offered(expected, o->word[i]) && strcmp(o->word[i], "<cr>") &&
		    !(interface && isupper((unsigned char)o->word[i][0])) &&
		    !(port && names_port(mode, line, partial, o->word[i])) &&
		    strcmp(o->word[i], "|") && strcmp(o->word[i], "no") &&
		    strcmp(o->word[i], "default"))
			report_wrong(mode, line, "offered:", o->word[i]);
	free(expected);
}

/* --- behind a blank --------------------------------------------------------------------------- */

static bool
is_ours(const struct way *w)
{
	return !w->entry->kept && w->entry->verb != VERB_DROP &&
	       walk_typed_in(w->entry->mode) == w->entry->mode;
}

/* What may follow n words; who is privileged has user EXEC's commands, too. */
static struct places
may_follow(enum gram_mode mode, const struct way *w, size_t n, bool *ret_cr, bool *ret_pipe)
{
	struct plain p = plain_read_in(mode, w ? w->words : NULL, n);
	struct places may = {0}, more;
	size_t i;

	*ret_cr = *ret_pipe = false;
	if (p.result == PARSE_OK || p.result == PARSE_INCOMPLETE)
		may = plain_candidates(mode, n ? &p.at : NULL);
	for (i = 0; i < p.at.n && may.at; i++)
		if (walk_ends(&gram_next[place_elem(&p.at.at[i])->next])) {
			*ret_cr = true;
			*ret_pipe |= p.at.at[i].entry->pipe;
		}
	plain_fini(&p);
	if (!gram_modes[mode].config && gram_modes[mode].parent != mode) {
		bool cr, pipe;

		more = may_follow((enum gram_mode)gram_modes[mode].parent, w, n, &cr, &pipe);
		for (i = 0; i < more.n; i++)
			places_add(&may, &more.at[i], NULL, 0);
		for (i = may.n - more.n; i < may.n; i++)
			may.at[i].n--; /* it was there */
		*ret_cr |= cr;
		*ret_pipe |= pipe;
		free(more.at);
	}
	return may;
}

static void
ask_behind(void *arg, struct way *w)
{
	enum gram_mode mode = (enum gram_mode)w->entry->mode;
	struct offers *o = x_alloc(sizeof(*o));
	struct places may = {0};
	char line[WALK_LINE];
	bool cr = false, pipe;

	(void)arg;
	if (is_ours(w) && w->first && gram_elems[w->elems[w->at]].type != TYPE_LINE)
		may = may_follow(mode, w, w->at + 1, &cr, &pipe);
	if (may.n || cr) {
		walk_line(w, w->at + 1, line);
		strcat(line, " ");
		checks++;
		if (command_help(mode, line, on_offer, o) != PARSE_OK)
			report_wrong(mode, line, "no answer", "");
		check_form(mode, line, o, false);
		check_answer(mode, line, o, "", &may);
		if (was_offered(o, "<cr>") != cr)
			report_wrong(mode, line, cr ? "not offered:" : "offered:", "<cr>");
		if (was_offered(o, "|") != pipe)
			report_wrong(mode, line, pipe ? "not offered:" : "offered:", "|");
	}
	free(may.at);
	free(o);
}

static void
help_behind_every_word(void **state)
{
	(void)state;
	start_walk();
	walk_grammar(ask_behind, NULL);
	finish_walk(gram_entry_count);
}

/* --- glued, and Tab --------------------------------------------------------------------------- */

static void
ask_glued(void *arg, struct way *w)
{
	const struct gram_elem *e = &gram_elems[w->elems[w->at]];
	enum gram_mode mode = (enum gram_mode)w->entry->mode;
	struct offers *o = x_alloc(sizeof(*o)), *tab = x_alloc(sizeof(*tab));
	struct places may = {0};
	char line[WALK_LINE];
	size_t n, column, i;
	bool cr, pipe;

	(void)arg;
	if (!is_ours(w) || e->type != TYPE_KEYWORD || e->hidden)
		goto out;
	may = may_follow(mode, w, w->at, &cr, &pipe);
	column = walk_line(w, w->at + 1, line);
	for (n = 1; n <= strlen(e->text); n++) {
		walk_line(w, w->at + 1, line);
		line[column + n] = '\0';
		o->n = tab->n = 0;
		checks++;
		if (command_help(mode, line, on_offer, o) != PARSE_OK)
			report_wrong(mode, line, "no answer", "");
		command_complete(mode, line, on_offer, tab);
		check_form(mode, line, o, true);
		check_answer(mode, line, o, line + column, &may);
		if (!was_offered(o, e->text) || !was_offered(tab, e->text))
			report_wrong(mode, line, "not offered:", e->text);
		/* Tab completes what `?` says is the only word. */
		for (i = 0; i < tab->n; i++)
			if (strncasecmp(tab->word[i], line + column, n))
				report_wrong(mode, line, "Tab offers", tab->word[i]);
		if (w->at && o->n == 1 && (tab->n != 1 || strcmp(tab->word[0], o->word[0])))
			report_wrong(mode, line, "Tab does not complete", o->word[0]);
	}
out:
	free(may.at);
	free(tab);
	free(o);
}

static void
help_glued_to_every_word(void **state)
{
	(void)state;
	start_walk();
	walk_grammar(ask_glued, NULL);
	finish_walk(gram_entry_count);
}

/* --- where a line begins ---------------------------------------------------------------------- */

static void
help_where_a_line_begins(void **state)
{
	int mode;

	(void)state;
	checks = gram_entry_count;
	failures = 0;
	for (mode = 0; mode < MODE_COUNT; mode++) {
		struct offers *o = x_alloc(sizeof(*o));
		struct places may;
		bool cr, pipe;

		if (walk_typed_in((uint16_t)mode) != mode || mode == MODE_CONFIG_COMMON ||
		    !gram_modes[mode].prompt[0])
			goto next;
		checks++;
		if (command_help((enum gram_mode)mode, "", on_offer, o) != PARSE_OK)
			report_wrong((enum gram_mode)mode, "", "no answer", "");
		check_form((enum gram_mode)mode, "", o, false);
		may = may_follow((enum gram_mode)mode, NULL, 0, &cr, &pipe);
		check_answer((enum gram_mode)mode, "", o, "", &may);
		free(may.at);
		if (gram_modes[mode].config &&
		    (!was_offered(o, "no") || !was_offered(o, "default")))
			report_wrong((enum gram_mode)mode, "", "not offered:", "no, default");
	next:
		free(o);
	}
	finish_walk(gram_entry_count);
}

/* --- behind `no` ------------------------------------------------------------------------------ */

static void
help_behind_no(void **state)
{
	static const char *const undo[] = {"no", "default"};
	int mode;
	size_t i, j;

	(void)state;
	checks = gram_entry_count;
	failures = 0;
	for (mode = 0; mode < MODE_COUNT; mode++)
		for (i = 0; i < ARRAY_SIZE(undo); i++) {
			struct offers *o = x_alloc(sizeof(*o));
			struct places may = {0};
			char line[16], word[64];

			snprintf(line, sizeof(line), "%s ", undo[i]);
			if (gram_modes[mode].config && gram_modes[mode].n &&
			    walk_typed_in((uint16_t)mode) == mode && mode != MODE_CONFIG_COMMON) {
				plain_begin((enum gram_mode)mode, true, &may);
				checks++;
				command_help((enum gram_mode)mode, line, on_offer, o);
				check_form((enum gram_mode)mode, line, o, false);
				check_answer((enum gram_mode)mode, line, o, "", &may);
				/* What acts cannot be undone, and is not offered. */
				for (j = 0; j < o->n; j++) {
					snprintf(word, sizeof(word), "%s", o->word[j]);
					if (!strcmp(word, "end") || !strcmp(word, "do"))
						report_wrong((enum gram_mode)mode, line,
						             "offered:", word);
				}
			}
			free(may.at);
			free(o);
		}
	finish_walk(gram_entry_count);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(help_where_a_line_begins),
	    cmocka_unit_test(help_behind_every_word),
	    cmocka_unit_test(help_glued_to_every_word),
	    cmocka_unit_test(help_behind_no),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
