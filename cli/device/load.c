/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration text into a router: see load.h. */
#include "cli/device/load.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cli/accounts/auth_seal.h"

struct loading {
	struct router *router; /* whose running configuration it is; NULL: a trial */
	struct accounts book;
	const struct router_actor *actor;
	void *acting; /* opened by the first command that acts; NULL: none yet */
	load_skipped *skipped;
	void *skipped_arg;
};

/* --- what the session asks (session.h) -------------------------------------------------------- */

static const struct command *
seal_command(void *arg, const struct command *cmd, struct arena *a, const char **ret_error)
{
	return auth_seal(((struct loading *)arg)->book, cmd, a, ret_error);
}

static const char *
follow_sealed(void *arg, const struct command *cmd)
{
	struct loading *l = arg;
	bool changed;
	const char *note = auth_sealed(l->book, cmd, &changed);

	if (changed && l->router)
		router_touch(l->router);
	return note;
}

static void
tell_router(void *arg, const struct command *cmd)
{
	router_changed(((struct loading *)arg)->router, cmd);
}

static void
run_command(void *arg, struct config_session *s, const struct command *cmd)
{
	struct loading *l = arg;

	if (!l->acting)
		l->acting = l->actor->open(l->router, s);
	l->actor->run(l->acting, cmd);
}

static bool
command_asks(void *arg)
{
	struct loading *l = arg;

	return l->acting && l->actor->asks(l->acting);
}

static void
answer_command(void *arg, const char *line)
{
	struct loading *l = arg;

	l->actor->answer(l->acting, line);
}

static void
skip_command(void *arg, struct config_session *s, const struct command *cmd)
{
	struct loading *l = arg;

	l->skipped(l->skipped_arg, session_line_number(s), cmd);
}

/* What acts has borrowed the session, and may still tell it something (a ping that is cut off). */
static void
close_actor(void *arg)
{
	struct loading *l = arg;

	if (l->acting)
		l->actor->close(l->acting);
	l->acting = NULL;
}

/* --- texts ------------------------------------------------------------------------------------ */

static struct script_count
read_running(struct router *r, const char *text, enum script_form form, script_report *report,
             void *arg)
{
	struct loading l = {.router = r, .book = router_accounts(r), .actor = router_actor(r)};
	struct session_setup setup = {
	    .tree = router_tree(r),
	    .name = router_name(r),
	    .hooks = {.seal = seal_command,
	              .sealed = follow_sealed,
	              .changed = tell_router,
	              .run = l.actor ? run_command : NULL,
	              .asks = command_asks,
	              .answer = answer_command,
	              .closing = close_actor,
	              .arg = &l},
	};

	return script_read(&setup, text, form, report, arg);
}

static struct script_count
read_trial(const struct router *r, struct tree *tree, const char *text, enum script_form form,
           script_report *report, load_skipped *skipped, void *arg)
{
	struct loading l = {.book = r ? router_accounts(r) : (struct accounts){.running = tree},
	                    .skipped = skipped,
	                    .skipped_arg = arg};
	struct session_setup setup = {
	    .tree = tree,
	    .name = r ? router_name(r) : device_kind_of(tree)->hostname,
	    .hooks = {.seal = seal_command,
	              .sealed = follow_sealed,
	              .run = skipped ? skip_command : NULL,
	              .arg = &l},
	};

	l.book.tree = tree;
	return script_read(&setup, text, form, report, arg);
}

struct script_count
load_commands(struct router *r, const char *text, script_report *report, void *arg)
{
	return read_running(r, text, SCRIPT_INDENTED, report, arg);
}

static struct script_count
load_lines(struct router *r, const char *text, enum script_form form, script_report *report,
           void *arg)
{
	bool within = router_load_begin(r);
	struct script_count count = read_running(r, text, form, report, arg);

	router_load_end(r, within);
	return count;
}

struct script_count
load_text(struct router *r, const char *text, script_report *report, void *arg)
{
	return load_lines(r, text, SCRIPT_TYPED, report, arg);
}

struct script_count
load_text_indented(struct router *r, const char *text, script_report *report, void *arg)
{
	return load_lines(r, text, SCRIPT_INDENTED, report, arg);
}

