/* SPDX-License-Identifier: Apache-2.0 */
/* Transcripts typed into a lab: see player.h. */
#include "cli/lab/player.h"

#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "cli/lab/comparison.h"
#include "cli/lab/unprompted.h"
#include "cli/shell/shell.h"
#include "compiler/base/text.h"

#define BUSY_MAX      SECONDS(86400) /* a command that takes longer is interrupted */
#define QUESTIONS_MAX 4              /* answered with Enter, one after another */

/* The console of one node. */
struct seat {
	struct player *player;
	const char *name;
	struct router *router;
	struct shell *sh; /* NULL: not open */
	bool done, closed;
	bool looked_at;           /* the last command was typed here */
	const struct step *typed; /* the last command; it may still ask; NULL: none */
	struct text out;
};

struct missing {
	char *name;
	unsigned line, count;
};

/* Where lines without prompts are typed: behind `!@ type`, or a heading. */
struct block {
	const char *node; /* NULL: nowhere */
	bool headed;      /* by a heading: it ends where a paragraph begins that is no command */
	bool paragraph;   /* a blank line has just been */
};

/* Lines that look like configuration, and were typed nowhere. */
struct untyped {
	unsigned count, first;
	const char *text;
	bool output; /* what comes now is what a command showed */
	bool before; /* the line before was one of them */
};

struct player {
	struct lab *lab;
	FILE *out;
	size_t n_seats;
	struct seat *seats;
	const struct transcript *now; /* being played */
	size_t at;                    /* its step */
	struct block block;
	struct untyped untyped;
	struct player_tally tally;
	struct text logs;    /* lines that wait for the command to end */
	struct text account; /* what the verification says */
	struct missing *missing;
	size_t n_missing, missing_capacity;
	bool alternative;         /* OR stood before this line */
	bool comparing, compared; /* now; at any time */
	struct comparison *comparison;
};

/* --- a console -------------------------------------------------------------------------------- */

static void
seat_write(void *arg, const char *text, size_t n)
{
	text_add(&((struct seat *)arg)->out, text, n);
}

static void
seat_done(void *arg)
{
	((struct seat *)arg)->done = true;
}

static void
seat_notify(void *arg, const char *text)
{
	struct seat *s = arg;

	text_printf(&s->player->logs, "%s: %s\n", s->name, text);
}

static void
seat_close(void *arg)
{
	((struct seat *)arg)->closed = true;
}

/* Opens a console that is not open, or was closed; false when the router is down. */
static bool
seat_open(struct seat *s)
{
	static const struct shell_io io = {
	    .write = seat_write, .done = seat_done, .notify = seat_notify, .close = seat_close};

	if (s->sh && s->closed) {
		shell_free(s->sh);
		s->sh = NULL;
	}
	if (!s->sh && router_is_up(s->router)) {
		s->closed = false;
		s->sh = shell_new(s->router, &io, s, true);
	}
	return s->sh != NULL;
}

static void
flush_logs(struct player *p)
{
	fputs(text_string(&p->logs), p->out);
	text_clear(&p->logs);
}

static void
run_for(struct player *p, msec time)
{
	lab_run_until(p->lab, lab_now(p->lab) + time);
	flush_logs(p);
}

/* Time goes on, event by event, until the command is finished. */
static void
run_command(struct seat *s)
{
	struct lab *lab = s->player->lab;
	msec limit = lab_now(lab) + BUSY_MAX;

	while (!s->done && !s->closed && shell_busy(s->sh))
		if (!lab_step(lab, limit)) {
			shell_interrupt(s->sh);
			return;
		}
}

static void
print_output(struct seat *s)
{
	const char *text = text_string(&s->out);
	size_t n = s->out.n;

	fwrite(text, 1, n, s->player->out);
	if (n && text[n - 1] != '\n')
		fputc('\n', s->player->out);
}

/* Types one line as it is. True when it was taken. */
static bool
seat_line(struct seat *s, const char *line)
{
	struct player *p = s->player;
	msec until = lab_now(p->lab) + lab_line_time(p->lab);
	char prompt[SHELL_PROMPT_MAX];

	shell_prompt(s->sh, prompt);
	fprintf(p->out, "%s%s\n", prompt, shell_hides_input(s->sh) ? "" : line);
	text_clear(&s->out);
	s->done = false;
	shell_refused(s->sh); /* what was before does not count */
	shell_line(s->sh, line);
	run_command(s);
	print_output(s);
	if (lab_now(p->lab) < until)
		run_for(p, until - lab_now(p->lab));
	flush_logs(p);
	return !shell_refused(s->sh);
}

