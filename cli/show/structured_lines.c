/* SPDX-License-Identifier: Apache-2.0 */
/* Terminal lines and who comes by them, for scripts: `show line`, `sessions`, `login`, `ssh`. */
#include "cli/show/structured.h"

#include <stdio.h>
#include <string.h>

#include "cli/accounts/login_guard.h"
#include "cli/shell/line.h"
#include "cli/shell/outbound.h"
#include "cli/ssh/ssh_facts.h"

void
structured_connections(struct shell *on, struct emit *e)
{
	struct outbound_info o;

	emit_list(e, "connections");
	for (size_t i = 0; outbound_at(on, i, &o); i++) {
		emit_map(e, NULL);
		emit_int(e, "number", o.number);
		emit_string(e, "host", o.host);
		emit_string(e, "address", o.address);
		emit_int(e, "idle_seconds", o.idle / 1000);
		emit_end(e);
	}
	emit_end(e);
}

static void
put_sessions(struct showing *s, struct emit *e)
{
	structured_connections(s->sh, e);
}

/* --- lines ------------------------------------------------------------------------------------ */

static void
put_line(struct showing *s, struct emit *e, struct line_id id)
{
	const struct shell *on = shell_on(s->router, id, 0);
	struct line_settings settings;

	line_settings(s->router, id, &settings);
	emit_map(e, NULL);
	emit_int(e, "tty", line_tty(id));
	emit_string(e, "line", line_type_text(id.type));
	emit_int(e, "number", id.number);
	emit_bool(e, "in_use", on != NULL);
	emit_string(e, "user", on && *shell_user(on) ? shell_user(on) : NULL);
	emit_string(e, "access_class_in", settings.access_class);
	emit_string(e, "access_class_out", settings.class_out);
	emit_int(e, "uses", line_uses(s->router, id));
	emit_end(e);
}

static void
put_lines(struct showing *s, struct emit *e)
{
	const bool one = command_has(s->cmd, ARG_TTY) || command_has(s->cmd, ARG_NUMBER);
	const unsigned rows = one ? 1 : showing_lines(s->router);
	struct line_id id;

	emit_list(e, "lines");
	for (unsigned tty = 0; tty < rows; tty++) {
		if (one)
			id = line_of_command(s->cmd);
		else
			line_of_tty(tty, &id);
		put_line(s, e, id);
	}
	emit_end(e);
}

/* --- logins ----------------------------------------------------------------------------------- */

static void
put_failures(struct emit *e, const struct login_state *state)
{
	emit_int(e, "total_failures", state->total);
	emit_list(e, "failures");
	for (size_t i = 0; i < state->n_failures; i++) {
		const struct login_failure *f = &state->failure[i];

		emit_map(e, NULL);
		emit_string(e, "user", f->user);
		emit_string(e, "address", *f->source ? f->source : NULL);
		emit_int(e, "port", f->port);
		emit_int(e, "count", f->count);
		emit_int(e, "unix_seconds", f->wall / 1000);
		emit_end(e);
	}
	emit_end(e);
}

static void
put_login(struct showing *s, struct emit *e)
{
	const struct login_state state = login_guard_state(router_accounts(s->router));

	if (command_has(s->cmd, ARG_FAILURES)) {
		put_failures(e, &state);
		return;
	}
	emit_int(e, "delay_seconds", state.delay);
	emit_string(e, "quiet_mode_access_list", state.acl);
	emit_bool(e, "watching", state.block != 0);
	if (state.block) {
		emit_int(e, "block_seconds", state.block);
		emit_int(e, "attempts", state.attempts);
		emit_int(e, "within_seconds", state.within);
		emit_bool(e, "quiet", state.quiet);
		emit_int(e, "remaining_seconds", state.left);
		emit_int(e, "failures", state.failures);
	}
	emit_int(e, "total_failures", state.total);
}

/* --- SSH -------------------------------------------------------------------------------------- */

/* "a,b" as a list. */
static void
put_names(struct emit *e, const char *key, const char *names)
{
	char name[SSHD_NAMES_MAX];

	emit_list(e, key);
	while (*names) {
		const size_t n = strcspn(names, ",");

		snprintf(name, sizeof(name), "%.*s", (int)n, names);
		emit_string(e, NULL, name);
		names += n + (names[n] == ',');
	}
	emit_end(e);
}

static void
put_host_key(void *arg, const struct sshd_public *key)
{
	struct emit *e = arg;

	emit_map(e, NULL);
	emit_string(e, "label", key->label);
	emit_string(e, "type", key->type);
	emit_string(e, "base64", key->base64);
	emit_end(e);
}

static void
put_ip_ssh(struct showing *s, struct emit *e)
{
	static const char *const keys[] = {[SSHD_KEX_ALGO] = "kex_algorithms",
	                                   [SSHD_CIPHER] = "encryption_algorithms",
	                                   [SSHD_MAC] = "mac_algorithms",
	                                   [SSHD_HOSTKEY] = "hostkey_algorithms"};
	char names[SSHD_NAMES_MAX];

	emit_bool(e, "enabled", sshd_service_of(s->router) == SSHD_SERVES);
	emit_string(e, "version", "2.0");
	sshd_methods_text(s->router, names, sizeof(names));
	put_names(e, "authentication_methods", names);
	for (int i = 0; i < SSHD_ALGORITHMS; i++) {
		sshd_algorithm_text(s->router, (enum sshd_algorithm)i, names, sizeof(names));
		put_names(e, keys[i], names);
	}
	emit_int(e, "authentication_timeout_seconds", sshd_timeout(s->router));
	emit_int(e, "authentication_retries", sshd_retries(s->router));
	emit_list(e, "host_keys");
	sshd_each_host_key(s->router, put_host_key, e);
	emit_end(e);
}

static void
put_peer(void *arg, const struct sshd_peer *p)
{
	struct emit *e = arg;

	emit_map(e, NULL);
	emit_string(e, "user", p->user);
	emit_string(e, "state", p->state);
	emit_string(e, "encryption_in", *p->cipher_in ? p->cipher_in : NULL);
	emit_string(e, "encryption_out", *p->cipher_out ? p->cipher_out : NULL);
	emit_string(e, "hmac_in", *p->hmac_in ? p->hmac_in : NULL);
	emit_string(e, "hmac_out", *p->hmac_out ? p->hmac_out : NULL);
	emit_end(e);
}

static void
put_ssh(struct showing *s, struct emit *e)
{
	emit_list(e, "connections");
	sshd_each_peer(s->router, put_peer, e);
	emit_end(e);
}

const struct command_view structured_line[] = {
    {.handler = H_SHOW_SESSIONS, .put = put_sessions},
    {.handler = H_SHOW_LINE, .put = put_lines},
    {.handler = H_SHOW_LOGIN, .put = put_login},
    {.handler = H_SHOW_IP_SSH, .put = put_ip_ssh},
    {.handler = H_SHOW_SSH, .put = put_ssh},
    {.put = NULL},
};
