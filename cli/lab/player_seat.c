/* SPDX-License-Identifier: Apache-2.0 */
/* The consoles that a player types into, and the account that it keeps: see player_parts.h. */
#include <stdlib.h>
#include <string.h>

#include "cli/lab/player_parts.h"

#define BUSY_MAX      SECONDS(86400) /* a command that takes longer is interrupted */
#define EARLY_MAX     SECONDS(180)   /* what comes up later is another matter */
#define QUESTIONS_MAX 4              /* answered with Enter, one after another */

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

/* A neighbour of a routing protocol has come up. */
static bool
tells_of_neighbor(const char *text)
{
	return (strstr(text, "%OSPF-5-ADJCHG") && strstr(text, "to FULL")) ||
	       (strstr(text, "%DUAL-5-NBRCHANGE") && strstr(text, "is up")) ||
	       (strstr(text, "%BGP-5-ADJCHANGE") && strstr(text, " Up"));
}

void
player_watch_ping(struct player *p, const struct step *step)
{
	const char *s = step->text + (strncmp(step->text, "do ", 3) ? 0 : 3);

	if (strncmp(s, "ping ", 5) != 0)
		return;
	for (size_t i = 0; i < p->n_seats; i++)
		if (p->seats[i].looked_at &&
		    strstr(text_string(&p->seats[i].out), "Success rate is 0 percent"))
			p->early = (struct early){step->line, lab_now(p->lab)};
}

void
player_notify(void *arg, const char *text)
{
	struct seat *s = arg;
	struct early *early = &s->player->early;

	if (early->line && lab_now(s->player->lab) - early->at < EARLY_MAX &&
	    tells_of_neighbor(text)) {
		player_note(s->player, early->line,
		            "nothing answered this ping, %lld seconds before a routing neighbor "
		            "of %s came up (`!@ wait` lets time pass)",
		            (long long)((lab_now(s->player->lab) - early->at) / 1000), s->name);
		early->line = 0;
	}
	text_printf(&s->player->logs, "%s: %s\n", s->name, text);
}

static void
seat_close(void *arg)
{
	((struct seat *)arg)->closed = true;
}

/* Opens a console that is not open, or was closed; false when the router is down. */
bool
player_seat_open(struct seat *s)
{
	static const struct shell_io io = {
	    .write = seat_write, .done = seat_done, .notify = player_notify, .close = seat_close};

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

void
player_flush_logs(struct player *p)
{
	fputs(text_string(&p->logs), p->out);
	text_clear(&p->logs);
}

void
player_run_for(struct player *p, msec time)
{
	lab_run_until(p->lab, lab_now(p->lab) + time);
	player_flush_logs(p);
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
bool
player_seat_line(struct seat *s, const char *line)
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
		player_run_for(p, until - lab_now(p->lab));
	player_flush_logs(p);
	return !shell_refused(s->sh);
}

/* --- the account ------------------------------------------------------------------------------ */

void
player_note(struct player *p, unsigned line, const char *format, ...)
{
	va_list ap;

	text_printf(&p->account, "  %s:%u: ", p->now->file, line);
	va_start(ap, format);
	text_vprintf(&p->account, format, ap);
	va_end(ap);
	text_puts(&p->account, "\n");
}

void
player_fail(struct player *p, const struct step *step, const char *why)
{
	p->tally.failed++;
	fprintf(p->out, "=> FAILED: %s\n", why);
	player_note(p, step->line, "failed: %s", why);
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

void
player_settle_missing(struct player *p)
{
	for (size_t i = 0; i < p->n_missing; i++) {
		player_note(
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
		if (strcmp(router_hostname(p->seats[i].router), hostname) != 0)
			continue;
		if (found)
			return NULL;
		found = &p->seats[i];
	}
	return found;
}

/* The seat of a prompt's name: a node of the lab, or one that is called so now. */
struct seat *
player_seat_of(struct player *p, const char *name)
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
	player_note(p, s->typed->line, "refused: %s: %s%s", s->name, why, s->typed->text);
	s->typed = NULL;
}

/*
 * Enter, to what the last command asks. An answer that is refused is that command's failure, which
 * is told once; false: no further Enter helps.
 */
static bool
answer_with_enter(struct seat *s)
{
	if (player_seat_line(s, ""))
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
		if (!player_seat_open(s))
			return false;
	}
	if (!shell_asking(s->sh))
		return true;
	reject_typed(s, "no answer to what it asks: ");
	fprintf(s->player->out, "^C\n");
	shell_interrupt(s->sh);
	return player_seat_open(s);
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
		taken = player_seat_line(s, "end") && taken;
	shell_prompt(s->sh, prompt);
	if (!step->user && *prompt && prompt[strlen(prompt) - 1] == '>' &&
	    strncmp(step->text, "en", 2) != 0)
		taken = player_seat_line(s, "enable") && taken;
	if (!shell_in_config(s->sh) && step->config)
		taken = player_seat_line(s, "configure terminal") && taken;
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
void
player_settle_question(struct seat *s)
{
	for (int i = 0; i < QUESTIONS_MAX && s->typed && player_seat_open(s) && shell_asking(s->sh);
	     i++)
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
	if (!player_seat_open(s)) {
		text_clear(&s->out);
		fprintf(p->out, "%s is down\n", s->name);
		player_note(p, step->line, "refused: %s is down: %s", s->name, step->text);
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
	taken = player_seat_open(s) && player_seat_line(s, step->text) && taken;
	if (taken) {
		p->tally.taken++;
		return;
	}
	p->tally.refused++;
	player_note(p, step->line, "refused: %s: %s", s->name, step->text);
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

void
player_type_step(struct player *p, const struct step *step)
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
	s = player_seat_of(p, step->node);
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
