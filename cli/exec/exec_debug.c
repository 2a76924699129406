/* SPDX-License-Identifier: Apache-2.0 */
/* `debug crypto ...` and `undebug ...`. */
#include "cli/exec/exec.h"

#include <string.h>

#include "cli/show/show_debug.h"

#define DEBUG_ALL (DEBUG_GDOI | DEBUG_ISAKMP | DEBUG_IPSEC)

static void
set_kinds(struct shell *sh, unsigned what, bool on)
{
	struct node *node = router_node(shell_router(sh));
	unsigned now = node_debug(node);

	node_set_debug(node, on ? now | what : now & ~what);
	show_debugging(sh, what, "", on);
}

/* The bits of `gdoi [ks|gm] [feature]`. */
static unsigned
gdoi_bits(const struct command *cmd)
{
	const char *role = command_str(cmd, ARG_ROLE), *feature = command_str(cmd, ARG_FEATURE);
	unsigned what = !role ? DEBUG_GDOI : strcmp(role, "ks") ? DEBUG_GM : DEBUG_KS;

	if (!feature)
		return what;
	if (!strcmp(feature, "registration"))
		return what & (DEBUG_KS_REGISTRATION | DEBUG_GM_REGISTRATION);
	if (!strcmp(feature, "rekey"))
		return what & (DEBUG_KS_REKEY | DEBUG_GM_REKEY);
	if (!strcmp(feature, "coop"))
		return what & DEBUG_KS_COOP;
	return what & (DEBUG_KS_INFRASTRUCTURE | DEBUG_GM_INFRASTRUCTURE);
}

static unsigned
crypto_bits(const struct command *cmd)
{
	return strcmp(command_str(cmd, ARG_WHAT), "ipsec") ? DEBUG_ISAKMP : DEBUG_IPSEC;
}

static void
set_all(struct shell *sh, bool on)
{
	node_set_debug(router_node(shell_router(sh)), on ? DEBUG_ALL : 0);
	shell_printf(sh, "All possible debugging has been turned %s\n", on ? "on" : "off");
}

void
exec_debug_crypto_gdoi(struct shell *sh, const struct command *cmd)
{
	set_kinds(sh, gdoi_bits(cmd), true);
}

void
exec_debug_crypto(struct shell *sh, const struct command *cmd)
{
	set_kinds(sh, crypto_bits(cmd), true);
}

/* Lines of the log tell of packets that are lost; nothing tells of each. */
void
exec_debug_ip(struct shell *sh, const struct command *cmd)
{
	shell_printf(
	    sh,
	    "%% Nothing is logged for debug ip %s; see show testudo drops, show ip traffic, "
	    "and captures of a lab\n",
	    command_str(cmd, ARG_WHAT));
}

void
exec_debug_all(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	set_all(sh, true);
}

void
exec_undebug_crypto_gdoi(struct shell *sh, const struct command *cmd)
{
	set_kinds(sh, gdoi_bits(cmd), false);
}

void
exec_undebug_crypto(struct shell *sh, const struct command *cmd)
{
	set_kinds(sh, crypto_bits(cmd), false);
}

void
exec_undebug_all(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	set_all(sh, false);
}
