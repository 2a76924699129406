/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a document that have no prompt: see player_parts.h. */
#include <string.h>

#include "cli/lab/player_parts.h"
#include "cli/lab/unprompted.h"

/* --- answers, and what is compared ------------------------------------------------------------ */

/* What follows this step is held against what it has shown. */
void
player_begin_comparison(struct player *p, const struct step *step)
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

	if (!player_seat_line(s, answer)) {
		p->tally.refused++;
		player_note(p, step->line, "refused: %s: %s", s->name, step->text);
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
			player_seat_line(s, step->text);
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
	struct seat *s = name ? player_seat_of(p, name) : NULL;

	if (!s || !unprompted_is_command(router_kind(s->router), next))
		return false;
	p->block = (struct block){.node = name, .headed = true};
	return true;
}

void
player_block_begin(struct player *p, const struct step *step)
{
	fprintf(p->out, "!@ type %s\n", step->node);
	if (lab_spec_alias(lab_spec(p->lab), step->node) || player_seat_of(p, step->node))
		p->block = (struct block){.node = step->node};
	else
		player_fail(p, step,
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
	player_type_step(p, arena_memdup(p->now->arena, &typed, sizeof(typed)));
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

void
player_settle_untyped(struct player *p)
{
	const struct untyped *u = &p->untyped;

	if (u->count)
		player_note(p, u->first,
		            "not typed: %u line%s like configuration without a prompt, the first "
		            "here (`!@ type NODE` before them types them): %s",
		            u->count, u->count == 1 ? "" : "s", u->text);
}

void
player_text_step(struct player *p, const struct step *step)
{
	p->alternative &= !*step->text;
	if (answer_step(p, step) || heading_step(p) || block_step(p, step))
		return;
	comparison_there(p->comparison, step->line, step->text);
	count_untyped(p, step);
}