struct script_count
load_trial(const struct router *r, struct tree *tree, const char *text, script_report *report,
           void *arg)
{
	return read_trial(r, tree, text, SCRIPT_TYPED, report, NULL, arg);
}

struct script_count
load_trial_indented(const struct router *r, struct tree *tree, const char *text,
                    script_report *report, void *arg)
{
	return read_trial(r, tree, text, SCRIPT_INDENTED, report, NULL, arg);
}

struct script_count
load_trial_telling(struct tree *tree, const char *text, script_report *report,
                   load_skipped *skipped, void *arg)
{
	return read_trial(NULL, tree, text, SCRIPT_TYPED, report, skipped, arg);
}

/* --- the router's own ------------------------------------------------------------------------- */

struct plain_report {
	void (*report)(void *arg, unsigned line, const char *text);
	void *arg;
};

void
load_mask_message(const char *message, const char *line, struct text *ret)
{
	char *masked = auth_mask(line, NULL);
	const char *quoted = *line ? strstr(message, line) : NULL;
	const size_t before = ret->n;

	if (quoted)
		text_printf(ret, "%.*s%s%s", (int)(quoted - message), message, masked,
		            quoted + strlen(line));
	else
		text_puts(ret, message);
	/* A text of anybody's must not command the terminal of who reads of it. */
	for (size_t i = before; i < ret->n; i++)
		if (iscntrl((unsigned char)ret->p[i]) && ret->p[i] != '\n')
			ret->p[i] = ret->p[i] == '\t' ? ' ' : '.';
	free(masked);
}

/*
 * The line as far as it was understood, and the word that was not: what stands behind a mistyped
 * word may be a secret, and this goes into logs.
 */
static char *
begin_of_line(const struct script_refusal *refusal)
{
	const char *line = refusal->text;
	size_t n = refusal->column ? refusal->column - 1 : 0;

	if (n > strlen(line))
		n = strlen(line);
	n += strcspn(line + n, " \t");
	if (n > LOAD_LINE_MAX)
		n = LOAD_LINE_MAX;
	return x_asprintf("%.*s%s", (int)n, line, line[n] ? " ..." : "");
}

static void
report_plainly(void *arg, const struct script_refusal *refusal)
{
	struct plain_report *p = arg;
	struct text message = TEXT_INIT;
	char *begin = begin_of_line(refusal);

	text_puts(&message, refusal->prompt);
	load_mask_message(begin, begin, &message);
	text_puts(&message, "\n");
	free(begin);
	load_mask_message(refusal->message, refusal->text, &message);
	if (p->report)
		p->report(p->arg, refusal->line, text_string(&message));
	text_fini(&message);
}

size_t
router_load(struct router *r, const char *text,
            void (*report)(void *arg, unsigned line, const char *text), void *arg)
{
	struct plain_report p = {report, arg};

	return load_text(r, text, report_plainly, &p).refused;
}

/* --- what a user is told ---------------------------------------------------------------------- */

void
load_refusal_text(const struct script_refusal *refusal, struct text *ret)
{
	struct text line = TEXT_INIT;

	load_mask_message(refusal->text, refusal->text, &line);
	text_puts(ret, refusal->prompt);
	text_printf(ret, "%.*s%s\n", LOAD_LINE_MAX, text_string(&line),
	            line.n > LOAD_LINE_MAX ? "..." : "");
	text_fini(&line);
	load_mask_message(refusal->message, refusal->text, ret);
}

bool
load_announces_secret(const char *word, size_t n, bool first)
{
	return auth_announces_secret(word, n, first);
}

void
load_log_add(void *log, const struct script_refusal *refusal)
{
	struct load_log *l = log;

	if (l->n++ >= LOAD_TOLD_MAX)
		return;
	text_printf(&l->refusals, "Line %u:\n", refusal->line);
	load_refusal_text(refusal, &l->refusals);
	text_printf(&l->numbers, "%s%u", l->n > 1 ? ", " : "", refusal->line);
}

void
load_log_summary(struct load_log *log, const struct script_count *count, struct text *ret)
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
