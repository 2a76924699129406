/* SPDX-License-Identifier: Apache-2.0 */
/* `configure replace`: see replace.h. */
#include "cli/device/replace.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/diff/confdiff.h"

static bool
says_the_same(const struct tree *a, const struct tree *b)
{
	struct text x = TEXT_INIT, y = TEXT_INIT;
	bool same;

	render_config(a, text_line, &x);
	render_config(b, text_line, &y);
	same = !strcmp(text_string(&x), text_string(&y));
	text_fini(&x);
	text_fini(&y);
	return same;
}

static void
tell_commands(void (*commands)(void *arg, unsigned pass, const char *line), void *arg,
              unsigned pass, const char *text)
{
	while (commands && *text) {
		size_t n = strcspn(text, "\n");
		char *line = x_asprintf("%.*s", (int)n, text);

		commands(arg, pass, line);
		explicit_bzero(line, n);
		free(line);
		text += n + (text[n] == '\n');
	}
	if (commands)
		commands(arg, pass, "end");
}

struct replacing
replace_running(struct router *r, const struct tree *target,
                void (*commands)(void *arg, unsigned pass, const char *line),
                script_report *refused, void *arg)
{
	bool within = router_load_begin(r);
	struct replacing result = {0};
	struct text text = TEXT_INIT;

	/*
	 * From the second pass on, a line that still differs is undone before it is typed again:
	 * typing it may only add to the one that is there.
	 */
	while (result.passes < REPLACE_PASSES_MAX &&
	       confdiff_commands(router_tree(r), target, result.passes > 0, text_line, &text)) {
		struct script_count count;

		tell_commands(commands, arg, ++result.passes, text_string(&text));
		count = load_commands(r, text_string(&text), refused, arg);
		result.count.taken += count.taken;
		result.count.refused = count.refused;
		text_clear(&text);
	}
	/* Lines whose order has no meaning get the order of the target, too */
	tree_arrange(router_tree(r), target);
	result.done = says_the_same(router_tree(r), target);
	text_fini(&text);
	router_load_end(r, within);
	return result;
}

struct replacing
replace_whole(struct router *r, const struct tree *target,
              void (*commands)(void *arg, unsigned pass, const char *line), script_report *refused,
              void *arg)
{
	struct tree *before = tree_clone(router_tree(r));
	bool within = router_load_begin(r); /* what is within it is not committed */
	struct replacing result = replace_running(r, target, commands, refused, arg);

	if (!result.done)
		result.kept = replace_running(r, before, NULL, NULL, NULL).done;
	tree_free(before);
	router_load_end(r, within);
	return result;
}
