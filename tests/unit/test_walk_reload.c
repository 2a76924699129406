/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is rendered loads again: every command of the grammar, whole and with each of its words cut
 * short, typed in its mode and in every other one that takes it, those that are only kept not less
 * than those that act; and whole configurations, with words cut short at random. The text of that
 * is taken without a refusal, and renders as itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glob.h>

#include "cli/app/commands.h"
#include "cli/device/load.h"
#include "walk_tree.h"
#include "walk_tally.h"

struct place_of_mode {
	uint16_t mode;
	char *lead; /* the lines that lead there */
	/* what the last line of this way was there: one that is the same is not tried again */
	const struct gram_entry *was;
	enum gram_mode was_in;
};

static struct place_of_mode *places_of;
static size_t n_places_of;

/* --- lines that lead to a mode ---------------------------------------------------------------- */

static bool
lead_to(uint16_t mode, struct text *ret)
{
	char line[WALK_LINE];

	if (device_kind_in((enum gram_mode)mode))
		return true;
	if (gram_modes[mode].parent == mode || !lead_to(gram_modes[mode].parent, ret))
		return false;
	if (!line_into(mode, line))
		return false;
	text_printf(ret, "%s\n", line);
	return true;
}

static void
find_places(void)
{
	uint16_t mode;

	places_of = x_alloc(MODE_COUNT * sizeof(*places_of));
	for (mode = 0; mode < MODE_COUNT; mode++) {
		struct text lead = TEXT_INIT;

		if (gram_modes[mode].config && walk_typed_in(mode) == mode && !is_flat(mode) &&
		    mode != MODE_CONFIG_COMMON && lead_to(mode, &lead))
			places_of[n_places_of++] = (struct place_of_mode){
			    .mode = mode, .lead = x_strdup(text_string(&lead))};
		text_fini(&lead);
	}
}

static void
free_places(void)
{
	for (size_t i = 0; i < n_places_of; i++)
		free(places_of[i].lead);
	free(places_of);
}

/* --- the property ----------------------------------------------------------------------------- */

static void
keep_refused(void *arg, const struct script_refusal *refusal)
{
	char **line = arg;

	if (!*line)
		*line = x_strdup(refusal->text);
}

static struct tree *
read_text(uint16_t mode, const char *text, enum script_form form, char **ret_refused)
{
	struct tree *t = tree_new_in(root_of(mode));
	struct session_setup setup = {.tree = t, .name = "Router"};

	script_read(&setup, text, form, keep_refused, ret_refused);
	return t;
}

static void __attribute__((format(printf, 3, 4)))
report_wrong(const struct place_of_mode *p, const char *line, const char *format, ...)
{
	va_list ap;

	if (failures++ >= FAILURES_SHOWN)
		return;
	print_error("mode %s, \"%s\": ", gram_modes[p->mode].name, line);
	va_start(ap, format);
	vprint_error(format, ap);
	va_end(ap);
	print_error("\n");
}

static void
check_form(const struct place_of_mode *p, const char *line, const char *text, enum script_form form)
{
	const char *how = form == SCRIPT_TYPED ? "as typed" : "as indented";
	char *refused = NULL, *again;
	struct tree *t = read_text(p->mode, text, form, &refused);

	again = render_tree(t);
	if (refused)
		report_wrong(p, line, "rendered, but refused %s: \"%s\"", how, refused);
	else if (strcmp(again, text))
		report_wrong(p, line, "renders\n%s\nand that, read %s,\n%s", text, how, again);
	free(refused);
	free(again);
	tree_free(t);
}

static void
check_reload(const struct place_of_mode *p, const char *line)
{
	char *text = x_asprintf("%s%s\n", p->lead, line), *refused = NULL, *rendered;
	struct tree *t = read_text(p->mode, text, SCRIPT_TYPED, &refused);

	if (!refused) {
		checks++;
		rendered = render_tree(t);
		check_form(p, line, rendered, SCRIPT_TYPED);
		check_form(p, line, rendered, SCRIPT_INDENTED);
		free(rendered);
	}
	free(refused);
	free(text);
	tree_free(t);
}

/* Is the line another command there than the last one was? Words cut short mostly are not. */
static bool
is_another(struct place_of_mode *p, const char *line, bool first)
{
	struct arena *a = arena_new();
	struct command c;
	size_t column;
	bool taken = command_parse((enum gram_mode)p->mode, line, a, &c, &column) == PARSE_OK;
	bool another = taken && (first || c.entry != p->was || c.mode != p->was_in);

	p->was = taken ? c.entry : NULL;
	p->was_in = taken ? c.mode : MODE_COUNT;
	arena_free(a);
	return another;
}

