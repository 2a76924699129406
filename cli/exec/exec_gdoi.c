/* SPDX-License-Identifier: Apache-2.0 */
/* `clear crypto gdoi ...` and `crypto gdoi ks rekey`. Commands that take keys away ask first. */
#include "cli/exec/exec.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct asked {
	enum { CLEAR_ALL, CLEAR_MEMBERS, CLEAR_MEMBERS_NOW, CLEAR_ONE } what;
	uint32_t member; /* CLEAR_ONE */
	bool any_group;
	char group[];
};

static const char question[] = "Are you sure you want to proceed ? [yes/no]: ";

/*
 * A group of several key servers that others lead, or nobody, where there is none among those named
 * that the command is for: one that is led here, or, where members count, too, has one. NULL:
 * there is one.
 */
static const struct snap_group *
find_followed(struct shell *sh, const char *group, bool members, struct arena *arena)
{
	const struct snap_group *followed = NULL;
	bool other = false;
	size_t n;
	const struct snap_group *g = node_groups(router_node(shell_router(sh)), arena, &n);

	for (size_t i = 0; i < n; i++) {
		if (group && strcmp(g[i].name, group) != 0)
			continue;
		if (!g[i].local)
			other |= members;
		else if (!g[i].coop.on || g[i].coop.leads)
			other = true;
		else if (!followed)
			followed = &g[i];
	}
	return other ? NULL : followed;
}

/* Has the line been refused, since others make and take away keys? */
static bool
refuse_follower(struct shell *sh, const char *group, bool members)
{
	struct arena *arena = arena_new();
	const struct snap_group *g = find_followed(sh, group, members, arena);
	char addr[ADDR_TEXT_MAX];

	if (g)
		shell_refuse(sh);
	if (g && g->coop.leader && g->coop.leader != g->local_addr)
		shell_printf(sh,
		             "%% This key server is not the primary of group %s, %s is: nothing "
		             "is done.\n",
		             g->name, addr_text(g->coop.leader, addr));
	else if (g)
		shell_printf(sh, "%% Group %s has no primary now: nothing is done.\n", g->name);
	arena_free(arena);
	return g;
}

/* Says whom a command did not reach; its line is refused then. */
static void
tell_reach(struct shell *sh, const char *group, enum reach reach)
{
	static const char *const texts[] = {
	    [REACH_NO_SERVER] = "% This device is not a Key Server\n",
	    [REACH_PART] =
		("% Not all group members hold the KEK. Those that do not cannot be told: "
	         "they\n% keep the keys they have until they register again (clear "
	         "crypto gdoi on each).\n"),
	    [REACH_LATER] = "% The store cannot be written: nobody is told before it can.\n",
	    [REACH_NOT_PRIMARY] =
		"% This key server is not the primary of the group: nothing is done.\n",
	    [REACH_NO_STORE] =
		"% The store that key servers share takes nothing: nothing is done.\n",
	    [REACH_NOTHING] = "% The key server is not in service: nothing is done.\n",
	};

	if (reach == REACH_ALL || (reach == REACH_NOT_PRIMARY && refuse_follower(sh, group, false)))
		return;
	shell_refuse(sh);
	shell_puts(sh, texts[reach]);
}

static void
clear_one(struct shell *sh, const char *group, uint32_t member)
{
	enum expelled e = node_ks_expel(router_node(shell_router(sh)), group, member);
	char addr[ADDR_TEXT_MAX];

	if (e == EXPELLED_DONE)
		return;
	shell_refuse(sh);
	if (e == EXPELLED_UNTOLD)
		shell_printf(sh,
		             "%% %s is not expelled: no other member holds the KEK that new keys "
		             "would be told under\n"
		             "%% clear crypto gdoi ks members has all register again\n",
		             addr_text(member, addr));
	else
		shell_printf(sh,
		             "%% %s is no member of a group whose KEKs have a hierarchy (rekey "
		             "management-algorithm lkh)\n",
		             addr_text(member, addr));
}

