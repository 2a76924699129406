/* SPDX-License-Identifier: Apache-2.0 */
/* Terminal lines: see line.h. */
#include "cli/shell/line.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "cli/shell/shell.h"
#include "compiler/tree/tree_lines.h"

const char *
line_type_text(enum line_type type)
{
	static const char *const texts[] = {"con", "aux", "vty"};

	return texts[type];
}

unsigned
line_tty(struct line_id id)
{
	return id.type == LINE_VTY ? 2 + id.number : (unsigned)id.type;
}

bool
line_of_tty(unsigned tty, struct line_id *ret)
{
	if (tty >= 2 + LINE_VTY_MAX)
		return false;
	*ret = tty < 2 ? (struct line_id){(enum line_type)tty, 0}
	               : (struct line_id){LINE_VTY, tty - 2};
	return true;
}

/* --- what is configured ----------------------------------------------------------------------- */

static const struct tnode *
top_of(const struct router *r)
{
	return tree_top(router_tree((struct router *)(uintptr_t)r));
}

static const struct tnode *
node_of(const struct router *r, struct line_id id)
{
	static const enum gram_key keys[] = {KEY_LINE_CON, KEY_LINE_AUX, KEY_LINE_VTY};

	if (id.type == LINE_VTY)
		return tree_lines_at(router_tree((struct router *)(uintptr_t)r), id.number);
	return tnode_first(top_of(r), keys[id.type]);
}

static int
number_of(const struct tnode *line, enum gram_key key, enum gram_arg arg, int otherwise)
{
	const struct tnode *n = tnode_first(line, key);

	return n ? (int)tnode_u32(n, arg) : otherwise;
}

static enum line_login
login_of(const struct tnode *line)
{
	const struct tnode *n = tnode_first(line, KEY_LINE_LOGIN);

	if (!n)
		return LINE_LOGIN_UNSET;
	if (tnode_negated(n))
		return LINE_LOGIN_NONE;
	return tnode_has(n, ARG_LOCAL) ? LINE_LOGIN_LOCAL : LINE_LOGIN_PASSWORD;
}

static void
take_transport(const struct tnode *line, struct line_settings *s)
{
	const struct tnode *n = tnode_first(line, KEY_LINE_TRANSPORT_INPUT);
	const char *word;

	if (!n)
		return;
	s->telnet = s->ssh = false;
	for (size_t i = 0; (word = tnode_str_at(n, ARG_TRANSPORT, i)); i++) {
		s->telnet = s->telnet || !strcmp(word, "telnet") || !strcmp(word, "all");
		s->ssh = s->ssh || !strcmp(word, "ssh") || !strcmp(word, "all");
	}
}

static void
take_node(const struct tnode *line, struct line_settings *s)
{
	const struct tnode *n = tnode_first(line, KEY_LINE_EXEC_TIMEOUT);

	s->login = login_of(line);
	s->has_password = tnode_first(line, KEY_LINE_PASSWORD);
	if (n)
		s->exec_timeout = tnode_u32(n, ARG_MINUTES) * 60 + tnode_u32(n, ARG_SECONDS);
	s->login_timeout =
	    (unsigned)number_of(line, KEY_LINE_TIMEOUT_LOGIN, ARG_SECONDS, LINE_LOGIN_TIMEOUT);
	s->absolute_timeout =
	    (unsigned)number_of(line, KEY_LINE_ABSOLUTE_TIMEOUT, ARG_MINUTES, 0) * 60;
	s->length = number_of(line, KEY_LINE_LENGTH, ARG_LENGTH, -1);
	s->width = number_of(line, KEY_LINE_WIDTH, ARG_WIDTH, -1);
	s->level = number_of(line, KEY_LINE_PRIVILEGE, ARG_LEVEL, -1);
	s->history = number_of(line, KEY_LINE_HISTORY_SIZE, ARG_SIZE, -1);
	if (tnode_first(line, KEY_LINE_HISTORY))
		s->history = 0;
	if ((n = tnode_first(line, KEY_LINE_ACCESS_CLASS_IN)))
		s->access_class = tnode_str(n, ARG_ACL);
	s->exec = !tnode_first(line, KEY_LINE_EXEC);
	take_transport(line, s);
}

void
line_settings(const struct router *r, struct line_id id, struct line_settings *ret)
{
	const struct tnode *line = node_of(r, id);

	*ret = (struct line_settings){.exec_timeout = LINE_EXEC_TIMEOUT,
	                              .login_timeout = LINE_LOGIN_TIMEOUT,
	                              .length = -1,
	                              .width = -1,
	                              .level = -1,
	                              .history = -1,
	                              .telnet = true,
	                              .ssh = true,
	                              .exec = true};
	if (line)
		take_node(line, ret);
}