/* In the way's mode; a first word in all the modes, of the same kind of device. */
static void
check_places(const struct way *w, bool whole)
{
	uint16_t own = walk_typed_in(w->entry->mode);
	char line[WALK_LINE];
	size_t i;

	walk_line(w, w->n, line);
	for (i = 0; i < n_places_of; i++)
		if ((places_of[i].mode == own ||
		     (w->at == 0 && root_of(places_of[i].mode) == root_of(own))) &&
		    is_another(&places_of[i], line, whole))
			check_reload(&places_of[i], line);
}

static void
reload_line(void *arg, struct way *w)
{
	const struct gram_elem *e = &gram_elems[w->elems[w->at]];
	char cut[64];
	size_t n;

	(void)arg;
	if (w->entry->verb == VERB_DO || w->entry->verb == VERB_DROP ||
	    !gram_modes[w->entry->mode].config || is_flat(w->entry->mode))
		return;
	check_places(w, true);
	if (e->type != TYPE_KEYWORD || !w->first || strlen(e->text) >= sizeof(cut))
		return;
	w->words[w->at] = cut;
	for (n = strlen(e->text) - 1; n; n--) {
		snprintf(cut, sizeof(cut), "%.*s", (int)n, e->text);
		check_places(w, false);
	}
}

static void
all_that_is_rendered_loads_again(void **state)
{
	(void)state;
	start_walk();
	find_places();
	walk_grammar(reload_line, NULL);
	free_places();
	print_message("%u lines\n", checks);
	finish_walk(gram_entry_count);
}

/* --- configurations --------------------------------------------------------------------------- */

static uint32_t
draw_random(void)
{
	static uint64_t state = 0x9e3779b97f4a7c15u;

	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)(state * 0x2545f4914f6cdd1du >> 32);
}

/* A configuration in which one word of so many is cut short, and a line of so many lies flat. */
static char *
cut_words(const char *config, uint32_t one_of)
{
	struct text t = TEXT_INIT;
	char *cut;

	while (*config) {
		size_t blanks = strspn(config, " \n"), n = strcspn(config + blanks, " \n"),
		       keep = n;

		if (one_of && n > 1 && draw_random() % one_of == 0)
			keep = 1 + draw_random() % (n - 1);
		if (one_of && blanks > 1 && draw_random() % (one_of * 4) == 0)
			text_puts(&t, "\n");
		else
			text_add(&t, config, blanks);
		text_add(&t, config + blanks, keep);
		config += blanks + n;
	}
	cut = x_strdup(text_string(&t));
	text_fini(&t);
	return cut;
}

static void
check_text(const char *path, const char *config)
{
	struct tree *t = tree_new_in(device_kind_guess(config)->config);
	struct place_of_mode p = {.mode = (uint16_t)tnode_mode(tree_top(t))};
	char *rendered;

	load_trial(NULL, t, config, NULL, NULL);
	rendered = render_tree(t);
	check_form(&p, path, rendered, SCRIPT_TYPED);
	check_form(&p, path, rendered, SCRIPT_INDENTED);
	checks++;
	free(rendered);
	tree_free(t);
}

static void
check_files(const char *dir, const char *pattern)
{
	char *all = x_asprintf("%s/%s", dir, pattern);
	glob_t g;

	assert_int_not_equal(glob(all, 0, NULL, &g), GLOB_ABORTED);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		FILE *f = fopen(g.gl_pathv[i], "r");
		struct text config = TEXT_INIT;
		char buf[4096];
		size_t n;

		assert_non_null(f);
		while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
			text_add(&config, buf, n);
		fclose(f);
		for (uint32_t round = 0; round < 12; round++) {
			char *cut = cut_words(text_string(&config), round * round);

			check_text(g.gl_pathv[i], cut);
			free(cut);
		}
		text_fini(&config);
	}
	globfree(&g);
	free(all);
}

static void
configurations_load_again(void **state)
{
	const char *dir = getenv("TESTUDO_CORPORA");

	(void)state;
#ifdef TESTUDO_CORPORA
	dir = dir ? dir : TESTUDO_CORPORA;
#endif
	start_walk();
	check_files(TESTUDO_SOURCE, "tests/data/configs/*.cfg");
	check_files(TESTUDO_SOURCE, "tests/data/configs/bad/*.cfg");
	check_files(TESTUDO_SOURCE, "tests/data/asa/*.cfg");
	check_files(TESTUDO_SOURCE, "samples/configs/*.cfg");
	finish_walk(100);
	start_walk();
	if (dir && *dir) {
		check_files(dir, "*.cfg");
		check_files(dir, "*/*.cfg");
	} else {
		print_message("TESTUDO_CORPORA names no folder: no others\n");
		checks++;
	}
	finish_walk(0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_that_is_rendered_loads_again),
	    cmocka_unit_test(configurations_load_again),
	};

	commands_install();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