/* On a member alone there is nobody to be told. */
static void
clear_all(struct shell *sh, const char *group)
{
	enum reach reach = node_clear_group(router_node(shell_router(sh)), group);

	if (reach != REACH_NO_SERVER)
		tell_reach(sh, group, reach);
}

static void
on_answer(struct shell *sh, const char *line, void *state)
{
	struct asked *a = state;
	struct node *node = router_node(shell_router(sh));
	const char *group = a->any_group ? NULL : a->group;
	size_t n = line ? strlen(line) : 0;

	if (line && !(n && (!strncasecmp("yes", line, n) || !strncasecmp("no", line, n)))) {
		shell_refuse(sh);
		shell_puts(sh, "% Please answer 'yes' or 'no'.\n");
		shell_ask(sh, question, on_answer, a);
		return;
	}
	if (n && !strncasecmp("yes", line, n)) {
		if (a->what == CLEAR_ALL)
			clear_all(sh, group);
		else if (a->what == CLEAR_ONE)
			clear_one(sh, group, a->member);
		else
			tell_reach(
			    sh, group,
			    node_ks_clear_members(node, group, a->what == CLEAR_MEMBERS_NOW));
	}
	free(a);
}

/* The group that is named, or all; false: there is none of that name. */
static bool
group_known(struct shell *sh, const char *group)
{
	const struct policy *p = node_policy(router_node(shell_router(sh)));

	if (!group || (p && policy_group_find(p, group)))
		return true;
	shell_refuse(sh);
	shell_printf(sh, "%% group %s doesn't exist.\n", group);
	return false;
}

static void
ask_first(struct shell *sh, const char *group, int what, uint32_t member, const char *text)
{
	const char *name = group ? group : "";
	struct asked *a;
	size_t size;

	if (!group_known(sh, group) || refuse_follower(sh, group, what == CLEAR_ALL))
		return;
	size = strlen(name) + 1;
	a = x_alloc(sizeof(*a) + size);
	a->what = what;
	a->member = member;
	a->any_group = !group;
	memcpy(a->group, name, size);
	shell_puts(sh, text);
	shell_ask(sh, question, on_answer, a);
}

void
exec_clear_crypto_gdoi(struct shell *sh, const struct command *cmd)
{
	ask_first(
	    sh, command_str(cmd, ARG_GROUP), CLEAR_ALL, 0,
	    "% The Key Server and Group Member will destroy created and downloaded policies.\n"
	    "% All Group Members are required to re-register.\n\n");
}

/* What is shown of cooperation is what the store holds. */
void
exec_clear_crypto_gdoi_ks_coop_counters(struct shell *sh, const struct command *cmd)
{
	if (group_known(sh, command_str(cmd, ARG_GROUP)))
		shell_puts(sh, "% Cooperating key servers share a store: there are no messages to "
		               "count\n");
}

/* Nobody is asked for what is refused then. Without a hierarchy no KEK leaves one member out. */
static bool
can_expel(struct shell *sh, const char *group)
{
	const struct policy *p = node_policy(router_node(shell_router(sh)));

	if (!group_known(sh, group))
		return false;
	for (size_t i = 0; p && i < p->n_groups; i++)
		if (p->groups[i].local && p->groups[i].server.rekey.lkh &&
		    (!group || strcmp(p->groups[i].name, group) == 0))
			return true;
	shell_refuse(sh);
	shell_puts(sh, "% One member is expelled from a group whose KEKs have a hierarchy (rekey "
	               "management-algorithm lkh)\n"
	               "% Else deny it in authorization, and have all register again: clear crypto "
	               "gdoi ks members now\n");
	return false;
}