/* --- the account ------------------------------------------------------------------------------ */

static void __attribute__((format(printf, 3, 4)))
note_account(struct player *p, unsigned line, const char *format, ...)
{
	va_list ap;

	text_printf(&p->account, "  %s:%u: ", p->now->file, line);
	va_start(ap, format);
	text_vprintf(&p->account, format, ap);
	va_end(ap);
	text_puts(&p->account, "\n");
}

static void
fail_step(struct player *p, const struct step *step, const char *why)
{
	p->tally.failed++;
	fprintf(p->out, "=> FAILED: %s\n", why);
	note_account(p, step->line, "failed: %s", why);
}

static void
pass_over(struct player *p, const struct step *step)
{
	p->tally.passed_over++;
	for (size_t i = 0; i < p->n_missing; i++)
		if (strcmp(p->missing[i].name, step->node) == 0) {
			p->missing[i].count++;
			return;
		}
	fprintf(p->out, "%s:%u: passed over: this lab has no node %s\n", p->now->file, step->line,
	        step->node);
	x_grow(&p->missing, &p->missing_capacity, p->n_missing + 1, sizeof(*p->missing));
	p->missing[p->n_missing++] =
	    (struct missing){.name = x_strdup(step->node), .line = step->line, .count = 1};
}

static void
settle_missing(struct player *p)
{
	for (size_t i = 0; i < p->n_missing; i++) {
		note_account(
		    p, p->missing[i].line, "passed over: %u line%s for %s, which this lab lacks",
		    p->missing[i].count, p->missing[i].count == 1 ? "" : "s", p->missing[i].name);
		free(p->missing[i].name);
	}
	p->n_missing = 0;
}

/* --- typing ----------------------------------------------------------------------------------- */

static struct seat *
seat_named(struct player *p, const char *name)
{
	for (size_t i = 0; i < p->n_seats; i++)
		if (strcmp(p->seats[i].name, name) == 0)
			return &p->seats[i];
	return NULL;
}

/* The only node that has been given this name by `hostname`; NULL: none, or several. */
static struct seat *
seat_called(struct player *p, const char *hostname)
{
	struct seat *found = NULL;

	for (size_t i = 0; i < p->n_seats; i++) {
		const char *name =
		    tree_str(router_tree(p->seats[i].router), KEY_HOSTNAME, ARG_HOSTNAME);

		if (!name || strcmp(name, hostname) != 0)
			continue;
		if (found)
			return NULL;
		found = &p->seats[i];
	}
	return found;
}

/* The seat of a prompt's name: a node of the lab, or one that is called so now. */
static struct seat *
seat_of(struct player *p, const char *name)
{
	struct seat *s = seat_named(p, name);

	return s ? s : seat_called(p, name);
}

/* The last command was taken until its question had no answer; it is told of once. */
static void
reject_typed(struct seat *s, const char *why)
{
	struct player *p = s->player;

	if (!s->typed)
		return;
	p->tally.taken--;
	p->tally.refused++;
	note_account(p, s->typed->line, "refused: %s: %s%s", s->name, why, s->typed->text);
	s->typed = NULL;
}

/*
 * Enter, to what the last command asks. An answer that is refused is that command's failure, which
 * is told once; false: no further Enter helps.
 */
static bool
answer_with_enter(struct seat *s)
{
	if (seat_line(s, ""))
		return true;
	reject_typed(s, "");
	return false;
}

/*
 * The document goes on, so the author's router did: Enter is the answer, and where it is none, the
 * question is given up, and its command counts as refused. False: the router is down.
 */
static bool
leave_question(struct seat *s)
{
	for (int i = 0; i < QUESTIONS_MAX && shell_asking(s->sh) && s->typed; i++) {
		if (!answer_with_enter(s))
			break;
		if (!seat_open(s))
			return false;
	}
	if (!shell_asking(s->sh))
		return true;
	reject_typed(s, "no answer to what it asks: ");
	fprintf(s->player->out, "^C\n");
	shell_interrupt(s->sh);
	return seat_open(s);
}

