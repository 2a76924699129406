/* SPDX-License-Identifier: Apache-2.0 */
/* A router: see device_kind.h. */
#include "compiler/device/device_kind.h"

#include <string.h>

#include "compiler/policy/prefix.h"

/* What stands above a configuration that `show running-config` printed, pasted along with it. */
static bool
is_heading(const char *line)
{
	return !strcmp(line, "Building configuration...") ||
	       !strncmp(line, "Current configuration :", 23);
}

static const char *
route_line(const struct tree *t, struct prefix to, uint32_t via, struct arena *a)
{
	char text[3][ADDR_TEXT_MAX];

	(void)t;
	return arena_printf(a, "ip route %s %s %s", addr_text(to.addr, text[0]),
	                    addr_text(prefix_mask(to.len), text[1]), addr_text(via, text[2]));
}

/* `no passive-interface IF` is an exception where all are passive; elsewhere it says nothing. */
static bool
exception_needs_rule(const struct tnode *at, const struct command *cmd, struct arena *a,
                     struct device_follow *ret)
{
	static const enum gram_key keys[][2] = {{KEY_OSPF_PASSIVE, KEY_OSPF_PASSIVE_DEFAULT},
	                                        {KEY_EIGRP_PASSIVE, KEY_EIGRP_PASSIVE_DEFAULT},
	                                        {KEY_RIP_PASSIVE, KEY_RIP_PASSIVE_DEFAULT}};

	for (size_t i = 0; cmd->no && i < ARRAY_SIZE(keys); i++)
		if (cmd->entry->key == keys[i][0] && !tnode_first(at, keys[i][1])) {
			ret->line = arena_printf(a, "default passive-interface %s",
			                         command_str(cmd, ARG_INTERFACE));
			ret->note = "";
			return true;
		}
	return false;
}

/* `ip ospf P area A` makes process P, in the interface's VRF, where there is none. */
static bool
area_needs_process(const struct tree *t, const struct tnode *at, const struct command *cmd,
                   struct arena *a, struct device_follow *ret)
{
	uint32_t process = command_u32(cmd, ARG_PROCESS);
	const struct tnode *vrf, *n;

	if (cmd->entry->key != KEY_IF_OSPF_AREA || cmd->no || cmd->dflt)
		return false;
	for (n = tnode_first(tree_top(t), KEY_ROUTER_OSPF); n; n = tnode_next(n))
		if (tnode_u32(n, ARG_PROCESS) == process)
			return false;
	vrf = tnode_first(at, KEY_IF_VRF);
	ret->container =
	    vrf ? arena_printf(a, "router ospf %u vrf %s", process, tnode_str(vrf, ARG_VRF))
		: arena_printf(a, "router ospf %u", process);
	ret->note = "";
	return true;
}

static bool
router_follow(const struct tree *t, const struct tnode *at, const struct command *cmd,
              struct arena *a, struct device_follow *ret)
{
	return exception_needs_rule(at, cmd, a, ret) || area_needs_process(t, at, cmd, a, ret);
}

static const char *const no_signs[] = {NULL};

const struct device_kind device_router = {
    .name = "router",
    .hostname = "Router",
    .network_os = "cisco.ios.ios",
    .config = MODE_CONFIG,
    .enable = MODE_ENABLE,
    .signs = no_signs,
    .is_heading = is_heading,
    .greeting = "Enter configuration commands, one per line.  End with CNTL/Z.\n",
    .invalid = "% Invalid input detected at '^' marker.\n\n",
    .incomplete = "% Incomplete command.\n\n",
    .ambiguous = "%% Ambiguous command:  \"%s\"\n",
    .objection = objection_to,
    .follow = router_follow,
    .compile = &compile_router,
    .route = route_line,
};
