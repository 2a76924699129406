/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/exec/echo.h"

#include <string.h>

#include "compiler/policy/vrf.h"
#include "compiler/tree/tree_host.h"
#include "runtime/base/path.h"

bool
echo_vrf(struct shell *sh, const struct command *cmd, uint32_t *ret)
{
	const struct policy *p = node_policy(router_node(shell_router(sh)));
	const char *name = command_str(cmd, ARG_VRF);

	*ret = vrf_number(name);
	if (!name || (p && policy_vrf_find(p, name)))
		return true;
	shell_refuse(sh);
	shell_printf(sh, "%% VRF %s does not exist\n", name);
	return false;
}

bool
echo_source(struct shell *sh, const struct command *cmd, uint32_t *ret)
{
	struct host *h = node_host(router_node(shell_router(sh)));
	const char *name = command_str(cmd, ARG_SRCIF);
	struct arena *a = arena_new();
	const struct host_interface *ifs;
	bool found = false;
	size_t n;

	ifs = h->ops->interfaces(h, a, &n);
	for (size_t i = 0; i < n && !found; i++) {
		found =
		    ifs[i].has_address && ifs[i].admin_up &&
		    vrf_same(ifs[i].vrf, command_str(cmd, ARG_VRF)) &&
		    (name ? !strcmp(ifs[i].name, name) : ifs[i].addr == command_u32(cmd, ARG_SRC));
		if (found)
			*ret = ifs[i].addr;
	}
	arena_free(a);
	if (found)
		return true;
	shell_refuse(sh);
	shell_puts(sh, "% Invalid source address- IP address not on any of our up interfaces\n");
	return false;
}

bool
echo_target(struct shell *sh, const struct command *cmd, uint32_t *ret)
{
	const struct tnode *host;

	if (!command_has(cmd, ARG_HOST)) {
		*ret = command_u32(cmd, ARG_DST);
		return true;
	}
	host = tree_host(router_tree(shell_router(sh)), command_str(cmd, ARG_HOST));
	if (host) {
		*ret = tnode_u32_at(host, ARG_ADDRESS, 0);
		return true;
	}
	shell_refuse(sh);
	shell_puts(sh, "% Unrecognized host or address, or protocol not running.\n");
	return false;
}
