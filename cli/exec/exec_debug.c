/* SPDX-License-Identifier: Apache-2.0 */
/* `debug crypto ...`, `undebug ...` and `show debugging`. */
#include "cli/show/show_cmd.h"

#include <string.h>

#define DEBUG_KS   (DEBUG_KS_INFRASTRUCTURE | DEBUG_KS_REGISTRATION | DEBUG_KS_REKEY)
#define DEBUG_GM   (DEBUG_GM_INFRASTRUCTURE | DEBUG_GM_REGISTRATION | DEBUG_GM_REKEY)
#define DEBUG_GDOI (DEBUG_KS | DEBUG_GM)
#define DEBUG_ALL  (DEBUG_GDOI | DEBUG_ISAKMP | DEBUG_IPSEC)

static const struct {
	unsigned what;
	const char *name;
} kinds[] = {
    {DEBUG_ISAKMP, "Crypto ISAKMP"},
    {DEBUG_IPSEC, "Crypto IPSEC"},
    {DEBUG_KS, "Crypto GDOI key server"},
    {DEBUG_KS_INFRASTRUCTURE, "Crypto GDOI key server infrastructure"},
    {DEBUG_KS_REGISTRATION, "Crypto GDOI key server registration"},
    {DEBUG_KS_REKEY, "Crypto GDOI key server rekey"},
    {DEBUG_GM, "Crypto GDOI member"},
    {DEBUG_GM_INFRASTRUCTURE, "Crypto GDOI member infrastructure"},
    {DEBUG_GM_REGISTRATION, "Crypto GDOI member registration"},
    {DEBUG_GM_REKEY, "Crypto GDOI member rekey"},
};

/* One line for a whole role, else one for each of its parts. */
static void
tell_kinds(struct shell *sh, unsigned what, const char *before, bool on)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if ((what & kinds[i].what) != kinds[i].what)
			continue;
		shell_printf(sh, "%s%s debugging is %s\n", before, kinds[i].name,
		             on ? "on" : "off");
		what &= ~kinds[i].what;
	}
}

static void
set_kinds(struct shell *sh, unsigned what, bool on)
{
	struct node *node = router_node(shell_router(sh));
	unsigned now = node_debug(node);

	node_set_debug(node, on ? now | what : now & ~what);
	tell_kinds(sh, what, "", on);
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

void
cmd_show_debugging(struct shell *sh, const struct command *cmd)
{
	unsigned now = node_debug(router_node(shell_router(sh)));

	(void)cmd;
	if (now)
		shell_puts(sh, "\nCryptographic Subsystem:\n");
	tell_kinds(sh, now, "  ", true);
}