void
exec_clear_crypto_gdoi_ks_members(struct shell *sh, const struct command *cmd)
{
	if (command_has(cmd, ARG_MEMBER) && !can_expel(sh, command_str(cmd, ARG_GROUP)))
		return;
	if (command_has(cmd, ARG_MEMBER))
		ask_first(sh, command_str(cmd, ARG_GROUP), CLEAR_ONE, command_u32(cmd, ARG_MEMBER),
		          "% This will expel the group member: all others get new keys.\n"
		          "% It may register again as long as it is authorized.\n\n");
	else if (command_has(cmd, ARG_NOW))
		ask_first(sh, command_str(cmd, ARG_GROUP), CLEAR_MEMBERS_NOW, 0,
		          "% This GM-Removal immediate message will cleanup all GMs downloaded "
		          "policies.\n"
		          "% This will cause all GMs to re-register.\n\n");
	else
		ask_first(sh, command_str(cmd, ARG_GROUP), CLEAR_MEMBERS, 0,
		          "% This GM-Removal message will shorten all GMs' key lifetimes\n"
		          "% and cause them to re-register before keys expire.\n\n");
}

/* A member without its keys registers again; what a server hands out stays. */
static void
clear_member_groups(struct node *node)
{
	struct arena *arena = arena_new();
	size_t n;
	const struct snap_group *g = node_groups(node, arena, &n);

	for (size_t i = 0; i < n; i++)
		if (!g[i].local)
			node_clear_group(node, g[i].name);
	arena_free(arena);
}

void
exec_clear_crypto_sa(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	clear_member_groups(router_node(shell_router(sh)));
}

void
exec_clear_crypto_session(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	node_clear_isakmp(router_node(shell_router(sh)));
	clear_member_groups(router_node(shell_router(sh)));
}

void
exec_clear_crypto_gdoi_ks_policy(struct shell *sh, const struct command *cmd)
{
	const char *group = command_str(cmd, ARG_GROUP);

	if (group_known(sh, group))
		tell_reach(sh, group, node_ks_clear_policy(router_node(shell_router(sh)), group));
}

void
exec_clear_crypto_gdoi_ks_coop(struct shell *sh, const struct command *cmd)
{
	const char *group = command_str(cmd, ARG_GROUP);

	if (group_known(sh, group))
		tell_reach(sh, group, node_ks_elect(router_node(shell_router(sh)), group));
}

/* Does a server of the group wait for answers to the rekey before? */
static bool
rekeys_already(struct node *node, const char *group)
{
	struct arena *arena = arena_new();
	bool does = false;
	size_t n;
	const struct snap_group *g = node_groups(node, arena, &n);

	for (size_t i = 0; i < n; i++)
		does |= g[i].local && g[i].kek.retransmit_remaining &&
		        (!group || strcmp(g[i].name, group) == 0);
	arena_free(arena);
	return does;
}

void
exec_crypto_gdoi_ks_rekey(struct shell *sh, const struct command *cmd)
{
	const char *group = command_str(cmd, ARG_GROUP);
	struct node *node = router_node(shell_router(sh));
	enum reach reach;
	bool waits;

	if (!group_known(sh, group))
		return;
	waits = rekeys_already(node, group);
	reach = node_ks_rekey(node, group, command_has(cmd, ARG_REPLACE));
	if (waits && reach == REACH_ALL)
		shell_puts(sh, "A rekey is under way: this one follows.\n");
	tell_reach(sh, group, reach);
}

void
exec_crypto_gdoi_gm_direction(struct shell *sh, const struct command *cmd)
{
	const char *group = command_str(cmd, ARG_GROUP), *way = command_str(cmd, ARG_DIRECTION);
	enum sa_direction d = !strcmp(way, "only")       ? SA_INBOUND_ONLY
	                      : !strcmp(way, "optional") ? SA_INBOUND_OPTIONAL
	                                                 : SA_BOTH;

	if (!group_known(sh, group) || node_gm_direction(router_node(shell_router(sh)), group, d))
		return;
	shell_refuse(sh);
	shell_puts(sh, "% This device is not a Group Member\n");
}
