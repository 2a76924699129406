/* SPDX-License-Identifier: Apache-2.0 */
/* `show archive ...` for scripts: copies, a change that waits to be confirmed, what was typed. */
#include "cli/show/structured.h"

#include <stdlib.h>

#include "cli/device/archive.h"
#include "cli/device/config_log.h"

static void
put_archive(struct showing *s, struct emit *e)
{
	const struct archive *a = router_archive(s->router);
	struct archive_state state;
	char *next;

	emit_bool(e, "enabled", archive_enabled(a));
	if (!archive_enabled(a))
		return;
	archive_state(a, &state);
	emit_int(e, "maximum", (int64_t)state.maximum);
	if (state.period) {
		emit_int(e, "period_seconds", (int64_t)state.period * 60);
		emit_int(e, "remaining_seconds", state.left / 1000);
	}
	emit_bool(e, "on_write_memory", state.on_write);
	next = archive_next_name(a);
	emit_string(e, "next", next);
	free(next);
	emit_list(e, "archives"); /* the most recent one is the last */
	for (size_t i = 0; i < state.n; i++)
		emit_string(e, NULL, state.names[i]);
	emit_end(e);
}

static void
put_change(struct showing *s, struct emit *e)
{
	struct archive_change change;
	const bool waits = archive_change(router_archive(s->router), &change);

	emit_bool(e, "pending", waits);
	if (!waits)
		return;
	emit_int(e, "set_unix_seconds", change.set / 1000);
	if (change.timer.minutes)
		emit_int(e, "timer_seconds", (int64_t)change.timer.minutes * 60);
	if (change.timer.idle)
		emit_int(e, "idle_timer_seconds", (int64_t)change.timer.idle * 60);
	emit_string(e, "user", change.user);
}

static void
put_logged(void *arg, const struct config_logged *c)
{
	struct emit *e = arg;

	emit_map(e, NULL);
	emit_int(e, "index", c->index);
	emit_int(e, "session", c->session);
	emit_string(e, "user", c->who);
	emit_string(e, "line", c->where);
	emit_string(e, "command", c->command);
	emit_end(e);
}

static void
put_log(struct showing *s, struct emit *e)
{
	const struct config_log *l = router_config_log(s->router);
	const bool enabled = config_log_enabled(l);

	emit_bool(e, "enabled", enabled);
	if (!enabled)
		return;
	emit_list(e, "commands");
	config_log_each(l, command_u32(s->cmd, ARG_LAST), put_logged, e);
	emit_end(e);
}

static void
put_octets(struct emit *e, uint64_t made, uint64_t gone)
{
	emit_int(e, "held_bytes", (int64_t)(made - gone));
	emit_int(e, "allocated_bytes", (int64_t)made);
	emit_int(e, "freed_bytes", (int64_t)gone);
}

static void
put_statistics(struct showing *s, struct emit *e)
{
	struct config_log_use use;

	config_log_use(router_config_log(s->router), &use);
	emit_map(e, "sessions");
	emit_int(e, "tracked", use.sessions);
	put_octets(e, use.sessions_made, use.sessions_gone);
	emit_end(e);
	emit_map(e, "commands");
	emit_int(e, "logged", (int64_t)use.entries);
	put_octets(e, use.entries_made, use.entries_gone);
	emit_end(e);
}

const struct command_view structured_archive[] = {
    {.handler = H_SHOW_ARCHIVE, .put = put_archive},
    {.handler = H_SHOW_ARCHIVE_CONFIG_ROLLBACK_TIMER, .put = put_change},
    {.handler = H_SHOW_ARCHIVE_LOG_CONFIG, .put = put_log},
    {.handler = H_SHOW_ARCHIVE_LOG_CONFIG_STATISTICS, .put = put_statistics},
    {.put = NULL},
};