/* Brings the session into the mode that the document's prompt shows. */
static bool
reach_mode(struct seat *s, const struct step *step)
{
	char prompt[SHELL_PROMPT_MAX];
	bool taken = true;

	if (!leave_question(s))
		return false;
	if (shell_in_config(s->sh) && !step->config)
		taken = seat_line(s, "end") && taken;
	shell_prompt(s->sh, prompt);
	if (!step->user && *prompt && prompt[strlen(prompt) - 1] == '>' &&
	    strncmp(step->text, "en", 2) != 0)
		taken = seat_line(s, "enable") && taken;
	if (!shell_in_config(s->sh) && step->config)
		taken = seat_line(s, "configure terminal") && taken;
	return taken;
}

/* Does what is typed at the seat go to that node, from which it may be reached by telnet? */
static bool
is_at(const struct seat *s, const char *node)
{
	const struct shell *front = shell_front(s->sh);

	return front == s->sh
	           ? strcmp(s->name, node) == 0
	           : strcmp(router_name(shell_router((struct shell *)(uintptr_t)front)), node) == 0;
}

/* The seat that was typed into last, when it has reached that node; NULL: none has. */
static struct seat *
seat_reaching(struct player *p, const char *node)
{
	for (size_t i = 0; i < p->n_seats; i++) {
		struct seat *s = &p->seats[i];

		if (s->looked_at && s->sh && !s->closed && shell_front(s->sh) != s->sh &&
		    is_at(s, node))
			return s;
	}
	return NULL;
}

/* A document has ended: the last command may still ask, which Enter answers, or nothing does. */
static void
settle_question(struct seat *s)
{
	for (int i = 0; i < QUESTIONS_MAX && s->typed && seat_open(s) && shell_asking(s->sh); i++)
		if (!answer_with_enter(s))
			return;
	if (!s->typed || !s->sh || s->closed || !shell_asking(s->sh))
		return;
	reject_typed(s, "no answer to what it asks: ");
}

/* node: whose prompt it is, which the seat may have reached by telnet. */
static void
seat_step(struct seat *s, const struct step *step, const char *node)
{
	struct player *p = s->player;
	bool taken;

	s->looked_at = true;
	if (s->sh && !s->closed && !is_at(s, node))
		shell_suspend(s->sh); /* the document is back at this router's own prompt */
	if (!seat_open(s)) {
		text_clear(&s->out);
		fprintf(p->out, "%s is down\n", s->name);
		note_account(p, step->line, "refused: %s is down: %s", s->name, step->text);
		p->tally.refused++;
		return;
	}
	if (!*step->text) { /* a prompt alone */
		if (shell_asking(s->sh))
			answer_with_enter(s);
		return;
	}
	taken = reach_mode(s, step);
	s->typed = step;
	taken = seat_open(s) && seat_line(s, step->text) && taken;
	if (taken) {
		p->tally.taken++;
		return;
	}
	p->tally.refused++;
	note_account(p, step->line, "refused: %s: %s", s->name, step->text);
}

static void
forget_looks(struct player *p)
{
	for (size_t i = 0; i < p->n_seats; i++)
		p->seats[i].looked_at = false;
}

/* Into every node of an alias; after OR, into those only that the line before did not reach. */
static void
type_into_alias(struct player *p, const struct step *step, const struct lab_alias *alias,
                bool either)
{
	if (!either)
		forget_looks(p);
	for (size_t i = 0; i < alias->n_nodes; i++) {
		struct seat *s = seat_named(p, alias->nodes[i]);

		if (!(either && s->looked_at))
			seat_step(s, step, s->name);
	}
}

static void
type_step(struct player *p, const struct step *step)
{
	const struct lab_alias *alias = lab_spec_alias(lab_spec(p->lab), step->node);
	struct seat *reaching = alias ? NULL : seat_reaching(p, step->node), *s;
	bool either = p->alternative;

	p->alternative = false;
	if (reaching) {
		seat_step(reaching, step, step->node);
		return;
	}
	if (alias) {
		type_into_alias(p, step, alias, either);
		return;
	}
	s = seat_of(p, step->node);
	if (!s && !*step->text)
		return; /* a lone prompt of nobody */
	if (s && either && s->looked_at)
		return;
	if (!either)
		forget_looks(p);
	if (s)
		seat_step(s, step, s->name);
	else
		pass_over(p, step);
}

/* What follows this step is held against what it has shown. */
static void
begin_comparison(struct player *p, const struct step *step)
{
	if (!p->comparing || !unprompted_is_output_of(step))
		return;
	comparison_begin(p->comparison, p->now->file, step->line, step->text);
	for (size_t i = 0; i < p->n_seats; i++)
		if (p->seats[i].looked_at)
			comparison_here(p->comparison, p->seats[i].name,
			                text_string(&p->seats[i].out));
}

