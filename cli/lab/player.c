/* SPDX-License-Identifier: Apache-2.0 */
/* Transcripts typed into a lab: see player.h. */
#include "cli/lab/player.h"

#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "cli/lab/comparison.h"
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

struct player {
	struct lab *lab;
	FILE *out;
	size_t n_seats;
	struct seat *seats;
	const struct transcript *now; /* being played */
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

/*
 * Enter, to what the last command asks. An answer that is refused is that command's failure, which
 * is told once; false: no further Enter helps.
 */
static bool
answer_with_enter(struct seat *s)
{
	if (seat_line(s, ""))
		return true;
	if (s->typed) {
		s->player->tally.refused++;
		note_account(s->player, s->typed->line, "refused: %s: %s", s->name, s->typed->text);
	}
	s->typed = NULL;
	return false;
}

/* Brings the session into the mode that the document's prompt shows. */
static bool
reach_mode(struct seat *s, const struct step *step)
{
	char prompt[SHELL_PROMPT_MAX];
	bool taken = true;

	for (int i = 0; i < QUESTIONS_MAX && shell_asking(s->sh) && s->typed; i++) {
		answer_with_enter(s);
		if (!seat_open(s))
			return false;
	}
	if (shell_asking(s->sh))
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
	s->player->tally.refused++;
	note_account(s->player, s->typed->line, "refused: %s still waits for an answer: %s",
	             s->name, s->typed->text);
	s->typed = NULL;
}

static void
seat_step(struct seat *s, const struct step *step)
{
	struct player *p = s->player;
	bool taken;

	s->looked_at = true;
	if (s->sh && !s->closed && !is_at(s, step->node))
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
	if (seat_open(s) &&
	    shell_asking(s->sh)) { /* Enter is no answer: the line would become one */
		p->tally.refused++;
		note_account(p, step->line, "not typed: %s still waits for an answer: %s", s->name,
		             step->text);
		return;
	}
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
type_step(struct player *p, const struct step *step)
{
	const struct lab_alias *alias = lab_spec_alias(lab_spec(p->lab), step->node);
	const char *const one[] = {step->node};
	const char *const *names = alias ? alias->nodes : one;
	size_t n = alias ? alias->n_nodes : 1;
	struct seat *reaching = alias ? NULL : seat_reaching(p, step->node);
	bool either = p->alternative;

	p->alternative = false;
	if (reaching) {
		seat_step(reaching, step);
		return;
	}
	if (!*step->text && !alias && !seat_named(p, step->node))
		return; /* a lone prompt of nobody */
	if (!either)
		for (size_t i = 0; i < p->n_seats; i++)
			p->seats[i].looked_at = false;
	if (!alias && !seat_named(p, step->node)) {
		pass_over(p, step);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct seat *s = seat_named(p, names[i]);

		if (!(either && s->looked_at))
			seat_step(s, step);
	}
}

/* What follows this step is held against what it has shown. */
static void
begin_comparison(struct player *p, const struct step *step)
{
	if (!p->comparing || step->config || !*step->text)
		return;
	comparison_begin(p->comparison, p->now->file, step->line, step->text);
	for (size_t i = 0; i < p->n_seats; i++)
		if (p->seats[i].looked_at)
			comparison_here(p->comparison, p->seats[i].name,
			                text_string(&p->seats[i].out));
}

/* A line without a prompt: does it repeat an open question? Then its answer stands after it. */
static void
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
		if (!seat_line(s, step->text + n + strspn(step->text + n, " "))) {
			p->tally.refused++;
			note_account(p, step->line, "refused: %s: %s", s->name, step->text);
		}
	}
	if (!answered)
		comparison_there(p->comparison, step->line, step->text);
}

/* --- directives ------------------------------------------------------------------------------- */

static void
fail_step(struct player *p, const struct step *step, const char *why)
{
	p->tally.failed++;
	fprintf(p->out, "=> FAILED: %s\n", why);
	note_account(p, step->line, "failed: %s", why);
}

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
	if (step->kind != STEP_TEXT)
		comparison_end(p->comparison);
	switch (step->kind) {
	case STEP_TYPE:
		type_step(p, step);
		begin_comparison(p, step);
		break;
	case STEP_TEXT:
		p->alternative &= !*step->text;
		answer_step(p, step);
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
	for (size_t i = 0; i < p->n_seats; i++) {
		p->seats[i].looked_at = false;
		p->seats[i].typed = NULL; /* another document's */
	}
	for (size_t i = 0; i < t->n; i++) {
		for (size_t k = 0; k < p->n_seats; k++)
			seat_open(&p->seats[k]);
		play_step(p, &t->steps[i]);
	}
	for (size_t i = 0; i < p->n_seats; i++)
		settle_question(&p->seats[i]);
	comparison_end(p->comparison);
	p->comparing = comparing; /* `!@ compare` is of one document */
	settle_missing(p);
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
