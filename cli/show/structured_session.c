/* SPDX-License-Identifier: Apache-2.0 */
/* Who is here, how a session is, what is switched on: for scripts. */
#include "cli/show/structured.h"

#include "cli/shell/alias.h"
#include "cli/shell/line.h"
#include "cli/show/show_debug.h"
#include "compiler/policy/protocol.h"

static void
put_privilege(struct showing *s, struct emit *e)
{
	emit_int(e, "level", shell_level(s->sh));
}

static void
put_terminal(struct showing *s, struct emit *e)
{
	emit_int(e, "length", shell_length(s->sh));
	emit_int(e, "width", shell_width(s->sh));
	emit_int(e, "history_size", (int64_t)shell_history_size(s->sh));
}

static void
put_users(struct showing *s, struct emit *e)
{
	emit_list(e, "users");
	for (size_t i = 0; i < router_session_count(s->router); i++) {
		struct shell *on = shell_at(s->router, i);
		const struct line_id *id = shell_line_id(on);

		if (!on || !id)
			continue;
		emit_map(e, NULL);
		emit_int(e, "tty", line_tty(*id));
		emit_string(e, "line", line_type_text(id->type));
		emit_int(e, "number", id->number);
		emit_string(e, "user", *shell_user(on) ? shell_user(on) : NULL);
		emit_string(e, "address", *shell_peer(on) ? shell_peer(on) : NULL);
		emit_int(e, "idle_seconds", shell_idle(on) / 1000);
		emit_bool(e, "here", on == s->sh);
		structured_connections(on, e);
		emit_end(e);
	}
	emit_end(e);
}

static void
put_debugging(struct showing *s, struct emit *e)
{
	unsigned what = node_debug(s->node);
	const char *name;

	emit_list(e, "debugging");
	while ((name = show_debug_name(&what)))
		emit_string(e, NULL, name);
	emit_end(e);
}

static void
emit_alias(void *arg, const char *name, const char *command)
{
	emit_map(arg, NULL);
	emit_string(arg, "name", name);
	emit_string(arg, "command", command);
	emit_end(arg);
}

static void
put_aliases(struct showing *s, struct emit *e)
{
	emit_list(e, "aliases");
	alias_each(router_tree(s->router), "", emit_alias, e);
	emit_end(e);
}

static void
put_sockets(struct showing *s, struct emit *e)
{
	(void)s;
	emit_list(e, "sockets");
	emit_map(e, NULL);
	emit_string(e, "protocol", "udp");
	emit_null(e, "local_address");
	emit_int(e, "local_port", GDOI_PORT);
	emit_end(e);
	emit_end(e);
}

static void
put_diagnostics(struct showing *s, struct emit *e)
{
	struct diag_list all;

	showing_diagnostics(s, &all);
	emit_list(e, "diagnostics");
	for (size_t i = 0; i < all.n; i++) {
		const struct diag *d = &all.items[i];

		emit_map(e, NULL);
		emit_string(e, "severity", severity_text(d->severity));
		emit_int(e, "line", d->line);
		emit_int(e, "column", d->column);
		emit_string(e, "message", d->message);
		emit_string(e, "suggestion", *d->suggest ? d->suggest : NULL);
		emit_end(e);
	}
	emit_end(e);
	diag_list_fini(&all);
}

const struct command_view structured_session[] = {
    {.handler = H_SHOW_PRIVILEGE, .put = put_privilege},
    {.handler = H_SHOW_TERMINAL, .put = put_terminal},
    {.handler = H_SHOW_USERS, .put = put_users},
    {.handler = H_SHOW_DEBUGGING, .put = put_debugging},
    {.handler = H_SHOW_ALIASES, .put = put_aliases},
    {.handler = H_SHOW_IP_SOCKETS, .put = put_sockets},
    {.handler = H_SHOW_TESTUDO_DIAGNOSTICS, .put = put_diagnostics},
    {.put = NULL},
};