/* What a command shows once its question is answered is of its output. */
static void
answer_line(struct seat *s, const struct step *step, const char *answer)
{
	struct player *p = s->player;

	if (!seat_line(s, answer)) {
		p->tally.refused++;
		note_account(p, step->line, "refused: %s: %s", s->name, step->text);
	}
	comparison_more(p->comparison, s->name, text_string(&s->out));
}

/*
 * A line without a prompt: does it repeat an open question? Then its answer stands after it. False:
 * nothing asks so.
 */
static bool
answer_step(struct player *p, const struct step *step)
{
	bool answered = false;

	for (size_t i = 0; i < p->n_seats; i++) {
		struct seat *s = &p->seats[i];
		char buf[SHELL_PROMPT_MAX];
		const char *question;
		size_t n;

		if (!s->looked_at || !s->sh || s->closed || !shell_asking(s->sh))
			continue;
		shell_prompt(s->sh, buf);
		if (!*buf) { /* a text of several lines */
			seat_line(s, step->text);
			answered = true;
			continue;
		}
		question = buf + strspn(buf, " ");
		n = strlen(question);
		while (n > 0 && question[n - 1] == ' ')
			n--;
		if (n == 0 || strncmp(step->text, question, n) != 0)
			continue;
		answered = true;
		answer_line(s, step, step->text + n + strspn(step->text + n, " "));
	}
	return answered;
}

/* --- without prompts -------------------------------------------------------------------------- */

/* A kind of any node of this lab. */
static bool
is_command_here(const struct player *p, const char *line)
{
	for (size_t i = 0; i < p->n_seats; i++)
		if (unprompted_is_command(router_kind(p->seats[i].router), line))
			return true;
	return false;
}

/* Begins a block where a node's name stands with a colon, and a command of its kind below it. */
static bool
heading_step(struct player *p)
{
	const char *next, *name = unprompted_heading(p->now->arena, p->now, p->at, &next);
	struct seat *s = name ? seat_of(p, name) : NULL;

	if (!s || !unprompted_is_command(router_kind(s->router), next))
		return false;
	p->block = (struct block){.node = name, .headed = true};
	return true;
}

static void
block_begin(struct player *p, const struct step *step)
{
	fprintf(p->out, "!@ type %s\n", step->node);
	if (lab_spec_alias(lab_spec(p->lab), step->node) || seat_of(p, step->node))
		p->block = (struct block){.node = step->node};
	else
		fail_step(p, step,
		          arena_printf(p->now->arena, "this lab has no node %s", step->node));
}

/* True: it was typed, or is nothing to type. */
static bool
block_step(struct player *p, const struct step *step)
{
	struct block *b = &p->block;
	struct step typed = *step;

	if (!b->node)
		return false;
	if (!*step->text) {
		b->paragraph = true;
		return true;
	}
	if (b->headed && b->paragraph && !step->indented && *step->text != '!' &&
	    !is_command_here(p, step->text)) {
		b->node = NULL;
		return false;
	}
	b->paragraph = false;
	if (*step->text == '!')
		return true;
	typed.kind = STEP_TYPE;
	typed.node = b->node;
	typed.config = strncmp(step->text, "conf", 4) != 0 && strncmp(step->text, "en", 2) != 0;
	type_step(p, arena_memdup(p->now->arena, &typed, sizeof(typed)));
	return true;
}

static void
count_untyped(struct player *p, const struct step *step)
{
	struct untyped *u = &p->untyped;

	if (!*step->text || *step->text == '!' || u->output)
		return;
	u->before = (u->before && step->indented) || is_command_here(p, step->text);
	if (!u->before)
		return;
	if (!u->count++) {
		u->first = step->line;
		u->text = step->text;
	}
}

static void
settle_untyped(struct player *p)
{
	const struct untyped *u = &p->untyped;

	if (u->count)
		note_account(p, u->first,
		             "not typed: %u line%s like configuration without a prompt, the first "
		             "here (`!@ type NODE` before them types them): %s",
		             u->count, u->count == 1 ? "" : "s", u->text);
}

static void
text_step(struct player *p, const struct step *step)
{
	p->alternative &= !*step->text;
	if (answer_step(p, step) || heading_step(p) || block_step(p, step))
		return;
	comparison_there(p->comparison, step->line, step->text);
	count_untyped(p, step);
}

