/* SPDX-License-Identifier: Apache-2.0 */
/* Terminal lines: see line.h. */
#include "cli/shell/line.h"

#include <stdlib.h>
#include <string.h>

#include "cli/accounts/access_class.h"
#include "cli/accounts/login_guard.h"
#include "cli/device/load.h"
#include "cli/shell/shell.h"
#include "compiler/tree/tree_lines.h"

const char *
line_type_text(enum line_type type)
{
	static const char *const texts[] = {"con", "aux", "vty"};

	return texts[type];
}

unsigned
line_port(enum line_transport how)
{
	return how == LINE_SSH ? 22 : 23;
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
node_of(struct tree *t, struct line_id id)
{
	static const enum gram_key keys[] = {KEY_LINE_CON, KEY_LINE_AUX, KEY_LINE_VTY};

	if (id.type == LINE_VTY)
		return tree_lines_at(t, id.number);
	return tnode_first(tree_top(t), keys[id.type]);
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

/* What `transport input` or `transport output` takes; without it all. */
static void
take_transport(const struct tnode *line, enum gram_key key, bool *ret_telnet, bool *ret_ssh)
{
	const struct tnode *n = tnode_first(line, key);
	const char *word;

	if (!n)
		return;
	*ret_telnet = *ret_ssh = false;
	for (size_t i = 0; (word = tnode_str_at(n, ARG_TRANSPORT, i)); i++) {
		*ret_telnet = *ret_telnet || !strcmp(word, "telnet") || !strcmp(word, "all");
		*ret_ssh = *ret_ssh || !strcmp(word, "ssh") || !strcmp(word, "all");
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
	if ((n = tnode_first(line, KEY_LINE_SPEED)))
		s->speed = tnode_u32(n, ARG_SPEED);
	if ((n = tnode_first(line, KEY_LINE_ACCESS_CLASS_OUT)))
		s->class_out = tnode_str(n, ARG_ACL);
	take_transport(line, KEY_LINE_TRANSPORT_INPUT, &s->telnet, &s->ssh);
	take_transport(line, KEY_LINE_TRANSPORT_OUTPUT, &s->telnet_out, &s->ssh_out);
}

static void
settings_in(struct tree *t, struct line_id id, struct line_settings *ret)
{
	const struct tnode *line = node_of(t, id);

	*ret = (struct line_settings){.exec_timeout = LINE_EXEC_TIMEOUT,
	                              .login_timeout = LINE_LOGIN_TIMEOUT,
	                              .length = -1,
	                              .width = -1,
	                              .level = -1,
	                              .history = -1,
	                              .speed = LINE_SPEED,
	                              .telnet = true,
	                              .ssh = true,
	                              .telnet_out = true,
	                              .ssh_out = true,
	                              .exec = true};
	if (line)
		take_node(line, ret);
}

void
line_settings(const struct router *r, struct line_id id, struct line_settings *ret)
{
	settings_in(router_tree((struct router *)(uintptr_t)r), id, ret);
}

unsigned
line_uses(const struct router *r, struct line_id id)
{
	return *router_line_uses((struct router *)(uintptr_t)r, line_tty(id));
}

/* --- who may come ----------------------------------------------------------------------------- */

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

/* Does a vty take that transport? Its settings go to *ret. */
static bool
takes_transport(const struct router *r, unsigned vty, enum line_transport how,
                struct line_settings *ret)
{
	line_settings(r, (struct line_id){LINE_VTY, vty}, ret);
	if (how == LINE_LOCAL)
		return true;
	if (how == LINE_SSH)
		return ret->exec && ret->ssh;
	return ret->exec && ret->telnet &&
	       line_login_of(ret, (struct line_id){LINE_VTY, vty}) != LINE_LOGIN_NONE;
}

/* A session on a vty where nobody has logged in yet? */
static bool
is_pending(const struct shell *sh)
{
	const struct line_id *id = shell_line_id(sh);

	return id && id->type == LINE_VTY && shell_in_login(sh) && !shell_is_over(sh);
}

static size_t
count_pending(const struct router *r, const char *peer)
{
	size_t n = 0;

	for (size_t i = 0; i < router_session_count(r); i++) {
		const struct shell *sh = shell_at(r, i);

		n += is_pending(sh) && !strcmp(shell_peer(sh), peer);
	}
	return n;
}

/*
 * The session that has to go, as somebody comes and no line is free; NULL: none has to. It is one
 * where nobody has logged in, from the address that has the most of them, the longest without a
 * key. Who has not logged in either must leave that address no fewer lines than they get.
 */
static struct shell *
find_pending(const struct router *r, const struct line_caller *who)
{
	size_t most = who->known ? 0 : count_pending(r, who->peer ? who->peer : "") + 1;
	struct shell *found = NULL;

	for (size_t i = 0; i < router_session_count(r); i++) {
		struct shell *sh = shell_at(r, i);
		struct line_settings s;
		size_t n = is_pending(sh) ? count_pending(r, shell_peer(sh)) : 0;

		if (n < most || (n == most && (!found || shell_idle(sh) <= shell_idle(found))))
			continue;
		if (n && takes_transport(r, shell_line_id(sh)->number, who->how, &s)) {
			most = n;
			found = sh;
		}
	}
	return found;
}

static bool
class_admits(struct router *r, const struct line_settings *s, const struct line_caller *who)
{
	return !s->access_class || who->how == LINE_LOCAL ||
	       access_class_admits(node_policy(router_node(r)), s->access_class,
	                           (uint16_t)line_port(who->how), who->peer, true);
}

/* The first vty that takes the transport, a free one if there is one. LINE_BUSY: *ret is taken. */
static enum line_refusal
find_vty(struct router *r, const struct line_caller *who, struct line_id *ret)
{
	unsigned count = who->how == LINE_LOCAL ? LINE_VTY_MAX : vty_count(r), first = count, vty;
	struct line_settings s;

	for (vty = 0; vty < count; vty++) {
		if (!takes_transport(r, vty, who->how, &s))
			continue;
		if (!is_taken(r, vty))
			break;
		if (first == count)
			first = vty;
	}
	if (vty == count && first == count)
		return LINE_TRANSPORT;
	*ret = (struct line_id){LINE_VTY, vty < count ? vty : first};
	line_settings(r, *ret, &s);
	if (!class_admits(r, &s, who))
		return LINE_ACCESS_CLASS;
	return vty < count ? LINE_ADMITTED : LINE_BUSY;
}

/* Is somebody who has not logged in sent away, as the router is quiet? */
static bool
is_quiet_for(struct router *r, const struct line_caller *who)
{
	return !who->known && who->peer &&
	       !login_guard_admits(router_accounts(r), who->peer, line_port(who->how));
}

enum line_refusal
line_find(struct router *r, const struct line_caller *who, struct line_id *ret)
{
	enum line_refusal why;
	struct shell *pending;

	router_commit(r, false); /* what was typed so far counts, the access list too */
	if (is_quiet_for(r, who))
		return LINE_QUIET;
	why = find_vty(r, who, ret);
	pending = why == LINE_BUSY ? find_pending(r, who) : NULL;
	if (!pending)
		return why;
	*ret = *shell_line_id(pending);
	shell_reset(pending);
	return LINE_ADMITTED;
}

bool
line_admits(struct router *r, const struct line_caller *who)
{
	enum line_refusal why;
	struct line_id id;

	router_commit(r, false);
	if (is_quiet_for(r, who))
		return false;
	why = find_vty(r, who, &id);
	return why == LINE_ADMITTED || why == LINE_BUSY;
}

enum line_login
line_login_of(const struct line_settings *s, struct line_id id)
{
	if (s->login != LINE_LOGIN_UNSET)
		return s->login;
	return id.type == LINE_VTY ? LINE_LOGIN_PASSWORD : LINE_LOGIN_NONE;
}

static bool
has_aaa(const struct tree *t)
{
	static const char command[] = "aaa new-model";
	char line[COMMAND_LINE_MAX];
	bool found = false;

	for (const struct tnode *n = tnode_child(tree_top(t)); n && !found; n = tnode_sibling(n)) {
		if (!tnode_entry(n)->kept)
			continue;
		tnode_text(n, line, sizeof(line));
		found = !strncmp(line, command, strlen(command));
	}
	explicit_bzero(line, sizeof(line));
	return found;
}

static enum line_guard
guard_in(struct tree *t)
{
	bool users = tnode_first(tree_top(t), KEY_USERNAME), guarded = has_aaa(t);
	struct line_settings s;

	for (unsigned i = 0; i < LINE_VTY_MAX; i++) {
		struct line_id id = {LINE_VTY, i};
		enum line_login how;

		if (!node_of(t, id))
			continue;
		settings_in(t, id, &s);
		how = line_login_of(&s, id);
		if (!s.exec || !s.telnet)
			continue;
		if (how == LINE_LOGIN_NONE)
			return LINE_OPEN;
		guarded = guarded || (how == LINE_LOGIN_LOCAL ? users : s.has_password);
	}
	return guarded ? LINE_GUARDED : LINE_SHUT;
}

enum line_guard
line_guard(const struct router *r)
{
	return guard_in(router_tree((struct router *)(uintptr_t)r));
}

enum line_guard
line_guard_of(const char *config)
{
	struct tree *t = tree_new();
	enum line_guard guard;

	if (config)
		load_trial(NULL, t, config, NULL, NULL);
	guard = guard_in(t);
	tree_free(t);
	return guard;
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
