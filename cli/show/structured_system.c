/* SPDX-License-Identifier: Apache-2.0 */
/* `show version`, `clock`, `logging` ... for scripts. */
#include "cli/show/show_key_chain.h"

#include "cli/device/reload.h"
#include "compiler/base/clock.h"

static void
put_version(struct showing *s, struct emit *e)
{
	struct show_machine machine = show_machine();

	emit_string(e, "software", "Testudo");
	emit_string(e, "version", TESTUDO_VERSION);
	emit_string(e, "hostname", router_hostname(s->router));
	emit_int(e, "uptime_seconds", router_uptime(s->router) / 1000);
	emit_string(e, "processor", machine.processor);
	emit_int(e, "memory_bytes", (int64_t)machine.memory);
}

static void
put_inventory(struct showing *s, struct emit *e)
{
	(void)s;
	emit_list(e, "inventory");
	emit_map(e, NULL);
	emit_string(e, "name", "Testudo");
	emit_string(e, "product_id", "TESTUDO");
	emit_string(e, "version_id", TESTUDO_VERSION);
	emit_null(e, "serial_number");
	emit_end(e);
	emit_end(e);
}

static void
wall_clock(struct showing *s, struct emit *e)
{
	char text[CLOCK_TEXT_MAX];

	emit_string(e, "clock", router_clock_text(s->router, router_wall(s->router), text));
	emit_int(e, "unix_seconds", router_wall(s->router) / 1000);
}

static void
put_history(struct showing *s, struct emit *e)
{
	size_t n = 0;

	while (shell_recall(s->sh, n))
		n++;
	emit_list(e, "commands");
	while (n--)
		emit_string(e, NULL, shell_recall(s->sh, n));
	emit_end(e);
}

static void
put_logging(struct showing *s, struct emit *e)
{
	static const char *const names[] = {
	    [LOG_TO_BUFFER] = "buffer_level",
	    [LOG_TO_CONSOLE] = "console_level",
	    [LOG_TO_MONITOR] = "monitor_level",
	    [LOG_TO_TRAP] = "trap_level",
	};

	for (size_t to = 0; to < ARRAY_SIZE(names); to++) {
		int level = router_log_level(s->router, (enum log_to)to);

		emit_string(e, names[to], level < 0 ? NULL : log_level_names[level]);
	}
	emit_list(e, "messages");
	for (size_t i = 0; i < router_log_count(s->router); i++)
		emit_string(e, NULL, router_log_line(s->router, i));
	emit_end(e);
}

static void
put_counts(struct showing *s, struct emit *e)
{
	size_t n;
	const struct show_counted *list = showing_counts(s, &n);

	emit_list(e, "messages");
	for (size_t i = 0; i < n; i++) {
		emit_map(e, NULL);
		emit_string(e, "facility", list[i].facility);
		emit_string(e, "name", list[i].mnemonic);
		emit_int(e, "severity", list[i].severity);
		emit_int(e, "count", (int64_t)list[i].n);
		emit_string(e, "last", list[i].time);
		emit_end(e);
	}
	emit_end(e);
}

static void
put_reload(struct showing *s, struct emit *e)
{
	const struct reload *rl = router_reload(s->router);
	const msec when = reload_when(rl);

	emit_bool(e, "scheduled", when != MSEC_NEVER);
	if (when == MSEC_NEVER)
		return;
	emit_int(e, "remaining_seconds", (when - node_now(s->node)) / 1000);
	emit_string(e, "reason", *reload_reason(rl) ? reload_reason(rl) : NULL);
	emit_string(e, "by", reload_by(rl));
}

static void
put_drops(struct showing *s, struct emit *e)
{
	const uint64_t *counts = node_drops(s->node);

	emit_list(e, "drops");
	for (int i = DROP_NONE + 1; i < DROP_COUNT; i++) {
		if (!counts[i])
			continue;
		emit_map(e, NULL);
		emit_string(e, "why", drop_text((enum drop)i));
		emit_int(e, "messages", (int64_t)counts[i]);
		emit_end(e);
	}
	emit_end(e);
}

const struct command_view structured_system[] = {
    {.handler = H_SHOW_VERSION, .put = put_version},
    {.handler = H_SHOW_INVENTORY, .put = put_inventory},
    {.handler = H_SHOW_CLOCK, .put = wall_clock},
    {.handler = H_SHOW_HISTORY, .put = put_history},
    {.handler = H_SHOW_LOGGING, .put = put_logging},
    {.handler = H_SHOW_LOGGING_COUNT, .put = put_counts},
    {.handler = H_SHOW_RELOAD, .put = put_reload},
    {.handler = H_SHOW_TESTUDO_DROPS, .put = put_drops},
    {.handler = H_SHOW_KEY_CHAIN, .put = structured_key_chains},
    {.put = NULL},
};
