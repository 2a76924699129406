/* SPDX-License-Identifier: Apache-2.0 */
/* The log of configuration commands: see config_log.h. */
#include "cli/device/config_log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/device/router.h"

#define SESSIONS_MAX 16 /* told apart at one time */

struct entry {
	unsigned index, session;
	char who[CONFIG_LOG_WHO], line[CONFIG_LOG_WHO];
	char *command;
};

/* Somebody in configuration mode. */
struct session {
	const void *id; /* only compared */
	unsigned number, line;
};

struct config_log {
	struct router *router;
	size_t n, capacity;
	struct entry *at; /* oldest first */
	unsigned entries, sessions;
	/* Octets, since it was made: of entries and of sessions. */
	uint64_t entries_made, entries_gone, sessions_made, sessions_gone;
	struct session known[SESSIONS_MAX];
};

/* What an entry holds. */
static size_t
entry_octets(const struct entry *e)
{
	return sizeof(*e) + strlen(e->command) + 1;
}

struct config_log *
config_log_new(struct router *r)
{
	struct config_log *l = x_alloc(sizeof(*l));

	l->router = r;
	return l;
}

static void
drop_oldest(struct config_log *l, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		l->entries_gone += entry_octets(&l->at[i]);
		explicit_bzero(l->at[i].command, strlen(l->at[i].command));
		free(l->at[i].command);
	}
	if (count)
		memmove(l->at, l->at + count, (l->n - count) * sizeof(*l->at));
	l->n -= count;
}

void
config_log_clear(struct config_log *l)
{
	drop_oldest(l, l->n);
	l->entries = l->sessions = 0;
	l->sessions_gone = l->sessions_made;
	memset(l->known, 0, sizeof(l->known));
}

void
config_log_free(struct config_log *l)
{
	if (!l)
		return;
	config_log_clear(l);
	free(l->at);
	free(l);
}

/* --- as configured ---------------------------------------------------------------------------- */

static const struct tnode *
find_configured(const struct config_log *l, enum gram_key key)
{
	const struct tnode *n = tnode_first(tree_top(router_tree(l->router)), KEY_ARCHIVE);

	n = n ? tnode_first(n, KEY_ARCHIVE_LOG) : NULL;
	return n ? tnode_first(n, key) : NULL;
}

static size_t
log_size(const struct config_log *l)
{
	const struct tnode *n = find_configured(l, KEY_ARCHIVE_LOG_SIZE);

	return n ? tnode_u32(n, ARG_SIZE) : CONFIG_LOG_SIZE;
}

bool
config_log_enabled(const struct config_log *l)
{
	return find_configured(l, KEY_ARCHIVE_LOG_ENABLE) != NULL;
}

/* --- adding ----------------------------------------------------------------------------------- */

static unsigned
session_of(struct config_log *l, const struct config_author *by)
{
	struct session *s = NULL, *oldest = &l->known[0];

	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		if (l->known[i].id == by->session)
			s = &l->known[i];
		if (l->known[i].number < oldest->number)
			oldest = &l->known[i];
	}
	if (!s || by->line <= s->line) {
		s = s ? s : oldest;
		if (s->id)
			l->sessions_gone += sizeof(*s);
		l->sessions_made += sizeof(*s);
		*s = (struct session){.id = by->session, .number = ++l->sessions};
	}
	s->line = by->line;
	return s->number;
}

static char *
command_text(const struct command *cmd, unsigned depth, bool hide)
{
	struct text t = TEXT_INIT;
	char *text;

	text_printf(&t, "%*s%s", (int)depth, "", cmd->dflt ? "default " : cmd->no ? "no " : "");
	for (size_t i = 0; i < cmd->n; i++) {
		const struct value *v = &cmd->values[i];

		if (!*v->text)
			continue;
		text_printf(&t, "%s ", hide && v->elem->secret ? "*" : v->text);
	}
	text = x_strdup(text_string(&t));
	text_fini(&t);
	text[strcspn(text, "\n")] = 0;
	return text;
}

void
config_log_add(struct config_log *l, const struct config_author *by, unsigned depth,
               const struct command *cmd)
{
	const struct tnode *hidekeys = find_configured(l, KEY_ARCHIVE_LOG_HIDEKEYS);
	struct log_sink sink;
	struct entry *e;
	char *shown;

	if (l->n >= log_size(l))
		drop_oldest(l, l->n - log_size(l) + 1);
	x_grow(&l->at, &l->capacity, l->n + 1, sizeof(*l->at));
	e = &l->at[l->n++];
	*e = (struct entry){.index = ++l->entries,
	                    .session = session_of(l, by),
	                    .command = command_text(cmd, depth, !hidekeys)};
	l->entries_made += entry_octets(e);
	snprintf(e->who, sizeof(e->who), "%s", by->who);
	snprintf(e->line, sizeof(e->line), "%s", by->where);
	if (find_configured(l, KEY_ARCHIVE_LOG_NOTIFY)) {
		/* Keys never go into the log, whatever is shown here. */
		shown = command_text(cmd, 0, true);
		sink = router_log_sink(l->router);
		LOG(&sink, CFGLOG_LOGGEDCMD, e->who, shown);
		free(shown);
	}
}

/* --- showing ---------------------------------------------------------------------------------- */

void
config_log_each(const struct config_log *l, size_t last, config_logged_fn *fn, void *arg)
{
	for (size_t i = last && last < l->n ? l->n - last : 0; i < l->n; i++) {
		const struct entry *e = &l->at[i];

		fn(arg, &(struct config_logged){e->index, e->session, e->who, e->line, e->command});
	}
}

void
config_log_use(const struct config_log *l, struct config_log_use *ret)
{
	*ret = (struct config_log_use){.entries = l->n,
	                               .sessions_made = l->sessions_made,
	                               .sessions_gone = l->sessions_gone,
	                               .entries_made = l->entries_made,
	                               .entries_gone = l->entries_gone};
	for (size_t i = 0; i < SESSIONS_MAX; i++)
		ret->sessions += l->known[i].id != NULL;
}
