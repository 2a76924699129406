/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration text into a router: see load.h. */
#include "cli/files/load.h"

#include <stdlib.h>
#include <string.h>

#include "cli/shell/shell.h"

struct loader {
	struct shell *shell;
	struct text out;
	load_report *report;
	void *arg;
	bool by_indent; /* a line that is indented less leaves modes */
	bool orphaned;  /* the line that opens a mode was refused: what is indented under it, too */
	struct load_count count;
};

static void
loader_write(void *arg, const char *text, size_t n)
{
	text_add(&((struct loader *)arg)->out, text, n);
}

static void
loader_done(void *arg)
{
	(void)arg;
}

/* Does the line ask for anything? */
static bool
says_nothing(const char *line)
{
	line += strspn(line, " \t");
	return !*line || *line == '!' || !strcmp(line, "end");
}

/* What stands under a refused line was not meant for the mode that the lines before it were in. */
static bool
is_orphan(struct loader *l, const char *line)
{
	if (*line != ' ' && !says_nothing(line))
		l->orphaned = false;
	return l->orphaned && *line == ' ' && !says_nothing(line) && !shell_asking(l->shell);
}

static void
take_line(struct loader *l, unsigned number, const char *line)
{
	char prompt[SHELL_PROMPT_MAX];
	bool asked = shell_asking(l->shell), refused = is_orphan(l, line);
	struct load_refusal refusal = {number, prompt, line, NULL};

	/* `end` closes a configuration; what follows is still configuration. */
	if (!asked && !shell_in_config(l->shell))
		shell_configure(l->shell);
	text_clear(&l->out);
	if (refused) {
		shell_puts(l->shell, "% The line that this one belongs to was refused\n");
	} else {
		shell_line(l->shell, line);
		refused = shell_refused(l->shell);
		/* At the margin: it may have opened a mode. */
		l->orphaned |= refused && *line != ' ' && !asked;
	}
	if (refused) {
		l->count.refused++;
		shell_prompt(l->shell, prompt); /* a refused line leaves no mode */
		refusal.message = text_string(&l->out);
		if (l->report)
			l->report(l->arg, &refusal);
	} else if (asked || !says_nothing(line)) {
		l->count.taken++;
	}
}

static unsigned
depth_of(const struct tnode *context)
{
	unsigned depth = 0;

	while (context && (context = tnode_parent((struct tnode *)context)))
		depth++;
	return depth;
}

/*
 * "exit-address-family" stands as far out as the line that it ends the mode of, `quit` anywhere.
 */
static bool
ends_mode(const struct tnode *context, const char *line)
{
	const struct gram_entry *e = tnode_entry(context);
	const char *text = line + strspn(line, " \t");

	if (e && e->quit && !strcmp(text, "quit"))
		return true;
	return e && e->ends && !strcmp(text, e->ends) && depth_of(context) == strspn(line, " ") + 1;
}

static void
leave_modes(struct loader *l, const char *line)
{
	const struct tnode *at;

	while ((at = shell_context(l->shell)) && depth_of(at) > strspn(line, " ") &&
	       !ends_mode(at, line))
		shell_exit(l->shell);
}

static void
take_lines(struct loader *l, const char *text)
{
	unsigned number = 0;

	while (*text) {
		size_t n = strcspn(text, "\n");
		char *line = x_memdup(text, n + 1);

		line[n && line[n - 1] == '\r' ? n - 1 : n] = 0;
		if (l->by_indent && !shell_asking(l->shell))
			leave_modes(l, line);
		take_line(l, ++number, line);
		explicit_bzero(line, n);
		free(line);
		text += n + (text[n] == '\n');
	}
}

static struct load_count
load(struct router *r, const char *text, bool by_indent, load_report *report, void *arg)
{
	static const struct shell_io io = {.write = loader_write, .done = loader_done};
	struct loader l = {.report = report, .arg = arg, .by_indent = by_indent};

	l.shell = shell_new(r, &io, &l, true);
	shell_configure(l.shell);
	take_lines(&l, text);
	shell_free(l.shell);
	text_fini(&l.out);
	return l.count;
}

struct load_count
load_text(struct router *r, const char *text, load_report *report, void *arg)
{
	bool within = router_load_begin(r, NULL);
	struct load_count count = load(r, text, false, report, arg);

	router_load_end(r, within);
	return count;
}

struct load_count
load_trial(struct router *r, struct tree *tree, const char *text, load_report *report, void *arg)
{
	bool within = router_load_begin(r, tree);
	struct load_count count = load(r, text, false, report, arg);

	router_load_end(r, within);
	return count;
}

struct load_count
load_indented(struct router *r, struct tree *tree, const char *text, load_report *report, void *arg)
{
	bool within = router_load_begin(r, tree);
	struct load_count count = load(r, text, true, report, arg);

	router_load_end(r, within);
	return count;
}

struct load_count
load_commands(struct router *r, const char *text, load_report *report, void *arg)
{
	return load(r, text, true, report, arg);
}

/* --- the router's own ------------------------------------------------------------------------- */

struct plain_report {
	void (*report)(void *arg, unsigned line, const char *text);
	void *arg;
};

static void
plain(void *arg, const struct load_refusal *refusal)
{
	struct plain_report *p = arg;

	if (p->report)
		p->report(p->arg, refusal->line, refusal->message);
}

size_t
router_load(struct router *r, const char *text,
            void (*report)(void *arg, unsigned line, const char *text), void *arg)
{
	struct plain_report p = {report, arg};

	return load_text(r, text, plain, &p).refused;
}

/* --- what a user is told ---------------------------------------------------------------------- */

void
load_log_add(void *log, const struct load_refusal *refusal)
{
	struct load_log *l = log;

	if (l->n++ >= LOAD_TOLD_MAX)
		return;
	text_printf(&l->refusals, "Line %u:\n%s%s\n%s", refusal->line, refusal->prompt,
	            refusal->text, refusal->message);
	text_printf(&l->numbers, "%s%u", l->n > 1 ? ", " : "", refusal->line);
}

void
load_log_summary(struct load_log *log, const struct load_count *count, struct text *ret)
{
	text_puts(ret, text_string(&log->refusals));
	text_printf(ret, "%s%zu line%s taken", count->refused ? "% " : "", count->taken,
	            count->taken == 1 ? "" : "s");
	if (count->refused)
		text_printf(ret, ", %zu refused: %s%s", count->refused, text_string(&log->numbers),
		            log->n > LOAD_TOLD_MAX ? " ..." : "");
	text_puts(ret, "\n");
}

void
load_log_fini(struct load_log *log)
{
	text_fini(&log->refusals);
	text_fini(&log->numbers);
}
