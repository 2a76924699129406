/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shows of what routers have and Testudo has not: a resolver, IPv6, NTP, CDP, LLDP, LACP, SNMP.
 * They say what IOS says when there is none; what is configured of it is kept without effect.
 */
#include "cli/show/structured.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- names of `ip host` ----------------------------------------------------------------------- */

static const struct tnode *
first_host(const struct showing *s)
{
	return tnode_first(tree_top(router_tree(s->router)), KEY_IP_HOST);
}

static void
show_host(const struct tnode *n, struct text *ret)
{
	char port[8] = "None", addr[ADDR_TEXT_MAX];

	if (tnode_u32(n, ARG_PORT))
		snprintf(port, sizeof(port), "%u", (unsigned)tnode_u32(n, ARG_PORT));
	text_printf(ret, "%-25s %-5s (perm, OK)  0   IP    ", tnode_str(n, ARG_NAME), port);
	for (size_t i = 0; i < tnode_count(n, ARG_ADDRESS); i++)
		text_printf(ret, "%*s%s\n", i ? 54 : 0, "",
		            addr_text(tnode_u32_at(n, ARG_ADDRESS, i), addr));
}

static void
emit_host(const struct tnode *n, struct emit *e)
{
	char addr[ADDR_TEXT_MAX];

	emit_map(e, NULL);
	emit_string(e, "name", tnode_str(n, ARG_NAME));
	if (tnode_u32(n, ARG_PORT))
		emit_int(e, "port", tnode_u32(n, ARG_PORT));
	else
		emit_null(e, "port");
	emit_list(e, "addresses");
	for (size_t i = 0; i < tnode_count(n, ARG_ADDRESS); i++)
		emit_string(e, NULL, addr_text(tnode_u32_at(n, ARG_ADDRESS, i), addr));
	emit_end(e);
	emit_end(e);
}

void
cmd_show_hosts(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);

	(void)cmd;
	text_printf(&s.text, "Default domain is %s\n",
	            *s.policy->domain_name ? s.policy->domain_name : "not set");
	text_puts(&s.text, "Name/address lookup is disabled\n\n"
	                   "Codes: UN - unknown, EX - expired, OK - OK, ?? - revalidate\n"
	                   "       temp - temporary, perm - permanent\n"
	                   "       NA - Not Applicable None - Not defined\n\n"
	                   "Host                      Port  Flags      Age Type   Address(es)\n");
	for (const struct tnode *n = first_host(&s); n; n = tnode_next(n))
		show_host(n, &s.text);
	showing_end(&s);
}

/* IPv6 is on no interface. */
void
cmd_show_ipv6_interface(struct shell *sh, const struct command *cmd)
{
	(void)sh;
	(void)cmd;
}

void
cmd_show_cdp(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	shell_puts(sh, "% CDP is not enabled\n");
}

void
cmd_show_lldp(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	shell_puts(sh, "% LLDP is not enabled\n");
}

/* A router without channels has none to tell of. */
void
cmd_show_lacp(struct shell *sh, const struct command *cmd)
{
	(void)sh;
	(void)cmd;
}

/* Users of an agent that is not there are none. */
void
cmd_show_snmp(struct shell *sh, const struct command *cmd)
{
	if (!command_has(cmd, ARG_WHAT))
		shell_puts(sh, "%SNMP agent not enabled\n");
}

/* What is configured of it is kept. */
void
cmd_show_unbuilt(struct shell *sh, const struct command *cmd)
{
	static const char *const features[][2] = {
	    {"dmvpn", "DMVPN"}, {"nhrp", "NHRP"}, {"nat", "NAT"}, {"standby", "HSRP"}};
	const char *absent = command_str(cmd, ARG_ABSENT);

	for (size_t i = 0; i < ARRAY_SIZE(features); i++)
		if (strcmp(absent, features[i][0]) == 0)
			shell_printf(sh,
			             "%% %s is not built: its commands are kept, without effect\n",
			             features[i][1]);
}

void
cmd_show_ntp(struct shell *sh, const struct command *cmd)
{
	const struct tnode *n = tree_top(router_tree(shell_router(sh)));

	(void)cmd;
	shell_puts(sh,
	           "%NTP is not enabled. The machine, or the lab, keeps the time of this clock.\n");
	if (tnode_first(n, KEY_KEPT_NTP))
		shell_puts(sh,
		           "% The ntp commands that are configured are kept, without effect.\n");
}

/* --- for scripts ------------------------------------------------------------------------------ */

static void
put_hosts(struct showing *s, struct emit *e)
{
	emit_string(e, "domain", *s->policy->domain_name ? s->policy->domain_name : NULL);
	emit_bool(e, "lookup", false);
	emit_list(e, "hosts");
	for (const struct tnode *n = first_host(s); n; n = tnode_next(n))
		emit_host(n, e);
	emit_end(e);
}

static void
put_disabled(struct showing *s, struct emit *e)
{
	(void)s;
	emit_bool(e, "enabled", false);
}

static void
put_ipv6_interfaces(struct showing *s, struct emit *e)
{
	(void)s;
	emit_list(e, "interfaces");
	emit_end(e);
}

const struct command_view structured_absent[] = {
    {.handler = H_SHOW_HOSTS, .put = put_hosts},
    {.handler = H_SHOW_NTP, .put = put_disabled},
    {.handler = H_SHOW_CDP, .put = put_disabled},
    {.handler = H_SHOW_LLDP, .put = put_disabled},
    {.handler = H_SHOW_LACP, .put = put_disabled},
    {.handler = H_SHOW_SNMP, .put = put_disabled},
    {.handler = H_SHOW_IPV6_INTERFACE, .put = put_ipv6_interfaces},
    {.put = NULL},
};