unsigned
line_uses(const struct router *r, struct line_id id)
{
	return *router_line_uses((struct router *)(uintptr_t)r, line_tty(id));
}

/* --- who may come ----------------------------------------------------------------------------- */

/* IPv4, or IPv4 in IPv6 (RFC 4291 2.5.5.2), in host order. */
static bool
ipv4_of(const char *peer, uint32_t *ret)
{
	struct in6_addr six;
	struct in_addr four;

	if (inet_pton(AF_INET, peer, &four) == 1) {
		*ret = ntohl(four.s_addr);
		return true;
	}
	if (inet_pton(AF_INET6, peer, &six) != 1 || !IN6_IS_ADDR_V4MAPPED(&six))
		return false;
	memcpy(&four, six.s6_addr + 12, sizeof(four));
	*ret = ntohl(four.s_addr);
	return true;
}

static bool
is_this_machine(const char *peer)
{
	uint32_t addr;

	return peer && (ipv4_of(peer, &addr) ? addr >> 24 == IN_LOOPBACKNET : !strcmp(peer, "::1"));
}

static bool
class_admits(struct router *r, const char *acl, enum line_transport how, const char *peer)
{
	const struct policy *p = node_policy(router_node(r));
	struct flow flow = {.proto = IPPROTO_TCP, .dport = how == LINE_SSH ? 22 : 23};

	for (size_t i = 0; p && i < p->n_acls; i++) {
		if (strcmp(p->acls[i].name, acl) != 0)
			continue;
		return peer && ipv4_of(peer, &flow.src) && policy_acl_permits(&p->acls[i], &flow);
	}
	return true;
}

struct shell *
shell_on(const struct router *r, struct line_id id, size_t nth)
{
	for (size_t i = 0; i < router_session_count(r); i++) {
		struct shell *sh = shell_at(r, i);
		const struct line_id *on = shell_line_id(sh);

		if (on && on->type == id.type && on->number == id.number && !nth--)
			return sh;
	}
	return NULL;
}

static bool
is_taken(const struct router *r, unsigned vty)
{
	for (size_t i = 0; i < router_session_count(r); i++) {
		const struct line_id *id = shell_line_id(shell_at(r, i));

		if (id && id->type == LINE_VTY && id->number == vty)
			return true;
	}
	return false;
}

unsigned
line_shown_vtys(const struct router *r)
{
	const struct tnode *n;
	unsigned count = TREE_LINES_FIRST, first, last;

	for (n = tnode_first(top_of(r), KEY_LINE_VTY); n; n = tnode_next(n)) {
		tree_lines_of(n, &first, &last);
		if (last >= count)
			count = last + 1;
	}
	return count;
}

static unsigned
vty_count(const struct router *r)
{
	return tnode_first(top_of(r), KEY_LINE_VTY) ? line_shown_vtys(r) : LINE_VTY_MAX;
}

enum line_refusal
line_find(struct router *r, enum line_transport how, const char *peer, struct line_id *ret)
{
	enum line_refusal why = LINE_TRANSPORT;
	unsigned count = vty_count(r);
	struct line_settings s;

	router_commit(r, false); /* what was typed so far counts, the access list too */
	for (unsigned i = 0; i < count; i++) {
		line_settings(r, (struct line_id){LINE_VTY, i}, &s);
		if (!s.exec || !(how == LINE_SSH ? s.ssh : s.telnet))
			continue;
		why = LINE_BUSY;
		if (is_taken(r, i))
			continue;
		if (s.access_class && !class_admits(r, s.access_class, how, peer))
			return LINE_ACCESS_CLASS;
		if (ret)
			*ret = (struct line_id){LINE_VTY, i};
		return LINE_ADMITTED;
	}
	return why;
}

bool
line_admits(struct router *r, enum line_transport how, const char *peer)
{
	return line_find(r, how, peer, NULL) == LINE_ADMITTED;
}

enum line_login
line_login_of(const struct line_settings *s, struct line_id id, const char *peer)
{
	if (s->login != LINE_LOGIN_UNSET)
		return s->login;
	if (id.type != LINE_VTY || (is_this_machine(peer) && !s->has_password))
		return LINE_LOGIN_NONE;
	return LINE_LOGIN_PASSWORD;
}

struct line_id
line_of_command(const struct command *cmd)
{
	static const char *const names[] = {"con", "aux", "vty"};
	struct line_id id = {LINE_CON, 0};

	if (command_has(cmd, ARG_TTY)) {
		line_of_tty(command_u32(cmd, ARG_TTY), &id);
		return id;
	}
	id.number = command_u32(cmd, ARG_NUMBER);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(command_str(cmd, ARG_TYPE), names[i]))
			id.type = (enum line_type)i;
	return id;
}