/* --- directives ------------------------------------------------------------------------------- */

/* What a node showed, without the line that was typed; every node must show it, or none. */
static void
expect_step(struct player *p, const struct step *step)
{
	bool want = step->kind == STEP_EXPECT;
	regex_t regex;
	size_t looked = 0, wrong = 0;

	fprintf(p->out, "!@ %s /%s/\n", want ? "expect" : "expect-not", step->text);
	if (regcomp(&regex, step->text, REG_EXTENDED | REG_NEWLINE | REG_NOSUB)) {
		fail_step(p, step, "not a regular expression");
		return;
	}
	for (size_t i = 0; i < p->n_seats; i++) {
		struct seat *s = &p->seats[i];

		if (!s->looked_at)
			continue;
		looked++;
		if ((regexec(&regex, text_string(&s->out), 0, NULL, 0) == 0) == want)
			continue;
		wrong++;
		note_account(p, step->line, "failed: %s: %s /%s/", s->name,
		             want ? "expect" : "expect-not", step->text);
	}
	regfree(&regex);
	if (looked == 0) {
		fail_step(p, step, "there is no output to look at");
		return;
	}
	if (wrong)
		p->tally.failed++;
	else
		p->tally.held++;
	fprintf(p->out, "=> %s\n", wrong ? "FAILED" : "held");
}

/* Only key servers ask a store; nothing would come of it. */
static void
note_storeless(struct player *p, const struct step *step)
{
	struct router *r = lab_router(p->lab, step->node);
	const struct policy *policy = r ? node_policy(router_node(r)) : NULL;

	for (size_t i = 0; policy && i < policy->n_groups; i++)
		if (policy->groups[i].local)
			return;
	if (policy)
		fprintf(p->out, "%% %s is no key server now: it asks no store\n", step->node);
}

static void
node_step(struct player *p, const struct step *step)
{
	char why[200];
	int error;

	if (step->kind == STEP_LINK) {
		fprintf(p->out, "!@ link %s %s %s\n", step->node, step->text,
		        step->up ? "up" : "down");
		error = lab_link_set(p->lab, step->node, step->text, step->up);
	} else if (step->kind == STEP_STORE) {
		fprintf(p->out, "!@ store %s %s\n", step->node, step->up ? "up" : "down");
		error =
		    !lab_store_line(p->lab, step->node, step->up ? STORE_LINE_UP : STORE_LINE_DOWN);
		if (step->up)
			lab_store_slow(p->lab, step->node, 0);
		else if (!error)
			note_storeless(p, step);
	} else if (step->kind == STEP_STORE_SLOW) {
		fprintf(p->out, "!@ store %s slow %lld\n", step->node, (long long)step->wait);
		error = !lab_store_slow(p->lab, step->node, step->wait);
	} else if (step->kind == STEP_CRASH) {
		fprintf(p->out, "!@ crash %s\n", step->node);
		error = lab_crash(p->lab, step->node);
	} else {
		fprintf(p->out, "!@ boot %s\n", step->node);
		error = lab_boot(p->lab, step->node);
	}
	flush_logs(p);
	if (error) {
		snprintf(why, sizeof(why), "this lab has no %s%s%s", step->node,
		         *step->text ? " " : "", step->text);
		fail_step(p, step, why);
	}
	for (size_t i = 0; i < p->n_seats; i++)
		seat_open(&p->seats[i]);
}

static void
play_step(struct player *p, const struct step *step)
{
	if (step->kind != STEP_TEXT) {
		comparison_end(p->comparison);
		p->block.node = NULL;
	}
	switch (step->kind) {
	case STEP_TYPE:
		type_step(p, step);
		begin_comparison(p, step);
		p->untyped.output = unprompted_is_output_of(step);
		break;
	case STEP_TEXT:
		text_step(p, step);
		break;
	case STEP_BLOCK:
		block_begin(p, step);
		break;
	case STEP_OR:
		p->alternative = true;
		break;
	case STEP_WAIT:
		fprintf(p->out, "!@ wait %g\n", (double)step->wait / 1000);
		run_for(p, step->wait);
		break;
	case STEP_EXPECT:
	case STEP_EXPECT_NOT:
		expect_step(p, step);
		break;
	case STEP_LOSS:
		fprintf(p->out, "!@ loss %g%%", step->faults[LAB_LOSS] * 100);
		if (step->faults[LAB_DUPLICATE] > 0)
			fprintf(p->out, " duplicate %g%%", step->faults[LAB_DUPLICATE] * 100);
		if (step->faults[LAB_REORDER] > 0)
			fprintf(p->out, " reorder %g%%", step->faults[LAB_REORDER] * 100);
		fputc('\n', p->out);
		if (lab_faults(p->lab, step->faults)) {
			p->tally.failed++;
			note_account(p, step->line,
			             "failed: links in namespaces have no faults on demand");
		}
		break;
	case STEP_LINK:
	case STEP_CRASH:
	case STEP_BOOT:
	case STEP_STORE:
	case STEP_STORE_SLOW:
		node_step(p, step);
		break;
	case STEP_COMPARE:
		fprintf(p->out, "!@ compare\n");
		player_compare(p);
		break;
	case STEP_DIFFERS:
		break; /* player_reasons */
	}
}

