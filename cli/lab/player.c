/* SPDX-License-Identifier: Apache-2.0 */
/* Transcripts typed into a lab: see player.h. */
#include "cli/lab/player.h"

#include <stdlib.h>
#include <string.h>

#include "cli/lab/player_parts.h"
#include "cli/lab/unprompted.h"
#include "compiler/base/regular.h"

/* --- directives ------------------------------------------------------------------------------- */

/* What a node showed, without the line that was typed; every node must show it, or none. */
static void
expect_step(struct player *p, const struct step *step)
{
	bool want = step->kind == STEP_EXPECT;
	struct regular *regex = regular_new(step->text, REGULAR_LINES, NULL);
	size_t looked = 0, wrong = 0;

	fprintf(p->out, "!@ %s /%s/\n", want ? "expect" : "expect-not", step->text);
	if (!regex) {
		player_fail(p, step, "not a regular expression");
		return;
	}
	for (size_t i = 0; i < p->n_seats; i++) {
		struct seat *s = &p->seats[i];

		if (!s->looked_at)
			continue;
		looked++;
		if (regular_matches(regex, text_string(&s->out)) == want)
			continue;
		wrong++;
		player_note(p, step->line, "failed: %s: %s /%s/", s->name,
		            want ? "expect" : "expect-not", step->text);
	}
	regular_free(regex);
	if (looked == 0) {
		player_fail(p, step, "there is no output to look at");
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
	player_flush_logs(p);
	if (error) {
		snprintf(why, sizeof(why), "this lab has no %s%s%s", step->node,
		         *step->text ? " " : "", step->text);
		player_fail(p, step, why);
	}
	for (size_t i = 0; i < p->n_seats; i++)
		player_seat_open(&p->seats[i]);
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
		player_type_step(p, step);
		player_begin_comparison(p, step);
		player_watch_ping(p, step);
		p->untyped.output = unprompted_is_output_of(step);
		break;
	case STEP_TEXT:
		player_text_step(p, step);
		break;
	case STEP_BLOCK:
		player_block_begin(p, step);
		break;
	case STEP_OR:
		p->alternative = true;
		break;
	case STEP_WAIT:
		fprintf(p->out, "!@ wait %g\n", (double)step->wait / 1000);
		player_run_for(p, step->wait);
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
			player_note(p, step->line,
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
			player_notify(s, router_log_line(s->router, k));
		player_seat_open(s);
	}
	player_flush_logs(p);
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
	p->early = (struct early){0};
	for (size_t i = 0; i < p->n_seats; i++) {
		p->seats[i].looked_at = false;
		p->seats[i].typed = NULL; /* another document's */
	}
	for (size_t i = 0; i < t->n; i++) {
		for (size_t k = 0; k < p->n_seats; k++)
			player_seat_open(&p->seats[k]);
		p->at = i;
		play_step(p, &t->steps[i]);
	}
	for (size_t i = 0; i < p->n_seats; i++)
		player_settle_question(&p->seats[i]);
	comparison_end(p->comparison);
	p->comparing = comparing; /* `!@ compare` is of one document */
	player_settle_missing(p);
	player_settle_untyped(p);
	text_printf(&p->account, "  %s: %u commands taken, %u refused; %u checks held, %u failed\n",
	            t->file, now->taken - before.taken, now->refused - before.refused,
	            now->held - before.held, now->failed - before.failed);
	p->early.line = 0;
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
