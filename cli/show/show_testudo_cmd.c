/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `show testudo unsupported`: what the configuration holds and nothing here acts upon; `show
 * testudo cage`: what this process has given up; `show testudo store`: what key servers keep.
 */
#include "cli/show/structured.h"

#include <stdlib.h>
#include <string.h>

#include "cli/accounts/auth_seal.h"
#include "compiler/check/explain.h"
#include "compiler/check/kept.h"
#include "runtime/cage/cage.h"

#define SUBJECTS_MAX 32

struct listing {
	struct text *text;
	const char *heading;
	bool kept; /* what is no business of ours, or else what is yet to be built */
	size_t n;
	size_t n_subjects; /* whose pages tell what the lines would have done */
	const char *subjects[SUBJECTS_MAX];
};

/* Is it one of the listed kind? What is yet to be built is not also what is left to others. */
static bool
is_listed(const struct tnode *n, bool kept)
{
	const struct gram_entry *e = tnode_entry(n);

	return kept ? e->kept && !e->unbuilt : e->unbuilt != NULL;
}

/* The page that tells what would have come of it; NULL: none does. */
static const char *
subject_of(const char *line, bool kept)
{
	const char *subject = kept_subject(line);

	return subject || kept ? subject : "not-built";
}

static void
note_subject(struct listing *l, const char *line)
{
	const char *subject = subject_of(line, l->kept);

	for (size_t i = 0; i < l->n_subjects && subject; i++)
		if (!strcmp(l->subjects[i], subject))
			return;
	if (subject && l->n_subjects < SUBJECTS_MAX)
		l->subjects[l->n_subjects++] = subject;
}

/*
 * The line as everybody may see it. Nothing here knows what is secret in a line that is kept
 * without effect, and nobody needs it: what looks like it is hidden, as in what is refused.
 */
static void
list_line(struct listing *l, const struct tnode *n)
{
	const struct tnode *parent = tnode_parent(n);
	char line[COMMAND_LINE_MAX], *masked;
	unsigned depth = 0;

	/* What is kept may be indented below another kept line; the mode is that of both. */
	for (; tnode_parent(parent) && tnode_entry(parent)->verb != VERB_ENTER; depth++)
		parent = tnode_parent(parent);
	if (!l->n++)
		text_printf(l->text, "%s\n  Line  Mode                    Command\n", l->heading);
	tnode_text(n, line, sizeof(line));
	masked = auth_mask(line, NULL);
	text_printf(l->text, "%6u  %-22s  %*s%s\n", tnode_line(n),
	            gram_modes[tnode_mode(parent)].prompt, (int)depth, "", masked);
	free(masked);
	note_subject(l, line);
	explicit_bzero(line, sizeof(line));
}

static void
list_children(struct listing *l, const struct tnode *top)
{
	const struct tnode *n;

	for (n = tnode_child(top); n; n = tnode_sibling(n)) {
		if (is_listed(n, l->kept))
			list_line(l, n);
		list_children(l, n);
	}
}

static size_t
list_kind(struct showing *s, bool kept, const char *heading)
{
	struct listing l = {.text = &s->text, .kept = kept, .heading = heading};

	list_children(&l, tree_top(router_tree(s->router)));
	if (l.n_subjects)
		text_puts(&s->text, "What comes of them (testudo explain SUBJECT tells more):\n");
	for (size_t i = 0; i < l.n_subjects; i++)
		text_printf(&s->text, "  %-16s %s\n", l.subjects[i],
		            explain_find(l.subjects[i])->title);
	return l.n;
}

void
cmd_show_testudo_unsupported(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	size_t n;

	(void)cmd;
	n = list_kind(&s, false, "Features that are yet to be built:");
	n += list_kind(&s, true, "Features that do not touch the VPN:");
	text_printf(&s.text, "%zu command%s kept without effect\n", n, n == 1 ? "" : "s");
	showing_end(&s);
}

/* --- the cage --------------------------------------------------------------------------------- */

static void
list_refused(struct text *ret)
{
	const char *before = "Refused:      ";

	for (int i = 0; i < CAGE_CALLS_MAX; i++)
		if (cage_calls_was_refused(i)) {
			char *name = cage_calls_name(i);

			text_printf(ret, "%s%s", before, name);
			before = " ";
			free(name);
		}
	if (*before == ' ')
		text_puts(ret, "\n");
}

