/* `debug crypto ...`, `undebug ...` and `show debugging`. */
#include "cli/show_cmd.h"

#include <string.h>

#define DEBUG_GDOI (DEBUG_GDOI_KS | DEBUG_GDOI_GM)
#define DEBUG_ALL  (DEBUG_GDOI | DEBUG_ISAKMP | DEBUG_IPSEC)

static const struct {
	unsigned what;
	const char *name;
} kinds[] = {
    {DEBUG_ISAKMP,  "Crypto ISAKMP"         },
    {DEBUG_IPSEC,   "Crypto IPSEC"          },
    {DEBUG_GDOI_KS, "Crypto GDOI key server"},
    {DEBUG_GDOI_GM, "Crypto GDOI member"    },
};

static void
set(struct shell *sh, unsigned what, bool on)
{
	struct node *node = router_node(shell_router(sh));
	unsigned now = node_debug(node);

	node_set_debug(node, on ? now | what : now & ~what);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].what & what)
			shell_printf(sh, "%s debugging is %s\n", kinds[i].name, on ? "on" : "off");
}

static unsigned
role(const struct command *cmd)
{
	const char *name = command_str(cmd, ARG_ROLE);

	if (!name)
		return DEBUG_GDOI;
	return strcmp(name, "ks") ? DEBUG_GDOI_GM : DEBUG_GDOI_KS;
}

static unsigned
what(const struct command *cmd)
{
	return strcmp(command_str(cmd, ARG_WHAT), "ipsec") ? DEBUG_ISAKMP : DEBUG_IPSEC;
}

static void
all(struct shell *sh, bool on)
{
	node_set_debug(router_node(shell_router(sh)), on ? DEBUG_ALL : 0);
	shell_printf(sh, "All possible debugging has been turned %s\n", on ? "on" : "off");
}

void
exec_debug_crypto_gdoi(struct shell *sh, const struct command *cmd)
{
	set(sh, role(cmd), true);
}

void
exec_debug_crypto(struct shell *sh, const struct command *cmd)
{
	set(sh, what(cmd), true);
}

void
exec_debug_all(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	all(sh, true);
}

void
exec_undebug_crypto_gdoi(struct shell *sh, const struct command *cmd)
{
	set(sh, role(cmd), false);
}

void
exec_undebug_crypto(struct shell *sh, const struct command *cmd)
{
	set(sh, what(cmd), false);
}

void
exec_undebug_all(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	all(sh, false);
}

void
cmd_show_debugging(struct shell *sh, const struct command *cmd)
{
	unsigned now = node_debug(router_node(shell_router(sh)));

	(void)cmd;
	if (now)
		shell_puts(sh, "\nCryptographic Subsystem:\n");
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (now & kinds[i].what)
			shell_printf(sh, "  %s debugging is on\n", kinds[i].name);
}
