/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `telnet`, `ssh`, `resume` and `disconnect`. Whether the other router can be reached is asked of
 * the network, by a TCP handshake; who may come in is asked of its lines.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/accounts/access_class.h"
#include "cli/accounts/auth.h"
#include "cli/exec/echo.h"
#include "cli/exec/exec.h"
#include "cli/shell/line.h"
#include "cli/shell/outbound.h"
#include "compiler/policy/prefix.h"
#include "compiler/tree/tree_host.h"

#define KNOCK_SECONDS 30

/* A connection that is being opened; the session is held meanwhile. */
struct connecting {
	struct shell *sh;
	struct host *host;
	struct knock knock;
	enum line_transport how;
	char *name, *user; /* as typed; user NULL: none */
};

static void
free_connecting(struct connecting *c)
{
	free(c->name);
	free(c->user);
	free(c);
}

static void
refuse_with(struct shell *sh, const char *text)
{
	shell_refuse(sh);
	shell_puts(sh, text);
}

/* --- may it be? ------------------------------------------------------------------------------- */

/* `transport output` and `access-class ... out` of the session's line. src 0: not known. */
static const char *
why_not_out(struct shell *sh, const struct connecting *c, uint32_t src)
{
	const struct line_id *id = shell_line_id(sh);
	struct line_settings s;

	if (!id)
		return NULL;
	router_commit(shell_router(sh), false);
	line_settings(shell_router(sh), *id, &s);
	if (c->how == LINE_SSH ? !s.ssh_out : !s.telnet_out)
		return c->how == LINE_SSH
		           ? "% ssh connections not permitted from this terminal\n"
		           : "% telnet connections not permitted from this terminal\n";
	if (s.class_out && !access_class_lets_out(node_policy(router_node(shell_router(sh))),
	                                          s.class_out, c->knock.port, src, c->knock.dst))
		return "% Connections to that host not permitted from this terminal\n";
	return NULL;
}

/*
 * A router that is reached by SSH knows users, and lets them in by a password unless `ip ssh server
 * authenticate user` leaves that out.
 */
static bool
takes_passwords(struct router *r)
{
	const struct tnode *n = tnode_first(tree_top(router_tree(r)), KEY_IP_SSH_AUTHENTICATION);
	bool takes = !n;

	for (size_t i = 0; n && i < tnode_count(n, ARG_METHOD); i++)
		takes |= strcmp(tnode_str_at(n, ARG_METHOD, i), "publickey") != 0;
	return takes && auth_any_user(router_accounts(r));
}

/* --- the answer ------------------------------------------------------------------------------- */

static void
say_refusal(struct shell *sh, enum line_transport how, enum line_refusal why)
{
	shell_refuse(sh);
	shell_puts(sh, how == LINE_TELNET ? "\n" : ""); /* behind "Trying ..." */
	shell_puts(sh, why == LINE_BUSY ? "% All lines are in use\n"
	                                : "% Connection refused by remote host\n");
}

static void
open_there(struct connecting *c, const struct knock_answer *answer)
{
	struct router *to = router_peer(shell_router(c->sh), answer->node);
	char address[ADDR_TEXT_MAX], source[ADDR_TEXT_MAX];
	struct outbound_call call = {.to = to,
	                             .host = c->name,
	                             .address = addr_text(c->knock.dst, address),
	                             .source = addr_text(answer->src, source),
	                             .how = c->how,
	                             .user = c->user};
	enum line_refusal why = LINE_TRANSPORT;

	/* On a port other than its own each protocol meets somebody who does not speak it. */
	if (to && router_is_up(to) && c->knock.port == line_port(c->how) &&
	    (c->how != LINE_SSH || takes_passwords(to)))
		why = outbound_open(c->sh, &call);
	if (why != LINE_ADMITTED)
		say_refusal(c->sh, c->how, why);
}

static void
on_answer(void *arg, const struct knock_answer *answer)
{
	struct connecting *c = arg;
	struct shell *sh = c->sh;
	const char *why = answer->result == KNOCK_OPEN ? why_not_out(sh, c, answer->src) : NULL;

	if (why) {
		shell_puts(sh, c->how == LINE_TELNET ? "\n" : "");
		refuse_with(sh, why);
	} else if (answer->result == KNOCK_OPEN) {
		open_there(c, answer);
	} else if (answer->result == KNOCK_REFUSED) {
		say_refusal(sh, c->how, LINE_TRANSPORT);
	} else {
		shell_refuse(sh);
		shell_puts(sh, c->how == LINE_TELNET ? "\n" : "");
		shell_puts(sh, answer->result == KNOCK_UNREACHABLE
		                   ? "% Destination unreachable; gateway or host down\n"
		                   : "% Connection timed out; remote host not responding\n");
	}
	free_connecting(c);
	shell_finish(sh);
}

static void
stop_connecting(struct shell *sh, void *state)
{
	struct connecting *c = state;

	c->host->ops->knock_cancel(c->host, c);
	free_connecting(c);
	shell_puts(sh, "\n");
	shell_finish(sh);
}

/* --- the commands ----------------------------------------------------------------------------- */