/* --- the whole -------------------------------------------------------------------------------- */

struct player *
player_new(struct lab *lab, FILE *out)
{
	const struct lab_spec *spec = lab_spec(lab);
	struct player *p = x_alloc(sizeof(*p));

	p->lab = lab;
	p->out = out;
	p->comparison = comparison_new();
	p->n_seats = spec->n_nodes;
	p->seats = x_alloc(p->n_seats * sizeof(*p->seats));
	for (size_t i = 0; i < p->n_seats; i++) {
		struct seat *s = &p->seats[i];

		s->player = p;
		s->name = spec->nodes[i].name;
		s->router = lab_router_at(lab, i);
		/* What the routers said as they started, before anybody listened. */
		for (size_t k = 0; k < router_log_count(s->router); k++)
			seat_notify(s, router_log_line(s->router, k));
		seat_open(s);
	}
	flush_logs(p);
	return p;
}

void
player_free(struct player *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n_seats; i++) {
		shell_free(p->seats[i].sh);
		text_fini(&p->seats[i].out);
	}
	text_fini(&p->logs);
	text_fini(&p->account);
	free(p->missing);
	comparison_free(p->comparison);
	free(p->seats);
	free(p);
}

void
player_compare(struct player *p)
{
	p->comparing = p->compared = true;
}

void
player_reasons(struct player *p, const struct transcript *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->steps[i].kind == STEP_DIFFERS)
			comparison_excuse(p->comparison, t->steps[i].text, t->steps[i].reason);
}

void
player_play(struct player *p, const struct transcript *t)
{
	struct player_tally before = p->tally, *now = &p->tally;
	bool comparing = p->comparing;

	p->now = t;
	p->alternative = false;
	p->block = (struct block){0};
	p->untyped = (struct untyped){0};
	for (size_t i = 0; i < p->n_seats; i++) {
		p->seats[i].looked_at = false;
		p->seats[i].typed = NULL; /* another document's */
	}
	for (size_t i = 0; i < t->n; i++) {
		for (size_t k = 0; k < p->n_seats; k++)
			seat_open(&p->seats[k]);
		p->at = i;
		play_step(p, &t->steps[i]);
	}
	for (size_t i = 0; i < p->n_seats; i++)
		settle_question(&p->seats[i]);
	comparison_end(p->comparison);
	p->comparing = comparing; /* `!@ compare` is of one document */
	settle_missing(p);
	settle_untyped(p);
	text_printf(&p->account, "  %s: %u commands taken, %u refused; %u checks held, %u failed\n",
	            t->file, now->taken - before.taken, now->refused - before.refused,
	            now->held - before.held, now->failed - before.failed);
	p->now = NULL;
}

struct player_tally
player_tally(const struct player *p)
{
	return p->tally;
}

bool
player_verify(struct player *p)
{
	const struct player_tally *t = &p->tally;
	const size_t differing = comparison_differing(p->comparison);
	bool ok = t->taken > 0 && t->refused == 0 && t->failed == 0 && differing == 0;

	if (p->compared)
		comparison_print(p->comparison, p->out);
	fprintf(p->out, "\nVerification\n%s", text_string(&p->account));
	if (t->taken == 0)
		fprintf(p->out, "  nothing was typed\n");
	fprintf(p->out, "  all: %u commands taken, %u refused; %u checks held, %u failed", t->taken,
	        t->refused, t->held, t->failed);
	if (differing)
		fprintf(p->out, "; %zu difference%s without a reason", differing,
		        differing == 1 ? "" : "s");
	fprintf(p->out, ": %s\n", ok ? "passed" : "FAILED");
	return ok;
}