static void
describe_cage(const struct cage_state *state, struct text *ret)
{
	text_puts(ret, "Capabilities: ");
	cage_caps_text(state->capabilities, ret);
	if (state->landlock)
		text_printf(ret, "\nFiles:        Landlock %d\n", state->landlock);
	else
		text_puts(ret, "\nFiles:        as permitted; this kernel has no Landlock\n");
	if (state->calls)
		text_printf(ret, "System calls: %u, no others\n", state->calls);
	else
		text_puts(ret, "System calls: all; this kernel has no seccomp filters\n");
	list_refused(ret);
}

void
cmd_show_testudo_cage(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);

	(void)cmd;
	if (cage_state()->shut)
		describe_cage(cage_state(), &s.text);
	else
		text_puts(&s.text, "This process has no cage\n");
	showing_end(&s);
}

/* --- the store -------------------------------------------------------------------------------- */

static void
describe_store(const struct snap_group *g, struct text *ret)
{
	if (g->coop.store_error)
		text_printf(ret, "Group %s: no new keys, the shared store is not reached: %s\n",
		            g->name, g->coop.store_error);
	else
		text_printf(ret, "Group %s: %s%s%s\n", g->name, show_store_state(g),
		            g->store_error ? ": " : "", g->store_error ? g->store_error : "");
}

void
cmd_show_testudo_store(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	const struct snap_group *g;
	size_t n, servers = 0;

	(void)cmd;
	g = node_groups(s.node, s.arena, &n);
	for (size_t i = 0; i < n; i++)
		if (g[i].local) {
			describe_store(&g[i], &s.text);
			servers++;
		}
	if (!servers)
		text_puts(&s.text, "This device is not a Key Server\n");
	showing_end(&s);
}

/* --- for scripts ------------------------------------------------------------------------------ */

/* The lines of one kind below a line, whose page is theirs as well where they have none. */
static void
put_kept(struct emit *e, const struct tnode *top, bool kept, const char *subject)
{
	char line[COMMAND_LINE_MAX];

	for (const struct tnode *n = tnode_child(top); n; n = tnode_sibling(n)) {
		const char *own = subject;

		if (is_listed(n, kept)) {
			char *masked;

			tnode_text(n, line, sizeof(line));
			masked = auth_mask(line, NULL);
			if (!subject || kept_subject(line))
				own = subject_of(line, kept);
			emit_map(e, NULL);
			emit_int(e, "line", tnode_line(n));
			emit_string(e, "command", masked);
			free(masked);
			emit_string(e, "subject", own);
			emit_end(e);
			explicit_bzero(line, sizeof(line));
		}
		put_kept(e, n, kept, own);
	}
}

static void
put_unsupported(struct showing *s, struct emit *e)
{
	const struct tnode *top = tree_top(router_tree(s->router));

	emit_list(e, "to_be_built");
	put_kept(e, top, false, NULL);
	emit_end(e);
	emit_list(e, "no_part_of_the_vpn");
	put_kept(e, top, true, NULL);
	emit_end(e);
}

static void
put_cage(struct showing *s, struct emit *e)
{
	const struct cage_state *state = cage_state();
	struct text caps = TEXT_INIT;

	(void)s;
	emit_bool(e, "shut", state->shut);
	if (!state->shut)
		return;
	cage_caps_text(state->capabilities, &caps);
	emit_string(e, "capabilities", text_string(&caps));
	emit_int(e, "landlock", state->landlock);
	emit_int(e, "system_calls", state->calls);
	emit_list(e, "refused_calls");
	for (int i = 0; i < CAGE_CALLS_MAX; i++)
		if (cage_calls_was_refused(i)) {
			char *name = cage_calls_name(i);

			emit_string(e, NULL, name);
			free(name);
		}
	text_fini(&caps);
}

static void
put_store(struct showing *s, struct emit *e)
{
	size_t n;
	const struct snap_group *g = node_groups(s->node, s->arena, &n);

	emit_list(e, "groups");
	for (size_t i = 0; i < n; i++) {
		if (!g[i].local)
			continue;
		emit_map(e, NULL);
		emit_string(e, "name", g[i].name);
		emit_string(e, "state", show_store_state(&g[i]));
		emit_string(e, "error",
		            g[i].coop.store_error ? g[i].coop.store_error : g[i].store_error);
		emit_end(e);
	}
	emit_end(e);
}

const struct command_view structured_testudo[] = {
    {.handler = H_SHOW_TESTUDO_UNSUPPORTED, .put = put_unsupported},
    {.handler = H_SHOW_TESTUDO_CAGE, .put = put_cage},
    {.handler = H_SHOW_TESTUDO_STORE, .put = put_store},
    {.put = NULL},
};
