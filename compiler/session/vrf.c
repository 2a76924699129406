/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VRFs in a session: `route-target both` stands for two lines, and addresses go when an interface
 * changes its VRF, as IOS has it: an address of one table has no business in another. Only a user
 * who types loses them; a text says itself which addresses there are.
 */
#include <string.h>

#include "compiler/session/session_parts.h"

void
session_route_targets(struct config_session *s, const struct command *cmd)
{
	static const char *const ways[] = {"export", "import"};
	const char *rt = command_str(cmd, ARG_RT);
	struct arena *a = arena_new();
	struct command one;
	size_t column;

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		const char *line =
		    arena_printf(a, "%sroute-target %s %s", cmd->no ? "no " : "", ways[i], rt);

		if (command_parse(cmd->mode, line, a, &one, &column) == PARSE_OK)
			session_take(s, &one);
	}
	arena_free(a);
}

/* Takes a line in the mode of a node; nothing is said of it. */
static void
change_node(struct config_session *s, struct tnode *node, const char *line)
{
	struct arena *a = arena_new();
	struct tnode *context = node;
	struct command cmd;
	size_t column;

	if (command_parse(tnode_mode(node), line, a, &cmd, &column) == PARSE_OK)
		session_change(s, &context, &cmd);
	arena_free(a);
}

static bool
has_addresses(const struct tnode *interface)
{
	return tnode_first(interface, KEY_IF_ADDRESS) || tnode_first(interface, KEY_IF_SECONDARY) ||
	       tnode_first(interface, KEY_IF_UNNUMBERED);
}

/* Takes away all children of a key; those of a VRF alone when it is named. */
static void
remove_lines(struct config_session *s, struct tnode *parent, enum gram_key key, const char *vrf)
{
	char line[COMMAND_LINE_MAX] = "no ";
	const struct tnode *n = tnode_first(parent, key), *next;

	for (; n; n = next) {
		next = tnode_next(n);
		if (vrf && !tnode_says(n, ARG_VRF, vrf))
			continue;
		tnode_text(n, line + 3, sizeof(line) - 3);
		change_node(s, parent, line);
	}
}

static void
take_addresses(struct config_session *s, struct tnode *interface)
{
	remove_lines(s, interface, KEY_IF_SECONDARY, NULL);
	change_node(s, interface, "no ip address");
	change_node(s, interface, "no ip unnumbered");
}

static void
leave_vrf(struct config_session *s, struct tnode *interface, const struct command *cmd)
{
	if (!has_addresses(interface))
		return;
	take_addresses(s, interface);
	session_say(s, "%% Interface %s IPv4 disabled and address(es) removed due to %s VRF%s%s\n",
	            tnode_str(interface, ARG_NAME), cmd->no ? "disabling" : "enabling",
	            cmd->no ? "" : " ", cmd->no ? "" : command_str(cmd, ARG_VRF));
}

/* A VRF that goes takes the addresses of its interfaces along, and the routes in it. */
static void
remove_vrf(struct config_session *s, const char *name)
{
	const struct tnode *n;
	bool any = false;

	for (n = tnode_first(tree_top(s->tree), KEY_INTERFACE); n; n = tnode_next(n)) {
		struct tnode *interface = (struct tnode *)(uintptr_t)n;

		if (!tnode_says(tnode_first(n, KEY_IF_VRF), ARG_VRF, name))
			continue;
		any |= has_addresses(n);
		take_addresses(s, interface);
		change_node(s, interface, "no ip vrf forwarding");
		change_node(s, interface, "no vrf forwarding");
	}
	remove_lines(s, tree_root(s->tree), KEY_IP_ROUTE_VRF, name);
	if (any)
		session_say(
		    s, "%% IPv4 addresses from all interfaces in VRF %s have been removed\n", name);
}

void
session_follow_vrf(struct config_session *s, const struct command *cmd)
{
	bool gone = cmd->no || cmd->dflt;

	if (!s->setup.typed)
		return;
	if (cmd->entry->key == KEY_IF_VRF)
		leave_vrf(s, s->place.at, cmd);
	else if (gone && (cmd->entry->key == KEY_VRF || cmd->entry->key == KEY_IP_VRF))
		remove_vrf(s, command_str(cmd, ARG_NAME));
}