static void
begin_connecting(struct shell *sh, const struct connecting *made, const char *name,
                 const char *user)
{
	struct connecting *c = x_memdup(made, sizeof(*made));
	char address[ADDR_TEXT_MAX];

	c->name = x_strdup(name);
	c->user = user ? x_strdup(user) : NULL;
	c->knock.arg = c;
	addr_text(c->knock.dst, address);
	if (c->how == LINE_TELNET && strcmp(name, address) != 0)
		shell_printf(sh, "Trying %s (%s)... ", name, address);
	else if (c->how == LINE_TELNET)
		shell_printf(sh, "Trying %s ... ", address);
	shell_hold(sh, stop_connecting, c);
	if (c->host->ops->knock(c->host, &c->knock) != 0)
		on_answer(c, &(struct knock_answer){.result = KNOCK_UNREACHABLE});
}

/* On a machine: its own telnet or ssh. */
static void
start_client(struct shell *sh, const struct connecting *made, const char *name, const char *user)
{
	const struct client_call call = {
	    .how = made->how,
	    .dst = made->knock.dst,
	    .src = made->knock.src,
	    .port = made->knock.port == line_port(made->how) ? 0 : made->knock.port,
	    .user = user};
	char address[ADDR_TEXT_MAX];
	const char *why = "% The machine's own clients go into no VRF\n";

	if (!made->knock.vrf)
		why = outbound_start(sh, name, addr_text(call.dst, address), &call);
	if (why)
		refuse_with(sh, why);
}

/* An address, or a name of `ip host`, whose port is telnet's where none is typed. */
static bool
find_place(struct shell *sh, const struct command *cmd, struct connecting *c)
{
	const char *name = command_str(cmd, ARG_HOST);
	const struct tnode *host = NULL;

	if (!addr_parse(name, &c->knock.dst)) {
		host = tree_host(router_tree(shell_router(sh)), name);
		if (!host)
			return false;
		c->knock.dst = tnode_u32_at(host, ARG_ADDRESS, 0);
	}
	if (command_has(cmd, ARG_PORT))
		c->knock.port = (uint16_t)command_u32(cmd, ARG_PORT);
	else if (host && c->how == LINE_TELNET && tnode_u32(host, ARG_PORT))
		c->knock.port = (uint16_t)tnode_u32(host, ARG_PORT);
	return true;
}

static void
connect_to(struct shell *sh, const struct command *cmd, enum line_transport how, const char *user)
{
	struct host *h = node_host(router_node(shell_router(sh)));
	const bool has_clients = router_clients(shell_router(sh)) != NULL;
	const char *name = command_str(cmd, ARG_HOST), *why;
	struct connecting c = {.sh = sh,
	                       .host = h,
	                       .how = how,
	                       .knock = {.port = (uint16_t)line_port(how),
	                                 .timeout = SECONDS(KNOCK_SECONDS),
	                                 .done = on_answer}};

	if (!find_place(sh, cmd, &c))
		refuse_with(sh, "% Unknown host: an address is needed, or a name of `ip host`\n");
	else if (!h || (!h->ops->knock && !has_clients))
		refuse_with(sh, "% There is no network to open a session in\n");
	else if (!echo_vrf(sh, cmd, &c.knock.vrf) ||
	         (command_has(cmd, ARG_SRCIF) && !echo_source(sh, cmd, &c.knock.src)))
		return; /* and has said why */
	else if ((why = why_not_out(sh, &c, c.knock.src)) || (why = outbound_refusal(sh)))
		refuse_with(sh, why);
	else if (has_clients)
		start_client(sh, &c, name, user);
	else
		begin_connecting(sh, &c, name, user);
}

void
exec_telnet(struct shell *sh, const struct command *cmd)
{
	if (!shell_refuse_loading(sh))
		connect_to(sh, cmd, LINE_TELNET, NULL);
}

void
exec_ssh(struct shell *sh, const struct command *cmd)
{
	const char *user = command_has(cmd, ARG_USER) ? command_str(cmd, ARG_USER) : shell_user(sh);

	if (shell_refuse_loading(sh))
		return;
	if (!*user || strlen(user) > LINE_USER_MAX)
		refuse_with(sh, "% No user specified nor available for SSH client\n");
	else
		connect_to(sh, cmd, LINE_SSH, user);
}

void
exec_resume(struct shell *sh, const struct command *cmd)
{
	if (!shell_refuse_loading(sh) && !outbound_resume(sh, command_u32(cmd, ARG_CONNECTION)))
		refuse_with(sh, "% No connections open to resume\n");
}

struct disconnecting {
	unsigned number;
};

static void
disconnect_answer(struct shell *sh, const char *line, void *state)
{
	struct disconnecting *d = state;

	if (line && (!*line || *line == 'y' || *line == 'Y') && !outbound_disconnect(sh, d->number))
		refuse_with(sh, "% That connection is not open\n");
	free(d);
}

void
exec_disconnect(struct shell *sh, const struct command *cmd)
{
	struct disconnecting d = {.number = command_u32(cmd, ARG_CONNECTION)};
	struct outbound_info info;
	char *question;
	size_t i = 0;

	while (outbound_at(sh, i, &info) && (d.number ? info.number != d.number : !info.last))
		i++;
	if (!outbound_at(sh, i, &info)) {
		refuse_with(sh, d.number ? "% That connection is not open\n"
		                         : "% No current connection\n");
		return;
	}
	d.number = info.number;
	question = x_asprintf("Closing connection to %s [confirm]", info.host);
	shell_ask(sh, question, disconnect_answer, x_memdup(&d, sizeof(d)));
	free(question);
}
