/* SPDX-License-Identifier: Apache-2.0 */
/* See config_load.h. */
#include "cli/device/config_load.h"

#include <string.h>

struct loading {
	const struct config_lines *lines;
	struct diag_list *diags;
};

/* What the shell says, in one line and without its sign. */
static void
plain_message(const char *message, struct text *ret)
{
	const char *at = strstr(message, "% ");

	at = at ? at + 2 : message;
	text_add(ret, at, strcspn(at, "\n."));
}

static void
on_refused(void *arg, const struct script_refusal *refusal)
{
	struct loading *l = arg;
	size_t i = refusal->line - 1 < l->lines->n ? refusal->line - 1 : 0;
	struct text message = TEXT_INIT;
	struct diag d = {.severity = DIAG_ERROR, .id = "yaml", .text = "", .suggest = ""};

	if (l->lines->n) {
		d.line = l->lines->marks[i].line;
		d.column = l->lines->marks[i].column;
		text_printf(&message, "%s: ", l->lines->marks[i].path);
	}
	if (refusal->why == PARSE_INVALID)
		text_puts(&message, "the command does not take this");
	else
		plain_message(refusal->message, &message);
	d.message = text_string(&message);
	diag_add(l->diags, &d);
	text_fini(&message);
}

bool
config_load(const struct router *r, struct tree *tree, const char *text, size_t n,
            struct diag_list *diags)
{
	struct config_lines lines;
	bool fine = config_read(tnode_mode(tree_top(tree)), text, n, &lines, diags);

	if (fine) {
		struct loading l = {&lines, diags};

		fine = load_trial_indented(r, tree, text_string(&lines.text), on_refused, &l)
		           .refused == 0;
	}
	config_lines_fini(&lines);
	return fine;
}

void
config_tell(const char *file, const struct diag_list *diags, struct text *ret)
{
	for (size_t i = 0; i < diags->n; i++) {
		const struct diag *d = &diags->items[i];

		text_printf(ret, "%s:%u:%u: %s: %s\n", file, d->line, d->column,
		            severity_text(d->severity), d->message);
	}
}
